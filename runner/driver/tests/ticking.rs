//! Any machine as a process writes the same rows as in the tick engine, and a later life goes on with the schedule.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use driver::engine::{Network, drive};
use driver::{Beat, Seat, Sink, StorageError};
use event_log::{ClockEvent, Design, Drain, Latency, MachineId, Odds, Rate, Schedule, Stamp, Tick};
use machine::chance::{Purpose, Stream};
use machine::process::Process;
use machine::process::effects::Effects;
use machine::process::outbox::{Departure, Outbox};
use machine::process::ticking::{Ticking, Ticks};
use machine::process::units::{Peer, Time};
use machine::scale_model::{RandomDice, ScaleModel, Settings};
use proptest::prelude::*;

/// Rows in memory.
#[derive(Default)]
struct Rows(Vec<(u64, ClockEvent)>);

impl Sink<ClockEvent> for Rows {
    fn record(&mut self, time_ns: u64, event: &ClockEvent) -> Result<(), StorageError> {
        self.0.push((time_ns, *event));
        Ok(())
    }
}

/// What a trial of this test is.
#[derive(Debug, Clone)]
struct Plan {
    /// Ticks a second and phase, by machine.
    machines: Vec<(u32, u64)>,
    ticks: u64,
    tick_delay_ns: u64,
    latency_ns: u64,
    drain: Drain,
    seed: u64,
}

impl Plan {
    fn beat(&self, machine: usize) -> Beat {
        let (rate, phase_ns) = self.machines[machine];
        let schedule = Schedule {
            started_ns: 5,
            phase_ns,
            rate: Rate::from_hz(rate),
            speed: 1.0,
        };
        Beat {
            schedule,
            ticks: self.ticks,
            tick_delay_ns: self.tick_delay_ns,
        }
    }

    fn machine(&self, machine: usize, first: Tick) -> ScaleModel {
        let id = MachineId(machine as u32);
        let settings = Settings {
            id,
            machines: self.machines.len() as u32,
            drain: self.drain,
            stamp: Stamp::After,
            timekeeper: None,
        };
        let stream = Stream::new(self.seed, 0, Purpose::Machine(id));
        ScaleModel::new(settings, RandomDice::new(Odds::Sides(5), stream)).from_tick(first)
    }

    fn ticks_of(&self, machine: usize) -> Ticks<impl Fn(Tick) -> ScaleModel + '_> {
        let beat = self.beat(machine);
        Ticks {
            build: move |first| self.machine(machine, first),
            schedule: beat.schedule,
            ticks: beat.ticks,
            tick_delay_ns: beat.tick_delay_ns,
            machines: self.machines.len() as u32,
        }
    }
}

fn by_engine(plan: &Plan) -> Vec<Vec<(u64, ClockEvent)>> {
    let seat = |machine| Seat {
        machine: plan.machine(machine, Tick(0)),
        beat: plan.beat(machine),
        sink: Rows::default(),
    };
    let machines = plan.machines.len();
    let mut seats: Vec<_> = (0..machines).map(seat).collect();
    let (min_ns, max_ns) = (plan.latency_ns, plan.latency_ns);
    let stream = Stream::new(plan.seed, 0, Purpose::Network);
    let latency = Latency { min_ns, max_ns };
    let mut network = Network::new(Design::Mesh, machines, latency, stream);
    drive(&mut seats, &mut network, &AtomicBool::new(false)).expect("rows in memory");
    seats.into_iter().map(|seat| seat.sink.0).collect()
}

/// What happens in the event queue below.
enum Happening<M> {
    Wake(usize),
    Arrival(usize, Peer, M),
}

