//! What a right reading of right logs hardly ever gives, however many lines it explains.
//!
//! | suspicion | what raises it |
//! |---|---|
//! | machines | one alone sends; one has no events; trials have more or fewer; those of a trial ran at different times |
//! | clock | it falls; it leaps where nothing is received |
//! | event | no receives or no sends; more receives than messages; lines left out that fill holes between clocks |
//! | carried | no send of the sender has such a clock; it is one number where clocks are vectors |
//! | queue, rate | the queue is always empty, or falls by several; a rate is not kept (`numbers`) |
//!
//! **Invariant.** Nothing is changed by a suspicion but the standing of lines that would be left out.

mod evidence;
mod numbers;

use std::collections::{BTreeMap, BTreeSet};

use evidence::{EVENTS_MIN, at, doubt};

use super::answer::Doubt;
use super::meaning::{Meaning, Role, Standing};
use super::shape::Shape;
use super::table::Table;
use events::{Clock, Kind, Machine, Reach, ReceiveClock, Trial};
use formats::line_stats::Account;

/// What an account says of files whose names the format's pattern of paths does not take.
const PATH_DIFFERS: &str = "`path` does not match";

/// Tells of it.
pub(super) fn trials(trials: &[Trial], doubts: &mut Vec<Doubt>) {
    machines(trials, doubts);
    clocks(trials, doubts);
    messages(trials, doubts);
    carried(trials, doubts);
    half_a_clock(trials, doubts);
    numbers::all(trials, doubts);
}

/// Tells of files that look like logs and were not read, where no machine has a rate: they may state it.
pub(super) fn unread(trials: &[Trial], account: &Account, doubts: &mut Vec<Doubt>) {
    let mut machines = trials.iter().flat_map(|trial| &trial.machines);
    let unnamed = account.other_files.iter();
    let unnamed: Vec<&String> = unnamed
        .filter(|(reason, _)| reason.contains(PATH_DIFFERS))
        .flat_map(|(_, files)| files)
        .collect();
    if unnamed.is_empty() || machines.any(|machine| machine.rate_hz.is_some()) {
        return;
    }
    let why = format!(
        "no rate was found; {} files of the format were not read, for their names tell no machine: they may state rates",
        unnamed.len()
    );
    doubt(doubts, "rate", why, unnamed[0].clone());
}

fn dir(trial: &Trial) -> String {
    trial.info.dir.display().to_string()
}

fn machines(trials: &[Trial], doubts: &mut Vec<Doubt>) {
    let all = trials.len();
    let of = |is: &dyn Fn(&Trial) -> bool| -> (usize, String) {
        let mut found = trials.iter().filter(|trial| is(trial));
        let first = found.next().map(dir).unwrap_or_default();
        (found.count() + usize::from(!first.is_empty()), first)
    };
    let (alone, first) =
        of(&|trial| trial.machines.len() == 1 && trial.machines[0].rows.sends().next().is_some());
    if alone > 0 {
        let why = format!(
            "in {alone} of {all} trials one machine alone sends messages: its peers may be in the same file, or stand for \
             trials of their own"
        );
        doubt(doubts, "machines", why, first);
    }
    let (idle, first) = of(&|trial| {
        let without = trial
            .machines
            .iter()
            .filter(|machine| machine.rows.is_empty());
        (1..trial.machines.len()).contains(&without.count())
    });
    if idle > 0 {
        let why = format!(
            "in {idle} of {all} trials a machine has no events: its log may be empty, or it is another one under a name of \
             its own"
        );
        doubt(doubts, "machines", why, first);
    }
    let sizes: BTreeSet<usize> = trials.iter().map(|trial| trial.machines.len()).collect();
    if let (Some(fewest), Some(most)) = (sizes.first(), sizes.last())
        && fewest < most
    {
        let (_, first) = of(&|trial| trial.machines.len() == *fewest);
        let why = format!(
            "trials have {fewest} to {most} machines: logs may be missing, or be put in the wrong trial"
        );
        doubt(doubts, "machines", why, first);
    }
    let (apart, first) = of(&apart);
    if apart > 0 {
        let why = format!(
            "in {apart} of {all} trials a machine had stopped before another began: they may be of different trials"
        );
        doubt(doubts, "machines", why, first);
    }
}

/// Whether a machine's last event is before another's first, by times that compare.
fn apart(trial: &Trial) -> bool {
    let span = |machine: &Machine| {
        let times = || machine.rows.time_ns.iter().flatten();
        Some((times().min()?, times().max()?))
    };
    let spans: Vec<(i64, i64)> = trial.machines.iter().filter_map(span).collect();
    let starts = spans.iter().map(|span| span.0).max();
    let ends = spans.iter().map(|span| span.1).min();
    starts.zip(ends).is_some_and(|(start, end)| start > end)
}

