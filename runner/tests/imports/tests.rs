//! What counts as an import, and what as a circle.

use std::collections::BTreeMap;

use super::graph::{Graph, directory, file};
use super::source::{Files, Import, imports};

/// Texts by the names of their modules.
struct Texts(BTreeMap<&'static str, &'static str>);

impl Files for Texts {
    fn text(&self, module: &[String]) -> String {
        self.0[module.join("::").as_str()].to_owned()
    }
}

/// The imports between such files, as `from:line → to`.
fn told<const N: usize>(texts: [(&'static str, &'static str); N]) -> Vec<String> {
    let found = imports(&Texts(texts.into()));
    let told = |import: &Import| format!("{}:{} → {}", import.from, import.line, import.to);
    found.iter().map(told).collect()
}

#[test]
fn paths_into_other_files_are_imports_wherever_they_stand() {
    let found = told([
        ("", "mod a;\nmod b;\npub use b::Thing;\n"),
        (
            "a",
            "mod c;\nuse crate::b::{self, deep::Leaf as Other};\n\nfn f() -> super::Thing { b::new() }\n",
        ),
        (
            "a::c",
            "\n\nfn f() { assert!(crate::b::is(), \"{}\", super::super::a::x()); }\n",
        ),
        (
            "b",
            "pub mod deep;\nuse std::fmt::Debug;\nfn f() { deep::g::<dyn Debug>() }",
        ),
        (
            "b::deep",
            "pub(in crate::b) struct Leaf;\nuse self::Leaf as It;\n",
        ),
    ]);
    let expected = [
        "lib:3 → b",
        "a:4 → lib",
        "a:2 → b",
        "a:2 → b::deep",
        "a::c:3 → a",
        "a::c:3 → b",
        "b:3 → b::deep",
    ];
    assert_eq!(found, expected.map(str::to_owned));
}

#[test]
fn names_that_came_by_a_glob_or_a_module_in_the_file_are_followed() {
    let found = told([
        ("", "mod a;\nmod b;\nmod c;"),
        (
            "a",
            "use super::*;\nfn f() { b::g() }\nmod inner {\n    use super::super::c::H;\n}\n",
        ),
        ("b", "fn g() { self::g() }"),
        ("c", "pub struct H;"),
    ]);
    assert_eq!(found, ["a:1 → lib", "a:2 → b", "a:4 → c"]);
}

#[test]
fn code_for_tests_and_mod_lines_are_no_imports() {
    let found = told([
        ("", "mod a;\nmod b;\n#[cfg(test)]\nmod tests;\n"),
        (
            "a",
            "struct S;\nimpl S {\n    #[cfg(test)]\n    fn f() { crate::b::g() }\n}\n\
             #[cfg(test)]\nuse crate::b::g;\n#[cfg(test)]\nmod tests { use crate::b::g; }\n",
        ),
        ("b", ""),
    ]);
    assert_eq!(found, [] as [&str; 0]);
}

#[test]
fn the_shortest_circle_is_told_once_with_its_lines() {
    let import = |from: &str, to: &str, line| Import {
        from: from.to_owned(),
        to: to.to_owned(),
        line,
    };
    let all = [
        import("a", "b", 1),
        import("b::x", "a", 2),
        import("b", "c", 3),
        import("c", "b::y", 4),
        import("b::y", "d", 5),
        import("d", "b", 6),
    ];
    let told = |circles: Vec<Vec<&Import>>| -> Vec<Vec<usize>> {
        let lines = |circle: &Vec<&Import>| circle.iter().map(|import| import.line).collect();
        circles.iter().map(lines).collect()
    };
    // By files: b → c → b::y → d → b.
    let files = told(Graph::of(&all, file).circles());
    assert_eq!(files.len(), 1);
    let mut lines = files[0].clone();
    lines.sort_unstable();
    assert_eq!(lines, [3, 4, 5, 6]);
    // By directories also a ⇄ b, b ⇄ c and b ⇄ d.
    let mut directories = told(Graph::of(&all, directory).circles());
    directories
        .iter_mut()
        .for_each(|lines| lines.sort_unstable());
    assert_eq!(directories, [[1, 2], [3, 4], [5, 6]]);
}
