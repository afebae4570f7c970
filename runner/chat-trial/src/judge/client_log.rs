//! The log of a client: a row for each thing that its user sees.
//!
//! **Invariant.** Operations are numbered over all lives, and the session of a row is the one that was open then.

use chat::client::operation::{Operation, OperationId};
use cluster::client::event::ClientEvent;
use cluster::text::text_hash;
use event_log::chat::{ClientRow, ClientStep};

use super::rows::{account, of_operation, operation_of, session, settled};

/// What the later rows of a client say again.
#[derive(Debug, Clone, Default)]
pub(super) struct ClientLog {
    life: u32,
    /// Operations of earlier lives.
    offset: u64,
    last: u64,
    session: Option<u64>,
    /// Whether another session took the place of one that was open: its end is reported behind that.
    is_replaced: bool,
}

impl ClientLog {
    /// A life begins.
    pub(super) fn begin(&mut self, life: u32) {
        self.life = life;
        self.offset = self.last;
    }

    /// A row that says no more than this.
    pub(super) fn row(&self, step: ClientStep) -> ClientRow {
        let mut row = ClientRow::new(self.life, step);
        row.session = self.session;
        row
    }

    fn number(&mut self, operation: OperationId) -> Option<u64> {
        let number = self.offset + operation.0;
        self.last = self.last.max(number);
        Some(number)
    }

    /// The row of an event; none if the world has said it already.
    pub(super) fn of_event(&mut self, event: &ClientEvent) -> Option<ClientRow> {
        if let ClientEvent::LoggedIn { opened, .. } = event {
            let before = std::mem::replace(&mut self.session, session(opened.session));
            self.is_replaced = before.is_some() && before != self.session;
        }
        let mut row = self.row(ClientStep::Begin);
        let step = self.of_operation(&mut row, event);
        row.step = step.or_else(|| of_connection(&mut row, event))?;
        if matches!(event, ClientEvent::SessionEnded { .. })
            && !std::mem::take(&mut self.is_replaced)
        {
            self.session = None;
        }
        Some(row)
    }

    /// Fills the row of what comes of an operation.
    fn of_operation(&mut self, row: &mut ClientRow, event: &ClientEvent) -> Option<ClientStep> {
        Some(match event {
            ClientEvent::Invoked { operation, asked } => {
                row.number = self.number(*operation);
                row.operation = Some(of_operation(asked));
                if let Operation::Send { text, .. } = asked {
                    row.bytes = Some(text.len() as u64);
                    row.text = Some(text_hash(text));
                }
                ClientStep::Invoke
            }
            ClientEvent::Attempted {
                operation,
                kind,
                sequence,
                server,
                view,
            } => {
                row.number = operation.and_then(|operation| self.number(operation));
                row.operation = operation_of(kind);
                row.sequence = sequence.map(|sequence| sequence.0);
                (row.server, row.view) = (Some(server.0), Some(view.0));
                ClientStep::Attempt
            }
            ClientEvent::Settled {
                operation,
                kind,
                sequence,
                settlement,
                server,
                view,
            } => {
                row.number = self.number(*operation);
                row.operation = operation_of(kind);
                row.sequence = sequence.map(|sequence| sequence.0);
                (row.server, row.view) = (Some(server.0), Some(view.0));
                settled(row, settlement)
            }
            _ => return None,
        })
    }
}

/// Fills the row of what comes of a connection; a life that begins has its row from the world.
fn of_connection(row: &mut ClientRow, event: &ClientEvent) -> Option<ClientStep> {
    Some(match event {
        ClientEvent::Begun { .. }
        | ClientEvent::Invoked { .. }
        | ClientEvent::Attempted { .. }
        | ClientEvent::Settled { .. } => return None,
        ClientEvent::Delivered {
            account: owner,
            message,
            server,
            view,
        } => {
            (row.server, row.view) = (Some(server.0), Some(view.0));
            (row.mailbox, row.offset) = (account(*owner), Some(message.offset.0));
            row.author = account(message.author);
            row.author_session = session(message.session);
            row.author_sequence = Some(message.sequence.0);
            row.bytes = Some(message.text.len() as u64);
            row.text = Some(text_hash(&message.text));
            ClientStep::Deliver
        }
        ClientEvent::Acknowledged { through } => {
            row.offset = Some(through.0);
            ClientStep::Acknowledge
        }
        ClientEvent::LoggedIn {
            opened,
            server,
            view,
        } => {
            (row.server, row.view) = (Some(server.0), Some(view.0));
            row.mailbox = account(opened.account);
            ClientStep::Connected
        }
        ClientEvent::SessionEnded { .. } => ClientStep::SessionEnd,
        ClientEvent::Skipped { last, .. } => {
            row.offset = Some(last.0);
            ClientStep::Skipped
        }
        ClientEvent::Rewound { end, .. } => {
            row.offset = Some(end.0);
            ClientStep::Rewound
        }
        ClientEvent::Connected { server, view } => {
            (row.server, row.view) = (Some(server.0), Some(view.0));
            ClientStep::Connected
        }
        ClientEvent::Redirected { server, .. } | ClientEvent::TurnedAway { server, .. } => {
            row.server = Some(server.0);
            ClientStep::Redirect
        }
        ClientEvent::Lost { server, view } => {
            (row.server, row.view) = (Some(server.0), Some(view.0));
            ClientStep::Lost
        }
    })
}
