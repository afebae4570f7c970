//! Options that are one of a few words, and the value of each word.

use clap::ValueEnum;
use event_log::{Design, Drain, OnDisconnect, PhaseRule, Stamp};
use serde::{Deserialize, Serialize};

/// The words of an option, and the value of each.
macro_rules! words {
    ($(#[$doc:meta])* $word:ident for $value:ident { $($(#[$variant_doc:meta])* $variant:ident),+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $word { $($(#[$variant_doc])* $variant),+ }

        impl From<$word> for $value {
            fn from(word: $word) -> $value {
                match word { $($word::$variant => $value::$variant),+ }
            }
        }

        impl From<$value> for $word {
            fn from(value: $value) -> $word {
                match value { $($value::$variant => $word::$variant),+ }
            }
        }
    };
}

words! {
    /// `--drain`
    DrainWord for Drain {
        /// The oldest message.
        One,
        /// Every message, oldest first.
        All
    }
}
words! {
    /// `--phase`
    PhaseWord for PhaseRule {
        /// Drawn uniformly from the machine's period.
        Random,
        /// All machines tick at the start.
        Aligned
    }
}
words! {
    /// `--design`
    DesignWord for Design {
        /// Every machine is connected to every other, and all do the same.
        Mesh,
        /// A mesh in which the fastest machine (of several the first) sends its time to the others, which take the newest at each tick.
        Timekeeper,
        /// A relay passes every message on.
        Hub
    }
}
words! {
    /// `--stamp`
    StampWord for Stamp {
        /// The clock of the send event.
        After,
        /// The clock before the send event, which breaks the clock condition.
        Before
    }
}
words! {
    /// `--on-disconnect`
    OnDisconnectWord for OnDisconnect {
        /// The trial is over; the other machines stop.
        Abort,
        /// The others keep ticking and try to reach it again.
        Reconnect
    }
}
