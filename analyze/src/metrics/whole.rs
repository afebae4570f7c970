//! What is measured of a trial as a whole: sums, means and extremes over its machines.
//!
//! **Invariant.** A number over all machines is known only if every machine gives its part.

use events::Trial;
use serde::{Deserialize, Serialize};

use super::machine::MachineMetrics;
use super::units::{Number as _, Units};

/// A metric of a trial as a whole.
#[derive(Debug, Clone, Copy)]
pub struct WholeMetric {
    /// Its name: the field in JSON.
    pub name: &'static str,
    /// Its unit; empty for a plain number.
    pub unit: &'static str,
    /// What it means, in a sentence.
    pub definition: &'static str,
    /// Its value for one trial.
    pub value: fn(&WholeMetrics) -> Option<f64>,
}

/// Fields of [`WholeMetrics`] and their entries in [`WHOLE`], from one list, so that a definition stands once.
macro_rules! whole {
    ($($name:ident: $kind:ty, $unit:literal, $definition:literal;)*) => {
        /// What is measured of a trial as a whole. In JSON the fields stand beside those of the trial.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
        pub struct WholeMetrics {
            $(#[doc = $definition] pub $name: Option<$kind>,)*
        }

        /// The metrics of [`WholeMetrics`], in the order of the JSON object.
        pub const WHOLE: &[WholeMetric] = &[
            $(WholeMetric {
                name: stringify!($name),
                unit: $unit,
                definition: $definition,
                value: |whole| whole.$name.map(|value| value.number()),
            },)*
        ];
    };
}

whole! {
    final_spread: Units, "units",
        "Largest minus smallest of the machines' last clocks.";
    trial_messages: u64, "messages",
        "Messages sent, by all machines together; a send to all counts once for each recipient, and a message through a hub \
         once.";
    trial_messages_per_s: f64, "messages/s",
        "trial_messages over the nominal length of the trial; of complete trials only.";
    trial_connections: u64, "connections",
        "Connections that the trial holds: one for each pair of machines; with a hub one for each machine.";
    trial_lag_mean: f64, "units",
        "Mean over the machines of their lag_mean: each machine counts the same, however often it ticks.";
    trial_lag_max: Units, "units",
        "Largest lag of any machine at any of its events.";
    trial_queue_mean: f64, "messages",
        "Mean over the machines of their queue_time_mean: messages waiting at one machine, at a time taken at random.";
    trial_queue_max: u64, "messages",
        "Longest queue of any machine after any event.";
    trial_queue_last: u64, "messages",
        "Messages in the queues of all machines together after their last events.";
    trial_jump_max: Units, "units",
        "Largest jump of any machine.";
    trial_unreceived: u64, "messages",
        "Messages sent and not received by the end of the trial, of all machines together; without those of a timekeeper that \
         a newer one superseded.";
    trial_clock_condition_broken: f64, "share",
        "Share of all receives, from 0 to 1, whose clock does not exceed the clock of the send event.";
}

/// Measures a trial from what is measured of its machines.
pub fn measure(trial: &Trial, machines: &[MachineMetrics]) -> WholeMetrics {
    let peers = machines.len().saturating_sub(1) as u64;
    let copies = |machine: &MachineMetrics| {
        let events = &machine.events;
        Some(events.send? + events.broadcast? * peers)
    };
    let messages = all(machines, copies).map(|sent| sent.iter().sum::<u64>());
    let clocks = all(machines, |machine| machine.jumps.clock_final);
    WholeMetrics {
        final_spread: clocks
            .and_then(|clocks| Some(Units(clocks.iter().max()?.0 - clocks.iter().min()?.0))),
        trial_messages: messages,
        trial_messages_per_s: messages
            .zip(trial.lasted_s())
            .map(|(messages, seconds)| messages as f64 / seconds),
        trial_connections: trial.connections(),
        trial_lag_mean: mean(machines, |machine| machine.lag.lag_mean),
        trial_lag_max: largest(machines, |machine| machine.lag.lag_max),
        trial_queue_mean: mean(machines, |machine| machine.queues.queue_time_mean),
        trial_queue_max: largest(machines, |machine| machine.queues.queue_max),
        trial_queue_last: all(machines, |machine| machine.queues.queue_last)
            .map(|lengths| lengths.iter().sum()),
        trial_jump_max: largest(machines, |machine| machine.jumps.jump_max),
        trial_unreceived: all(machines, |machine| machine.messages.unreceived)
            .map(|unreceived| unreceived.iter().sum()),
        trial_clock_condition_broken: clock_condition_broken(machines),
    }
}

/// The machines' shares, each weighed by its receives; machines that received nothing have none.
pub(super) fn clock_condition_broken(machines: &[MachineMetrics]) -> Option<f64> {
    let receives = all(machines, |machine| machine.events.receive)?;
    let (mut broken, mut weighed) = (0.0, 0.0);
    for (machine, receives) in machines.iter().zip(receives) {
        if let Some(share) = machine.messages.clock_condition_broken {
            broken += share * receives as f64;
            weighed += receives as f64;
        }
    }
    (weighed > 0.0).then(|| broken / weighed)
}

/// A value of every machine but those that are known to have done nothing; none if one does not give it, or if there is
/// no machine.
fn all<T>(
    machines: &[MachineMetrics],
    value: impl Fn(&MachineMetrics) -> Option<T>,
) -> Option<Vec<T>> {
    let active = machines
        .iter()
        .filter(|machine| machine.events.events != Some(0));
    let values: Option<Vec<T>> = active.map(value).collect();
    values.filter(|values| !values.is_empty())
}

fn mean(
    machines: &[MachineMetrics],
    value: impl Fn(&MachineMetrics) -> Option<f64>,
) -> Option<f64> {
    statistics::mean(&all(machines, value)?)
}

fn largest<T: Ord>(
    machines: &[MachineMetrics],
    value: impl Fn(&MachineMetrics) -> Option<T>,
) -> Option<T> {
    all(machines, value)?.into_iter().max()
}
