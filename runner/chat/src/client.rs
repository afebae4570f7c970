//! The core of a client: it finds the server that serves, keeps its session, sends each message once and shows each once.
//!
//! Time and what comes are arguments; what it wants done are [`Effect`]s, performed in order. A server that is lost, silent
//! or of a lower view is left for another one, and what has no answer is asked for again there, under the same sequences.
//! Nothing is called failed that may have been done.
//!
//! The contract with the holder: it performs all effects in order. After a [`Connect`](Effect::Connect) it calls
//! [`connected`](Client::connected) or [`lost`](Client::lost), then [`receive`](Client::receive) for what comes on that
//! connection, and on no earlier one; and [`wake`](Client::wake) at the time that was asked for.
//!
//! [`operation`] what it is asked for, wants done and reports · `advance` what is due by itself · `answers` what servers say ·
//! `window` operations with sequences · `calls` those without · `inbox` messages that come · `link` the connection · `login`
//! who it is
//!
//! **Invariant.** A message leaves in the order of asking, and keeps its sequence until it has an answer. A message that
//! comes is reported once. A view never goes back.

mod advance;
mod answers;
mod calls;
mod core;
mod inbox;
mod link;
mod login;
pub mod operation;
mod window;

use machine::chance::Stream;

pub use login::Saved;

use crate::client::calls::Call;
use crate::client::core::Core;
use crate::client::inbox::Inbox;
use crate::client::link::{Link, Phase};
use crate::client::login::{Attempt, Identity};
use crate::client::operation::{ClientSettings, Effect, Operation, OperationId, Settlement};
use crate::client::window::{Deed, Window};
use crate::identity::{AccountId, Offset, ServerId, TimeMs, View};
use crate::limits::{PASSWORD_BYTES_MAX, PATTERN_CHARACTERS_MAX, TEXT_BYTES_MAX, WHO_NAMES_MAX};
use crate::refusal::Refusal;
use crate::rule::Rules;
use crate::wire::request::Request;
use crate::wire::response::ToClient;

/// A client.
#[derive(Debug)]
pub struct Client {
    core: Core,
}

impl Client {
    /// A client that nobody has logged in with. Call [`wake`](Client::wake) to begin.
    pub fn new(settings: ClientSettings, chance: Stream) -> Client {
        Client::with_rules(settings, chance, Rules::default())
    }

    /// The same, under these rules.
    pub fn with_rules(settings: ClientSettings, mut chance: Stream, rules: Rules) -> Client {
        let first = chance.below(u64::from(settings.servers)) as u32;
        let core = Core {
            settings,
            rules,
            chance,
            link: Link::new(ServerId(first)),
            view: View(0),
            identity: Identity::default(),
            window: Window::new(rules),
            inbox: Inbox::new(Offset(0), rules),
            owner: None,
            is_listening: false,
            calls: Vec::new(),
            operations: 0,
            wake: None,
        };
        Client { core }
    }

    /// Goes on with the session of an earlier life.
    pub fn restore(settings: ClientSettings, chance: Stream, saved: Saved) -> Client {
        Client::restore_with_rules(settings, chance, saved, Rules::default())
    }

    /// The same, under these rules.
    pub fn restore_with_rules(
        settings: ClientSettings,
        chance: Stream,
        saved: Saved,
        rules: Rules,
    ) -> Client {
        let mut client = Client::with_rules(settings, chance, rules);
        let core = &mut client.core;
        core.identity.token = Some(saved.token);
        core.inbox = Inbox::new(saved.seen, core.rules);
        core.view = saved.view;
        client
    }

    /// This device has shown the messages of an account through this one, perhaps in an earlier session: they are not shown
    /// again.
    pub fn remember(&mut self, owner: AccountId, seen: Offset) {
        self.core.owner = Some(owner);
        self.core.inbox = Inbox::new(seen, self.core.rules);
    }

    /// What to keep for a later life, while somebody is logged in.
    pub fn saved(&self) -> Option<Saved> {
        Some(Saved {
            token: self.core.identity.token?,
            seen: self.core.inbox.seen(),
            view: self.core.view,
        })
    }

