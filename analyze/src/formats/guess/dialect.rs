//! What a program meant by its lines, as far as its logs prove it.
//!
//! | question | what proves it |
//! |---|---|
//! | queue of a receive | it shows 0: the message was taken before. At least 1 everywhere, and 1 often: not yet |
//! | clock of a receive | leaps stand on receives: after the merge. On the event after a receive: before |
//! | send to all | such a line: one. Neighbours of one clock to different machines: one each |
//! | events of a tick | distances of events much smaller than the usual: several |
//!
//! A wrong clock is a fault of the log and never a dialect: that a merge forgets to add one, say, changes nothing here.
//!
//! **Invariant.** What is not proved stays `None`, and is a doubt.

use super::answer::Doubt;
use crate::history::{
    BroadcastLines, Clock, Dialect, Event, History, Kind, QueueCount, ReceiveClock, TickLines,
};

/// Rows from which a habit is proved.
const ROWS_MIN: usize = 10;
/// Share of the rows that must keep to it.
const MOST: f64 = 0.95;

/// Fills in what the histories prove.
pub(super) fn infer(histories: &[History], dialect: &mut Dialect, doubts: &mut Vec<Doubt>) {
    let mut open = |what: &str, why: &str| {
        doubts.push(Doubt {
            what: what.to_owned(),
            why: why.to_owned(),
            evidence: String::new(),
        });
    };
    if dialect.queue.is_none() {
        dialect.queue = queue(histories);
        let recorded = receives(histories).any(|event| event.queue.is_some());
        if dialect.queue.is_none() && recorded {
            open(
                "queue",
                "whether a receive counts the queue with or without its own message, the numbers do not prove",
            );
        }
    }
    if dialect.receive_clock.is_none() {
        dialect.receive_clock = receive_clock(histories);
        if dialect.receive_clock.is_none() && receives(histories).next().is_some() {
            open(
                "clock",
                "whether the clock of a receive is read before or after the merge, the clocks do not prove",
            );
        }
    }
    if dialect.broadcast.is_none() {
        dialect.broadcast = broadcast(histories);
        if dialect.broadcast.is_none() {
            let pairs = same_clock(histories);
            let sends = if pairs == 0 {
                "no two sends share a clock".to_owned()
            } else {
                format!(
                    "{pairs} pairs of sends share a clock, but not to whom the two of a pair go"
                )
            };
            let why = format!(
                "no line tells of a send to all, and {sends}: how such a send is written is not known"
            );
            open("broadcast", &why);
        }
    }
    if dialect.tick.is_none() {
        dialect.tick = ticks(histories);
        if dialect.tick.is_none() {
            open(
                "tick",
                "how many events a tick may have, the times do not prove",
            );
        }
    }
}

fn machines(histories: &[History]) -> impl Iterator<Item = (usize, &[Event])> {
    let all = histories
        .iter()
        .flat_map(|history| history.machines.iter().enumerate());
    all.map(|(own, machine)| (own, machine.events.as_slice()))
}

fn receives(histories: &[History]) -> impl Iterator<Item = &Event> {
    machines(histories)
        .flat_map(|(_, events)| events)
        .filter(|event| event.kind == Kind::Receive)
}

fn queue(histories: &[History]) -> Option<QueueCount> {
    let queues: Vec<u64> = receives(histories)
        .filter_map(|event| event.queue)
        .collect();
    if queues.contains(&0) {
        return Some(QueueCount::AfterPop);
    }
    let ones = queues.iter().filter(|&&queue| queue == 1).count();
    (queues.len() >= 2 * ROWS_MIN && ones >= ROWS_MIN).then_some(QueueCount::BeforePop)
}

