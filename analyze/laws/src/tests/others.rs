//! What logs without a manifest prove, and what they cannot.

use events::fixtures;

use super::broken;
use crate::fixtures::logged;
use crate::{Law, check};

/// A program that is right, whose lines show the clock before the event.
const BEFORE_THE_STEP: &str = "0 send 0 to=1
    0 internal 1
    0 send 2 to=1
    1 internal 0
    1 receive 1 carried=0 sent=0:0
    1 internal 2
    1 receive 3 carried=9
    1 internal 10
    1 internal 11";

#[test]
fn a_clock_before_the_step_on_every_line_is_a_reading() {
    let verdict = check(&logged(2, BEFORE_THE_STEP));
    assert_eq!(broken(&verdict), [], "{verdict:#?}");
    assert!(
        verdict
            .readings
            .iter()
            .any(|words| words.contains("of every line")),
        "{:?}",
        verdict.readings
    );
    assert!(verdict.of(Law::ClockRule).examined > 0);
    // A line that no reading explains stays wrong.
    let wrong = BEFORE_THE_STEP.replace("1 internal 11", "1 internal 14");
    assert_eq!(broken(&check(&logged(2, &wrong))), [(Law::ClockRule, 1)]);
}

#[test]
fn a_merge_on_the_next_line_may_be_of_a_message_that_is_not_known() {
    let lines = "0 internal 0
        0 internal 1
        0 send 2 to=1
        1 internal 0
        1 receive 1
        1 internal 3
        1 internal 4";
    let verdict = check(&logged(2, lines));
    assert_eq!(broken(&verdict), [], "{verdict:#?}");
    // No send has a clock that would explain this leap.
    let leaps = lines
        .replace("internal 3", "internal 8")
        .replace("1 internal 4", "1 internal 9");
    assert_eq!(broken(&check(&logged(2, &leaps))), [(Law::ClockRule, 1)]);
}

#[test]
fn a_log_of_all_machines_together_does_not_tell_who_sent_what() {
    let lines = "0 send 1 time=1000\n0 receive 2 time=2000\n0 internal 3 time=3000";
    assert_eq!(broken(&check(&logged(1, lines))), []);
}

/// Machine 1 takes one message more than was sent to it.
const ONE_TOO_MANY: &str = "0 send 1 to=1 time=1000
    0 internal 2 time=9000
    1 receive 2 from=0 time=2000
    1 receive 3 from=0 time=3000";

#[test]
fn where_messages_have_no_name_their_number_decides() {
    let verdict = check(&logged(2, ONE_TOO_MANY));
    assert_eq!(broken(&verdict), [(Law::ReceiveHasSend, 1)], "{verdict:#?}");
    let evidence: Vec<Option<u32>> = verdict
        .violations()
        .flat_map(|violation| violation.evidence.iter().map(|line| line.line))
        .collect();
    assert_eq!(evidence, [Some(1)]);
    let as_many = ONE_TOO_MANY.replace("0 internal 2", "0 send 2 to=1");
    assert_eq!(broken(&check(&logged(2, &as_many))), []);
}

#[test]
fn nobody_is_accused_of_messages_that_a_log_may_not_show() {
    // The sender's log ends before the receives.
    let cut = ONE_TOO_MANY.replace("time=9000", "time=1500");
    // A send says nothing of its recipient.
    let unnamed = ONE_TOO_MANY.replace(
        "0 internal 2 time=9000",
        "0 send 2 time=4000\n0 internal 3 time=9000",
    );
    let unnamed = format!("{unnamed}\n2 internal 1 time=1");
    for (machines, lines) in [(2, cut), (3, unnamed)] {
        let verdict = check(&logged(machines, &lines));
        assert_eq!(broken(&verdict), [], "{verdict:#?}");
        assert_eq!(verdict.of(Law::ReceiveHasSend).undecided, 2);
    }
    let mut missing = logged(2, ONE_TOO_MANY);
    missing.info.logs_missing = true;
    assert_eq!(broken(&check(&missing)), []);
}

#[test]
fn nothing_is_concluded_across_a_line_that_is_not_understood() {
    let lines = "0 internal 1\n0 internal 5\n0 internal 6";
    let mut trial = logged(1, lines);
    assert_eq!(broken(&check(&trial)), [(Law::ClockRule, 1)]);
    trial.machines[0].gaps = vec![1];
    let verdict = check(&trial);
    assert_eq!(broken(&verdict), [], "{verdict:#?}");
    let count = verdict.of(Law::ClockRule);
    assert_eq!((count.examined, count.undecided), (1, 1));
}

