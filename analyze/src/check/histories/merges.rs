//! How the program that wrote a log merges clocks, by all receives whose send is known.
//!
//! With `own` the clock before a receive, `sent` the clock on the line of its send, and 1 for what an event adds:
//!
//! | program | clock of the receive |
//! |---|---|
//! | Lamport's rule | max(own, sent) + 1 |
//! | merge without + 1 | max(own, sent) |
//! | stamped before the increment, merged right | max(own, sent − 1) + 1 |
//! | own step first, then the larger | max(own + 1, sent) |
//!
//! The last two are one formula: no log tells them apart. They differ from the second only where the machine is not behind.
//!
//! **Invariant.** A program is named only if no receive contradicts it.

use super::clocks::equal;
use super::findings::Place;
use crate::history::matching::Matching;
use crate::history::{History, Kind};

/// Which programs receives that are one short of Lamport's rule may come from: those that no receive contradicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShortMerge {
    /// Merge without + 1.
    not_counted: bool,
    /// Messages stamped before the increment.
    stamped_before: bool,
    /// Own step first, then the larger.
    counted_first: bool,
}

impl ShortMerge {
    /// None of the programs.
    pub(super) const NONE: ShortMerge = ShortMerge {
        not_counted: false,
        stamped_before: false,
        counted_first: false,
    };

    /// What the receives whose send is known say.
    pub(super) fn of(history: &History, matching: &Matching, step: f64) -> ShortMerge {
        let mut programs = ShortMerge {
            not_counted: true,
            stamped_before: true,
            counted_first: true,
        };
        for (machine, log) in history.machines.iter().enumerate() {
            for event in 1..log.events.len() {
                let Some(clocks) = Clocks::of(history, matching, (machine, event)) else {
                    continue;
                };
                let Clocks {
                    own,
                    sent,
                    found,
                    told,
                } = clocks;
                let counted_first = equal(found, (own + step).max(sent));
                programs.not_counted &= equal(found, own.max(sent));
                programs.counted_first &= counted_first;
                programs.stamped_before &= counted_first && told.is_none_or(|told| told < sent);
            }
        }
        programs
    }

    /// Whether all receives are right if messages are stamped before the increment, and not all are by a merge without + 1.
    pub(super) fn is_right_if_stamped_before(self) -> bool {
        self.stamped_before && !self.not_counted
    }

    /// The likely cause of a receive that has the larger of own and carried clock.
    pub(super) fn cause(self) -> &'static str {
        match (self.not_counted, self.stamped_before, self.counted_first) {
            (true, false, false) => {
                "merge without + 1: the clock is the larger of own and carried, and the receive itself is not counted"
            }
            (true, true, _) => {
                "merge without + 1, or messages stamped before the increment for their send, or the receive counted first and then the larger taken: the log cannot tell which"
            }
            (true, false, true) => {
                "merge without + 1, or the receive counted first and then the larger taken: the log cannot tell which"
            }
            (false, true, _) => {
                "messages are stamped before the increment for their send, or the receive is counted first and then the larger taken: the log cannot tell which"
            }
            (false, false, true) => {
                "the receive is counted first, and then the larger of own and carried is taken instead of the larger + 1"
            }
            (false, false, false) => {
                "the clock is the larger of own and carried: this receive is not counted as others are, or its message was stamped before the increment"
            }
        }
    }
}

/// The clocks about a receive, where all but the last are logged.
struct Clocks {
    /// Before it.
    own: f64,
    /// On the line of its send.
    sent: f64,
    /// After it.
    found: f64,
    /// What its message carried, as a line says.
    told: Option<f64>,
}

impl Clocks {
    fn of(history: &History, matching: &Matching, (machine, event): Place) -> Option<Clocks> {
        let events = &history.machines[machine].events;
        let this = &events[event];
        if this.kind != Kind::Receive {
            return None;
        }
        let (sender, sent) = matching.send_of(machine, event)?;
        let send = &history.machines[sender].events[sent];
        let before = this
            .clock_before
            .as_ref()
            .or(events[event - 1].clock.as_ref())?;
        let told = this.carried.as_ref().or(send.carried.as_ref());
        Some(Clocks {
            own: before.scalar(machine)?,
            sent: send.clock.as_ref()?.scalar(sender)?,
            found: this.clock.as_ref()?.scalar(machine)?,
            told: told.and_then(|told| told.scalar(sender)),
        })
    }
}
