//! A second scale model, written for tests from the rules alone.
//!
//! It shares no code with the project's machine or drivers and works the other way round: there is no event queue and
//! no queue of messages. All ticks of all machines are sorted by time; at each, the messages whose arrival lies in the
//! past are counted, and the earliest is taken. Of a timekeeper's, the newest is.

use std::cmp::Reverse;
use std::path::PathBuf;

use event_log::{
    Condition, Design, Drain, Driver, FORMAT_VERSION, Latency, MachineEntry, MachineId, Odds,
    PhaseRule, Rate, RateRule, Status, Tick, TrialManifest,
};

use super::chance::Chance;
use super::log::{ClockRows, EventKind, MachineLog, TrialLog};

/// When the simulated trials start.
const STARTED_NS: u64 = 1_700_000_000_000_000_000;

/// A message on its way or waiting.
struct Message {
    arrival_ns: u64,
    order: usize,
    from: usize,
    sent_tick: u64,
    sent_clock: u64,
}

/// A correct, complete trial; everything about it is drawn from the seed.
pub(crate) fn trial(seed: u64) -> TrialLog {
    let mut chance = Chance::new(seed);
    let mut log = plan(&mut chance, seed);
    let lateness_ns = match log.manifest.condition.driver {
        Driver::Virtual => 0,
        Driver::Sockets => chance.between(1, 3_000_000),
    };
    let mut ticks = Vec::new();
    for (machine, known) in log.machines.iter().enumerate() {
        for tick in 0..log.manifest.ticks_expected(&known.entry) {
            let due_ns = log
                .manifest
                .due_ns(&known.entry, Tick(tick))
                .expect("the trial has a start");
            let delay_ns = log.manifest.condition.tick_delay_ns;
            let time_ns = due_ns + delay_ns + chance.below(lateness_ns + 1);
            ticks.push((time_ns, machine, tick));
        }
    }
    ticks.sort_unstable();
    let mut inboxes: Vec<Vec<Message>> = log.machines.iter().map(|_| Vec::new()).collect();
    let mut clocks = vec![0u64; log.machines.len()];
    for (now_ns, machine, tick) in ticks {
        perform(
            &mut log,
            &mut chance,
            &mut inboxes,
            &mut clocks,
            now_ns,
            machine,
            tick,
        );
    }
    log
}

fn plan(chance: &mut Chance, seed: u64) -> TrialLog {
    let count = chance.pick(&[2, 3, 3, 3, 4, 5]) as u32;
    let rates: Vec<Rate> = (0..count)
        .map(|_| match chance.below(3) {
            0 => Rate::try_from(chance.between(500, 8_000) as f64 / 1000.0).expect("in range"),
            _ => Rate::from_hz(chance.between(1, 6) as u32),
        })
        .collect();
    let driver = chance.pick(&[Driver::Virtual, Driver::Virtual, Driver::Sockets]);
    let min_ns = chance.between(1, 40_000_000);
    let max_ns = match chance.below(2) {
        0 => min_ns,
        _ => min_ns + chance.below(2_000_000_000),
    };
    let phase = chance.pick(&[PhaseRule::Random, PhaseRule::Random, PhaseRule::Aligned]);
    let condition = Condition {
        driver,
        machines: count,
        rates: RateRule::Fixed(rates.clone()),
        duration_ns: chance.between(3, 25) * 1_000_000_000,
        odds: match chance.below(3) {
            0 => Odds::Internal(chance.unit()),
            _ => Odds::Sides(chance.between(3, 12) as u32),
        },
        drain: chance.pick(&[Drain::One, Drain::One, Drain::All]),
        phase,
        latency: (driver == Driver::Virtual).then_some(Latency { min_ns, max_ns }),
        design: chance.pick(&[Design::Mesh, Design::Mesh, Design::Timekeeper, Design::Hub]),
        tick_delay_ns: match chance.below(3) {
            0 => chance.between(1, 900_000_000),
            _ => 0,
        },
        ..events::fixtures::condition(&[])
    };
    let timekeeper = (condition.design == Design::Timekeeper).then(|| {
        let fastest = (0..count as usize).max_by_key(|&id| (rates[id], Reverse(id)));
        MachineId(fastest.expect("there are machines") as u32)
    });
    let dir = PathBuf::from("simulated/trial-000");
    let machines: Vec<MachineLog> = (0..count)
        .map(|id| {
            let rate = rates[id as usize];
            let phase_ns = match phase {
                PhaseRule::Aligned => 0,
                PhaseRule::Random => chance.below(rate.period_ns()),
            };
            MachineLog {
                entry: MachineEntry {
                    id: MachineId(id),
                    name: format!("machine-{id}"),
                    log: format!("machine-{id}.csv"),
                    rate,
                    phase_ns,
                    address: None,
                },
                file: dir.join(format!("machine-{id}.csv")),
                rows: ClockRows::default(),
            }
        })
        .collect();
    TrialLog {
        run: "simulated".to_owned(),
        dir,
        manifest: TrialManifest {
            format_version: FORMAT_VERSION,
            trial: 0,
            seed,
            condition,
            started_ns: Some(STARTED_NS),
            status: Status::Complete,
            timekeeper,
            reason: None,
            hub_address: None,
            machines: machines
                .iter()
                .map(|machine| machine.entry.clone())
                .collect(),
        },
        machines,
    }
}

