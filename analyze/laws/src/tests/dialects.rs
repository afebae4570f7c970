//! The laws on logs of any dialect, with their messages matched.

use events::{QueueCount, ReceiveClock, fixtures};

use crate::{Law, Verdict};

fn check(machines: usize, lines: &str) -> Verdict {
    crate::check(&fixtures::trial(machines, lines).matched())
}

/// Laws that are broken, with how often and the most likely cause.
fn broken(verdict: &Verdict) -> Vec<(Law, u64, &str)> {
    let laws = verdict
        .laws
        .iter()
        .filter(|finding| finding.count.violated > 0);
    laws.map(|finding| {
        let cause = finding.causes[0].0.as_str();
        (finding.count.law, finding.count.violated, cause)
    })
    .collect()
}

/// A correct trial of vectors in which all learn of all.
const VECTORS: &str = "0 send [1,0,0] to=1 id=a time=10
    1 internal [0,1,0] time=15
    1 receive [1,2,0] id=a carried=[1,0,0] time=20
    1 broadcast [1,3,0] id=b time=30
    2 receive [1,3,1] id=b carried=[1,3,0] time=40
    0 receive [2,3,0] id=b carried=[1,3,0] time=45
    2 send [1,3,2] to=0 id=c time=50
    0 receive [3,3,2] id=c carried=[1,3,2] time=60
    0 internal [4,3,2] time=70
    2 internal [1,3,3] time=80";

#[test]
fn correct_vectors_raise_nothing_and_every_law_is_decided() {
    let verdict = check(3, VECTORS);
    assert_eq!(broken(&verdict), [], "{verdict:#?}");
    for law in [
        Law::OwnComponent,
        Law::VectorMonotonic,
        Law::MergeIsMaximum,
        Law::NoKnowledgeFromTheFuture,
        Law::CausalOrder,
    ] {
        assert!(
            verdict
                .finding(law)
                .is_some_and(|finding| finding.count.examined > 0),
            "{law}"
        );
    }
    assert!(
        verdict.finding(Law::ClockRule).is_none(),
        "a law of other clocks"
    );
}

#[test]
fn a_machine_that_forgets_what_it_learnt_is_told_so() {
    let verdict = check(
        3,
        &VECTORS.replace("0 internal [4,3,2]", "0 internal [4,2,2]"),
    );
    assert_eq!(
        broken(&verdict),
        [(
            Law::VectorMonotonic,
            1,
            "the machine forgets what it has learnt of another"
        )]
    );
}

#[test]
fn a_component_that_goes_backwards_is_told_so() {
    let verdict = check(
        3,
        &VECTORS.replace("0 internal [4,3,2]", "0 internal [2,3,2]"),
    );
    let laws = broken(&verdict);
    assert_eq!(
        laws[0],
        (Law::OwnComponent, 1, "the own component goes backwards")
    );
    assert_eq!(laws[1].0, Law::VectorMonotonic);
}

#[test]
fn knowledge_from_the_future_is_told_so() {
    let verdict = check(
        3,
        &VECTORS.replace("2 internal [1,3,3]", "2 internal [9,3,3]"),
    );
    let causes: Vec<(Law, &str)> = broken(&verdict)
        .iter()
        .map(|broken| (broken.0, broken.2))
        .collect();
    assert!(causes.contains(&(
        Law::NoKnowledgeFromTheFuture,
        "a vector that knows more of a machine than the machine itself ever did"
    )));
    // An event that takes over components receives a message, whatever its line says: what it carried is not known.
    let merge = verdict.finding(Law::MergeIsMaximum);
    assert!(merge.is_some_and(|merge| merge.count.violated == 0 && merge.count.undecided == 1));
}

