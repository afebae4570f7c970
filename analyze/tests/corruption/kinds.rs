//! The kinds of corruption: what each does, and who can find it.

use analyze::trial_log::TrialLog;
use event_log::Driver;

use super::{fields, manifest};
use crate::common::chance::Chance;
use crate::common::mutate::{self, Outcome};

/// A kind of corruption.
pub(crate) struct Kind {
    /// Its name.
    pub(crate) name: &'static str,
    /// Which rows it is put to.
    pub(crate) place: Place,
    /// What it does.
    pub(crate) deed: Deed,
    /// Who can find it in virtual time.
    pub(crate) found: Found,
}

/// Which rows of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Any,
    First,
    Last,
}

/// What is done to a log.
#[derive(Clone, Copy)]
pub(crate) enum Deed {
    /// The mutation of this name.
    Mutation(&'static str),
    /// Something else, to a row of a machine.
    Row(fn(&mut TrialLog, &mut Chance, usize, usize) -> Outcome),
    /// Something that another trial of the same condition is needed for.
    Other(fn(&mut TrialLog, &TrialLog, usize) -> Outcome),
}

/// Who can find a corruption of a trial in virtual time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// The laws, or the reader.
    ByTheLaws,
    /// Only who runs the trial again: the spoilt log is, or may be, one that another seed or another condition gives.
    ByReplay,
}

use Deed::{Mutation, Other, Row};
use Found::{ByReplay, ByTheLaws};
use Place::{Any, First, Last};

const fn kind(name: &'static str, place: Place, deed: Deed, found: Found) -> Kind {
    Kind {
        name,
        place,
        deed,
        found,
    }
}

