//! The paths in the code of one file, by the modules that they stand in. Code for tests does not count.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, UseTree};

/// Names from the root of a crate to a module or an item.
pub(super) type Names = Vec<String>;

/// What stands in one module.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// The module that owns the file it stands in.
    pub(super) file: Names,
    /// What a `use` calls by one name: the path, not yet resolved.
    pub(super) names: BTreeMap<String, Names>,
    /// Modules all whose names are used.
    pub(super) globs: Vec<Names>,
    /// Every path, with its line.
    pub(super) paths: BTreeSet<(usize, Names)>,
}

/// Adds what stands in the file of a module; the modules below it that have files of their own.
pub(super) fn scopes(
    parsed: &syn::File,
    module: Names,
    scopes: &mut BTreeMap<Names, Scope>,
) -> Vec<Names> {
    let mut reader = Reader {
        file: module.clone(),
        module,
        scopes,
        elsewhere: Vec::new(),
    };
    reader.enter();
    reader.visit_file(parsed);
    reader.elsewhere
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
