//! What a server writes of itself: lines on standard error, for people or for programs.
//!
//! **Invariant.** No password, no token, no text of a message is ever in them.

use std::io::{self, IsTerminal};

use tracing::Level;
use tracing_subscriber::fmt;

use crate::settings::LogFormat;

/// Writes lines of this process to standard error from now on. A second call changes nothing.
pub fn start(format: LogFormat) {
    let builder = fmt()
        .with_max_level(Level::INFO)
        .with_target(false)
        .with_writer(io::stderr);
    let started = match format {
        LogFormat::Text => {
            let is_coloured = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            builder.with_ansi(is_coloured).try_init()
        }
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    // Tests start servers in one process.
    let _ = started;
}
