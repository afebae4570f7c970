//! The imports of a crate, read from its sources.
//!
//! An import is a path in the code that leads into another file of the crate: in a `use`, in an expression, a type, a macro
//! or a re-export. A `mod` line is none, nor is a visibility such as `pub(super)`, and code for tests does not count. A
//! name that a file re-exports is imported from that file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, UseTree};

/// Names from the root of a crate to a module or an item.
type Names = Vec<String>;

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

/// What stands in one module.
#[derive(Debug, Default)]
struct Scope {
    /// The module that owns the file it stands in.
    file: Names,
    /// What a `use` calls by one name: the path, not yet resolved.
    names: BTreeMap<String, Names>,
    /// Modules all whose names are used.
    globs: Vec<Names>,
    /// Every path, with its line.
    paths: BTreeSet<(usize, Names)>,
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
        let mut reader = Reader {
            file: module.clone(),
            module,
            scopes: &mut self.scopes,
            elsewhere: Vec::new(),
        };
        reader.enter();
        reader.visit_file(&parsed);
        for child in reader.elsewhere {
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

/// Walks the code of one file.
struct Reader<'a> {
    file: Names,
    module: Names,
    scopes: &'a mut BTreeMap<Names, Scope>,
    /// Modules with files of their own.
    elsewhere: Vec<Names>,
}

impl Reader<'_> {
    fn enter(&mut self) {
        let scope = Scope {
            file: self.file.clone(),
            ..Scope::default()
        };
        self.scopes.insert(self.module.clone(), scope);
    }

    fn scope(&mut self) -> &mut Scope {
        self.scopes.entry(self.module.clone()).or_default()
    }

    fn path(&mut self, line: usize, names: Names) {
        self.scope().paths.insert((line, names));
    }

    fn uses(&mut self, tree: &UseTree, before: &Names) {
        let with = |name: &syn::Ident| [before.as_slice(), &[name.to_string()]].concat();
        // `self` in braces is what stands before them.
        let leads = |name: &syn::Ident| {
            if name == "self" {
                before.clone()
            } else {
                with(name)
            }
        };
        let (name, full, line) = match tree {
            UseTree::Path(path) => return self.uses(&path.tree, &with(&path.ident)),
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.uses(tree, before));
            }
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                self.scope().globs.push(before.clone());
                return self.path(line, before.clone());
            }
            UseTree::Name(name) => {
                let full = leads(&name.ident);
                (full.last().cloned(), full, name.ident.span().start().line)
            }
            UseTree::Rename(rename) => (
                Some(rename.rename.to_string()),
                leads(&rename.ident),
                rename.ident.span().start().line,
            ),
        };
        if let Some(name) = name {
            self.scope().names.insert(name, full.clone());
        }
        self.path(line, full);
    }

    /// Paths in what a macro is given.
    fn tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons, mut line) = (Names::new(), 0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.end_path(line, &mut path);
                        line = name.span().start().line;
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1
                }
                other => {
                    self.end_path(line, &mut path);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.end_path(line, &mut path);
    }

    fn end_path(&mut self, line: usize, path: &mut Names) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.path(line, path);
        }
    }
}

/// Whether what has these attributes is compiled for tests alone.
fn for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let mut test = false;
        attribute.path().is_ident("cfg")
            && attribute
                .parse_nested_meta(|meta| {
                    test |= meta.path.is_ident("test");
                    Ok(())
                })
                .is_ok()
            && test
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        if !for_tests(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        match &item.content {
            None => self.elsewhere.push(self.module.clone()),
            Some((_, items)) => {
                self.enter();
                items.iter().for_each(|item| self.visit_item(item));
            }
        }
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            self.uses(&item.tree, &Vec::new());
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            let line = path.segments[0].ident.span().start().line;
            let names = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string());
            self.path(line, names.collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}
}
