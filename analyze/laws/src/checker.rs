//! A long trial of ours put to the laws window by window: what comes out is what the whole trial gives.
//!
//! **Invariant.** The verdict is that of the whole trial, or there is none: what a window cannot decide as the whole trial
//! would is [`Undecided`].

use events::{At, LogEnd, Moved, Trial, Window};
use std::collections::{BTreeSet, HashSet};

use crate::case::Case;
use crate::findings::Findings;
use crate::memory::Memory;
use crate::messages::send;
use crate::questions::Questions;
use crate::reading::Reading;
use crate::rules;
use crate::verdict::{LogLine, Verdict};

/// A trial that is put to the laws window by window.
pub struct Checker {
    ends: Vec<LogEnd>,
    questions: Questions,
    findings: Findings,
    reading: Option<Reading>,
}

/// A receive whose send is neither under way nor new: its line and machine. [`Checker::survey`] finds out what it takes to
/// decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undecided(pub At);

impl Checker {
    /// Before the first window of a trial of ours whose logs end so. What receives without a send took was asked before, and
    /// the rows that say it stand in each window; where nothing was asked, there is no such receive.
    pub fn new(ends: Vec<LogEnd>, mut questions: Questions) -> Checker {
        questions.gaps.resize(ends.len(), Vec::new());
        Checker {
            findings: Findings::new(ends.len()),
            ends,
            questions,
            reading: None,
        }
    }

    /// Puts the laws to the rows of a window that are new. Before them the trial holds the rows that the window before was
    /// asked to keep, whose places [`Checker::move_rows`] knows. What comes out are the rows to keep now, of each machine,
    /// ascending: `pinned`, and those that laws need.
    ///
    /// # Errors
    ///
    /// When a receive took a message that no row of the window shows, and that was not asked about; or a time message whose
    /// number only the whole trial tells.
    pub fn judge(
        &mut self,
        trial: &Trial,
        window: Window,
        pinned: &[Vec<u32>],
    ) -> Result<Vec<Vec<u32>>, Undecided> {
        let memory = &mut self.findings.memory;
        let known = (self.ends.as_slice(), self.questions.gaps.as_slice());
        let case = Case::of_window(trial, window, known, &memory.taken);
        let uncovered = self.questions.cover(&case);
        if let Some(at) = uncovered.or_else(|| uncounted(&case, memory)) {
            return Err(Undecided(at));
        }
        if let Some(step) = case.reading.step {
            memory.short_merge = memory.short_merge.and(trial, &case.window, step);
        }
        rules::judge(&case, &mut self.findings);
        let kept = keep(&case, &mut self.findings.memory, pinned);
        self.reading = Some(case.reading);
        Ok(kept)
    }

    /// Asks what it takes to decide on a window, and puts no law. The rows to keep as of [`Checker::judge`].
    pub fn survey(&mut self, trial: &Trial, window: Window) -> Vec<Vec<u32>> {
        let known = (self.ends.as_slice(), self.questions.gaps.as_slice());
        let case = Case::of_window(trial, window, known, &self.findings.memory.taken);
        self.questions.ask(&case);
        keep(&case, &mut self.findings.memory, &[])
    }

    /// What was asked.
    pub fn into_questions(self) -> Questions {
        self.questions
    }

    /// The sends in the next window that were received before, each with its recipient.
    pub fn taken(&self) -> &[(At, usize)] {
        &self.findings.memory.taken
    }

    /// Rows have moved.
    ///
    /// # Panics
    ///
    /// When a row that was to be kept is not there.
    pub fn move_rows(&mut self, moved: &Moved) {
        for at in self.findings.memory.rows_mut() {
            *at = moved
                .place(*at)
                .expect("a row that was to be kept is there");
        }
    }

    /// The lines of proofs that have no text yet: rows of the window judged last.
    pub fn lines_without_text(&mut self) -> impl Iterator<Item = &mut LogLine> {
        self.findings.lines_without_text()
    }

