//! What a world asks of the processes that it runs.

use machine::process::Process;

/// Whom a fault may mean by a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It has none.
    None,
    /// It serves, and others follow it.
    Primary,
    /// It follows.
    Backup,
}

/// A process that a world can run: its disk can be kept, and points of its protocol can be named.
pub trait Actor: Process<Durable: Clone> {
    /// Whether it hears when links come up and go. If not, a world saves the trouble.
    const HEARS_LINKS: bool = true;

    /// Its role now.
    fn role(&self) -> Role {
        Role::None
    }

    /// The calendar of its host jumps by this, nanoseconds. Its measure of time is not concerned: `now` goes on.
    fn shift_clock(&mut self, _by_ns: i64) {}

    /// How many bytes a message has on a link that is slow.
    fn message_bytes(_message: &Self::Message) -> u64 {
        0
    }

    /// The word for a kind of message, as in `send:KIND`.
    fn message_kind(message: &Self::Message) -> &'static str;

    /// The word for a kind of event, as in `record:KIND`.
    fn event_kind(event: &Self::Event) -> &'static str;
}
