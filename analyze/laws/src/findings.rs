//! Where laws put what they find: all is counted, by cause; a few violations of each cause are kept.
//!
//! **Invariant.** A violation that is only counted costs no allocation. Evidence is kept by row.

use events::{At, Match, Trial};

use crate::case::Case;
use crate::law::Law;
use crate::memory::Memory;
use crate::merges::{SHORT_MERGE, ShortMerge};
use crate::reading::Reading;
use crate::verdict::{Conditions, Finding, LawCount, LogLine, Verdict, Violation};

/// Violations of one cause that are kept.
const KEPT: usize = 3;
/// Share of the violations that must have one cause before it explains them.
const EXPLAINS: f64 = 0.9;

/// What proves a violation.
pub(crate) struct Proof {
    /// The rows, the offending one first; a machine without a row stands for its whole log.
    pub(crate) rows: Vec<(usize, Option<usize>)>,
    /// What should have been.
    pub(crate) expected: String,
    /// What was found.
    pub(crate) found: String,
    /// What the cause says of this case, behind its words.
    pub(crate) detail: String,
}

impl Proof {
    pub(crate) fn new(
        rows: impl IntoIterator<Item = At>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Proof {
        let rows = rows.into_iter().map(|at| (at.machine, Some(at.row)));
        Proof {
            rows: rows.collect(),
            expected: expected.into(),
            found: found.into(),
            detail: String::new(),
        }
    }

    pub(crate) fn detail(self, detail: impl Into<String>) -> Proof {
        Proof {
            detail: detail.into(),
            ..self
        }
    }
}

/// Findings of one trial, and what laws remember from one window of it to the next.
pub(crate) struct Findings {
    laws: Vec<Counts>,
    conditions: Vec<Conditions>,
    sums: Sums,
    turn: Turn,
    /// How many causes were seen, for the order of their first appearance.
    seen: u32,
    pub(crate) memory: Memory,
}

/// Whose rows are looked at, and for which part of a law. Findings read as if all rows of a machine stood together.
type Turn = (usize, u8);

/// What is counted of all rows, whatever the laws.
#[derive(Default)]
struct Sums {
    events: u64,
    messages: u64,
    receives: u64,
    matched: u64,
    ambiguous: u64,
}

#[derive(Default)]
struct Counts {
    applies: bool,
    examined: u64,
    undecided: Vec<(Turn, &'static str, u64)>,
    idle: Option<&'static str>,
    causes: Vec<Cause>,
}

struct Cause {
    words: &'static str,
    /// When it was found first.
    first: (Turn, u32),
    violated: u64,
    kept: Vec<Kept>,
}

/// A violation that is kept.
struct Kept {
    turn: Turn,
    machine: usize,
    proof: Proof,
    /// All of it but the cause, once its window is closed.
    violation: Option<Violation>,
}

impl Findings {
    /// Of a trial of this number of machines.
    pub(crate) fn new(machines: usize) -> Findings {
        Findings {
            laws: Law::ALL.map(|_| Counts::default()).into(),
            conditions: vec![Conditions::default(); machines],
            sums: Sums::default(),
            turn: (0, 0),
            seen: 0,
            memory: Memory::new(machines),
        }
    }

    /// What follows is found of this machine by this part of a law, from 0. Laws that are put to windows say so.
    pub(crate) fn turn(&mut self, machine: usize, part: u8) {
        self.turn = (machine, part);
    }

    /// A law applies to the trial.
    pub(crate) fn apply(&mut self, law: Law) {
        self.laws[law as usize].applies = true;
    }

    /// The clock condition was decided for this many receives of a machine, and is broken at some.
    pub(crate) fn condition(&mut self, machine: usize, examined: u64, broken: u64) {
        self.examine(Law::ClockCondition, examined);
        self.conditions[machine].examined += examined;
        self.conditions[machine].broken += broken;
    }

    /// A law was decided for this many.
    pub(crate) fn examine(&mut self, law: Law, many: u64) {
        self.laws[law as usize].examined += many;
    }

