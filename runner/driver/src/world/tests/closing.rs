//! What becomes of a connection whose one end hangs up.

use std::convert::Infallible;

use event_log::Latency;
use machine::process::units::{Peer, Time};
use machine::process::{EffectsOf, Process};

use super::talker::MS;
use crate::world::World;
use crate::world::actor::Actor;
use crate::world::setting::{LinkKind, Setting};
use crate::world::witness::{Loss, Witness};

/// At 10 ms it says two things; the first of two hangs up then.
struct Speaker {
    me: Peer,
}

#[derive(Debug, PartialEq)]
enum Fact {
    Heard(u32),
    Link(bool),
}

impl Process for Speaker {
    type Setup = Peer;
    type Message = u32;
    type Event = Fact;
    type Change = Infallible;
    type Durable = ();

    fn begin(me: &Peer, (): (), now: Time, effects: &mut EffectsOf<Self>) -> Speaker {
        effects.wake_at(now.after_ns(10 * MS));
        Speaker { me: *me }
    }

    fn receive(&mut self, _: Time, _: Peer, message: u32, effects: &mut EffectsOf<Self>) {
        effects.record(Fact::Heard(message));
    }

    fn link(&mut self, _: Time, _: Peer, is_up: bool, effects: &mut EffectsOf<Self>) {
        effects.record(Fact::Link(is_up));
    }

    fn wake(&mut self, _: Time, effects: &mut EffectsOf<Self>) {
        let other = Peer(1 - self.me.0);
        effects.send(other, 1);
        effects.send(other, 2);
        if self.me == Peer(0) {
            effects.hang_up(other);
        }
    }

    fn replay((): &mut (), change: Infallible) {
        match change {}
    }
}

impl Actor for Speaker {
    fn message_kind(_: &u32) -> &'static str {
        "word"
    }

    fn event_kind(_: &Fact) -> &'static str {
        "fact"
    }
}

#[derive(Default)]
struct Listener {
    facts: Vec<(Peer, Time, Fact)>,
    lost: Vec<(Peer, u32, Loss)>,
}

impl Witness<Speaker> for Listener {
    type Error = Infallible;

    fn recorded(&mut self, now: Time, who: Peer, fact: Fact) -> Result<(), Infallible> {
        self.facts.push((who, now, fact));
        Ok(())
    }

    fn lost(&mut self, _: Time, from: Peer, _: Peer, message: &u32, why: Loss) {
        self.lost.push((from, *message, why));
    }
}

#[test]
fn who_hangs_up_is_understood_to_the_end_and_hears_nothing_more() {
    let exactly = |ns| Latency {
        min_ns: ns,
        max_ns: ns,
    };
    let setting = Setting {
        seed: 7,
        trial: 0,
        start: Time(0),
        kind: LinkKind::Stream,
        delay: exactly(3 * MS),
        flush: exactly(0),
        redial_ns: 20 * MS,
    };
    let mut world = World::new(setting, 2, vec![Peer(0), Peer(1)], Listener::default());
    let Ok(()) = world.begin_all();
    let Ok(_) = world.run(None);
    let listener = world.into_witness();
    let facts = |of: u32| {
        let facts = listener.facts.iter().filter(|(who, _, _)| *who == Peer(of));
        let facts = facts.map(|(_, now, fact)| (now.0 / MS, fact));
        facts.collect::<Vec<_>>()
    };
    let (up, down) = (Fact::Link(true), Fact::Link(false));
    assert_eq!(facts(0), [(3, &up), (10, &down), (33, &up)]);
    let (one, two) = (Fact::Heard(1), Fact::Heard(2));
    assert_eq!(
        facts(1),
        [(3, &up), (13, &one), (13, &two), (13, &down), (33, &up)]
    );
    let lost = [1, 2].map(|message| (Peer(1), message, Loss::Broken));
    assert_eq!(listener.lost, lost);
}
