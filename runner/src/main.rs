//! `runner`: parse, run, exit code.

use std::process::ExitCode;

use clap::Parser;
use runner::cli::Cli;
use runner::terminal::say;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}
