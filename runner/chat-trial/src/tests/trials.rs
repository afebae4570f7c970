//! Trials in which all rules hold.

use std::sync::atomic::AtomicBool;

use event_log::Latency;
use event_log::chat::{ChatCondition, Tolerate, Verdict};
use event_log::faults::{FaultStep, Faults};

use super::{SECOND_NS, SEED, faults, quick, schedules, trial};
use crate::campaign::Campaign;
use crate::happened::Happening;
use crate::logs::Detail;
use crate::setups::{AllRules, limits, rate_max_per_s};
use crate::trial::{Outcome, run};

pub(super) fn default(tolerate: Tolerate) -> ChatCondition {
    ChatCondition {
        tolerate,
        ..ChatCondition::default()
    }
}

/// Trials from the first on, all of which must hold.
pub(super) fn campaign(condition: &ChatCondition, text: &str, trials: u64) -> Campaign {
    let faults = faults(text);
    limits(condition).admit(&faults).expect("it can be done");
    let mut campaign = Campaign::default();
    for number in 0..trials {
        let outcome = trial(condition, &faults, number, AllRules::default());
        let place = format!("{} trial {number} of {text}", condition.tolerate);
        assert_eq!(outcome.violations, [], "{place}");
        assert_eq!(outcome.undecided, [""; 0], "{place}");
        campaign.add(&outcome);
    }
    assert_eq!(campaign.first_failing(), None);
    campaign
}

#[test]
fn without_faults_everything_arrives_once() {
    let short = ChatCondition {
        duration_ns: 8 * SECOND_NS,
        clients: 5,
        ..default(Tolerate::Crashes)
    };
    let campaign = campaign(&short, schedules::CALM, 20);
    let acknowledged = campaign.sum(|trial| trial.acknowledged);
    assert!(acknowledged > 1_500, "{acknowledged}");
    // Two devices show the same; nothing is open.
    let delivered = campaign.sum(|trial| trial.delivered);
    assert!(delivered > acknowledged, "{delivered} of {acknowledged}");
    let wrong =
        campaign.sum(|trial| trial.lost + trial.duplicated + trial.reordered + trial.unknown);
    assert_eq!((wrong, campaign.sum(|trial| trial.views)), (0, 20));
}

/// A sender who is refused for haste tries again with one message, and not with its whole window.
#[test]
fn a_sender_at_the_limit_of_its_account_costs_no_window_for_each_message() {
    let events_of_a_message = |rate_per_s| {
        let condition = ChatCondition {
            rate_per_s,
            duration_ns: 30 * SECOND_NS,
            ..default(Tolerate::Crashes)
        };
        let campaign = campaign(&condition, schedules::CALM, 1);
        let hasty = campaign.happened.count(Happening::RateLimit);
        let events = campaign.sum(|trial| trial.events) as f64;
        (
            events / campaign.sum(|trial| trial.acknowledged) as f64,
            hasty,
        )
    };
    let (below, _) = events_of_a_message(5.0);
    let (at_limit, hasty) = events_of_a_message(rate_max_per_s());
    assert!(hasty > 50, "{hasty}");
    assert!(at_limit < 1.5 * below, "{at_limit} and {below}");
}

#[test]
fn in_a_storm_nothing_is_lost_and_all_serve_again() {
    for tolerate in [Tolerate::Crashes, Tolerate::Partitions] {
        let slow = ChatCondition {
            rate_per_s: 1.5,
            ..quick(tolerate)
        };
        let campaign = campaign(&slow, schedules::STORM, 10);
        let (acknowledged, views) = (
            campaign.sum(|trial| trial.acknowledged),
            campaign.sum(|trial| trial.views),
        );
        assert!(
            acknowledged > 1_500 && views > 60,
            "{acknowledged}, {views} views"
        );
        assert_eq!(campaign.sum(|trial| trial.lost + trial.discarded), 0);
        let happened = &campaign.happened;
        for what in [Happening::Stall, Happening::Rejoin, Happening::Repeat] {
            assert!(happened.count(what) > 0, "{}", what.words());
        }
        let lone = happened.count(Happening::LoneView);
        assert_eq!(lone > 0, tolerate == Tolerate::Crashes, "{lone}");
        let failovers = campaign.failovers_ns();
        assert!(failovers.iter().any(|&gap_ns| gap_ns > SECOND_NS / 2));
    }
}

