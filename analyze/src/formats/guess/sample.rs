//! What is looked at: the files below the paths, and the first lines of each.
//!
//! **Invariant.** Every regular file below the paths is sampled, or left out for a reason that is told.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How much is looked at; the proposed format is put to the test on all of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// Bytes of each file.
    bytes: u64,
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
    /// Its path relative to the path given, with `/` between its parts.
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
    /// Files that cannot be, by reason.
    pub(super) left_out: BTreeMap<String, Vec<String>>,
}

/// Looks at the files below these paths.
///
/// # Errors
///
/// When a path cannot be read.
pub(super) fn take(paths: &[PathBuf], size: Size) -> io::Result<Sample> {
    let mut sample = Sample::default();
    let mut found = Vec::new();
    for path in paths {
        if path.is_file() {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            found.push((path.clone(), name));
        } else {
            walk(path, "", &mut found)?;
        }
    }
    let mut lines_left = size.lines;
    let each = (size.lines / found.len().max(1)).max(50);
    for (path, relative) in found {
        if let Some(reason) = not_a_log(&relative) {
            sample
                .left_out
                .entry(reason.to_owned())
                .or_default()
                .push(relative);
            continue;
        }
        match head(&path, size.bytes) {
            Ok(bytes) if bytes.iter().take(4096).any(|&byte| byte == 0) => {
                sample
                    .left_out
                    .entry("not text".to_owned())
                    .or_default()
                    .push(relative);
            }
            Ok(bytes) => {
                if sample.files.len() < size.files && lines_left > 0 {
                    let records = lines(&bytes, each.min(lines_left));
                    lines_left -= records.len();
                    sample.files.push(SampleFile { relative, records });
                }
            }
            Err(error) => {
                sample
                    .left_out
                    .entry(format!("cannot be read: {error}"))
                    .or_default()
                    .push(relative);
            }
        }
    }
    Ok(sample)
}

fn walk(dir: &Path, relative: &str, found: &mut Vec<(PathBuf, String)>) -> io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(dir)?.collect::<io::Result<_>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let below = if relative.is_empty() {
            name.clone()
        } else {
            format!("{relative}/{name}")
        };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            let skipped = name.starts_with('.')
                || ["target", "node_modules", "__pycache__", "venv"].contains(&name.as_str());
            if !skipped {
                walk(&entry.path(), &below, found)?;
            }
        } else if kind.is_file() {
            found.push((entry.path(), below));
        }
    }
    Ok(())
}

/// Why a file of this name is no log.
fn not_a_log(relative: &str) -> Option<&'static str> {
    let name = relative
        .rsplit('/')
        .next()
        .unwrap_or(relative)
        .to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if name.starts_with('.') {
        return Some("hidden file");
    }
    if [
        "readme",
        "readme.txt",
        "license",
        "license.txt",
        "makefile",
        "dockerfile",
        "requirements.txt",
        "notes.txt",
        "cmakelists.txt",
    ]
    .contains(&name.as_str())
    {
        return Some("a document of the project");
    }
    match extension {
        "png" | "jpg" | "jpeg" | "gif" | "svg" | "pdf" | "bmp" | "webp" | "ico" | "mp4" => {
            Some("a picture or document")
        }
        "py" | "rs" | "go" | "java" | "c" | "h" | "cc" | "cpp" | "hpp" | "js" | "ts" | "rb"
        | "sh" | "ipynb" | "proto" | "class" | "pyc" | "cs" | "kt" | "scala" | "ex" | "r" | "m"
        | "bat" => Some("program code"),
        "md" | "rst" | "tex" | "html" | "htm" | "docx" | "css" => Some("a picture or document"),
        "toml" | "yaml" | "yml" | "ini" | "cfg" | "lock" | "conf" | "xml" | "gitignore" => {
            Some("settings")
        }
        "zip" | "gz" | "tar" | "bz2" | "xz" | "7z" | "xlsx" | "xls" | "pkl" | "npy" | "npz"
        | "parquet" | "db" | "sqlite" | "exe" | "o" | "so" | "jar" | "bin" => Some("not text"),
        _ => None,
    }
}

fn head(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == limit
        && let Some(end) = bytes.iter().rposition(|&byte| byte == b'\n')
    {
        bytes.truncate(end);
    }
    Ok(bytes)
}

fn lines(bytes: &[u8], limit: usize) -> Vec<Record> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    if let Some(objects) = objects(&text, limit) {
        return objects;
    }
    let lines = text.lines().take(limit).zip(1..);
    lines
        .map(|(text, line)| Record {
            line,
            text: text.trim_end_matches('\r').to_owned(),
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
