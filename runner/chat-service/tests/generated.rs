//! The gRPC code that is checked in is the one that `proto/chat.proto` gives.
//!
//! After a change of the .proto `DRIFTLAB_GENERATE=1 cargo test -p chat-service --test generated` writes it again; before other
//! code needs what is new, for the test is built with the crate.

use std::path::Path;

/// What stands before the generated code: every module of ours has a head.
const HEAD: &str = "\
//! What `proto/chat.proto` says, in Rust: written by `DRIFTLAB_GENERATE=1 cargo test -p chat-service --test generated`.
//!
//! **Invariant.** Nobody edits it: the test compares it with the .proto, byte by byte.

";

#[test]
fn the_generated_code_is_that_of_the_proto() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let checked_in = home.join("src/grpc/generated.rs");
    let proto = home.join("proto");
    let files = protox::compile([proto.join("chat.proto")], [&proto]).expect("chat.proto is valid");
    let out = tempfile::tempdir().expect("a folder");
    tonic_prost_build::configure()
        .build_transport(false)
        .out_dir(out.path())
        .compile_fds(files)
        .expect("code is generated");
    let code = std::fs::read_to_string(out.path().join("driftlab.chat.v1.rs")).expect("the code");
    let fresh = format!("{HEAD}{code}");
    if std::env::var_os("DRIFTLAB_GENERATE").is_some() {
        std::fs::write(&checked_in, &fresh).expect("the code is written");
    }
    let known = std::fs::read_to_string(&checked_in).unwrap_or_default();
    let differs = known
        .lines()
        .zip(fresh.lines())
        .position(|(known, fresh)| known != fresh);
    assert!(
        known == fresh,
        "src/grpc/generated.rs is not what proto/chat.proto gives (line {}): run \
         `DRIFTLAB_GENERATE=1 cargo test -p chat-service --test generated`, and commit it",
        differs.map_or(known.lines().count().min(fresh.lines().count()), |line| {
            line
        }) + 1
    );
}
