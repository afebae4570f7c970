//! The account of one file while it is read.
//!
//! **Invariant.** A line is entered once.

use super::line_stats::{FileAccount, UNEXPLAINED_SHOWN, Unexplained};

/// Longest text of a line that is shown, in characters.
const SHOWN_MAX: usize = 200;

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Class {
    Event,
    Header,
    /// Left out, for this reason.
    Ignored(String),
    /// Nothing explains it, and why not.
    Unexplained(String),
}

impl Class {
    /// Of several records on one line: the one that must not be overlooked.
    pub(crate) fn or(self, other: Class) -> Class {
        let weight = |class: &Class| match class {
            Class::Unexplained(_) => 3,
            Class::Event => 2,
            Class::Header => 1,
            Class::Ignored(_) => 0,
        };
        if weight(&other) > weight(&self) {
            other
        } else {
            self
        }
    }
}

/// The account of one file.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) account: FileAccount,
    /// Numbers of the first lines of what nothing explains, ascending.
    pub(crate) unexplained: Vec<u32>,
}

impl Ledger {
    /// Enters `lines` lines from the line `first` on; `text` is what is shown of them.
    pub(crate) fn enter(&mut self, class: Class, first: u64, lines: u64, text: &str) {
        let account = &mut self.account;
        account.lines += lines;
        match class {
            Class::Event => account.events += lines,
            Class::Header => account.headers += lines,
            Class::Ignored(reason) => *account.ignored.entry(reason).or_default() += lines,
            Class::Unexplained(why) => {
                account.unexplained += lines;
                self.unexplained
                    .push(u32::try_from(first).unwrap_or(u32::MAX));
                if account.examples.len() < UNEXPLAINED_SHOWN {
                    account.examples.push(Unexplained {
                        line: first,
                        text: shown(text),
                        why,
                    });
                }
            }
        }
    }
}

/// A text on one line, cut to a readable length.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == SHOWN_MAX {
            shown.push('…');
            break;
        }
        match character {
            '\t' => shown.push('\t'),
            character if character.is_control() => shown.extend(character.escape_default()),
            character => shown.push(character),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_entered_and_only_the_first_unexplained_are_shown() {
        let mut ledger = Ledger::default();
        ledger.enter(Class::Event, 1, 3, "");
        ledger.enter(Class::Ignored("blank line".to_owned()), 4, 1, "");
        for line in 5..105 {
            ledger.enter(
                Class::Unexplained("no pattern matches".to_owned()),
                line,
                1,
                &"x\0".repeat(500),
            );
        }
        assert_eq!(ledger.unexplained.len(), 100);
        let account = ledger.account;
        assert_eq!(
            (account.lines, account.events, account.unexplained),
            (104, 3, 100)
        );
        assert_eq!(account.ignored["blank line"], 1);
        assert_eq!(account.examples.len(), UNEXPLAINED_SHOWN);
        assert!(account.examples[0].text.chars().count() < 700);
        assert!(!account.examples[0].text.contains('\0'));
    }
}
