use event_log::faults::{
    Deed, EffectKind, Fault, FaultEntry, FaultStep, Faults, Point, Span, SpanRange, Target, When,
};
use event_log::{Latency, MachineId, Party};
use machine::process::units::{Peer, Time};
use machine::process::{EffectsOf, Process};

use super::nemesis;
use crate::world::World;
use crate::world::actor::{Actor, Role};
use crate::world::setting::{LinkKind, Setting};
use crate::world::witness::Witness;

const MS: u64 = 1_000_000;

/// Persists a number every 100 ms. The one of the lowest number is primary in its first life, and a backup after that.
struct Server {
    me: Peer,
    lives: u64,
}

impl Process for Server {
    type Setup = Peer;
    type Message = ();
    type Event = ();
    type Change = u64;
    type Durable = Vec<u64>;

    fn begin(me: &Peer, durable: Vec<u64>, now: Time, effects: &mut EffectsOf<Self>) -> Server {
        let last = durable.iter().max().copied().unwrap_or(0);
        effects.wake_at(now.after_ns(100 * MS));
        Server {
            me: *me,
            lives: last + 1,
        }
    }

    fn receive(&mut self, _: Time, _: Peer, (): (), _: &mut EffectsOf<Self>) {}

    fn link(&mut self, _: Time, _: Peer, _: bool, _: &mut EffectsOf<Self>) {}

    fn wake(&mut self, now: Time, effects: &mut EffectsOf<Self>) {
        effects.persist(self.lives);
        effects.record(());
        effects.wake_at(now.after_ns(100 * MS));
    }

    fn replay(durable: &mut Vec<u64>, change: u64) {
        durable.push(change);
    }
}

impl Actor for Server {
    fn role(&self) -> Role {
        match (self.me, self.lives) {
            (Peer(0), 1) => Role::Primary,
            _ => Role::Backup,
        }
    }

    fn message_kind((): &()) -> &'static str {
        "nothing"
    }

    fn event_kind((): &()) -> &'static str {
        "written"
    }
}

struct Nobody;

impl Witness<Server> for Nobody {
    type Error = std::convert::Infallible;

    fn recorded(&mut self, _: Time, _: Peer, (): ()) -> Result<(), Self::Error> {
        Ok(())
    }
}

fn at(ms: u64) -> When {
    When::At(Span { ns: ms * MS })
}

fn fault(when: When, deed: Deed, target: Target, lasts_ms: Option<u64>) -> Fault {
    let lasts = lasts_ms.map(|ms| SpanRange::exactly(Span { ns: ms * MS }));
    Fault {
        when,
        deed,
        target,
        lasts,
        by: Span { ns: 70 * MS },
        chance: 1.0,
    }
}

/// Four seconds of three servers, the last of them calm.
fn run(faults: Vec<Fault>) -> (World<Server, Nobody>, Vec<FaultEntry>) {
    let exactly = |ns| Latency {
        min_ns: ns,
        max_ns: ns,
    };
    let setting = Setting {
        seed: 7,
        trial: 0,
        start: Time(0),
        kind: LinkKind::Stream,
        delay: exactly(MS),
        flush: exactly(5 * MS),
        redial_ns: MS,
    };
    let mut world = World::new(setting, 3, (0..3).map(Peer).collect(), Nobody);
    let Ok(()) = world.begin_all();
    let plan = Faults {
        faults,
        ..Faults::default()
    };
    let (calm, end) = (Some(Time(3000 * MS)), Some(Time(4000 * MS)));
    let mut log = Vec::new();
    let Ok(()) = nemesis::run(&mut world, &plan, calm, end, &mut log);
    (world, log)
}

/// What happened with a fault, to whom and when, milliseconds.
fn steps_of(log: &[FaultEntry], fault: u32) -> Vec<(FaultStep, Option<u32>, u64)> {
    let of = log.iter().filter(|entry| entry.fault == fault);
    of.map(|entry| {
        let machine = entry.machine.and_then(Party::machine);
        (
            entry.step,
            machine.map(|MachineId(id)| id),
            entry.time_ns / MS,
        )
    })
    .collect()
}

#[test]
fn roles_are_those_of_the_moment() {
    let (world, log) = run(vec![
        fault(at(250), Deed::Kill, Target::Backup, Some(100)),
        fault(at(500), Deed::Power, Target::Primary, Some(1000)),
        fault(at(600), Deed::Kill, Target::Primary, None),
        fault(at(2000), Deed::Wipe, Target::All, None),
    ]);
    let effect = FaultStep::Effect;
    assert_eq!(
        steps_of(&log, 0),
        [(effect, Some(1), 250), (FaultStep::Undone, Some(1), 350)]
    );
    assert_eq!(
        steps_of(&log, 1),
        [(effect, Some(0), 500), (FaultStep::Undone, Some(0), 1500)]
    );
    assert_eq!(steps_of(&log, 2), [(FaultStep::NoEffect, None, 600)]);
    // What does not say how long it lasts lasts to the calm.
    assert_eq!(steps_of(&log, 3).len(), 6);
    assert_eq!(steps_of(&log, 3)[3], (FaultStep::Undone, Some(0), 3000));
    assert!((0..3).all(|who| world.process(Peer(who)).is_some()));
    // Wiped, it counts its lives from 1 again.
    assert_eq!(world.durable(Peer(1)).first(), Some(&1));
    assert!(world.durable(Peer(1)).len() < 12);
}

#[test]
fn a_point_is_reached_by_a_role_and_a_disk_that_fails_ends_lives() {
    let point = |is_after, by, nth| {
        let kind = EffectKind::Persist;
        When::On(Point {
            is_after,
            kind,
            by,
            nth,
        })
    };
    let (world, log) = run(vec![
        fault(
            point(true, Target::Primary, 4),
            Deed::FailFlush,
            Target::Primary,
            Some(500),
        ),
        fault(
            point(false, Target::Server(2), 3),
            Deed::Kill,
            Target::Server(2),
            Some(50),
        ),
        fault(at(1000), Deed::SlowDisk, Target::Server(1), Some(1500)),
        fault(at(1100), Deed::Pause, Target::Server(1), None),
        fault(
            point(true, Target::Client(0), 1),
            Deed::Kill,
            Target::All,
            None,
        ),
    ]);
    let steps = |fault| steps_of(&log, fault);
    // The fourth flush ends 5 ms after it was asked for; the fifth fails, and the disk is well at 905 ms.
    assert_eq!(
        steps(0),
        [
            (FaultStep::Effect, Some(0), 405),
            (FaultStep::Undone, Some(0), 905)
        ]
    );
    assert_eq!(world.life(Peer(0)), 2);
    assert_eq!(world.durable(Peer(0))[..5], [1, 1, 1, 1, 2]);
    // Before its third change went to the disk it was gone.
    assert_eq!(
        steps(1),
        [
            (FaultStep::Effect, Some(2), 300),
            (FaultStep::Undone, Some(2), 350)
        ]
    );
    assert_eq!(world.durable(Peer(2))[..3], [1, 1, 2]);
    assert_eq!(steps(2).len(), 2);
    assert_eq!(
        steps(3),
        [
            (FaultStep::Effect, Some(1), 1100),
            (FaultStep::Undone, Some(1), 3000)
        ]
    );
    assert_eq!(steps(4), []);
}
