//! Each law on trials of a few rows, where the answer is known by hand.

mod designs;
mod dialects;
mod losses;
mod others;

use event_log::{Drain, Driver, Latency, Odds, OnDisconnect, Status};

use super::fixtures::{Log, correct, log as trial, with};
use super::{Law, Verdict};

/// The laws that a trial breaks, with how many times.
fn broken(verdict: &Verdict) -> Vec<(Law, u64)> {
    let broken = verdict.laws.iter().map(|finding| finding.count);
    let broken = broken.filter(|count| count.violated > 0);
    broken.map(|count| (count.law, count.violated)).collect()
}

fn first_cause(log: &Log) -> (Law, String) {
    let verdict = log.check();
    let first = verdict.violations().next().expect("the trial breaks a law");
    (first.law, first.cause.clone())
}

#[test]
fn a_correct_trial_breaks_nothing_and_every_law_was_put_to_it() {
    let logs = correct();
    let verdict = trial(&[&logs[0], &logs[1]]).check();
    assert_eq!(broken(&verdict), [], "{verdict:#?}");
    assert!(verdict.holds());
    assert_eq!((verdict.events, verdict.messages), (8, 4));
    assert_eq!(verdict.laws.len(), 13, "{verdict:#?}");
    for finding in &verdict.laws {
        assert!(
            finding.count.examined > 0,
            "nothing to examine: {finding:?}"
        );
        assert_eq!(finding.count.undecided, 0, "{finding:?}");
    }
}

#[test]
fn a_violation_shows_the_rows_that_prove_it() {
    let verdict = with(0, 3, "3,3000,receive,4,0,1,2,4").check();
    let violation = verdict.violations().next().expect("the trial breaks a law");
    let places: Vec<String> = violation.evidence.iter().map(|line| line.place()).collect();
    assert_eq!(
        places,
        [
            "logs/run/trial-000/machine-0.csv:5",
            "logs/run/trial-000/machine-0.csv:4",
            "logs/run/trial-000/machine-1.csv:4"
        ]
    );
    assert_eq!(
        (violation.law, violation.machine.0, violation.trial.as_str()),
        (Law::ClockRule, 0, "trial-000")
    );
    assert_eq!(
        (violation.expected.as_str(), violation.found.as_str()),
        ("clock 5 = max(3, 4) + 1", "4")
    );
    // Two other receives are counted: the program does not merge without + 1.
    assert_eq!(
        violation.cause,
        "the clock is the larger of own and carried: this receive is not counted as others are"
    );
    assert_eq!(
        broken(&verdict),
        [
            (Law::ClockRule, 1),
            (Law::ClockCondition, 1),
            (Law::Identity, 1)
        ]
    );
}

#[test]
fn wrong_clocks_are_told_with_their_cause() {
    let causes = [
        (0, "2,2000,internal,2,0,,,", "before the increment"),
        (0, "2,2000,internal,1,0,,,", "not monotonic"),
        (0, "2,2000,internal,4,0,,,", "two events in a tick"),
        (0, "2,2000,internal,9,0,,,", "logged as another event"),
        (1, "2,2100,send,3,0,0,,", "before the increment"),
    ];
    for (machine, line, words) in causes {
        let (law, cause) = first_cause(&with(machine, 2, line));
        assert_eq!(law, Law::ClockRule, "{line}");
        assert!(cause.contains(words), "{line}: {cause}");
    }
    for (clock, words) in [
        ("3", "logged before the merge"),
        ("6", "incremented twice"),
        ("1", "not monotonic"),
        ("40", "no single slip"),
    ] {
        let line: &'static str = format!("3,3000,receive,{clock},0,1,2,4").leak();
        let (law, cause) = first_cause(&with(0, 3, line));
        assert_eq!(law, Law::ClockRule, "{line}");
        assert!(cause.contains(words), "{line}: {cause}");
    }
    let edited = with(0, 3, "3,3000,receive,5,0,1,2,9");
    assert!(
        first_cause(&edited)
            .1
            .contains("sent_clock of this row is wrong")
    );
    let ignored = with(1, 0, "0,100,receive,1,0,0,0,1");
    let (_, cause) = first_cause(&ignored);
    assert!(cause.contains("not counted as others are"), "{cause}");
}

#[test]
fn one_slip_is_not_a_cascade() {
    let mut logs = correct();
    logs[0][1] = "1,1000,send,3,0,1,,";
    logs[0][2] = "2,2000,internal,4,0,,,";
    let verdict = trial(&[&logs[0], &logs[1]]).check();
    assert_eq!(verdict.of(Law::ClockRule).violated, 1);
}

#[test]
fn the_identity_holds_the_last_clock_against_events_and_senders() {
    let verdict = with(0, 3, "3,3000,receive,6,0,1,2,4").check();
    let identity = verdict
        .violations()
        .find(|violation| violation.law == Law::Identity)
        .expect("the identity is broken");
    assert_eq!(
        identity.expected,
        "clock 5 = 4 own events + 1 inherited from machine 1"
    );
    assert_eq!(identity.found, "6");
    // A slip that a later, larger clock swallows leaves the last clock right: only the rule sees it.
    let verdict = with(0, 2, "2,2000,internal,4,0,,,").check();
    assert_eq!(broken(&verdict), [(Law::ClockRule, 1)]);
}

