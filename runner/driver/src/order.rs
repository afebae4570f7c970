//! The place of an event in the one order of a drive.
//!
//! **Invariant.** No two events of a drive have the same place, so their order is the same on every host.

/// The order of everything that happens: by due time, then by sequence number. One number, so that a comparison is one
/// instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order(u128);

impl Order {
    /// After every event.
    pub(crate) const LAST: Order = Order(u128::MAX);

    /// Bits below the sequence number, for a tag. Sequence numbers are unique, so a tag never decides the order.
    pub(crate) const TAG_BITS: u32 = 20;

    /// The place of an event that is due at this time, nanoseconds since the Unix epoch.
    #[inline]
    pub(crate) fn new(due_ns: u64, sequence: u64) -> Order {
        debug_assert!(
            sequence < 1 << (64 - Order::TAG_BITS),
            "more events than any run has"
        );
        Order(u128::from(due_ns) << 64 | u128::from(sequence) << Order::TAG_BITS)
    }

    /// The same place in the order, with a tag of less than 2^[`Order::TAG_BITS`].
    #[inline]
    pub(crate) fn tagged(self, tag: u32) -> Order {
        Order(self.0 | u128::from(tag))
    }

    /// The tag; 0 without one.
    #[inline]
    pub(crate) fn tag(self) -> u32 {
        self.0 as u32 & ((1 << Order::TAG_BITS) - 1)
    }

    /// When the event is due, nanoseconds since the Unix epoch.
    #[inline]
    pub(crate) fn due_ns(self) -> u64 {
        (self.0 >> 64) as u64
    }
}
