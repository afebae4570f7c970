//! What a page on performance is made of: measurements in a folder, instead of logs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use text::number::number;

use super::NotebookError;
use super::block::{Content, folder_of, option, slug};
use super::page::{Block, Header};
use super::value;
use crate::figures;
use crate::markdown;
use crate::measures::{self, Measure, Measures};
use crate::table;

/// The measurements behind a page.
#[derive(Debug)]
pub struct Measured {
    page: PathBuf,
    figures: String,
    measures: Measures,
    /// `{TARGET: {CASE: {SIZE: {PEER: {ours, peer, ratio}}}}}`, all names as slugs.
    json: Value,
}

impl Measured {
    /// Reads the measurements of a folder that a page names.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn gather(page: &Path, header: &Header, folder: &str) -> Result<Measured, NotebookError> {
        let measures = measures::read(&folder_of(page).join(folder))
            .map_err(|error| NotebookError::Measures(error.to_string()))?;
        Ok(Measured {
            page: page.to_owned(),
            figures: header.figures.clone(),
            json: object(&measures),
            measures,
        })
    }

    /// Computes a block.
    ///
    /// # Errors
    ///
    /// [`NotebookError::Page`] at the block's line when its words name nothing there is.
    pub fn render(&self, block: &Block) -> Result<Content, NotebookError> {
        let content = match block.kind.as_str() {
            "measurements" => Ok(Content::lines(&self.files())),
            "table" => self.table(block),
            "figure" => return self.figure(block),
            "value" => self.value(block),
            other => Err(format!(
                "`{other}` is no kind of block of a page on measurements: expected measurements, table, figure or value"
            )),
        };
        content.map_err(|problem| self.wrong(block, problem))
    }

    fn wrong(&self, block: &Block, problem: String) -> NotebookError {
        block.wrong(&self.page, problem)
    }

    fn files(&self) -> String {
        let mut text = "| measured on | |\n| --- | --- |\n".to_owned();
        for (what, is) in &self.measures.machine {
            text += &format!(
                "| {} | {} |\n",
                markdown::inline(what),
                markdown::inline(is)
            );
        }
        text += "\n| file | SHA-256 begins with |\n| --- | --- |\n";
        for (name, fingerprint) in &self.measures.files {
            text += &format!("| {} | `{fingerprint}` |\n", markdown::inline(name));
        }
        text
    }

    fn target(&self, block: &Block) -> Result<&str, String> {
        let name = option(block, "name")?;
        let targets = self.measures.targets();
        let found = targets.iter().find(|target| slug(target) == name);
        found.copied().ok_or_else(|| {
            let names: Vec<String> = targets.iter().map(|target| slug(target)).collect();
            format!(
                "no target is called `{name}`: expected one of {}",
                names.join(", ")
            )
        })
    }

    /// The cases that a block names as slugs, in its order; all cases of the target unless told.
    fn cases<'a>(&'a self, target: &'a str, block: &Block) -> Result<Vec<&'a str>, String> {
        let all = self.measures.cases(target);
        let Some(names) = block.options.get("case") else {
            return Ok(all);
        };
        let named = names.split(',').map(|name| {
            let found = all.iter().find(|case| slug(case) == name).copied();
            found.ok_or_else(|| {
                let known: Vec<String> = all.iter().map(|case| slug(case)).collect();
                format!(
                    "`{target}` has no case `{name}`: expected one of {}",
                    known.join(", ")
                )
            })
        });
        named.collect()
    }

    /// `table name=TARGET [case=A,B] [by=size]`
    fn table(&self, block: &Block) -> Result<Content, String> {
        let target = self.target(block)?;
        let cases = self.cases(target, block)?;
        let table = match block.options.get("by").map(String::as_str) {
            None => table::measures::table(&self.measures, target, &cases),
            Some("size") => table::measures::by_size(&self.measures, target, &cases),
            Some(other) => return Err(format!("by={other}: expected by=size")),
        };
        Ok(Content::lines(&markdown::table(&table)))
    }

    /// `figure name=TARGET [case=A,B]`
    fn figure(&self, block: &Block) -> Result<Content, NotebookError> {
        let wrong = |problem: String| self.wrong(block, problem);
        let target = self.target(block).map_err(wrong)?;
        let cases = self.cases(target, block).map_err(wrong)?;
        let drawing = figures::draw_measures(&self.measures, target, &cases);
        let drawing = drawing.ok_or_else(|| {
            wrong(format!(
                "`{target}` was measured at one size: there is no curve"
            ))
        })?;
        // A page may show a target in several figures, of different cases.
        let cases = block.options.get("case").into_iter();
        let cases = cases.flat_map(|of| of.split(',')).map(str::to_owned);
        let words: Vec<String> = std::iter::once(slug(target)).chain(cases).collect();
        let file = format!("{}.svg", words.join("-"));
        Ok(Content::picture(&self.page, &self.figures, &file, drawing))
    }

    fn value(&self, block: &Block) -> Result<Content, String> {
        let at = option(block, "at")?;
        let value = self.json.pointer(at);
        let value = value.ok_or_else(|| format!("the measurements have nothing at `{at}`"))?;
        Ok(Content {
            text: value::written(value, at, block)?,
            figure: None,
        })
    }
}

/// Everything by name, for values. A row without a size stands under `-`, one without a peer under `alone`.
fn object(measures: &Measures) -> Value {
    type Peers = BTreeMap<String, Value>;
    type Sizes = BTreeMap<String, Peers>;
    let mut targets: BTreeMap<String, BTreeMap<String, Sizes>> = BTreeMap::new();
    for row in &measures.rows {
        let size = row.size.map_or("-".to_owned(), |size| number(Some(size)));
        let peer = Some(slug(&row.peer_name)).filter(|name| !name.is_empty());
        let cases = targets.entry(slug(&row.target)).or_default();
        let sizes = cases.entry(slug(&row.case)).or_default();
        let peers = sizes.entry(size).or_default();
        peers.insert(peer.unwrap_or_else(|| "alone".to_owned()), numbers(row));
    }
    json!(targets)
}

fn numbers(row: &Measure) -> Value {
    json!({"ours": row.ours, "peer": row.peer, "ratio": row.ratio(), "unit": row.unit, "command": row.command})
}
