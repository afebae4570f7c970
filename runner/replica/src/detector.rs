//! Who is heard, and in which life.
//!
//! **Invariant.** The latest known life of a replica never goes back, and what comes from an earlier one is not heard.

use std::collections::BTreeMap;

use machine::process::units::Time;

use crate::units::{Incarnation, ReplicaId};

/// What a replica knows of the others' lives.
#[derive(Debug)]
pub(crate) struct Detector {
    suspicion_ns: u64,
    /// When each was heard last. Whoever was never heard counts from the beginning of the life.
    heard: BTreeMap<ReplicaId, Time>,
    begun: Time,
    lives: BTreeMap<ReplicaId, Incarnation>,
    /// The last life of each that has taken its leave: it does nothing any more.
    left: BTreeMap<ReplicaId, Incarnation>,
    #[cfg(any(test, feature = "mutants"))]
    presumed: std::collections::BTreeSet<ReplicaId>,
}

impl Detector {
    pub(crate) fn new(suspicion_ns: u64, now: Time) -> Detector {
        Detector {
            suspicion_ns,
            heard: BTreeMap::new(),
            begun: now,
            lives: BTreeMap::new(),
            left: BTreeMap::new(),
            #[cfg(any(test, feature = "mutants"))]
            presumed: std::collections::BTreeSet::new(),
        }
    }

    /// A new life begins: nobody has been silent in it yet.
    pub(crate) fn restart(&mut self, now: Time) {
        self.heard.clear();
        self.begun = now;
    }

    /// Somebody is heard in this life; whether it is not one that has ended.
    pub(crate) fn hear(&mut self, id: ReplicaId, incarnation: Incarnation, now: Time) -> bool {
        let latest = self.lives.entry(id).or_default();
        let left = self.left.get(&id);
        if incarnation < *latest || left.is_some_and(|&left| incarnation <= left) {
            return false;
        }
        *latest = incarnation;
        self.heard.insert(id, now);
        #[cfg(any(test, feature = "mutants"))]
        self.presumed.remove(&id);
        true
    }

    /// A life has taken its leave.
    pub(crate) fn take_leave_of(&mut self, id: ReplicaId, incarnation: Incarnation) {
        for lives in [&mut self.lives, &mut self.left] {
            let latest = lives.entry(id).or_default();
            *latest = incarnation.max(*latest);
        }
    }

    /// Whether the latest life that was heard of has taken its leave.
    pub(crate) fn has_left(&self, id: ReplicaId) -> bool {
        let left = self.left.get(&id);
        left.is_some_and(|&left| left >= self.life(id))
    }

    /// The latest life that was heard of.
    pub(crate) fn life(&self, id: ReplicaId) -> Incarnation {
        self.lives.get(&id).copied().unwrap_or_default()
    }

    /// From when on a replica is suspected, if it stays silent.
    pub(crate) fn deadline(&self, id: ReplicaId) -> Time {
        let heard = self.heard.get(&id).copied().unwrap_or(self.begun);
        heard.after_ns(self.suspicion_ns).after_ns(1)
    }

    /// Whether a replica has left, or has been silent for too long.
    pub(crate) fn suspects(&self, id: ReplicaId, now: Time) -> bool {
        self.has_left(id) || self.is_silent(id, now)
    }

    fn is_silent(&self, id: ReplicaId, now: Time) -> bool {
        #[cfg(any(test, feature = "mutants"))]
        if self.presumed.contains(&id) {
            return true;
        }
        now >= self.deadline(id)
    }

    /// Whether this life of a replica has ended, as far as is known.
    pub(crate) fn is_dead(&self, id: ReplicaId, incarnation: Incarnation, now: Time) -> bool {
        let left = self.left.get(&id);
        let has_ended =
            left.is_some_and(|&left| left >= incarnation) || self.life(id) > incarnation;
        has_ended || self.is_silent(id, now)
    }

    /// Takes a replica for dead until it is heard.
    #[cfg(any(test, feature = "mutants"))]
    pub(crate) fn presume_dead(&mut self, id: ReplicaId) {
        self.presumed.insert(id);
    }
}
