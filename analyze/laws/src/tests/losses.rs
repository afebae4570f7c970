//! Messages that were skipped, and what accounts for them.

use event_log::{OnDisconnect, Status};

use crate::fixtures::{Log, log};
use crate::law::Law;

/// Machine 0 sends three messages, machine 1 receives the last alone; with connections that come back.
fn two_missing(undelivered: u64, unconfirmed: u64) -> Log {
    let sender = [
        "0,0,send,1,0,1,,",
        "1,1000,send,2,0,1,,",
        "2,2000,send,3,0,1,,",
        "3,3000,internal,4,0,,,",
    ];
    let recipient = [
        "0,100,internal,1,0,,,",
        "1,1100,internal,2,0,,,",
        "2,2100,receive,4,0,0,2,3",
        "3,3100,internal,5,0,,,",
    ];
    let mut log = log(&[&sender, &recipient]);
    log.manifest.condition.on_disconnect = Some(OnDisconnect::Reconnect);
    log.manifest.status = Status::Degraded;
    (log.undelivered, log.unconfirmed) = (undelivered, unconfirmed);
    log
}

fn count(log: &Log) -> (u64, u64) {
    let count = log.check().of(Law::NothingLost);
    (count.violated, count.undecided)
}

#[test]
fn a_program_is_not_accused_of_what_the_journal_accounts_for() {
    for (undelivered, unconfirmed) in [(2, 0), (0, 2), (1, 1), (5, 0)] {
        assert_eq!(count(&two_missing(undelivered, unconfirmed)), (0, 2));
    }
    assert_eq!(count(&two_missing(1, 0)), (2, 0), "one more is missing");
}

#[test]
fn what_nobody_could_count_is_undecided() {
    assert_eq!(
        count(&two_missing(0, 0)),
        (0, 2),
        "its last words did not come"
    );
    let mut died = two_missing(1, 0);
    // A trial of five seconds, of which each machine has performed four ticks.
    died.manifest.condition.duration_ns = 5_000_000_000;
    assert_eq!(count(&died), (0, 2), "what a machine counts dies with it");
}

#[test]
fn a_complete_trial_with_losses_was_written_when_nobody_counted_what_was_in_flight() {
    let mut log = two_missing(1, 0);
    log.manifest.status = Status::Complete;
    assert_eq!(count(&log), (0, 2));
    log.undelivered = 0;
    assert_eq!(count(&log), (2, 0));
    log.undelivered = 1;
    log.manifest.condition.on_disconnect = Some(OnDisconnect::Abort);
    assert_eq!(count(&log), (2, 0));
}
