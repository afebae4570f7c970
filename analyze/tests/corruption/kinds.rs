//! The kinds of corruption: what each does, and what proves it.

use crate::common::log::TrialLog;
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
    /// What proves it in virtual time.
    pub(crate) proof: Proof,
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

/// What proves that a trial in virtual time was spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The laws, or the reader.
    Laws,
    /// Only its dice, rolled again: the spoilt log is one that another seed or other odds give. On sockets too.
    Dice,
    /// Only what the trial writes when it is run again, which in virtual time alone is the same from one seed.
    Bytes,
}

use Deed::{Mutation, Other, Row};
use Place::{Any, First, Last};
use Proof::{Bytes, Dice, Laws};

const fn kind(name: &'static str, place: Place, deed: Deed, proof: Proof) -> Kind {
    Kind {
        name,
        place,
        deed,
        proof,
    }
}

/// Every kind.
pub(crate) const ALL: [Kind; 54] = [
    kind("first row missing", First, Mutation("row deleted"), Laws),
    kind("a row missing", Any, Mutation("row deleted"), Laws),
    kind("last row missing", Last, Mutation("row deleted"), Laws),
    kind("end missing", Any, Mutation("end of the log missing"), Laws),
    kind("a row twice", Any, Mutation("row logged twice"), Laws),
    kind("neighbours exchanged", Any, Mutation("rows swapped"), Laws),
    kind(
        "distant rows exchanged",
        Any,
        Row(fields::distant_rows),
        Laws,
    ),
    kind(
        "events exchanged",
        Any,
        Mutation("events of two ticks swapped"),
        Laws,
    ),
    kind("clock + 1", Any, Mutation("clock + 1"), Laws),
    kind("clock - 1", Any, Mutation("clock - 1"), Laws),
    kind("clock + 100", Any, Row(fields::clock_far), Laws),
    kind("all clocks shifted", Any, Row(fields::all_clocks), Laws),
    kind("last clock + 1", Last, Mutation("clock + 1"), Laws),
    kind("peer of a receive", Any, Mutation("sender changed"), Laws),
    kind("peer of a send", Any, Mutation("recipient changed"), Laws),
    kind("sent_tick", Any, Mutation("sent_tick ± k"), Laws),
    kind("sent_clock + 1", Any, Mutation("sent_clock + 1"), Laws),
    kind("sent_clock - 1", Any, Mutation("sent_clock - 1"), Laws),
    kind(
        "time backwards",
        Any,
        Mutation("time before the row before"),
        Laws,
    ),
    kind("forged receive", Any, Mutation("any other → receive"), Laws),
    kind("replayed receive", Any, Row(fields::replayed), Laws),
    kind(
        "receive → internal, own clock",
        Any,
        Row(fields::unreceived),
        Laws,
    ),
    kind(
        "receive → internal",
        Any,
        Mutation("receive → internal"),
        Laws,
    ),
    kind("send → internal", Any, Mutation("send → internal"), Laws),
    kind("send → broadcast", Any, Mutation("send → broadcast"), Laws),
    kind("broadcast → send", Any, Mutation("broadcast → send"), Laws),
    kind("internal → send", Any, Mutation("internal → send"), Laws),
    kind(
        "receipts exchanged",
        Any,
        Mutation("messages of two receives exchanged"),
        Laws,
    ),
    kind("ticks renumbered", Any, Row(fields::ticks_renumbered), Laws),
    kind("a tick + 1", Any, Mutation("tick + 1"), Laws),
    kind(
        "logs exchanged",
        Any,
        Mutation("logs of two machines exchanged"),
        Laws,
    ),
    kind(
        "log of another trial",
        Any,
        Other(fields::log_of_other),
        Laws,
    ),
    kind("empty log", Any, Row(fields::emptied), Laws),
    kind("queue + 1", Any, Mutation("queue + 1"), Laws),
    kind("queue - 1", Any, Mutation("queue - 1"), Laws),
    kind("last queue + 1", Last, Mutation("queue + 1"), Laws),
    kind(
        "skew + 5 ms",
        Any,
        Row(|log, _, m, _| fields::skewed(log, m, 5_000_000)),
        Laws,
    ),
    kind(
        "skew - 5 ms",
        Any,
        Row(|log, _, m, _| fields::skewed(log, m, -5_000_000)),
        Laws,
    ),
    kind(
        "time + 1 ms",
        Any,
        Row(|log, _, m, row| fields::moved(log, m, row, 1_000_000)),
        Laws,
    ),
    kind(
        "time - 1 ms",
        Any,
        Row(|log, _, m, row| fields::moved(log, m, row, -1_000_000)),
        Laws,
    ),
    // Due times are rounded to less than a microsecond.
    kind("time ± 1 ns", Any, Row(fields::moved_least), Bytes),
    // Both its ends are made internal events, where no clock and no queue shows it.
    kind("a hidden message", Any, Row(fields::hidden), Dice),
    kind("manifest: a rate", Any, Row(manifest::rate), Laws),
    kind("manifest: a phase", Any, Row(manifest::phase), Laws),
    kind("manifest: the start", Any, Row(manifest::start), Laws),
    kind("manifest: the duration", Any, Row(manifest::duration), Laws),
    kind("manifest: drain", Any, Row(manifest::drain), Laws),
    kind("manifest: stamp", Any, Row(manifest::stamp), Laws),
    kind("manifest: ids", Any, Row(manifest::ids), Laws),
    kind("manifest: names of logs", Any, Row(manifest::logs), Laws),
    kind("manifest: status", Any, Row(manifest::status), Laws),
    // Messages that wait longer than they need are no wonder.
    kind("manifest: latency", Any, Row(manifest::latency), Bytes),
    // Nothing but the dice depends on these.
    kind("manifest: the seed", Any, Row(manifest::seed), Dice),
    kind("manifest: odds of the die", Any, Row(manifest::odds), Dice),
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
