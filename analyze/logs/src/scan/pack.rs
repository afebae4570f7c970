//! Trials in packs: where each is, its manifest, and its machines' logs cut out of the rows.
//!
//! A packed trial is read as the folder that it would be: `RUN/trials-000-999.csv` holds what `RUN/trial-007/machine-0.csv`
//! would, with `7,0,` before each row. Notes and proofs name that file and its lines, so that nothing else needs to know of
//! packs; they are the rows of the pack that begin with `7,0,`, counted from line 2.
//!
//! **Invariant.** No more of a pack is in memory than one trial for each thread. Every byte of the rows is a trial's, or is
//! told.

use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_log::layout::{pack_trials, trial_number};
use event_log::pack::row_prefix;
use event_log::{ClockEvent, MachineEntry, Row as _};
use serde::Deserialize;

use super::place::{Packed, TrialPlace, name};
use files::input::{self, DOCUMENT_BYTES_MAX};
use files::note::{Note, Severity};

/// The most of a pack that is read for one trial, bytes: long trials are not packed.
const PART_BYTES_MAX: u64 = 256 << 20;
/// What stands before a line that is not one of its trial, so that it is not taken for a row.
const STRAY: &[u8] = b"stray ";
/// Fewer bytes than the manifest of any trial has: a file with more lines than this allows is no list of trials.
const MANIFEST_BYTES_MIN: u64 = 64;
/// Bytes behind the last trial that are looked at for its rows.
const SURPLUS_BYTES: u64 = 64 << 10;

/// Where the rows of a trial are: the fields of `PackedTrial` that are not its manifest's.
#[derive(Debug, Deserialize)]
pub(super) struct Extent {
    rows_at: u64,
    rows_bytes: u64,
}

impl Extent {
    /// Where they end.
    fn end(&self) -> u64 {
        self.rows_at.saturating_add(self.rows_bytes)
    }
}

/// What the rows of a packed trial are.
pub(super) struct Rows {
    /// The lines of its machines' logs, as their files would have them behind the header, machine after machine.
    pub(super) lines: Vec<u8>,
    /// Where each machine's end.
    pub(super) ends: Vec<usize>,
    /// What is wrong with them as a whole.
    pub(super) note: Option<Note>,
}

/// The first and the last trial of the pack whose manifests this file holds, by its name; none if it holds none.
pub(super) fn manifests_of(file_name: &str) -> Option<(u64, u64)> {
    pack_trials(file_name).filter(|_| file_name.ends_with(".jsonl"))
}

/// Whether this file holds the rows of a pack, by its name.
pub(super) fn is_of_rows(file_name: &str) -> bool {
    pack_trials(file_name).is_some() && file_name.ends_with(".csv")
}

/// The trials of a pack, in their order.
pub(super) fn places(run: &str, manifests: &Path) -> io::Result<Vec<TrialPlace>> {
    let file_name = name(manifests);
    let Some((first, _)) = manifests_of(&file_name) else {
        return Ok(Vec::new());
    };
    // As many digits as the name of the pack has: as many as the folder's name would have.
    let digits = file_name.split('-').nth(1).map_or(0, str::len);
    let folder = manifests.parent().unwrap_or(Path::new(""));
    let manifests: Arc<Path> = manifests.into();
    let file = input::open_below(&manifests)?;
    let most = file.len() / MANIFEST_BYTES_MIN + 1;
    let mut lines = BufReader::with_capacity(1 << 20, file);
    let mut places: Vec<TrialPlace> = Vec::new();
    let mut at = 0;
    loop {
        let bytes = lines.skip_until(b'\n')? as u64;
        if bytes == 0 {
            let last = places.last_mut().and_then(|last| last.packed.as_mut());
            last.into_iter().for_each(|last| last.last = true);
            return Ok(places);
        }
        if places.len() as u64 == most {
            let found = format!("more than {most} lines: manifests are longer");
            return Err(io::Error::other(found));
        }
        let position = places.len() as u64;
        let trial = first + position;
        places.push(TrialPlace {
            run: run.to_owned(),
            dir: folder.join(format!("trial-{trial:0digits$}")),
            packed: Some(Packed {
                manifests: manifests.clone(),
                line: position + 1,
                at,
                bytes,
                last: false,
            }),
        });
        at += bytes;
    }
}

