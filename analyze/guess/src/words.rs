//! What words say: which event a line tells of, what the number beside a word is, and what a log calls its machines.
//!
//! Logs of this kind are written by many hands; the lists hold the spellings that people use, stems where a stem is enough,
//! and a weight that says how sure a word is. `got` is a receive unless `sent` stands in the same line.
//!
//! **Invariant.** Words are lower case here; [`split`] makes them so.

mod kinds;
mod lists;
mod weights;

pub(super) use kinds::{is_kind_word, is_plural, kind_of, means_all};
pub(super) use lists::split;
use lists::{MACHINE_WORDS, TRIAL_WORDS, is_one_of};
pub(super) use weights::role_weight;

/// Whether a log calls a machine by such a word.
pub(super) fn is_machine_word(word: &str) -> bool {
    is_one_of(MACHINE_WORDS, word)
}

/// Whether a text holds names of machines by number and nothing else: `Machine 3`, `vm 1 & vm 3`.
pub(super) fn names_machines(text: &str) -> bool {
    let words = split(text);
    let Some((first, rest)) = words.split_first() else {
        return false;
    };
    let numbers = text.bytes().any(|byte| byte.is_ascii_digit());
    numbers && is_machine_word(first) && rest.iter().all(|word| word == first || word == "and")
}

/// Whether a log calls a trial by such a word.
pub(super) fn is_trial_word(word: &str) -> bool {
    is_one_of(TRIAL_WORDS, word)
}
