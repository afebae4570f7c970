//! Choices that are words, in files and flags alike.
//!
//! **Invariant.** A word that is no choice is refused with those that are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A choice of words: one enum, its words, and how it is read from a flag.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// All words.
            pub const WORDS: &[&str] = &[$($word),+];

            /// The word for it.
            pub fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word),+
                }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<$name, String> {
                match text {
                    $($word => Ok($name::$variant),)+
                    _ => Err(format!("`{text}`: expected one of {}", $name::WORDS.join(", "))),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.word())
            }
        }
    };
}

words! {
    /// What a cluster survives.
    #[derive(Default)]
    Tolerate {
        /// All servers but one may crash. A partition that outlasts the suspicion may lose what one side acknowledged.
        #[default]
        Crashes = "crashes",
        /// A minority may crash or be cut off; nothing that was acknowledged is lost.
        Partitions = "partitions",
    }
}

words! {
    /// Who has a password.
    #[derive(Default)]
    Passwords {
        /// Nobody.
        Off = "off",
        /// Accounts that were created with one.
        #[default]
        Optional = "optional",
        /// Everybody.
        Required = "required",
    }
}

words! {
    /// When messages are pushed to a device.
    #[derive(Default)]
    Push {
        /// From its log-in on.
        OnLogin = "on-login",
        /// Once it asks for them.
        #[default]
        OnRequest = "on-request",
    }
}

words! {
    /// The form of the lines that a server writes about itself.
    #[derive(Default)]
    LogFormat {
        /// For people.
        #[default]
        Text = "text",
        /// One object a line.
        Json = "json",
    }
}

impl Tolerate {
    /// It as replicas have it.
    pub fn tolerance(self) -> replica::rules::Tolerance {
        match self {
            Tolerate::Crashes => replica::rules::Tolerance::Crashes,
            Tolerate::Partitions => replica::rules::Tolerance::Partitions,
        }
    }
}
