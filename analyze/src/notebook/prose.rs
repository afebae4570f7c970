//! Numbers in prose: a result that is typed by hand cannot be recomputed, so it must not be there.
//!
//! Allowed are digits in `code` (options and commands), in links, in HTML comments, in names such as M2, and the
//! numbers that order headings and lists.

/// A number outside of any block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedNumber {
    /// Line of the page, from 1.
    pub line: usize,
    /// The number, as it stands.
    pub number: String,
}

/// Finds typed numbers in prose that begins on `first_line`. `fenced` says whether the text begins inside fenced code;
/// it is kept for the next piece.
pub fn typed_numbers(text: &str, first_line: usize, fenced: &mut bool) -> Vec<TypedNumber> {
    let text = blanked(text, "<!--", "-->");
    let mut found = Vec::new();
    for (line, content) in (first_line..).zip(text.split('\n')) {
        if content.trim_start().starts_with("```") {
            *fenced = !*fenced;
            continue;
        }
        if *fenced {
            continue;
        }
        let content = blanked(content, "`", "`");
        let content = blanked(&content, "](", ")");
        let content = without_ordinal(&content);
        found.extend(numbers(content).map(|number| TypedNumber {
            line,
            number: number.to_owned(),
        }));
    }
    found
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
        plain.extend(
            rest[start..end]
                .chars()
                .map(|letter| if letter == '\n' { '\n' } else { ' ' }),
        );
        rest = &rest[end..];
    }
    plain + rest
}

/// A heading's or a list item's own number is not a result.
fn without_ordinal(line: &str) -> &str {
    let bare = line.trim_start_matches(['#', ' ', '>']);
    let digits = bare.len()
        - bare
            .trim_start_matches(|letter: char| letter.is_ascii_digit())
            .len();
    match bare[digits..].chars().next() {
        Some('.' | ')') if digits > 0 => &bare[digits + 1..],
        _ => line,
    }
}

/// Runs of digits, with their sign, point and thousands, that are not part of a name.
fn numbers(line: &str) -> impl Iterator<Item = &str> {
    let name =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | ',' | '-' | '−' | '%');
    line.split(move |letter: char| !name(letter))
        .filter(|word| {
            let word = word.trim_start_matches(['.', ',', '-', '−']);
            word.starts_with(|letter: char| letter.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, String)> {
        let mut fenced = false;
        typed_numbers(text, 1, &mut fenced)
            .into_iter()
            .map(|typed| (typed.line, typed.number))
            .collect()
    }

    #[test]
    fn typed_results_are_found() {
        let text = "The queue reached 317,\nor −4.5 % of it,\nin x=12 trials.";
        let expected = [(1, "317,"), (2, "−4.5"), (3, "12")];
        assert_eq!(
            found(text),
            expected.map(|(line, number)| (line, number.to_owned()))
        );
    }

    #[test]
    fn names_options_links_and_ordinals_are_not_results() {
        let text = "# 1. Page\n\n1. M2 at `--rates 1,3,6` [see](02-x.md)\n<!-- 5\n6 -->\n```\n7\n```\n3) C(send)";
        assert_eq!(found(text), []);
    }
}