fn perform(
    log: &mut TrialLog,
    chance: &mut Chance,
    inboxes: &mut [Vec<Message>],
    clocks: &mut [u64],
    now_ns: u64,
    machine: usize,
    tick: u64,
) {
    let timekeeper = log.manifest.timekeeper.map(MachineId::index);
    let is_time = |message: &Message| Some(message.from) == timekeeper;
    let come = inboxes[machine].extract_if(.., |m| is_time(m) && m.arrival_ns <= now_ns);
    if let Some(newest) = come.max_by_key(|message| message.sent_tick) {
        let waiting =
            oldest(&inboxes[machine], timekeeper, now_ns).map_or(0, |(_, waiting)| waiting);
        take(log, clocks, newest, now_ns, (machine, tick), waiting);
    }
    let mut took = false;
    while let Some((at, waiting)) = oldest(&inboxes[machine], timekeeper, now_ns) {
        let message = inboxes[machine].remove(at);
        take(log, clocks, message, now_ns, (machine, tick), waiting - 1);
        took = true;
        if log.manifest.condition.drain == Drain::One {
            break;
        }
    }
    if took {
        return;
    }
    clocks[machine] += 1;
    let clock = clocks[machine];
    let others: Vec<usize> = (0..inboxes.len())
        .filter(|&other| other != machine)
        .collect();
    let rolled = match timekeeper == Some(machine) {
        true => 2,
        false => roll(chance, log.manifest.condition.odds),
    };
    let (kind, to) = match rolled {
        0 | 1 => (EventKind::Send, vec![chance.pick(&others)]),
        2 => (EventKind::Broadcast, others),
        _ => (EventKind::Internal, Vec::new()),
    };
    let peer = (kind == EventKind::Send).then(|| MachineId(to[0] as u32));
    push(
        &mut log.machines[machine].rows,
        tick,
        now_ns,
        kind,
        clock,
        0,
        peer,
    );
    for to in to {
        let hops = match log.manifest.condition.design {
            Design::Hub => 2,
            Design::Mesh | Design::Timekeeper => 1,
        };
        let hop_ns = |_| match log.manifest.condition.latency {
            Some(latency) => chance.between(latency.min_ns, latency.max_ns),
            None => chance.between(20_000, 3_000_000_000),
        };
        let delay_ns: u64 = (0..hops).map(hop_ns).sum();
        let before = inboxes[to].iter().filter(|message| message.from == machine);
        let not_before_ns = before.map(|message| message.arrival_ns).max().unwrap_or(0);
        let order = log.machines.iter().map(|machine| machine.rows.len()).sum();
        inboxes[to].push(Message {
            arrival_ns: (now_ns + delay_ns).max(not_before_ns),
            order,
            from: machine,
            sent_tick: tick,
            sent_clock: clock,
        });
    }
}

/// Takes a message, with so many left in the queue, in a (machine, tick).
fn take(
    log: &mut TrialLog,
    clocks: &mut [u64],
    message: Message,
    now_ns: u64,
    (machine, tick): (usize, u64),
    left: u64,
) {
    clocks[machine] = 1 + u64::max(clocks[machine], message.sent_clock);
    let rows = &mut log.machines[machine].rows;
    let (clock, peer) = (clocks[machine], Some(MachineId(message.from as u32)));
    push(rows, tick, now_ns, EventKind::Receive, clock, left, peer);
    let last = rows.len() - 1;
    rows.sent_tick[last] = message.sent_tick;
    rows.sent_clock[last] = message.sent_clock;
}

/// Position of the message that arrived first, and how many have arrived; those of the timekeeper aside.
fn oldest(inbox: &[Message], timekeeper: Option<usize>, now_ns: u64) -> Option<(usize, u64)> {
    let arrived = || {
        inbox
            .iter()
            .enumerate()
            .filter(|(_, m)| Some(m.from) != timekeeper && m.arrival_ns <= now_ns)
    };
    let (at, _) = arrived().min_by_key(|(_, message)| (message.arrival_ns, message.order))?;
    Some((at, arrived().count() as u64))
}

/// 0, 1: to one peer; 2: to all; anything else: internal.
fn roll(chance: &mut Chance, odds: Odds) -> u64 {
    match odds {
        Odds::Sides(sides) => chance.below(u64::from(sides)),
        Odds::Internal(internal) if chance.unit() < internal => 3,
        Odds::Internal(_) => chance.below(3),
    }
}

fn push(
    rows: &mut ClockRows,
    tick: u64,
    time_ns: u64,
    event: EventKind,
    clock: u64,
    queue: u64,
    peer: Option<MachineId>,
) {
    rows.line.push(rows.len() as u32 + 2);
    rows.tick.push(tick);
    rows.time_ns.push(time_ns);
    rows.event.push(event);
    rows.clock.push(clock);
    rows.queue.push(queue);
    rows.peer.push(peer);
    rows.sent_tick.push(0);
    rows.sent_clock.push(0);
}
