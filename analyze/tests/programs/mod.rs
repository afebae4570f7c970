//! The runner, as the workspace builds it, for tests that need logs or a run repeated.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The program beside this test's own; built if it is not there.
pub(crate) fn runner() -> &'static Path {
    static RUNNER: OnceLock<PathBuf> = OnceLock::new();
    RUNNER.get_or_init(|| {
        let test = std::env::current_exe().expect("a test knows its own file");
        let profile = test
            .ancestors()
            .nth(2)
            .expect("tests are built in <target>/<profile>/deps");
        let program = profile.join(format!("runner{}", std::env::consts::EXE_SUFFIX));
        if !program.exists() {
            build(profile);
        }
        assert!(program.exists(), "no program at {}", program.display());
        program
    })
}

fn build(profile: &Path) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--package", "runner", "--target-dir"]);
    command.arg(
        profile
            .parent()
            .expect("profiles are folders of the target folder"),
    );
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    if profile.ends_with("release") {
        command.arg("--release");
    }
    let status = command.status().expect("cargo starts");
    assert!(status.success(), "cargo build --package runner: {status}");
}
