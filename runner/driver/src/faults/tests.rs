use std::ops::ControlFlow;

use event_log::faults::{
    Count, Deed, EffectKind, Fault, FaultEntry, FaultStep, Faults, Interval, Moments, Offset,
    OffsetRange, Pace, Point, Severity, Span, SpanRange, Storm, Target, When,
};
use event_log::{Latency, MachineId, Party};
use machine::process::units::{Peer, Time};
use machine::process::{EffectsOf, Process};

use super::draw;
use super::limits::Limits;
use super::nemesis;
use super::shrink::shrink;
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
        severity: Severity {
            by: OffsetRange::exactly(Offset {
                ns: 70 * MS.cast_signed(),
            }),
            ..Severity::default()
        },
    }
}

fn run(faults: Vec<Fault>) -> (World<Server, Nobody>, Vec<FaultEntry>) {
    run_with(0, faults)
}

/// Four seconds of three servers and some clients, the last of them calm.
fn run_with(clients: u32, faults: Vec<Fault>) -> (World<Server, Nobody>, Vec<FaultEntry>) {
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
            from: Span::default(),
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

#[test]
fn effects_count_from_a_time_on_and_clients_are_struck_as_servers_are() {
    let persist = |by, from_ms| {
        When::On(Point {
            is_after: false,
            kind: EffectKind::Persist,
            by,
            nth: 2,
            from: Span { ns: from_ms * MS },
        })
    };
    let client = Target::Client(1);
    let (world, log) = run_with(
        2,
        vec![
            fault(persist(client, 750), Deed::Kill, client, Some(100)),
            fault(
                persist(Target::AnyClient, 1050),
                Deed::Stop,
                Target::Client(0),
                Some(100),
            ),
            fault(at(1500), Deed::Clock, Target::All, Some(500)),
            fault(persist(client, 3500), Deed::Kill, client, None),
        ],
    );
    assert_eq!(log[0].machine, Some(Party::Client(1)));
    let times = |fault| {
        let of = steps_of(&log, fault).into_iter();
        of.map(|(_, _, at_ms)| at_ms).collect::<Vec<_>>()
    };
    // Changes are due each 100 ms: those of 800 and 900 count.
    assert_eq!(times(0), [900, 1000]);
    // The client that was killed changes its disk at 1100 too.
    assert_eq!(times(1), [1100, 1200]);
    assert_eq!(times(2), [1500, 1500, 1500, 2000, 2000, 2000]);
    // What is to be waited for in the calm is not.
    assert_eq!(times(3), [0; 0]);
    assert_eq!((world.life(Peer(3)), world.life(Peer(4))), (2, 2));
}

fn limits(clients: u32, can: bool) -> Limits {
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

fn target(text: &str) -> Target {
    text.parse().expect(text)
}

fn refused(limits: &Limits, faults: Vec<Fault>, storms: Vec<Storm>) -> String {
    let settle = Span { ns: 1000 * MS };
    let schedule = Faults {
        settle,
        faults,
        storms,
    };
    let refusal = limits.admit(&schedule).expect_err("it cannot be done");
    refusal.to_string()
}

#[test]
fn what_is_not_there_cannot_be_struck() {
    let (all, nothing) = (limits(2, true), limits(0, false));
    for deed in Deed::ALL {
        let whom = target(deed.sphere().words().1);
        let plan = || vec![fault(at(1), deed, whom, None)];
        assert!(all.obstacle(deed).is_none());
        if let Some(obstacle) = nothing.obstacle(deed) {
            let error = refused(&nothing, plan(), Vec::new());
            assert!(
                error.contains(obstacle) && error.contains("it can kill"),
                "{error}"
            );
        }
        assert!(
            all.admit(&Faults {
                faults: plan(),
                ..Faults::default()
            })
            .is_ok()
        );
    }
    for (deed, whom, words) in [
        (Deed::Wipe, "client 1", "another client"),
        (Deed::Clock, "any client", "only servers"),
        (Deed::Kill, "client 2", "and 2 clients"),
        (Deed::Hold, "link 0-client 2", "and 2 clients"),
        (Deed::Hold, "link any->3", "there are 3 of them"),
    ] {
        let error = refused(
            &all,
            vec![fault(at(1), deed, target(whom), None)],
            Vec::new(),
        );
        assert!(error.contains(words), "{whom}: {error}");
    }
    for whom in ["any client", "link any client-any"] {
        let deed = if whom.starts_with("link") {
            Deed::Hold
        } else {
            Deed::Kill
        };
        let error = refused(
            &nothing,
            vec![fault(at(1), deed, target(whom), None)],
            Vec::new(),
        );
        assert!(error.contains("0 clients"), "{error}");
    }
    let late = Point {
        is_after: true,
        kind: EffectKind::Send(None),
        by: Target::Any,
        nth: 1,
        from: Span { ns: 59_000 * MS },
    };
    let error = refused(
        &all,
        vec![fault(When::On(late), Deed::Kill, Target::All, None)],
        Vec::new(),
    );
    assert!(error.starts_with("from = \"59s\""), "{error}");
}

#[test]
fn a_storm_has_a_bound_and_kinds_that_there_are() {
    let storm = |kind: &str, pace| Storm {
        deeds: vec![Deed::Kill],
        targets: vec![Target::Any, Target::AnyClient],
        pace,
        moments: Some(Moments {
            kinds: vec![kind.parse().expect(kind)],
            nth: Interval::exactly(Count(1)),
        }),
        lasts: SpanRange::exactly(Span { ns: MS }),
        most: None,
        severity: Severity::default(),
    };
    let every = |ns| Pace::Every(Span { ns });
    for (storm, words) in [
        (storm("send:think", every(6000 * MS)), "it has install"),
        (storm("persist", every(MS)), "59000 points are waited for"),
        (
            storm("persist", Pace::Count(Interval::exactly(Count(1001)))),
            "at most 1000",
        ),
    ] {
        let error = refused(&limits(2, true), Vec::new(), vec![storm]);
        assert!(error.contains(words), "{error}");
    }
    let error = refused(
        &limits(0, true),
        Vec::new(),
        vec![storm("persist", every(6000 * MS))],
    );
    assert!(error.contains("0 clients"), "{error}");
}

#[test]
fn a_storm_is_shrunk_to_the_faults_that_do_it() {
    let storm = |deeds: &[Deed], targets: &[Target]| Storm {
        deeds: deeds.to_vec(),
        targets: targets.to_vec(),
        pace: Pace::Every(Span { ns: 90 * MS }),
        moments: None,
        lasts: SpanRange {
            min: Span { ns: MS },
            max: Span { ns: 200 * MS },
        },
        most: None,
        severity: Severity::default(),
    };
    let storms = Faults {
        storms: vec![
            storm(&[Deed::Kill, Deed::Pause, Deed::Wipe], &[Target::Any]),
            storm(&[Deed::Hold], &[target("link any-any")]),
        ],
        ..Faults::default()
    };
    let limits = Limits {
        length_ns: 3000 * MS,
        ..limits(0, true)
    };
    let plain = draw::plain(&storms, &limits, 7, 0);
    // One has lost its disk, and another is in its third life.
    let fails = |faults: &Faults| {
        let (world, _) = run(faults.faults.clone());
        world.durable(Peer(0)).len() < 30 && world.life(Peer(1)) > 2
    };
    let shrunk = shrink(&plain, 2000, fails, |_| ControlFlow::Continue(())).expect("it fails");
    assert!(shrunk.before > 40, "{}", shrunk.before);
    assert!(shrunk.is_minimal && shrunk.runs < 500, "{}", shrunk.runs);
    let mut words: Vec<String> = shrunk
        .faults
        .faults
        .iter()
        .map(|fault| format!("{} {}", fault.deed, fault.target))
        .collect();
    words.sort_unstable();
    assert_eq!(words, ["kill server 1", "wipe server 0", "wipe server 1"]);
}
