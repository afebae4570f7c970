//! The scale model in a world: without faults it writes the rows of the tick engine, with faults it accounts for every message.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use driver::engine::drive;
use driver::faults::draw;
use driver::virtual_time::{network, seats};
use driver::world_trial::{self, Account};
use driver::{Sink, StorageError};
use event_log::faults::{
    Deed, EffectKind, End, Fault, Faults, Moments, Offset, OffsetRange, Pace, Point, Severity,
    Span, SpanRange, Storm, Target, When,
};
use event_log::{
    ClockEvent, Condition, Design, Drain, Driver, Event, FORMAT_VERSION, JournalKind, Latency,
    MachineEntry, MachineId, Odds, Party, PhaseRule, Rate, RateRule, Stamp, Status, TrialManifest,
    VIRTUAL_EPOCH_NS,
};
use proptest::prelude::*;

const SECOND_NS: u64 = 1_000_000_000;

/// Rows in memory.
#[derive(Debug, Default, PartialEq)]
struct Rows(Vec<(u64, ClockEvent)>);

impl Sink<ClockEvent> for Rows {
    fn record(&mut self, time_ns: u64, event: &ClockEvent) -> Result<(), StorageError> {
        self.0.push((time_ns, *event));
        Ok(())
    }
}

/// A trial of machines with these rates and phases.
fn manifest(machines: &[(u32, u64)], seconds: u64, latency_ns: u64, seed: u64) -> TrialManifest {
    let rates: Vec<Rate> = machines.iter().map(|&(hz, _)| Rate::from_hz(hz)).collect();
    let condition = Condition {
        system: "scale-model".to_owned(),
        driver: Driver::Virtual,
        machines: machines.len() as u32,
        rates: RateRule::Fixed(rates.clone()),
        duration_ns: seconds * SECOND_NS,
        odds: Odds::Sides(5),
        drain: Drain::One,
        phase: PhaseRule::Random,
        speed: 1.0,
        latency: Some(Latency {
            min_ns: latency_ns,
            max_ns: latency_ns,
        }),
        design: Design::Mesh,
        stamp: Stamp::After,
        tick_delay_ns: 0,
        faults: None,
        on_disconnect: None,
        per_process: 1,
    };
    let entry = |(id, &(_, phase_ns)): (u32, &(u32, u64))| MachineEntry {
        id: MachineId(id),
        name: String::new(),
        log: String::new(),
        rate: rates[id as usize],
        phase_ns: phase_ns % rates[id as usize].period_ns(),
        address: None,
    };
    TrialManifest {
        format_version: FORMAT_VERSION,
        trial: 3,
        seed,
        condition,
        started_ns: Some(VIRTUAL_EPOCH_NS),
        status: Status::Running,
        timekeeper: None,
        reason: None,
        hub_address: None,
        machines: (0..).zip(machines).map(entry).collect(),
    }
}

type Logs = Vec<Vec<(u64, ClockEvent)>>;

fn by_engine(manifest: &TrialManifest) -> Logs {
    let mut seats = seats(manifest, |_| Rows::default());
    drive(&mut seats, &mut network(manifest), &AtomicBool::new(false)).expect("rows in memory");
    seats.into_iter().map(|seat| seat.sink.0).collect()
}

fn by_world(manifest: &TrialManifest, faults: &Faults) -> (Logs, Account) {
    let mut seats = seats(manifest, |_| Rows::default());
    let stop = AtomicBool::new(false);
    let account = world_trial::drive(manifest, faults, &mut seats, &stop).expect("rows in memory");
    (seats.into_iter().map(|seat| seat.sink.0).collect(), account)
}

fn ms(milliseconds: u64) -> Span {
    Span {
        ns: milliseconds * 1_000_000,
    }
}

fn fault(when: When, deed: Deed, target: Target, lasts_ms: u64) -> Fault {
    Fault {
        when,
        deed,
        target,
        lasts: Some(SpanRange::exactly(ms(lasts_ms))),
        severity: Severity {
            by: OffsetRange::exactly(Offset { ns: 700_000_000 }),
            chance: 0.5,
            ..Severity::default()
        },
    }
}

fn link(from: u32, to: u32, both_ways: bool) -> Target {
    Target::Link {
        from: End::Server(from),
        to: End::Server(to),
        both_ways,
    }
}