    /// A law cannot be decided for this many, and why.
    pub(crate) fn undecided(&mut self, law: Law, many: u64, why: &'static str) {
        let turn = self.turn;
        let reasons = &mut self.laws[law as usize].undecided;
        let same = |(of, reason, _): &&mut (Turn, &str, u64)| (*of, *reason) == (turn, why);
        match reasons.iter_mut().rev().find(same) {
            Some((_, _, count)) => *count += many,
            None => reasons.push((turn, why, many)),
        }
    }

    /// Nothing in the log can decide a law that speaks of such logs.
    pub(crate) fn idle(&mut self, law: Law, why: &'static str) {
        self.apply(law);
        self.laws[law as usize].idle.get_or_insert(why);
    }

    /// A machine breaks a law.
    pub(crate) fn violate(
        &mut self,
        law: Law,
        machine: usize,
        words: &'static str,
        prove: impl FnOnce() -> Proof,
    ) {
        let turn = self.turn;
        self.seen = self.seen.saturating_add(1);
        let first = (turn, self.seen);
        let causes = &mut self.laws[law as usize].causes;
        let at = causes.iter().position(|cause| cause.words == words);
        let at = at.unwrap_or_else(|| {
            causes.push(Cause {
                words,
                first,
                violated: 0,
                kept: Vec::new(),
            });
            causes.len() - 1
        });
        let cause = &mut causes[at];
        cause.violated += 1;
        if turn < cause.first.0 {
            cause.first = first;
        }
        let earlier = cause.kept.iter().filter(|of| of.turn <= turn);
        if earlier.count() < KEPT {
            cause.kept.push(Kept {
                turn,
                machine,
                proof: prove(),
                violation: None,
            });
        }
    }

    /// Closes a window: counts its rows, and tells what was found in words, for which its rows are needed.
    pub(crate) fn close(&mut self, case: &Case<'_>) {
        let trial = case.trial;
        for (machine, of) in trial.machines.iter().enumerate() {
            self.sums.events += case.new_rows(machine).len() as u64;
            for at in case.receives(machine) {
                self.sums.receives += 1;
                match of.rows.matched(at.row) {
                    Match::Sent { .. } => self.sums.matched += 1,
                    Match::Ambiguous { .. } => self.sums.ambiguous += 1,
                    Match::NoReceive | Match::Missing => {}
                }
            }
        }
        self.sums.messages += case.channels.messages(&case.window);
        for (law, counts) in Law::ALL.into_iter().zip(&mut self.laws) {
            let kept = counts.causes.iter_mut().flat_map(|cause| &mut cause.kept);
            for of in kept.filter(|of| of.violation.is_none()) {
                of.violation = Some(violation(trial, law, of.machine, &of.proof));
            }
        }
    }

    /// The lines of all proofs so far that have no text yet.
    pub(crate) fn lines_without_text(&mut self) -> impl Iterator<Item = &mut LogLine> {
        let causes = self.laws.iter_mut().flat_map(|counts| &mut counts.causes);
        let kept = causes.flat_map(|cause| &mut cause.kept);
        let violations = kept.filter_map(|of| of.violation.as_mut());
        let lines = violations.flat_map(|violation| &mut violation.evidence);
        lines.filter(|line| line.text.is_empty())
    }

    /// The verdict, after the last window.
    pub(crate) fn into_verdict(self, trial: &Trial, reading: &Reading, is_whole: bool) -> Verdict {
        let merge = (!is_whole).then(|| match reading.step {
            Some(_) => self.memory.short_merge.cause(),
            None => ShortMerge::UNKNOWN.cause(),
        });
        let laws = Law::ALL.into_iter().zip(self.laws);
        Verdict {
            group: trial.info.run.clone(),
            trial: trial.info.name.clone(),
            dir: trial.info.dir.clone(),
            format: trial.info.format.clone(),
            machines: trial.machines.len(),
            events: self.sums.events,
            messages: match trial.is_own() {
                true => self.sums.messages,
                false => self.sums.matched,
            },
            receives: self.sums.receives,
            matched: self.sums.matched,
            ambiguous: self.sums.ambiguous,
            inferred: trial.inferred.clone(),
            conditions: self.conditions,
            laws: laws
                .filter(|(_, counts)| counts.applies)
                .map(|(law, counts)| finding(law, counts.in_order(merge)))
                .collect(),
            readings: reading.words.clone(),
            dialect: reading.dialect.clone(),
        }
    }
}

impl Counts {
    /// As a law that sees all rows of a machine together finds them; `merge` are the words for [`SHORT_MERGE`].
    fn in_order(mut self, merge: Option<&'static str>) -> Counts {
        self.undecided.sort_by_key(|&(turn, ..)| turn);
        self.causes.sort_by_key(|cause| cause.first);
        for cause in &mut self.causes {
            if let Some(merge) = merge.filter(|_| cause.words == SHORT_MERGE) {
                cause.words = merge;
            }
            cause.kept.sort_by_key(|of| of.turn);
            cause.kept.truncate(KEPT);
            cause.kept.sort_by_key(|of| of.proof.rows.len());
        }
        self.causes
            .sort_by_key(|cause| std::cmp::Reverse(cause.violated));
        self
    }

