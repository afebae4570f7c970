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

/// Skipped messages are violations, except as many as the journal says were undeliverable, and unless the trial went on
/// while connections were lost: what was in flight then is gone without a count.
fn tell(facts: &Facts, channels: &Channels, skipped: &[Skipped], findings: &mut Findings) {
    let count = skipped.len() as u64;
    if facts.lossy || count <= facts.log.undelivered {
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
            let cause = match facts.log.undelivered {
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
