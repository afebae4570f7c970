//! Where the trials are.
//!
//! A path may be a trial's folder, a run's folder, or any folder above them. Folders are searched in the order of
//! their names; hidden ones, `target` and symbolic links are not entered. Trials in packs stand before those in folders.
//!
//! **Invariant.** The same paths give the same trials in the same order, each once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::FileType;
use std::io;
use std::path::{Path, PathBuf};

use event_log::layout::{RUN_FILE, TRIAL_FILE, trial_number};
use thiserror::Error;

use super::beside::Beside;
use super::clock_file;
use super::pack;
use super::place::{Packed, TrialPlace, name};
use super::remark::Remark;
use super::run;
use files::note::{Note, Severity};
use formats::inventory::is_called_as_a_log;
use formats::line_stats::UnreadLog;

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Trials in order.
    pub places: Vec<TrialPlace>,
    /// What is not as it should be: missing trials, folders without a manifest.
    pub remarks: Vec<Remark>,
    /// Logs of other programs beside them, which are not read.
    pub unread_logs: Vec<UnreadLog>,
}

impl Found {
    /// The notes, in the order of the search.
    pub fn notes(&self) -> Vec<Note> {
        self.remarks.iter().flat_map(Remark::notes).collect()
    }
}

/// Why there is nothing to analyse.
#[derive(Debug, Error)]
pub enum ScanError {
    /// A path cannot be searched.
    #[error("cannot read {} as the folder of a trial, of a run, or one above them", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A path is a file.
    #[error("{}: expected a folder, found a file; pass the folder it is in: {}", path.display(), folder.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Its folder.
        folder: PathBuf,
    },
    /// There are no logs.
    #[error(
        "no logs in {}: looked for folders with {TRIAL_FILE} (a trial) or {RUN_FILE} (a run) in it and below; \
         make some with `runner trial`, or pass another folder; logs of other programs are read with --log-format{}",
        list(paths),
        unread_in_words(*unread)
    )]
    Nothing {
        /// Where they were looked for.
        paths: Vec<PathBuf>,
        /// How many folders below them could not be read.
        unread: usize,
    },
}

fn list(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    names.join(", ")
}

fn unread_in_words(unread: usize) -> String {
    match unread {
        0 => String::new(),
        1 => " (one folder below could not be read)".to_owned(),
        _ => format!(" ({unread} folders below could not be read)"),
    }
}

/// Finds the trials under these paths.
///
/// # Errors
///
/// [`ScanError`] when a path is not a folder that can be read, or when there is nothing in any of them that looks like
/// a log.
pub fn find(paths: &[PathBuf]) -> Result<Found, ScanError> {
    let mut search = Search::default();
    for path in paths {
        let failed = |source| ScanError::Path {
            path: path.clone(),
            source,
        };
        if let Some(place) = pack::find(path) {
            let pack = place.packed.as_ref().map(|packed| packed.manifests.clone());
            let pack = pack.as_deref().unwrap_or(path);
            search.add_packed(pack, vec![place]).map_err(failed)?;
            continue;
        }
        if std::fs::metadata(path).map_err(failed)?.is_file() {
            let parent = path.parent().filter(|parent| *parent != Path::new(""));
            return Err(ScanError::File {
                path: path.clone(),
                folder: parent.unwrap_or(Path::new(".")).to_owned(),
            });
        }
        search.visit(path).map_err(failed)?;
    }
    if search.found.places.is_empty() && !search.logs_seen {
        return Err(ScanError::Nothing {
            paths: paths.to_vec(),
            unread: search.unread,
        });
    }
    let logs = search.beside.logs();
    let notes = search.beside.notes(&logs).into_iter().map(Remark::Note);
    search.found.remarks.extend(notes);
    search.found.unread_logs = logs
        .into_iter()
        .map(|log| UnreadLog {
            file: log.display().to_string(),
            reason: "a log of another program beside logs of ours".to_owned(),
        })
        .collect();
    Ok(search.found)
}

#[derive(Default)]
struct Search {
    found: Found,
    seen: BTreeSet<PathBuf>,
    /// Lines of packs, by pack.
    seen_packed: BTreeMap<PathBuf, BTreeSet<u64>>,
    /// Whether anything looks like a run or a trial, even one that cannot be read.
    logs_seen: bool,
    /// Folders that could not be listed.
    unread: usize,
    /// What lies beside the trials and could be a log.
    beside: Beside,
}

/// The entries of a folder that matter.
#[derive(Default)]
struct Listing {
    folders: Vec<PathBuf>,
    links: Vec<PathBuf>,
    /// Manifests of packs.
    packs: Vec<PathBuf>,
    /// Rows of packs without their manifests.
    lone_rows: Vec<PathBuf>,
    /// What has the name of a log in general, and its kind.
    others: Vec<(PathBuf, FileType)>,
    logs: usize,
    is_trial: bool,
    is_run: bool,
}

