//! The rules, and which of them a group follows.
//!
//! Each rule is load-bearing: the golden scripts of this crate show what is lost where one is switched off. That can be done
//! only in tests; elsewhere every rule holds, and the compiler knows it.
//!
//! **Invariant.** Without the feature `mutants` no rule can be switched off.

/// What a group of replicas must survive. Both at once is impossible: whoever goes on alone when the others have crashed
/// goes on alone when they are only out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tolerance {
    /// All replicas but one may crash. A partition that outlasts the suspicion may lose what one side acknowledged.
    #[default]
    Crashes,
    /// A minority may crash, or be cut off; nothing that was acknowledged is ever lost.
    Partitions,
}

impl Tolerance {
    /// How many replicas of a group a view has at least.
    pub fn members_min(self, replicas: u32) -> usize {
        match self {
            Tolerance::Crashes => 1,
            Tolerance::Partitions => replicas as usize / 2 + 1,
        }
    }
}

/// A rule of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// R1: whoever has promised a view refuses every message of an earlier one.
    Fence,
    /// R2: while somebody is live, only the live say which view was the last.
    LiveAuthority,
    /// R3: after a total failure every member of the last view must be back.
    LastToFail,
    /// R4: with partitions, a majority must answer.
    Majority,
    /// R5: the log comes from a holder of the last view; length decides only among these.
    NewestView,
    /// R6: those who carry the authority of the last view install the next before anybody else does.
    AuthorityFirst,
    /// R6: with somebody live, all who are live carry it, not only the holders of the newest view.
    AllLiveFirst,
    /// R7: a command is acknowledged once all members of the view have it.
    WriteAll,
    /// R7: to have a command is to have it on disk.
    WriteToDisk,
    /// R8: a stall is a crash.
    StallIsCrash,
    /// R9: a replica fetches what it lacks before it is a member.
    CatchUpFirst,
    /// R9: whoever is left out fetches what it lacks, and so asks to join.
    Rejoin,
    /// R10: an emptied disk promises nothing before it has heard what every other replica has promised.
    RecoverFirst,
    /// R11: a server that a client has seen a later view than its own steps down.
    ClientFence,
    /// R12: whoever is left out of a later view is dead, and comes back in a new life.
    ExcludedIsDead,
    /// A life is not the one before it: what a replica was before a crash says nothing of what it is.
    Incarnations,
}

impl Rule {
    /// All rules.
    pub const ALL: [Rule; 16] = [
        Rule::Fence,
        Rule::LiveAuthority,
        Rule::LastToFail,
        Rule::Majority,
        Rule::NewestView,
        Rule::AuthorityFirst,
        Rule::AllLiveFirst,
        Rule::WriteAll,
        Rule::WriteToDisk,
        Rule::StallIsCrash,
        Rule::CatchUpFirst,
        Rule::Rejoin,
        Rule::RecoverFirst,
        Rule::ClientFence,
        Rule::ExcludedIsDead,
        Rule::Incarnations,
    ];
}

/// The rules that are followed: all of them, but in tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    #[cfg(any(test, feature = "mutants"))]
    broken: Option<Rule>,
}

impl Rules {
    /// All rules.
    pub const ALL: Rules = Rules {
        #[cfg(any(test, feature = "mutants"))]
        broken: None,
    };

    /// All rules but one.
    #[cfg(any(test, feature = "mutants"))]
    pub fn without(rule: Rule) -> Rules {
        Rules { broken: Some(rule) }
    }

    /// Whether a rule is followed.
    #[inline]
    pub(crate) fn hold(self, rule: Rule) -> bool {
        #[cfg(any(test, feature = "mutants"))]
        return self.broken != Some(rule);
        #[cfg(not(any(test, feature = "mutants")))]
        {
            let _ = rule;
            true
        }
    }
}