#[test]
fn a_causal_cycle_is_told_so() {
    // Each takes first what the other sends afterwards.
    let lines = "0 receive 3 id=b carried=2
         0 send 4 to=1 id=a
         1 receive 5 id=a carried=4
         1 send 6 to=0 id=b";
    let verdict = check(2, lines);
    let cycle = verdict
        .finding(Law::CausalOrder)
        .expect("a law of all clocks");
    assert_eq!(cycle.count.violated, 1);
    assert_eq!(cycle.examples[0].evidence.len(), 4, "{verdict:#?}");
    // The same by vectors alone, whose messages carry no name.
    let verdict = check(
        2,
        "0 receive [1,2]\n 0 send [2,2]\n 1 receive [2,1]\n 1 send [2,2]",
    );
    assert_eq!(
        verdict
            .finding(Law::CausalOrder)
            .map(|finding| finding.count.violated),
        Some(1),
        "{verdict:#?}"
    );
}

/// Two machines; the second takes what the first sends, with its clock as a rule gives it.
fn merging(rule: fn(i64, i64) -> i64) -> Verdict {
    let mut lines = String::new();
    let mut own = 0;
    for sent in (3..60).step_by(3) {
        own = rule(own, sent);
        lines += &format!(
            "0 internal {}\n0 internal {}\n0 send {sent} to=1\n",
            sent - 2,
            sent - 1
        );
        lines += &format!(
            "1 receive {own} from=0 carried={sent}\n1 internal {}\n",
            own + 1
        );
        own += 1;
    }
    check(2, &lines)
}

#[test]
fn the_cause_that_all_violations_share_is_named() {
    assert_eq!(broken(&merging(|own, sent| own.max(sent) + 1)), []);
    let verdict = merging(i64::max);
    let rule = verdict.finding(Law::ClockRule).expect("scalar clocks");
    assert_eq!(
        (rule.count.examined, rule.count.violated),
        (93, 18),
        "{verdict:#?}"
    );
    let explanation = rule.explanation.as_deref().expect("one cause");
    assert!(
        explanation.starts_with("in 18 of 18: merge without + 1"),
        "{explanation}"
    );
    assert!(
        verdict
            .finding(Law::ClockCondition)
            .is_some_and(|finding| finding.count.violated == 19)
    );
}

#[test]
fn a_send_that_says_it_carries_the_clock_before_it_is_the_cause() {
    let sends = |at: i64| {
        format!(
            "0 send {} to=1 carried={}\n1 receive {} from=0\n",
            at,
            at - 1,
            at
        )
    };
    let verdict = check(2, &(2..12).map(|at| sends(3 * at)).collect::<String>());
    let condition = verdict
        .finding(Law::ClockCondition)
        .expect("a law of all clocks");
    assert_eq!(condition.count.violated, 10, "{verdict:#?}");
    assert!(
        condition.causes[0]
            .0
            .starts_with("messages are stamped before the increment"),
        "{verdict:#?}"
    );
}

#[test]
fn clocks_logged_before_the_merge_are_read_so_and_faults_stay_faults() {
    let lines = "0 send 3
         0 send 4
         1 internal 1
         1 receive 1 carried=3
         1 internal 5
         1 receive 5 carried=4
         1 internal 7
         1 internal 7";
    let verdict = check(2, lines);
    assert!(
        verdict
            .readings
            .iter()
            .any(|words| words.contains("before the merge")),
        "{verdict:#?}"
    );
    let rule = verdict.finding(Law::ClockRule).expect("scalar clocks");
    assert_eq!(rule.examples[0].evidence[0].line, Some(6), "{verdict:#?}");
}

#[test]
fn a_queue_that_counts_the_message_taken_is_read_so() {
    let lines = "0 send 1 to=1 time=100
         0 send 2 to=1 time=200
         1 receive 2 carried=1 queue=1 time=150
         1 receive 3 carried=2 queue=1 time=250";
    let verdict = check(2, lines);
    assert_eq!(verdict.dialect.queue, Some(QueueCount::BeforePop));
    assert_eq!(broken(&verdict), [], "{verdict:#?}");
    let verdict = check(2, &lines.replace("queue=1 time=250", "queue=7 time=250"));
    assert_eq!(
        verdict
            .finding(Law::QueueRule)
            .map(|finding| finding.count.violated),
        Some(1)
    );
}

