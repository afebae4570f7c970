//! Names of fields that differ from program to program: `logical_clock|clock|lc` is the first of them that there is.
//!
//! **Invariant.** A field whose name has a `|` in it can be named as it is.

/// The names that a rule's name of a field stands for, the preferred first; mostly it is one.
pub(crate) fn alternatives(name: &str) -> impl Iterator<Item = &str> {
    name.split('|')
}

/// Whether two names differ in case and in the marks between words alone: `LogicalClock`, `logical clock`.
pub(crate) fn same_words(one: &str, other: &str) -> bool {
    let letters = |name: &'_ str| -> Vec<char> {
        let letters = name.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_their_words() {
        assert!(same_words("Logical Clock", "logical_clock"));
        assert!(same_words("logicalClock", "logical-clock"));
        assert!(!same_words("clock", "clocks"));
        assert_eq!(alternatives("a|b").collect::<Vec<_>>(), ["a", "b"]);
    }
}
