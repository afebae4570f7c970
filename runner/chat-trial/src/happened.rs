//! What must have happened for a campaign to mean anything: a trial that nothing befell shows nothing.
//!
//! Whether something *can* happen in a trial follows from its plain schedule and its policy. What can happen is still rare for some:
//! only where it could in [`Happening::trials_min`] trials and never did a campaign says too little.
//!
//! **Invariant.** Sums of campaigns do not depend on the order of trials.

use driver::faults::limits::Limits;
use event_log::chat::{ChatCondition, Tolerate};
use event_log::faults::{Deed, End, Fault, Faults, Target, When};

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

            /// In so many trials in which it can happen it does, or something is wrong with the campaign.
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

/// What a plain schedule can do to servers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reach {
    /// It ends the life of a server.
    ends: bool,
    /// Two servers may be away at the same time.
    two_away: bool,
    /// All may be.
    all_away: bool,
    /// A server stands still for longer than it may.
    stalls: bool,
    wipes: bool,
    kills: bool,
    /// It may keep two groups of servers apart: more than one link is silent, or one both ways.
    pub(crate) parts: bool,
    /// A link between servers is silent for longer than the suspicion, one way at least.
    silences: bool,
}

impl Reach {
    pub(crate) fn of(plain: &Faults, condition: &ChatCondition, limits: &Limits) -> Reach {
        let mut reach = Reach::default();
        let calm_ns = limits.calm_ns(plain);
        let mut away: Vec<(Option<(u64, u64)>, u32)> = Vec::new();
        let mut silent: Vec<Option<(u64, u64)>> = Vec::new();
        for fault in &plain.faults {
            let lasts_ns = fault.lasts.map_or(u64::MAX, |range| range.max.ns);
            let span = match &fault.when {
                When::At(at) => Some((at.ns, at.ns.saturating_add(lasts_ns).min(calm_ns))),
                When::On(_) => None,
            };
            match fault.target {
                Target::Link { .. } => {
                    reach.link(fault, lasts_ns, condition);
                    if is_among_servers(fault.target) && silences(fault, condition) {
                        let late = condition.suspect_ns;
                        silent.push(span.map(|(from, to)| (from, to.saturating_add(late))));
                    }
                }
                Target::Client(_) | Target::AnyClient => {}
                target => {
                    reach.process(fault.deed, lasts_ns, condition);
                    if fault.deed.ends_a_life() || fault.deed == Deed::Pause {
                        let servers = if target == Target::All {
                            condition.servers
                        } else {
                            1
                        };
                        away.push((span, servers));
                    }
                }
            }
        }
        reach.two_away = at_once(&away) >= 2;
        reach.all_away = at_once(&away) >= condition.servers;
        let silent: Vec<_> = silent.into_iter().map(|span| (span, 1)).collect();
        reach.parts |= at_once(&silent) >= 2;
        reach
    }

    fn process(&mut self, deed: Deed, lasts_ns: u64, condition: &ChatCondition) {
        let ends = deed.ends_a_life() || matches!(deed, Deed::FailFlush | Deed::FullDisk);
        self.ends |= ends;
        self.wipes |= deed == Deed::Wipe;
        self.kills |= matches!(deed, Deed::Kill | Deed::FailFlush);
        self.stalls |= deed == Deed::Pause && lasts_ns > condition.suspect_ns / 2;
    }

    fn link(&mut self, fault: &Fault, lasts_ns: u64, condition: &ChatCondition) {
        let Target::Link { both_ways, .. } = fault.target else {
            return;
        };
        if is_among_servers(fault.target) && silences(fault, condition) {
            self.silences |= lasts_ns > condition.suspect_ns && fault.deed != Deed::Slow;
            self.parts |= both_ways || fault.deed == Deed::Break;
        }
    }

    /// Whether servers may go different ways, and lose what one side has acknowledged.
    pub(crate) fn may_part(&self, condition: &ChatCondition) -> bool {
        condition.tolerate == Tolerate::Crashes && self.parts
    }

    /// What can happen.
    pub(crate) fn possible(&self, condition: &ChatCondition) -> Vec<Happening> {
        use Happening::*;
        let of_crashes = condition.tolerate == Tolerate::Crashes;
        let changes = self.ends || self.stalls || self.silences;
        let can = [
            (LoneView, of_crashes && self.two_away),
            (TotalFailure, self.all_away && self.ends),
            (LastToFail, of_crashes && self.all_away && self.ends),
            (Duel, changes && condition.servers > 2),
            (ViewRefusal, changes && condition.servers > 2),
            (InstallInterrupted, self.two_away && self.ends),
            (OldPrimary, self.stalls || self.silences),
            (Stall, self.stalls),
            (Rejoin, changes),
            (SnapshotInstalled, changes),
            (DeletedWithMail, true),
            (Recovery, self.wipes),
            (Halt, self.wipes),
            (PrefixKept, self.kills),
            (Divergence, of_crashes && self.parts && self.silences),
            (Repeat, self.ends),
            (ReplyLost, self.ends),
            (EndBeforeReply, self.ends),
            (EndBeforePush, self.ends),
            (QueuedOverFailover, changes),
            (RateLimit, true),
            (TwoDevices, condition.clients >= 4),
        ];
        let possible = can.into_iter().filter(|&(_, can)| can);
        possible.map(|(what, _)| what).collect()
    }
}

fn is_among_servers(target: Target) -> bool {
    let is_server = |end| matches!(end, End::Server(_) | End::Any | End::All);
    matches!(target, Target::Link { from, to, .. } if is_server(from) && is_server(to))
}

/// Whether nothing may come through for so long that the other end is suspected. A delay is a silence once, when it begins; a link
/// with a rate is silent for as long as a snapshot takes.
fn silences(fault: &Fault, condition: &ChatCondition) -> bool {
    let least_ns = condition.suspect_ns - condition.heartbeat_ns.min(condition.suspect_ns);
    match fault.deed {
        Deed::Hold | Deed::Break | Deed::Lose | Deed::Slow => true,
        Deed::Delay => fault.severity.by.max.ns.unsigned_abs() >= least_ns,
        _ => false,
    }
}

/// How many are in force at one time, at most; those of which nobody knows when count for every time.
fn at_once(spans: &[(Option<(u64, u64)>, u32)]) -> u32 {
    let anytime = spans.iter().filter(|(span, _)| span.is_none());
    let anytime: u32 = anytime.map(|&(_, weight)| weight).sum();
    let mut changes = Vec::new();
    for &(span, weight) in spans {
        if let Some((from, to)) = span {
            changes.push((from, i64::from(weight)));
            changes.push((to, -i64::from(weight)));
        }
    }
    // At one time ends come first.
    changes.sort_unstable();
    let (mut now, mut most) = (0, 0);
    for (_, change) in changes {
        now += change;
        most = most.max(now);
    }
    anytime + u32::try_from(most).unwrap_or(u32::MAX)
}
