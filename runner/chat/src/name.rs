//! Names of accounts: 1 to 32 of `a-z 0-9 . _ -`, compared case-folded.
//!
//! A name is folded when it is made, so that two names that differ in case alone are one name everywhere. Letters of
//! other scripts are no names: what looks alike must be alike.

use std::fmt;

use thiserror::Error;

use crate::field::{Field, Malformed};

/// Characters of the longest name.
pub const NAME_CHARACTERS_MAX: usize = 32;

/// The name of an account, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// It is empty or too long.
    #[error("a name has 1 to {NAME_CHARACTERS_MAX} characters, this one has {characters}")]
    Length {
        /// Its length in characters.
        characters: usize,
    },
    /// It has a character that names do not have.
    #[error(
        "a name is made of a-z, 0-9, `.`, `_` and `-`; its character {position} is {character:?}"
    )]
    Character {
        /// Which, from 1.
        position: usize,
        /// The character.
        character: char,
    },
}

impl Name {
    /// The name that a text is.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the text is empty, too long or has another character.
    pub fn new(text: &str) -> Result<Name, NameError> {
        let characters = text.chars().count();
        if !(1..=NAME_CHARACTERS_MAX).contains(&characters) {
            return Err(NameError::Length { characters });
        }
        let is_allowed =
            |character: char| character.is_ascii_alphanumeric() || ".-_".contains(character);
        let mut others = text.chars().zip(1..);
        if let Some((character, position)) = others.find(|&(character, _)| !is_allowed(character)) {
            return Err(NameError::Character {
                position,
                character,
            });
        }
        Ok(Name(text.to_ascii_lowercase()))
    }

    /// Its text, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Field for Name {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.0.write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
        Name::new(&String::read(bytes)?).map_err(|error| Malformed::Invalid {
            rule: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_folded_and_nothing_else() {
        assert_eq!(Name::new("Ada.L-1_x"), Name::new("aDA.l-1_X"));
        assert_ne!(Name::new("ada"), Name::new("ada."));
    }

    #[test]
    fn the_length_is_checked_at_its_limits() {
        assert_eq!(Name::new(""), Err(NameError::Length { characters: 0 }));
        assert!(Name::new(&"a".repeat(32)).is_ok());
        let long = Name::new(&"a".repeat(33));
        assert_eq!(long, Err(NameError::Length { characters: 33 }));
    }

    #[test]
    fn another_character_is_named_with_its_place() {
        for (text, position, character) in [("a b", 2, ' '), ("é", 1, 'é'), ("aаb", 2, 'а')] {
            let expected = NameError::Character {
                position,
                character,
            };
            assert_eq!(Name::new(text), Err(expected), "{text}");
        }
    }
}
