//! What words say: which event a line tells of, what the number beside a word is, and what a log calls its machines.
//!
//! Logs of this kind are written by many hands; the lists hold the spellings that people use, stems where a stem is enough,
//! and a weight that says how sure a word is. `got` is a receive unless `sent` stands in the same line.
//!
//! **Invariant.** Words are lower case here; [`split`] makes them so.

mod kinds;
mod weights;

pub(super) use kinds::{is_kind_word, is_plural, kind_of, means_all};
pub(super) use weights::role_weight;

/// Words of a token: `SendAll`, `SEND_ALL` and `send-all` are all `send`, `all`.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut lower = false;
    for letter in text.chars() {
        let ends = !letter.is_alphabetic() || (letter.is_uppercase() && lower);
        if ends && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphabetic() {
            word.extend(letter.to_lowercase());
        }
        lower = letter.is_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a word is one of a list of words with blanks between them.
fn is_one_of(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == word)
}

/// What logs call a machine.
const MACHINE_WORDS: &str = "machine vm process proc node server host replica client peer id pid port mach instance worker \
    site agent actor machineid vmid nodeid processid virtualmachine name computer processus maschine";
/// What logs call a trial.
const TRIAL_WORDS: &str = "trial trials experiment exp run runs test round iteration iter expt simulation sim attempt session \
    essai versuch";

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
