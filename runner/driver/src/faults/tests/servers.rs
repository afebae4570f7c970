//! Servers that change their disks, and a world of them with faults.

use event_log::faults::{
    Deed, Fault, FaultEntry, FaultStep, Faults, Offset, OffsetRange, Severity, Span, SpanRange,
    Target, When,
};
use event_log::{Latency, MachineId, Party};
use machine::process::units::{Peer, Time};
use machine::process::{EffectsOf, Process};

use crate::faults::limits::Limits;
use crate::faults::nemesis;
use crate::world::World;
use crate::world::actor::{Actor, Role};
use crate::world::setting::{LinkKind, Setting};
use crate::world::witness::Witness;

pub(super) const MS: u64 = 1_000_000;

/// Persists a number every 100 ms. The one of the lowest number is primary in its first life, and a backup after that.
pub(super) struct Server {
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

pub(super) struct Nobody;

impl Witness<Server> for Nobody {
    type Error = std::convert::Infallible;

    fn recorded(&mut self, _: Time, _: Peer, (): ()) -> Result<(), Self::Error> {
        Ok(())
    }
}

pub(super) fn at(ms: u64) -> When {
    When::At(Span { ns: ms * MS })
}

pub(super) fn fault(when: When, deed: Deed, target: Target, lasts_ms: Option<u64>) -> Fault {
    let lasts = lasts_ms.map(|ms| SpanRange::exactly(Span { ns: ms * MS }));
    Fault {
        when,
        deed,
        target,
        lasts,
        severity: Severity {
            by: OffsetRange::exactly(Offset {
                ns: 70 * MS.cast_signed(),
            }),
            ..Severity::default()
        },
    }
}

pub(super) fn run(faults: Vec<Fault>) -> (World<Server, Nobody>, Vec<FaultEntry>) {
    run_with(0, faults)
}

/// Four seconds of three servers and some clients, the last of them calm.
pub(super) fn run_with(
    clients: u32,
    faults: Vec<Fault>,
) -> (World<Server, Nobody>, Vec<FaultEntry>) {
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
    let mut world = World::new(setting, 3, (0..3 + clients).map(Peer).collect(), Nobody);
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
pub(super) fn steps_of(log: &[FaultEntry], fault: u32) -> Vec<(FaultStep, Option<u32>, u64)> {
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

pub(super) fn limits(clients: u32, can: bool) -> Limits {
    Limits {
        of: "a test",
        servers: 3,
        clients,
        has_roles: can,
        length_ns: 60_000 * MS,
        kinds: &["install"],
        has_disks: can,
        has_calendar: can,
        has_sizes: can,
        has_packets: can,
    }
}

pub(super) fn target(text: &str) -> Target {
    text.parse().expect(text)
}
