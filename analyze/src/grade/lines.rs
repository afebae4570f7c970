//! Lines of logs, for reports.

use std::io::BufRead as _;
use std::path::Path;

use super::judgement::Line;
use crate::history::MachineHistory;
use crate::scan;

/// The longest text of a line that is shown, in characters.
const TEXT_LENGTH_MAX: usize = 160;

/// The line of a machine's event, and what it shows.
pub(super) fn line(
    machine: &MachineHistory,
    event: usize,
    shows: impl Into<String>,
) -> Option<Line> {
    let event = machine.events.get(event)?;
    let file = machine.files.get(event.file as usize)?;
    Some(Line {
        file: file.clone(),
        line: event.line,
        text: text_of(file, event.line).unwrap_or_default(),
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
