//! How findings read on a terminal.
//!
//! **Invariant.** What is quoted of others is made visible: it ends no line and is obeyed by no terminal.

use std::fmt;

use laws::{Finding, LogLine, Verdict, Violation};

use crate::visible_text::visible;

/// Something in words.
#[derive(Debug, Clone, Copy)]
pub struct InWords<'a, T>(pub &'a T);

impl fmt::Display for InWords<'_, Violation> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation {
            law,
            run,
            trial,
            machine,
            name,
            ..
        } = self.0;
        let machine = match name {
            Some(name) => visible(name).into_owned(),
            None => format!("machine {machine}"),
        };
        let trial = if trial.is_empty() { run } else { trial };
        writeln!(
            f,
            "{law} violated by {machine} in {}: {}",
            visible(trial),
            law.rule()
        )?;
        of_violation(f, "  ", self.0)
    }
}

fn of_violation(f: &mut fmt::Formatter<'_>, indent: &str, violation: &Violation) -> fmt::Result {
    let Violation {
        evidence,
        expected,
        found,
        cause,
        ..
    } = violation;
    proof(f, indent, evidence, [expected, found, cause])
}

/// The lines that prove a violation under one another, then what was expected, what was found and the likely cause.
pub(crate) fn proof(
    f: &mut fmt::Formatter<'_>,
    indent: &str,
    evidence: &[LogLine],
    [expected, found, cause]: [&str; 3],
) -> fmt::Result {
    let places = evidence.iter().map(LogLine::place);
    let places: Vec<String> = places.map(|place| visible(&place).into_owned()).collect();
    let width = places.iter().map(String::len).max().unwrap_or(0);
    for (place, line) in places.iter().zip(evidence) {
        writeln!(f, "{indent}{place:<width$}   {}", visible(&line.text))?;
    }
    write!(
        f,
        "{indent}expected {}, found {}; likely cause: {cause}",
        visible(expected),
        visible(found)
    )
}

impl fmt::Display for InWords<'_, Finding> {
    /// The sentence of a law, then its first example.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding {
            count,
            unit,
            not_decidable,
            ..
        } = self.0;
        let (law, examined) = (count.law, count.examined);
        let why = not_decidable.as_deref();
        let why = why.unwrap_or("the log does not say");
        if examined == 0 {
            return write!(f, "{law}: not decidable: {why}");
        }
        if count.violated == 0 {
            write!(f, "{law}: holds in all {examined} {unit} examined")?;
        } else {
            let percent = 100.0 * count.violated as f64 / examined as f64;
            write!(
                f,
                "{law}: VIOLATED in {} of {examined} {unit} ({percent:.1} %): {}",
                count.violated, count.rule
            )?;
        }
        if count.undecided > 0 {
            write!(f, "; not decidable for {}: {why}", count.undecided)?;
        }
        if let Some(explanation) = &self.0.explanation {
            write!(f, "\n    {explanation}")?;
        }
        match self.0.examples.first() {
            Some(example) => {
                writeln!(f)?;
                of_violation(f, "      ", example)
            }
            None => Ok(()),
        }
    }
}

impl fmt::Display for InWords<'_, Verdict> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = self.0;
        writeln!(
            f,
            "{}: {} machines, {} events, {} receives ({} matched with their send, {} ambiguous); format {}",
            visible(&verdict.name()),
            verdict.machines,
            verdict.events,
            verdict.receives,
            verdict.matched,
            verdict.ambiguous,
            visible(&verdict.format)
        )?;
        for reading in &verdict.readings {
            writeln!(f, "  read as: {reading}")?;
        }
        let (broken, kept): (Vec<&Finding>, Vec<&Finding>) =
            verdict.laws.iter().partition(|of| of.count.violated > 0);
        let mut findings = broken.into_iter().chain(kept);
        findings.try_for_each(|finding| writeln!(f, "  {}", InWords(finding)))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use event_log::MachineId;
    use laws::Law;

    use super::*;

    #[test]
    fn a_violation_reads_as_lines_rule_and_cause() {
        let line = |machine: u32, line, text: &str| LogLine {
            file: PathBuf::from(format!("logs/run/trial-000/machine-{machine}.csv")),
            line: Some(line),
            text: text.to_owned(),
            at: None,
        };
        let violation = Violation {
            law: Law::ClockCondition,
            run: "run".to_owned(),
            trial: "trial-000".to_owned(),
            trial_dir: PathBuf::from("logs/run/trial-000"),
            machine: MachineId(1),
            name: None,
            evidence: vec![
                line(1, 17, "16,9,receive,41,0,2,9,44"),
                line(2, 8, "9,7,send,44,0,1,,"),
            ],
            expected: "a clock above 44".to_owned(),
            found: "41".to_owned(),
            cause: "the row was logged before the merge".to_owned(),
        };
        assert_eq!(
            InWords(&violation).to_string(),
            "clock-condition violated by machine 1 in trial-000: the clock after a receive exceeds the clock of its send\n  \
             logs/run/trial-000/machine-1.csv:17   16,9,receive,41,0,2,9,44\n  \
             logs/run/trial-000/machine-2.csv:8    9,7,send,44,0,1,,\n  \
             expected a clock above 44, found 41; likely cause: the row was logged before the merge"
        );
    }
}
