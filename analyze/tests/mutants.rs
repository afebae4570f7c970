//! Mutants of sound inputs, over all readers, given to the program itself: no panic, no hang, no memory without bound, and
//! nothing of them reaches the terminal as a command.
//!
//! ```text
//! samples (sound, one or more for each reader) ─→ change ─→ program (within limits) ─→ verdict
//! ```
//!
//! Every case follows from the seed and its number. A failure prints a command that shows it, and its input is kept:
//!
//! ```text
//! cargo test -p analyze --test mutants                                    some cases
//! cargo test -p analyze --test mutants -- --ignored --nocapture           ten thousand
//! MUTANTS=437..438 cargo test -p analyze --test mutants -- --ignored --nocapture
//! MUTANTS_SEED=7 ANALYZE=target/release/analyze cargo test …              another seed, another program
//! ```
//!
//! ANALYZE names a program that was built with optimisation, and that `runner` lies beside; one that also looks for
//! overflow, which a release does not, is built with `--config profile.release.package.analyze.overflow-checks=true`.
//!
//! Processor time and memory are bounded by the system, so that a busy host makes nothing fail.
#![cfg(unix)]

#[path = "common/chance.rs"]
mod chance;
#[path = "common/log.rs"]
mod log;
mod programs;
mod mutants {
    pub(crate) mod campaign;
    mod change;
    pub(crate) mod input;
    pub(crate) mod program;
    mod samples;
    mod shapes;
    mod verdict;
}

use std::ops::Range;
use std::path::{Path, PathBuf};

use mutants::campaign::Campaign;
use mutants::program::Program;

/// Cases of each run of the tests.
const FEW: Range<u64> = 0..100;
/// Cases of a campaign, unless other ones are asked for.
const MANY: Range<u64> = 0..10_000;
/// The seed, unless another one is asked for.
const SEED: u64 = 12;

#[test]
fn samples_are_read() {
    assert_eq!(campaign(FEW).sound(), Vec::<String>::new());
}

#[test]
fn some_mutants_do_no_harm() {
    run(FEW);
}

#[test]
#[ignore = "takes an hour or so: for changes to readers"]
fn ten_thousand_mutants_do_no_harm() {
    run(variable("MUTANTS").map_or(MANY, |text| {
        let (start, end) = text.split_once("..").expect("MUTANTS=FIRST..END");
        let number = |text: &str| text.parse().expect("MUTANTS=FIRST..END, whole numbers");
        number(start)..number(end)
    }));
}

fn run(cases: Range<u64>) {
    let failures = campaign(cases).run().failures;
    assert!(
        failures.is_empty(),
        "{} cases failed, the first:\n{}",
        failures.len(),
        failures[0]
    );
}

fn campaign(cases: Range<u64>) -> Campaign {
    // `verify` runs it, from beside `analyze`.
    programs::runner();
    Campaign {
        analyze: analyze(),
        seed: variable("MUTANTS_SEED").map_or(SEED, |seed| seed.parse().expect("a number")),
        cases,
        kept: Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants"),
    }
}

/// The program on trial: 10 s of processor time are enough for what users run, and a build without optimisation takes
/// several times as long.
fn analyze() -> Program {
    let other = variable("ANALYZE").map(PathBuf::from);
    let is_slow = other.is_none() && cfg!(debug_assertions);
    let path = other.unwrap_or_else(|| env!("CARGO_BIN_EXE_analyze").into());
    Program {
        path: path.canonicalize().expect("the program is there"),
        processor_s: if is_slow { 100 } else { 10 },
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
