//! What becomes of a record that a rule takes, and of a line that none does.
//!
//! **Invariant.** Every line is entered in the ledger, once.

use std::path::Path;

use crate::compile::{Claim, Compiled, Rule, Scratch};
use crate::gather::{FileState, Gathered};
use crate::line_log::{Class, Ledger};
use crate::lines::Line;
use crate::slot::Values;
use files::note::Note;

/// Why a blank line that no rule takes is left out.
const BLANK: &str = "blank line";
/// Why a line of nothing but NUL bytes is left out.
const PADDING: &str = "NUL bytes only, as a crash leaves them";
/// Why a line is not put to any rule.
const TOO_LONG: &str = "longer than a mebibyte: no rule is put to such a line";
/// The longest line that patterns are put to, bytes.
pub(super) const LINE_BYTES_MAX: usize = 1 << 20;

/// Some of the rules that have a pattern.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    All,
    NotIgnored,
    Ignored,
}

/// A file being read.
pub(super) struct Reader<'c, 'g> {
    pub(super) compiled: &'c Compiled,
    pub(super) path: &'g Path,
    pub(super) scratch: Scratch,
    pub(super) state: FileState<'c>,
    pub(super) gathered: &'g mut Gathered,
    pub(super) ledger: Ledger,
    /// Lines that are left out and may hold events.
    pub(super) holes: Vec<u64>,
    /// The first line of NUL bytes, or with such bytes around its text.
    pub(super) padded: Option<u64>,
    /// The last line, if it has no end and yet a rule took it.
    pub(super) cut: Option<u64>,
    pub(super) notes: Vec<Note>,
}

impl Reader<'_, '_> {
    /// What becomes of a text by the rules that have a pattern; nothing, if none takes it.
    pub(super) fn by_pattern(&mut self, text: &str, line: u64, which: Which) -> Option<Class> {
        if text.len() > LINE_BYTES_MAX {
            return None;
        }
        let rules = self.compiled.rules();
        let ignores = rules.len() - self.compiled.format().ignored.len();
        let which = match which {
            Which::All => 0..rules.len(),
            Which::NotIgnored => 0..ignores,
            Which::Ignored => ignores..rules.len(),
        };
        let (rule, values) = self.scratch.text(rules, which, text)?;
        Some(self.take(rule, &values, line))
    }

    /// What becomes of a record that a rule takes.
    pub(super) fn take(&mut self, rule: &Rule, values: &Values, line: u64) -> Class {
        let (taken, class) = match &rule.claim {
            Claim::Event(kind) => (
                self.state.event(self.gathered, line, *kind, values),
                Class::Event,
            ),
            Claim::Header { begins_trial } => (
                self.state
                    .header(self.gathered, line, *begins_trial, values),
                Class::Header,
            ),
            Claim::Ignore {
                reason,
                may_hold_events,
            } => {
                if *may_hold_events {
                    self.holes.push(line);
                }
                return Class::Ignored(reason.clone());
            }
        };
        match taken {
            Ok(()) => class,
            Err(wrong) => Class::Unexplained(format!("{} takes it, but {wrong}", rule.place)),
        }
    }

    /// Enters a line by what a rule made of it; without one, as blank or unexplained.
    pub(super) fn enter(&mut self, line: &Line, taken: Option<Class>, why_not: &str) {
        self.watch(line, taken.as_ref());
        let class = taken.unwrap_or_else(|| {
            if line.text.is_empty() && line.padded {
                Class::Ignored(PADDING.to_owned())
            } else if line.text.trim().is_empty() {
                Class::Ignored(BLANK.to_owned())
            } else if line.text.len() > LINE_BYTES_MAX {
                Class::Unexplained(TOO_LONG.to_owned())
            } else if line.ended {
                Class::Unexplained(why_not.to_owned())
            } else {
                Class::Unexplained(format!(
                    "truncated: the file ends within this line, and {why_not}"
                ))
            }
        });
        self.ledger.enter(class, line.number, 1, line.text);
    }

    /// Remembers what notes need of a line.
    pub(super) fn watch(&mut self, line: &Line, taken: Option<&Class>) {
        if line.padded && self.padded.is_none() {
            self.padded = Some(line.number);
        }
        if !line.ended && matches!(taken, Some(Class::Event | Class::Header)) {
            self.cut = Some(line.number);
        }
    }
}