/// The place of the trial that this folder would hold, if it is not there but in a pack beside it.
pub(super) fn find(folder: &Path) -> Option<TrialPlace> {
    let trial = trial_number(&name(folder)).filter(|_| !folder.exists())?;
    let run = folder.parent()?;
    let run = if run == Path::new("") {
        Path::new(".")
    } else {
        run
    };
    let entries = std::fs::read_dir(run).ok()?.flatten();
    let mut packs = entries.map(|entry| entry.path()).filter(|path| {
        manifests_of(&name(path)).is_some_and(|(first, last)| (first..=last).contains(&trial))
    });
    let run_name = name(&run.canonicalize().ok()?);
    let mut places = places(&run_name, &packs.next()?).ok()?.into_iter();
    let mut place = places.find(|place| trial_number(&name(&place.dir)) == Some(trial))?;
    folder.clone_into(&mut place.dir);
    Some(place)
}

impl TrialPlace {
    /// The trial of this run that this folder holds, or would hold if it were not in a pack.
    pub fn at(run: &str, dir: &Path) -> TrialPlace {
        TrialPlace {
            run: run.to_owned(),
            dir: dir.to_owned(),
            packed: find(dir).and_then(|place| place.packed),
        }
    }
}

impl Packed {
    /// The line of the manifest.
    pub(super) fn manifest(&self) -> io::Result<Vec<u8>> {
        if self.bytes > DOCUMENT_BYTES_MAX {
            let found = format!(
                "a line of {} bytes, more than the {DOCUMENT_BYTES_MAX} of the longest manifest",
                self.bytes
            );
            return Err(io::Error::other(found));
        }
        cut(&self.manifests, self.at, self.bytes)
    }

    /// A note on what stands behind the rows of the last trial of a pack.
    pub(super) fn surplus(&self) -> Option<Note> {
        let extent: Extent = serde_json::from_slice(&self.manifest().ok()?).ok()?;
        let file = self.rows_file();
        let bytes = input::open_below(&file).ok()?.len();
        let surplus = bytes.checked_sub(extent.end()).filter(|bytes| *bytes > 0)?;
        Some(Note::new(
            Severity::Warning,
            &file,
            format!(
                "the end of the file at {}, behind the rows of its last trial",
                extent.end()
            ),
            format!("{surplus} bytes more"),
            "they belong to no trial and were not read; restore the pack, or run its trials again",
        ))
    }

    /// The file that holds the rows.
    pub(super) fn rows_file(&self) -> PathBuf {
        self.manifests.with_extension("csv")
    }

    /// The rows of a trial, by machine. A note says why there are none.
    pub(super) fn rows(
        &self,
        manifest: &[u8],
        trial: u64,
        machines: &[MachineEntry],
    ) -> Result<Rows, Box<Note>> {
        let file = self.rows_file();
        let refuse = |expected: String, found: String| {
            let advice = "the trial was not read; restore the pack, or run its trials again";
            Box::new(Note::new(Severity::Error, &file, expected, found, advice))
        };
        let extent: Extent = serde_json::from_slice(manifest).map_err(|error| {
            let expected = format!(
                "the place of the rows of trial {trial} in line {}",
                self.line
            );
            refuse(expected, error.to_string())
        })?;
        let Extent {
            rows_at,
            rows_bytes,
        } = extent;
        let end = extent.end();
        let expected = || format!("the rows of trial {trial}: {rows_bytes} bytes from {rows_at}");
        let rows = cut(&file, rows_at, rows_bytes)
            .map_err(|error| refuse(expected(), error.to_string()))?;
        if rows.len() as u64 != rows_bytes {
            let end = rows_at + rows.len() as u64;
            return Err(refuse(expected(), format!("the end of the file at {end}")));
        }
        let behind = match self.last {
            true => cut(&file, end, SURPLUS_BYTES).unwrap_or_default(),
            false => Vec::new(),
        };
        let note = rows_behind(&behind, trial).map(|rows| {
            let expected = format!("all rows of trial {trial} before {end}");
            let advice = "they were left out and the trial stays out of the statistics; restore the pack, or run its trials again";
            Note::new(Severity::Warning, &file, expected, rows, advice)
        });
        let (lines, ends) = split(&rows, trial, machines);
        Ok(Rows { lines, ends, note })
    }
}