    /// The verdict, after the last window.
    pub fn into_verdict(self, trial: &Trial) -> Verdict {
        let dialect = trial.info.dialect.clone();
        let reading = self
            .reading
            .unwrap_or_else(|| Reading::stated(dialect, true));
        self.findings.into_verdict(trial, &reading, false)
    }
}

/// A new receive that names a time message whose number among all is not known: it is older than those that are counted one by
/// one, or it is yet to come.
fn uncounted(case: &Case<'_>, memory: &Memory) -> Option<At> {
    let keeper = case.facts.timekeeper?;
    let theirs = case.rows(keeper);
    let last = case.new_rows(keeper).end.checked_sub(1);
    let newest = last.map(|row| theirs.tick(row));
    let mut receives = (0..case.machines()).flat_map(|machine| case.receives(machine));
    receives.find(|&at| {
        let named = case.rows(at.machine).sent_tick.get(at.row);
        let Some(tick) = named.filter(|_| case.takes_time(at)) else {
            return false;
        };
        let counted = &memory.machines[at.machine].time_messages;
        let oldest = counted.open.first().map(|send| theirs.tick(send.row));
        let is_old = counted.before > 0 && oldest.is_none_or(|oldest| tick < oldest);
        let is_to_come = !case.window.is_last && newest.is_none_or(|newest| tick > newest);
        is_old || is_to_come
    })
}

/// The rows that later windows need, and which of the sends among them were received.
fn keep(case: &Case<'_>, memory: &mut Memory, pinned: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let machines = 0..case.machines();
    let mut kept: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); case.machines()];
    for (kept, pinned) in kept.iter_mut().zip(pinned) {
        kept.extend(pinned);
    }
    // Receives whose rows show that a message was passed over.
    let mut passed = HashSet::new();
    for (sender, recipient) in machines
        .clone()
        .flat_map(|of| machines.clone().map(move |to| (of, to)))
    {
        let superseded = case.facts.timekeeper == Some(sender);
        let sends = case.channels.sends(sender, recipient);
        let received = case.deliveries.received(&case.channels, sender, recipient);
        let last = received.iter().rposition(|&received| received);
        let mut waits = false;
        for (place, (&row, &received)) in sends.iter().zip(received).enumerate() {
            let is_needed = match received {
                true => std::mem::take(&mut waits) || last == Some(place),
                false => !superseded || last < Some(place),
            };
            if !is_needed {
                continue;
            }
            kept[sender].insert(row);
            waits |= !received;
            if received {
                let send = At {
                    machine: sender,
                    row: row as usize,
                };
                passed.insert((send, recipient));
            }
        }
    }
    for (machine, kept) in kept.iter_mut().enumerate() {
        let rows = case.rows(machine);
        let last = case.new_rows(machine).end.checked_sub(1);
        kept.extend(last.map(|last| last as u32));
        let receives = case.all_receives(machine).filter(|at| {
            let send = send(rows, at.row);
            send.is_some_and(|send| passed.contains(&(send, machine)))
        });
        kept.extend(receives.map(|at| at.row as u32));
    }
    memory.taken.clear();
    for at in memory.rows_mut() {
        kept[at.machine].insert(at.row as u32);
    }
    for (sender, kept) in kept.iter().enumerate() {
        for recipient in machines.clone() {
            let sends = case.channels.sends(sender, recipient);
            let received = case.deliveries.received(&case.channels, sender, recipient);
            let received = sends
                .iter()
                .zip(received)
                .filter(|&(row, &received)| received && kept.contains(row));
            memory.taken.extend(received.map(|(&row, _)| {
                let send = At {
                    machine: sender,
                    row: row as usize,
                };
                (send, recipient)
            }));
        }
    }
    kept.into_iter()
        .map(|kept| kept.into_iter().collect())
        .collect()
}
