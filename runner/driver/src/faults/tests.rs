use std::ops::ControlFlow;

use event_log::Party;
use event_log::faults::{
    Deed, EffectKind, FaultStep, Faults, Pace, Point, Severity, Span, SpanRange, Storm, Target,
    When,
};
use machine::process::units::Peer;

use super::draw;
use super::limits::Limits;
use super::shrink::shrink;
use servers::{MS, at, fault, limits, run, run_with, steps_of, target};

mod refusals;
mod servers;

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
