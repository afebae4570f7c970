//! Disks: what is on its way to one, and how long that takes.
//!
//! **Invariant.** Chance is keyed by disk and number of the flush. A disk changes by changes that were flushed, in order, and of
//! those under way when a life ends by a prefix.

use machine::chance::{Purpose, Series, Words};
use machine::process::units::Peer;

use super::setting::Setting;

/// Decisions about a flush.
const TIME: usize = 0;
const KEPT: usize = 1;

/// What is wrong with a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ailment {
    /// A flush takes this much longer, nanoseconds.
    Slow(u64),
    /// A flush fails.
    Failing,
    /// There is no room for a change.
    Full,
}

/// All that is wrong with a disk, each as often as it was said.
#[derive(Debug, Default)]
pub(super) struct Ailments {
    /// Wide enough for any sum.
    slow_ns: u128,
    failing: u32,
    full: u32,
}

impl Ailments {
    pub(super) fn begin(&mut self, ailment: Ailment) {
        match ailment {
            Ailment::Slow(by_ns) => self.slow_ns += u128::from(by_ns),
            Ailment::Failing => self.failing += 1,
            Ailment::Full => self.full += 1,
        }
    }

    /// The end of one that has begun.
    pub(super) fn end(&mut self, ailment: Ailment) {
        match ailment {
            Ailment::Slow(by_ns) => self.slow_ns -= u128::from(by_ns),
            Ailment::Failing => self.failing -= 1,
            Ailment::Full => self.full -= 1,
        }
    }

    pub(super) fn fail_a_flush(&self) -> bool {
        self.failing > 0 || self.full > 0
    }
}

/// The disk of a process.
#[derive(Debug)]
pub(super) struct Disk<C> {
    who: Peer,
    /// Changes that were taken and are not flushed.
    pub(super) pending: Vec<C>,
    pub(super) is_flushing: bool,
    /// Flushes that were begun: the number of the next.
    flushes: u64,
    pub(super) ailments: Ailments,
    series: Option<Box<Series>>,
}

impl<C> Disk<C> {
    pub(super) fn new(who: Peer) -> Disk<C> {
        Disk {
            who,
            pending: Vec::new(),
            is_flushing: false,
            flushes: 0,
            ailments: Ailments::default(),
            series: None,
        }
    }

    fn words(&mut self, setting: &Setting, number: u64) -> Words {
        let purpose = Purpose::Disk(self.who.0);
        let series = self
            .series
            .get_or_insert_with(|| Box::new(Series::new(setting.seed, setting.trial, purpose)));
        series.words(number)
    }

    /// A flush of all pending changes begins; how long it takes, nanoseconds.
    pub(super) fn flush_ns(&mut self, setting: &Setting) -> u64 {
        let number = self.flushes;
        self.flushes += 1;
        self.is_flushing = true;
        let (min_ns, max_ns) = (setting.flush.min_ns, setting.flush.max_ns);
        let usual_ns = match min_ns == max_ns {
            true => min_ns,
            false => self.words(setting, number).within(TIME, min_ns, max_ns),
        };
        let slow_ns = u64::try_from(self.ailments.slow_ns).unwrap_or(u64::MAX);
        usual_ns.saturating_add(slow_ns)
    }

    /// How many of the pending changes are on disk when the process ends in the middle of a flush.
    pub(super) fn prefix(&mut self, setting: &Setting) -> usize {
        if !self.is_flushing || self.ailments.full > 0 {
            return 0;
        }
        let most = self.pending.len() as u64;
        let number = self.flushes.saturating_sub(1);
        self.words(setting, number).within(KEPT, 0, most) as usize
    }

    /// Forgets what was under way.
    pub(super) fn abandon(&mut self) {
        self.pending.clear();
        self.is_flushing = false;
    }
}
