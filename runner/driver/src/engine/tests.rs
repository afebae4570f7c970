use event_log::{Design, Latency, Rate, Schedule, Tick};
use machine::chance::{Purpose, Stream};
use proptest::prelude::*;

use super::*;
use crate::seat::Beat;

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
        let message = self.tick;
        // By turns, for what is said to each and what is said to all must come in the same order.
        if self.tick.is_multiple_of(2) {
            effects.extend(others.map(|to| Effect::Send { to, message }));
        } else {
            effects.push(Effect::SendToAll { message });
        }
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

proptest! {
    #[test]
    fn ticks_and_messages_come_in_the_order_of_due_times_then_of_scheduling(
        machines in proptest::collection::vec((1u32..8, 0u64..3, 0u64..12), 1..20), varies: bool,
        delays in proptest::collection::vec(0u64..3, 64), relays in proptest::collection::vec(any::<bool>(), 64),
    ) {
        let beats: Vec<Beat> = machines
            .iter()
            .map(|&(rate, phase_ns, ticks)| {
                let rate = Rate::from_hz(rate);
                let schedule = Schedule { started_ns: 0, phase_ns, rate, speed: 1.0 };
                Beat { schedule, ticks, tick_delay_ns: 0 }
            })
            .collect();
        let mut numbers = 0..;
        let mut number = || numbers.next().expect("endless");
        let mut tick_queue = TickQueue::new(beats.iter(), &mut number);
        let mut in_flight = InFlight::new(varies);
        // Everything that waits, as a plain list: (order, machine of a tick or none).
        let mut waiting: Vec<(Order, Option<usize>)> = Vec::new();
        let mut ticks_done = vec![0; beats.len()];
        let ticking = beats.iter().enumerate().filter(|(_, beat)| beat.ticks > 0);
        for (first, (machine, beat)) in (0..).zip(ticking) {
            waiting.push((Order::new(beat.time_ns(Tick(0)), first), Some(machine)));
        }
        let mut chances = delays.iter().zip(&relays).cycle();
        while let Some(&next) = waiting.iter().min() {
            waiting.retain(|entry| *entry != next);
            match next {
                (order, None) => {
                    let flight = in_flight.pop_before(tick_queue.next().0).expect("a message before the next tick");
                    prop_assert_eq!(flight.order, order);
                }
                (order, Some(machine)) => {
                    prop_assert!(in_flight.pop_before(order).is_none());
                    prop_assert_eq!(tick_queue.next(), (order.tagged(machine as u32), MachineId(machine as u32)));
                    let (&delay, &to_relay) = chances.next().expect("endless");
                    let delay = if varies { delay * 300_000_000 } else { 100_000_000 };
                    let sent = Order::new(order.due_ns() + delay, number());
                    let id = MachineId(0);
                    in_flight.push(Flight { order: sent, from: id, to: Recipient::One(id), to_relay, message: () });
                    waiting.push((sent, None));
                    ticks_done[machine] += 1;
                    tick_queue.advance(|| {
                        let sequence = number();
                        let due_ns = beats[machine].time_ns(Tick(ticks_done[machine]));
                        waiting.push((Order::new(due_ns, sequence), Some(machine)));
                        sequence
                    });
                }
            }
        }
        prop_assert_eq!(tick_queue.next().0, Order::LAST);
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
