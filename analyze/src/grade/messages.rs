//! What is sent arrives, and what arrives was sent.
//!
//! Messages are counted rather than matched: a receive need not say whose message it took. What is still queued at the end,
//! and what was sent so late that it may be under way, is no loss.

use super::facts::{Facts, Trial, percent};
use super::judgement::Outcome;
use super::lines::line;
use super::rubric::DeliveryLimits;
use crate::check::Law;
use events::{Kind, Match, QueueCount, Reach, Rows, TimeOrigin};

/// Lines of a finding that are shown.
const SHOWN: usize = 3;

/// Messages of one trial.
#[derive(Default)]
struct Account {
    sent: u64,
    received: u64,
    /// Still queued, or possibly under way, when the recipient stopped.
    left: u64,
    /// Whether that is known.
    left_is_known: bool,
    /// Receives whose message nobody has sent, where that is certain.
    invented: u64,
}

impl Account {
    fn lost(&self) -> u64 {
        self.sent.saturating_sub(self.received + self.left)
    }

    fn extra(&self) -> u64 {
        self.received.saturating_sub(self.sent).max(self.invented)
    }
}

/// Does what is sent arrive?
pub(super) fn judge(facts: &Facts<'_>, limits: &DeliveryLimits) -> Outcome {
    let accounts: Vec<Account> = facts
        .trials
        .iter()
        .map(|trial| account(trial, limits))
        .collect();
    let sum = |part: fn(&Account) -> u64| accounts.iter().map(part).sum::<u64>();
    let (sent, received, left) = (
        sum(|one| one.sent),
        sum(|one| one.received),
        sum(|one| one.left),
    );
    let (lost, extra) = (sum(Account::lost), sum(Account::extra));
    if sent == 0 && received == 0 {
        return Outcome::cannot_tell("No machine sends or receives anything.");
    }
    let expected = format!("at most {}", percent(limits.tolerance));
    let of_sent = |count: u64| count as f64 / sent.max(1) as f64;
    let numbered = |outcome: Outcome| {
        outcome
            .number(
                "messages sent, each recipient counted",
                sent.to_string(),
                "",
            )
            .number("received", received.to_string(), "")
            .number("still queued or under way at the end", left.to_string(), "")
            .number(
                "lost",
                format!("{lost}, {}", percent(of_sent(lost))),
                expected.clone(),
            )
            .number("received without having been sent", extra.to_string(), "0")
    };
    let amiss = of_sent(extra).max(of_sent(lost)) > limits.tolerance;
    if amiss && !facts.broadcasts_are_told() {
        return numbered(Outcome::cannot_tell(
            "No line is a send to all, and the logs do not say how one would be written: how many messages there were is not known.",
        ));
    }
    if of_sent(extra) > limits.tolerance && facts.trials.iter().all(|trial| !takes_unsent(trial)) {
        return numbered(Outcome::cannot_tell(format!(
            "{extra} of {received} receives have no send in the logs, and the logs do not prove that none was sent{}.",
            why_not(facts)
        )));
    }
    if of_sent(extra) > limits.tolerance {
        let summary = format!("{extra} of {received} receives have no send.");
        let share = if of_sent(extra) <= 0.1 { 0.5 } else { 0.0 };
        return numbered(Outcome::finding(share, "receives without sends", summary))
            .advise("Are all sends logged, and is a send to all logged once? Is a message put into a queue twice?")
            .proven_by(unsent(facts));
    }
    if accounts.iter().any(|one| !one.left_is_known) && of_sent(lost) > limits.tolerance {
        return Outcome::cannot_tell(format!(
            "{received} of {sent} messages are received; without the queue at the end nobody can tell what became of the rest."
        ));
    }
    if of_sent(lost) <= limits.tolerance {
        return numbered(Outcome::met(
            "What is sent is received, or still queued at the end.",
        ));
    }
    let share = if of_sent(lost) <= 0.1 { 0.5 } else { 0.0 };
    let summary = format!("{lost} of {sent} messages are neither received nor queued at the end.");
    numbered(Outcome::finding(share, format!("{} lost", percent(of_sent(lost))), summary)).advise(
        "Is a message read as one piece, although a stream may join two? Do machines start to send before all are connected?",
    )
}