#[test]
fn laws_that_a_log_cannot_decide_say_why() {
    let verdict = check(2, "0 send -\n 0 send -\n 1 receive -\n 1 internal -");
    for finding in &verdict.laws {
        assert_eq!(finding.count.violated, 0, "{verdict:#?}");
        if finding.count.examined == 0 {
            assert!(finding.not_decidable.is_some(), "{}", finding.count.law);
        }
    }
    assert!(
        verdict
            .finding(Law::ClockRule)
            .is_some_and(|finding| finding.count.examined == 0)
    );
}

/// A correct trial of three of which the first has no log: its component stands last.
const ONE_MISSING: &str = "0 internal [1,0,0] time=10
    0 receive [2,0,4] time=20
    0 send [3,0,4] to=1 id=a time=30
    1 receive [3,1,4] id=a carried=[3,0,4] time=40
    1 receive [3,2,6] time=50
    1 internal [3,3,6] time=60";

#[test]
fn what_a_machine_without_a_log_did_accuses_nobody() {
    let mut trial = fixtures::trial(2, ONE_MISSING);
    trial.info.without_log = Some(vec!["node0".to_owned()]);
    let verdict = crate::check(&trial.matched());
    assert_eq!(broken(&verdict), [], "{verdict:#?}");
    let examined = |law| verdict.finding(law).map(|finding| finding.count.examined);
    assert_eq!(examined(Law::OwnComponent), Some(4));
    assert_eq!(examined(Law::VectorMonotonic), Some(4));
}

#[test]
fn learning_of_a_machine_without_a_log_is_not_decidable_and_forgetting_it_is_wrong() {
    let learns = ONE_MISSING.replace("1 receive [3,2,6]", "1 internal [3,2,6]");
    let forgets = ONE_MISSING.replace("1 internal [3,3,6]", "1 internal [3,3,5]");
    let of = |lines: &str| {
        let mut trial = fixtures::trial(2, lines);
        trial.info.without_log = Some(vec!["node0".to_owned()]);
        crate::check(&trial.matched())
    };
    let learns = of(&learns);
    assert_eq!(broken(&learns), [], "{learns:#?}");
    let merge = learns.finding(Law::MergeIsMaximum);
    assert!(
        merge.is_some_and(|finding| finding.count.undecided > 0),
        "{learns:#?}"
    );
    let forgets = format!("{:?}", of(&forgets));
    assert!(forgets.contains("at least 6 events of node0"), "{forgets}");
}

#[test]
fn components_without_a_known_owner_are_judged_by_what_needs_no_owner() {
    let mut trial = fixtures::trial(2, ONE_MISSING);
    trial.info.without_log = None;
    let verdict = crate::check(&trial.matched());
    assert_eq!(broken(&verdict), [], "{verdict:#?}");
    let own = verdict.finding(Law::OwnComponent);
    assert!(
        own.is_some_and(|finding| finding.count.examined == 0),
        "{verdict:#?}"
    );
    let monotonic = verdict.finding(Law::VectorMonotonic);
    assert!(
        monotonic.is_some_and(|finding| finding.count.examined == 4),
        "{verdict:#?}"
    );
}

/// The causes of the clock rule's violations.
fn causes(lines: &str) -> Vec<String> {
    let verdict = check(3, lines);
    let rule = verdict.finding(Law::ClockRule).expect("scalar clocks");
    rule.causes.iter().map(|(cause, _)| cause.clone()).collect()
}

#[test]
fn a_short_merge_is_named_only_if_no_receive_contradicts_it() {
    // A receive that is behind, and one that is ahead.
    let receives = |behind: u32, ahead: u32| {
        format!(
            "2 send 1 to=1 id=a\n0 internal 1\n0 internal 2\n0 internal 3\n0 internal 4\n0 send 5 to=1 id=b\n\
             1 internal 1\n1 receive {behind} id=b\n1 internal 6\n1 internal 7\n1 receive {ahead} id=a\n"
        )
    };
    let not_counted = causes(&receives(5, 7));
    assert_eq!(not_counted.len(), 1, "{not_counted:?}");
    assert!(
        not_counted[0].starts_with("merge without + 1:"),
        "{not_counted:?}"
    );
    // Stamped before: then the receives are right, and the clock condition is broken.
    let stamped = check(3, &receives(5, 8));
    let broken = broken(&stamped);
    assert_eq!(broken.len(), 1, "{stamped:#?}");
    let (law, violated, cause) = broken[0];
    assert_eq!((law, violated), (Law::ClockCondition, 1));
    assert!(
        cause.starts_with("messages are stamped before the increment for their send, or"),
        "{cause}"
    );
    // Where a line says what the message carried, it was not stamped before.
    let told = causes(&receives(5, 8).replace("id=b\n1 internal", "id=b carried=5\n1 internal"));
    assert!(
        told.iter()
            .any(|cause| cause.starts_with("the receive is counted first, and then")),
        "{told:?}"
    );
}

