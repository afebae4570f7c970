//! What must have happened for a campaign to mean anything: a trial that nothing befell shows nothing.
//!
//! Whether something *can* happen in a trial follows from its plain schedule and its policy: `reach`. Some of it is rare all the
//! same: only where it could in [`Happening::trials_min`] trials and never did a campaign says too little.
//!
//! **Invariant.** Sums of campaigns do not depend on the order of trials.

macro_rules! happenings {
    ($($(#[$doc:meta])* $name:ident = $words:literal, $trials:literal;)+) => {
        /// Something that happens to a cluster.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Happening {
            $($(#[$doc])* $name,)+
        }

        impl Happening {
            /// All of them.
            pub const ALL: &[Happening] = &[$(Happening::$name,)+];

            /// What happens, as a sentence.
            pub fn words(self) -> &'static str {
                match self { $(Happening::$name => $words,)+ }
            }

            /// In this many trials in which it can happen it does, or something is wrong with the campaign.
            pub fn trials_min(self) -> u64 {
                match self { $(Happening::$name => $trials,)+ }
            }
        }
    };
}

happenings! {
    /// One server serves alone.
    LoneView = "a view has one member", 100;
    /// Nobody was there, and later somebody served.
    TotalFailure = "all servers were down, and one serves again", 100;
    /// Those who are back wait for one who may know more.
    LastToFail = "servers wait for the last one that failed", 200;
    /// Candidates at the same time.
    Duel = "two servers propose views at the same time", 100;
    /// Somebody has promised a later view.
    ViewRefusal = "a candidate is refused", 200;
    /// A decision that came to nothing.
    InstallInterrupted = "a view was decided and never served", 200;
    /// A primary learns that its time is over.
    OldPrimary = "a primary steps down or is left out", 50;
    /// A gap in one's own running.
    Stall = "a server stood still for too long and begins anew", 50;
    /// A server that was away comes back.
    Rejoin = "a server fetches what it lacks and joins", 20;
    /// More was missing than commands could say.
    SnapshotInstalled = "a server takes over a snapshot", 200;
    /// A disk was emptied.
    Recovery = "a server recovers from an empty disk", 20;
    /// What a disk had is nowhere else: only an operator can go on.
    Halt = "servers wait for a disk that was lost", 1000;
    /// The end of a life in the middle of a flush.
    PrefixKept = "a disk keeps a part of what was under way", 200;
    /// Two histories.
    Divergence = "two groups went their own ways, and one gives way", 100;
    /// The client had asked before.
    Repeat = "a repeated send is answered as the first", 20;
    /// Done, and nobody hears of it.
    ReplyLost = "the answer to a send is lost after its commit", 200;
    /// The end of a primary whose clients wait for what is in its log.
    EndBeforeReply = "a primary ends between append and reply", 50;
    /// The end of a primary whose pushes have not left.
    EndBeforePush = "a primary ends between commit and push", 1000;
    /// Mail that waits longer than a primary serves.
    QueuedOverFailover = "a message waits for somebody who is away while the view changes", 50;
    /// What goes with an account.
    DeletedWithMail = "an account is deleted with mail that it has not seen", 100;
    /// Too much at once.
    RateLimit = "a sender is too fast", 20;
    /// Two devices of one account are logged in.
    TwoDevices = "two devices of an account are logged in", 5;
}

/// What happened in trials.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Happened {
    counts: [u64; Happening::ALL.len()],
    /// In how many trials it could.
    chances: [u64; Happening::ALL.len()],
}

impl Happened {
    /// A trial in which these can happen.
    pub(crate) fn of(can: &[Happening]) -> Happened {
        let mut happened = Happened::default();
        can.iter()
            .for_each(|&can| happened.chances[can as usize] += 1);
        happened
    }

    /// It has happened once more.
    pub(crate) fn note(&mut self, what: Happening) {
        self.counts[what as usize] += 1;
    }

    /// It has happened this often.
    pub(crate) fn add(&mut self, what: Happening, times: u64) {
        self.counts[what as usize] += times;
    }

    /// How often it has happened.
    pub fn count(&self, what: Happening) -> u64 {
        self.counts[what as usize]
    }

    /// In how many trials it could have.
    pub fn chances(&self, what: Happening) -> u64 {
        self.chances[what as usize]
    }

    /// What happened or could have, in words, and how often it did.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let all = Happening::ALL.iter();
        let relevant = all.filter(|&&what| self.count(what) > 0 || self.chances(what) > 0);
        relevant.map(|&what| (what.words(), self.count(what)))
    }

    /// What happened in other trials too.
    pub fn merge(&mut self, other: &Happened) {
        for &what in Happening::ALL {
            self.counts[what as usize] += other.count(what);
            self.chances[what as usize] += other.chances(what);
        }
    }

    /// What could have happened, in enough trials that it should have, and never did.
    pub fn missing(&self) -> Vec<Happening> {
        let all = Happening::ALL.iter().copied();
        all.filter(|&what| self.count(what) == 0 && self.chances(what) >= what.trials_min())
            .collect()
    }
}
