//! What a server says of itself, and of who is there: no part of the replicated state.

use crate::application::Application;
use crate::door::connection::ConnectionId;
use crate::door::desk::Desk;
use crate::door::effect::Effect;
use crate::identity::RequestId;
use crate::limits::{TEXT_BYTES_MAX, WHO_NAMES_MAX, WINDOW_MAX};
use crate::name::Name;
use crate::refusal::Refusal;
use crate::wire::request::PROTOCOL_VERSION;
use crate::wire::response::{Notice, Presence};
use crate::wire::status::{ReplicaStatus, Status, Totals};

impl Desk {
    pub(crate) fn greet(
        &self,
        from: ConnectionId,
        id: RequestId,
        versions: std::ops::RangeInclusive<u16>,
        effects: &mut Vec<Effect>,
    ) {
        let version = PROTOCOL_VERSION;
        if !versions.contains(&version) {
            return self.refuse(from, id, Refusal::Version { version }, effects);
        }
        let notice = Notice::Welcome {
            version,
            standing: self.standing(),
            text_bytes_max: TEXT_BYTES_MAX as u32,
            window_max: WINDOW_MAX as u32,
        };
        self.notice(from, id, notice, effects);
    }

    pub(crate) fn status(&self, from: ConnectionId, id: RequestId, effects: &mut Vec<Effect>) {
        let status = self.own_status();
        self.notice(from, id, Notice::Status { status }, effects);
    }

    /// What is known here of how the server is.
    pub(crate) fn own_status(&self) -> Status {
        Status {
            standing: self.standing(),
            connections: u32::try_from(self.connections.len()).unwrap_or(u32::MAX),
            pending: self.pending.len() as u64,
            replica: ReplicaStatus::default(),
            totals: Totals::default(),
            figures: Vec::new(),
        }
    }

    pub(crate) fn who(
        &self,
        (from, id): (ConnectionId, RequestId),
        names: &[Name],
        application: &Application,
        effects: &mut Vec<Effect>,
    ) {
        if names.len() > WHO_NAMES_MAX {
            let allowed = WHO_NAMES_MAX as u32;
            return self.refuse(from, id, Refusal::TooMany { allowed }, effects);
        }
        let is_connected = |account| {
            let mut sessions = self.connections.values().filter_map(|one| one.session);
            sessions.any(|(_, connected)| connected == account)
        };
        let presence = names.iter().map(|name| match application.account(name) {
            None => Presence::NoAccount,
            Some(account) if is_connected(account) => Presence::Online,
            Some(account) if application.is_logged_in(account) => Presence::Unknown,
            Some(_) => Presence::Offline,
        });
        let presence = presence.collect();
        self.notice(from, id, Notice::Present { presence }, effects);
    }
}