/// Every kind.
pub(crate) const ALL: [Kind; 54] = [
    kind(
        "first row missing",
        First,
        Mutation("row deleted"),
        ByTheLaws,
    ),
    kind("a row missing", Any, Mutation("row deleted"), ByTheLaws),
    kind("last row missing", Last, Mutation("row deleted"), ByTheLaws),
    kind(
        "end missing",
        Any,
        Mutation("end of the log missing"),
        ByTheLaws,
    ),
    kind("a row twice", Any, Mutation("row logged twice"), ByTheLaws),
    kind(
        "neighbours exchanged",
        Any,
        Mutation("rows swapped"),
        ByTheLaws,
    ),
    kind(
        "distant rows exchanged",
        Any,
        Row(fields::distant_rows),
        ByTheLaws,
    ),
    kind(
        "events exchanged",
        Any,
        Mutation("events of two ticks swapped"),
        ByTheLaws,
    ),
    kind("clock + 1", Any, Mutation("clock + 1"), ByTheLaws),
    kind("clock - 1", Any, Mutation("clock - 1"), ByTheLaws),
    kind("clock + 100", Any, Row(fields::clock_far), ByTheLaws),
    kind(
        "all clocks shifted",
        Any,
        Row(fields::all_clocks),
        ByTheLaws,
    ),
    kind("last clock + 1", Last, Mutation("clock + 1"), ByTheLaws),
    kind(
        "peer of a receive",
        Any,
        Mutation("sender changed"),
        ByTheLaws,
    ),
    kind(
        "peer of a send",
        Any,
        Mutation("recipient changed"),
        ByTheLaws,
    ),
    kind("sent_tick", Any, Mutation("sent_tick ± k"), ByTheLaws),
    kind("sent_clock + 1", Any, Mutation("sent_clock + 1"), ByTheLaws),
    kind("sent_clock - 1", Any, Mutation("sent_clock - 1"), ByTheLaws),
    kind(
        "time backwards",
        Any,
        Mutation("time before the row before"),
        ByTheLaws,
    ),
    kind(
        "forged receive",
        Any,
        Mutation("any other → receive"),
        ByTheLaws,
    ),
    kind("replayed receive", Any, Row(fields::replayed), ByTheLaws),
    kind(
        "receive → internal, own clock",
        Any,
        Row(fields::unreceived),
        ByTheLaws,
    ),
    kind(
        "receive → internal",
        Any,
        Mutation("receive → internal"),
        ByTheLaws,
    ),
    kind(
        "send → internal",
        Any,
        Mutation("send → internal"),
        ByTheLaws,
    ),
    kind(
        "send → broadcast",
        Any,
        Mutation("send → broadcast"),
        ByTheLaws,
    ),
    kind(
        "broadcast → send",
        Any,
        Mutation("broadcast → send"),
        ByTheLaws,
    ),
    kind(
        "internal → send",
        Any,
        Mutation("internal → send"),
        ByTheLaws,
    ),
    kind(
        "receipts exchanged",
        Any,
        Mutation("messages of two receives exchanged"),
        ByTheLaws,
    ),
    kind(
        "ticks renumbered",
        Any,
        Row(fields::ticks_renumbered),
        ByTheLaws,
    ),
    kind("a tick + 1", Any, Mutation("tick + 1"), ByTheLaws),
    kind(
        "logs exchanged",
        Any,
        Mutation("logs of two machines exchanged"),
        ByTheLaws,
    ),
    kind(
        "log of another trial",
        Any,
        Other(fields::log_of_other),
        ByTheLaws,
    ),
    kind("empty log", Any, Row(fields::emptied), ByTheLaws),
    kind("queue + 1", Any, Mutation("queue + 1"), ByTheLaws),
    kind("queue - 1", Any, Mutation("queue - 1"), ByTheLaws),
    kind("last queue + 1", Last, Mutation("queue + 1"), ByTheLaws),
    kind(
        "skew + 5 ms",
        Any,
        Row(|log, _, m, _| fields::skewed(log, m, 5_000_000)),
        ByTheLaws,
    ),
    kind(
        "skew - 5 ms",
        Any,
        Row(|log, _, m, _| fields::skewed(log, m, -5_000_000)),
        ByTheLaws,
    ),
    kind(
        "time + 1 ms",
        Any,
        Row(|log, _, m, row| fields::moved(log, m, row, 1_000_000)),
        ByTheLaws,
    ),
    kind(
        "time - 1 ms",
        Any,
        Row(|log, _, m, row| fields::moved(log, m, row, -1_000_000)),
        ByTheLaws,
    ),
    // Due times are rounded to less than a microsecond.
    kind("time ± 1 ns", Any, Row(fields::moved_least), ByReplay),
    // Both its ends are made internal events, where no clock and no queue shows it.
    kind("a hidden message", Any, Row(fields::hidden), ByReplay),
    kind("manifest: a rate", Any, Row(manifest::rate), ByTheLaws),
    kind("manifest: a phase", Any, Row(manifest::phase), ByTheLaws),
    kind("manifest: the start", Any, Row(manifest::start), ByTheLaws),
    kind(
        "manifest: the duration",
        Any,
        Row(manifest::duration),
        ByTheLaws,
    ),
    kind("manifest: drain", Any, Row(manifest::drain), ByTheLaws),
    kind("manifest: stamp", Any, Row(manifest::stamp), ByTheLaws),
    kind("manifest: ids", Any, Row(manifest::ids), ByTheLaws),
    kind(
        "manifest: names of logs",
        Any,
        Row(manifest::logs),
        ByTheLaws,
    ),
    kind("manifest: status", Any, Row(manifest::status), ByTheLaws),
    // Messages that wait longer than they need are no wonder.
    kind("manifest: latency", Any, Row(manifest::latency), ByReplay),
    // Nothing but the dice depends on these.
    kind("manifest: the seed", Any, Row(manifest::seed), ByReplay),
    kind(
        "manifest: odds of the die",
        Any,
        Row(manifest::odds),
        ByReplay,
    ),
];

impl Kind {
    /// Spoils a log somewhere. Whether it is no longer a correct one; none if there is nowhere to do this.
    pub(crate) fn spoil(
        &self,
        log: &TrialLog,
        other: &TrialLog,
        chance: &mut Chance,
    ) -> Option<(TrialLog, Outcome)> {
        let mutations = mutate::all();
        for _ in 0..100 {
            let mut log = log.clone();
            let machine = chance.below(log.machines.len() as u64) as usize;
            let rows = log.machines[machine].rows.len() as u64;
            let row = match self.place {
                Any => chance.below(rows),
                First => 0,
                Last => rows - 1,
            } as usize;
            let outcome = match self.deed {
                Row(deed) => deed(&mut log, chance, machine, row),
                Other(deed) => deed(&mut log, other, machine),
                Mutation(name) => {
                    let mutation = mutations.iter().find(|mutation| mutation.name == name);
                    let spoil = mutation.expect("a mutation of this name").spoil;
                    spoil(&mut log, chance, machine, row)
                }
            };
            if outcome != Outcome::NotHere {
                return Some((log, outcome));
            }
        }
        None
    }
}

/// On sockets a tick may be late, so that a time or a schedule moved towards it shows only by chance.
pub(super) fn spoiled_in_virtual_time(log: &TrialLog) -> Outcome {
    match log.manifest.condition.driver {
        Driver::Virtual => Outcome::Spoiled,
        Driver::Sockets => Outcome::MayBeCorrect,
    }
}
