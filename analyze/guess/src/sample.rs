//! What is looked at: the files below the paths, and the first lines of each.
//!
//! **Invariant.** Files that are no logs do not change what is seen of those that are.

use files::input::{HEAD_BYTES, encoding};
use formats::decode::is_binary;
use formats::inventory::{Entry, Inventory, Is, unlike_a_log};
use formats::lines::Lines;

/// How much is looked at; the proposed format is put to the test on all of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// Bytes of each file.
    bytes: usize,
    /// Files.
    files: usize,
    /// Lines over all files.
    lines: usize,
}

/// Lines over all files at most.
const LINES_MAX: usize = 400_000;

impl Default for Size {
    fn default() -> Size {
        Size {
            bytes: 512 * 1024,
            files: 400,
            lines: 40_000,
        }
    }
}

impl Size {
    /// More of it; false when it is as much as can be.
    pub(super) fn grow(&mut self) -> bool {
        *self = Size {
            bytes: self.bytes * 10,
            files: self.files * 10,
            lines: self.lines * 10,
        };
        self.lines <= LINES_MAX
    }
}

/// A file that could be a log.
#[derive(Debug, Clone)]
pub(super) struct SampleFile {
    /// Its path relative to the path given, with `/` between its parts; without what compression put behind it.
    pub(super) relative: String,
    /// The lines, or records of several lines.
    pub(super) records: Vec<Record>,
}

/// A line, or several that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// Its first line, from 1.
    pub(super) line: u32,
    /// Its text without line end.
    pub(super) text: String,
}

/// What was found below the paths.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample {
    /// Files that could be logs.
    pub(super) files: Vec<SampleFile>,
    /// Names of files that cannot be.
    pub(super) left_out: Vec<String>,
    /// Files that are one JSON document, with lines for people to read.
    pub(super) documents: Vec<String>,
}

/// Looks at the files of an inventory.
pub(super) fn take(inventory: &Inventory, size: Size) -> Sample {
    let mut sample = Sample::default();
    let files = inventory.entries().filter(|entry| entry.is == Is::File);
    let (mut files, others): (Vec<&Entry>, Vec<&Entry>) =
        files.partition(|entry| unlike_a_log(&entry.relative).is_none());
    let left_out = others.iter().map(|entry| entry.relative.clone());
    sample.left_out.extend(left_out);
    files.sort_by(|a, b| a.relative.split('/').cmp(b.relative.split('/')));
    let mut lines_left = size.lines;
    let each = (size.lines / files.len().max(1)).max(50);
    for entry in files {
        if sample.files.len() == size.files || lines_left == 0 {
            break;
        }
        // What is empty, no text, or cannot be read may be a log: no glob leaves it out, so that it is reported.
        let read = records(entry, size.bytes, each.min(lines_left));
        let Some((records, is_document)) = read.filter(|(records, _)| !records.is_empty()) else {
            continue;
        };
        lines_left -= records.len();
        if is_document {
            sample.documents.push(entry.relative.clone());
        }
        sample.files.push(SampleFile {
            relative: entry.relative.clone(),
            records,
        });
    }
    sample
}

/// The first records of a file and of the pieces that were rotated away from it, and whether it is a JSON document; none of
/// what is no text or cannot be read.
fn records(entry: &Entry, bytes: usize, limit: usize) -> Option<(Vec<Record>, bool)> {
    let mut records: Vec<Record> = Vec::new();
    let mut is_document = false;
    let pieces = entry.earlier.iter().map(|(path, content)| (path, content));
    for (path, content) in pieces.chain([(&entry.path, &entry.content)]) {
        let mut head = content.head(path, bytes).ok()?;
        if is_binary(&head[..head.len().min(HEAD_BYTES as usize)]) {
            return None;
        }
        if head.len() == bytes
            && let Some(end) = head.iter().rposition(|&byte| byte == b'\n')
        {
            head.truncate(end);
        }
        let text = encoding::utf8(&head);
        is_document = is_json_document(&text);
        // The pieces of a log are counted through: lines are in the order in which they were written.
        let before = records.last().map_or(0, |last| last.line);
        let more = lines(&text, limit.saturating_sub(records.len()));
        records.extend(more.into_iter().map(|record| Record {
            line: record.line.saturating_add(before),
            ..record
        }));
    }
    Some((records, is_document))
}

/// Whether a text is one JSON value over several lines.
fn is_json_document(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    text.starts_with(b"{") && text.contains(&b'\n') && {
        let value: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(text);
        value.is_ok()
    }
}

/// The longest line that a rule is made of, bytes: what stands in longer ones is read by rules of others, or unexplained.
const LINE_BYTES_MAX: usize = 16 << 10;

fn lines(bytes: &[u8], limit: usize) -> Vec<Record> {
    let text = String::from_utf8_lossy(bytes);
    if let Some(objects) = objects(&text, limit) {
        return objects;
    }
    let lines = Lines::new(&text).take(limit);
    lines
        .filter(|line| line.text.len() <= LINE_BYTES_MAX)
        .map(|line| Record {
            line: u32::try_from(line.number).unwrap_or(u32::MAX),
            text: line.text.replace('\0', ""),
        })
        .collect()
}

/// The objects of a JSON array, or objects over several lines, each as a record of its own; `None` of any other text, and
/// of objects that are a line each.
fn objects(text: &str, limit: usize) -> Option<Vec<Record>> {
    let between = |letter: char| letter.is_whitespace() || matches!(letter, '[' | ']' | ',');
    let mut rest = text.trim_start_matches(between);
    let first_line = text.lines().find(|line| !line.trim().is_empty())?;
    let is_object = |line| matches!(serde_json::from_str(line), Ok(serde_json::Value::Object(_)));
    if !rest.starts_with('{') || is_object(first_line) {
        return None;
    }
    let (mut records, mut line, mut counted) = (Vec::new(), 1, 0);
    while rest.starts_with('{') && records.len() < limit {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<serde_json::Value>();
        let Some(Ok(_)) = values.next() else { break };
        let (object, after) = rest.split_at(values.byte_offset());
        let from = text.len() - rest.len();
        line += text[counted..from].matches('\n').count();
        counted = from;
        records.push(Record {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            text: object.lines().collect::<Vec<_>>().join(" "),
        });
        rest = after.trim_start_matches(between);
    }
    (!records.is_empty()).then_some(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_an_array_are_records() {
        let said = |text: &str| -> Vec<(u32, String)> {
            let records = lines(text.as_bytes(), 10);
            records
                .into_iter()
                .map(|record| (record.line, record.text))
                .collect()
        };
        let one = |line, text: &str| (line, text.to_owned());
        assert_eq!(
            said("[\n  {\"a\":\n 1},\n  {\"a\": 2}\n]\n"),
            [one(2, "{\"a\":  1}"), one(4, "{\"a\": 2}")]
        );
        assert_eq!(
            said("[{\"a\": 1}, {\"a\": 2}, {\"a"),
            [one(1, "{\"a\": 1}"), one(1, "{\"a\": 2}")]
        );
        assert_eq!(
            said("{\"a\": 1}\n{\"a\": 2}"),
            [one(1, "{\"a\": 1}"), one(2, "{\"a\": 2}")]
        );
        assert_eq!(said("[12:00] {x}"), [one(1, "[12:00] {x}")]);
    }
}
