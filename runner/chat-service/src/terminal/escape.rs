//! What must not reach a terminal, made visible.
//!
//! A message can hold any Unicode. Control characters would move the cursor, ring, or speak to the terminal; overrides of
//! direction and characters without width would make a text look like another one. Joiners that scripts and emoji need stay.
//!
//! **Invariant.** What comes out has no control character, and shows every character that went in.

use std::fmt::Write;

/// Whether a character is not shown as it is.
pub(super) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Marks, embeddings, overrides and isolates of direction.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            // Ends of lines and paragraphs.
            | '\u{2028}' | '\u{2029}'
            // Nothing to see: soft hyphen, spaces and operators without width, annotations, tags.
            | '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// A text as one line.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            other if is_hidden(other) => shown.extend(other.escape_unicode()),
            other => shown.push(other),
        }
    }
    shown
}

/// A text as the lines that it has; tabs as spaces.
pub(super) fn lines(text: &str) -> Vec<String> {
    let lines = text.split('\n');
    let lines = lines.map(|line| line.strip_suffix('\r').unwrap_or(line));
    lines
        .map(|line| visible(&line.replace('\t', "    ")))
        .collect()
}

/// JSON with what is hidden as escapes: another spelling of the same values.
pub(super) fn json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for character in json.chars() {
        // JSON itself escapes the others.
        if character.is_ascii() && character != '\u{7f}' || !is_hidden(character) {
            shown.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // A string takes everything.
            let _ = write!(shown, "\\u{unit:04x}");
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_move_a_cursor_or_turn_a_text_around_is_shown() {
        for (text, expected) in [
            ("plain, ünïcödé, 漢字", "plain, ünïcödé, 漢字"),
            ("\u{1b}[2Jgone", "\\u{1b}[2Jgone"),
            ("bell\u{7}\u{8}", "bell\\u{7}\\u{8}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("two\nlines\r\n\tand", "two\\nlines\\r\\n\\tand"),
            ("\u{200b}\u{feff}", "\\u{200b}\\u{feff}"),
            // A family of three is one picture, joined.
            ("👩\u{200d}👩\u{200d}👧", "👩\u{200d}👩\u{200d}👧"),
        ] {
            assert_eq!(visible(text), expected);
        }
        assert_eq!(lines("one\r\n\ttwo\n"), ["one", "    two", ""]);
    }

    proptest! {
        #[test]
        fn nothing_hidden_comes_out(text: String) {
            prop_assert!(!visible(&text).chars().any(is_hidden));
            prop_assert!(lines(&text).iter().all(|line| !line.chars().any(is_hidden)));
        }

        #[test]
        fn json_stays_the_same_value(text: String) {
            let plain = serde_json::to_string(&text).expect("JSON");
            let shown = json(&plain);
            prop_assert!(!shown.chars().any(is_hidden));
            let back: String = serde_json::from_str(&shown).expect("JSON");
            prop_assert_eq!(back, text);
        }
    }
}
