//! What a plain schedule can do to servers, and what can happen because of that.
//!
//! **Invariant.** What is said to be possible is possible: a campaign that never sees it has tried too little.

mod silences;

use driver::faults::limits::Limits;
use event_log::chat::{ChatCondition, Tolerate};
use event_log::faults::{Deed, End, Fault, Faults, Target, When};

use crate::happened::Happening;

/// What a plain schedule can do to servers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reach {
    /// It ends the life of a server.
    ends: bool,
    /// It ends the life of a server that may be primary, and has not said all.
    cuts_off: bool,
    /// Two servers may be away at the same time.
    two_away: bool,
    /// All may be.
    all_away: bool,
    /// A server stands still for longer than it may.
    stalls: bool,
    wipes: bool,
    kills: bool,
    /// It may keep two groups of servers apart: more than one link is silent for too long at a time, or one both ways.
    pub(crate) parts: bool,
    /// A link between servers is silent for longer than the suspicion, one way at least.
    silences: bool,
}

impl Reach {
    pub(crate) fn of(plain: &Faults, condition: &ChatCondition, limits: &Limits) -> Reach {
        let mut reach = Reach::default();
        let calm_ns = limits.calm_ns(plain);
        let mut away: Vec<(Option<(u64, u64)>, u32)> = Vec::new();
        for fault in &plain.faults {
            let lasts_ns = fault.lasts.map_or(u64::MAX, |range| range.max.ns);
            let span = match &fault.when {
                When::At(at) => Some((at.ns, at.ns.saturating_add(lasts_ns).min(calm_ns))),
                When::On(_) => None,
            };
            match fault.target {
                Target::Link { .. } => reach.link(fault, lasts_ns, condition),
                Target::Client(_) | Target::AnyClient => {}
                target => {
                    reach.process(fault.deed, lasts_ns, condition);
                    reach.cuts_off |= cuts_off(fault.deed) && target != Target::Backup;
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
        let silent = silences::silences(plain, condition, calm_ns).into_iter();
        // Who was suspected stays so until it is heard, and views are changed.
        let until = |to: u64| to.saturating_add(condition.suspect_ns);
        let silent: Vec<_> = silent
            .map(|(from, to)| (Some((from, until(to))), 1))
            .collect();
        reach.parts = at_once(&silent) >= 2;
        reach
    }

    fn process(&mut self, deed: Deed, lasts_ns: u64, condition: &ChatCondition) {
        self.ends |= deed.ends_a_life() || cuts_off(deed);
        self.wipes |= deed == Deed::Wipe;
        self.kills |= matches!(deed, Deed::Kill | Deed::FailFlush);
        self.stalls |= deed == Deed::Pause && lasts_ns > condition.suspect_ns / 2;
    }

    fn link(&mut self, fault: &Fault, lasts_ns: u64, condition: &ChatCondition) {
        let least_ns = condition.suspect_ns.saturating_sub(condition.heartbeat_ns);
        let silences = match fault.deed {
            Deed::Hold | Deed::Break | Deed::Lose => true,
            // A delay is a silence once, when it begins.
            Deed::Delay => fault.severity.by.max.ns.unsigned_abs() >= least_ns,
            _ => false,
        };
        self.silences |=
            silences && is_among_servers(fault.target) && lasts_ns > condition.suspect_ns;
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
            (ReplyLost, self.cuts_off),
            (EndBeforeReply, self.cuts_off),
            (EndBeforePush, self.cuts_off),
            (QueuedOverFailover, changes),
            (RateLimit, true),
            (TwoDevices, condition.clients >= 4),
        ];
        let possible = can.into_iter().filter(|&(_, can)| can);
        possible.map(|(what, _)| what).collect()
    }
}

/// Whether it ends a life in the middle of something; a server that is asked to stop says all that it has to say.
fn cuts_off(deed: Deed) -> bool {
    let breaks_disk = matches!(deed, Deed::FailFlush | Deed::FullDisk);
    breaks_disk || (deed.ends_a_life() && deed != Deed::Stop)
}

fn is_among_servers(target: Target) -> bool {
    let is_server = |end| matches!(end, End::Server(_) | End::Any | End::All);
    matches!(target, Target::Link { from, to, .. } if is_server(from) && is_server(to))
}

/// How many are in force at one time, at most; those whose time nobody knows count for every time.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setups::limits;

    fn possible(text: &str) -> Vec<Happening> {
        let condition = ChatCondition::default();
        let plain: Faults = toml::from_str(text).expect("a plain schedule");
        Reach::of(&plain, &condition, &limits(&condition)).possible(&condition)
    }

    fn one(deed: &str, target: &str) -> Vec<Happening> {
        possible(&format!(
            "[[fault]]\nat = '5s'\ndo = '{deed}'\ntarget = '{target}'\nfor = '3s'"
        ))
    }

    #[test]
    fn who_is_asked_to_stop_says_all_first_and_a_backup_answers_nobody() {
        use Happening::{EndBeforePush, EndBeforeReply, QueuedOverFailover, Rejoin, ReplyLost};
        let halves = [EndBeforePush, EndBeforeReply, ReplyLost];
        for (deed, target) in [("stop", "server 0"), ("wipe", "backup"), ("pause", "any")] {
            let can = one(deed, target);
            assert!(!halves.iter().any(|half| can.contains(half)), "{deed}");
            assert!(can.contains(&Rejoin) && can.contains(&QueuedOverFailover));
        }
        for (deed, target) in [("kill", "primary"), ("power", "all"), ("full-disk", "any")] {
            let can = one(deed, target);
            assert!(halves.iter().all(|half| can.contains(half)), "{deed}");
        }
    }

    #[test]
    fn all_are_away_only_where_their_times_overlap() {
        let away = |at: &[&str]| {
            let faults = at.iter().enumerate().map(|(server, at)| {
                format!(
                    "[[fault]]\nat = '{at}'\ndo = 'kill'\ntarget = 'server {server}'\nfor = '3s'\n"
                )
            });
            possible(&faults.collect::<String>())
        };
        assert!(!away(&["5s", "15s", "25s"]).contains(&Happening::TotalFailure));
        assert!(!away(&["5s", "15s", "25s"]).contains(&Happening::LoneView));
        assert!(away(&["5s", "6s", "25s"]).contains(&Happening::LoneView));
        assert!(away(&["5s", "6s", "7s"]).contains(&Happening::TotalFailure));
    }

    fn parts(text: &str) -> bool {
        let condition = ChatCondition::default();
        let plain: Faults = toml::from_str(text).expect("a plain schedule");
        Reach::of(&plain, &condition, &limits(&condition)).may_part(&condition)
    }

    /// Faults of this deed and target, each at a time and for a time.
    fn faults(deed: &str, target: &str, times: &[(&str, &str)]) -> String {
        let fault = |(at, lasts): &(&str, &str)| {
            format!("[[fault]]\nat = '{at}'\ndo = '{deed}'\ntarget = '{target}'\nfor = '{lasts}'\n")
        };
        times.iter().map(fault).collect()
    }

    #[test]
    fn silences_part_servers_where_together_they_are_longer_than_what_is_left_of_the_suspicion() {
        let holds = |times: &[(&str, &str)]| parts(&faults("hold", "link 0-all", times));
        assert!(!holds(&[("5s", "1.9s"), ("10s", "1.9s"), ("15s", "1.9s")]));
        assert!(holds(&[("5s", "2s")]));
        assert!(
            holds(&[("5s", "0.8s"), ("6s", "1.2s")]),
            "one after the other"
        );
        let breaks = |lasts| parts(&faults("break", "link 1-2", &[("5s", lasts)]));
        assert!(!breaks("0.8s"));
        assert!(
            breaks("1s"),
            "the heartbeat is lost, and the next comes a second later"
        );
    }

    #[test]
    fn who_stands_still_and_is_silent_then_is_suspected_unless_it_takes_itself_for_dead() {
        let with_hold = |lasts| {
            let hold = faults("hold", "link 0->all", &[("6.2s", "0.8s")]);
            parts(&(faults("pause", "server 0", &[("5s", lasts)]) + &hold))
        };
        assert!(with_hold("1.2s"));
        assert!(!with_hold("1.6s"));
        assert!(!parts(&faults("pause", "server 0", &[("5s", "1.5s")])));
    }

    #[test]
    fn one_link_that_is_silent_one_way_parts_nobody() {
        let holds = |second| {
            let first = faults("hold", "link 0->1", &[("5s", "4s")]);
            parts(&(first + &faults("hold", second, &[("8s", "4s")])))
        };
        assert!(!holds("link 0->1"));
        assert!(holds("link 2->0"));
    }

    #[test]
    fn a_delay_parts_servers_where_it_is_longer_than_what_is_left_of_the_suspicion() {
        let delay = |by: &str| {
            possible(&format!(
                "[[fault]]\nat = '5s'\ndo = 'delay'\nby = '{by}'\ntarget = 'link 0-1'\nfor = '9s'"
            ))
        };
        assert!(!delay("1s").contains(&Happening::Divergence));
        assert!(delay("2s").contains(&Happening::Divergence));
    }
}