    /// Asks for something. Its end is reported, at the deadline at the latest.
    pub fn ask(
        &mut self,
        now: TimeMs,
        operation: Operation,
        deadline: TimeMs,
        effects: &mut Vec<Effect>,
    ) -> OperationId {
        self.core.operations += 1;
        let id = OperationId(self.core.operations);
        if let Err(refusal) = self.accept(id, operation, deadline) {
            let settlement = Settlement::Refused(refusal);
            self.core.report(id, settlement, effects);
        }
        self.core.advance(now, effects);
        id
    }

    fn accept(
        &mut self,
        operation: OperationId,
        asked: Operation,
        deadline: TimeMs,
    ) -> Result<(), Refusal> {
        check_bounds(&asked)?;
        let core = &mut self.core;
        let is_known = core.identity.login().is_some();
        let anonymous = matches!(
            asked,
            Operation::Create { .. } | Operation::LogIn { .. } | Operation::Status
        );
        if !anonymous && !is_known {
            return Err(Refusal::LoginNeeded);
        }
        let request = match asked {
            Operation::LogIn { .. } if is_known => return Err(Refusal::LoggedIn),
            Operation::LogIn { name, password } => {
                core.identity.login = Some((name, password, core.nonce()));
                core.identity.attempt = Some(Attempt {
                    operation,
                    deadline,
                    has_left: false,
                });
                return Ok(());
            }
            Operation::Send { to, text } => {
                core.window
                    .push(operation, Deed::Send { to, text }, deadline);
                return Ok(());
            }
            Operation::Delete => {
                core.window.push(operation, Deed::Delete, deadline);
                return Ok(());
            }
            Operation::Create { name, password } => Request::Create {
                name,
                password,
                nonce: core.nonce(),
            },
            Operation::LogOut => Request::LogOut,
            Operation::List {
                pattern,
                after,
                most,
            } => Request::List {
                pattern,
                after,
                most,
            },
            Operation::History { before, most } => Request::History { before, most },
            Operation::Who { names } => Request::Who { names },
            Operation::Status => Request::Status,
        };
        core.calls.push(Call {
            operation,
            request,
            deadline,
            carried_by: None,
            has_left: false,
        });
        Ok(())
    }

    /// Messages are asked for, now and on each later connection, whatever the settings say.
    pub fn listen(&mut self, now: TimeMs, effects: &mut Vec<Effect>) {
        self.core.settings.listens = true;
        self.core.advance(now, effects);
    }

    /// The connection that was asked for is there.
    pub fn connected(&mut self, now: TimeMs, effects: &mut Vec<Effect>) {
        if self.core.link.phase == Phase::Connecting {
            self.core.greet(now, effects);
        }
        self.core.advance(now, effects);
    }

    /// The connection has ended, or could not be made.
    pub fn lost(&mut self, now: TimeMs, effects: &mut Vec<Effect>) {
        if !matches!(self.core.link.phase, Phase::Down { .. }) {
            self.core.leave(now, None, effects);
        }
        self.core.advance(now, effects);
    }

    /// Something has come on the connection.
    pub fn receive(&mut self, now: TimeMs, message: ToClient, effects: &mut Vec<Effect>) {
        self.core.receive(now, message, effects);
        self.core.advance(now, effects);
    }

    /// The time has come that was asked for, or another: what is due is done.
    pub fn wake(&mut self, now: TimeMs, effects: &mut Vec<Effect>) {
        self.core.advance(now, effects);
    }

    /// The highest view that it has seen.
    pub fn view(&self) -> View {
        self.core.view
    }
}

/// What no server would accept is not sent: it may not even fit a frame.
fn check_bounds(asked: &Operation) -> Result<(), Refusal> {
    match asked {
        Operation::Create {
            password: Some(password),
            ..
        }
        | Operation::LogIn {
            password: Some(password),
            ..
        } if password.0.len() > PASSWORD_BYTES_MAX => Err(Refusal::PasswordTooLong),
        Operation::Send { text, .. } if text.len() > TEXT_BYTES_MAX => {
            let bytes = text.len() as u64;
            Err(Refusal::TextTooLong { bytes })
        }
        Operation::List { pattern, .. } if pattern.chars().count() > PATTERN_CHARACTERS_MAX => {
            Err(Refusal::PatternTooLong)
        }
        Operation::Who { names } if names.len() > WHO_NAMES_MAX => {
            let allowed = WHO_NAMES_MAX as u32;
            Err(Refusal::TooMany { allowed })
        }
        _ => Ok(()),
    }
}