#[test]
fn a_machine_that_takes_more_than_was_sent_shows_that_sends_are_missing() {
    let verdict = check(
        2,
        "0 send 1 to=1 time=1000\n1 receive 2 queue=9 time=2000\n1 receive 3 queue=9 time=3000",
    );
    let queue = verdict.finding(Law::QueueRule).expect("a law of all logs");
    assert_eq!(
        (queue.count.examined, queue.count.undecided),
        (0, 2),
        "{verdict:#?}"
    );
    // As many as were sent: then the queue can hold none.
    let verdict = check(2, "0 send 1 to=1 time=1000\n1 receive 2 queue=9 time=2000");
    let queue = verdict.finding(Law::QueueRule).expect("a law of all logs");
    assert_eq!(queue.count.violated, 1, "{verdict:#?}");
}

#[test]
fn queues_are_not_judged_by_clocks_that_disagree() {
    let verdict = check(
        2,
        "0 send 1 to=1 id=a time=900000\n0 send 2 to=1 id=b time=901000\n\
         1 receive 2 id=a queue=1 time=2000\n1 receive 3 id=b queue=0 time=3000",
    );
    let broken = broken(&verdict);
    assert_eq!(broken.len(), 1, "{verdict:#?}");
    assert_eq!(broken[0].0, Law::SendBeforeReceive);
    let queue = verdict.finding(Law::QueueRule).expect("a law of all logs");
    assert_eq!(queue.count.examined, 0, "{verdict:#?}");
}

#[test]
fn leaps_between_events_prove_nothing_where_sends_are_not_logged() {
    let lines = "1 internal 1\n1 internal 4\n1 receive 9 carried=5\n1 internal 10";
    let verdict = check(2, lines);
    assert_eq!(broken(&verdict), [], "{verdict:#?}");
    // A receive that falls short of what it was told is wrong whatever was sent.
    let short = check(
        2,
        &lines.replace("receive 9 carried=5", "receive 5 carried=7"),
    );
    assert_eq!(broken(&short)[0].0, Law::ClockRule, "{short:#?}");
    // With a send in the log the leap is one.
    let logged = check(2, &format!("0 send 1 to=1\n{lines}"));
    assert!(
        broken(&logged)
            .iter()
            .any(|(law, ..)| *law == Law::ClockRule),
        "{logged:#?}"
    );
}

#[test]
fn nobody_is_accused_of_what_a_missing_log_would_explain() {
    let lines = "0 send 1 to=1 time=1000\n1 receive 2 queue=9 time=2000\n1 receive 8 carried=7 queue=0 time=3000\n\
        0 send 9 to=1 time=4000";
    let whole = fixtures::trial(2, lines);
    let mut missing = whole.clone();
    missing.info.logs_missing = true;
    let verdict = crate::check(&whole.matched());
    assert!(!broken(&verdict).is_empty(), "{verdict:#?}");
    let verdict = crate::check(&missing.matched());
    let laws: Vec<Law> = broken(&verdict).into_iter().map(|(law, ..)| law).collect();
    assert!(
        !laws.contains(&Law::QueueRule) && !laws.contains(&Law::ReceiveHasSend),
        "{verdict:#?}"
    );
}