fn value(machine: &Machine, row: usize) -> Option<f64> {
    match machine.rows.clock_vector(row) {
        Some(components) => Some(components.iter().map(|&value| value as f64).sum()),
        None => machine.rows.clock_value(row),
    }
}

fn clocks(trials: &[Trial], doubts: &mut Vec<Doubt>) {
    let (mut falls, mut leaps, mut own, mut pairs) = (0, 0, 0, 0);
    let (mut first_fall, mut first_leap) = (None, None);
    for trial in trials {
        let merged = trial.info.dialect.receive_clock == Some(ReceiveClock::AfterMerge);
        for machine in &trial.machines {
            for after in 1..machine.rows.len() {
                let Some((from, to)) = value(machine, after - 1).zip(value(machine, after)) else {
                    continue;
                };
                pairs += 1;
                if to < from {
                    falls += 1;
                    first_fall.get_or_insert_with(|| at(machine, after));
                }
                if machine.rows.kind(after) != Kind::Receive && merged {
                    own += 1;
                    if to > from + 1.0 {
                        leaps += 1;
                        first_leap.get_or_insert_with(|| at(machine, after));
                    }
                }
            }
        }
    }
    if falls * 100 > pairs && pairs >= EVENTS_MIN {
        let why = format!(
            "{falls} of {pairs} clocks are less than the one before: another number may be the clock, or several machines or runs share a file"
        );
        doubt(doubts, "clock", why, first_fall.unwrap_or_default());
    }
    // A program that always adds two has a habit; a leap now and then is an event that was not read.
    if leaps * 33 > own && leaps * 2 < own && own >= EVENTS_MIN {
        let why = format!(
            "{leaps} of {own} clocks leap by more than one where nothing is received: lines that were left out may be events, or another number may be the clock"
        );
        doubt(doubts, "clock", why, first_leap.unwrap_or_default());
    }
}

fn messages(trials: &[Trial], doubts: &mut Vec<Doubt>) {
    let machines = || trials.iter().flat_map(|trial| &trial.machines);
    let all: usize = machines().map(|machine| machine.rows.len()).sum();
    let received: usize = machines().map(receives).sum();
    let sent: usize = machines().map(|machine| machine.rows.sends().count()).sum();
    let several = trials.iter().any(|trial| trial.machines.len() > 1);
    if several && all >= EVENTS_MIN && (received == 0 || sent == 0) {
        let none = if received == 0 { "receive" } else { "send" };
        doubt(
            doubts,
            "event",
            format!(
                "no line was read as a {none}: the lines of such events may be taken for others, or be left out"
            ),
            String::new(),
        );
    }
    // Every message is sent once to one, or to all others.
    let more = |trial: &&Trial| {
        let peers = trial.machines.len().saturating_sub(1);
        let of_machine = |machine: &Machine| -> usize {
            let messages = machine
                .rows
                .sends()
                .map(|row| match machine.rows.reach(row) {
                    Reach::One(_) => 1,
                    Reach::Several(to) => to.len().max(1),
                    Reach::Nobody | Reach::All | Reach::Unknown => peers.max(1),
                });
            messages.sum()
        };
        let messages: usize = trial.machines.iter().map(of_machine).sum();
        let received: usize = trial.machines.iter().map(receives).sum();
        peers > 0 && received > messages + messages / 20
    };
    let first = trials.iter().find(more);
    if let Some(first) = first {
        let all = trials.iter().filter(more).count();
        let why = format!(
            "in {all} of {} trials more messages are received than sent: other lines may be taken for receives, sends may be left out, or a log is missing",
            trials.len()
        );
        doubt(doubts, "event", why, dir(first));
    }
}

/// How many messages a machine received.
fn receives(machine: &Machine) -> usize {
    let kinds = machine.rows.kinds();
    kinds.filter(|&kind| kind == Kind::Receive).count()
}

/// Whether the sender that a receive names has a send of the clock that the message carried.
fn carried(trials: &[Trial], doubts: &mut Vec<Doubt>) {
    let (mut known, mut all) = (0, 0);
    let mut first = None;
    for trial in trials {
        let sent: Vec<BTreeSet<i64>> = trial
            .machines
            .iter()
            .map(|machine| {
                let sends = machine.rows.sends();
                sends
                    .filter_map(|row| scalar(machine.rows.clock(row)?))
                    .collect()
            })
            .collect();
        for machine in &trial.machines {
            for row in 0..machine.rows.len() {
                let carried = machine.rows.carried(row).and_then(scalar);
                let (Some(from), Some(carried)) = (machine.rows.sender(row), carried) else {
                    continue;
                };
                all += 1;
                // Stamped before or after the increment, or as logged.
                let fits = (carried - 1..=carried + 1).any(|clock| sent[from].contains(&clock));
                known += usize::from(fits);
                if !fits {
                    first.get_or_insert_with(|| at(machine, row));
                }
            }
        }
    }
    if all >= EVENTS_MIN && known * 2 < all {
        let why = format!(
            "{known} of {all} messages carry a clock that a send of their sender has: another number may be the clock that they carry, or the sender's name is another machine's"
        );
        doubt(doubts, "carried", why, first.unwrap_or_default());
    }
}

