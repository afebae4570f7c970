//! Text of others, such that what it holds is seen and does nothing.
//!
//! Names and lines of logs may hold signs that a terminal obeys, that turn the direction of writing, or that nobody sees.
//! Each of them is shown as `·`. Whatever renders text for people, on a terminal, in Markdown or in a picture, does so here.
//!
//! **Invariant.** Text that is made visible has as many characters as before, and none that is obeyed or hidden.

use std::borrow::Cow;

/// What stands for a sign that is not shown.
const SHOWN: char = '·';

/// A text within a line: line ends and tabs are not shown either.
pub fn visible(text: &str) -> Cow<'_, str> {
    replaced(text, is_harmful)
}

/// A text of several lines.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    replaced(text, |letter| {
        !matches!(letter, '\n' | '\t') && is_harmful(letter)
    })
}

/// A piece of JSON, in which such signs can only stand in strings: they are escaped there, and mean the same.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    let is_harmful = |letter: char| letter != '\n' && is_harmful(letter);
    if !json.contains(is_harmful) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for letter in json.chars() {
        if is_harmful(letter) {
            let units = letter.encode_utf16(&mut [0; 2]).to_vec();
            escaped.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            escaped.push(letter);
        }
    }
    escaped.into()
}

/// A text of a field for other programs: what such a field may hold anyway, line ends and tabs, stays.
pub fn visible_field(text: &str) -> Cow<'_, str> {
    replaced(text, |letter| {
        !matches!(letter, '\n' | '\r' | '\t') && is_harmful(letter)
    })
}

/// A text cut to `most` characters; one that is longer ends in `…`.
pub fn cut(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
        text.shrink_to_fit();
    }
    text
}

fn replaced(text: &str, is_harmful: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_harmful) {
        return Cow::Borrowed(text);
    }
    let letters = text.chars();
    letters
        .map(|letter| if is_harmful(letter) { SHOWN } else { letter })
        .collect()
}

fn is_harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            // Turn the direction of writing.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // End a line.
            | '\u{2028}' | '\u{2029}'
            // Are not seen at all, or are no characters.
            | '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_obeys_and_what_hides_is_seen() {
        assert_eq!(visible("\u{1b}[31mred\u{7}"), "·[31mred·");
        assert_eq!(
            visible("one\r\ntwo\tthree\u{9b}2J\u{7f}"),
            "one··two·three·2J·"
        );
        assert_eq!(visible("machine\u{202e}0-\u{feff}"), "machine·0-·");
        assert_eq!(visible_lines("one\r\n\ttwo"), "one·\n\ttwo");
        assert_eq!(visible_field("one\r\n\ttwo\u{1b}c"), "one\r\n\ttwo·c");
        assert_eq!(cut("żółw".to_owned(), 3), "żół…");
        assert_eq!(cut("żółw".to_owned(), 4), "żółw");
        assert!(matches!(visible("M2 · 6 Hz, żółw 龜 🐢"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn json_means_the_same(text in any::<String>(), more in "[\u{7f}-\u{9f}\u{202e}\u{feff}\u{e0041}\"\\\\]{0,5}") {
            let value = serde_json::json!({"name": [text, more]});
            let json = serde_json::to_string_pretty(&value).expect("JSON");
            let shown = visible_json(&json);
            prop_assert!(!shown.chars().any(|letter| letter != '\n' && is_harmful(letter)));
            let read: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
            prop_assert_eq!(read, value);
        }

        #[test]
        fn nothing_is_obeyed_and_no_length_changes(text in any::<String>()) {
            let shown = visible(&text);
            prop_assert!(!shown.chars().any(is_harmful));
            prop_assert_eq!(shown.chars().count(), text.chars().count());
            let lines = visible_lines(&text);
            prop_assert_eq!(lines.split('\n').count(), text.split('\n').count());
        }
    }
}
