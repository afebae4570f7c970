//! Whose logs lie below some paths, and in which format to read those of others: decided here, for every question.
//!
//! ```text
//! paths ─┬→ ours, which their manifests say ──────────────────────────────→ scan
//!        └→ others': in the format that is named, or that the logs suggest → formats
//! ```
//!
//! **Invariant.** Logs of ours are never guessed. A format that nobody named is taken only if it explains every line, and
//! reads logs of every folder that holds some.

mod detect;
mod error;
mod logs;
mod places;

use std::fs;
use std::path::{Path, PathBuf};

pub use detect::{Detected, FolderLogs, GUESSED, detect, of_folder};
pub use error::OriginError;
use event_log::layout::{RUN_FILE, TRIAL_FILE};
pub use logs::{Detection, Origins, Others};
pub use places::{Places, Read};

use crate::scan::{self, ScanError};
use files::input;
use formats::builtin::builtin;
use formats::exported;
use formats::line_stats::Account;
use formats::spec::Format;
use formats::{Compiled, Inventory};

/// Lines that nothing explains that an error shows.
const UNEXPLAINED_SHOWN: usize = 10;

/// Decides whose the logs below some paths are. A format that is named is for all paths if all are ours or none is, else for
/// the others.
///
/// # Errors
///
/// When there is nothing to read, when there are summaries, or when lines remain that no format explains.
pub fn find(paths: &[PathBuf], log_format: Option<&str>) -> Result<Origins, OriginError> {
    if let Some(path) = paths.iter().find(|path| is_summary(path)) {
        return Err(OriginError::Summary { path: path.clone() });
    }
    let (ours, others) = partitioned(paths);
    if !ours.is_empty() && !others.is_empty() {
        let others = match log_format {
            Some(name) => vec![named(&others, name)?],
            None => of_others(&others)?,
        };
        return Ok(Origins { ours, others });
    }
    if let Some(name) = log_format {
        return Ok(Origins {
            ours: Vec::new(),
            others: vec![named(paths, name)?],
        });
    }
    match scan::find(paths) {
        Ok(_) => Ok(Origins {
            ours: paths.to_vec(),
            others: Vec::new(),
        }),
        Err(error @ (ScanError::Nothing { .. } | ScanError::File { .. })) => {
            if paths.iter().any(|path| holds_ours(path)) {
                return Err(error.into());
            }
            Ok(Origins {
                ours: Vec::new(),
                others: of_others(paths)?,
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether a path is a summary: called as one, and no exported table.
pub fn is_summary(path: &Path) -> bool {
    is_called_summary(path) && !exported::is_parquet_table(path)
}

/// Whether a path is called as summaries are.
pub fn is_called_summary(path: &Path) -> bool {
    path.extension().is_some_and(|kind| kind == "parquet") && !path.is_dir()
}

/// Which paths hold logs of ours, and which do not.
fn partitioned(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<PathBuf>) {
    match paths {
        // Whether the only path is ours is found out when it is searched.
        [_] => (paths.to_vec(), Vec::new()),
        _ => paths.iter().cloned().partition(|path| holds_ours(path)),
    }
}

/// Whether a path holds logs of ours, or is a file of a trial of ours.
fn holds_ours(path: &Path) -> bool {
    if path.is_dir() {
        return scan::find(&[path.to_owned()]).is_ok();
    }
    let beside = path.with_file_name(TRIAL_FILE);
    beside.is_file() || path.with_file_name(RUN_FILE).is_file()
}

fn named(paths: &[PathBuf], name: &str) -> Result<Others, OriginError> {
    let compiled = format(name)?;
    Ok(Others {
        inventory: Inventory::of(paths)?,
        compiled,
        detection: None,
    })
}

/// The format of others' logs, or one for each folder where one for all of them does not explain every line.
fn of_others(paths: &[PathBuf]) -> Result<Vec<Others>, OriginError> {
    let joint = match detected(paths) {
        Ok(others) => return Ok(vec![others]),
        Err(joint) => joint,
    };
    if paths.len() < 2 || !paths.iter().all(|path| path.is_dir()) {
        return Err(joint);
    }
    let alone = paths
        .iter()
        .map(|path| detected(std::slice::from_ref(path)));
    alone.collect()
}

/// The format that logs of others suggest.
fn detected(paths: &[PathBuf]) -> Result<Others, OriginError> {
    let inventory = Inventory::of(paths)?;
    let found = detect(&inventory)?;
    let account = found.reading.account;
    let open = account.unexplained();
    if open > 0 {
        return Err(OriginError::Unexplained {
            open,
            lines: account.lines(),
            examples: unexplained_lines(&account),
            paths: words(paths),
        });
    }
    if let Some(path) = passed_over(&account, paths) {
        return Err(OriginError::SeveralFormats { path: path.clone() });
    }
    Ok(Others {
        compiled: Compiled::new(&found.format)?,
        inventory,
        detection: Some(Detection {
            name: found.name,
            account,
            doubts: found.doubts,
        }),
    })
}

/// A folder among these paths whose logs the format of the others does not read.
fn passed_over<'a>(account: &Account, paths: &'a [PathBuf]) -> Option<&'a PathBuf> {
    // A folder may be named in more than one way: `.`, `./north`, through a link.
    let files: Vec<PathBuf> = account
        .files
        .iter()
        .filter_map(|file| fs::canonicalize(&file.file).ok())
        .collect();
    let read = |folder: &Path| {
        let folder = fs::canonicalize(folder);
        folder.map_or(true, |folder| {
            files.iter().any(|file| file.starts_with(&folder))
        })
    };
    let mut folders = paths.iter().filter(|path| path.is_dir() && !read(path));
    folders.find(|folder| {
        let inventory = Inventory::of(std::slice::from_ref(*folder));
        inventory.is_ok_and(|inventory| detect(&inventory).is_ok())
    })
}

/// The format of this name or in this file.
///
/// # Errors
///
/// When there is none, or it is no format.
pub fn format(name: &str) -> Result<Compiled, OriginError> {
    let file = Path::new(name);
    let known = builtin().iter().find(|format| format.name == name);
    let format: Format = match known {
        Some(format) if !file.is_file() => format.clone(),
        _ if file.is_file() => {
            let text = input::text(file).map_err(|source| OriginError::FormatFile {
                name: name.to_owned(),
                source,
            })?;
            Format::from_toml(&text, file)?
        }
        _ => {
            return Err(OriginError::NoFormat {
                name: name.to_owned(),
            });
        }
    };
    Ok(Compiled::new(&format)?)
}

/// The first lines that nothing explains, with their places.
pub fn unexplained_lines(account: &Account) -> Vec<String> {
    let files = account.files.iter();
    let lines = files.flat_map(|file| file.examples.iter().map(move |line| (file, line)));
    lines
        .take(UNEXPLAINED_SHOWN)
        .map(|(file, line)| {
            format!(
                "  {}:{}: {} ({})",
                file.file, line.line, line.text, line.why
            )
        })
        .collect()
}

fn words(paths: &[PathBuf]) -> String {
    let paths = paths.iter().map(|path| path.display().to_string());
    paths.collect::<Vec<String>>().join(" ")
}
