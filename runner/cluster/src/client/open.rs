//! Operations without an end, and which request is whose.
//!
//! **Invariant.** An operation is here from its beginning until its end cannot change any more.

use std::collections::BTreeMap;

use chat::client::operation::{Operation, OperationId};
use chat::identity::Sequence;
use chat::wire::request::{Login, Request};

/// An operation.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) operation: Operation,
    /// Its place in the session, once it has left.
    pub(super) sequence: Option<Sequence>,
    /// Whether it was reported as unknown.
    is_unknown: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct OpenOperations {
    by_id: BTreeMap<OperationId, Open>,
}

impl OpenOperations {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn insert(&mut self, id: OperationId, operation: Operation) {
        let open = Open {
            operation,
            sequence: None,
            is_unknown: false,
        };
        self.by_id.insert(id, open);
    }

    /// A request leaves: for which operation, and its place in the session. None if no user waits for it.
    pub(super) fn attempted(
        &mut self,
        request: &Request,
    ) -> Option<(Option<OperationId>, Option<Sequence>)> {
        let sequence = match request {
            Request::Hello { .. }
            | Request::Ping
            | Request::Deliver { .. }
            | Request::Acknowledge { .. } => return None,
            Request::Send { sequence, .. } | Request::Delete { sequence } => Some(*sequence),
            _ => None,
        };
        let mut all = self.by_id.iter_mut();
        let found = all.find(|(_, open)| is_for(request, &open.operation));
        let operation = found.map(|(&id, open)| {
            open.sequence = sequence;
            id
        });
        Some((operation, sequence))
    }

    /// An operation has ended, or nobody knows: what it was.
    pub(super) fn settled(&mut self, id: OperationId, is_unknown: bool) -> Option<Open> {
        let open = self.by_id.get_mut(&id)?;
        open.is_unknown = is_unknown;
        // The answer to these may come after all.
        let has_sequence = matches!(open.operation, Operation::Send { .. } | Operation::Delete);
        match is_unknown && has_sequence {
            true => Some(open.clone()),
            false => self.by_id.remove(&id),
        }
    }

    /// The session has ended: what is unknown stays so.
    pub(super) fn session_ended(&mut self) {
        self.by_id.retain(|_, open| !open.is_unknown);
    }
}

/// Whether a request is for an operation. Texts differ; of others that are the same the first is taken.
fn is_for(request: &Request, operation: &Operation) -> bool {
    match (request, operation) {
        (Request::Send { text, .. }, Operation::Send { text: asked, .. }) => text == asked,
        (Request::Create { name, .. }, Operation::Create { name: asked, .. }) => name == asked,
        (Request::LogIn { login }, Operation::LogIn { .. }) => matches!(login, Login::New { .. }),
        (Request::List { .. }, Operation::List { .. })
        | (Request::History { .. }, Operation::History { .. })
        | (Request::Who { .. }, Operation::Who { .. })
        | (Request::Status, Operation::Status)
        | (Request::LogOut, Operation::LogOut)
        | (Request::Delete { .. }, Operation::Delete) => true,
        _ => false,
    }
}
