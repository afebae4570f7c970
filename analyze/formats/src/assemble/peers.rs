//! Who is meant by the names on sends and receives.
//!
//! **Invariant.** A position is that of another machine than the one that wrote the line.

use std::collections::{BTreeSet, HashMap};

use super::clocks::Tally;
use crate::names::{Directory, Meant, Name, Names};
use crate::row::Row;
use crate::source::TrialFiles;
use events::{Dialect, Kind, RecipientName};
use files::note::{Note, Severity};

/// Names of a trial, looked up once each.
#[derive(Debug)]
pub(super) struct Peers<'n> {
    directory: &'n Directory<'n>,
    machines: usize,
    names: &'n Names,
    by_position: bool,
    known: HashMap<Name, Meant>,
    itself: Tally,
    stranger: Tally,
    strangers: BTreeSet<String>,
}

/// The kind of an event, its sender, its recipients and the position among connections that it names.
type Between = (Kind, Option<usize>, Option<Vec<usize>>, Option<u32>);

impl<'n> Peers<'n> {
    pub(super) fn new(
        directory: &'n Directory<'n>,
        machines: usize,
        names: &'n Names,
        dialect: &Dialect,
    ) -> Peers<'n> {
        Peers {
            directory,
            machines,
            names,
            by_position: dialect.recipient == Some(RecipientName::Position),
            known: HashMap::new(),
            itself: Tally::default(),
            stranger: Tally::default(),
            strangers: BTreeSet::new(),
        }
    }

    /// Who takes part in an event of a machine.
    pub(super) fn of(&mut self, row: &Row, own: usize) -> Between {
        match row.kind {
            Kind::Internal => (Kind::Internal, None, None, None),
            Kind::Receive => (Kind::Receive, self.sender(row, own), None, None),
            Kind::Send | Kind::Broadcast => self.recipients(row, own),
        }
    }

    fn sender(&mut self, row: &Row, own: usize) -> Option<usize> {
        let text = self.names.text(row.from?);
        let sender = self.directory.machine(text);
        match sender {
            None => self.strange(text, row),
            Some(sender) if sender == own => self.itself.add(row.file, row.line),
            Some(_) => {}
        }
        sender.filter(|sender| *sender != own)
    }

    fn recipients(&mut self, row: &Row, own: usize) -> Between {
        let others = || -> Option<Vec<usize>> {
            let others = (0..self.machines).filter(|machine| *machine != own);
            (self.machines > 1).then(|| others.collect())
        };
        let Some(name) = row.to else {
            let to = if row.kind == Kind::Broadcast {
                others()
            } else {
                None
            };
            return (row.kind, None, to, None);
        };
        let text = self.names.text(name);
        let directory = self.directory;
        let meant = self
            .known
            .entry(name)
            .or_insert_with(|| directory.machines(text))
            .clone();
        if meant.all_others {
            return (Kind::Broadcast, None, others(), None);
        }
        if self.by_position {
            let several = numbers(text) > 1;
            let all = several && numbers(text) + 1 == self.machines;
            let kind = if several { Kind::Broadcast } else { row.kind };
            let to = if all || (row.kind == Kind::Broadcast && !several) {
                others()
            } else {
                None
            };
            let position = only_number(text).filter(|_| kind == Kind::Send);
            return (kind, None, to, position);
        }
        for stranger in &meant.strangers {
            self.strange(stranger, row);
        }
        if meant.machines.is_empty() && meant.strangers.is_empty() {
            self.strange(text, row);
        }
        if meant.machines.contains(&own) {
            self.itself.add(row.file, row.line);
        }
        let several = meant.machines.len() + meant.strangers.len() > 1;
        let kind = if several { Kind::Broadcast } else { row.kind };
        let to: Vec<usize> = meant
            .machines
            .into_iter()
            .filter(|machine| *machine != own)
            .collect();
        (kind, None, (!to.is_empty()).then_some(to), None)
    }

    fn strange(&mut self, name: &str, row: &Row) {
        const SHOWN_MAX: usize = 12;
        self.stranger.add(row.file, row.line);
        if self.strangers.len() < SHOWN_MAX {
            self.strangers.insert(name.to_owned());
        }
    }

    /// Whether a line names a machine that has no log.
    pub(super) fn names_strangers(&self) -> bool {
        !self.strangers.is_empty()
    }

    /// The notes on the names.
    pub(super) fn tell(&self, trial: &TrialFiles, notes: &mut Vec<Note>) {
        let texts = [
            "another machine as sender or recipient",
            "the machine itself",
            "it counts as not named; if the program numbers its connections, set recipient = \"position\" in [dialect]",
        ];
        notes.extend(self.itself.note(trial, Severity::Warning, texts));
        let strangers: Vec<&str> = self.strangers.iter().map(String::as_str).collect();
        let found = format!("names without one: {}", strangers.join(", "));
        let texts = [
            "senders and recipients that have a log",
            found.as_str(),
            "they count as not named; if they are other names of machines, list them in [alias]",
        ];
        notes.extend(self.stranger.note(trial, Severity::Warning, texts));
    }
}

/// How many numbers a text has.
fn numbers(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .count()
}

/// The number in a text that has just one.
fn only_number(text: &str) -> Option<u32> {
    let mut runs = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty());
    let number = runs.next()?.parse().ok();
    number.filter(|_| runs.next().is_none())
}
