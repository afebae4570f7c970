//! A trial as it is exported: its table, and vector clocks from its messages.
//!
//! **Invariant.** Receives that contradict the others pass on no knowledge, and are named.

use events::vector_time::{self, Vectors};
use events::{At, Match, TimeOrigin};

/// The most vector components computed of one trial, 64 MiB of them: events × machines. Trials beyond it have no vectors.
pub const COMPONENTS_MAX: usize = 1 << 24;
/// The most circles of messages that are cut before a trial is exported without vectors.
pub(super) const CIRCLES_MAX: usize = 1000;

/// A trial, and what its messages say.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The trial, its messages matched.
    pub table: events::Trial,
    /// The vector clocks of the events, from the matched messages; none where there are too many components, or too many
    /// contradictions.
    pub vectors: Option<Vectors>,
    /// Receives that come before their own sends, by the other messages: positions of machines and events. Vectors leave
    /// them out.
    pub circular: Vec<(usize, usize)>,
    /// When it started, in the times of its log; none if it has no times.
    pub(super) start_ns: Option<i64>,
}

impl Trial {
    /// Computes vector clocks from the messages of a trial, which are matched.
    pub fn of(table: events::Trial) -> Trial {
        let (vectors, circular) = vectors(&table);
        Trial {
            start_ns: start_ns(&table),
            vectors,
            circular,
            table,
        }
    }

    /// All events, causes first, as far as certain messages tell: positions of machines and of their events.
    pub fn in_causal_order(&self) -> Vec<(usize, usize)> {
        let machines = self.table.machines.iter().enumerate();
        let mut events: Vec<(usize, usize)> = machines
            .flat_map(|(machine, of)| (0..of.rows.len()).map(move |event| (machine, event)))
            .collect();
        events.sort_by_cached_key(|&(machine, event)| (self.known(machine, event), event, machine));
        events
    }

    /// The send of a receive, if it is certain and the message may be drawn: not where it would close a circle.
    pub(super) fn drawn_send(&self, machine: usize, event: usize) -> Option<(usize, usize)> {
        let send = self.send_of(machine, event);
        send.filter(|_| !self.circular.contains(&(machine, event)))
    }

    /// The send of a receive, if it is certain: positions of the machine and of its event.
    pub(super) fn send_of(&self, machine: usize, row: usize) -> Option<(usize, usize)> {
        let send = self.table.send_of(At { machine, row })?;
        Some((send.machine, send.row))
    }

    /// How many events an event can know of: more than any of these.
    fn known(&self, machine: usize, event: usize) -> u64 {
        let vector = self
            .vectors
            .as_ref()
            .map(|vectors| vectors.of(machine, event));
        vector.map_or(0, |vector| vector.iter().copied().map(u64::from).sum())
    }

    /// What to call it: its group and its name.
    pub fn label(&self) -> String {
        let (run, name) = (&self.table.info.run, &self.table.info.name);
        match (run.is_empty(), name.is_empty()) {
            (false, false) => format!("{run}/{name}"),
            (true, false) => name.clone(),
            (_, true) => run.clone(),
        }
    }

    /// Seconds from the start of the trial to a time of its log.
    pub fn elapsed_s(&self, time_ns: i64) -> Option<f64> {
        Some(seconds(self.start_ns?, time_ns))
    }

    /// Seconds from a time of one machine to a time of another; none where they do not compare.
    pub fn wait_s(&self, received_ns: i64, sent_ns: i64) -> Option<f64> {
        let compare = self.table.info.dialect.time != Some(TimeOrigin::Machine);
        compare.then(|| seconds(sent_ns, received_ns))
    }
}

/// Vectors of the events, without the receives that contradict the others.
fn vectors(table: &events::Trial) -> (Option<Vectors>, Vec<(usize, usize)>) {
    let mut circular = Vec::new();
    if table.len().saturating_mul(table.machines.len()) > COMPONENTS_MAX {
        return (None, circular);
    }
    let mut cut = table.matching();
    loop {
        let cycle = match vector_time::vectors(&cut) {
            Ok(vectors) => return (Some(vectors), circular),
            Err(cycle) => cycle,
        };
        let Some(wait) = cycle.waits.first().filter(|_| circular.len() < CIRCLES_MAX) else {
            return (None, circular);
        };
        let (machine, event) = wait.receive;
        circular.push(wait.receive);
        cut.receives[machine][event] = Match::Missing;
    }
}

fn seconds(from_ns: i64, to_ns: i64) -> f64 {
    (i128::from(to_ns) - i128::from(from_ns)) as f64 / 1e9
}

/// The start that the manifest knows or that times are counted from; else the first event.
fn start_ns(table: &events::Trial) -> Option<i64> {
    let machines = table.machines.iter();
    let times = machines.flat_map(|machine| machine.rows.time_ns.iter().flatten());
    let first_ns = times.min()?;
    let started_ns = match table.info.dialect.time {
        Some(TimeOrigin::Trial | TimeOrigin::Machine) => Some(0),
        Some(TimeOrigin::Epoch) | None => table.started_ns(),
    };
    Some(started_ns.map_or(first_ns, |started_ns| started_ns.min(first_ns)))
}
