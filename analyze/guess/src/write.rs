//! A proposed format as TOML with comments: an example of each kind of line, and what is not certain.
//!
//! **Invariant.** What is written is read as the same format.

use super::answer::Guess;
use events::Kind;

/// The TOML of a proposed format, with comments.
///
/// # Errors
///
/// When the format cannot be written as TOML.
pub fn toml(guess: &Guess) -> Result<String, toml::ser::Error> {
    let plain = toml::to_string(&guess.format)?;
    let mut text = String::from("# Proposed by `analyze guess`: read it before you trust it.\n");
    let share = 100.0 * guess.share_explained;
    text.push_str(&format!(
        "# It explains {share:.1} % of the lines that it was made from.\n"
    ));
    for doubt in &guess.doubts {
        text.push_str(&comment(&format!(
            "Not certain, {}: {}",
            doubt.what, doubt.why
        )));
        if !doubt.evidence.is_empty() {
            text.push_str(&comment(&format!("    {}", doubt.evidence)));
        }
    }
    text.push('\n');
    let mut kinds = guess.format.events.iter().map(|rule| rule.kind);
    for line in plain.lines() {
        if line == "[[event]]"
            && let Some(kind) = kinds.next()
            && let Some(example) = example(guess, kind, guess.format.events.len() - kinds.len() - 1)
        {
            text.push_str(&comment(&example));
        }
        text.push_str(line);
        text.push('\n');
    }
    Ok(text)
}

/// The example of a rule: that of its kind, by its pattern where there are several.
fn example(guess: &Guess, kind: Kind, rule: usize) -> Option<String> {
    let pattern = guess.format.events.get(rule)?.pattern.as_deref();
    let matches = |text: &str| {
        pattern.is_none_or(|pattern| {
            regex::Regex::new(pattern).is_ok_and(|regex| regex.is_match(text))
        })
    };
    let found = guess
        .found
        .iter()
        .find(|found| found.kind == Some(kind) && matches(&found.example))?;
    Some(found.example.clone())
}

fn comment(text: &str) -> String {
    let clean = |line: &str| {
        line.chars()
            .map(|letter| if letter.is_control() { '·' } else { letter })
            .take(300)
            .collect::<String>()
    };
    text.lines()
        .map(|line| format!("# {}\n", clean(line)))
        .collect()
}
