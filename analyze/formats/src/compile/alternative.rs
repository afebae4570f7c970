//! Names of fields that differ from program to program: `logical_clock|clock|lc` is the first of them that there is.
//!
//! **Invariant.** A field whose name has a `|` in it can be named as it is.

/// A field that rules name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// As the format writes it.
    pub(crate) name: String,
    /// The words of each of its alternatives, the preferred first; mostly it is one.
    pub(crate) words: Vec<String>,
}

impl Field {
    /// The field of a name.
    pub(super) fn new(name: String) -> Field {
        Field {
            words: name.split('|').map(words).collect(),
            name,
        }
    }

    /// Whether programs may call it by one of several names; many logs have none of them.
    pub(crate) fn has_alternatives(&self) -> bool {
        self.words.len() > 1
    }
}

/// A name without case and without the marks between its words: `LogicalClock`, `logical clock`.
pub(crate) fn words(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_their_words() {
        assert_eq!(words("Logical Clock"), words("logical_clock"));
        assert_eq!(words("logicalClock"), words("logical-clock"));
        assert_ne!(words("clock"), words("clocks"));
    }

    #[test]
    fn alternatives_stand_in_their_order() {
        let field = Field::new("new_clock|LC".to_owned());
        assert_eq!(field.words, ["newclock", "lc"]);
        assert!(field.has_alternatives() && !Field::new("lc".to_owned()).has_alternatives());
    }
}
