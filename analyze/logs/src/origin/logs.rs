//! Logs by origin, before anything is read.

use std::path::PathBuf;

use formats::line_stats::Account;
use formats::{Compiled, Inventory};
use guess::Doubt;

/// Logs below some paths, by origin.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    /// Paths that hold logs of ours.
    pub ours: Vec<PathBuf>,
    /// Logs of others, by format.
    pub others: Vec<Others>,
}

/// Logs of others, and how to read them.
#[derive(Debug, Clone)]
pub struct Others {
    /// The files.
    pub inventory: Inventory,
    /// Their format.
    pub compiled: Compiled,
    /// How it was found; `None` where it was named.
    pub detection: Option<Detection>,
}

/// How a format was found.
#[derive(Debug, Clone)]
pub struct Detection {
    /// Its name.
    pub name: String,
    /// What it makes of the lines.
    pub account: Account,
    /// What of it the logs do not prove.
    pub doubts: Vec<Doubt>,
}
