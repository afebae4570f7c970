//! Numbers in prose: a result that is typed by hand cannot be recomputed, so it must not be there.
//!
//! Allowed are digits in names such as M2, in the targets of links, in HTML comments, in `code` that names an option or a
//! file, in fenced code that says what language it is (commands, configuration), between the marks of measurements, and the
//! numbers that order headings and list items. A bare number in `code`, or one behind an equals sign there, is a result like any other.

/// Between these marks stands what a script measured and wrote.
const MEASUREMENTS_BEGIN: &str = "<!-- measurements:begin -->";
const MEASUREMENTS_END: &str = "<!-- measurements:end -->";

/// A number outside of any block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedNumber {
    /// Line of the page, from 1.
    pub line: usize,
    /// The number, with the word it stands in.
    pub number: String,
}

/// What a piece of prose inherits from the piece before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// How many backticks close the fenced code that is open, and whether its language was named.
    fence: Option<(usize, bool)>,
    /// Whether the last line was text, so that a number at the start of the next belongs to its sentence.
    in_sentence: bool,
}

/// Finds typed numbers in prose that begins on `first_line`.
pub fn typed_numbers(text: &str, first_line: usize, state: &mut State) -> Vec<TypedNumber> {
    let text = blanked(text, MEASUREMENTS_BEGIN, MEASUREMENTS_END);
    let text = blanked(&text, "<!--", "-->");
    let mut found = Vec::new();
    for (line, content) in (first_line..).zip(text.split('\n')) {
        let content = state.readable(content);
        found.extend(numbers(&content).map(|number| TypedNumber { line, number }));
    }
    found
}

impl State {
    /// The part of a line in which no number may stand; keeps track of fences and sentences.
    fn readable(&mut self, line: &str) -> String {
        let bare = line.trim();
        let ticks = bare.len() - bare.trim_start_matches('`').len();
        if let Some((length, named)) = self.fence {
            if ticks >= length && ticks == bare.len() {
                self.fence = None;
                return String::new();
            }
            return if named {
                String::new()
            } else {
                line.to_owned()
            };
        }
        if ticks >= 3 && !bare[ticks..].contains('`') {
            self.fence = Some((ticks, !bare[ticks..].trim().is_empty()));
            self.in_sentence = false;
            return String::new();
        }
        let continues = self.in_sentence;
        self.in_sentence = !bare.is_empty() && !bare.starts_with('#');
        let line = if continues {
            line
        } else {
            without_ordinal(line)
        };
        without_targets(&without_code(line))
    }
}

/// The text with all that stands between `open` and `close`, marks included, made blank; line ends stay.
fn blanked(text: &str, open: &str, close: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(open) {
        let after = start + open.len();
        let Some(length) = rest[after..].find(close) else {
            break;
        };
        let end = after + length + close.len();
        plain += &rest[..start];
        let blank = |letter| if letter == '\n' { '\n' } else { ' ' };
        plain.extend(rest[start..end].chars().map(blank));
        rest = &rest[end..];
    }
    plain + rest
}

/// The line without `code` that names something; `code` that states a number stays.
fn without_code(line: &str) -> String {
    let mut parts = line.split('`');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    while let Some(code) = parts.next() {
        let Some(after) = parts.next() else {
            return plain + code;
        };
        let names = code.contains(|letter: char| letter.is_alphabetic());
        let states = code.contains(" = ") || code.contains(" < ") || code.contains(" > ");
        if !names || states {
            plain += code;
        }
        plain.push(' ');
        plain += after;
    }
    plain
}

/// The line without the targets of its links: `](…)` behind a `[`, with no blank inside.
fn without_targets(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find("](") {
        let (before, target) = rest.split_at(start + 2);
        plain += before;
        let end = target.find(')').unwrap_or(target.len());
        let is_target = before.contains('[') && !target[..end].contains(char::is_whitespace);
        if !is_target {
            plain += &target[..end];
        }
        rest = &target[end..];
    }
    plain + rest
}

/// A heading's or a list item's own number is not a result.
fn without_ordinal(line: &str) -> &str {
    let bare = line.trim_start_matches(['#', ' ', '>']);
    let rest = bare.trim_start_matches(|letter: char| letter.is_ascii_digit());
    match (bare.len() - rest.len(), rest.chars().next()) {
        (1..=3, Some('.' | ')')) if rest[1..].starts_with(' ') => &rest[1..],
        _ => line,
    }
}

/// Words with a digit that no letter stands directly before.
fn numbers(line: &str) -> impl Iterator<Item = String> {
    let words = line.split_whitespace().map(str::to_owned);
    words.filter(|word| {
        let mut before = ' ';
        let mut typed = false;
        for letter in word.chars() {
            let digit = letter.is_numeric();
            typed |= digit && !(before.is_alphabetic() || before.is_numeric() || before == '_');
            before = letter;
        }
        typed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, String)> {
        let typed = typed_numbers(text, 1, &mut State::default());
        let typed = typed.into_iter();
        typed.map(|typed| (typed.line, typed.number)).collect()
    }

    #[test]
    fn typed_results_are_found() {
        let cases = [
            (
                "The queue reached 317,\nor −4.5 % of it,",
                vec![(1, "317,"), (2, "−4.5")],
            ),
            (
                "the queue of the slow machine reached\n317. Nothing was lost.",
                vec![(2, "317.")],
            ),
            (
                "max-317, rate.6 and %317",
                vec![(1, "max-317,"), (1, "rate.6"), (1, "%317")],
            ),
            (
                "It reached `317`, `p = 0.003`",
                vec![(1, "317"), (1, "0.003")],
            ),
            ("```\n| 7 |\n```\nand 8", vec![(2, "7"), (4, "8")]),
            ("```x``` shows it.\nIt was 9", vec![(2, "9")]),
            ("a](reached 317 messages)", vec![(1, "317")]),
            ("x=12 and ½", vec![(1, "x=12"), (1, "½")]),
            (
                "<!-- measurements:begin -->\n| 7 |\n<!-- measurements:end -->\n8",
                vec![(4, "8")],
            ),
            ("<!-- measurements:begin -->\n| 7 |", vec![(2, "7")]),
        ];
        for (text, expected) in cases {
            let expected: Vec<(usize, String)> = expected
                .into_iter()
                .map(|(line, number)| (line, number.to_owned()))
                .collect();
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn names_options_links_and_ordinals_are_not_results() {
        let text = "# 1. Page\n\n1. M2 at `--rates 1,3,6` [see](02-x.md)\n\n2) <!-- 5\n6 --> C(send)\n\n```sh\nrun 7\n```\n";
        assert_eq!(found(text), []);
    }
}
