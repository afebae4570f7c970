//! What the program says on standard error.
//!
//! **Invariant.** No run fails because nobody can read what it says.

use std::io::{self, Write};

/// Writes a line to standard error. A line that cannot be written is dropped.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
