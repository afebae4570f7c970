//! `MUTANTS.md`: each rule, what misses it, and with how little.
//!
//! **Invariant.** What a rule says, and what guards it in its own crate, is read where the crate says it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::SEED;
use super::mutants::{Guard, Mutant, all, name_of};
use super::shrunk::Found;

const HEAD: &str = "\
# What each rule is for

A test that passes without a rule does not guard it. So each rule of the replicas and of the service can be switched off in
tests: that is a *mutant*. This page says for each of them what it is, which test misses it, and with how few faults.

A campaign is trials 0, 1, 2 and so on of a [schedule](src/tests/schedules.rs), with five clients for 40 s and a suspicion of
half a second; the first trial that finds something counts, by the property that it finds broken
([their list](../event-log/src/chat/property.rs)). Its schedule is then shrunk until no fault of it can be taken out. What only
a script finds needs some forty steps in one order, which chance does not meet. A script shows what is lost; a model or a
network is compared with the service in this number of drawn cases at most.

Nothing here is typed by hand. `cargo test --release -p chat-trial shrunk -- --ignored` fails if the page is not what is found;
with `WRITE_MUTANTS=1` before it the page is written anew.
";

/// The page itself.
pub(super) fn page_path() -> PathBuf {
    crate_path("chat-trial/MUTANTS.md")
}

fn crate_path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn source(path: &str) -> String {
    std::fs::read_to_string(crate_path(path)).expect(path)
}

/// The page, from what campaigns have found.
pub(super) fn page(mutants: &[(Mutant, Option<Found>)]) -> String {
    let mut text = HEAD.to_owned();
    for (is_of_replica, title) in [
        (true, "Rules of the replicas"),
        (false, "Rules of the service"),
    ] {
        let of_kind = || {
            let mutants = mutants.iter();
            mutants.filter(move |(mutant, _)| mutant.is_of_replica == is_of_replica)
        };
        let _ = write!(
            text,
            "\n## {title}\n\n| rule | what it is | what misses it | in trial | breaks | faults | runs of the search |\n|---|---|---|---|---|---|---|\n"
        );
        for (mutant, found) in of_kind() {
            let _ = writeln!(text, "{}{}", row(mutant), found_cells(found.as_ref()));
        }
        for (mutant, found) in of_kind() {
            if let Some(found) = found
                && found.shrunk.after > 0
            {
                schedule(&mut text, &mutant.name, found);
            }
        }
    }
    text
}

/// The cells of a rule that take no campaign to know.
fn row(mutant: &Mutant) -> String {
    let name = &mutant.name;
    let of = match mutant.is_of_replica {
        true => "replica/src/rules.rs",
        false => "chat/src/rule.rs",
    };
    let mut guards = match mutant.guard {
        Guard::Campaign(tolerate, schedule, trials) => {
            let trials = match trials {
                1 => "1 trial".to_owned(),
                _ => format!("{trials} trials"),
            };
            vec![format!(
                "**{trials} of `{}`, tolerate {tolerate}, seed {SEED}**",
                name_of(schedule)
            )]
        }
        Guard::Script(_) | Guard::OwnTests => Vec::new(),
    };
    guards.extend(match mutant.is_of_replica {
        true => scripts(name),
        false => own_tests(name),
    });
    format!(
        "| {name} | {} | {} |",
        statement(&source(of), name),
        guards.join("; ")
    )
}

fn found_cells(found: Option<&Found>) -> String {
    let Some(found) = found else {
        return " | | | |".to_owned();
    };
    let shrunk = &found.shrunk;
    let limit = match shrunk.is_minimal {
        true => "",
        false => ", cut short",
    };
    format!(
        " {} | {} | {} → {} | {}{limit} |",
        found.trial, found.property, shrunk.before, shrunk.after, shrunk.runs
    )
}

fn schedule(text: &mut String, name: &str, found: &Found) {
    let faults = toml::to_string(&found.shrunk.faults).expect("a file");
    let _ = write!(
        text,
        "\n### {name}\n\n{}: {}.\n\n```toml\n{faults}```\n",
        found.property,
        found.property.statement()
    );
}

/// What the source says of a rule.
fn statement(source: &str, name: &str) -> String {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let at = lines.iter().position(|line| *line == format!("{name},"));
    let before = &lines[..at.expect(name)];
    let first = before.iter().rposition(|line| !line.starts_with("///"));
    let said = before[first.map_or(0, |first| first + 1)..].iter();
    let said: Vec<&str> = said.map(|line| line[3..].trim()).collect();
    assert!(!said.is_empty(), "{name}");
    said.join(" ")
}

/// The golden scripts of the replica that show what is lost without a rule.
fn scripts(name: &str) -> Vec<String> {
    let folder = crate_path("replica/tests/scripts");
    let entries = std::fs::read_dir(folder).expect("the scripts");
    let names = entries.map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("a name")
    });
    let mut names: Vec<String> = names
        .filter(|script| {
            let text = source(&format!("replica/tests/scripts/{script}"));
            let mut words = text.split_whitespace();
            words.any(|word| word.strip_prefix("without=") == Some(name))
        })
        .collect();
    names.sort();
    let links = names
        .iter()
        .map(|script| format!("script [{script}](../replica/tests/scripts/{script})"));
    links.collect()
}

/// What misses a rule among the tests of the service.
fn own_tests(name: &str) -> Vec<String> {
    let text = source("chat/src/tests/mutants.rs");
    let (_, guards) = text.split_once(&format!("Rule::{name},")).expect(name);
    let (_, guards) = guards.split_once("&[").expect("its guards");
    let (guards, _) = guards.split_once(']').expect("their end");
    let guards = guards.split(", ").map(|guard| {
        let (kind, of) = guard.split_once('(').unwrap_or((guard, ""));
        let of = of.trim_matches([')', '"']);
        match kind {
            "Conversation" => format!("script [{of}](../chat/tests/scripts/{of})"),
            "Door" => "script [door](../chat/tests/scripts/door)".to_owned(),
            "Client" => "script [client](../chat/tests/scripts/client)".to_owned(),
            "Model" => format!("model, {of} cases"),
            "Network" => format!("network, {of} cases"),
            other => panic!("{name}: no guard is called {other}"),
        }
    });
    guards.collect()
}

#[test]
fn the_page_has_every_rule_with_its_guards() {
    let page = std::fs::read_to_string(page_path()).expect("the page");
    for mutant in all() {
        let row = row(&mutant);
        assert!(
            page.lines().any(|line| line.starts_with(&row)),
            "MUTANTS.md is old: it lacks `{row}`: WRITE_MUTANTS=1 cargo test --release -p chat-trial shrunk -- --ignored"
        );
    }
}
