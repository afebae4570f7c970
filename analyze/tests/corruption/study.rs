//! Spoilt runs given to `analyze check`, and what it says of them.

use files::parallel;

use super::base::Base;
use super::kinds::{ALL, Kind};
use crate::common::chance::Chance;
use crate::common::mutate::Outcome;

/// All kinds put to some bases.
pub(crate) struct Study {
    /// One for each kind.
    pub(crate) counts: Vec<Counts>,
    /// Corruptions that leave no correct log, and that were not caught all the same.
    pub(crate) missed: Vec<String>,
}

/// What was caught of a kind.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    /// Spoilt logs.
    pub(crate) of: u32,
    /// Of these, those about which `check` found something.
    pub(crate) caught: u32,
}

impl Study {
    /// Puts each kind to so many places, the bases in turn.
    pub(crate) fn run(bases: &[Base], places: u64, replay: bool) -> Study {
        for base in bases {
            let options = &base.log.manifest.condition;
            assert!(!base.is_caught(&base.log, replay), "correct: {options:?}");
        }
        let mut study = Study {
            counts: Vec::new(),
            missed: Vec::new(),
        };
        for (number, kind) in (0..).zip(&ALL) {
            let places: Vec<u64> = (0..places).collect();
            let tried = parallel::map(&places, |place| {
                let mut chance = Chance::new(number * 1_000 + place);
                try_one(kind, bases, *place, &mut chance, replay)
            });
            let mut counts = Counts::default();
            for (caught, missed) in tried.into_iter().flatten() {
                counts.of += 1;
                counts.caught += u32::from(caught);
                study.missed.extend(missed);
            }
            study.counts.push(counts);
        }
        study
    }

    /// The kinds, each with what was caught of it in every study.
    pub(crate) fn table(studies: &[(&str, Study)]) -> String {
        let mut text = format!("{:<32}", "kind");
        for (head, _) in studies {
            text += &format!("{head:>17}");
        }
        for (row, kind) in ALL.iter().enumerate() {
            let counts = studies.iter().map(|(_, study)| study.counts[row]);
            text += &line(kind.name, counts);
        }
        let sum = |study: &Study| {
            let counts = study.counts.iter();
            counts.fold(Counts::default(), |sum, counts| Counts {
                of: sum.of + counts.of,
                caught: sum.caught + counts.caught,
            })
        };
        text + &line("all", studies.iter().map(|(_, study)| sum(study))) + "\n"
    }
}

fn line(name: &str, counts: impl Iterator<Item = Counts>) -> String {
    let cells = counts.map(|counts| format!("{:>17}", format!("{}/{}", counts.caught, counts.of)));
    format!("\n{name:<32}") + &cells.collect::<String>()
}

/// Whether a log spoilt in this way was caught, and a word on it if it had to be and was not; none if there is nowhere to
/// spoil one.
fn try_one(
    kind: &Kind,
    bases: &[Base],
    place: u64,
    chance: &mut Chance,
    replay: bool,
) -> Option<(bool, Option<String>)> {
    // The bases in turn; where one has no place for this kind, the next.
    let turns = (0..bases.len()).map(|turn| &bases[(place as usize + turn) % bases.len()]);
    let mut spoilt =
        turns.filter_map(|base| Some((base, kind.spoil(&base.log, &base.other, chance)?)));
    let (base, (log, outcome)) = spoilt.next()?;
    let caught = base.is_caught(&log, replay);
    let missed = (!caught && outcome == Outcome::Spoiled)
        .then(|| format!("{}, place {place}: {:?}", kind.name, log.manifest.condition));
    Some((caught, missed))
}
