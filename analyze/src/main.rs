//! `analyze`: parse, scan, compute, render, exit code.

fn main() {}
