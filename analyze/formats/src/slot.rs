//! The things that a line may say, as groups of a pattern or as fields name them.
//!
//! **Invariant.** One list: what a header may say is a part of what an event may say.

/// One thing that a line may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Time,
    Clock,
    ClockBefore,
    Queue,
    From,
    To,
    Carried,
    Machine,
    Trial,
    Rate,
    PeriodS,
    PeriodMs,
    Tick,
    Message,
    Date,
    Rates,
}

/// How many there are.
const COUNT: usize = 16;

/// Their names, in the order of the variants.
const NAMES: [(&str, Slot); COUNT] = [
    ("time", Slot::Time),
    ("clock", Slot::Clock),
    ("clock_before", Slot::ClockBefore),
    ("queue", Slot::Queue),
    ("from", Slot::From),
    ("to", Slot::To),
    ("carried", Slot::Carried),
    ("machine", Slot::Machine),
    ("trial", Slot::Trial),
    ("rate", Slot::Rate),
    ("period_s", Slot::PeriodS),
    ("period_ms", Slot::PeriodMs),
    ("tick", Slot::Tick),
    ("message", Slot::Message),
    ("date", Slot::Date),
    ("rates", Slot::Rates),
];

impl Slot {
    /// The slot of a name, if there is one.
    pub(crate) fn named(name: &str) -> Option<Slot> {
        let mut known = NAMES.iter();
        known
            .find(|(known, _)| *known == name)
            .map(|&(_, slot)| slot)
    }

    /// Its name in a format.
    pub(crate) fn name(self) -> &'static str {
        NAMES[self as usize].0
    }

    /// Whether an event may say it.
    pub(crate) fn of_events(self) -> bool {
        self != Slot::Rates
    }

    /// Whether a header may say it.
    pub(crate) fn of_headers(self) -> bool {
        matches!(
            self,
            Slot::Rate
                | Slot::Rates
                | Slot::PeriodS
                | Slot::PeriodMs
                | Slot::Machine
                | Slot::Trial
                | Slot::Time
                | Slot::Date
        )
    }

    /// The names that a rule may use, for a message.
    pub(crate) fn known(headers_only: bool) -> String {
        let known = NAMES.iter().filter(|(_, slot)| {
            if headers_only {
                slot.of_headers()
            } else {
                slot.of_events()
            }
        });
        known.map(|&(name, _)| name).collect::<Vec<_>>().join(", ")
    }
}

/// What one record says, as text; empty text counts as nothing said.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Values<'t>([Option<&'t str>; COUNT]);

impl<'t> Values<'t> {
    /// What it says of one thing.
    pub(crate) fn get(&self, slot: Slot) -> Option<&'t str> {
        self.0[slot as usize]
    }

    /// Notes what it says; words that stand for nothing are left out.
    pub(crate) fn set(&mut self, slot: Slot, text: &'t str) {
        // Most values are numbers.
        if let [b'0'..=b'9', .., b'0'..=b'9'] | [b'0'..=b'9'] = text.as_bytes() {
            self.0[slot as usize] = Some(text);
            return;
        }
        let text = text.trim();
        self.0[slot as usize] = (!says_nothing(text)).then_some(text);
    }
}

/// Whether a text is one of the ways in which programs write that there is no value.
fn says_nothing(text: &str) -> bool {
    matches!(
        text,
        "" | "-"
            | "--"
            | "—"
            | "?"
            | "None"
            | "none"
            | "NONE"
            | "null"
            | "NULL"
            | "Null"
            | "nil"
            | "N/A"
            | "n/a"
            | "NA"
            | "NaN"
            | "nan"
            | "undefined"
            | "\"\""
            | "''"
            | "[]"
            | "()"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_of_the_slots() {
        for (position, (name, slot)) in NAMES.iter().enumerate() {
            assert_eq!(*slot as usize, position);
            assert_eq!(Slot::named(name), Some(*slot));
            assert_eq!(slot.name(), *name);
        }
        assert_eq!(Slot::named("speed"), None);
    }

    #[test]
    fn a_word_for_nothing_is_nothing() {
        let mut values = Values::default();
        values.set(Slot::Queue, " None ");
        values.set(Slot::Clock, " 7 ");
        assert_eq!(values.get(Slot::Queue), None);
        assert_eq!(values.get(Slot::Clock), Some("7"));
    }
}
