//! What the times and the clocks of a trial are.

use event_log::Status;

use super::Trial;
use crate::dialect::{ClockKind, TimeOrigin};

/// Times of a machine that begin within this many nanoseconds after 0 are counted from a start, not from an epoch.
const ELAPSED_NS: i64 = 60_000_000_000;

impl Trial {
    /// Common start, nanoseconds in the times of the rows; `None` where it is not known.
    pub fn started_ns(&self) -> Option<i64> {
        match &self.info.manifest {
            Some(manifest) => manifest.started_ns.and_then(|ns| i64::try_from(ns).ok()),
            None => (self.info.dialect.time == Some(TimeOrigin::Trial)).then_some(0),
        }
    }

    /// Nominal seconds in a second of system time.
    pub fn speed(&self) -> f64 {
        let manifest = self.info.manifest.as_ref();
        manifest.map_or(1.0, |manifest| manifest.condition.speed)
    }

    /// Position of the machine that keeps time, if one does.
    pub fn timekeeper(&self) -> Option<usize> {
        let manifest = self.info.manifest.as_ref()?;
        self.position(manifest.timekeeper?)
    }

    /// Nominal length in seconds of a trial that is known to be complete.
    pub fn lasted_s(&self) -> Option<f64> {
        let manifest = self.info.manifest.as_ref()?;
        let duration_ns = manifest.condition.duration_ns;
        let complete = manifest.status == Status::Complete && duration_ns > 0;
        complete.then(|| duration_ns as f64 / 1e9)
    }

    /// Connections that the trial holds, where its design is known.
    pub fn connections(&self) -> Option<u64> {
        let manifest = self.info.manifest.as_ref()?;
        Some(manifest.condition.connections())
    }

    /// Whether times of different machines can be subtracted: not where each machine counts from its own start. Where the
    /// dialect does not say, times that begin at 0 on every machine count as such.
    pub fn one_time(&self) -> bool {
        match self.info.dialect.time {
            Some(TimeOrigin::Epoch | TimeOrigin::Trial) => true,
            Some(TimeOrigin::Machine) => false,
            None => {
                let mut firsts = self
                    .machines
                    .iter()
                    .filter_map(|of| of.rows.time_ns.iter().flatten().next());
                !firsts.all(|first| (0..ELAPSED_NS).contains(&first))
            }
        }
    }

    /// What kind of clock the log shows: as its dialect says it, or as its rows do, where one clock with a fraction or one
    /// vector says more than any whole number; `None` where there is none.
    pub fn clock_kind(&self) -> Option<ClockKind> {
        let machines = self.machines.iter();
        let shown = machines.filter_map(|of| of.rows.clock_kind());
        let order = |kind: &ClockKind| match kind {
            ClockKind::Lamport => 0,
            ClockKind::Fractional => 1,
            ClockKind::Vector => 2,
        };
        self.info.dialect.clock.or_else(|| shown.max_by_key(order))
    }
}