#[test]
fn a_trial_is_the_same_again_with_its_plain_schedule_and_with_more_detail() {
    let condition = quick(Tolerate::Crashes);
    let stop = AtomicBool::new(false);
    let of = |faults: &Faults, detail| -> Outcome {
        run(&condition, SEED, 3, faults, detail, &stop).expect("a timing that holds")
    };
    let first = of(&faults(schedules::POINTS), Detail::Everything);
    let again = of(&first.plain, Detail::Everything);
    let short = of(&first.plain, Detail::Summary);
    assert!(first.plain.is_plain());
    let took = |step| {
        first
            .fault_log
            .iter()
            .filter(|entry| entry.step == step)
            .count()
    };
    assert!(took(FaultStep::Effect) > 3 && took(FaultStep::Undone) > 3);
    assert_eq!(first.plain, again.plain);
    assert_eq!(first.fault_log, again.fault_log);
    assert_eq!(
        (&first.summary, &first.summary),
        (&again.summary, &short.summary)
    );
    assert_eq!(first.happened, short.happened);
    let logs = first.logs.expect("they were asked for");
    assert_eq!(Some(&logs), again.logs.as_ref());
    assert_eq!(short.logs, None);
    assert!(logs.clients.iter().all(|rows| rows.len() > 100));
    assert!(logs.servers.iter().all(|rows| rows.len() > 20));
    assert!(!logs.journal.is_empty());
}

#[test]
fn a_deletion_counts_where_its_server_ends_at_once() {
    // A deletion is committed because a view begins to serve, and the server ends right behind that: what it had put in its log
    // beyond is gone, and the deletion is not.
    let ends = r#"
        settle = "15s"
        [[fault]]
        do = "kill"
        target = "server 0"
        for = "1ms"
        on = { after = "record:serve", by = "server 0", nth = 1 }
        [[fault]]
        do = "kill"
        target = "server 1"
        for = "4900ms"
        on = { before = "record:decide", by = "server 1", nth = 2, from = "10s" }
        [[fault]]
        do = "kill"
        target = "server 2"
        for = "2s"
        on = { after = "send:installed", by = "server 2", nth = 1, from = "20s" }
        [[fault]]
        do = "kill"
        target = "server 2"
        for = "70ms"
        on = { after = "persist", by = "server 2", nth = 11, from = "10s" }
        [[fault]]
        do = "kill"
        target = "server 2"
        for = "1ms"
        on = { before = "send:prepare-ok", by = "server 2", nth = 2, from = "21180ms" }
    "#;
    let condition = ChatCondition {
        clients: 7,
        ..default(Tolerate::Crashes)
    };
    let outcome = trial(&condition, &faults(ends), 386, AllRules::default());
    assert_eq!(outcome.violations, []);
    assert_eq!(outcome.summary.faults, 5, "all of them strike");
    assert!(outcome.happened.count(Happening::DeletedWithMail) > 0);
}

