use event_log::{Design, Latency, Rate, Schedule};
use machine::chance::{Purpose, Stream};
use proptest::prelude::*;

use super::*;

/// Sends its tick to everybody at each tick, and keeps what arrives.
struct Talker {
    id: MachineId,
    machines: u32,
    tick: u64,
    heard: Vec<(MachineId, u64)>,
}

impl Machine for Talker {
    type Message = u64;
    type Event = u64;

    fn id(&self) -> MachineId {
        self.id
    }

    fn tick(&mut self, effects: &mut Vec<Effect<u64, u64>>) {
        effects.push(Effect::Record(self.tick));
        let others = (0..self.machines)
            .map(MachineId)
            .filter(|&to| to != self.id);
        effects.extend(others.map(|to| Effect::Send {
            to,
            message: self.tick,
        }));
        self.tick += 1;
    }

    fn receive(&mut self, from: MachineId, message: u64) {
        self.heard.push((from, message));
    }

    fn backlog(&self) -> usize {
        self.heard.len()
    }
}

impl Sink<u64> for Vec<(u64, u64)> {
    fn record(&mut self, time_ns: u64, event: &u64) -> Result<(), StorageError> {
        self.push((time_ns, *event));
        Ok(())
    }
}

fn seats(rates: &[u32], ticks: u64, tick_delay_ns: u64) -> Vec<Seat<Talker, Vec<(u64, u64)>>> {
    let machines = rates.len() as u32;
    let seat = |(id, &rate): (u32, &u32)| Seat {
        machine: Talker {
            id: MachineId(id),
            machines,
            tick: 0,
            heard: Vec::new(),
        },
        beat: Beat {
            schedule: Schedule {
                started_ns: 0,
                phase_ns: u64::from(id) * 1000,
                rate: Rate::from_hz(rate),
                speed: 1.0,
            },
            ticks,
            tick_delay_ns,
        },
        sink: Vec::new(),
    };
    (0..).zip(rates).map(seat).collect()
}

fn network(design: Design, machines: usize, min_ns: u64, max_ns: u64, seed: u64) -> Network {
    let stream = Stream::new(seed, 0, Purpose::Network);
    Network::new(design, machines, Latency { min_ns, max_ns }, stream)
}

proptest! {
    #[test]
    fn channels_are_fifo_and_ticks_on_time(
        rates in proptest::collection::vec(1u32..50, 2..5), max_ms in 0u64..3000,
        delay_ns in 0u64..2_000_000_000, has_relay: bool, seed: u64,
    ) {
        let design = if has_relay { Design::Hub } else { Design::Mesh };
        let mut seats = seats(&rates, 40, delay_ns);
        let mut network = network(design, rates.len(), 0, max_ms * 1_000_000, seed);
        let end = drive(&mut seats, &mut network, &AtomicBool::new(false)).expect("memory");
        let last_ns = seats.iter().map(|seat| seat.beat.schedule.due_ns(Tick(39)) + delay_ns).max();
        let ticks = 40 * rates.len() as u64;
        prop_assert_eq!(end, End { last_ns, ticks, interrupted: false });
        for seat in &seats {
            let due = (0..40).map(|tick| (seat.beat.schedule.due_ns(Tick(tick)) + delay_ns, tick));
            prop_assert_eq!(&seat.sink, &due.collect::<Vec<_>>());
            for from in (0..rates.len() as u32).map(MachineId) {
                let channel: Vec<u64> = seat
                    .machine
                    .heard
                    .iter()
                    .filter(|&&(sender, _)| sender == from)
                    .map(|&(_, message)| message)
                    .collect();
                let in_order: Vec<u64> = (0..channel.len() as u64).collect();
                prop_assert_eq!(channel, in_order, "no message is lost or overtakes");
            }
        }
    }
}

#[test]
fn a_stop_is_heard() {
    let mut seats = seats(&[10, 10], 1000, 0);
    let mut network = network(Design::Mesh, 2, 0, 0, 1);
    let end = drive(&mut seats, &mut network, &AtomicBool::new(true)).expect("memory");
    let stopped = End {
        last_ns: None,
        ticks: 0,
        interrupted: true,
    };
    assert_eq!(end, stopped);
}
