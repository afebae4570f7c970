//! A trial, or a window of one, with what is derived from it once, for all laws.

use events::{At, Kind, LogEnd, Rows, Trial, Window};
use std::ops::Range;

use crate::channels::{Channels, Deliveries};
use crate::facts::{Facts, Gap};
use crate::merges::SHORT_MERGE;
use crate::reading::Reading;
use crate::settled_reading::settled;

/// A trial to be judged.
pub(crate) struct Case<'a> {
    pub(crate) trial: &'a Trial,
    pub(crate) facts: Facts,
    pub(crate) channels: Channels,
    pub(crate) deliveries: Deliveries,
    pub(crate) reading: Reading,
    /// The rows that are judged.
    pub(crate) window: Window,
    /// Whether the window is the whole trial.
    pub(crate) is_whole: bool,
}

impl<'a> Case<'a> {
    /// A whole trial.
    pub(crate) fn new(trial: &'a Trial) -> Case<'a> {
        let facts = Facts::new(trial);
        Case::of(trial, facts, Window::whole(trial), &[], true)
    }

    /// Some rows of a trial of ours whose logs end so, and lack this between their rows; `taken` as [`crate::memory::Memory::taken`].
    pub(crate) fn of_window(
        trial: &'a Trial,
        window: Window,
        (ends, gaps): (&[LogEnd], &[Vec<Gap>]),
        taken: &[(At, usize)],
    ) -> Case<'a> {
        let facts = Facts::with_ends(trial, ends, gaps);
        Case::of(trial, facts, window, taken, false)
    }

    fn of(
        trial: &'a Trial,
        facts: Facts,
        window: Window,
        taken: &[(At, usize)],
        is_whole: bool,
    ) -> Case<'a> {
        let channels = Channels::new(trial);
        let deliveries = Deliveries::new(trial, &channels, &window, taken);
        Case {
            reading: settled(trial, &facts, &channels),
            trial,
            facts,
            channels,
            deliveries,
            window,
            is_whole,
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

    /// The rows of a machine that are judged.
    #[inline]
    pub(crate) fn new_rows(&self, machine: usize) -> Range<usize> {
        self.window.new[machine].clone()
    }

    /// The receives of a machine that are judged.
    #[inline]
    pub(crate) fn receives(&self, machine: usize) -> impl Iterator<Item = At> + 'a {
        self.receives_among(machine, self.new_rows(machine))
    }

    /// The receives of a machine, those of earlier windows included that are still there.
    pub(crate) fn all_receives(&self, machine: usize) -> impl Iterator<Item = At> + 'a {
        self.receives_among(machine, 0..self.rows(machine).len())
    }

    #[inline]
    fn receives_among(&self, machine: usize, among: Range<usize>) -> impl Iterator<Item = At> + 'a {
        let rows = self.rows(machine);
        let receives = among.filter(|&row| rows.kind(row) == Kind::Receive);
        receives.map(move |row| At { machine, row })
    }

    /// The likely cause of a receive that has the larger of own and carried clock; of a window a word for it, because all
    /// receives of the trial have a say.
    pub(crate) fn short_merge_cause(&self) -> &'static str {
        match self.is_whole {
            true => self.reading.short_merge(self.trial).cause(),
            false => SHORT_MERGE,
        }
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

    /// The first new row before which a line is missing.
    pub(crate) fn first_gap(&self, machine: usize) -> Option<At> {
        let has_gaps = self.facts.machines[machine].has_gaps;
        let mut rows = self.new_rows(machine).map(|row| At { machine, row });
        rows.find(|&at| has_gaps && self.facts.gap(self.trial, at) > 0)
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
