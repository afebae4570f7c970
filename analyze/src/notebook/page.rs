//! A page as segments: prose as it stands, and blocks. Joined again they give the same bytes.

use std::collections::BTreeMap;
use std::path::Path;

use super::NotebookError;

const BEGIN: &str = "<!-- analyze:begin ";
const END: &str = "<!-- analyze:end -->";
const PAGE: &str = "<!-- analyze:page ";
const CLOSE: &str = "-->";

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its parts, in order.
    pub segments: Vec<Segment>,
    /// What its `analyze:page` line says; none if it has no such line.
    pub header: Option<Header>,
}

/// What a page says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Folders of logs, relative to the page.
    pub logs: Vec<String>,
    /// Folder of figures, relative to the page.
    pub figures: String,
    /// The two conditions that the page compares, by number or by a part of the label without blanks.
    pub compare: Option<[String; 2]>,
    /// How many virtual trials of each condition the page shows beside its own.
    pub band: Option<u64>,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// By hand.
    Prose {
        /// Line of its first character, from 1.
        line: usize,
        /// The text.
        text: String,
    },
    /// By `analyze`.
    Block(Block),
}

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Line of its begin, from 1.
    pub line: usize,
    /// The words of its begin line, as they stand.
    pub words: String,
    /// What it is to become.
    pub kind: String,
    /// Its options.
    pub options: BTreeMap<String, String>,
    /// What stands in it now.
    pub content: String,
}

impl Page {
    /// Reads a page; `path` is for errors.
    ///
    /// # Errors
    ///
    /// [`NotebookError::Page`] for a begin without an end, an end without a begin, or an unreadable header.
    pub fn parse(path: &Path, text: &str) -> Result<Page, NotebookError> {
        let fail = |line: usize, problem: &str| NotebookError::Page {
            page: path.to_owned(),
            line,
            problem: problem.to_owned(),
        };
        let mut segments = Vec::new();
        let mut rest = text;
        let mut line = 1;
        while let Some(start) = rest.find(BEGIN) {
            let (prose, from_begin) = rest.split_at(start);
            if prose.contains(END) {
                return Err(fail(
                    line + lines(&prose[..prose.find(END).unwrap_or(0)]),
                    "an end without a begin",
                ));
            }
            push_prose(&mut segments, line, prose);
            line += lines(prose);
            let (words, after) = from_begin[BEGIN.len()..]
                .split_once(CLOSE)
                .filter(|(words, _)| !words.contains('\n'))
                .ok_or_else(|| fail(line, "expected `-->` on the line of the begin"))?;
            let (content, after_end) = after
                .split_once(END)
                .filter(|(content, _)| !content.contains(BEGIN))
                .ok_or_else(|| {
                    fail(
                        line,
                        "a begin without an end; expected `<!-- analyze:end -->`",
                    )
                })?;
            let (kind, options) = words_of(words).map_err(|problem| fail(line, &problem))?;
            segments.push(Segment::Block(Block {
                line,
                words: words.trim().to_owned(),
                kind,
                options,
                content: content.to_owned(),
            }));
            line += lines(content);
            rest = after_end;
        }
        if let Some(end) = rest.find(END) {
            return Err(fail(line + lines(&rest[..end]), "an end without a begin"));
        }
        push_prose(&mut segments, line, rest);
        let header = header(&segments).map_err(|(line, problem)| fail(line, &problem))?;
        Ok(Page { segments, header })
    }

    /// Writes another header in the place of the one it has.
    pub fn set_header(&mut self, header: Header) {
        for segment in &mut self.segments {
            let Segment::Prose { text, .. } = segment else {
                continue;
            };
            let Some(start) = text.find(PAGE) else {
                continue;
            };
            if let Some(length) = text[start..].find(CLOSE) {
                text.replace_range(start..start + length + CLOSE.len(), &header.to_line());
            }
        }
        self.header = Some(header);
    }

    /// The blocks, in order.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Block(block) => Some(block),
            Segment::Prose { .. } => None,
        })
    }

    /// The page as text.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for segment in &self.segments {
            match segment {
                Segment::Prose { text: prose, .. } => text += prose,
                Segment::Block(block) => text += &marked(&block.words, &block.content),
            }
        }
        text
    }
}

impl Block {
    /// That something is wrong with it, on this page.
    pub fn wrong(&self, page: &Path, problem: String) -> NotebookError {
        NotebookError::Page {
            page: page.to_owned(),
            line: self.line,
            problem,
        }
    }
}

impl Header {
    /// The line that says it.
    pub fn to_line(&self) -> String {
        let Header {
            logs,
            figures,
            compare,
            band,
        } = self;
        let compare = compare
            .as_ref()
            .map(|[a, b]| format!("compare=\"{a} {b}\" "));
        let band = band.map(|trials| format!("band=\"{trials}\" "));
        let logs = logs.join(" ");
        format!(
            "{PAGE}logs=\"{logs}\" figures=\"{figures}\" {}{}{CLOSE}",
            compare.unwrap_or_default(),
            band.unwrap_or_default()
        )
    }
}

