//! Corruptions of `trial.json`: it says something else than what was run.

use crate::common::log::TrialLog;
use event_log::{Design, Drain, Driver, Latency, Odds, Rate, RateRule, Stamp, Status};

use super::kinds::spoiled_in_virtual_time;
use crate::common::chance::Chance;
use crate::common::mutate::Outcome;

/// Another rate of a machine, in the condition too.
pub(super) fn rate(log: &mut TrialLog, _: &mut Chance, m: usize, _: usize) -> Outcome {
    let manifest = &mut log.manifest;
    // The bases have whole rates.
    let rate = Rate::from_hz(manifest.machines[m].rate.hz() as u32 + 1);
    if manifest.condition.design == Design::Timekeeper {
        // Then another machine might have had to keep time.
        return Outcome::NotHere;
    }
    manifest.machines[m].rate = rate;
    match &mut manifest.condition.rates {
        RateRule::Fixed(rates) => rates[m] = rate,
        RateRule::Range(_, high) => *high += 1,
    }
    Outcome::Spoiled
}

/// Another phase: on sockets an earlier one makes all ticks late, and that they may be.
pub(super) fn phase(log: &mut TrialLog, chance: &mut Chance, m: usize, _: usize) -> Outcome {
    let entry = &mut log.manifest.machines[m];
    let old = entry.phase_ns;
    let by = chance.between(2_000, 900_000_000);
    entry.phase_ns = match chance.below(2) {
        0 => old + by,
        _ => old.saturating_sub(by),
    };
    if entry.phase_ns.abs_diff(old) < 2_000 {
        return Outcome::NotHere;
    }
    spoiled_in_virtual_time(log)
}

/// Another start: on sockets an earlier one makes all ticks late.
pub(super) fn start(log: &mut TrialLog, chance: &mut Chance, _: usize, _: usize) -> Outcome {
    let by = chance.between(2_000, 900_000_000) as i64 * chance.pick(&[1, -1]);
    let started_ns = &mut log.manifest.started_ns;
    *started_ns = started_ns.and_then(|old| old.checked_add_signed(by));
    spoiled_in_virtual_time(log)
}

/// Some seconds more or less than were run.
pub(super) fn duration(log: &mut TrialLog, chance: &mut Chance, _: usize, _: usize) -> Outcome {
    let by = chance.between(2, 10) as i64 * 1_000_000_000 * chance.pick(&[1, -1]);
    let duration_ns = &mut log.manifest.condition.duration_ns;
    *duration_ns = duration_ns.saturating_add_signed(by);
    Outcome::Spoiled
}

/// The other rule of what a tick takes: it shows where a message was left waiting, or where two were taken at once.
pub(super) fn drain(log: &mut TrialLog, _: &mut Chance, _: usize, _: usize) -> Outcome {
    let waited = log
        .machines
        .iter()
        .any(|machine| machine.rows.queue.iter().any(|&queue| queue > 0));
    let drain = &mut log.manifest.condition.drain;
    let (new, shows) = match *drain {
        Drain::One => (Drain::All, waited),
        Drain::All => (
            Drain::One,
            log.machines
                .iter()
                .any(|machine| takes_two(&machine.rows.tick)),
        ),
    };
    *drain = new;
    match shows {
        true => Outcome::Spoiled,
        false => Outcome::MayBeCorrect,
    }
}

fn takes_two(ticks: &[u64]) -> bool {
    ticks.windows(2).any(|pair| pair[0] == pair[1])
}

pub(super) fn stamp(log: &mut TrialLog, _: &mut Chance, _: usize, _: usize) -> Outcome {
    let stamp = &mut log.manifest.condition.stamp;
    *stamp = match *stamp {
        Stamp::After => Stamp::Before,
        Stamp::Before => Stamp::After,
    };
    Outcome::Spoiled
}

pub(super) fn ids(log: &mut TrialLog, _: &mut Chance, m: usize, _: usize) -> Outcome {
    let machines = &mut log.manifest.machines;
    let other = (m + 1) % machines.len();
    let id = machines[m].id;
    machines[m].id = machines[other].id;
    machines[other].id = id;
    Outcome::Spoiled
}

/// Two machines with each other's log.
pub(super) fn logs(log: &mut TrialLog, _: &mut Chance, m: usize, _: usize) -> Outcome {
    let machines = &mut log.manifest.machines;
    let other = (m + 1) % machines.len();
    let name = machines[m].log.clone();
    machines[m].log = std::mem::replace(&mut machines[other].log, name);
    Outcome::Spoiled
}

pub(super) fn status(log: &mut TrialLog, chance: &mut Chance, _: usize, _: usize) -> Outcome {
    log.manifest.status = chance.pick(&[Status::Running, Status::Aborted, Status::Degraded]);
    Outcome::Spoiled
}

/// Messages that take next to no time.
pub(super) fn latency(log: &mut TrialLog, chance: &mut Chance, _: usize, _: usize) -> Outcome {
    if log.manifest.condition.driver != Driver::Virtual {
        return Outcome::NotHere;
    }
    log.manifest.condition.latency = Some(Latency {
        min_ns: 0,
        max_ns: chance.below(2),
    });
    Outcome::MayBeCorrect
}

pub(super) fn seed(log: &mut TrialLog, chance: &mut Chance, _: usize, _: usize) -> Outcome {
    log.manifest.seed += chance.between(1, 1 << 40);
    Outcome::MayBeCorrect
}

/// Other odds, under which everything that happened is possible.
pub(super) fn odds(log: &mut TrialLog, chance: &mut Chance, _: usize, _: usize) -> Outcome {
    let odds = &mut log.manifest.condition.odds;
    *odds = match *odds {
        Odds::Sides(sides) => Odds::Sides(sides + chance.between(1, 10) as u32),
        Odds::Internal(internal) => Odds::Internal(internal * (0.1 + 0.8 * chance.unit())),
    };
    Outcome::MayBeCorrect
}
