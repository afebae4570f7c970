//! What an event is, and its code in the table.
//!
//! **Invariant.** The code of a kind is its position in [`Kind::ALL`], in memory and in files.

use std::sync::LazyLock;

use polars::prelude::{DataType, FrozenCategories};
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Kind {
    /// Nothing that anybody else can see.
    Internal,
    /// One message to one peer.
    Send,
    /// One message to every peer.
    Broadcast,
    /// One message taken from the queue.
    Receive,
}

/// The four words as the categories of a column: a reader of text refuses any other word.
static WORDS: LazyLock<DataType> = LazyLock::new(|| {
    let words = FrozenCategories::new(Kind::ALL.map(Kind::word));
    DataType::from_frozen_categories(words.expect("four different words are categories"))
});

impl Kind {
    /// Every kind, by its code.
    pub const ALL: [Kind; 4] = [Kind::Internal, Kind::Send, Kind::Broadcast, Kind::Receive];

    /// Its word in logs and tables.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Internal => "internal",
            Kind::Send => "send",
            Kind::Broadcast => "broadcast",
            Kind::Receive => "receive",
        }
    }

    /// Its code in the table.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The kind of a code; an internal event for a code that none has.
    #[inline]
    pub const fn of_code(code: u8) -> Kind {
        match code {
            1 => Kind::Send,
            2 => Kind::Broadcast,
            3 => Kind::Receive,
            _ => Kind::Internal,
        }
    }

    /// Whether it sends a message.
    #[inline]
    pub const fn sends(self) -> bool {
        matches!(self, Kind::Send | Kind::Broadcast)
    }

    /// The type of a column of kinds.
    pub fn data_type() -> DataType {
        WORDS.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn a_code_is_a_position() {
        for (code, kind) in (0..).zip(Kind::ALL) {
            assert_eq!((kind.code(), Kind::of_code(code)), (code, kind));
        }
    }
}