/// What a machine learnt from others, as its clock shows it: leaps of a scalar, other components of a vector.
fn learnt(before: &Clock, after: &Clock, own: usize) -> bool {
    match (before, after) {
        (Clock::Vector(before), Clock::Vector(after)) => {
            let mut pairs = before.iter().zip(after).enumerate();
            pairs.any(|(of, (before, after))| of != own && after > before)
        }
        (before, after) => match (before.scalar(own), after.scalar(own)) {
            (Some(before), Some(after)) => after > before + 1.0,
            _ => false,
        },
    }
}

fn receive_clock(histories: &[History]) -> Option<ReceiveClock> {
    let (mut on, mut behind) = (0_usize, 0_usize);
    for (own, events) in machines(histories) {
        for pair in events.windows(2) {
            let [before, after] = pair else { continue };
            let (Some(from), Some(to)) = (&before.clock, &after.clock) else {
                continue;
            };
            if learnt(from, to, own) {
                on += usize::from(after.kind == Kind::Receive);
                behind += usize::from(before.kind == Kind::Receive && after.kind != Kind::Receive);
            }
        }
    }
    let all = (on + behind) as f64;
    if on + behind < 3 {
        None
    } else if on as f64 >= MOST * all {
        Some(ReceiveClock::AfterMerge)
    } else if behind as f64 >= 0.5 * all {
        // Between two receives in a row a leap that the first one brought stands on the second.
        Some(ReceiveClock::BeforeMerge)
    } else {
        None
    }
}

fn broadcast(histories: &[History]) -> Option<BroadcastLines> {
    let all = || machines(histories).flat_map(|(_, events)| events);
    if all().any(|event| {
        event.kind == Kind::Broadcast || event.to.as_ref().is_some_and(|to| to.len() > 1)
    }) {
        return Some(BroadcastLines::One);
    }
    let (mut sends, mut twins) = (0, 0);
    for (_, events) in machines(histories) {
        for pair in events.windows(2) {
            let [first, second] = pair else { continue };
            let both = first.kind == Kind::Send && second.kind == Kind::Send;
            sends += usize::from(second.kind == Kind::Send);
            twins += usize::from(
                both && first.clock.is_some()
                    && first.clock == second.clock
                    && first.to != second.to,
            );
        }
    }
    (twins >= 2 && twins * 20 >= sends).then_some(BroadcastLines::Each)
}

/// How many sends have the clock of the send just before.
fn same_clock(histories: &[History]) -> usize {
    let sends = |pair: &[Event]| pair.iter().all(|event| event.kind == Kind::Send);
    let same =
        |pair: &&[Event]| sends(pair) && pair[0].clock.is_some() && pair[0].clock == pair[1].clock;
    let pairs = machines(histories).map(|(_, events)| events.windows(2).filter(same).count());
    pairs.sum()
}

fn ticks(histories: &[History]) -> Option<TickLines> {
    let (mut short, mut all) = (0_usize, 0_usize);
    for (_, events) in machines(histories) {
        let pairs = events
            .windows(2)
            .filter(|pair| pair[0].clock != pair[1].clock || pair[0].kind != Kind::Send);
        let mut gaps: Vec<i64> = pairs
            .filter_map(|pair| Some(pair[1].time_ns?.saturating_sub(pair[0].time_ns?)))
            .collect();
        gaps.sort_unstable();
        let usual = gaps.get(gaps.len() * 3 / 4).copied().unwrap_or(0);
        // Times in whole seconds, or the like, tell nothing about events within one.
        let coarse = events
            .iter()
            .filter_map(|event| event.time_ns)
            .all(|time| time % 1_000_000_000 == 0);
        if gaps.len() >= ROWS_MIN && usual > 0 && !coarse {
            short += gaps
                .iter()
                .filter(|&&gap| gap.saturating_mul(10) < usual)
                .count();
            all += gaps.len();
        }
    }
    if all < 2 * ROWS_MIN {
        None
    } else if short * 50 < all {
        Some(TickLines::One)
    } else if short * 20 >= all {
        Some(TickLines::Several)
    } else {
        None
    }
}
