//! What a program meant by its lines, as far as its logs prove it.
//!
//! | question | what proves it |
//! |---|---|
//! | queue of a receive | it shows 0: the message was taken before. At least 1 everywhere, and 1 often: not yet |
//! | clock of a receive | leaps stand on receives: after the merge. On the event after a receive: before, or before the step on every line |
//! | send to all | such a line: one. Neighbours of one clock to different machines: one each |
//! | events of a tick | distances of events much smaller than the usual: several |
//!
//! A wrong clock is a fault of the log and never a dialect: that a merge forgets to add one, say, changes nothing here.
//!
//! **Invariant.** What is not proved stays `None`, and is a doubt.

use super::answer::Doubt;
use events::{
    BroadcastLines, Clock, Dialect, Kind, QueueCount, Reach, ReceiveClock, Rows, TickLines, Trial,
};

/// Rows from which a habit is proved.
const ROWS_MIN: usize = 10;
/// Share of the rows that must keep to it.
const MOST: f64 = 0.95;

/// Fills in what the trials prove.
pub(super) fn infer(trials: &[Trial], dialect: &mut Dialect, doubts: &mut Vec<Doubt>) {
    let mut open = |what: &str, why: &str| {
        doubts.push(Doubt {
            what: what.to_owned(),
            why: why.to_owned(),
            evidence: String::new(),
        });
    };
    if dialect.queue.is_none() {
        dialect.queue = queue(trials);
        let recorded = receives(trials).any(|(rows, row)| rows.queue.get(row).is_some());
        if dialect.queue.is_none() && recorded {
            open(
                "queue",
                "whether a receive counts the queue with or without its own message, the numbers do not prove",
            );
        }
    }
    if dialect.receive_clock.is_none() {
        dialect.receive_clock = receive_clock(trials);
        if dialect.receive_clock.is_none() && receives(trials).next().is_some() {
            open(
                "clock",
                "whether the clock of a receive is read before or after the merge, the clocks do not prove",
            );
        }
    }
    if dialect.broadcast.is_none() {
        dialect.broadcast = broadcast(trials);
        if dialect.broadcast.is_none() {
            let pairs = same_clock(trials);
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
        dialect.tick = ticks(trials);
        if dialect.tick.is_none() {
            open(
                "tick",
                "how many events a tick may have, the times do not prove",
            );
        }
    }
}

fn machines(trials: &[Trial]) -> impl Iterator<Item = (usize, &Rows)> {
    let all = trials
        .iter()
        .flat_map(|trial| trial.machines.iter().enumerate());
    all.map(|(own, machine)| (own, &machine.rows))
}

fn receives(trials: &[Trial]) -> impl Iterator<Item = (&Rows, usize)> {
    let rows = machines(trials).flat_map(|(_, rows)| (0..rows.len()).map(move |row| (rows, row)));
    rows.filter(|(rows, row)| rows.kind(*row) == Kind::Receive)
}

fn queue(trials: &[Trial]) -> Option<QueueCount> {
    let queues = receives(trials).filter_map(|(rows, row)| rows.queue.get(row));
    let queues: Vec<u64> = queues.collect();
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

fn receive_clock(trials: &[Trial]) -> Option<ReceiveClock> {
    // Between two receives in a row a leap may be of either.
    let (mut on, mut behind, mut between) = (0_usize, 0_usize, 0_usize);
    for (own, rows) in machines(trials) {
        for after in 1..rows.len() {
            let before = after - 1;
            let (Some(from), Some(to)) = (rows.clock(before), rows.clock(after)) else {
                continue;
            };
            if learnt(&from, &to, own) {
                let receives = |row| rows.kind(row) == Kind::Receive;
                match (receives(before), receives(after)) {
                    (false, true) => on += 1,
                    (true, false) => behind += 1,
                    (true, true) => between += 1,
                    (false, false) => {}
                }
            }
        }
    }
    if behind == 0 {
        on += between;
    }
    let all = (on + behind) as f64;
    if on + behind < 3 {
        None
    } else if on as f64 >= MOST * all {
        Some(ReceiveClock::AfterMerge)
    } else if behind as f64 >= 0.5 * all {
        shown_before(trials)
    } else {
        None
    }
}

/// Which lines show the clock before their events, where receives do: a receive then shows the clock of the line before
/// or, if that line shows the clock before its own event too, one more.
fn shown_before(trials: &[Trial]) -> Option<ReceiveClock> {
    let (mut same, mut one_more, mut all) = (0_usize, 0_usize, 0_usize);
    for (own, rows) in machines(trials) {
        for after in (1..rows.len()).filter(|&row| rows.kind(row) == Kind::Receive) {
            let value = |row: usize| rows.clock(row).and_then(|clock| clock.scalar(own));
            if let (Some(from), Some(to)) = (value(after - 1), value(after))
                && rows.kind(after - 1) != Kind::Receive
            {
                all += 1;
                same += usize::from(to == from);
                one_more += usize::from(to == from + 1.0);
            }
        }
    }
    let most = |part: usize| part as f64 >= MOST * all as f64;
    match (most(same), most(one_more)) {
        (true, false) => Some(ReceiveClock::BeforeMerge),
        (false, true) => Some(ReceiveClock::BeforeStep),
        _ => None,
    }
}

fn broadcast(trials: &[Trial]) -> Option<BroadcastLines> {
    let to_several = |rows: &Rows, row| {
        rows.kind(row) == Kind::Broadcast
            || matches!(rows.reach(row), Reach::Several(to) if to.len() > 1)
    };
    if machines(trials).any(|(_, rows)| rows.sends().any(|row| to_several(rows, row))) {
        return Some(BroadcastLines::One);
    }
    let (mut sends, mut twins, mut others) = (0, 0, 0);
    for (_, rows) in machines(trials) {
        for second in 1..rows.len() {
            sends += usize::from(rows.kind(second) == Kind::Send);
            let clock = rows.clock(second);
            let is_twin = is_of_one_clock(rows, second) && rows.are_to_others(second - 1, second);
            twins += usize::from(is_twin);
            others += usize::from(!is_twin && clock.is_some() && clock == rows.clock(second - 1));
        }
    }
    // Few, where no other clock stands twice, are no chance either.
    (twins >= 2 && (twins * 20 >= sends || others == 0)).then_some(BroadcastLines::Each)
}

/// How many sends have the clock of the send just before.
fn same_clock(trials: &[Trial]) -> usize {
    let of = |rows: &Rows| {
        let pairs = (1..rows.len()).filter(|&second| is_of_one_clock(rows, second));
        pairs.count()
    };
    machines(trials).map(|(_, rows)| of(rows)).sum()
}

/// Whether a row and the one before are sends of one clock.
fn is_of_one_clock(rows: &Rows, second: usize) -> bool {
    let sends = |row| rows.kind(row) == Kind::Send;
    sends(second - 1)
        && sends(second)
        && rows
            .clock(second)
            .is_some_and(|clock| rows.clock(second - 1) == Some(clock))
}

fn ticks(trials: &[Trial]) -> Option<TickLines> {
    let (mut short, mut all) = (0_usize, 0_usize);
    for (_, rows) in machines(trials) {
        let differ = |after: &usize| {
            rows.kind(after - 1) != Kind::Send || rows.clock(after - 1) != rows.clock(*after)
        };
        let gap = |after: usize| {
            let before_ns = rows.time_ns.get(after - 1)?;
            Some(rows.time_ns.get(after)?.saturating_sub(before_ns))
        };
        let pairs = (1..rows.len()).filter(differ);
        let mut gaps: Vec<i64> = pairs.filter_map(gap).collect();
        gaps.sort_unstable();
        let usual = gaps.get(gaps.len() * 3 / 4).copied().unwrap_or(0);
        // Times in whole seconds, or the like, tell nothing about events within one.
        let mut times = rows.time_ns.iter().flatten();
        let coarse = times.all(|time| time % 1_000_000_000 == 0);
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
