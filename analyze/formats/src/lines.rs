//! A text cut into lines.
//!
//! Lines end with `\n` or `\r\n`; in a file that has no `\n` at all, with `\r`.
//!
//! **Invariant.** Lines and their ends, one after the other, are the text.

/// The lines of a text.
#[derive(Debug, Clone)]
pub struct Lines<'t> {
    text: &'t str,
    end: char,
    at: usize,
    number: u64,
}

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'t> {
    /// Its number, from 1.
    pub number: u64,
    /// Where it begins in the text.
    pub from: usize,
    /// Where its text ends in the text.
    pub to: usize,
    /// Its text, without its end and without NUL bytes around it.
    pub text: &'t str,
    /// Whether it has an end; the last of a file may have none.
    pub ended: bool,
    /// Whether there were NUL bytes around it, as a crash of the computer leaves them.
    pub padded: bool,
}

impl<'t> Lines<'t> {
    /// Those of a text.
    pub fn new(text: &'t str) -> Lines<'t> {
        let end = if !text.contains('\n') && text.contains('\r') {
            '\r'
        } else {
            '\n'
        };
        Lines {
            text,
            end,
            at: 0,
            number: 0,
        }
    }

    /// The text of several lines of one file, with the line ends between them.
    pub fn text_of(&self, first: Line<'t>, last: Line<'t>) -> &'t str {
        &self.text[first.from..last.to]
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = rest.find(self.end);
        let whole = &rest[..length.unwrap_or(rest.len())];
        let whole = whole.trim_end_matches('\r');
        let text = whole.trim_matches('\0');
        self.number += 1;
        let from = self.at;
        self.at += length.map_or(rest.len(), |length| length + 1);
        Some(Line {
            number: self.number,
            from,
            to: from + whole.len(),
            text,
            ended: length.is_some(),
            padded: text.len() < whole.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<(u64, &str, bool)> {
        let lines = Lines::new(text);
        lines
            .map(|line| (line.number, line.text, line.ended))
            .collect()
    }

    #[test]
    fn every_kind_of_line_end() {
        assert_eq!(texts("a\nb\n"), [(1, "a", true), (2, "b", true)]);
        assert_eq!(texts("a\r\nb"), [(1, "a", true), (2, "b", false)]);
        assert_eq!(texts("a\rb\r"), [(1, "a", true), (2, "b", true)]);
        assert_eq!(texts(""), []);
        assert_eq!(texts("\n\n"), [(1, "", true), (2, "", true)]);
    }

    #[test]
    fn nul_bytes_around_a_line_are_left_out() {
        let line = Lines::new("\0\0a\0").next();
        assert_eq!(line.map(|line| (line.text, line.padded)), Some(("a", true)));
    }

    proptest! {
        #[test]
        fn lines_cover_the_text(text in "[ab\r\n\0]{0,40}") {
            let lines = Lines::new(&text);
            let mut at = 0;
            for line in lines.clone() {
                let between = &text[at..line.from];
                prop_assert!(between.bytes().all(|byte| matches!(byte, b'\r' | b'\n')), "{between:?}");
                prop_assert!(line.to >= line.from);
                at = line.to;
            }
            prop_assert!(text[at..].bytes().all(|byte| matches!(byte, b'\r' | b'\n')));
            let ends = text.matches(lines.end).count() + usize::from(!text.is_empty() && !text.ends_with(lines.end));
            prop_assert_eq!(lines.count(), ends);
        }
    }
}
