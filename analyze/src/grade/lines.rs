//! Lines of logs, for reports.

use std::io::BufRead as _;
use std::path::Path;

use super::judgement::Line;
use events::Machine;
use logs::scan;

/// The longest text of a line that is shown, in characters.
const TEXT_LENGTH_MAX: usize = 160;

/// The line of a machine's event, and what it shows.
pub(super) fn line(machine: &Machine, row: usize, shows: impl Into<String>) -> Option<Line> {
    if row >= machine.rows.len() {
        return None;
    }
    let file = machine.files.get(machine.rows.file(row))?;
    let line = machine.rows.line(row);
    Some(Line {
        file: file.clone(),
        line,
        text: text_of(file, line).unwrap_or_default(),
        shows: shows.into(),
    })
}

/// The text of a line; none where the file does not have it, or cannot be read any more.
fn text_of(file: &Path, line: u32) -> Option<String> {
    let wanted = (line as usize).checked_sub(1)?;
    let bytes = scan::open(file).ok()?.split(b'\n').nth(wanted)?.ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_end();
    match text.char_indices().nth(TEXT_LENGTH_MAX) {
        Some((end, _)) => Some(format!("{}…", &text[..end])),
        None => Some(text.to_owned()),
    }
}
