//! No circles: what a part of a crate needs can be read, tested and moved without what needs it.
//!
//! Parts are files, and directories: a module at the top of a crate with all that is below it. A circle of files may be
//! small, as between a parent that re-exports its children and a child that uses a type of its parent, and still means
//! that neither is understood without the other. Between crates the compiler sees to it.

mod imports {
    pub(crate) mod graph;
    mod reader;
    pub(crate) mod source;
    mod tests;
}

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use imports::graph::{Graph, Place, directory, file};
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

/// The circles among the places of a crate, in words.
fn faults(member: &str, all: &[Import], place: Place) -> String {
    let circles = Graph::of(all, place).circles();
    let mut faults = String::new();
    for circle in circles.iter().take(SHOWN_MAX) {
        let of = |module: &str| format!("{member}/src/{}.rs", module.replace("::", "/"));
        let _ = write!(faults, "\na circle:");
        for import in circle {
            let _ = write!(faults, "\n  {}:{}", of(&import.from), import.line);
            let _ = write!(faults, " → {}", of(&import.to));
        }
    }
    let more = circles.len().saturating_sub(SHOWN_MAX);
    if more > 0 {
        let _ = write!(faults, "\nand {more} circles more");
    }
    faults
}

#[test]
fn no_import_closes_a_circle() {
    let (mut faults_found, mut count) = (String::new(), 0);
    for member in members() {
        let all = imports(root().join(&member).join("src").as_path());
        count += all.len();
        faults_found += &faults(&member, &all, file);
        faults_found += &faults(&member, &all, directory);
    }
    assert!(faults_found.is_empty(), "{faults_found}\n");
    assert!(count > 0, "no imports at all: mend this test");
}
