//! No circles: what a part of a crate needs can be read, tested and moved without what needs it.
//!
//! Parts are files, and directories: a module at the top of a crate with all that is below it. A circle of files may be
//! small, as between a parent that re-exports its children and a child that uses a type of its parent, and still means
//! that neither is understood without the other. Between crates the compiler sees to it.
//!
//! Imports that close circles today stand in [`known`], which only ever shrinks: without them no circle may be left, and
//! what is listed must still close one.

mod imports {
    pub(crate) mod graph;
    pub(crate) mod known;
    pub(crate) mod source;
    mod tests;
}

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use imports::graph::{Graph, Place, directory, file};
use imports::known::{DIRECTORIES, FILES, Known};
use imports::source::{Import, imports};

/// Circles that are shown at most: one that is mended takes many of the others with it.
const SHOWN_MAX: usize = 12;

fn root() -> PathBuf {
    let runner = Path::new(env!("CARGO_MANIFEST_DIR"));
    runner.parent().expect("the workspace").to_owned()
}

/// Folders of all crates of the workspace.
fn members() -> Vec<String> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = manifest.parse().expect("TOML");
    let members = manifest["workspace"]["members"].as_array();
    let members = members.expect("a list of members").iter();
    members
        .map(|member| member.as_str().expect("a folder").to_owned())
        .collect()
}

/// What is wrong with a crate: circles that are not known, and known imports that close none.
fn faults(member: &str, all: &[Import], place: Place, known: &[Known]) -> String {
    let known = known.iter().filter(|(of, ..)| *of == member);
    let known: BTreeSet<(&str, &str)> = known.map(|&(_, from, to)| (from, to)).collect();
    let pair = |import: &Import| (place(&import.from).to_owned(), place(&import.to).to_owned());
    let is_known = |import: &&Import| {
        let (from, to) = pair(import);
        known.contains(&(from.as_str(), to.as_str()))
    };
    let mut faults = String::new();
    let circles = Graph::of(all.iter().filter(|import| !is_known(import)), place).circles();
    for circle in circles.iter().take(SHOWN_MAX) {
        let of = |module: &str| format!("{member}/src/{}.rs", module.replace("::", "/"));
        let _ = write!(faults, "\na circle:");
        for import in circle {
            let _ = write!(faults, "\n  {}:{}", of(&import.from), import.line);
            let _ = write!(faults, " → {}", of(&import.to));
        }
    }
    if let Some(more) = circles
        .len()
        .checked_sub(SHOWN_MAX)
        .filter(|&more| more > 0)
    {
        let _ = write!(faults, "\nand {more} circles more");
    }
    let whole = Graph::of(all, place);
    for (from, to) in known {
        let mut imports = all.iter();
        let closes = imports.any(|import| {
            let (of, at) = pair(import);
            (of.as_str(), at.as_str()) == (from, to) && whole.circle(import).is_some()
        });
        if !closes {
            let _ = write!(
                faults,
                "\n{from} → {to} of {member} closes no circle any more: take it off the list in tests/imports/known.rs"
            );
        }
    }
    faults
}

#[test]
fn no_circle_of_imports_is_new_and_none_that_is_known_has_gone() {
    let members = members();
    let (mut faults_found, mut count) = (String::new(), 0);
    for member in &members {
        let all = imports(root().join(member).join("src").as_path());
        count += all.len();
        faults_found += &faults(member, &all, file, FILES);
        faults_found += &faults(member, &all, directory, DIRECTORIES);
    }
    for (of, from, to) in FILES.iter().chain(DIRECTORIES) {
        let is_member = members.iter().any(|member| member == of);
        assert!(
            is_member,
            "{from} → {to}: {of} is no crate of the workspace"
        );
    }
    assert!(faults_found.is_empty(), "{faults_found}\n");
    assert!(count > 0, "no imports at all: mend this test");
}
