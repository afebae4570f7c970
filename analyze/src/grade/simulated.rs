//! Submissions for tests: a scale model of its own with the faults that student programs have.
//!
//! It shares no code with the project's machines. How often each fault is found is measured by
//!
//! ```text
//! cargo test -p analyze --lib power_of_the_grade -- --ignored --nocapture
//! ```

use std::collections::VecDeque;
use std::path::PathBuf;

use statistics::chance::Chance;

use super::submission::Submission;
use events::{
    BroadcastLines, Clock, ClockKind, Dialect, Event, Kind, QueueCount, ReceiveClock,
    RecipientName, TickLines, TimeOrigin, Trial, TrialInfo, fixtures,
};

/// How long a message is under way.
const DELAY_NS: i64 = 1_000_000;
const MACHINES: usize = 3;

/// A program; the default one is right.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) sides: usize,
    pub(super) trials: usize,
    pub(super) duration_s: f64,
    /// Measured rate over stated one.
    pub(super) pace: f64,
    pub(super) events_a_tick: usize,
    /// Whether a receive takes a step beyond the larger clock.
    pub(super) steps_on_merge: bool,
    /// Of ten ticks with mail, how many roll the die all the same.
    pub(super) rolls_despite_mail: usize,
    /// Whether machines share their random numbers.
    pub(super) forked: bool,
    /// Whether all trials have the same rates.
    pub(super) fixed_rates: bool,
    /// Whether single sends go to one peer only.
    pub(super) one_peer: bool,
    /// Of a hundred messages, how many are lost.
    pub(super) loses: usize,
    /// Whether rows tell the queue.
    pub(super) logs_queue: bool,
}

impl Default for Program {
    fn default() -> Program {
        Program {
            sides: 10,
            trials: 5,
            duration_s: 60.0,
            pace: 1.0,
            events_a_tick: 1,
            steps_on_merge: true,
            rolls_despite_mail: 0,
            forked: false,
            fixed_rates: false,
            one_peer: false,
            loses: 0,
            logs_queue: true,
        }
    }
}

/// What a student with this program hands in.
pub(super) fn submission(program: &Program, seed: u64) -> Submission {
    let trials = (0..program.trials).map(|number| trial(program, seed, number));
    Submission {
        name: format!("simulated-{seed}"),
        folder: PathBuf::from("simulated"),
        format: "simulated".to_owned(),
        trials: trials.collect(),
        notes: Vec::new(),
        unread_logs: Vec::new(),
    }
}

struct Message {
    arrives_ns: i64,
    from: usize,
    clock: i64,
}

struct Machine {
    rate_hz: u64,
    clock: i64,
    dice: Chance,
    inbox: VecDeque<Message>,
    events: Vec<Event>,
}

fn trial(program: &Program, seed: u64, number: usize) -> Trial {
    let mut own = Chance::new(seed.wrapping_mul(1_000_003) + number as u64);
    let forked = own.bits();
    let mut machines: Vec<Machine> = (0..MACHINES)
        .map(|at| Machine {
            rate_hz: match program.fixed_rates {
                true => [2, 3, 5][at],
                false => own.below(6) as u64 + 1,
            },
            clock: 0,
            dice: Chance::new(if program.forked { forked } else { own.bits() }),
            inbox: VecDeque::new(),
            events: Vec::new(),
        })
        .collect();
    let mut ticks: Vec<(i64, usize, u64)> = Vec::new();
    for (at, machine) in machines.iter().enumerate() {
        let period_ns = 1e9 / (machine.rate_hz as f64 * program.pace);
        let phase_ns = own.below(period_ns as usize) as f64;
        let due = |tick: u64| (phase_ns + tick as f64 * period_ns) as i64;
        let end = (program.duration_s * 1e9) as i64;
        ticks.extend(
            (0..)
                .map(|tick| (due(tick), at, tick))
                .take_while(|tick| tick.0 < end),
        );
    }
    ticks.sort_unstable();
    for (now, at, tick) in ticks {
        for again in 0..program.events_a_tick {
            // A program that logs two events a tick numbers them on, as a reader of lines does.
            let number = tick * program.events_a_tick as u64 + again as u64;
            perform(program, &mut machines, &mut own, at, (now, number));
        }
    }
    table(program, number, machines)
}

fn perform(
    program: &Program,
    machines: &mut [Machine],
    own: &mut Chance,
    at: usize,
    (now, tick): (i64, u64),
) {
    let machine = &mut machines[at];
    let arrived = |machine: &Machine| {
        machine
            .inbox
            .iter()
            .filter(|message| message.arrives_ns <= now)
            .count() as u64
    };
    let waiting = arrived(machine);
    let ignores = program.rolls_despite_mail > 0 && own.below(10) < program.rolls_despite_mail;
    let line = machine.events.len() as u32 + 1;
    let mut event = Event {
        time_ns: Some(1_700_000_000_000_000_000 + now),
        ..Event::new(line, Kind::Internal, tick)
    };
    if waiting > 0 && !ignores {
        if let Some(message) = machine.inbox.pop_front() {
            machine.clock = machine.clock.max(message.clock) + i64::from(program.steps_on_merge);
            event.kind = Kind::Receive;
            event.from = Some(message.from);
            event.carried = Some(Clock::Lamport(message.clock));
            event.queue = program.logs_queue.then_some(waiting - 1);
        }
    } else {
        machine.clock += 1;
        let (next, previous) = ((at + 1) % MACHINES, (at + MACHINES - 1) % MACHINES);
        event.to = match machine.dice.below(program.sides) {
            0 => Some(vec![next]),
            1 if program.one_peer => Some(vec![next]),
            1 => Some(vec![previous]),
            2 => Some(vec![next.min(previous), next.max(previous)]),
            _ => None,
        };
        event.kind = match event.to.as_deref() {
            None => Kind::Internal,
            Some([_]) => Kind::Send,
            Some(_) => Kind::Broadcast,
        };
        event.carried = event.to.is_some().then_some(Clock::Lamport(machine.clock));
    }
    event.clock = Some(Clock::Lamport(machine.clock));
    let clock = machine.clock;
    for &to in event.to.iter().flatten() {
        if own.below(100) >= program.loses {
            machines[to].inbox.push_back(Message {
                arrives_ns: now + DELAY_NS,
                from: at,
                clock,
            });
        }
    }
    machines[at].events.push(event);
}

fn table(program: &Program, number: usize, machines: Vec<Machine>) -> Trial {
    let named = machines
        .iter()
        .zip(["ant", "bee", "cow"])
        .map(|(machine, name)| {
            let file = PathBuf::from(format!("simulated/{number}/{name}.log"));
            events::Machine::new(name.to_owned(), Some(machine.rate_hz as f64), vec![file])
        });
    let named = named.collect();
    let info = TrialInfo {
        run: "simulated".to_owned(),
        name: format!("trial-{number}"),
        dir: PathBuf::from(format!("simulated/{number}")),
        format: "simulated".to_owned(),
        dialect: Dialect {
            clock: Some(ClockKind::Lamport),
            receive_clock: Some(ReceiveClock::AfterMerge),
            queue: program.logs_queue.then_some(QueueCount::AfterPop),
            broadcast: Some(BroadcastLines::One),
            tick: Some(TickLines::One),
            recipient: Some(RecipientName::Machine),
            time: Some(TimeOrigin::Epoch),
        },
        without_log: Some(Vec::new()),
        ..TrialInfo::default()
    };
    let events = machines.into_iter().map(|machine| machine.events).collect();
    fixtures::of(info, named, events).matched()
}
