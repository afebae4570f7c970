//! What makes a format impossible, beyond a wrong regex.
//!
//! **Invariant.** Every refusal names the setting or the rule.

use super::rule::{Claim, Rule};
use crate::error::FormatError;
use crate::slot::Slot;
use crate::spec::{Format, LineKind, TimeFormat};

/// Settings that contradict each other, and rules that look at what the kind of lines has not.
pub(super) fn settings(format: &Format) -> Result<(), FormatError> {
    let lines = &format.lines;
    let refuse = |what: &str, wrong: &str, advice: &str| Err(FormatError::new(what, wrong, advice));
    let separated = matches!(lines.kind, LineKind::Csv | LineKind::Tsv);
    if let Some(delimiter) = lines.delimiter {
        if !separated {
            return refuse(
                "[lines] delimiter",
                "only lines of kind csv or tsv have one",
                "remove it",
            );
        }
        if !delimiter.is_ascii() || matches!(delimiter, '"' | '\n' | '\r' | '\0') {
            return refuse(
                "[lines] delimiter",
                &format!("`{delimiter:?}` cannot separate fields"),
                "use one ASCII character such as `;` or `|`",
            );
        }
    }
    if lines.header.is_some() && !separated {
        return refuse(
            "[lines] header",
            "only lines of kind csv or tsv have a line of names",
            "remove it",
        );
    }
    if lines.record.is_some() && lines.kind != LineKind::Text {
        return refuse(
            "[lines] record",
            "only lines of kind text are joined by a pattern",
            "remove it",
        );
    }
    if format.events.is_empty() {
        return refuse(
            "[[event]]",
            "there is none, so no line could be an event",
            "add one for each kind of event",
        );
    }
    let headers = format.headers.iter().enumerate();
    let headers = headers.map(|(at, rule)| {
        (
            format!("[[header]] {}", at + 1),
            rule.pattern.is_some(),
            !rule.conditions.is_empty(),
            !rule.fields.is_empty(),
        )
    });
    let events = format.events.iter().enumerate();
    let events = events.map(|(at, rule)| {
        (
            format!("[[event]] {}", at + 1),
            rule.pattern.is_some(),
            !rule.conditions.is_empty(),
            !rule.fields.is_empty(),
        )
    });
    for (rule, pattern, conditions, fields) in headers.chain(events) {
        let by_fields = conditions || fields;
        if lines.kind == LineKind::Text && by_fields {
            return refuse(
                &rule,
                "lines of kind text have no fields",
                "use a pattern with named groups",
            );
        }
        if pattern && by_fields {
            return refuse(
                &rule,
                "a rule has either a pattern or fields",
                "remove one of them",
            );
        }
        if !pattern && !by_fields {
            return refuse(
                &rule,
                "it says neither which lines it takes nor what they say",
                "add a pattern, or `where` and `fields`",
            );
        }
    }
    Ok(())
}

/// Rules that can never match, and times that nothing could read.
pub(super) fn rules(format: &Format, rules: &[Rule]) -> Result<(), FormatError> {
    for (position, rule) in rules.iter().enumerate() {
        let before = &rules[..position];
        let same = before
            .iter()
            .find(|earlier| earlier.pattern().is_some() && earlier.pattern() == rule.pattern());
        let greedy = before
            .iter()
            .find(|earlier| earlier.takes_every_record() && rule.pattern().is_none());
        if let Some(earlier) = same.or(greedy) {
            return Err(FormatError::new(
                &rule.place,
                format!(
                    "it can never match: {} takes all of its lines",
                    earlier.place
                ),
                "remove one, or make the earlier one more particular",
            ));
        }
        if rule.says(Slot::Time) && format.time.format == TimeFormat::None {
            return Err(FormatError::new(
                &rule.place,
                "it captures `time`, but [time] does not say how a time is written",
                "set `format` in [time]: epoch_s, epoch_ms, epoch_us, epoch_ns, rfc3339, strftime or elapsed",
            ));
        }
        let period = rule.says(Slot::PeriodS) || rule.says(Slot::PeriodMs);
        if period && rule.says(Slot::Rate) {
            return Err(FormatError::new(
                &rule.place,
                "it captures both a rate and a period",
                "keep one of them",
            ));
        }
        debug_assert!(!matches!(rule.claim, Claim::Ignore { .. }) || !rule.says(Slot::Time));
    }
    Ok(())
}
