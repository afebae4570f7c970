//! Commands for a user to type, in the folder in which this program started.
//!
//! **Invariant.** What is printed can be typed as it stands.

use std::path::Path;

/// A path as a shell takes it.
pub fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = path
        .chars()
        .all(|letter| letter.is_alphanumeric() || "-_./".contains(letter));
    if plain {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

/// How the user starts a program of this project.
pub fn started(program: &str) -> String {
    // Cargo says so when it started us.
    match std::env::var_os("CARGO") {
        Some(_) => format!("cargo run --release --bin {program} --"),
        None => program.to_owned(),
    }
}
