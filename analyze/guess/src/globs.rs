//! Globs of the files that a format is for, and of those beside them that it is not for.
//!
//! **Invariant.** No glob of what is left out matches a file that is claimed.

use std::collections::BTreeSet;

use globset::{Glob, GlobMatcher};

use formats::spec::Files;

/// Globs for these files, all below the paths that could be logs.
pub(super) fn files(claimed: &[String], others: &[String], path: Option<String>) -> Files {
    let include: BTreeSet<String> = claimed.iter().map(|path| included(path)).collect();
    let matchers: Vec<GlobMatcher> = include.iter().filter_map(|glob| matcher(glob)).collect();
    let mut exclude: BTreeSet<String> = BTreeSet::new();
    for other in others
        .iter()
        .filter(|other| matchers.iter().any(|glob| glob.is_match(other)))
    {
        if exclude
            .iter()
            .any(|glob| matcher(glob).is_some_and(|glob| glob.is_match(other)))
        {
            continue;
        }
        let free = |glob: &String| {
            matcher(glob).is_some_and(|glob| {
                glob.is_match(other) && !claimed.iter().any(|path| glob.is_match(path))
            })
        };
        exclude.extend(excluded(other).into_iter().find(free));
    }
    Files {
        include: include.into_iter().collect(),
        exclude: exclude.into_iter().collect(),
        path,
    }
}

fn matcher(glob: &str) -> Option<GlobMatcher> {
    Glob::new(glob).ok().map(|glob| glob.compile_matcher())
}

/// All files of the same extension; without one, of the same name but for numbers.
fn included(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, extension))
            if !stem.is_empty()
                && !extension.is_empty()
                && extension.chars().all(char::is_alphanumeric)
                && !extension.chars().all(|letter| letter.is_ascii_digit()) =>
        {
            format!("**/*.{extension}")
        }
        _ => format!("**/{}", numbers_open(name)),
    }
}

/// Ever narrower globs for a file.
fn excluded(path: &str) -> Vec<String> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut globs = vec![format!("**/{}", numbers_open(name))];
    if let Some(last) = folder.rsplit('/').next().filter(|last| !last.is_empty()) {
        globs.push(format!("**/{}/{}", escape(last), numbers_open(name)));
    }
    globs.push(escape(path));
    globs
}

fn escape(text: &str) -> String {
    globset::escape(text)
}

/// A name with `*` for its numbers.
fn numbers_open(name: &str) -> String {
    let mut open = String::new();
    for letter in name.chars() {
        if letter.is_ascii_digit() {
            if !open.ends_with('*') {
                open.push('*');
            }
        } else {
            open.push_str(&escape(&letter.to_string()));
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_leaves_out_what_is_not_claimed_and_no_more() {
        let paths = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let found = files(
            &paths(&["a/log_1.txt", "a/log_2.txt"]),
            &paths(&["a/log_1-queue.txt", "b/plot.dat", "b/log_3.txt"]),
            None,
        );
        assert_eq!(found.include, ["**/*.txt"]);
        assert_eq!(found.exclude, ["**/b/log_*.txt", "**/log_*-queue.txt"]);
    }
}