#[test]
fn a_receive_on_a_line_that_is_not_understood_is_not_a_lost_message() {
    let lines = "0 send 1 to=1
        0 send 2 to=1
        1 internal 1
        1 receive 3 sent=0:1";
    let mut trial = logged(2, lines);
    assert_eq!(broken(&check(&trial)), [(Law::NothingLost, 1)]);
    trial.machines[1].gaps = vec![1];
    let verdict = check(&trial);
    assert_eq!(broken(&verdict), [], "{verdict:#?}");
    assert_eq!(verdict.of(Law::NothingLost).undecided, 1);
}

#[test]
fn laws_that_speak_of_what_a_log_does_not_record_do_not_apply() {
    let verdict = check(&logged(1, "0 internal 1\n0 internal 2"));
    for law in [
        Law::Manifest,
        Law::OneEventPerTick,
        Law::OwnComponent,
        Law::Identity,
    ] {
        assert!(verdict.finding(law).is_none(), "{law}");
    }
    let times = verdict.finding(Law::TickTime).expect("a law of all logs");
    assert_eq!(times.not_decidable.as_deref(), Some("lines have no times"));
}

#[test]
fn a_queue_that_is_too_long_is_told_once() {
    let lines = "0 send 1 to=1 time=1000
        0 send 2 to=1 time=2000
        0 send 3 to=1 time=3000
        1 receive 4 queue=5 time=4000 sent=0:0
        1 receive 5 queue=4 time=5000 sent=0:1
        1 receive 6 queue=3 time=6000 sent=0:2";
    assert_eq!(broken(&check(&logged(2, lines))), [(Law::QueueRule, 1)]);
}

/// Machine 0 sends to one on each line; machine 2 says that it took the third message as well.
const SENT_TO_ONE: &str = "0 send 10 to=1 time=1000
    0 send 20 to=1 time=2000
    0 send 30 to=1 time=2500
    0 internal 31 time=9000
    1 receive 11 from=0 carried=10 time=3000
    1 receive 21 from=0 carried=20 time=3500
    1 receive 31 from=0 carried=30 time=4000
    1 internal 32 time=9000
    2 receive 31 from=0 carried=30 time=4000
    2 internal 32 time=9000";

#[test]
fn a_message_that_two_machines_take_may_have_more_recipients_than_its_line_names() {
    let law = |lines: &str| {
        let verdict = check(&fixtures::trial(3, lines).matched());
        let count = verdict.of(Law::ReceiveHasSend);
        (count.violated, count.undecided)
    };
    assert_eq!(law(SENT_TO_ONE), (0, 1));
    // Nobody else took it: it went to another machine than its line says.
    let misled = SENT_TO_ONE.replace("1 receive 31 from=0 carried=30", "1 internal 31");
    assert_eq!(law(&misled), (1, 0));
    // Nobody sent such a clock.
    let invented = SENT_TO_ONE.replace(
        "2 receive 31 from=0 carried=30",
        "2 receive 26 from=0 carried=25",
    );
    assert_eq!(law(&invented), (1, 0));
}

#[test]
fn a_number_that_grows_by_no_usual_step_is_no_clock_to_be_judged() {
    let times =
        "0 internal 0.203\n0 internal 0.335\n0 internal 0.335\n0 send 0.602\n0 internal 1.001";
    let verdict = check(&fixtures::trial(1, times));
    assert_eq!(broken(&verdict), [], "{verdict:#?}");
    for law in [Law::ClockIncreases, Law::ClockRule, Law::ClockCondition] {
        let finding = verdict.finding(law).expect("a law of all clocks");
        assert!(finding.not_decidable.is_some(), "{law}");
    }
    let steps = "0 internal 0.5\n0 internal 1.5\n0 internal 2.5\n0 send 2.5\n0 internal 3.5\n0 internal 4.5\n0 internal 5.5\n\
        0 internal 6.5\n0 internal 7.5\n0 internal 8.5\n0 internal 9.5\n0 internal 10.5";
    let verdict = check(&fixtures::trial(1, steps));
    assert_eq!(verdict.of(Law::ClockIncreases).violated, 1, "{verdict:#?}");
}

#[test]
fn clocks_of_two_kinds_are_not_compared() {
    let verdict = check(&fixtures::trial(
        2,
        "0 send [1,0] to=1\n1 receive [0,1] carried=8",
    ));
    let condition = verdict.of(Law::ClockCondition);
    assert_eq!(
        (condition.violated, condition.undecided),
        (0, 1),
        "{verdict:#?}"
    );
}
