//! The rules of the service, by name, so that tests can switch off one of them.
//!
//! A test that still passes without a rule does not guard it. Outside of tests, and without the feature `mutants`, all
//! rules hold, and asking costs nothing.

macro_rules! rules {
    ($($(#[$meta:meta])* $rule:ident,)*) => {
        /// What the service, its door or its client holds to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $($(#[$meta])* $rule,)*
        }

        impl Rule {
            /// All of them.
            #[cfg(any(test, feature = "mutants"))]
            pub const ALL: &[Rule] = &[$(Rule::$rule),*];
        }
    };
}

rules! {
    /// Of two creators of a name one wins.
    OneCreator,
    /// A uuid is never used again.
    FreshIdentity,
    /// Where one device is allowed, a second is refused.
    OneDevice,
    /// A repeated log-in goes on with the session that the first one opened.
    OneSessionForOneLogin,
    /// A token ends with its account.
    TokenEndsWithAccount,
    /// A deleted account is in no list.
    ListWithoutDeleted,
    /// A sequence is carried out once.
    SettleOnce,
    /// A repeated request gets the first answer.
    FirstAnswer,
    /// A sequence waits for those before it.
    InOrder,
    /// A snapshot holds what sessions have settled.
    SettledInSnapshot,
    /// Offsets go on after a restart.
    OffsetsGoOn,
    /// The answer to a send says whether the message is queued.
    SayQueued,
    /// An acknowledgement never goes back.
    AcknowledgeForward,
    /// A full mailbox refuses, and drops nothing.
    RefuseWhenFull,
    /// Retention drops acknowledged messages alone.
    KeepQueued,
    /// A send that comes too early leaves its sequence free.
    RateLimitSettlesNothing,
    /// Time never goes back.
    TimeForward,
    /// An operation that needs a log-in is refused without one.
    LoginNeeded,
    /// An answer waits for the commit.
    AnswerAfterCommit,
    /// A push waits for the commit.
    PushAfterCommit,
    /// Only the recipient acknowledges; a push does not.
    AcknowledgedByRecipient,
    /// A deletion goes through the log.
    DeleteByLog,
    /// A server that meets a higher view steps down.
    ServerFence,
    /// A client resends in the order of its sequences.
    ResendInOrder,
    /// A client keeps the sequences of its messages when it changes servers.
    KeepSequences,
    /// A client shows no message twice.
    ShowOnce,
    /// A client ignores servers of a lower view.
    ClientFence,
    /// A client does not say "failed" of what may have been done.
    UnknownIsNotFailed,
    /// A client acknowledges what it has shown, and nothing else.
    AcknowledgeShown,
}

/// Which rules hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    #[cfg(any(test, feature = "mutants"))]
    broken: Option<Rule>,
}

impl Rules {
    /// All but one.
    #[cfg(any(test, feature = "mutants"))]
    pub fn without(rule: Rule) -> Rules {
        Rules { broken: Some(rule) }
    }

    /// Whether a rule holds.
    #[cfg(any(test, feature = "mutants"))]
    pub(crate) fn hold(self, rule: Rule) -> bool {
        self.broken != Some(rule)
    }

    /// Whether a rule holds: all do.
    #[cfg(not(any(test, feature = "mutants")))]
    pub(crate) fn hold(self, _rule: Rule) -> bool {
        true
    }
}
