//! Which links between servers a plain schedule may keep silent for so long that one end suspects the other, which lives.
//!
//! What follows each other sooner than a heartbeat counts as one silence. A server that stands still is silent too, unless it stands
//! still for so long that it takes itself for dead; then nobody is wrong about it.
//!
//! **Invariant.** A silence is never taken for shorter than it may be: nobody is accused of what a silence has done.

use event_log::chat::ChatCondition;
use event_log::faults::{Deed, End, Fault, Faults, Target, When};

/// Until a connection that was broken is there again, and some room, nanoseconds.
const REDIAL_NS: u64 = 50_000_000;

/// A time in which little or nothing comes through.
#[derive(Debug, Clone, Copy)]
struct Outage {
    /// From when to when, nanoseconds from the start; none if nobody knows when.
    span: Option<(u64, u64)>,
    /// By how much longer messages take, nanoseconds: not more is silent.
    late_ns: u64,
    /// Until when they take longer.
    late_until: u64,
    /// Whether messages are lost.
    loses: bool,
}

/// When each link that is silent for too long is so, nanoseconds from the start; from and to are servers.
pub(super) fn silences(plain: &Faults, condition: &ChatCondition, calm_ns: u64) -> Vec<(u64, u64)> {
    let servers = 0..condition.servers;
    let links = servers
        .clone()
        .flat_map(|from| servers.clone().map(move |to| (from, to)));
    let links = links.filter(|(from, to)| from != to);
    let of_link = |(from, to)| {
        let outages = plain.faults.iter();
        let outages = outages.filter(|fault| strikes(fault, from, to));
        let outages = outages.filter_map(|fault| outage(fault, condition, calm_ns));
        silences_of(outages.collect(), condition)
    };
    links.flat_map(of_link).collect()
}

/// The silences of one link that are too long.
fn silences_of(outages: Vec<Outage>, condition: &ChatCondition) -> Vec<(u64, u64)> {
    let (anytime, mut timed): (Vec<Outage>, Vec<Outage>) = outages
        .into_iter()
        .partition(|outage| outage.span.is_none());
    // Each of these may come on top of any other.
    let on_top_ns = anytime.iter().map(|outage| outage.late_ns);
    let on_top_ns = on_top_ns.fold(0, u64::saturating_add);
    let loses = anytime.iter().any(|outage| outage.loses);
    timed.sort_unstable_by_key(|outage| outage.span);
    let slack_ns =
        condition.heartbeat_ns + REDIAL_NS + condition.latency.max_ns + condition.flush.max_ns;
    let is_long = |ns: u64, loses: bool| {
        // A heartbeat that is lost is followed by the next.
        let lost_ns = u64::from(loses) * condition.heartbeat_ns;
        let least_ns = condition
            .suspect_ns
            .saturating_sub(slack_ns)
            .saturating_sub(lost_ns);
        ns >= least_ns
    };
    if is_long(on_top_ns, loses) {
        return vec![(0, u64::MAX)];
    }
    let late_ns = |from: u64, to: u64| {
        let late = timed.iter().filter(|outage| {
            let begins = outage
                .span
                .is_some_and(|(at, _)| at <= to.saturating_add(slack_ns));
            begins && from <= outage.late_until.saturating_add(slack_ns)
        });
        let late_ns = late.map(|outage| outage.late_ns);
        late_ns.fold(on_top_ns, u64::saturating_add)
    };
    let mut silences = Vec::new();
    let spans = timed
        .iter()
        .filter_map(|outage| Some((outage.span?, outage.loses)));
    let mut spans = spans.peekable();
    while let Some(((from, mut to), first_loses)) = spans.next() {
        let mut loses = loses || first_loses;
        while let Some(((_, end), next_loses)) =
            spans.next_if(|((next, _), _)| *next <= to.saturating_add(slack_ns))
        {
            to = to.max(end);
            loses |= next_loses;
        }
        let late_ns = late_ns(from, to);
        if is_long((to - from).saturating_add(late_ns), loses) {
            silences.push((from, to.saturating_add(late_ns)));
        }
    }
    silences
}

/// Whether a fault strikes what one server says to another.
fn strikes(fault: &Fault, from: u32, to: u32) -> bool {
    let is = |end, server| match end {
        End::Server(id) => id == server,
        End::Any | End::All => true,
        End::Client(_) | End::AnyClient => false,
    };
    match fault.target {
        Target::Link {
            from: one,
            to: other,
            both_ways,
        } => {
            let back = both_ways || fault.deed == Deed::Break;
            (is(one, from) && is(other, to)) || (back && is(one, to) && is(other, from))
        }
        Target::Server(id) => id == from,
        Target::Primary | Target::Backup | Target::Any | Target::All => true,
        Target::Client(_) | Target::AnyClient => false,
    }
}

/// The outage that a fault makes, if it makes one.
fn outage(fault: &Fault, condition: &ChatCondition, calm_ns: u64) -> Option<Outage> {
    let lasts_ns = fault.lasts.map_or(u64::MAX, |range| range.max.ns);
    let by_ns = fault.severity.by.max.ns.unsigned_abs();
    let (silent_ns, late_ns) = match fault.deed {
        Deed::Hold | Deed::Break | Deed::Lose => (lasts_ns, 0),
        // A link with a rate is silent for as long as a snapshot takes.
        Deed::Slow => (lasts_ns, u64::MAX),
        Deed::Pause if lasts_ns <= condition.suspect_ns / 2 => (lasts_ns, 0),
        Deed::Delay | Deed::SlowDisk => (0, by_ns),
        _ => return None,
    };
    let loses = matches!(fault.deed, Deed::Break | Deed::Lose);
    Some(match &fault.when {
        When::At(at) => Outage {
            span: Some((
                at.ns,
                at.ns.saturating_add(silent_ns).min(calm_ns.max(at.ns)),
            )),
            late_ns,
            late_until: at.ns.saturating_add(lasts_ns).saturating_add(late_ns),
            loses,
        },
        When::On(_) => Outage {
            span: None,
            late_ns: late_ns.saturating_add(silent_ns),
            late_until: u64::MAX,
            loses,
        },
    })
}
