use event_log::{Rate, Schedule};

use super::*;

/// Sends its tick to the next machine, and keeps what it hears; its log says how much that was.
struct Counter {
    id: MachineId,
    tick: u64,
    heard: Vec<(MachineId, u64)>,
}

impl Machine for Counter {
    type Message = u64;
    type Event = (MachineId, u64, usize);

    fn id(&self) -> MachineId {
        self.id
    }

    fn tick(&mut self, effects: &mut Vec<Effect<u64, Self::Event>>) {
        effects.push(Effect::Record((self.id, self.tick, self.heard.len())));
        effects.push(Effect::Send {
            to: MachineId(self.id.0 ^ 1),
            message: self.tick,
        });
        self.tick += 1;
    }

    fn receive(&mut self, from: MachineId, message: u64) {
        self.heard.push((from, message));
    }

    fn backlog(&self) -> usize {
        0
    }
}

/// Rows in memory.
#[derive(Default)]
struct Rows(Vec<(u64, u64)>);

impl Sink<(MachineId, u64, usize)> for Rows {
    fn record(&mut self, time_ns: u64, row: &(MachineId, u64, usize)) -> Result<(), StorageError> {
        self.0.push((time_ns, row.1));
        Ok(())
    }
}

fn seat(id: u32, hertz: u32, ticks: u64, started_ns: u64) -> Seat<Counter, Rows> {
    Seat {
        machine: Counter {
            id: MachineId(id),
            tick: 0,
            heard: Vec::new(),
        },
        beat: Beat {
            schedule: Schedule {
                started_ns,
                phase_ns: 0,
                rate: Rate::from_hz(hertz),
                speed: 1.0,
            },
            ticks,
            tick_delay_ns: 0,
        },
        sink: Rows::default(),
    }
}

#[test]
fn machines_of_a_process_each_keep_their_ticks_and_hear_each_other_in_order() {
    let started_ns = system_time_ns();
    let mut seats = [seat(4, 500, 20, started_ns), seat(5, 200, 8, started_ns)];
    let mailbox = Mailbox::default();
    let mut done = Vec::new();
    let send = |from, to, message| {
        let Recipients::One(to) = to else {
            unreachable!("nobody here sends to all")
        };
        mailbox.post(Letter { from, to, message });
    };
    let stopped = run(&mut seats, &mailbox, send, |id, ticks, _| {
        done.push((id, ticks))
    });
    assert!(!stopped.expect("nothing to write to"));
    done.sort_unstable();
    assert_eq!(done, [(MachineId(4), 20), (MachineId(5), 8)]);
    for seat in &seats {
        let dues = (0..seat.beat.ticks).map(|tick| seat.beat.time_ns(Tick(tick)));
        for ((time_ns, tick), (due_ns, number)) in seat.sink.0.iter().zip(dues.zip(0..)) {
            assert_eq!(*tick, number);
            assert!(*time_ns >= due_ns, "tick {tick} is early");
        }
        assert_eq!(seat.sink.0.len() as u64, seat.beat.ticks);
    }
    // The faster one's last tick is due after all of the slower one's, however late both are.
    let expected: Vec<(MachineId, u64)> = (0..8).map(|tick| (MachineId(5), tick)).collect();
    assert_eq!(seats[0].machine.heard, expected);
}

#[test]
fn a_process_that_is_told_to_stop_says_how_far_each_machine_came() {
    let started_ns = system_time_ns();
    let never = started_ns + 3_600_000_000_000;
    let mut seats = [
        seat(0, 5, 3, started_ns),
        seat(1, 5, 9, never),
        seat(2, 1, 0, never),
    ];
    let mailbox = Mailbox::default();
    let mut done = Vec::new();
    let sent = std::cell::Cell::new(0);
    let send = |_, _, _| {
        sent.set(sent.get() + 1);
        if sent.get() == 3 {
            mailbox.stop();
        }
    };
    let stopped = run(&mut seats, &mailbox, send, |id, ticks, _| {
        done.push((id.0, ticks))
    });
    assert!(stopped.expect("nothing to write to"));
    assert_eq!(done, [(2, 0), (0, 3), (1, 0)]);
}

#[test]
fn the_latest_tick_is_kept_if_it_is_late_by_more_than_a_period() {
    let beat = seat(0, 5, 9, 1_000_000_000).beat;
    let due_ns = |tick| beat.time_ns(Tick(tick));
    let mut latest = None;
    note_late(&mut latest, &beat, 0, due_ns(0) + 200_000_000);
    assert_eq!(latest, None);
    note_late(&mut latest, &beat, 1, due_ns(1) + 1_500_000_000);
    note_late(&mut latest, &beat, 2, due_ns(2) + 1_300_000_000);
    let late = latest.expect("far beyond a period");
    assert_eq!(
        late.to_string(),
        "tick 1 came 1.500 s after it was due, 7.5 of its periods"
    );
}
