//! Texts as fields of CSV that spreadsheets do not take for formulas.
//!
//! **Invariant.** A text that is made a field and taken out again is the same, control characters that a terminal would
//! obey aside.

use std::borrow::Cow;

use text::visible_text::visible_field;

/// Signs with which a spreadsheet begins a formula.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// A text as a field of CSV that spreadsheets do not take for a formula: `'` stands before `=`, `+`, `-`, `@`, a tab and
/// a line end, also where `'` stands there already, so that it can be taken away again. What a terminal would obey is shown
/// instead.
pub fn cell(text: &str) -> Cow<'_, str> {
    let seen = visible_field(text);
    match text.trim_start_matches('\'').starts_with(FORMULA) {
        true => Cow::Owned(format!("'{seen}")),
        false => seen,
    }
}

/// The text of such a field.
pub fn uncelled(field: &str) -> &str {
    let is_marked = field.trim_start_matches('\'').starts_with(FORMULA);
    field
        .strip_prefix('\'')
        .filter(|_| is_marked)
        .unwrap_or(field)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_no_formula() {
        assert_eq!(cell("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(cell("-2+3"), "'-2+3");
        assert_eq!(cell("'=1"), "''=1");
        assert_eq!(cell("trial-000"), "trial-000");
        assert_eq!(cell("'quoted'"), "'quoted'");
        assert_eq!(cell("\u{1b}[31mred"), "·[31mred");
    }

    proptest! {
        #[test]
        fn every_text_reads_back(text in "['=+@\t\r\na-]{0,5}") {
            let field = cell(&text);
            prop_assert!(!field.starts_with(FORMULA));
            prop_assert_eq!(uncelled(&field), &text);
        }
    }
}
