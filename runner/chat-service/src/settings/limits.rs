//! The bounds of the service, as an operator writes them.
//!
//! They are part of the replicated state: what holds is what the cluster was founded with.
//!
//! **Invariant.** What is not said has the default of [`chat::limits::Settings`].

use chat::limits::Settings;
use serde::{Deserialize, Serialize};

use super::span::Span;

/// What the table `[limits]` says; what it leaves out has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Accounts at one time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<u64>,
    /// Open sessions of an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<u64>,
    /// A session that is not used for this time ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_idle: Option<Span>,
    /// Messages that a mailbox queues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_messages: Option<u64>,
    /// Bytes of texts that a mailbox queues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_bytes: Option<u64>,
    /// Messages of one sender that a mailbox queues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_sender_messages: Option<u64>,
    /// Read messages that a mailbox keeps for its history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_messages: Option<u64>,
    /// How long read messages are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<Span>,
    /// Sends of an account each second, in the long run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sends_per_second: Option<u64>,
    /// Sends of an account at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sends_burst: Option<u64>,
    /// Wrong passwords for an account at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guesses_burst: Option<u64>,
}

impl LimitSettings {
    /// What an operator writes for these bounds.
    pub fn of(settings: &Settings) -> LimitSettings {
        let base = Settings::default();
        let given = |value: u64, default: u64| (value != default).then_some(value);
        let span = |value, default| given(value, default).map(Span::from_ms);
        LimitSettings {
            accounts: given(settings.accounts_max, base.accounts_max),
            sessions: given(settings.sessions_max, base.sessions_max),
            session_idle: span(settings.session_idle_ms, base.session_idle_ms),
            queued_messages: given(settings.queued_messages_max, base.queued_messages_max),
            queued_bytes: given(settings.queued_bytes_max, base.queued_bytes_max),
            queued_sender_messages: given(
                settings.queued_sender_messages_max,
                base.queued_sender_messages_max,
            ),
            kept_messages: given(settings.kept_messages_max, base.kept_messages_max),
            kept: span(settings.kept_ms, base.kept_ms),
            sends_per_second: given(settings.sends_per_second, base.sends_per_second),
            sends_burst: given(settings.sends_burst, base.sends_burst),
            guesses_burst: given(settings.guesses_burst, base.guesses_burst),
        }
    }

    /// The bounds of a service that is founded with these.
    pub fn settings(&self, one_device: bool) -> Settings {
        let base = Settings::default();
        Settings {
            accounts_max: self.accounts.unwrap_or(base.accounts_max),
            one_device,
            sessions_max: self.sessions.unwrap_or(base.sessions_max),
            session_idle_ms: self.session_idle.map_or(base.session_idle_ms, Span::ms),
            ended_sessions_max: base.ended_sessions_max,
            queued_messages_max: self.queued_messages.unwrap_or(base.queued_messages_max),
            queued_bytes_max: self.queued_bytes.unwrap_or(base.queued_bytes_max),
            queued_sender_messages_max: (self.queued_sender_messages)
                .unwrap_or(base.queued_sender_messages_max),
            kept_messages_max: self.kept_messages.unwrap_or(base.kept_messages_max),
            kept_ms: self.kept.map_or(base.kept_ms, Span::ms),
            sends_per_second: self.sends_per_second.unwrap_or(base.sends_per_second),
            sends_burst: self.sends_burst.unwrap_or(base.sends_burst),
            guesses_burst: self.guesses_burst.unwrap_or(base.guesses_burst),
        }
    }
}