/// In words, how many lines behind the rows of a trial begin as its rows do; none if none does.
fn rows_behind(behind: &[u8], trial: u64) -> Option<String> {
    let prefix = format!("{trial},");
    let lines = behind.split(|byte| *byte == b'\n');
    let rows = lines
        .filter(|line| line.starts_with(prefix.as_bytes()))
        .count();
    (rows > 0).then(|| format!("{rows} lines behind them that begin as its rows do"))
}

/// Some bytes of a file; fewer where it ends.
fn cut(file: &Path, at: u64, bytes: u64) -> io::Result<Vec<u8>> {
    let file = input::open_below(file)?;
    // What a manifest says may be wrong: no more room than the file can fill.
    let there = file.len().saturating_sub(at);
    let mut file = file.into_file();
    let room = there.min(bytes);
    if room > PART_BYTES_MAX {
        return Err(io::Error::other(format!(
            "{room} bytes of one trial, more than the {PART_BYTES_MAX} that are read of a pack at once"
        )));
    }
    let mut content = Vec::new();
    content.try_reserve_exact(usize::try_from(room).unwrap_or(usize::MAX))?;
    file.seek(SeekFrom::Start(at))?;
    file.take(room).read_to_end(&mut content)?;
    Ok(content)
}

/// The lines of a trial by machine, as files of their own would have them, and where each machine's end. A line that is not
/// of the trial, or of a machine whose rows stand further up, stays where it is and is marked: it is a line that is no row.
fn split(rows: &[u8], trial: u64, machines: &[MachineEntry]) -> (Vec<u8>, Vec<usize>) {
    let prefixes = machines.iter().map(|machine| row_prefix(trial, machine.id));
    let prefixes: Vec<Vec<u8>> = prefixes.map(String::into_bytes).collect();
    let mut lines = Vec::with_capacity(rows.len());
    let mut ends = Vec::with_capacity(machines.len());
    for line in rows.split_inclusive(|&byte| byte == b'\n') {
        let current = ends.len();
        let from_here = prefixes.iter().enumerate().skip(current);
        let mut owners =
            from_here.filter_map(|(at, prefix)| Some((at, line.strip_prefix(&**prefix)?)));
        if let Some((owner, row)) = owners.next() {
            ends.resize(owner, lines.len());
            lines.extend_from_slice(row);
        } else if current < machines.len() {
            lines.extend_from_slice(STRAY);
            lines.extend_from_slice(line);
        }
    }
    ends.resize(machines.len(), lines.len());
    (lines, ends)
}

impl Rows {
    /// The lines of a machine's log.
    pub(super) fn of(&self, machine: usize) -> &[u8] {
        let start = machine.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.lines[start..self.ends[machine]]
    }

    /// The log of a machine as its file would be.
    pub(super) fn file(&self, machine: usize) -> Vec<u8> {
        [ClockEvent::HEADER.as_bytes(), b"\n", self.of(machine)].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(id: u32) -> MachineEntry {
        let text = format!(
            r#"{{"id":{id},"name":"M{id}","log":"machine-{id}.csv","rate":2.0,"phase_ns":0}}"#
        );
        serde_json::from_str(&text).expect("an entry")
    }

    fn texts(rows: &str) -> Vec<String> {
        let (lines, ends) = split(rows.as_bytes(), 7, &[machine(0), machine(1), machine(2)]);
        let rows = Rows {
            lines,
            ends,
            note: None,
        };
        let body = |machine| String::from_utf8(rows.of(machine).to_vec()).expect("ASCII");
        (0..3).map(body).collect()
    }

    #[test]
    fn rows_go_to_their_machines() {
        assert_eq!(texts("7,0,a\n7,0,b\n7,2,c\n"), ["a\nb\n", "", "c\n"]);
        assert_eq!(texts(""), ["", "", ""]);
        assert_eq!(texts("7,1,cut"), ["", "cut", ""]);
    }

    #[test]
    fn a_line_of_another_trial_or_out_of_order_is_no_row() {
        assert_eq!(
            texts("8,0,x\n7,0,a\n7,1,b\n7,0,c\n"),
            ["stray 8,0,x\na\n", "b\nstray 7,0,c\n", ""]
        );
    }

    #[test]
    fn only_manifests_are_packs() {
        assert_eq!(manifests_of("trials-1000-1499.jsonl"), Some((1000, 1499)));
        assert_eq!(manifests_of("trials-1000-1499.csv"), None);
    }
}