/// A fault of three machines, in the first eight seconds.
fn any_fault() -> impl Strategy<Value = Fault> {
    let process = prop_oneof![
        Just(Deed::Kill),
        Just(Deed::Power),
        Just(Deed::Pause),
        Just(Deed::Stop)
    ];
    let on_link = prop_oneof![
        Just(Deed::Hold),
        Just(Deed::Break),
        Just(Deed::Delay),
        Just(Deed::Lose)
    ];
    let who = prop_oneof![
        (0..3u32).prop_map(Target::Server),
        Just(Target::Any),
        Just(Target::All)
    ];
    let target = (0..3u32, 1..3u32).prop_map(|(from, step)| link(from, (from + step) % 3, true));
    let deed = prop_oneof![(process, who), (on_link, target)];
    let at = (0..8000u64).prop_map(|at_ms| When::At(ms(at_ms)));
    let kinds = prop_oneof![
        Just(EffectKind::Send(None)),
        Just(EffectKind::Record(None)),
        Just(EffectKind::Record(Some("send".to_owned()))),
        Just(EffectKind::Record(Some("receive".to_owned())))
    ];
    let on = (any::<bool>(), kinds, 0..3u32, 1..20u32).prop_map(|(is_after, kind, by, nth)| {
        let by = Target::Server(by);
        When::On(Point {
            is_after,
            kind,
            by,
            nth,
            from: ms(if is_after { 0 } else { 700 }),
        })
    });
    (prop_oneof![at, on], deed, 0..4000u64)
        .prop_map(|(when, (deed, target), lasts_ms)| fault(when, deed, target, lasts_ms))
}

fn any_faults() -> impl Strategy<Value = Faults> {
    let storm = Storm {
        deeds: vec![Deed::Kill, Deed::Pause],
        targets: vec![Target::Any],
        pace: Pace::Every(ms(2000)),
        moments: None,
        lasts: SpanRange {
            min: ms(100),
            max: ms(3000),
        },
        most: Some(2),
        severity: Severity::default(),
    };
    let at_points = Storm {
        targets: vec![Target::Any, Target::All],
        moments: Some(Moments {
            kinds: ["send", "after record:receive"]
                .map(|kind| kind.parse().expect(kind))
                .into(),
            nth: "1..40".parse().expect("a range"),
        }),
        most: None,
        ..storm.clone()
    };
    let faults = proptest::collection::vec(any_fault(), 0..6);
    let storms = proptest::sample::subsequence(vec![storm, at_points], 0..=2);
    (faults, storms).prop_map(|(faults, storms)| Faults {
        settle: ms(2000),
        faults,
        storms,
    })
}

proptest! {
    #[test]
    fn without_faults_it_writes_the_rows_of_the_tick_engine(
        machines in proptest::collection::vec((1u32..7, 0u64..SECOND_NS), 2..6), seconds in 1u64..20,
        tick_delay_ns in prop_oneof![Just(0), 0..SECOND_NS], latency_ns in prop_oneof![Just(0), 0..2 * SECOND_NS],
        is_aligned: bool, drains: bool, keeps_time: bool, stamps_before: bool, seed: u64,
    ) {
        let machines: Vec<(u32, u64)> = machines
            .into_iter()
            .map(|(hz, phase_ns)| (hz, if is_aligned { 0 } else { phase_ns }))
            .collect();
        let mut manifest = manifest(&machines, seconds, latency_ns, seed);
        let condition = &mut manifest.condition;
        condition.tick_delay_ns = tick_delay_ns;
        if drains {
            condition.drain = Drain::All;
        }
        if stamps_before {
            condition.stamp = Stamp::Before;
        }
        if keeps_time {
            condition.design = Design::Timekeeper;
            manifest.timekeeper = Some(MachineId(1));
        }
        let (rows, account) = by_world(&manifest, &Faults::default());
        prop_assert_eq!(account.shortfall, None);
        prop_assert_eq!(account.journal, []);
        prop_assert_eq!(rows, by_engine(&manifest));
    }

    #[test]
    fn a_schedule_that_was_drawn_gives_the_same_trial(faults in any_faults(), seed: u64) {
        let manifest = manifest(&[(1, 0), (3, 5), (6, 7)], 15, 1_000_000, seed);
        let (rows, account) = by_world(&manifest, &faults);
        prop_assert!(account.plain.is_plain());
        let limits = world_trial::limits(&manifest.condition);
        prop_assert!(limits.admit(&account.plain).is_ok());
        prop_assert_eq!(&draw::plain(&account.plain, &limits, seed, 99), &account.plain);
        let (again, account_again) = by_world(&manifest, &account.plain);
        prop_assert_eq!(again, rows);
        prop_assert_eq!(account_again.fault_log, account.fault_log);
        prop_assert_eq!(account_again.journal, account.journal);
    }

    #[test]
    fn with_faults_every_message_is_accounted_for(faults in any_faults(), seed: u64) {
        let latency_ns = 300_000_000;
        let manifest = manifest(&[(1, 0), (3, 5), (6, 7)], 15, latency_ns, seed);
        let (logs, account) = by_world(&manifest, &faults);
        let mut undelivered: BTreeMap<(u32, u32), u64> = BTreeMap::new();
        let number = |party: Option<Party>| party.and_then(Party::machine).map_or(u32::MAX, |id| id.0);
        for entry in account.journal.iter().filter(|entry| entry.kind == JournalKind::Undelivered) {
            *undelivered.entry((number(entry.machine), number(entry.peer))).or_default() += entry.count.unwrap_or(0);
        }
        for (to, log) in (0..).zip(&logs) {
            // Ticks are numbered once, and in a later life the clock begins again.
            for pair in log.windows(2) {
                let ((_, before), (time_ns, after)) = (pair[0], pair[1]);
                prop_assert!(before.tick < after.tick);
                let is_reborn = account.journal.iter().any(|entry| {
                    entry.kind == JournalKind::Restarted && number(entry.machine) == to
                        && entry.time_ns <= time_ns && before.tick.0 < entry.count.unwrap_or(0)
                        && entry.count.unwrap_or(0) <= after.tick.0
                });
                prop_assert!(after.clock > before.clock || is_reborn, "machine {}, tick {:?}", to, after.tick);
            }
            let Some(&(last_ns, last)) = log.last() else { continue };
            let mut waiting = 0;
            for (from, sender) in (0..).zip(&logs).filter(|&(from, _)| from != to) {
                let is_sent = |(time_ns, row): &&(u64, ClockEvent)| {
                    let for_it = row.event == Event::Send { to: MachineId(to) } || row.event == Event::Broadcast;
                    for_it && time_ns + latency_ns <= last_ns
                };
                let is_received = |(_, row): &&(u64, ClockEvent)| {
                    matches!(row.event, Event::Receive { from: of, .. } if of == MachineId(from))
                };
                let sent = sender.iter().filter(is_sent).count() as u64;
                let received = log.iter().filter(is_received).count() as u64;
                let lost = undelivered.get(&(from, to)).copied().unwrap_or(0);
                // Each was sent before the calm, so it arrived, or was lost, before the last tick.
                prop_assert!(received + lost <= sent, "{}→{}: {} + {} of {}", from, to, received, lost, sent);
                waiting += sent - received - lost;
            }
            prop_assert_eq!(waiting, last.queue, "machine {}", to);
        }
    }
}