#[test]
fn ticks_are_counted_one_by_one() {
    let (law, cause) = first_cause(&with(0, 1, "2,2000,send,2,0,1,,"));
    assert_eq!(law, Law::OneEventPerTick);
    assert!(cause.contains("rows are missing"), "{cause}");
    let (law, cause) = first_cause(&with(0, 1, "0,1000,send,2,0,1,,"));
    assert_eq!(law, Law::OneEventPerTick);
    assert!(cause.contains("two events in one tick"), "{cause}");
}

#[test]
fn rows_must_match_the_manifest() {
    for (line, words) in [
        ("2,2000,send,3,0,0,,", "another machine"),
        ("2,2000,send,3,0,7,,", "another run"),
        ("9,9000,internal,3,0,,,", "went on after the end"),
    ] {
        let (law, cause) = first_cause(&with(0, 2, line));
        assert_eq!(law, Law::Manifest, "{line}");
        assert!(cause.contains(words), "{line}: {cause}");
    }
    let logs = correct();
    let mut log = trial(&[&logs[0], &logs[1]]);
    log.manifest.condition.odds = Odds::Sides(3);
    assert_eq!(log.check().of(Law::Manifest).violated, 1);
}

#[test]
fn a_complete_trial_has_every_tick_and_a_cut_one_need_not() {
    let logs = correct();
    let mut log = trial(&[&logs[0][..1], &logs[1]]);
    let verdict = log.check();
    // Machine 0's second send is not shown: its receive is undecided, not invented.
    assert_eq!(broken(&verdict), [(Law::Manifest, 1)]);
    assert_eq!(verdict.of(Law::ReceiveHasSend).undecided, 1);
    log.manifest.status = Status::Aborted;
    let verdict = log.check();
    assert!(verdict.holds(), "{verdict:#?}");
    assert!(verdict.of(Law::QueueRule).undecided > 0);
    let log = trial(&[&[], &logs[1]]);
    assert_eq!(broken(&log.check()), [(Law::Manifest, 1)]);
}

#[test]
fn unreadable_lines_leave_open_what_they_held() {
    let mut logs = correct();
    logs[0][1] = "";
    let verdict = trial(&[&logs[0], &logs[1]]).check();
    assert!(verdict.holds(), "{verdict:#?}");
    for law in [
        Law::OneEventPerTick,
        Law::ClockRule,
        Law::ReceiveHasSend,
        Law::Identity,
    ] {
        assert_eq!(verdict.of(law).undecided, 1, "{law}");
    }
    // But one line holds one tick, not two.
    logs[0].remove(2);
    let verdict = trial(&[&logs[0], &logs[1]]).check();
    assert_eq!(verdict.of(Law::OneEventPerTick).violated, 1);
}

#[test]
fn every_receive_has_its_send() {
    for (line, words) in [
        ("3,3000,receive,5,0,1,1,4", "sent_tick is wrong"),
        ("3,3000,receive,7,0,1,1,6", "invented"),
        ("3,3000,receive,4,0,1,2,3", "before the increment"),
        ("3,3000,receive,9,0,1,2,8", "another clock"),
    ] {
        let (law, cause) = first_cause(&with(0, 3, line));
        assert_eq!(law, Law::ReceiveHasSend, "{line}");
        assert!(cause.contains(words), "{line}: {cause}");
    }
}

#[test]
fn messages_come_once_in_order_and_none_is_skipped() {
    let twice = with(1, 1, "1,1100,receive,3,0,0,0,1");
    let (law, cause) = first_cause(&twice);
    assert_eq!(law, Law::ReceivedOnce);
    assert!(cause.contains("duplicated"), "{cause}");

    let mut logs = correct();
    logs[1][0] = "0,1100,receive,3,1,0,1,2";
    logs[1][1] = "1,1200,receive,4,0,0,0,1";
    logs[1][2] = "2,2100,send,5,0,0,,";
    logs[1][3] = "3,3100,broadcast,6,0,,,";
    logs[0][3] = "3,3000,receive,6,0,1,2,5";
    let verdict = trial(&[&logs[0], &logs[1]]).check();
    assert_eq!(broken(&verdict), [(Law::ChannelOrder, 1)]);
}

/// Machine 1 never receives the first message, but the second.
fn skipping() -> Log {
    with(1, 0, "0,100,internal,1,0,,,")
}

#[test]
fn a_skipped_message_is_lost_unless_it_is_accounted_for() {
    let verdict = skipping().check();
    assert_eq!(verdict.of(Law::NothingLost).violated, 1);
    let (mut counted, mut degraded) = (skipping(), skipping());
    counted.undelivered = 1;
    degraded.manifest.status = Status::Degraded;
    for log in [counted, degraded] {
        let count = log.check().of(Law::NothingLost);
        assert_eq!((count.violated, count.undecided), (0, 1));
    }
    let mut aborted = skipping();
    aborted.manifest.status = Status::Aborted;
    assert_eq!(aborted.check().of(Law::NothingLost).violated, 1);
    aborted.manifest.condition.on_disconnect = Some(OnDisconnect::Reconnect);
    assert_eq!(aborted.check().of(Law::NothingLost).violated, 0);
}

