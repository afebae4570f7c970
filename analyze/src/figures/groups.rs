//! Which machines of which trials are repetitions of one another.

use plots::axes::rate;
use plots::palette::{COLOURS, Look, landmarks, looks, slot};
use plots::series::Curve;

use crate::condition::setting::called;
use crate::plot_data::{ConditionDigest, MachineDigest, TrialDigest};

/// Machines whose curves repeat one another in several trials: the same machine, or that of the same rank.
pub(super) struct Group {
    pub(super) name: String,
    /// Nominal ticks per second, if all its machines have the same.
    pub(super) rate_hz: Option<f64>,
    pub(super) look: Look,
    /// One curve for each trial, and whether the trial is complete.
    pub(super) curves: Vec<(Curve, bool)>,
}

/// The trials in which any machine logged anything.
pub(super) fn with_rows(condition: &ConditionDigest) -> Vec<&TrialDigest> {
    let logged = |trial: &&TrialDigest| trial.machines.iter().any(|m| !m.clock.is_empty());
    condition.trials.iter().filter(logged).collect()
}

/// Whether machine by machine the trials have the same rates, or do not tell them: then a machine is what it is called.
pub(super) fn same_rates(trials: &[&TrialDigest]) -> bool {
    let mut machines = trials.iter().flat_map(|trial| &trial.machines);
    let unknown = machines.any(|machine| machine.rate_hz.is_none());
    let mut pairs = trials.windows(2);
    unknown || pairs.all(|pair| rates(pair[0]) == rates(pair[1]))
}

/// Rates of a trial's machines, to put them in order: 0 where they are not known, so that machines stay as they stand.
pub(super) fn rates(trial: &TrialDigest) -> Vec<f64> {
    let machines = trial.machines.iter();
    machines
        .map(|machine| machine.rate_hz.unwrap_or_default())
        .collect()
}

/// What a machine is called, e.g. `M2 · 6 Hz`.
pub(super) fn name(machine: &MachineDigest) -> String {
    let called = called(machine.machine.0, machine.name.as_deref());
    match machine.rate_hz {
        Some(hertz) => format!("{called} · {} Hz", rate(hertz)),
        None => called,
    }
}

/// A group for each machine of trials that share their rates.
pub(super) fn machines_of(
    trials: &[&TrialDigest],
    curve: fn(&MachineDigest) -> Curve,
) -> Vec<Group> {
    let first = trials[0];
    let looks = looks(&rates(first)).into_iter();
    let machines = first.machines.iter().zip(looks).enumerate();
    let group = |(index, (machine, look)): (usize, (&MachineDigest, Look))| Group {
        name: name(machine),
        rate_hz: machine.rate_hz,
        look,
        curves: trials
            .iter()
            .map(|trial| (curve(&trial.machines[index]), trial.complete))
            .collect(),
    };
    machines.map(group).collect()
}

/// A group for the slowest, the median and the fastest machine of each trial.
pub(super) fn ranks_of(trials: &[&TrialDigest], curve: fn(&MachineDigest) -> Curve) -> Vec<Group> {
    let count = trials
        .iter()
        .map(|trial| trial.machines.len())
        .min()
        .unwrap_or(0);
    let names: &[&str] = match count {
        0 => &[],
        1 => &["only machine"],
        2 => &["slowest", "fastest"],
        _ => &["slowest", "median", "fastest"],
    };
    let group = |(rank, name): (usize, &&str)| Group {
        name: (*name).to_owned(),
        rate_hz: None,
        // Ranks are not machines: they have colours of their own.
        look: slot(COLOURS / 2 + rank),
        curves: trials
            .iter()
            .map(|trial| (landmarks(&rates(trial))[rank], trial))
            .map(|(index, trial)| (curve(&trial.machines[index]), trial.complete))
            .collect(),
    };
    names.iter().enumerate().map(group).collect()
}
