//! Something that is against a property, and the numbers by which its sentence names accounts and sessions.
//!
//! **Invariant.** The numbers are those of the logs.

use event_log::chat::Property;

/// Something that is against a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) property: Property,
    /// A sentence with the evidence.
    pub(crate) finding: String,
}

impl Finding {
    pub(crate) fn of(property: Property, finding: String) -> Finding {
        Finding { property, finding }
    }
}

/// The number in the first six bytes of a uuid of the service.
pub(crate) fn ordinal(id: uuid::Uuid) -> u64 {
    let bytes = id.as_bytes();
    bytes[..6]
        .iter()
        .fold(0, |number, &byte| (number << 8) | u64::from(byte))
}
