//! From a name to a session: log in, and create the account if there is none.
//!
//! **Invariant.** An account is created only after the service has said that there is none of this name.

use chat::answer::Answer;
use chat::client::operation::{Operation, Settlement};
use chat::identity::Password;
use chat::name::Name;
use chat::refusal::Refusal;

use super::advice;

/// The way in.
#[derive(Debug, Clone)]
pub struct Entry {
    name: Name,
    password: Option<Password>,
    stage: Stage,
    /// Whether an account may be created.
    may_create: bool,
    has_created: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    LoggingIn,
    Creating,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask for this; its settlement leads on.
    Ask(Operation),
    /// Wait for this time, milliseconds, and [`begin`](Entry::begin) again.
    Wait(u32),
    /// A password is missing, or was wrong.
    Password,
    /// The session is open.
    Entered {
        /// Whether the account is new.
        is_new: bool,
    },
    /// It cannot be.
    Failed(String),
}

impl Entry {
    /// The way in for a name.
    pub fn new(name: Name, password: Option<Password>) -> Entry {
        Entry {
            name,
            password,
            stage: Stage::LoggingIn,
            may_create: true,
            has_created: false,
        }
    }

    /// The same, for an account that there is.
    pub fn of_account(name: Name, password: Option<Password>) -> Entry {
        Entry {
            may_create: false,
            ..Entry::new(name, password)
        }
    }

    /// Whether the account is about to be created: a password is a new one then.
    pub fn is_creating(&self) -> bool {
        self.stage == Stage::Creating
    }

    /// For whom.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Another password, which is to be tried from now on.
    pub fn set_password(&mut self, password: Password) {
        self.password = Some(password);
    }

    /// Begins, or begins again where it stopped.
    pub fn begin(&self) -> Operation {
        let (name, password) = (self.name.clone(), self.password.clone());
        match self.stage {
            Stage::LoggingIn => Operation::LogIn { name, password },
            Stage::Creating => Operation::Create { name, password },
        }
    }

    /// What was asked for has ended.
    pub fn settled(&mut self, settlement: Settlement) -> Step {
        let before = std::mem::replace(&mut self.stage, Stage::LoggingIn);
        match settlement {
            Settlement::Done(Answer::LoggedIn { .. }) => Step::Entered {
                is_new: self.has_created,
            },
            Settlement::Done(Answer::Created { .. }) => {
                self.has_created = true;
                Step::Ask(self.begin())
            }
            // Somebody was faster: perhaps this client, whose answer was lost.
            Settlement::Refused(Refusal::NameTaken) if before == Stage::Creating => {
                Step::Ask(self.begin())
            }
            Settlement::Refused(Refusal::NoAccount) if self.may_create && !self.has_created => {
                self.stage = Stage::Creating;
                Step::Ask(self.begin())
            }
            Settlement::Refused(Refusal::WrongPassword | Refusal::PasswordNeeded) => {
                self.stage = before;
                Step::Password
            }
            Settlement::Refused(Refusal::RateLimited { retry_after_ms }) => {
                self.stage = before;
                Step::Wait(retry_after_ms)
            }
            Settlement::Refused(refusal) => Step::Failed(advice::refusal(&refusal)),
            Settlement::NotDone | Settlement::Unknown => {
                Step::Failed("no server has answered in time".to_owned())
            }
            other => Step::Failed(format!("the server answers what was not asked: {other:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use chat::answer::Opened;
    use chat::identity::{AccountId, Offset, Sequence, SessionId};
    use uuid::Uuid;

    use super::*;

    fn logged_in() -> Settlement {
        let opened = Opened {
            account: AccountId(Uuid::nil()),
            session: SessionId(Uuid::nil()),
            next: Sequence(1),
            acknowledged: Offset(0),
            end: Offset(0),
        };
        let token = None;
        Settlement::Done(Answer::LoggedIn { opened, token })
    }

    fn entry() -> Entry {
        Entry::new(Name::new("ada").expect("a name"), None)
    }

    fn created() -> Settlement {
        let account = AccountId(Uuid::nil());
        Settlement::Done(Answer::Created { account })
    }

    #[test]
    fn an_account_is_created_if_there_is_none() {
        let mut entry = entry();
        assert!(matches!(entry.begin(), Operation::LogIn { .. }));
        let step = entry.settled(Settlement::Refused(Refusal::NoAccount));
        assert!(
            matches!(step, Step::Ask(Operation::Create { .. })),
            "{step:?}"
        );
        let step = entry.settled(created());
        assert!(
            matches!(step, Step::Ask(Operation::LogIn { .. })),
            "{step:?}"
        );
        assert_eq!(entry.settled(logged_in()), Step::Entered { is_new: true });
    }

    #[test]
    fn an_account_that_another_has_created_meanwhile_is_logged_in_to() {
        let mut entry = entry();
        entry.settled(Settlement::Refused(Refusal::NoAccount));
        let step = entry.settled(Settlement::Refused(Refusal::NameTaken));
        assert!(
            matches!(step, Step::Ask(Operation::LogIn { .. })),
            "{step:?}"
        );
        assert_eq!(entry.settled(logged_in()), Step::Entered { is_new: false });
    }

    #[test]
    fn a_missing_password_and_a_limit_lead_back_to_where_it_stopped() {
        let mut entry = entry();
        entry.settled(Settlement::Refused(Refusal::NoAccount));
        let step = entry.settled(Settlement::Refused(Refusal::WrongPassword));
        assert_eq!(step, Step::Password);
        entry.set_password(Password("right".to_owned()));
        let Operation::Create { password, .. } = entry.begin() else {
            panic!("it goes on with the account");
        };
        assert_eq!(password, Some(Password("right".to_owned())));
        let refusal = Refusal::RateLimited { retry_after_ms: 70 };
        assert_eq!(entry.settled(Settlement::Refused(refusal)), Step::Wait(70));
        assert!(matches!(entry.begin(), Operation::Create { .. }));
    }

    #[test]
    fn an_account_that_is_deleted_at_once_is_not_created_for_ever() {
        let mut entry = entry();
        entry.settled(Settlement::Refused(Refusal::NoAccount));
        entry.settled(created());
        let step = entry.settled(Settlement::Refused(Refusal::NoAccount));
        assert!(matches!(step, Step::Failed(_)), "{step:?}");
    }
}