/// A block with its marks.
pub fn marked(words: &str, content: &str) -> String {
    format!("{BEGIN}{words} {CLOSE}{content}{END}")
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

fn push_prose(segments: &mut Vec<Segment>, line: usize, text: &str) {
    if !text.is_empty() {
        segments.push(Segment::Prose {
            line,
            text: text.to_owned(),
        });
    }
}

/// `kind key=value key=value …`
fn words_of(words: &str) -> Result<(String, BTreeMap<String, String>), String> {
    let mut words = words.split_whitespace();
    let kind = words
        .next()
        .ok_or("expected the kind of the block after `analyze:begin`")?;
    let options = words.map(|word| {
        let (key, value) = word
            .split_once('=')
            .ok_or_else(|| format!("`{word}`: expected key=value"))?;
        Ok((key.to_owned(), value.to_owned()))
    });
    Ok((kind.to_owned(), options.collect::<Result<_, String>>()?))
}

fn header(segments: &[Segment]) -> Result<Option<Header>, (usize, String)> {
    let mut found = None;
    for segment in segments {
        let Segment::Prose { line, text } = segment else {
            continue;
        };
        for (start, _) in text.match_indices(PAGE) {
            let at = line + lines(&text[..start]);
            if found.is_some() {
                return Err((
                    at,
                    "a second `analyze:page` line; a page has one".to_owned(),
                ));
            }
            let attributes = text[start + PAGE.len()..].split(CLOSE).next().unwrap_or("");
            let attribute = |name: &str| {
                let (_, after) = attributes.split_once(&format!("{name}=\""))?;
                Some(after.split_once('"')?.0)
            };
            let (Some(logs), Some(figures)) = (attribute("logs"), attribute("figures")) else {
                let problem = "expected logs=\"…\" and figures=\"…\"";
                return Err((at, problem.to_owned()));
            };
            let compare = match attribute("compare").map(|pair| pair.split_whitespace()) {
                None => None,
                Some(mut pair) => match (pair.next(), pair.next(), pair.next()) {
                    (Some(a), Some(b), None) => Some([a.to_owned(), b.to_owned()]),
                    _ => return Err((at, "expected compare=\"A B\", two conditions".to_owned())),
                },
            };
            let band = match attribute("band").map(str::parse) {
                None => None,
                Some(Ok(trials)) => Some(trials),
                Some(Err(_)) => return Err((at, "expected band=\"N\", a number".to_owned())),
            };
            found = Some(Header {
                band,
                logs: logs.split_whitespace().map(str::to_owned).collect(),
                figures: figures.to_owned(),
                compare,
            });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Page\n<!-- analyze:page logs=\"a b\" figures=\"../f\" -->\n\nSo <!-- analyze:begin value at=/x -->7<!-- analyze:end --> it is.\n<!-- analyze:begin table name=t -->\n| a |\n<!-- analyze:end -->\nEnd\n";

    #[test]
    fn parts_joined_give_the_same_bytes() {
        let page = Page::parse(Path::new("p.md"), TEXT).expect("well formed");
        assert_eq!(page.to_text(), TEXT);
        let header = page.header.as_ref().expect("a header");
        assert_eq!(header.logs, ["a", "b"]);
        assert!(TEXT.contains(&header.to_line()));
        let blocks: Vec<_> = page.blocks().collect();
        assert_eq!((blocks[0].line, blocks[0].content.as_str()), (4, "7"));
        assert_eq!((blocks[1].line, blocks[1].kind.as_str()), (5, "table"));
        assert_eq!(blocks[1].options["name"], "t");
    }

    #[test]
    fn a_page_may_compare_two_conditions() {
        let text = "<!-- analyze:page logs=\"a\" figures=\"f\" compare=\"sockets virtual\" -->\n";
        let page = Page::parse(Path::new("p.md"), text).expect("well formed");
        let header = page.header.expect("a header");
        assert_eq!(
            header.compare,
            Some(["sockets", "virtual"].map(str::to_owned))
        );
        assert_eq!(format!("{}\n", header.to_line()), text);
    }

    #[test]
    fn a_page_may_ask_for_a_band() {
        let text = "<!-- analyze:page logs=\"a\" figures=\"f\" band=\"200\" -->\n";
        let page = Page::parse(Path::new("p.md"), text).expect("well formed");
        let header = page.header.expect("a header");
        assert_eq!(header.band, Some(200));
        assert_eq!(format!("{}\n", header.to_line()), text);
    }

    #[test]
    fn what_is_not_well_formed_is_told_with_its_line() {
        for (text, line) in [
            ("a\n<!-- analyze:begin logs -->\nno end", 2),
            ("a\n\n<!-- analyze:end -->\n", 3),
            ("<!-- analyze:begin table name -->\n<!-- analyze:end -->", 1),
            ("\n<!-- analyze:page logs=\"x\" -->", 2),
            ("<!-- analyze:page figures=\"f\" -->", 1),
            (
                "<!-- analyze:page logs=\"x\" figures=\"y\" compare=\"1\" -->",
                1,
            ),
            (
                "\n<!-- analyze:page logs=\"x\" figures=\"y\" band=\"many\" -->",
                2,
            ),
        ] {
            match Page::parse(Path::new("p.md"), text) {
                Err(NotebookError::Page { line: found, .. }) => assert_eq!(found, line, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
