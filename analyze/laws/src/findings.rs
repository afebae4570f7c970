//! Where laws put what they find: all is counted, by cause; a few violations of each cause are kept.
//!
//! **Invariant.** A violation that is only counted costs no allocation. Evidence is kept by row.

use events::{At, Kind, Match, Trial};

use crate::case::Case;
use crate::law::Law;
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

/// Findings of one trial.
pub(crate) struct Findings<'a> {
    trial: &'a Trial,
    laws: Vec<Counts>,
    conditions: Vec<Conditions>,
}

#[derive(Default)]
struct Counts {
    applies: bool,
    examined: u64,
    undecided: Vec<(&'static str, u64)>,
    idle: Option<&'static str>,
    causes: Vec<Cause>,
}

struct Cause {
    words: &'static str,
    violated: u64,
    kept: Vec<(usize, Proof)>,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(trial: &'a Trial) -> Findings<'a> {
        Findings {
            trial,
            laws: Law::ALL.map(|_| Counts::default()).into(),
            conditions: vec![Conditions::default(); trial.machines.len()],
        }
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
        if many == 0 {
            return;
        }
        let reasons = &mut self.laws[law as usize].undecided;
        match reasons.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, count)) => *count += many,
            None => reasons.push((why, many)),
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
        let causes = &mut self.laws[law as usize].causes;
        let at = causes.iter().position(|cause| cause.words == words);
        let at = at.unwrap_or_else(|| {
            causes.push(Cause {
                words,
                violated: 0,
                kept: Vec::new(),
            });
            causes.len() - 1
        });
        causes[at].violated += 1;
        if causes[at].kept.len() < KEPT {
            causes[at].kept.push((machine, prove()));
        }
    }

    /// Closes the findings.
    pub(crate) fn into_verdict(self, case: &Case<'_>) -> Verdict {
        let trial = self.trial;
        let (mut receives, mut matched, mut ambiguous) = (0, 0, 0);
        for machine in &trial.machines {
            for row in
                (0..machine.rows.len()).filter(|&row| machine.rows.kind(row) == Kind::Receive)
            {
                receives += 1;
                match machine.rows.matched(row) {
                    Match::Sent { .. } => matched += 1,
                    Match::Ambiguous { .. } => ambiguous += 1,
                    Match::NoReceive | Match::Missing => {}
                }
            }
        }
        let laws = Law::ALL.into_iter().zip(self.laws);
        Verdict {
            group: trial.info.run.clone(),
            trial: trial.info.name.clone(),
            dir: trial.info.dir.clone(),
            format: trial.info.format.clone(),
            machines: trial.machines.len(),
            events: trial.len() as u64,
            messages: match trial.is_own() {
                true => case.channels.messages(),
                false => matched,
            },
            receives,
            matched,
            ambiguous,
            inferred: trial.inferred.clone(),
            conditions: self.conditions,
            laws: laws
                .filter(|(_, counts)| counts.applies)
                .map(|(law, counts)| finding(trial, law, counts))
                .collect(),
            readings: case.reading.words.clone(),
            dialect: case.reading.dialect.clone(),
        }
    }
}

fn finding(trial: &Trial, law: Law, mut counts: Counts) -> Finding {
    counts
        .causes
        .sort_by_key(|cause| std::cmp::Reverse(cause.violated));
    let causes = &counts.causes;
    let violated: u64 = causes.iter().map(|cause| cause.violated).sum();
    let top = causes.first();
    let top = top.filter(|top| violated > 1 && top.violated as f64 >= EXPLAINS * violated as f64);
    let often = counts.undecided.iter().max_by_key(|&(_, count)| *count);
    let why = often.map(|(why, _)| *why).or(counts.idle);
    let idle = || format!("the log has no {} to examine", law.unit());
    let count = LawCount {
        examined: counts.examined,
        violated,
        undecided: counts.undecided.iter().map(|(_, count)| count).sum(),
        ..LawCount::new(law)
    };
    let examples = causes.iter().flat_map(|cause| {
        let mut kept: Vec<&(usize, Proof)> = cause.kept.iter().collect();
        kept.sort_by_key(|(_, proof)| proof.rows.len());
        let kept = kept.into_iter();
        kept.map(|(machine, proof)| violation(trial, law, *machine, (cause.words, proof)))
    });
    Finding {
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
        ..Finding::of_count(count, examples.collect())
    }
}

fn violation(trial: &Trial, law: Law, machine: usize, (words, proof): (&str, &Proof)) -> Violation {
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
        cause: format!("{words}{}", proof.detail),
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