#[test]
fn nothing_is_received_before_it_was_sent_where_times_compare() {
    let mut log = with(0, 3, "3,2050,receive,5,0,1,2,4");
    log.manifest.machines[0].phase_ns = 0;
    let verdict = log.check();
    assert_eq!(verdict.of(Law::SendBeforeReceive).violated, 1);
    log.manifest.machines[1].address = Some("10.0.0.2:4001".to_owned());
    let count = log.check().of(Law::SendBeforeReceive);
    assert_eq!((count.violated, count.undecided), (0, 3));
}

#[test]
fn ticks_happen_in_order_and_not_before_they_are_due() {
    let early = with(0, 2, "2,1999,internal,3,0,,,").check();
    assert_eq!(broken(&early), [(Law::TickTime, 1)]);
    let late = with(0, 2, "2,3500,internal,3,0,,,").check();
    assert_eq!(broken(&late), [(Law::TickTime, 1)]);
}

#[test]
fn in_virtual_time_no_tick_is_late_and_on_sockets_none_by_a_minute() {
    let late = |milliseconds: u64, driver| {
        let mut log = with(0, 2, "2,2000,internal,3,0,,,");
        log.manifest.condition.driver = driver;
        log.late_ms[0][2] = milliseconds;
        broken(&log.check())
    };
    assert_eq!(late(0, Driver::Virtual), []);
    assert_eq!(late(3, Driver::Virtual), [(Law::TickTime, 1)]);
    assert_eq!(late(500, Driver::Sockets), []);
    // Told once: the row after it, which is on time, is not told to be out of order.
    assert_eq!(late(1_500, Driver::Virtual), [(Law::TickTime, 1)]);
    assert_eq!(late(62_001, Driver::Sockets), [(Law::TickTime, 1)]);
}

#[test]
fn a_machine_rolls_only_on_an_empty_queue() {
    let verdict = with(0, 2, "2,2000,internal,3,1,,,").check();
    // One row rolled with a message waiting; and no message could have been there so early.
    assert_eq!(broken(&verdict), [(Law::QueueRule, 2)]);
    let mut logs = correct();
    logs[0][1] = "1,1000,receive,2,1,1,9,1";
    let verdict = trial(&[&logs[0], &logs[1]]).check();
    let told: Vec<&str> = verdict.violations().map(|v| v.expected.as_str()).collect();
    let words = "a receive, because 1 messages";
    assert!(told.iter().any(|told| told.contains(words)), "{told:?}");
}

#[test]
fn with_a_known_delay_the_queue_is_known_too() {
    let logs = correct();
    let mut log = trial(&[&logs[0], &logs[1]]);
    log.manifest.condition.driver = Driver::Virtual;
    let delay = |ns| {
        Some(Latency {
            min_ns: ns,
            max_ns: ns,
        })
    };
    log.manifest.condition.latency = delay(50_000_000);
    assert!(log.check().holds());
    // The first message cannot have arrived by 100 ms if it takes 150 ms.
    log.manifest.condition.latency = delay(150_000_000);
    assert!(log.check().of(Law::QueueRule).violated > 0);
    // A receive logged as an internal event: the message must have been waiting.
    let mut log = with(0, 3, "3,3000,internal,4,0,,,");
    assert!(log.check().holds(), "on sockets it may still be on its way");
    log.manifest.condition.driver = Driver::Virtual;
    log.manifest.condition.latency = delay(50_000_000);
    assert_eq!(broken(&log.check()), [(Law::QueueRule, 1)]);
}

#[test]
fn with_drain_all_a_tick_takes_every_message_at_once() {
    let first = [
        "0,0,send,1,0,1,,",
        "1,1000,send,2,0,1,,",
        "2,2000,internal,3,0,,,",
        "3,3000,internal,4,0,,,",
    ];
    let mut second = vec![
        "0,100,internal,1,0,,,",
        "1,1100,receive,2,1,0,0,1",
        "1,1100,receive,3,0,0,1,2",
        "2,2100,internal,4,0,,,",
        "3,3100,internal,5,0,,,",
    ];
    let check = |second: &[&'static str]| {
        let mut log = trial(&[&first, second]);
        log.manifest.condition.drain = Drain::All;
        broken(&log.check())
    };
    assert_eq!(check(&second), []);
    let drain_one = broken(&trial(&[&first, &second]).check());
    assert_eq!(drain_one, [(Law::OneEventPerTick, 1)]);
    second.remove(2);
    let laws: Vec<Law> = check(&second).into_iter().map(|(law, _)| law).collect();
    assert!(laws.contains(&Law::QueueRule), "{laws:?}");
}

#[test]
fn numbers_at_the_end_of_their_range_do_not_overflow() {
    let log = with(
        0,
        3,
        "3,3000,receive,18446744073709551615,18446744073709551615,1,18446744073709551615,18446744073709551615",
    );
    assert!(!log.check().holds());
}