fn account(trial: &Trial<'_>, limits: &DeliveryLimits) -> Account {
    let machines = &trial.table.machines;
    let others = machines.len().saturating_sub(1) as u64;
    let mut account = Account {
        left_is_known: true,
        ..Account::default()
    };
    let delivery_ns = (limits.delivery_s / trial.table.speed() * 1e9) as i64;
    // From when on a message to this machine may be under way at its end.
    let ends: Vec<Option<i64>> = machines
        .iter()
        .map(|machine| {
            let last = machine.rows.len().checked_sub(1)?;
            Some(machine.rows.time_ns.get(last)?.saturating_sub(delivery_ns))
        })
        .collect();
    let one_time = matches!(
        trial.table.info.dialect.time,
        Some(TimeOrigin::Epoch | TimeOrigin::Trial)
    );
    for (at, machine) in machines.iter().enumerate() {
        let rows = &machine.rows;
        for (row, kind) in rows.kinds().enumerate() {
            match kind {
                Kind::Internal => {}
                Kind::Receive => account.received += 1,
                Kind::Send | Kind::Broadcast => {
                    account.sent += if kind == Kind::Send { 1 } else { others };
                    if one_time {
                        account.left += under_way(rows, row, at, &ends, trial.names_recipients());
                    }
                }
            }
        }
        match queued(trial, at) {
            Some(queued) => account.left += queued,
            None => account.left_is_known = false,
        }
    }
    account.left_is_known &= one_time;
    account.invented = invented(trial);
    account
}

/// How many of the recipients may have stopped before the message arrived.
fn under_way(rows: &Rows, row: usize, own: usize, ends: &[Option<i64>], named: bool) -> u64 {
    let Some(time) = rows.time_ns.get(row) else {
        return 0;
    };
    // A machine without a log has no end that is known.
    let late =
        |&to: &usize| to != own && ends.get(to).copied().flatten().is_none_or(|end| time > end);
    match rows.reach(row) {
        Reach::One(to) if named => u64::from(late(&to)),
        Reach::Several(to) if named => {
            let late = to.iter().filter(|&&to| late(&(to as usize)));
            late.count() as u64
        }
        _ if rows.kind(row) == Kind::Send => u64::from((0..ends.len()).any(|to| late(&to))),
        _ => (0..ends.len()).filter(late).count() as u64,
    }
}

/// Messages that a machine's last row leaves in its queue; none where the log does not tell.
fn queued(trial: &Trial<'_>, at: usize) -> Option<u64> {
    let rows = &trial.table.machines[at].rows;
    let Some(last) = rows.len().checked_sub(1) else {
        return Some(0);
    };
    match (rows.kind(last), rows.queue.get(last)) {
        // A machine that rolls has nothing queued; whether that is so is judged elsewhere.
        (Kind::Internal | Kind::Send | Kind::Broadcast, queue) => Some(queue.unwrap_or_default()),
        (Kind::Receive, Some(queue)) => match trial.table.info.dialect.queue {
            Some(QueueCount::BeforePop) => Some(queue.saturating_sub(1)),
            _ => Some(queue),
        },
        (Kind::Receive, None) => None,
    }
}

/// Whether the logs of a trial prove that a message was taken that nobody sent.
fn takes_unsent(trial: &Trial<'_>) -> bool {
    trial.verdict().of(Law::ReceiveHasSend).violated > 0
}

/// Why the logs do not prove it, if they say.
fn why_not(facts: &Facts<'_>) -> String {
    let findings = facts
        .trials
        .iter()
        .filter_map(|trial| trial.verdict().finding(Law::ReceiveHasSend));
    let mut reasons = findings.filter_map(|finding| finding.not_decidable.as_deref());
    reasons
        .next()
        .map_or(String::new(), |why| format!(": {why}"))
}

/// Receives whose message nobody has sent. Not counted where recipients are not named, nor where the clocks that messages
/// carry is not known: then most would be.
fn invented(trial: &Trial<'_>) -> u64 {
    if !trial.names_recipients() {
        return 0;
    }
    let machines = || trial.table.machines.iter().map(|machine| &machine.rows);
    let of = |rows: &Rows, is: fn(Match) -> bool| {
        let rows = (0..rows.len()).map(|row| rows.matched(row));
        rows.filter(|&found| is(found)).count()
    };
    let missing: usize = machines()
        .map(|rows| of(rows, |found| found == Match::Missing))
        .sum();
    let sent: usize = machines()
        .map(|rows| of(rows, |found| matches!(found, Match::Sent { .. })))
        .sum();
    if missing > sent { 0 } else { missing as u64 }
}

fn unsent(facts: &Facts<'_>) -> Vec<super::judgement::Line> {
    let trials = facts.trials.iter().filter(|trial| invented(trial) > 0);
    let receives = trials.flat_map(|trial| {
        trial.table.machines.iter().flat_map(|machine| {
            let rows = 0..machine.rows.len();
            let missing = rows.filter(|&row| machine.rows.matched(row) == Match::Missing);
            missing.filter_map(move |row| line(machine, row, "no send fits this receive"))
        })
    });
    receives.take(SHOWN).collect()
}