/// The smallest driver of processes: one queue in the order of due times, then of scheduling.
fn by_processes(plan: &Plan) -> Vec<Vec<(u64, ClockEvent)>> {
    let mut queue = BTreeMap::new();
    let mut sequence = 0..;
    let mut rows = vec![Vec::new(); plan.machines.len()];
    let mut processes = Vec::new();
    let mut effects = Effects::new();
    let mut outbox = Outbox::new();
    for machine in 0..plan.machines.len() {
        let setup = plan.ticks_of(machine);
        processes.push(Ticking::begin(&setup, (), Time(5), &mut effects));
        outbox.put(&mut effects);
        if let Some(Time(due_ns)) = outbox.take_wake() {
            queue.insert((due_ns, sequence.next()), Happening::Wake(machine));
        }
    }
    while let Some(((now_ns, _), happening)) = queue.pop_first() {
        let place = match happening {
            Happening::Wake(place) => {
                processes[place].wake(Time(now_ns), &mut effects);
                place
            }
            Happening::Arrival(place, from, message) => {
                processes[place].receive(Time(now_ns), from, message, &mut effects);
                place
            }
        };
        outbox.put(&mut effects);
        let me = Peer(place as u32);
        while let Some(departure) = outbox.depart() {
            match departure {
                Departure::Record(event) => rows[place].push((now_ns, event)),
                Departure::Send { to, message } => {
                    let arrival = Happening::Arrival(to.0 as usize, me, message);
                    queue.insert((now_ns + plan.latency_ns, sequence.next()), arrival);
                }
                Departure::HangUp(peer) => panic!("a machine hangs up on {peer}"),
            }
        }
        if let Some(Time(due_ns)) = outbox.take_wake() {
            queue.insert((due_ns, sequence.next()), Happening::Wake(place));
        }
    }
    assert!(processes.iter().all(Ticking::is_done));
    rows
}

proptest! {
    #[test]
    fn a_machine_as_a_process_writes_the_rows_of_the_tick_engine(
        machines in proptest::collection::vec((1u32..7, 0u64..3), 2..5), ticks in 0u64..60,
        tick_delay_ns in 0u64..1_000_000_000, latency_ns in 0u64..2_000_000_000, drains: bool, seed: u64,
    ) {
        let drain = if drains { Drain::All } else { Drain::One };
        let plan = Plan { machines, ticks, tick_delay_ns, latency_ns, drain, seed };
        prop_assert_eq!(by_processes(&plan), by_engine(&plan));
    }

    #[test]
    fn a_later_life_goes_on_with_the_schedule_and_gives_no_number_twice(
        rate in 1u32..7, phase_ns in 0u64..1_000_000_000, ticks in 1u64..60, killed in 0u64..60,
        away_ns in 1u64..5_000_000_000,
    ) {
        let plan = Plan {
            machines: vec![(rate, phase_ns); 2], ticks, tick_delay_ns: 0, latency_ns: 0,
            drain: Drain::One, seed: 1,
        };
        let (setup, beat) = (plan.ticks_of(0), plan.beat(0));
        // Killed just after this tick.
        let killed = Tick(killed.min(ticks - 1));
        let restart = Time(beat.time_ns(killed)).after_ns(away_ns);
        let (mut effects, mut outbox) = (Effects::new(), Outbox::new());
        let mut life = Ticking::begin(&setup, (), restart, &mut effects);
        outbox.put(&mut effects);
        let mut found = Vec::new();
        while let Some(due) = outbox.take_wake() {
            life.wake(due, &mut effects);
            outbox.put(&mut effects);
            while let Some(departure) = outbox.depart() {
                if let Departure::Record(row) = departure {
                    found.push((due.0, row.tick.0, row.clock.0));
                }
            }
        }
        let expected: Vec<(u64, u64)> = (killed.0 + 1..ticks)
            .map(|tick| (beat.time_ns(Tick(tick)), tick))
            .filter(|&(due_ns, _)| due_ns >= restart.0)
            .collect();
        prop_assert_eq!(found.iter().map(|&(due_ns, tick, _)| (due_ns, tick)).collect::<Vec<_>>(), expected);
        // Its clock is that of a new machine.
        for (place, &(_, _, clock)) in (1..).zip(&found) {
            prop_assert_eq!(clock, place);
        }
    }
}
