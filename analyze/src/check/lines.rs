//! The text of the lines that are shown: of ours as their rows are written, of others read again from their files.
//!
//! **Invariant.** Each file is read once, no further than the last line wanted of it.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};

use events::Trial;
use laws::LogLine;

use logs::scan;

/// The longest text shown of a line, in characters.
const LENGTH_MAX: usize = 240;

/// Puts the text of each line of evidence beside its place.
pub(super) fn fill<'a>(lines: impl Iterator<Item = &'a mut LogLine>, trial: &Trial) {
    let mut wanted: BTreeMap<PathBuf, Vec<&mut LogLine>> = BTreeMap::new();
    for line in lines {
        match line.at {
            None => line.text = "(the whole log)".to_owned(),
            Some(at) if trial.is_own() => line.text = scan::line::text(trial, at),
            Some(_) => wanted.entry(line.file.clone()).or_default().push(line),
        }
    }
    for (file, mut lines) in wanted {
        let numbers = lines.iter().filter_map(|line| line.line);
        let texts = texts(&file, &numbers.collect::<Vec<u32>>());
        for line in &mut lines {
            let text = line.line.and_then(|number| texts.get(&number));
            line.text = text.map_or_else(
                || "(the line cannot be read again)".to_owned(),
                Clone::clone,
            );
        }
    }
}

fn texts(file: &Path, wanted: &[u32]) -> BTreeMap<u32, String> {
    let mut texts = BTreeMap::new();
    let (Ok(mut lines), Some(&last)) = (scan::open(file), wanted.iter().max()) else {
        return texts;
    };
    let mut bytes = Vec::new();
    for number in 1..=last {
        bytes.clear();
        match lines.read_until(b'\n', &mut bytes) {
            Ok(read) if read > 0 => {}
            _ => break,
        }
        if wanted.contains(&number) {
            let text = String::from_utf8_lossy(&bytes);
            let text: String = text.trim_end().chars().take(LENGTH_MAX).collect();
            texts.insert(number, text.replace('\t', " "));
        }
    }
    texts
}
