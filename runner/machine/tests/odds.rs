//! The dice follow the odds, and the laws hold for any sequence of calls.

use event_log::{Drain, Event, LamportTime, MachineId, Odds, Stamp, Tick};
use machine::chance::{Purpose, Stream};
use machine::scale_model::{Dice, Message, Outcome, RandomDice, ScaleModel, Settings};
use machine::{Effect, Machine, Payload};
use proptest::prelude::*;

/// How often each outcome came up: to each peer, to all, internal.
fn frequencies(odds: Odds, machines: u32, rolls: u32) -> (Vec<f64>, f64, f64) {
    let settings = Settings {
        id: MachineId(1),
        machines,
        drain: Drain::One,
        stamp: Stamp::After,
        timekeeper: None,
    };
    let mut dice = RandomDice::new(odds, Stream::new(11, 0, Purpose::Machine(settings.id)));
    let (mut peers, mut all, mut internal) = (vec![0.0; machines as usize], 0.0, 0.0);
    for _ in 0..rolls {
        match dice.roll(&settings) {
            Outcome::SendTo(peer) => peers[peer.index()] += 1.0 / f64::from(rolls),
            Outcome::SendToAll => all += 1.0 / f64::from(rolls),
            Outcome::Internal => internal += 1.0 / f64::from(rolls),
        }
    }
    (peers, all, internal)
}

#[test]
fn outcomes_come_up_as_often_as_the_odds_say() {
    let rolls = 200_000;
    for (odds, machines) in [
        (Odds::Sides(10), 3),
        (Odds::Sides(3), 3),
        (Odds::Internal(0.7), 3),
        (Odds::Internal(0.25), 6),
        (Odds::Sides(20), 2),
    ] {
        let (peers, all, internal) = frequencies(odds, machines, rolls);
        // Five standard deviations of a share; the seed is fixed.
        let close = |share: f64, expected: f64| {
            (share - expected).abs()
                <= 5.0 * (expected * (1.0 - expected) / f64::from(rolls)).sqrt()
        };
        let each = odds.each_send();
        assert!(close(all, each), "{odds:?}: to all {all}");
        assert!(
            close(internal, 1.0 - 3.0 * each),
            "{odds:?}: internal {internal}"
        );
        assert_eq!(peers[1], 0.0, "never to itself");
        for (id, &share) in peers.iter().enumerate().filter(|&(id, _)| id != 1) {
            let expected = odds.per_peer(machines) - each;
            assert!(
                close(share, expected),
                "{odds:?}: to {id} {share}, expected {expected}"
            );
        }
    }
}

#[test]
fn with_three_machines_the_first_face_names_the_next_id_and_the_second_the_previous() {
    let settings = Settings {
        id: MachineId(2),
        machines: 3,
        drain: Drain::One,
        stamp: Stamp::After,
        timekeeper: None,
    };
    let mut dice = RandomDice::new(Odds::Sides(3), Stream::new(1, 0, Purpose::Plan));
    let mut faces = Stream::new(1, 0, Purpose::Plan);
    for _ in 0..100 {
        let expected = match faces.below(3) {
            0 => Outcome::SendTo(MachineId(0)),
            1 => Outcome::SendTo(MachineId(1)),
            _ => Outcome::SendToAll,
        };
        assert_eq!(dice.roll(&settings), expected);
    }
}

proptest! {
    #[test]
    fn whatever_arrives_the_clock_rises_by_the_rule(
        arrivals in proptest::collection::vec(proptest::option::of((0u32..3, 0u64..500)), 1..200),
        drain_all: bool,
        stamped_before: bool,
        with_timekeeper: bool,
        seed: u64,
    ) {
        let drain = if drain_all { Drain::All } else { Drain::One };
        let stamp = if stamped_before { Stamp::Before } else { Stamp::After };
        let timekeeper = with_timekeeper.then_some(MachineId(1));
        let settings = Settings { id: MachineId(3), machines: 4, drain, stamp, timekeeper };
        let stream = Stream::new(seed, 0, Purpose::Machine(settings.id));
        let mut machine = ScaleModel::new(settings, RandomDice::new(Odds::Sides(10), stream));
        let mut effects = Vec::new();
        let mut clock = 0;
        let mut waiting = 0;
        let mut newest_time = None;
        for arrival in arrivals {
            if let Some((from, sent)) = arrival {
                let message = Message { sent_tick: Tick(0), sent_clock: LamportTime(sent) };
                machine.receive(MachineId(from), message);
                if with_timekeeper && from == 1 {
                    newest_time = Some(sent);
                } else {
                    waiting += 1;
                }
            }
            effects.clear();
            machine.tick(&mut effects);
            for effect in &effects {
                let Effect::Record(row) = effect else { continue };
                let expected = match row.event {
                    Event::Receive { from, sent_clock, .. } if Some(from) == timekeeper => {
                        prop_assert_eq!(newest_time.take(), Some(sent_clock.0));
                        clock.max(sent_clock.0) + 1
                    }
                    Event::Receive { sent_clock, .. } => {
                        prop_assert_eq!(newest_time, None, "the time comes first");
                        waiting -= 1;
                        clock.max(sent_clock.0) + 1
                    }
                    _ => {
                        prop_assert_eq!(waiting, 0, "it rolled with a message waiting");
                        clock + 1
                    }
                };
                prop_assert_eq!(row.clock.0, expected);
                prop_assert_eq!(row.queue, waiting);
                clock = expected;
            }
            prop_assert_eq!(newest_time, None, "each tick takes the time");
            if drain_all {
                prop_assert_eq!(machine.backlog(), 0);
            }
            for effect in &effects {
                if let Effect::Send { message, .. } | Effect::SendToAll { message } = effect {
                    prop_assert_eq!(message.sent_clock.0, clock - stamp.behind());
                }
            }
        }
    }
}

#[test]
fn a_message_whose_clock_could_overflow_a_machines_is_none() {
    let message = |clock| Message {
        sent_tick: Tick(7),
        sent_clock: LamportTime(clock),
    };
    for (clock, is_one) in [
        (0, true),
        (u64::MAX / 2, true),
        (u64::MAX / 2 + 1, false),
        (u64::MAX, false),
    ] {
        let mut bytes = Vec::new();
        message(clock).encode(&mut bytes);
        assert_eq!(
            Message::decode(&bytes),
            is_one.then(|| message(clock)),
            "{clock}"
        );
    }
}
