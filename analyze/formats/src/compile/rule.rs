//! One rule of a format, and whether it takes a record.
//!
//! **Invariant.** A rule that takes a record gives all that it says.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use regex::{CaptureLocations, Regex, RegexBuilder};

use super::literal::required;
use crate::error::FormatError;
use crate::slot::{Slot, Values};
use crate::spec::Format;
use events::Kind;

/// What a line is that a rule takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It states facts.
    Header {
        /// And begins another trial.
        begins_trial: bool,
    },
    /// It is an event.
    Event(Kind),
    /// It is neither, for this reason.
    Ignore {
        /// Why.
        reason: String,
        /// Whether it may hold events all the same.
        may_hold_events: bool,
    },
}

/// A rule.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) claim: Claim,
    /// Where it stands in the format, for messages.
    pub(crate) place: String,
    test: Test,
}

/// What a rule looks at.
#[derive(Debug, Clone)]
enum Test {
    /// The text of the record; named groups say what.
    Text {
        /// What every text that matches holds; looking for it costs next to nothing.
        required: Option<String>,
        regex: Regex,
        groups: Vec<(usize, Slot)>,
    },
    /// Its fields, by their numbers in the list of fields.
    Fields {
        conditions: Vec<(usize, Condition)>,
        says: Vec<(usize, Slot)>,
    },
}

/// What a field must be.
#[derive(Debug, Clone)]
enum Condition {
    /// This text.
    Is(String),
    /// What this regex matches as a whole.
    Matches(Regex),
}

/// What matching needs again and again: the places of groups, a set for each rule.
#[derive(Debug)]
pub(crate) struct Scratch(Vec<Option<CaptureLocations>>);

impl Scratch {
    pub(crate) fn new(rules: &[Rule]) -> Scratch {
        let locations = rules.iter().map(|rule| match &rule.test {
            Test::Text { regex, .. } => Some(regex.capture_locations()),
            Test::Fields { .. } => None,
        });
        Scratch(locations.collect())
    }

    /// The first of the rules `which` that takes this text, and what the text says.
    pub(crate) fn text<'r, 't>(
        &mut self,
        rules: &'r [Rule],
        which: Range<usize>,
        text: &'t str,
    ) -> Option<(&'r Rule, Values<'t>)> {
        let locations = &mut self.0[which.clone()];
        rules[which]
            .iter()
            .zip(locations)
            .find_map(|(rule, locations)| {
                let (
                    Test::Text {
                        required,
                        regex,
                        groups,
                    },
                    Some(locations),
                ) = (&rule.test, locations)
                else {
                    return None;
                };
                if required
                    .as_ref()
                    .is_some_and(|literal| !text.contains(literal))
                {
                    return None;
                }
                if groups.is_empty() {
                    return regex.is_match(text).then(|| (rule, Values::default()));
                }
                regex.captures_read(locations, text)?;
                let mut values = Values::default();
                for &(group, slot) in groups {
                    if let Some(said) = locations
                        .get(group)
                        .and_then(|(from, to)| text.get(from..to))
                    {
                        values.set(slot, said);
                    }
                }
                Some((rule, values))
            })
    }
}

/// The first rule that takes these fields, and what they say; fields that are not there are `None`.
pub(crate) fn by_fields<'r, 't>(
    rules: &'r [Rule],
    fields: &'t [Option<Cow<'_, str>>],
) -> Option<(&'r Rule, Values<'t>)> {
    let field = |number: usize| fields.get(number).and_then(Option::as_deref);
    rules.iter().find_map(|rule| {
        let Test::Fields { conditions, says } = &rule.test else {
            return None;
        };
        let met = conditions.iter().all(|(number, condition)| {
            let text = field(*number).unwrap_or_default();
            match condition {
                Condition::Is(expected) => text == expected,
                Condition::Matches(regex) => regex.is_match(text),
            }
        });
        let mut values = Values::default();
        for &(number, slot) in says.iter().filter(|_| met) {
            if let Some(said) = field(number) {
                values.set(slot, said);
            }
        }
        met.then_some((rule, values))
    })
}

impl Rule {
    /// Whether it takes whatever fields there are.
    pub(crate) fn takes_every_record(&self) -> bool {
        matches!(&self.test, Test::Fields { conditions, .. } if conditions.is_empty())
    }

    /// Its pattern, if it has one.
    pub(crate) fn pattern(&self) -> Option<&str> {
        match &self.test {
            Test::Text { regex, .. } => Some(regex.as_str()),
            Test::Fields { .. } => None,
        }
    }

