//! Words of a token, and lists of words.

/// Words of a token: `SendAll`, `SEND_ALL` and `send-all` are all `send`, `all`.
pub(crate) fn split(text: &str) -> Vec<String> {
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
pub(super) fn is_one_of(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == word)
}

/// What logs call a machine.
pub(super) const MACHINE_WORDS: &str = "machine vm process proc node server host replica client peer id pid port mach instance worker \
    site agent actor machineid vmid nodeid processid virtualmachine name computer processus maschine";
/// What logs call a trial.
pub(super) const TRIAL_WORDS: &str = "trial trials experiment exp run runs test round iteration iter expt simulation sim attempt session \
    essai versuch";
