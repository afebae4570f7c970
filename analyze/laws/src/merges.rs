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

use crate::messages::send;
use events::{At, Kind, Trial, Window};

/// Which programs receives that are one short of Lamport's rule may come from: those that no receive contradicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShortMerge {
    /// Merge without + 1.
    not_counted: bool,
    /// Messages stamped before the increment.
    stamped_before: bool,
    /// Own step first, then the larger.
    counted_first: bool,
    /// Whether each line says what its message carried.
    told: bool,
    /// Whether a receive that is behind keeps to the rule, as it does by none of these programs.
    some_right: bool,
}

/// Stands for [`ShortMerge::cause`] until the last window of a trial.
pub(crate) const SHORT_MERGE: &str = "the larger of own and carried clock";

/// Equal but for the rounding of fractions.
pub(crate) fn equal(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-6 * one.abs().clamp(1.0, 1e3)
}

impl ShortMerge {
    /// Nothing is known of them.
    pub(crate) const UNKNOWN: ShortMerge = ShortMerge {
        not_counted: false,
        stamped_before: false,
        counted_first: false,
        told: false,
        some_right: false,
    };

    /// No receive has been looked at.
    pub(crate) const ANY: ShortMerge = ShortMerge {
        not_counted: true,
        stamped_before: true,
        counted_first: true,
        told: true,
        some_right: false,
    };

    /// What the receives whose send is known say besides, among the rows that are new; `step` is what an event adds.
    #[must_use]
    pub(crate) fn and(self, trial: &Trial, window: &Window, step: f64) -> ShortMerge {
        let mut programs = self;
        for (machine, new) in window.new.iter().enumerate() {
            for row in new.clone() {
                let Some(clocks) = Clocks::of(trial, At { machine, row }) else {
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
                programs.told &= told.is_some();
                programs.some_right |= !counted_first && equal(found, own.max(sent) + step);
            }
        }
        programs
    }

    /// Whether all receives are right if messages are stamped before the increment, and not all are by a merge without + 1.
    pub(crate) fn is_right_if_stamped_before(self) -> bool {
        self.stamped_before && !self.not_counted
    }

    /// The likely cause of a receive that has the larger of own and carried clock.
    pub(crate) fn cause(self) -> &'static str {
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
            (false, false, false) if self.some_right && self.told => {
                "the clock is the larger of own and carried: this receive is not counted as others are"
            }
            (false, false, false) if self.some_right => {
                "the clock is the larger of own and carried: this receive is not counted as others are, or its message was stamped before the increment"
            }
            (false, false, false) if self.told => {
                "the clock is the larger of own and carried: merge without + 1, or the receive counted first and then the larger taken; the log cannot tell which, for neither explains all receives"
            }
            (false, false, false) => {
                "the clock is the larger of own and carried: merge without + 1, or its message stamped before the increment for its send, or the receive counted first and then the larger taken; the log cannot tell which, for none explains all receives"
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
    fn of(trial: &Trial, At { machine, row }: At) -> Option<Clocks> {
        let rows = &trial.machines[machine].rows;
        if rows.kind(row) != Kind::Receive {
            return None;
        }
        let send = send(rows, row)?;
        let sender = &trial.machines[send.machine].rows;
        let told = rows.carried_value(row);
        let logged = || rows.clock_value(row.checked_sub(1)?);
        let start = || trial.is_own().then_some(0.0);
        Some(Clocks {
            own: rows
                .clock_before_value(row)
                .or_else(logged)
                .or_else(start)?,
            sent: sender.clock_value(send.row)?,
            found: rows.clock_value(row)?,
            told: told.or_else(|| sender.carried_value(send.row)),
        })
    }
}