    /// Whether it can say this.
    pub(crate) fn says(&self, slot: Slot) -> bool {
        match &self.test {
            Test::Text { groups, .. } => groups.iter().any(|(_, said)| *said == slot),
            Test::Fields { says, .. } => says.iter().any(|(_, said)| *said == slot),
        }
    }
}

/// All rules of a format, in the order in which they are tried; fields that they name are added to the list.
pub(super) fn all(format: &Format, fields: &mut Vec<String>) -> Result<Vec<Rule>, FormatError> {
    let mut rules = Vec::new();
    for (number, header) in format.headers.iter().enumerate() {
        let place = format!("[[header]] {}", number + 1);
        let parts = (&header.pattern, &header.conditions, &header.fields);
        rules.push(Rule {
            test: test(parts, &place, true, fields)?,
            place,
            claim: Claim::Header {
                begins_trial: header.begins_trial,
            },
        });
    }
    for (number, event) in format.events.iter().enumerate() {
        let kind = format!("{:?}", event.kind).to_lowercase();
        let place = format!("[[event]] {} ({kind})", number + 1);
        let parts = (&event.pattern, &event.conditions, &event.fields);
        rules.push(Rule {
            test: test(parts, &place, false, fields)?,
            place,
            claim: Claim::Event(event.kind),
        });
    }
    for (number, ignore) in format.ignored.iter().enumerate() {
        let place = format!("[[ignore]] {}", number + 1);
        rules.push(Rule {
            test: Test::Text {
                required: required(&ignore.pattern),
                regex: regex(&ignore.pattern, &place)?,
                groups: Vec::new(),
            },
            place,
            claim: Claim::Ignore {
                reason: ignore.reason.clone(),
                may_hold_events: ignore.may_hold_events,
            },
        });
    }
    Ok(rules)
}

/// The pattern, the conditions and the fields of a rule.
type Parts<'f> = (
    &'f Option<String>,
    &'f BTreeMap<String, String>,
    &'f BTreeMap<String, String>,
);

fn test(
    (pattern, conditions, says): Parts,
    place: &str,
    header: bool,
    fields: &mut Vec<String>,
) -> Result<Test, FormatError> {
    if let Some(pattern) = pattern {
        let regex = regex(pattern, place)?;
        let groups = regex.capture_names().enumerate();
        let groups = groups.filter_map(|(group, name)| Some((group, name?)));
        let groups = groups.map(|(group, name)| Ok((group, slot(name, place, header)?)));
        let groups = groups.collect::<Result<_, FormatError>>()?;
        let required = required(pattern);
        return Ok(Test::Text {
            required,
            regex,
            groups,
        });
    }
    let mut number = |field: &str| match fields.iter().position(|known| known == field) {
        Some(number) => number,
        None => {
            fields.push(field.to_owned());
            fields.len() - 1
        }
    };
    let conditions = conditions.iter().map(|(field, pattern)| {
        let place = format!("{place}, where {field}");
        Ok((number(field), condition(pattern, &place)?))
    });
    let conditions = conditions.collect::<Result<_, FormatError>>()?;
    let says = says.iter();
    let says = says.map(|(name, field)| Ok((number(field), slot(name, place, header)?)));
    Ok(Test::Fields {
        conditions,
        says: says.collect::<Result<_, FormatError>>()?,
    })
}

/// A condition; text without signs of a regex is compared as it is.
fn condition(pattern: &str, place: &str) -> Result<Condition, FormatError> {
    if regex::escape(pattern) == pattern {
        return Ok(Condition::Is(pattern.to_owned()));
    }
    regex(pattern, place)?;
    let whole = regex(&format!("^(?:{pattern})$"), place)?;
    Ok(Condition::Matches(whole))
}

/// The slot that a rule names.
fn slot(name: &str, place: &str, header: bool) -> Result<Slot, FormatError> {
    let may_say = |slot: &Slot| {
        if header {
            slot.of_headers()
        } else {
            slot.of_events()
        }
    };
    let known = Slot::named(name).filter(may_say);
    known.ok_or_else(|| {
        FormatError::new(
            place,
            format!(
                "`{name}` is nothing that {} can say",
                if header { "a header" } else { "an event" }
            ),
            format!(
                "use one of {}, or a group without a name",
                Slot::known(header)
            ),
        )
    })
}

/// A regex, or what is wrong with it.
pub(super) fn regex(pattern: &str, place: &str) -> Result<Regex, FormatError> {
    RegexBuilder::new(pattern).build().map_err(|error| {
        let advice = match error {
            regex::Error::CompiledTooBig(_) => "use smaller repetitions such as `+` for `{1,1000}`",
            _ => "correct it; look-around and back-references are not known, and in TOML a pattern is best in '…'",
        };
        FormatError::new(place, format!("pattern `{pattern}`: {error}"), advice)
    })
}
