//! Trials for export, one after another.

use std::path::PathBuf;

use event_log::layout::trial_number;

use super::{ExportError, Trial};
use crate::formats::account::{FileAccount, warnings};
use crate::formats::{Compiled, Inventory, load, plan};
use crate::note::Note;
use crate::parallel;
use crate::scan::{self, TrialPlace};

/// Trials read at a time.
const BATCH: usize = 8;
/// Names of trials shown when there is none of the name asked for.
const NAMES_SHOWN: usize = 10;

/// Hands over each trial below the paths, or those of a number or name; what is wrong with their logs.
pub(super) fn each(
    paths: &[PathBuf],
    log_format: Option<&Compiled>,
    wanted: Option<&str>,
    take: &mut dyn FnMut(Trial) -> Result<(), ExportError>,
) -> Result<Vec<Note>, ExportError> {
    match log_format {
        Some(compiled) => others(paths, compiled, wanted, take),
        None => ours(paths, wanted, take),
    }
}

/// Hands over each trial of another program that has events.
fn others(
    paths: &[PathBuf],
    compiled: &Compiled,
    wanted: Option<&str>,
    take: &mut dyn FnMut(Trial) -> Result<(), ExportError>,
) -> Result<Vec<Note>, ExportError> {
    let plan = plan(&Inventory::of(paths)?, compiled)?;
    let (mut notes, mut there) = (warnings(&plan.unread_logs), Vec::new());
    let mut taken = 0;
    for batch in plan.trials.chunks(BATCH) {
        for loaded in parallel::map(batch, |files| load(files, compiled)) {
            notes.extend(loaded.notes);
            notes.extend(loaded.account.files.iter().filter_map(FileAccount::warning));
            for trial in loaded.trials {
                if trial.is_empty() {
                    continue;
                }
                there.push(trial.info.name.clone());
                if wanted.is_none_or(|wanted| is_called(&trial.info.name, wanted)) {
                    taken += 1;
                    take(Trial::of(trial.matched()))?;
                }
            }
        }
    }
    match (taken, wanted) {
        (0, Some(wanted)) if !there.is_empty() => {
            there.truncate(NAMES_SHOWN);
            Err(ExportError::NoSuchTrial {
                wanted: wanted.to_owned(),
                there,
            })
        }
        (0, _) => Err(ExportError::Unreadable { notes }),
        _ => Ok(notes),
    }
}

/// Hands over each trial of ours.
fn ours(
    paths: &[PathBuf],
    wanted: Option<&str>,
    take: &mut dyn FnMut(Trial) -> Result<(), ExportError>,
) -> Result<Vec<Note>, ExportError> {
    let found = scan::find(paths)?;
    let name = |place: &TrialPlace| {
        let name = place.dir.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let places = found.places.iter().filter(|place| {
        let name = name(place);
        wanted.is_none_or(|wanted| is_called(&name, wanted))
    });
    let places: Vec<&TrialPlace> = places.collect();
    if let (Some(wanted), true) = (wanted, places.is_empty()) {
        return Err(ExportError::NoSuchTrial {
            wanted: wanted.to_owned(),
            there: found.places.iter().map(name).take(NAMES_SHOWN).collect(),
        });
    }
    let mut notes = found.notes();
    let mut read = false;
    for batch in places.chunks(BATCH) {
        let trials = parallel::map(batch, |place| {
            let loaded = scan::load(place)?;
            Ok::<_, Box<Note>>((Trial::of(loaded.trial), loaded.notes))
        });
        for trial in trials {
            match trial {
                Ok((trial, of_trial)) => {
                    read = true;
                    notes.extend(of_trial);
                    take(trial)?;
                }
                Err(note) => notes.push(*note),
            }
        }
    }
    if read {
        Ok(notes)
    } else {
        Err(ExportError::Unreadable { notes })
    }
}

/// Whether a trial is called so: by its name, or by the number that its name ends with.
fn is_called(name: &str, wanted: &str) -> bool {
    if name == wanted {
        return true;
    }
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    let number = trial_number(name).or_else(|| digits.parse().ok());
    number.is_some() && number == wanted.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_are_called_by_name_or_number() {
        assert!(is_called("trial-003", "3") && is_called("trial-003", "trial-003"));
        assert!(is_called("experiment_12", "12") && is_called("7", "7"));
        assert!(!is_called("trial-013", "3") && !is_called("trial-003", "trial-3"));
        assert!(!is_called("night", ""));
    }
}
