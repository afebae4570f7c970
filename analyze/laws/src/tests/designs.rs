//! The laws where a machine keeps time, where messages are stamped before the increment, and where ticks are delayed.

use event_log::{Design, Driver, Latency, MachineId, Stamp, Status};

use super::{broken, first_cause};
use crate::fixtures::{Log, log as trial, with};
use crate::law::Law;

/// Machine 0 keeps time. Machine 1 takes it at three of its four ticks; the message of tick 2 comes late and is superseded.
fn keeper() -> [Vec<&'static str>; 2] {
    [
        vec![
            "0,0,broadcast,1,0,,,",
            "1,1000,broadcast,2,0,,,",
            "2,2000,broadcast,3,0,,,",
            "3,3000,broadcast,4,0,,,",
        ],
        vec![
            "0,100,receive,2,0,0,0,1",
            "0,100,internal,3,0,,,",
            "1,1100,receive,4,0,0,1,2",
            "1,1100,internal,5,0,,,",
            "2,2100,internal,6,0,,,",
            "3,3100,receive,7,0,0,3,4",
            "3,3100,internal,8,0,,,",
        ],
    ]
}

fn timed(logs: &[Vec<&'static str>; 2]) -> Log {
    let mut log = trial(&[&logs[0], &logs[1]]);
    log.manifest.condition.design = Design::Timekeeper;
    log.manifest.timekeeper = Some(MachineId(0));
    log
}

/// The log of machine 1 with one line replaced, or taken out.
fn changed(row: usize, line: Option<&'static str>) -> Log {
    let mut logs = keeper();
    match line {
        Some(line) => logs[1][row] = line,
        None => drop(logs[1].remove(row)),
    }
    timed(&logs)
}

#[test]
fn taking_the_time_costs_no_tick_and_older_times_are_passed_over() {
    let verdict = timed(&keeper()).check();
    assert_eq!(broken(&verdict), [], "{verdict:#?}");
    // In a mesh the same rows are two events in a tick, and a lost message.
    let logs = keeper();
    let mesh = trial(&[&logs[0], &logs[1]]).check();
    assert_eq!(mesh.of(Law::OneEventPerTick).violated, 3);
    assert_eq!(mesh.of(Law::NothingLost).violated, 1);
}

#[test]
fn a_tick_that_takes_the_time_has_an_event_of_its_own() {
    let (law, cause) = first_cause(&changed(1, None));
    assert_eq!(law, Law::OneEventPerTick);
    assert!(cause.contains("own event is missing"), "{cause}");
    let (law, cause) = first_cause(&changed(1, Some("0,100,receive,3,0,0,0,1")));
    assert_eq!(law, Law::OneEventPerTick);
    assert!(cause.contains("more than the newest"), "{cause}");
    // The last tick, too.
    let mut cut = changed(6, None);
    assert_eq!(broken(&cut.check()), [(Law::Manifest, 1)]);
    cut.manifest.status = Status::Aborted;
    assert!(
        cut.check().holds(),
        "a trial that was cut off may end there"
    );
}

#[test]
fn the_timekeeper_does_not_roll() {
    let mut logs = keeper();
    logs[0][2] = "2,2000,internal,3,0,,,";
    let (law, cause) = first_cause(&timed(&logs));
    assert_eq!(law, Law::Manifest);
    assert!(cause.contains("kept time"), "{cause}");
}

#[test]
fn times_come_in_order() {
    let verdict = changed(5, Some("3,3100,receive,7,0,0,0,1")).check();
    assert_eq!(verdict.of(Law::ReceivedOnce).violated, 1);
    let mut logs = keeper();
    logs[1][2] = "1,1600,receive,4,0,0,2,3";
    logs[1][5] = "3,3100,receive,7,0,0,1,2";
    assert_eq!(timed(&logs).check().of(Law::ChannelOrder).violated, 1);
}

#[test]
fn a_time_is_taken_from_no_queue() {
    let verdict = changed(2, Some("1,1100,receive,4,1,0,1,2")).check();
    // The tick's own event rolled with a message waiting, and nobody had sent one.
    assert_eq!(broken(&verdict), [(Law::QueueRule, 2)]);
}

#[test]
fn where_the_delay_is_known_each_tick_takes_the_newest_time() {
    let in_virtual_time = |delay_ms: u64, row: usize, line: Option<&'static str>| {
        let mut log = match line {
            Some(line) => changed(row, Some(line)),
            None => timed(&keeper()),
        };
        let delay_ns = delay_ms * 1_000_000;
        log.manifest.condition.driver = Driver::Virtual;
        log.manifest.condition.latency = Some(Latency {
            min_ns: delay_ns,
            max_ns: delay_ns,
        });
        broken(&log.check())
    };
    // Tick 2 of machine 1 did not take the time that had come 50 ms before.
    assert_eq!(in_virtual_time(50, 0, None), [(Law::QueueRule, 1)]);
    // Nothing can have come at ticks 0, 1 and 3, if it takes 150 ms.
    assert_eq!(in_virtual_time(150, 0, None), [(Law::QueueRule, 3)]);
    // Tick 3 takes the time of tick 2, though that of tick 3 had come.
    let older = Some("3,3100,receive,7,0,0,2,3");
    assert_eq!(in_virtual_time(50, 5, older), [(Law::QueueRule, 2)]);
}

#[test]
fn a_stamp_before_the_increment_is_right_where_the_condition_asks_for_it() {
    let mut log = with(0, 3, "3,3000,receive,4,0,1,2,3");
    assert_eq!(log.check().of(Law::ReceiveHasSend).violated, 1);
    log.manifest.condition.stamp = Stamp::Before;
    // Now the other two receives carry the wrong clock, and this one the right one; its clock is still that of its send.
    let verdict = log.check();
    let broken = broken(&verdict);
    assert_eq!(broken, [(Law::ReceiveHasSend, 2), (Law::ClockCondition, 1)]);
    let told = verdict
        .violations()
        .map(|violation| violation.cause.as_str());
    let told: Vec<&str> = told.collect();
    assert!(told[0].contains("after the increment"), "{told:?}");
    assert!(told[2].contains("as its condition asks"), "{told:?}");
}

#[test]
fn an_injected_delay_is_part_of_when_a_tick_is_due() {
    let mut log = with(0, 2, "2,2000,internal,3,0,,,");
    log.manifest.condition.driver = Driver::Virtual;
    assert!(log.check().holds());
    log.manifest.condition.tick_delay_ns = 20_000_000;
    assert_eq!(broken(&log.check()), [(Law::TickTime, 8)]);
    for late_ms in log.late_ms.iter_mut().flatten() {
        *late_ms = 20;
    }
    assert!(log.check().holds());
}
