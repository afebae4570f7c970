//! The imports of a crate, read from its sources.
//!
//! An import is a path in the code that leads into another file of the crate: in a `use`, in an expression, a type, a macro
//! or a re-export. A `mod` line is none, nor is a visibility such as `pub(super)`, and code for tests does not count. A
//! name that a file re-exports is imported from that file.

use std::collections::BTreeMap;
use std::path::Path;

use super::reader::{Names, Scope, scopes};

/// That one file imports another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Import {
    /// Module of the file that imports: `check::law`; of the crate's root `lib`.
    pub(crate) from: String,
    /// Module of the file that is imported.
    pub(crate) to: String,
    /// Line of the first such import, from 1.
    pub(crate) line: usize,
}

/// Where the text of a module is: its file, by the names of the module that owns the file.
pub(crate) trait Files {
    /// The text of a module with a file of its own; the root's names are none.
    fn text(&self, module: &[String]) -> String;
}

impl Files for Path {
    fn text(&self, module: &[String]) -> String {
        let place = module
            .iter()
            .fold(self.to_owned(), |at, name| at.join(name));
        let file = match module {
            [] => place.join("lib.rs"),
            _ => place.with_extension("rs"),
        };
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }
}

/// All imports between files of a crate, each pair of files once.
pub(crate) fn imports<F: Files + ?Sized>(files: &F) -> Vec<Import> {
    let mut sources = Sources::default();
    sources.load(files, Vec::new());
    let mut first = BTreeMap::new();
    for (module, scope) in &sources.scopes {
        let from = &scope.file;
        for (line, path) in &scope.paths {
            let to = sources
                .resolved(module, path)
                .map(|names| sources.home(&names));
            if let Some(to) = to.filter(|to| to != from) {
                let least = first.entry((from.clone(), to)).or_insert(*line);
                *least = (*least).min(*line);
            }
        }
    }
    let import = |((from, to), line): ((Names, Names), usize)| Import {
        from: title(&from),
        to: title(&to),
        line,
    };
    first.into_iter().map(import).collect()
}

fn title(module: &[String]) -> String {
    match module {
        [] => "lib".to_owned(),
        names => names.join("::"),
    }
}

#[derive(Debug, Default)]
struct Sources {
    scopes: BTreeMap<Names, Scope>,
}

impl Sources {
    fn load<F: Files + ?Sized>(&mut self, files: &F, module: Names) {
        let text = files.text(&module);
        let parsed =
            syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", title(&module)));
        for child in scopes(&parsed, module, &mut self.scopes) {
            self.load(files, child);
        }
    }

    /// Where a path leads that stands in a module, from the root of the crate; none if it leads out of the crate, or to
    /// what the module itself declares.
    fn resolved(&self, module: &[String], path: &[String]) -> Option<Names> {
        self.resolved_within(module, path, 8)
    }

    fn resolved_within(&self, module: &[String], path: &[String], steps: u8) -> Option<Names> {
        let (first, rest) = path.split_first()?;
        let below = |base: &[String]| Some([base, rest].concat());
        match first.as_str() {
            "crate" => return below(&[]),
            "self" => return below(module),
            "super" => {
                let parent = &module[..module.len().checked_sub(1)?];
                return match rest.first().map(String::as_str) {
                    Some("super") => self.resolved_within(parent, rest, steps),
                    _ => below(parent),
                };
            }
            _ => {}
        }
        let steps = steps.checked_sub(1)?;
        let scope = self.scopes.get(module)?;
        let child = [module, std::slice::from_ref(first)].concat();
        if self.scopes.contains_key(&child) {
            return below(&child);
        }
        if let Some(used) = scope.names.get(first).filter(|used| *used != path) {
            return below(&self.resolved_within(module, used, steps)?);
        }
        scope.globs.iter().find_map(|glob| {
            let glob = self.resolved_within(module, glob, steps)?;
            let known = self.scopes.get(&glob)?;
            let child = [glob.as_slice(), std::slice::from_ref(first)].concat();
            if self.scopes.contains_key(&child) {
                return below(&child);
            }
            known
                .names
                .contains_key(first)
                .then(|| [&glob, path].concat())
        })
    }

    /// The module whose file a path leads into.
    fn home(&self, path: &[String]) -> Names {
        let mut lengths = (0..=path.len()).rev();
        let scope = lengths.find_map(|length| self.scopes.get(&path[..length]));
        scope.map(|scope| scope.file.clone()).unwrap_or_default()
    }
}