impl Search {
    fn visit(&mut self, dir: &Path) -> io::Result<()> {
        let listing = Listing::of(dir)?;
        if listing.is_trial {
            return self.add_trial(dir);
        }
        if listing.logs > 0 {
            self.note(
                Severity::Error,
                dir,
                TRIAL_FILE.to_owned(),
                format!("{} machine logs without a manifest", listing.logs),
                "the logs were not read: rates and start are not known without it; restore it from the run",
            );
        } else if trial_number(&name(dir)).is_some() {
            let found = "neither a manifest nor logs".to_owned();
            let advice = "the trial was never begun, or its files were removed; repeat it";
            self.note(Severity::Warning, dir, TRIAL_FILE.to_owned(), found, advice);
        }
        let mut packed = Vec::new();
        for pack in &listing.packs {
            packed.extend(self.add_pack(dir, pack)?);
        }
        if listing.is_run {
            let remark = run::check(dir, &listing.folders, &packed);
            self.found.remarks.push(remark);
        } else {
            let note = run::without_manifest(dir, &listing.folders, &packed);
            self.found.remarks.extend(note.map(Remark::Note));
        }
        let is_of_ours = listing.is_run || listing.logs > 0 || !listing.packs.is_empty();
        self.beside.add(listing.others, is_of_ours);
        for rows in &listing.lone_rows {
            self.note(
                Severity::Error,
                rows,
                "the manifests of a pack beside its rows, in a .jsonl of the same name".to_owned(),
                "none".to_owned(),
                "its trials were not read: rates and start are not known without them; restore the file from the run",
            );
        }
        let like_a_trial = listing.logs > 0 || trial_number(&name(dir)).is_some();
        let packs = !listing.packs.is_empty() || !listing.lone_rows.is_empty();
        self.logs_seen |= listing.is_run || like_a_trial || packs;
        for link in &listing.links {
            let advice = "links are not followed; pass the folder itself";
            self.note(
                Severity::Info,
                link,
                "a folder".to_owned(),
                "a symbolic link".to_owned(),
                advice,
            );
        }
        for folder in &listing.folders {
            if let Err(error) = self.visit(folder) {
                let expected = "a folder that can be read".to_owned();
                let advice = "what is in it was not read; change its permissions";
                self.note(Severity::Error, folder, expected, error.to_string(), advice);
                self.unread += 1;
            }
        }
        Ok(())
    }

    fn add_trial(&mut self, dir: &Path) -> io::Result<()> {
        let real = dir.canonicalize()?;
        let run = real.parent().map(name).unwrap_or_default();
        if self.seen.insert(real) {
            self.found.places.push(TrialPlace {
                run,
                dir: dir.to_owned(),
                packed: None,
            });
        }
        Ok(())
    }

    /// Adds the trials of a pack; the numbers of all that it has.
    fn add_pack(&mut self, dir: &Path, pack: &Path) -> io::Result<Vec<u64>> {
        let run = dir.canonicalize()?;
        let places = match pack::places(&name(&run), pack) {
            Ok(places) => places,
            Err(error) => {
                let expected = "the manifests of a pack".to_owned();
                let advice = "its trials were not read; change its permissions";
                self.note(Severity::Error, pack, expected, error.to_string(), advice);
                return Ok(Vec::new());
            }
        };
        let found = places.len() as u64;
        let stretch = pack::manifests_of(&name(pack));
        if let Some((first, last)) =
            stretch.filter(|(first, last)| last.checked_sub(*first) != found.checked_sub(1))
        {
            let expected = format!("manifests of trials {first} to {last}");
            let advice = "the pack was cut or lengthened; those that are there are read; restore it, or run its trials again";
            self.note(Severity::Warning, pack, expected, found.to_string(), advice);
        }
        let numbers = places
            .iter()
            .filter_map(|place| trial_number(&name(&place.dir)));
        let numbers = numbers.collect();
        let last = places.last().and_then(|last| last.packed.as_ref());
        let surplus = last.and_then(Packed::surplus).map(Remark::Note);
        self.found.remarks.extend(surplus);
        self.add_packed(pack, places)?;
        Ok(numbers)
    }

    /// Adds trials of a pack, each once whether asked for by itself or with its run.
    fn add_packed(&mut self, pack: &Path, places: Vec<TrialPlace>) -> io::Result<()> {
        let seen = self.seen_packed.entry(pack.canonicalize()?).or_default();
        let is_new = |place: &TrialPlace| {
            let packed = place.packed.as_ref();
            packed.is_some_and(|packed| seen.insert(packed.line))
        };
        self.found.places.extend(places.into_iter().filter(is_new));
        Ok(())
    }

    fn note(
        &mut self,
        severity: Severity,
        at: &Path,
        expected: String,
        found: String,
        advice: &str,
    ) {
        let note = Note::new(severity, at, expected, found, advice);
        self.found.remarks.push(Remark::Note(note));
    }
}

impl Listing {
    fn of(dir: &Path) -> io::Result<Listing> {
        let mut listing = Listing::default();
        let mut rows = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let path = entry.path();
            let name = name(&path);
            if kind.is_dir() {
                if !name.starts_with('.') && name != "target" {
                    listing.folders.push(path);
                }
            } else if kind.is_symlink() && path.is_dir() {
                listing.links.push(path);
            } else if name == TRIAL_FILE {
                listing.is_trial = true;
            } else if name == RUN_FILE {
                listing.is_run = true;
            } else if clock_file::is_called_as_ours(&name) {
                listing.logs += 1;
            } else if pack::manifests_of(&name).is_some() {
                listing.packs.push(path);
            } else if pack::is_of_rows(&name) {
                rows.push(path);
            } else if is_called_as_a_log(&name) {
                listing.others.push((path, kind));
            }
        }
        rows.retain(|rows| !listing.packs.contains(&rows.with_extension("jsonl")));
        listing.lone_rows = rows;
        listing.folders.sort();
        listing.packs.sort();
        listing.lone_rows.sort();
        listing.links.sort();
        listing.others.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(listing)
    }
}
