//! Golden scripts: commands, and below `---` what came of them.
//!
//! `UPDATE_GOLDENFILES=1 cargo test -p chat` rewrites the outputs; read the difference before committing it.

use std::path::PathBuf;

use goldenscript::Runner;

fn path(script: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    folder.join(script)
}

/// That a script's output is what the file says.
pub(crate) fn check(runner: &mut impl Runner, script: &str) {
    goldenscript::run(runner, path(script)).expect(script);
}

/// Whether a script's output is what the file says. The script is not changed.
pub(crate) fn is_same(runner: &mut impl Runner, script: &str) -> bool {
    let expected = std::fs::read_to_string(path(script)).expect(script);
    let found = goldenscript::generate(runner, &expected);
    found.is_ok_and(|found| found == expected)
}

/// A word of hexadecimal digits for each byte.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let words: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    words.join(" ")
}

#[test]
fn every_script_is_run() {
    let entries = std::fs::read_dir(path("")).expect("the scripts");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut scripts: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    scripts.sort();
    let mut expected = [
        &super::conversation::SCRIPTS[..],
        &["client", "door", "wire"],
    ]
    .concat();
    expected.sort_unstable();
    assert_eq!(scripts, expected);
}
