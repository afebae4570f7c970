//! Something that is against a property.

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
