//! All metrics of a machine by name.
//!
//! **Invariant.** The names are those of the fields in JSON; a test compares the two lists.

use super::MachineMetrics;

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

macro_rules! metrics {
    ($($part:ident . $name:ident $unit:literal)*) => {
        &[$(Metric {
            name: stringify!($name),
            unit: $unit,
            value: |machine| machine.$part.$name.map(|value| value as f64),
        }),*]
    };
}

/// Every metric, in the order of the JSON object.
pub const METRICS: &[Metric] = metrics! {
    events.events "events"
    events.internal "events"
    events.send "events"
    events.broadcast "events"
    events.receive "events"
    ticks.ticks "ticks"
    ticks.tick_rate "1/s"
    ticks.tick_error_percent "%"
    ticks.lateness_p50_ms "ms"
    ticks.lateness_p99_ms "ms"
    ticks.lateness_max_ms "ms"
    jumps.clock_first "units"
    jumps.clock_final "units"
    jumps.jump_mean "units"
    jumps.jump_p50 "units"
    jumps.jump_p99 "units"
    jumps.jump_max "units"
    jumps.jumps_above_one "share"
    jumps.receive_jump_mean "units"
    jumps.receive_jump_max "units"
    drift.duration_s "s"
    drift.logical_rate "units/s"
    drift.logical_rate_slope "units/s"
    drift.drift_factor ""
    drift.drift_final "units"
    drift.inherited "units"
    lag.lag_mean "units"
    lag.lag_max "units"
    lag.lag_final "units"
    queues.queue_mean "messages"
    queues.queue_time_mean "messages"
    queues.queue_p90 "messages"
    queues.queue_max "messages"
    queues.queue_last "messages"
    queues.queue_growth "messages/s"
    queues.arrival_rate "messages/s"
    messages.wait_mean_s "s"
    messages.wait_p99_s "s"
    messages.wait_max_s "s"
    messages.unreceived "messages"
};

/// The metric of this name.
pub fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}
