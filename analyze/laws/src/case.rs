//! A trial with what is derived from it once, for all laws.

use events::{At, Kind, Rows, Trial};

use crate::channels::{Channels, Deliveries};
use crate::facts::Facts;
use crate::reading::Reading;
use crate::settled_reading::settled;

/// A trial to be judged.
pub(crate) struct Case<'a> {
    pub(crate) trial: &'a Trial,
    pub(crate) facts: Facts,
    pub(crate) channels: Channels,
    pub(crate) deliveries: Deliveries,
    pub(crate) reading: Reading,
}

impl<'a> Case<'a> {
    pub(crate) fn new(trial: &'a Trial) -> Case<'a> {
        let facts = Facts::new(trial);
        let channels = Channels::new(trial);
        let deliveries = Deliveries::new(trial, &channels);
        Case {
            reading: settled(trial, &facts, &channels),
            trial,
            facts,
            channels,
            deliveries,
        }
    }

    /// Number of machines that have a log.
    pub(crate) fn machines(&self) -> usize {
        self.trial.machines.len()
    }

    /// The rows of a machine.
    #[inline]
    pub(crate) fn rows(&self, machine: usize) -> &'a Rows {
        &self.trial.machines[machine].rows
    }

    /// The receives of a machine.
    #[inline]
    pub(crate) fn receives(&self, machine: usize) -> impl Iterator<Item = At> + 'a {
        let rows = self.rows(machine);
        let receives = (0..rows.len()).filter(|&row| rows.kind(row) == Kind::Receive);
        receives.map(move |row| At { machine, row })
    }

    /// What a machine is called in words: ours by their numbers.
    pub(crate) fn name(&self, machine: usize) -> String {
        match self.trial.is_own() {
            true => format!("machine {}", self.trial.machines[machine].id),
            false => self.trial.machines[machine].name.clone(),
        }
    }

    /// How many lines before a row are missing, damaged or not understood; where that cannot be counted, 1 if any is.
    #[inline]
    pub(crate) fn gap(&self, at: At) -> u64 {
        match self.facts.machines[at.machine].has_gaps {
            true => self.facts.gap(self.trial, at),
            false => 0,
        }
    }

    /// Whether a machine of ours begins again with a row, after a fault.
    pub(crate) fn begins_again(&self, at: At) -> bool {
        let gaps = &self.trial.machines[at.machine].gaps;
        self.trial.is_own() && gaps.binary_search(&(at.row as u32)).is_ok()
    }

    /// Whether a row takes a time message.
    #[inline]
    pub(crate) fn takes_time(&self, at: At) -> bool {
        self.trial.takes_time(self.facts.timekeeper, at)
    }

    /// The sender of a receive of ours, if its row names another machine of the trial.
    #[inline]
    pub(crate) fn peer(&self, at: At) -> Option<usize> {
        let peer = self.rows(at.machine).peer.get(at.row)? as usize;
        (peer != at.machine && peer < self.machines()).then_some(peer)
    }

    /// Whether a row of others and the one before are sends that may be one: no line says that they go to the same machine,
    /// and no time that they are apart.
    pub(crate) fn may_be_one_send(&self, at: At) -> bool {
        let rows = self.rows(at.machine);
        self.previous(at).is_some_and(|before| {
            let times = rows.time_ns.get(before.row).zip(rows.time_ns.get(at.row));
            let apart_ns = times.map_or(0, |(before_ns, now_ns)| now_ns.saturating_sub(before_ns));
            apart_ns <= self.facts.slack_ns
                && !self.trial.is_own()
                && rows.kind(before.row).sends()
                && rows.kind(at.row).sends()
                && !rows.are_to_the_same(before.row, at.row)
        })
    }

    /// The row before one.
    pub(crate) fn previous(&self, at: At) -> Option<At> {
        let row = at.row.checked_sub(1)?;
        Some(At { row, ..at })
    }
}
