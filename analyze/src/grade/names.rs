//! What submissions are called: the end of their paths that tells them apart.

use std::path::{Component, Path, PathBuf};

/// A name for each folder, different from all others: its own name, with as many folders above it as it takes.
pub fn names(folders: &[PathBuf]) -> Vec<String> {
    let paths: Vec<Vec<String>> = folders.iter().map(|folder| parts(folder)).collect();
    let name = |at: usize, length: usize| -> String {
        let parts: &Vec<String> = &paths[at];
        parts[parts.len().saturating_sub(length)..].join("-")
    };
    let longest = paths.iter().map(Vec::len).max().unwrap_or_default();
    let mut names: Vec<String> = Vec::with_capacity(paths.len());
    for at in 0..paths.len() {
        let alone = |length: &usize| {
            let others = (0..paths.len()).filter(|&other| other != at);
            !others
                .into_iter()
                .any(|other| name(other, *length) == name(at, *length))
        };
        let length = (1..=longest).find(alone);
        // The same folder twice: numbered.
        names.push(match length {
            Some(length) => name(at, length),
            None => format!("{}-{}", name(at, 1), at + 1),
        });
    }
    names
}

/// The names on a path, without the root; of a path that is none, such as `.`, those of where it leads.
fn parts(folder: &Path) -> Vec<String> {
    let named = |path: &Path| -> Vec<String> {
        let parts = path.components().filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        });
        parts.collect()
    };
    let plain = named(folder);
    let dotted = folder.components().any(|part| part == Component::ParentDir);
    if plain.is_empty() || dotted {
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let names = named(&real);
        return if names.is_empty() {
            vec!["submission".to_owned()]
        } else {
            names
        };
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_short_as_tells_them_apart() {
        let named = |paths: &[&str]| names(&paths.iter().map(PathBuf::from).collect::<Vec<_>>());
        assert_eq!(named(&["class/ada", "class/bob/"]), ["ada", "bob"]);
        assert_eq!(
            named(&["ada/logs", "bob/logs", "eve"]),
            ["ada-logs", "bob-logs", "eve"]
        );
        assert_eq!(named(&["logs", "logs"]), ["logs-1", "logs-2"]);
        assert_eq!(named(&["logs", "bob/logs"]), ["logs", "bob-logs"]);
    }
}