#[test]
fn what_waits_behind_the_disk_of_a_server_that_stands_still_is_committed() {
    // Server 0 has committed, and stands still before its disk has it; server 1 ends meanwhile, while it serves alone.
    let still = r#"
        settle = "7500ms"
        [[fault]]
        at = "4s"
        do = "pause"
        target = "server 2"
        for = "2s"
        [[fault]]
        at = "17800ms"
        do = "pause"
        target = "server 0"
        for = "3200ms"
        [[fault]]
        do = "kill"
        target = "server 1"
        for = "1ms"
        on = { after = "record:decide", by = "server 1", nth = 2 }
        [[fault]]
        do = "kill"
        target = "server 2"
        for = "5s"
        on = { after = "persist", by = "server 2", nth = 1, from = "13100ms" }
    "#;
    let exactly = |ns| Latency {
        min_ns: ns,
        max_ns: ns,
    };
    let condition = ChatCondition {
        clients: 6,
        duration_ns: 30 * SECOND_NS,
        latency: exactly(SECOND_NS / 1_000),
        flush: exactly(98 * SECOND_NS / 1_000),
        ..default(Tolerate::Crashes)
    };
    let outcome = trial(&condition, &faults(still), 21, AllRules::default());
    assert_eq!(outcome.violations, []);
    assert_eq!(outcome.summary.faults, 4, "all of them strike");
}

#[test]
fn faults_may_last_where_the_schedule_has_no_calm() {
    let lasting = r#"
        [[fault]]
        at = "10s"
        do = "kill"
        target = "all"
    "#;
    let condition = quick(Tolerate::Partitions);
    let outcome = trial(&condition, &faults(lasting), 0, AllRules::default());
    assert_eq!(outcome.violations, [], "liveness is not judged");
    let ends = condition.duration_ns;
    assert_eq!(outcome.summary.length_ns, ends, "and nothing is waited for");
}

#[test]
fn nobody_can_tell_of_a_trial_in_which_nothing_happens() {
    let condition = ChatCondition {
        rate_per_s: 0.0,
        duration_ns: 5 * SECOND_NS,
        ..default(Tolerate::Crashes)
    };
    let outcome = trial(&condition, &Faults::default(), 0, AllRules::default());
    assert_eq!(outcome.undecided, ["no message was acknowledged"]);
    assert_eq!(outcome.summary.verdict, Verdict::Undecided);
    let stop = AtomicBool::new(true);
    let stopped = run(
        &default(Tolerate::Crashes),
        SEED,
        0,
        &Faults::default(),
        Detail::Summary,
        &stop,
    );
    let stopped = stopped.expect("a timing that holds");
    assert_eq!(stopped.undecided[0], "it was stopped before its end");
}

#[test]
fn a_cluster_without_enough_servers_is_not_accused() {
    // Of the disks of three servers two are lost: a majority is not left, and only an operator could go on.
    let lost = r#"
        settle = "15s"
        [[fault]]
        at = "5s"
        do = "wipe"
        target = "server 0"
        for = "1s"
        [[fault]]
        at = "5.5s"
        do = "wipe"
        target = "server 1"
        for = "1s"
    "#;
    let outcome = trial(
        &default(Tolerate::Partitions),
        &faults(lost),
        0,
        AllRules::default(),
    );
    assert_eq!(outcome.violations, []);
    assert!(outcome.happened.count(Happening::Halt) > 0);
    assert_eq!(
        outcome.summary.verdict,
        Verdict::Undecided,
        "nor is it passed"
    );
    let doubt = &outcome.undecided[0];
    assert!(doubt.contains("wait for a disk that was lost"), "{doubt}");
    assert!(outcome.summary.gap_ns > 30 * SECOND_NS);
}

#[test]
fn a_trial_with_a_long_suspicion_goes_on_until_its_end_can_be_judged() {
    let (heartbeat_ns, suspect_ns) = (2 * SECOND_NS, 6 * SECOND_NS);
    let condition = ChatCondition {
        heartbeat_ns,
        suspect_ns,
        ..quick(Tolerate::Partitions)
    };
    let kill = "settle = '5s'\n[[fault]]\nat = '4s'\ndo = 'kill'\ntarget = 'primary'\nfor = '1s'";
    let outcome = trial(&condition, &faults(kill), 0, AllRules::default());
    assert_eq!(outcome.violations, []);
    // Thirty seconds after the calm a view has had its time, and has been steady.
    let calm_ns = condition.duration_ns - 5 * SECOND_NS;
    assert!(outcome.summary.length_ns >= calm_ns + 30 * SECOND_NS);
}
