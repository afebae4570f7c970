//! What the program answers on the command line.

use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;

/// What `analyze` answers in a folder: exit code, answer, and what else it says.
pub(crate) fn answer(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(cargo_bin("analyze"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("analyze starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code(), text(stdout), text(stderr))
}
