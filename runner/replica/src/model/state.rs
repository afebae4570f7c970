//! A state of the model: three replicas, and what was acknowledged.
//!
//! **Invariant.** Plain values: two states are the same if they look the same.

use crate::rules::{Rule, Rules, Tolerance};

/// Replicas of the model.
pub(super) const REPLICAS: usize = 3;

/// What may happen in all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) tolerance: Tolerance,
    /// Whether only the dead are taken for dead; then no answer is lost either.
    pub(super) is_detector_accurate: bool,
    pub(super) crashes: usize,
    pub(super) pauses: usize,
    pub(super) wipes: usize,
    /// Of ballots.
    pub(super) rounds: u8,
    pub(super) commands: u8,
    pub(super) rules: Rules,
}

/// A short log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Log {
    pub(super) length: u8,
    commands: [u8; 2],
}

impl Log {
    pub(super) fn commands(&self) -> &[u8] {
        &self.commands[..usize::from(self.length)]
    }

    pub(super) fn push(&mut self, command: u8) {
        self.commands[usize::from(self.length)] = command;
        self.length += 1;
    }

    pub(super) fn beginning(&self, length: u8) -> Log {
        let mut log = Log::default();
        let commands = self.commands().iter().take(length.into());
        commands.for_each(|&command| log.push(command));
        log
    }

    pub(super) fn begins(&self, other: &Log) -> bool {
        other.commands().starts_with(self.commands())
    }
}

/// A view: round and proposer in one number, and the life of each member; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct View {
    pub(super) ballot: u8,
    pub(super) lives: [u8; REPLICAS],
}

/// What somebody promised with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Answer {
    pub(super) life: u8,
    pub(super) view: View,
    pub(super) log: Log,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Phase {
    #[default]
    Idle,
    Collecting,
    Installing,
    Active,
}

/// A replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Replica {
    pub(super) is_up: bool,
    pub(super) is_paused: bool,
    /// An emptied disk that has not heard all others.
    pub(super) is_recovering: bool,
    pub(super) life: u8,
    pub(super) promised: u8,
    pub(super) view: View,
    pub(super) log: Log,
    pub(super) volatile: Volatile,
}

/// What a crash takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Volatile {
    pub(super) phase: Phase,
    pub(super) ballot: u8,
    pub(super) answers: [Option<Answer>; REPLICAS],
    pub(super) next: View,
    pub(super) start: Log,
    pub(super) first: [bool; REPLICAS],
    pub(super) installed: [bool; REPLICAS],
    pub(super) stored: [u8; REPLICAS],
    pub(super) committed: u8,
}

impl Replica {
    pub(super) fn runs(&self) -> bool {
        self.is_up && !self.is_paused
    }

    /// Its next ballot, and the round of it.
    pub(super) fn next_ballot(&self, id: usize) -> (u8, u8) {
        let mut round = 1;
        while round * 3 + id as u8 <= self.promised {
            round += 1;
        }
        (round * 3 + id as u8, round)
    }

    /// Whether a member that a wave waits for has not installed.
    pub(super) fn first_wave_waits(&self) -> bool {
        let volatile = &self.volatile;
        (0..REPLICAS).any(|id| volatile.first[id] && !volatile.installed[id])
    }
}

/// A state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) replicas: [Replica; REPLICAS],
    pub(super) acknowledged: Log,
    /// The latest view that acknowledged.
    pub(super) newest: u8,
    pub(super) crashes: usize,
    pub(super) pauses: usize,
    pub(super) wipes: usize,
}

impl State {
    /// Replica 0 serves all three in their first lives.
    pub(super) fn beginning() -> State {
        let view = View {
            ballot: 3,
            lives: [1; REPLICAS],
        };
        let replica = Replica {
            is_up: true,
            life: 1,
            promised: 3,
            view,
            ..Replica::default()
        };
        let mut replicas = [replica; REPLICAS];
        replicas[0].volatile.phase = Phase::Active;
        replicas[0].volatile.ballot = 3;
        State {
            replicas,
            acknowledged: Log::default(),
            newest: 3,
            crashes: 0,
            pauses: 0,
            wipes: 0,
        }
    }
    /// How much of a primary's log all members of its view have.
    pub(super) fn stored_by_all(&self, bounds: &Bounds, id: usize) -> u8 {
        let replica = &self.replicas[id];
        let members = (0..REPLICAS).filter(|&of| of != id && replica.view.lives[of] > 0);
        let stored = members.map(|of| replica.volatile.stored[of]);
        let waits = bounds.rules.hold(Rule::WriteAll);
        let stored = stored.filter(|_| waits).min();
        stored.unwrap_or(replica.log.length).min(replica.log.length)
    }
}
