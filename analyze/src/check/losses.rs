//! Messages that a channel passed over: a later one was received, they never were.
//!
//! A message that was sent last on its channel and not received is not lost: it waits in a queue or is on its way. Nor is
//! a time message that a machine passed over: it keeps only the newest.
//!
//! **Invariant.** Runs after the receives have been matched to their sends.

use super::channels::Channels;
use super::facts::{Facts, hole};
use super::findings::{Findings, Telling};
use super::law::Law;

/// A message that was skipped: sender, recipient, position among the channel's sends, row that shows the skip.
type Skipped = (usize, usize, usize, usize);

/// Puts the law to every channel.
pub(super) fn check(facts: &Facts, channels: &Channels, findings: &mut Findings) {
    let mut skipped = Vec::new();
    let machines = facts.log.machines.len();
    for recipient in 0..machines {
        for sender in (0..machines).filter(|&sender| sender != recipient) {
            passed_over(facts, channels, sender, recipient, &mut skipped, findings);
        }
    }
    tell(facts, channels, &skipped, findings);
}

/// Collects the skipped messages of one channel.
fn passed_over(
    facts: &Facts,
    channels: &Channels,
    sender: usize,
    recipient: usize,
    skipped: &mut Vec<Skipped>,
    findings: &mut Findings,
) {
    let sends = channels.sends(sender, recipient);
    let received = |at: &usize| channels.received_at(sender, recipient, *at);
    let Some(last) = (0..sends.len()).rfind(|at| received(at).is_some()) else {
        return;
    };
    let superseded = facts.timekeeper == Some(sender);
    let mut shows = received(&last).unwrap_or(0);
    for at in (0..=last).rev() {
        match received(&at) {
            Some(row) => {
                shows = row;
                findings.examine(Law::NothingLost, 1);
            }
            None if superseded => {}
            None if hole_before(facts, recipient, shows) => {
                findings.undecided(Law::NothingLost, 1);
            }
            None => skipped.push((sender, recipient, at, shows)),
        }
    }
}

/// Whether an unreadable line at or before a row may have been a receive.
fn hole_before(facts: &Facts, machine: usize, row: usize) -> bool {
    facts.machines[machine].has_holes
        && (0..=row).any(|before| hole(facts.rows(machine), before) > 0)
}

/// Skipped messages are violations, except as many as the journal says did not arrive or may not have, and unless some may
/// be gone without a count.
fn tell(facts: &Facts, channels: &Channels, skipped: &[Skipped], findings: &mut Findings) {
    let count = skipped.len() as u64;
    if facts.lossy || count <= facts.accounted {
        findings.undecided(Law::NothingLost, count);
        return;
    }
    findings.examine(Law::NothingLost, count);
    for &(sender, recipient, at, shows) in skipped {
        let send = channels.sends(sender, recipient)[at] as usize;
        let evidence = [(sender, Some(send)), (recipient, Some(shows))];
        findings.violate(Law::NothingLost, recipient, &evidence, || {
            let (rows, sent) = (facts.rows(recipient), facts.rows(sender));
            let from = facts.log.machines[sender].entry.id;
            let cause = match facts.accounted {
                0 => "lost message, or the row of its receive was lost or edited".to_owned(),
                accounted => format!(
                    "lost messages: {count} are missing in this trial, the journal accounts for {accounted}"
                ),
            };
            Telling::new(
                format!("a receive of the message that machine {from} sent at tick {}", sent.tick[send]),
                format!("none, though the later one of tick {} was received", rows.sent_tick[shows]),
                cause,
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use event_log::{OnDisconnect, Status};

    use crate::check::check_log;
    use crate::check::fixtures::trial;
    use crate::check::law::Law;
    use crate::trial_log::TrialLog;

    /// Machine 0 sends three messages, machine 1 receives the last alone; with connections that come back.
    fn two_missing(undelivered: u64, unconfirmed: u64) -> TrialLog {
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
        let mut log = trial(&[&sender, &recipient]);
        log.manifest.condition.on_disconnect = Some(OnDisconnect::Reconnect);
        log.manifest.status = Status::Degraded;
        (log.undelivered, log.unconfirmed) = (undelivered, unconfirmed);
        log
    }

    fn count(log: &TrialLog) -> (u64, u64) {
        let count = check_log(log).of(Law::NothingLost);
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
}
