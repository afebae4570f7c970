//! Changes of the folder: files missing, exchanged, under other names, and things that are no files.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use super::{OfPlaces, pick};
use crate::chance::Chance;
use crate::mutants::input::{Entry, Input};

pub(super) const ALL: &[(&str, OfPlaces)] = &[
    ("file missing", |input, path, _| {
        input.0.remove(path);
    }),
    ("all of a kind missing", |input, path, _| {
        let extension = path.extension();
        input.0.retain(|other, _| other.extension() != extension);
    }),
    ("everything of a name missing", |input, path, _| {
        let name = path.file_name();
        input.0.retain(|other, _| other.file_name() != name);
    }),
    ("alone left of its folder", |input, path, _| {
        let folder = path.parent();
        input
            .0
            .retain(|other, _| other == path || other.parent() != folder);
    }),
    ("files exchanged", |input, path, chance| {
        let Some(other) = another(input, path, chance) else {
            return;
        };
        if let (Some(one), Some(two)) = (input.0.remove(path), input.0.remove(&other)) {
            input.0.insert(path.clone(), two);
            input.0.insert(other, one);
        }
    }),
    ("another file in its place", |input, path, chance| {
        let other = another(input, path, chance);
        if let Some(entry) = other.and_then(|other| input.0.get(&other).cloned()) {
            input.0.insert(path.clone(), entry);
        }
    }),
    ("another file appended", |input, path, chance| {
        let other = another(input, path, chance);
        let Some(Entry::File(more)) = other.and_then(|other| input.0.get(&other).cloned()) else {
            return;
        };
        if let Some(Entry::File(bytes)) = input.0.get_mut(path) {
            bytes.extend(more);
        }
    }),
    ("under another name", |input, path, chance| {
        if let Some(entry) = input.0.remove(path) {
            input.0.insert(renamed(path, chance), entry);
        }
    }),
    ("a second time under another name", |input, path, chance| {
        if let Some(entry) = input.0.get(path).cloned() {
            input.0.insert(renamed(path, chance), entry);
        }
    }),
    ("a folder in its place", |input, path, _| {
        input.0.insert(path.clone(), Entry::Folder);
    }),
    ("in a folder of its own name", |input, path, _| {
        if let (Some(entry), Some(name)) = (input.0.remove(path), path.file_name()) {
            input.0.insert(path.join(name), entry);
        }
    }),
    ("a FIFO in its place", |input, path, _| {
        input.0.insert(path.clone(), Entry::Fifo);
    }),
    ("a FIFO beside it", |input, path, chance| {
        input.0.insert(renamed(path, chance), Entry::Fifo);
    }),
    ("a link in its place", |input, path, chance| {
        let target = chance.pick(&[
            "/dev/zero",
            "/dev/null",
            "/dev/full",
            "/proc/version",
            "/proc/self/environ",
            "missing",
            ".",
            "..",
        ]);
        input.0.insert(path.clone(), Entry::Link(target.into()));
    }),
    ("a link to itself", |input, path, _| {
        if let Some(name) = path.file_name() {
            let link = Entry::Link(name.into());
            input.0.insert(path.clone(), link);
        }
    }),
    ("a link to another file", |input, path, chance| {
        let Some(other) = another(input, path, chance) else {
            return;
        };
        let up: PathBuf = path.iter().skip(1).map(|_| "..").collect();
        let link = Entry::Link(up.join(other));
        input.0.insert(path.clone(), link);
    }),
];

/// Another path of the input.
fn another(input: &Input, path: &Path, chance: &mut Chance) -> Option<PathBuf> {
    let others = input.0.keys().filter(|other| *other != path);
    pick(&others.cloned().collect::<Vec<_>>(), chance)
}

/// A path in the same folder with another name.
fn renamed(path: &Path, chance: &mut Chance) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new: OsString = match chance.below(9) {
        0 => "\u{1b}[31mred.log".into(),
        1 => "=1+1.csv".into(),
        2 => "-x".into(),
        3 => OsString::from_vec(b"no-\xff-text.log".to_vec()),
        4 => format!("{name}.1").into(),
        5 => format!(".{name}").into(),
        6 => name.replace(['0', '1', '2'], "7").into(),
        7 => name.to_uppercase().into(),
        _ => "line\nend `a` <b> |.txt".into(),
    };
    path.with_file_name(new)
}