/// Whether messages between vector clocks carry single numbers.
fn half_a_clock(trials: &[Trial], doubts: &mut Vec<Doubt>) {
    let machines = || trials.iter().flat_map(|trial| &trial.machines);
    let single = |machine: &Machine, row: &usize| {
        machine.rows.clock_vector(*row).is_some()
            && matches!(machine.rows.carried(*row), Some(Clock::Lamport(_)))
    };
    let of = |machine: &Machine| {
        (0..machine.rows.len())
            .filter(|row| single(machine, row))
            .count()
    };
    let count: usize = machines().map(of).sum();
    if count > 0 {
        let first = machines().find_map(|machine| {
            let row = (0..machine.rows.len()).find(|row| single(machine, row))?;
            Some(at(machine, row))
        });
        let why = format!(
            "{count} events have a vector clock and a single number as the clock of their message: it may be the first part of a vector"
        );
        doubt(doubts, "carried", why, first.unwrap_or_default());
    }
}

fn scalar(clock: Clock) -> Option<i64> {
    match clock {
        Clock::Lamport(value) => Some(value),
        _ => None,
    }
}

/// Lines that a rule would leave out, and whose number fills a hole between the clocks of the events around them, are
/// rather events: they stay unexplained.
pub(super) fn left_out(shapes: &[Shape], meanings: &mut [Meaning], doubts: &mut Vec<Doubt>) {
    const ROWS_MIN: usize = 3;
    let events = events(shapes, meanings);
    for at in 0..shapes.len() {
        let shape = &shapes[at];
        let is_left_out = matches!(
            meanings[at].standing,
            Standing::Ignored(_) | Standing::Hole(_)
        );
        if !is_left_out || shape.rows.len() < ROWS_MIN {
            continue;
        }
        let fills = |slot: usize| {
            let filling = (0..shape.rows.len()).filter(|&row| {
                let Some(number) = shape.number(row, slot) else {
                    return false;
                };
                let of = &shape.rows[row];
                let of_file = events
                    .range((of.file, 0)..(of.file + 1, 0))
                    .map(|(_, track)| track);
                of_file
                    .into_iter()
                    .any(|track| fills_hole(track, of.line, number))
            });
            filling.count()
        };
        let most = (0..shape.slots.len())
            .filter(|&slot| shape.is_numeric(slot))
            .map(fills)
            .max();
        let Some(most) = most.filter(|&most| most >= ROWS_MIN && most * 2 >= shape.rows.len())
        else {
            continue;
        };
        meanings[at].standing = Standing::Unknown;
        doubt(
            doubts,
            "event",
            format!(
                "{most} of {} such lines hold a number that fills a hole between the clocks of the events around them: they may be events, and stay unexplained",
                shape.rows.len()
            ),
            super::shape::example(shape),
        );
    }
}

/// Events of a machine in a file: line, clock and kind.
type Track = Vec<(u32, f64, Kind)>;

/// By file and number of the machine in it.
fn events(shapes: &[Shape], meanings: &[Meaning]) -> BTreeMap<(usize, usize), Track> {
    let table = Table::new(shapes, meanings);
    let mut tracks = BTreeMap::new();
    for (number, track) in table.tracks.iter().enumerate() {
        let event = |&(shape, row): &(usize, usize)| {
            let clock = table.number(shape, meanings[shape].slot(Role::Clock)?, row)?;
            Some((shapes[shape].rows[row].line, clock, meanings[shape].kind()?))
        };
        if let Some(&(shape, row)) = track.first() {
            let file = shapes[shape].rows[row].file;
            tracks.insert((file, number), track.iter().filter_map(event).collect());
        }
    }
    tracks
}

/// Whether a number of a line is between the clocks before and after it, where nothing is received after it.
fn fills_hole(track: &Track, line: u32, number: f64) -> bool {
    let after = track.partition_point(|&(of, ..)| of < line);
    let (Some(before), Some(next)) = (after.checked_sub(1).map(|at| track[at]), track.get(after))
    else {
        return false;
    };
    next.2 != Kind::Receive && before.1 < number && number < next.1
}
