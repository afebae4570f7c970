//! Formats that are refused, and what is said of them.

use std::path::Path;

use super::super::compile::Compiled;
use super::super::spec::Format;

fn refused(toml: &str) -> String {
    let format = Format::from_toml(toml, Path::new("my.toml"));
    let compiled = format.and_then(|format| Compiled::new(&format));
    compiled.expect_err("no format").to_string()
}

const EVENT: &str = "[[event]]\nkind = 'internal'\npattern = '^(?<clock>\\d+) internal$'\n";

#[test]
fn what_is_no_toml_is_refused_with_its_line() {
    let error = refused("name = 'x'\n[files]\nincluded = ['*']\n");
    assert!(
        error.starts_with("my.toml:3: unknown field `included`"),
        "{error}"
    );
    assert!(refused("name = 'x'\nname = \n").starts_with("my.toml:2"));
}

#[test]
fn names_that_no_rule_may_use_are_refused_with_those_that_it_may() {
    let error = refused("name = 'x'\n[[event]]\nkind = 'send'\npattern = '(?<speed>.)'\n");
    assert!(
        error.contains("format x, [[event]] 1 (send): `speed` is nothing that an event can say"),
        "{error}"
    );
    assert!(error.contains("use one of time, clock, "), "{error}");
    let header = format!("name = 'x'\n[[header]]\npattern = '(?<clock>.)'\n{EVENT}");
    assert!(refused(&header).contains("[[header]] 1: `clock` is nothing that a header can say"));
}

#[test]
fn a_wrong_pattern_is_shown_with_what_to_do() {
    let error = refused("name = 'x'\n[[event]]\nkind = 'send'\npattern = '(?=a)b'\n");
    assert!(
        error.contains("[[event]] 1 (send): pattern `(?=a)b`"),
        "{error}"
    );
    assert!(error.contains("look-around"), "{error}");
    let huge = "name = 'x'\n[[event]]\nkind = 'send'\npattern = '(?:\\w{1,999}){1,999}'\n";
    assert!(refused(huge).contains("smaller repetitions"));
}

#[test]
fn rules_that_can_never_match_are_refused() {
    let twice = format!("name = 'x'\n{EVENT}{EVENT}");
    assert!(
        refused(&twice)
            .contains("[[event]] 2 (internal): it can never match: [[event]] 1 (internal)")
    );
    let fields = "name = 'x'\n[lines]\nkind = 'csv'\n[[event]]\nkind = 'internal'\nfields = { clock = 'c' }\n\
                  [[event]]\nkind = 'send'\nwhere = { k = 'S' }\n";
    assert!(refused(fields).contains("it can never match"));
}

#[test]
fn settings_that_contradict_are_refused() {
    for (settings, expected) in [
        (
            "[lines]\ndelimiter = ';'\n",
            "only lines of kind csv or tsv",
        ),
        (
            "[lines]\nkind = 'csv'\ndelimiter = 'é'\n",
            "cannot separate fields",
        ),
        ("[lines]\nheader = true\n", "only lines of kind csv or tsv"),
        (
            "[lines]\nkind = 'json'\nrecord = '^x'\n",
            "only lines of kind text",
        ),
        ("[lines]\nrecord = '('\n", "[lines] record: pattern `(`"),
        ("[time]\nformat = 'strftime'\n", "[time]"),
        (
            "[[header]]\nfields = { rate = 'r' }\n",
            "lines of kind text have no fields",
        ),
        (
            "[[header]]\nbegins_trial = true\n",
            "neither which lines it takes",
        ),
        (
            "[[header]]\npattern = '(?<rate>.) (?<period_s>.)'\n",
            "both a rate and a period",
        ),
        (
            "[[header]]\npattern = '(?<time>.)'\n",
            "does not say how a time is written",
        ),
    ] {
        let error = refused(&format!("name = 'x'\n{settings}{EVENT}"));
        assert!(error.contains(expected), "{settings}: {error}");
    }
    assert!(refused("name = 'x'").contains("[[event]]: there is none"));
}

#[test]
fn every_built_in_format_compiles() {
    for format in super::super::builtin::builtin() {
        if let Err(error) = Compiled::new(format) {
            panic!("{error}");
        }
    }
}
