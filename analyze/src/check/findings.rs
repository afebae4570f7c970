//! Where laws put what they find: everything is counted, a few violations are kept with their proof.
//!
//! **Invariant.** A violation that is only counted costs no allocation.

use super::facts::Facts;
use super::law::Law;
use super::verdict::{EXAMPLES, LawCount, LogLine, Verdict, Violation};

/// What a violation says beside its lines.
pub(super) struct Telling {
    /// What should have been.
    pub(super) expected: String,
    /// What was found.
    pub(super) found: String,
    /// What most likely went wrong.
    pub(super) cause: String,
}

impl Telling {
    pub(super) fn new(
        expected: impl Into<String>,
        found: impl Into<String>,
        cause: impl Into<String>,
    ) -> Telling {
        Telling {
            expected: expected.into(),
            found: found.into(),
            cause: cause.into(),
        }
    }
}

/// Findings of one trial.
pub(super) struct Findings<'a> {
    facts: &'a Facts<'a>,
    counts: [LawCount; Law::ALL.len()],
    kept: Vec<Violation>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(facts: &'a Facts<'a>) -> Findings<'a> {
        Findings {
            facts,
            counts: Law::ALL.map(LawCount::new),
            kept: Vec::new(),
        }
    }

    /// A law was decided for this many.
    #[inline]
    pub(super) fn examine(&mut self, law: Law, many: u64) {
        self.counts[law as usize].examined += many;
    }

    /// A law cannot be decided for this many.
    #[inline]
    pub(super) fn undecided(&mut self, law: Law, many: u64) {
        self.counts[law as usize].undecided += many;
    }

    /// A machine breaks a law; the (machine, row) pairs prove it, the offending row first. None means the file as a whole.
    pub(super) fn violate(
        &mut self,
        law: Law,
        machine: usize,
        evidence: &[(usize, Option<usize>)],
        tell: impl FnOnce() -> Telling,
    ) {
        let count = &mut self.counts[law as usize];
        count.violated += 1;
        if count.violated > EXAMPLES as u64 {
            return;
        }
        let Telling {
            expected,
            found,
            cause,
        } = tell();
        let mut lines: Vec<LogLine> = Vec::with_capacity(evidence.len());
        for &(machine, row) in evidence {
            let line = self.line(machine, row);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        self.kept.push(Violation {
            law,
            run: self.facts.log.run.clone(),
            trial_dir: self.facts.log.dir.clone(),
            machine: self.facts.log.machines[machine].entry.id,
            evidence: lines,
            expected,
            found,
            cause,
        });
    }

    fn line(&self, machine: usize, row: Option<usize>) -> LogLine {
        let log = &self.facts.log.machines[machine];
        LogLine {
            file: log.file.clone(),
            line: row.map(|row| log.rows.line[row]),
            text: row.map_or_else(|| "(the whole log)".to_owned(), |row| log.rows.text(row)),
        }
    }

    /// Closes the findings.
    pub(super) fn into_verdict(mut self, messages: u64) -> Verdict {
        self.kept.sort_by_key(|violation| {
            let line = violation.evidence.first().and_then(|line| line.line);
            (violation.law, violation.machine, line)
        });
        let log = self.facts.log;
        Verdict {
            run: log.run.clone(),
            trial: log.manifest.trial,
            trial_dir: log.dir.clone(),
            rows: log.machines.iter().map(|m| m.rows.len() as u64).sum(),
            messages,
            laws: self.counts.to_vec(),
            violations: self.kept,
        }
    }
}