#[test]
fn a_machine_that_is_killed_begins_again_by_its_schedule() {
    let manifest = manifest(&[(1, 0), (2, 0), (4, 0)], 10, 1_000_000, 7);
    let when = When::At(ms(3100));
    let faults = Faults {
        faults: vec![
            fault(when, Deed::Kill, Target::Server(2), 2000),
            fault(When::At(ms(4000)), Deed::Pause, Target::Server(2), 100),
        ],
        ..Faults::default()
    };
    let (logs, account) = by_world(&manifest, &faults);
    let ticks: Vec<u64> = logs[2].iter().map(|(_, row)| row.tick.0).collect();
    // Those due from 3.1 s to 5.1 s, 13 to 20, never happen.
    let expected: Vec<u64> = (0..=12).chain(21..40).collect();
    assert_eq!(ticks, expected);
    assert_eq!(logs[2][13].1.clock.0, 1);
    let kinds: Vec<_> = account.journal.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds[..2], [JournalKind::Exit, JournalKind::Restarted]);
    assert_eq!(account.journal[1].count, Some(21));
    let shortfall = account.shortfall.expect("it is not complete");
    assert!(
        shortfall.contains("machine 2 missed 8 ticks"),
        "{shortfall}"
    );
    // What is down cannot be paused, and the account says so.
    assert!(
        shortfall.contains("fault 1 (pause server 2) did not take effect"),
        "{shortfall}"
    );
}

#[test]
fn both_ends_say_that_a_connection_has_gone_and_is_back() {
    let manifest = manifest(&[(1, 0), (2, 0), (4, 0)], 10, 1_000_000, 7);
    let when = When::At(ms(3000));
    let faults = Faults {
        faults: vec![fault(when, Deed::Break, link(0, 1, true), 1000)],
        ..Faults::default()
    };
    let (_, account) = by_world(&manifest, &faults);
    let entries = account.journal.iter().take(4);
    let words: Vec<_> = entries
        .map(|entry| {
            let since_start_ns = entry.time_ns - VIRTUAL_EPOCH_NS;
            (entry.kind, entry.machine, since_start_ns)
        })
        .collect();
    let [zero, one] = [0, 1].map(|id| Some(Party::Machine(MachineId(id))));
    let expected = [
        (JournalKind::Lost, zero, 3 * SECOND_NS),
        (JournalKind::Lost, one, 3 * SECOND_NS),
        (JournalKind::Reconnected, zero, 4 * SECOND_NS),
        (JournalKind::Reconnected, one, 4 * SECOND_NS),
    ];
    assert_eq!(words, expected);
}
