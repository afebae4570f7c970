//! All metrics by name: those of a machine, and those of a whole trial.
//!
//! **Invariant.** The names are those of the fields in JSON; a test compares the lists.

use std::sync::LazyLock;

use super::machine::MachineMetrics;
use super::rank::Rank;
use super::units::Number as _;
use super::whole::{WHOLE, WholeMetrics};

/// A metric of a machine.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name: the field in JSON.
    pub name: &'static str,
    /// Its unit; empty for a plain number.
    pub unit: &'static str,
    /// Its value for one machine of one trial.
    pub value: fn(&MachineMetrics) -> Option<f64>,
}

/// A metric of a whole trial: one value a trial, whatever its machines.
#[derive(Debug, Clone, Copy)]
pub struct TrialMetric {
    /// Its name in JSON.
    pub name: &'static str,
    /// Its unit; empty for a plain number.
    pub unit: &'static str,
    /// What it means, in a sentence.
    pub definition: &'static str,
    /// Where its value comes from.
    pub of: Of,
}

/// Where a trial's value comes from.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// From the trial as a whole.
    Whole(fn(&WholeMetrics) -> Option<f64>),
    /// From the machines of a rank: the mean over them where rates are equal.
    Ranked(Rank, fn(&MachineMetrics) -> Option<f64>),
}

impl TrialMetric {
    /// Its value for one trial.
    pub fn value(&self, whole: &WholeMetrics, machines: &[MachineMetrics]) -> Option<f64> {
        match self.of {
            Of::Whole(value) => value(whole),
            Of::Ranked(rank, value) => rank.mean_of(machines, value),
        }
    }

    /// Whose it is: `trial`, or the rank of the machines.
    pub fn owner(&self) -> &'static str {
        match self.of {
            Of::Whole(_) => "trial",
            Of::Ranked(rank, _) => rank.name(),
        }
    }
}

/// Name of the metric of whole trials that is older than the others, and has a field of its own in JSON.
pub const FINAL_SPREAD: &str = "final_spread";

macro_rules! metrics {
    ($($part:ident . $name:ident $unit:literal)*) => {
        /// Every metric of a machine, in the order of the JSON object.
        pub const METRICS: &[Metric] = &[$(Metric {
            name: stringify!($name),
            unit: $unit,
            value: |machine| machine.$part.$name.map(|value| value.number()),
        }),*];

        const SLOWEST: &[TrialMetric] = &[$(TrialMetric {
            name: concat!("slowest_", stringify!($name)),
            unit: $unit,
            definition: concat!(stringify!($name), " of the slowest machine; where several are, their mean."),
            of: Of::Ranked(Rank::Slowest, |machine| machine.$part.$name.map(|value| value.number())),
        }),*];

        const FASTEST: &[TrialMetric] = &[$(TrialMetric {
            name: concat!("fastest_", stringify!($name)),
            unit: $unit,
            definition: concat!(stringify!($name), " of the fastest machine; where several are, their mean."),
            of: Of::Ranked(Rank::Fastest, |machine| machine.$part.$name.map(|value| value.number())),
        }),*];
    };
}

metrics! {
    events.events "events"
    events.internal "events"
    events.send "events"
    events.broadcast "events"
    events.receive "events"
    events.send_share "share"
    events.receive_share "share"
    ticks.ticks "ticks"
    ticks.tick_rate "1/s"
    ticks.tick_error_percent "%"
    ticks.lateness_p50_ms "ms"
    ticks.lateness_p99_ms "ms"
    ticks.lateness_max_ms "ms"
    ticks.times_backwards "rows"
    jumps.clock_first "units"
    jumps.clock_final "units"
    jumps.clock_max "units"
    jumps.jump_mean "units"
    jumps.jump_deviation "units"
    jumps.jump_p50 "units"
    jumps.jump_p99 "units"
    jumps.jump_max "units"
    jumps.jump_min "units"
    jumps.jumps_above_one "share"
    jumps.jumps_above_one_count "jumps"
    jumps.clock_decreases "rows"
    jumps.receive_jump_mean "units"
    jumps.receive_jump_max "units"
    account.own_ticks "units"
    account.inherited "units"
    account.unexplained "units"
    account.minted_unknown "units"
    drift.duration_s "s"
    drift.logical_rate "units/s"
    drift.logical_rate_slope "units/s"
    drift.drift_factor ""
    drift.drift_final "units"
    lag.lag_mean "units"
    lag.lag_deviation "units"
    lag.lag_max "units"
    lag.lag_final "units"
    queues.queue_rows "rows"
    queues.queue_mean "messages"
    queues.queue_deviation "messages"
    queues.queue_time_mean "messages"
    queues.queue_p90 "messages"
    queues.queue_max "messages"
    queues.queue_last "messages"
    queues.queue_above_one "share"
    queues.queue_growth "messages/s"
    queues.arrival_rate "messages/s"
    messages.wait_mean_s "s"
    messages.wait_p99_s "s"
    messages.wait_max_s "s"
    messages.unreceived "messages"
    messages.superseded "messages"
    messages.clock_condition_broken "share"
}

/// Every metric of a whole trial: its own, then for each metric of a machine that of the slowest and that of the fastest
/// (`slowest_lag_mean`, `fastest_jump_max`), so that trials can be compared whose machines do not correspond.
pub static TRIAL_METRICS: LazyLock<Vec<TrialMetric>> = LazyLock::new(|| {
    let whole = WHOLE.iter().map(|metric| TrialMetric {
        name: metric.name,
        unit: metric.unit,
        definition: metric.definition,
        of: Of::Whole(metric.value),
    });
    let of_ranks = [SLOWEST, FASTEST].concat();
    whole.chain(of_ranks).collect()
});

/// The metric of a machine of this name.
pub fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

/// The metric of a whole trial of this name.
pub fn trial_metric(name: &str) -> Option<&'static TrialMetric> {
    TRIAL_METRICS.iter().find(|metric| metric.name == name)
}
