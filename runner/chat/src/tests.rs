//! Tests of the crate: they are inside it, because some of them switch rules off.

mod application;
mod arbitrary;
mod bounds;
mod client;
mod conversation;
mod door;
mod golden;
mod model;
mod mutants;
mod network;
mod wire;
mod words;

use proptest::test_runner::Config;

/// As many cases as a test needs in every run; the variable `PROPTEST_CASES` asks for more.
fn cases_at_least(cases: u32) -> Config {
    let asked = Config::default();
    Config {
        cases: asked.cases.max(cases),
        ..asked
    }
}
