//! Every bound of the service in one place: those of the protocol as constants, those of a service as [`Settings`].
//!
//! What goes beyond a bound is refused with a definite error, and nothing is done.

use crate::record::fields;

/// Body bytes of the longest frame that a server reads before a log-in.
pub const FRAME_BYTES_BEFORE_LOGIN_MAX: usize = 4 << 10;
/// Body bytes of the longest frame after a log-in, and of the longest that a client reads.
pub const FRAME_BYTES_MAX: usize = 64 << 10;
/// Bytes of the longest text of a message.
pub const TEXT_BYTES_MAX: usize = 16 << 10;
/// Bytes of the longest password.
pub const PASSWORD_BYTES_MAX: usize = 1 << 10;
/// Characters of the longest pattern of names.
pub const PATTERN_CHARACTERS_MAX: usize = 64;
/// Accounts of one page of a list.
pub const LIST_ACCOUNTS_MAX: usize = 1000;
/// Messages of one page of a history; fewer if their texts would fill a frame.
pub const HISTORY_MESSAGES_MAX: usize = 100;
/// Names whose presence is asked for at once.
pub const WHO_NAMES_MAX: usize = 100;
/// Operations of one session that are under way and whose answers the client has not confirmed.
pub const WINDOW_MAX: usize = 32;

/// The bounds of one service. All its servers have the same: they are part of the replicated state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Accounts at one time.
    pub accounts_max: u64,
    /// A second log-in is refused; otherwise it is another device. A device that has lost its token then waits until its
    /// session has been idle for too long.
    pub one_device: bool,
    /// Open sessions of an account; one more ends the one that was used least recently.
    pub sessions_max: u64,
    /// A session ends when it is not used for this time, in milliseconds.
    pub session_idle_ms: u64,
    /// Ended sessions that are remembered, so that their clients hear why.
    pub ended_sessions_max: u64,
    /// Messages that a mailbox queues: those that the recipient has not acknowledged.
    pub queued_messages_max: u64,
    /// Bytes of the texts that a mailbox queues.
    pub queued_bytes_max: u64,
    /// Messages of one sender that a mailbox queues.
    pub queued_sender_messages_max: u64,
    /// Acknowledged messages that a mailbox keeps for its history.
    pub kept_messages_max: u64,
    /// How long acknowledged messages are kept, in milliseconds.
    pub kept_ms: u64,
    /// Sends of an account each second, in the long run.
    pub sends_per_second: u64,
    /// Sends of an account at once.
    pub sends_burst: u64,
    /// Wrong passwords for an account at once; one more each ten seconds.
    pub guesses_burst: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        let day_ms = 24 * 60 * 60 * 1000;
        Settings {
            accounts_max: 100_000,
            one_device: false,
            sessions_max: 16,
            session_idle_ms: 30 * day_ms,
            ended_sessions_max: 100_000,
            queued_messages_max: 10_000,
            queued_bytes_max: 16 << 20,
            queued_sender_messages_max: 1000,
            kept_messages_max: 1000,
            kept_ms: 30 * day_ms,
            sends_per_second: 20,
            sends_burst: 60,
            guesses_burst: 5,
        }
    }
}

fields!(Settings {
    accounts_max,
    one_device,
    sessions_max,
    session_idle_ms,
    ended_sessions_max,
    queued_messages_max,
    queued_bytes_max,
    queued_sender_messages_max,
    kept_messages_max,
    kept_ms,
    sends_per_second,
    sends_burst,
    guesses_burst,
});
