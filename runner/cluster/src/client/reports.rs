//! What the core of a client reports, and what servers say besides.
//!
//! **Invariant.** A message is pushed to the disk before the log says that it was shown.

use chat::answer::{Answer, Message as ChatMessage};
use chat::client::operation::{Report, Settlement};
use chat::identity::Offset;
use chat::refusal::Refusal;
use chat::wire::response::{Response, ToClient};
use machine::process::EffectsOf;
use machine::process::units::Time;

use crate::client::durable::ClientChange;
use crate::client::event::{ClientEvent, operation_kind};
use crate::text::text_hash;

use super::Client;

impl Client {
    /// What the core reports.
    pub(super) fn report(&mut self, now: Time, report: Report, effects: &mut EffectsOf<Self>) {
        let (server, view) = (self.server, self.core.view());
        let event = match report {
            Report::Settled {
                operation,
                settlement,
            } => {
                let Some(asked) = self
                    .open
                    .settled(operation, settlement == Settlement::Unknown)
                else {
                    return;
                };
                let has_session = self.core.saved().is_some();
                self.workload
                    .settled(now, &asked.operation, &settlement, has_session);
                ClientEvent::Settled {
                    operation,
                    kind: operation_kind(&asked.operation),
                    sequence: asked.sequence,
                    settlement,
                    server,
                    view,
                }
            }
            Report::Delivered(message) => return self.show(message, effects),
            Report::Skipped { first, last } => {
                self.move_on(last, effects);
                ClientEvent::Skipped { first, last }
            }
            Report::Rewound { seen, end } => {
                self.move_on(end, effects);
                ClientEvent::Rewound { seen, end }
            }
            Report::SessionEnded(end) => {
                self.open.session_ended();
                self.workload.session_ended(now, end);
                ClientEvent::SessionEnded { end }
            }
            Report::Connected(standing) if standing.is_serving => {
                ClientEvent::Connected { server, view }
            }
            Report::Connected(standing) => ClientEvent::Redirected {
                server,
                hint: standing.primary,
            },
            Report::TurnedAway(refusal) => ClientEvent::TurnedAway { server, refusal },
            Report::Lost { server, view } => ClientEvent::Lost { server, view },
        };
        effects.record(event);
    }

    /// Keeps a message, and shows it.
    fn show(&mut self, message: ChatMessage, effects: &mut EffectsOf<Self>) {
        // A server that pushes to a client that was never logged in breaks the protocol: the message has no mailbox.
        let Some(account) = self.account else {
            return;
        };
        let change = ClientChange::Show {
            account,
            offset: message.offset,
            text_hash: text_hash(&message.text),
        };
        self.persist(change, effects);
        effects.record(ClientEvent::Delivered {
            account,
            message,
            server: self.server,
            view: self.core.view(),
        });
    }

    fn move_on(&mut self, last: Offset, effects: &mut EffectsOf<Self>) {
        if let Some(account) = self.account {
            self.persist(ClientChange::Move { account, last }, effects);
        }
    }

    /// What a server says that the core does not report.
    pub(super) fn overhear(&mut self, message: &ToClient, effects: &mut EffectsOf<Self>) {
        let (server, view) = (self.server, message.view);
        if view < self.core.view() {
            return;
        }
        match &message.response {
            Response::Answered(Answer::LoggedIn { opened, .. }) => {
                self.account = Some(opened.account);
                let opened = *opened;
                effects.record(ClientEvent::LoggedIn {
                    opened,
                    server,
                    view,
                });
            }
            Response::Answered(Answer::Acknowledged { through }) => {
                let through = *through;
                effects.record(ClientEvent::Acknowledged { through });
            }
            Response::Refused(Refusal::NotPrimary { hint }) => {
                let hint = *hint;
                effects.record(ClientEvent::Redirected { server, hint });
            }
            _ => {}
        }
    }
}
