//! `analyze`: parse, scan, compute, render, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    analyze::cli::main()
}
