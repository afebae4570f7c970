//! Trials for export, one after another.

use event_log::layout::trial_number;

use super::error::ExportError;
use super::trial::Trial;
use files::note::Note;
use files::parallel;
use logs::origin::Origins;

/// Trials read at a time.
const BATCH: usize = 8;
/// Names of trials shown when there is none of the name asked for.
const NAMES_SHOWN: usize = 10;

/// Hands over each trial of some origins that has events, ours before those of others, or those of a number or name; what
/// is wrong with their logs.
pub(super) fn each(
    origins: &Origins,
    wanted: Option<&str>,
    take: &mut dyn FnMut(Trial) -> Result<(), ExportError>,
) -> Result<Vec<Note>, ExportError> {
    let places = origins.places()?;
    let mut notes = places.notes().to_vec();
    let mut there: Vec<String> = Vec::new();
    let mut read = false;
    let is_wanted = |name: &str| wanted.is_none_or(|wanted| is_called(name, wanted));
    let (mut chosen, mut names) = (Vec::new(), Vec::new());
    for place in 0..places.len() {
        let name = places.name(place);
        if name.as_deref().is_none_or(is_wanted) {
            chosen.push(place);
        }
        names.extend(name);
    }
    for batch in chosen.chunks(BATCH) {
        let of_places = parallel::map(batch, |&place| places.read(place));
        for (&place, of_place) in batch.iter().zip(of_places) {
            // The places of our own trials are chosen by name already.
            let is_chosen = places.name(place).is_some();
            let read_here = match of_place {
                Ok(read_here) => read_here,
                Err(note) => {
                    notes.push(*note);
                    continue;
                }
            };
            notes.extend(read_here.notes);
            for trial in read_here.trials {
                if !is_chosen {
                    if trial.is_empty() {
                        continue;
                    }
                    there.push(trial.info.name.clone());
                }
                if is_chosen || is_wanted(&trial.info.name) {
                    read = true;
                    take(Trial::of(trial))?;
                }
            }
        }
    }
    names.extend(there);
    match wanted {
        _ if read => Ok(notes),
        Some(wanted) if !names.iter().any(|name| is_wanted(name)) && !names.is_empty() => {
            names.truncate(NAMES_SHOWN);
            Err(ExportError::NoSuchTrial {
                wanted: wanted.to_owned(),
                there: names,
            })
        }
        _ => Err(ExportError::Unreadable { notes }),
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
