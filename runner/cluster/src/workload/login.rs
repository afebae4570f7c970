//! The account of a client: it is created, and logged in to, until somebody is logged in.
//!
//! **Invariant.** A client that ought to be logged in and is not tries until it is; while it stays away it does not.

use chat::client::operation::{Operation, Settlement};
use chat::refusal::{Refusal, SessionEnd};
use machine::process::units::Time;

use super::setup::{account_name, account_password, contested_name};

/// Before a log-in that failed is tried again, nanoseconds.
pub(super) const RETRY_NS: u64 = 500_000_000;

/// How far a client has come, as far as it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Its account may not exist.
    Nameless,
    /// It has asked for its account.
    Creating,
    /// It has an account, and is not logged in.
    Out,
    /// It has asked to log in.
    LoggingIn,
    /// It is logged in.
    In,
}

/// The account of a client, and whether it is logged in.
#[derive(Debug)]
pub(super) struct Login {
    account: u32,
    stage: Stage,
    /// It asks for nothing before.
    patient_until: Time,
}

impl Login {
    pub(super) fn new(account: u32, start: Time, has_session: bool) -> Login {
        Login {
            account,
            stage: match has_session {
                true => Stage::In,
                false => Stage::Nameless,
            },
            patient_until: start,
        }
    }

    pub(super) fn is_in(&self) -> bool {
        self.stage == Stage::In
    }

    /// Whether operations of a session can be asked for: they wait for a log-in that is under way.
    pub(super) fn takes_operations(&self) -> bool {
        matches!(self.stage, Stage::LoggingIn | Stage::In)
    }

    /// Once it is logged out, it does not log in before this time.
    pub(super) fn stay_away(&mut self, until: Time) {
        self.patient_until = until;
    }

    /// When it asks for something next; none while it waits for an end, or is logged in.
    pub(super) fn due(&self) -> Option<Time> {
        let asks = matches!(self.stage, Stage::Nameless | Stage::Out);
        asks.then_some(self.patient_until)
    }

    /// What it asks for now.
    pub(super) fn take(&mut self, now: Time) -> Option<Operation> {
        self.due().filter(|&due| due <= now)?;
        let (name, password) = (account_name(self.account), account_password(self.account));
        if self.stage == Stage::Nameless {
            self.stage = Stage::Creating;
            return Some(Operation::Create { name, password });
        }
        self.stage = Stage::LoggingIn;
        Some(Operation::LogIn { name, password })
    }

    /// An operation has ended. Somebody is logged in now, or about to be, if `has_session`.
    pub(super) fn settled(
        &mut self,
        now: Time,
        operation: &Operation,
        settlement: &Settlement,
        has_session: bool,
    ) {
        let later = now.after_ns(RETRY_NS);
        let (stage, again) = match (operation, settlement) {
            (Operation::Create { name, .. }, _) if *name == contested_name() => return,
            (
                Operation::Create { .. },
                Settlement::Done(_) | Settlement::Refused(Refusal::NameTaken),
            ) => (Stage::Out, now),
            (Operation::LogIn { .. }, _) if has_session => {
                self.stage = Stage::In;
                return;
            }
            (Operation::Create { .. }, _)
            | (Operation::LogIn { .. }, Settlement::Refused(Refusal::NoAccount)) => {
                (Stage::Nameless, later)
            }
            (Operation::LogIn { .. }, _) => (Stage::Out, later),
            _ => return,
        };
        self.stage = stage;
        self.patient_until = self.patient_until.max(again);
    }

    /// The session has ended.
    pub(super) fn session_ended(&mut self, now: Time, end: Option<SessionEnd>) {
        if self.stage != Stage::In {
            return;
        }
        self.stage = match end {
            Some(SessionEnd::Deleted) => Stage::Nameless,
            _ => Stage::Out,
        };
        self.patient_until = self.patient_until.max(now.after_ns(RETRY_NS));
    }
}