    /// Each reason once, in the order of first appearance.
    fn reasons(&self) -> Vec<(&'static str, u64)> {
        let mut reasons: Vec<(&'static str, u64)> = Vec::new();
        for &(_, why, many) in self.undecided.iter().filter(|&&(_, _, many)| many > 0) {
            match reasons.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, count)) => *count += many,
                None => reasons.push((why, many)),
            }
        }
        reasons
    }
}

fn finding(law: Law, counts: Counts) -> Finding {
    let causes = &counts.causes;
    let violated: u64 = causes.iter().map(|cause| cause.violated).sum();
    let top = causes.first();
    let top = top.filter(|top| violated > 1 && top.violated as f64 >= EXPLAINS * violated as f64);
    let reasons = counts.reasons();
    let often = reasons.iter().max_by_key(|&(_, count)| *count);
    let why = often.map(|(why, _)| *why).or(counts.idle);
    let idle = || format!("the log has no {} to examine", law.unit());
    let count = LawCount {
        examined: counts.examined,
        violated,
        undecided: reasons.iter().map(|(_, count)| count).sum(),
        ..LawCount::new(law)
    };
    let finding = Finding {
        not_decidable: match why {
            Some(why) => Some(why.to_owned()),
            None if counts.examined == 0 => Some(idle()),
            None => None,
        },
        explanation: top.map(|top| format!("in {} of {violated}: {}", top.violated, top.words)),
        causes: causes
            .iter()
            .map(|cause| (cause.words.to_owned(), cause.violated))
            .collect(),
        ..Finding::of_count(count, Vec::new())
    };
    let examples = counts.causes.into_iter().flat_map(|cause| {
        let words = cause.words;
        let kept = cause.kept.into_iter();
        kept.filter_map(move |of| {
            Some(Violation {
                cause: format!("{words}{}", of.proof.detail),
                ..of.violation?
            })
        })
    });
    Finding {
        examples: examples.collect(),
        ..finding
    }
}

/// A violation but for its cause.
fn violation(trial: &Trial, law: Law, machine: usize, proof: &Proof) -> Violation {
    let mut evidence: Vec<LogLine> = Vec::with_capacity(proof.rows.len());
    for &(machine, row) in &proof.rows {
        let line = line(trial, machine, row);
        if !evidence.contains(&line) {
            evidence.push(line);
        }
    }
    Violation {
        law,
        run: trial.info.run.clone(),
        trial: trial.info.name.clone(),
        trial_dir: trial.info.dir.clone(),
        machine: trial.machines[machine].id,
        name: (!trial.is_own())
            .then(|| trial.machines[machine].label())
            .flatten()
            .map(str::to_owned),
        evidence,
        expected: proof.expected.clone(),
        found: proof.found.clone(),
        cause: String::new(),
    }
}

fn line(trial: &Trial, machine: usize, row: Option<usize>) -> LogLine {
    let of = &trial.machines[machine];
    LogLine {
        file: match row {
            Some(row) => of.file(row),
            None => of
                .files
                .first()
                .map_or(std::path::Path::new(""), |file| file),
        }
        .to_owned(),
        line: row.map(|row| of.rows.line(row)),
        text: String::new(),
        at: row.map(|row| At { machine, row }),
    }
}
