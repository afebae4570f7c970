//! Options that are a choice, not a number.

use event_log::{Condition, Design, Drain, Driver, PhaseRule, Stamp};

use crate::condition::driver_name;
use crate::report::ConditionReport;

/// An option that is a choice, not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Design,
    Drain,
    Stamp,
    Phase,
    Driver,
}

/// Our own conditions; none if one is of others' logs.
pub(super) fn own<'a>(reports: &[&'a ConditionReport]) -> Option<Vec<&'a Condition>> {
    reports.iter().map(|report| report.setting.own()).collect()
}

impl Choice {
    pub(super) const ALL: [Choice; 5] = [
        Choice::Design,
        Choice::Drain,
        Choice::Stamp,
        Choice::Phase,
        Choice::Driver,
    ];

    /// Whether conditions differ in it, as far as all are our own: others' logs do not state it.
    pub(super) fn differs(self, conditions: &[&ConditionReport]) -> bool {
        let Some(conditions) = own(conditions) else {
            return false;
        };
        let mut words = conditions.iter().map(|condition| self.word(condition));
        let first = words.next();
        words.any(|word| Some(word) != first)
    }

    /// What a condition chose: the word in its label, or what goes without saying there.
    pub(super) fn word(self, condition: &Condition) -> &'static str {
        match self {
            Choice::Design => condition.design.name(),
            Choice::Drain => match condition.drain {
                Drain::One => "drain one",
                Drain::All => "drain all",
            },
            Choice::Stamp => match condition.stamp {
                Stamp::After => "stamped after the increment",
                Stamp::Before => "stamped before the increment",
            },
            Choice::Phase => match condition.phase {
                PhaseRule::Random => "random phase",
                PhaseRule::Aligned => "aligned phase",
            },
            Choice::Driver => driver_name(condition.driver),
        }
    }

    /// The condition with the same choice for all.
    pub(super) fn set_aside(self, condition: &Condition) -> Condition {
        let mut rest = condition.clone();
        match self {
            Choice::Design => rest.design = Design::Mesh,
            Choice::Drain => rest.drain = Drain::One,
            Choice::Stamp => rest.stamp = Stamp::After,
            Choice::Phase => rest.phase = PhaseRule::Random,
            Choice::Driver => {
                rest.driver = Driver::Virtual;
                // What only one of the two drivers knows.
                (rest.latency, rest.on_disconnect) = (None, None);
                rest.per_process = 1;
            }
        }
        rest
    }

    pub(super) fn question(self) -> &'static str {
        match self {
            Choice::Design => "What does the design change?",
            Choice::Drain => "What does reading every waiting message at once change?",
            Choice::Stamp => "What does a message stamped too early change?",
            Choice::Phase => "Does it matter when machines tick?",
            Choice::Driver => "Do sockets and virtual time differ?",
        }
    }
}