/// Three machines, of which 0 and 2 send and 1 receives; messages say what they carry on the lines of their sends alone.
fn told_by_sends(merge: fn(i64, i64) -> i64) -> Verdict {
    let mut lines = String::new();
    let mut own = 0;
    for sent in (3..60).step_by(3) {
        let [first, second] = [sent - 2, sent - 1];
        lines += &format!(
            "0 internal {first}\n0 internal {second}\n0 send {sent} to=1 carried={sent}\n"
        );
        lines += &format!(
            "2 internal {first}\n2 send {second} to=1 carried={second}\n2 internal {sent}\n"
        );
        for (from, carried) in [(0, sent), (2, second)] {
            own = merge(own, carried);
            lines += &format!("1 receive {own} from={from}\n");
        }
    }
    check(3, &lines)
}

#[test]
fn a_merge_that_is_not_counted_is_found_where_the_sends_say_what_they_carry() {
    assert_eq!(broken(&told_by_sends(|own, sent| own.max(sent) + 1)), []);
    let verdict = told_by_sends(i64::max);
    let named = |(law, _, cause): &(Law, u64, &str)| {
        *law == Law::ClockCondition && cause.starts_with("merge without + 1: ")
    };
    assert!(broken(&verdict).iter().any(named), "{verdict:#?}");
}

#[test]
fn two_lines_of_one_clock_may_be_one_send_and_two_to_the_same_machine_are_not() {
    let lines = "0 internal 1\n0 send 2 to=1\n0 send 2 to=2\n0 internal 3";
    let verdict = check(3, lines);
    assert_eq!(broken(&verdict), [], "{verdict:#?}");
    assert_eq!(verdict.of(Law::ClockIncreases).undecided, 1);
    let vectors =
        "0 internal [1,0,0]\n0 send [2,0,0] to=1\n0 send [2,0,0] to=2\n0 internal [3,0,0]";
    let of_vectors = check(3, vectors);
    assert_eq!(broken(&of_vectors), [], "{of_vectors:#?}");
    let laws = |lines: &str| -> Vec<Law> {
        let verdict = check(3, lines);
        broken(&verdict).into_iter().map(|(law, ..)| law).collect()
    };
    let again = lines.replace("to=2", "to=1");
    assert_eq!(laws(&again), [Law::ClockRule, Law::ClockIncreases]);
    let apart = lines
        .replace("to=1", "to=1 time=1000")
        .replace("to=2", "to=2 time=1500");
    assert_eq!(laws(&apart), [Law::ClockRule, Law::ClockIncreases]);
    let again = vectors.replace("to=2", "to=1");
    assert_eq!(laws(&again), [Law::OwnComponent]);
}

/// Lines that show the clock before each step, as the dialect says; what messages carry no line does.
const BEFORE_EACH_STEP: &str =
    "0 internal 0\n0 internal 1\n0 send 2 to=1 id=a\n0 internal 3\n0 internal 4\n0 send 5 to=1 id=b
    1 internal 0\n1 receive 1 id=a\n1 internal 4\n1 receive 5 id=b\n1 receive 7 id=c\n1 internal 8";

#[test]
fn clocks_before_each_step_are_judged_by_either_stamp_and_no_fall_is_told_where_none_is() {
    let of = |lines: &str| {
        let mut trial = fixtures::trial(2, lines);
        trial.info.dialect.receive_clock = Some(ReceiveClock::BeforeStep);
        crate::check(&trial.matched())
    };
    // The message carries the clock after its send, 3; or the one that its line shows, 2.
    for after in [4, 3] {
        let lines = BEFORE_EACH_STEP.replace(
            "internal 4\n1 receive 5",
            &format!("internal {after}\n1 receive {}", after + 1),
        );
        let verdict = of(&lines);
        let rule = verdict.of(Law::ClockRule);
        assert_eq!(rule.violated, 0, "{after}: {verdict:#?}");
        assert!(rule.examined > 5, "{verdict:#?}");
    }
    let short = BEFORE_EACH_STEP.replace("1 internal 4\n1 receive 5", "1 internal 2\n1 receive 3");
    let verdict = of(&short);
    let broken = broken(&verdict);
    assert_eq!(
        (broken[0].0, broken[0].1),
        (Law::ClockRule, 1),
        "{verdict:#?}"
    );
    assert!(!broken[0].2.contains("monotonic"), "{}", broken[0].2);
}
