//! What a trial has lost: machines, connections and messages.
//!
//! **Invariant.** Nothing here decides when a trial ends; it says in words which parties and messages it has lost.

use std::collections::BTreeMap;

use event_log::{JournalEntry, JournalKind, Party};
use tokio::time::Instant;

use super::super::topology::Topology;
use crate::numerals::counted;

/// Things of one kind, one by one up to a bound.
const LISTED_MAX: usize = 8;

/// A list in words: the first of many, and how many there are.
pub(super) fn list(words: &[String]) -> String {
    let listed = words.len().min(LISTED_MAX);
    match words {
        [several @ .., last] if words.len() <= LISTED_MAX && !several.is_empty() => {
            format!("{} and {last}", several.join(", "))
        }
        [one] => one.clone(),
        _ => format!("{}, … ({} in all)", words[..listed].join(", "), words.len()),
    }
}

/// A party that has lost a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loss {
    /// The lost party.
    pub(super) party: Party,
    /// The party that ended their connection, and why; none if it just ended.
    pub(super) fault: Option<(Party, String)>,
}

/// Connections that have ended, by the party that reported it, and until when to wait for the reason.
#[derive(Debug, Default)]
pub(super) struct Losses(BTreeMap<Party, (Loss, Instant)>);

impl Losses {
    /// `reporter` says that it has lost a peer; its first report counts, unless a later one says more or waits less.
    pub(super) fn report(
        &mut self,
        reporter: Party,
        peer: Party,
        fault: Option<String>,
        until: Instant,
    ) {
        let loss = Loss {
            party: peer,
            fault: fault.map(|fault| (reporter, fault)),
        };
        let (known, known_until) = self
            .0
            .entry(reporter)
            .or_insert_with(|| (loss.clone(), until));
        if known.fault.is_none() && loss.fault.is_some() || until < *known_until {
            *known = loss;
        }
        *known_until = until.min(*known_until);
    }

    /// It has found the lost peer again.
    pub(super) fn forget(&mut self, reporter: Party) {
        self.0.remove(&reporter);
    }

    /// Until when to wait for the reason of the first loss.
    pub(super) fn until(&self) -> Option<Instant> {
        self.0.values().map(|(_, until)| *until).min()
    }

    /// The loss that says most: first one with a fault, then the one that most parties report.
    pub(super) fn gravest(&self) -> Option<&Loss> {
        let told_by = |party| {
            self.0
                .values()
                .filter(|(loss, _)| loss.party == party)
                .count()
        };
        let losses = self.0.values().map(|(loss, _)| loss);
        losses.max_by_key(|loss| (loss.fault.is_some(), told_by(loss.party)))
    }
}

/// Messages that a trial has lost or may have lost, as its journal says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Missing {
    undelivered: u64,
    /// Pairs in which one party did not hear the other's last words; the smaller first.
    unheard: BTreeMap<(Party, Party), u64>,
}

impl Missing {
    /// Takes note of an entry of the journal.
    pub(super) fn note(&mut self, entry: &JournalEntry) {
        let count = entry.count.unwrap_or(0);
        match (entry.kind, entry.machine.zip(entry.peer)) {
            (JournalKind::Undelivered, _) => self.undelivered += count,
            (JournalKind::Unconfirmed, Some((one, other))) => {
                let pair = (one.min(other), one.max(other));
                *self.unheard.entry(pair).or_default() += count;
            }
            _ => {}
        }
    }

    /// The missing messages, in words; nothing if all have arrived. Processes in `gone` did not report to the
    /// end.
    pub(super) fn words(&self, topology: Topology, gone: &[Party]) -> Option<String> {
        let mut words = Vec::new();
        if self.undelivered > 0 {
            words.push(format!(
                "{} lost with connections that ended, or while there was none",
                counted(self.undelivered, "message")
            ));
        }
        let here = |party: &Party| !gone.contains(party);
        let unheard = self.unheard.iter();
        let unheard = unheard.filter(|((one, other), _)| here(one) && here(other));
        let (mut pairs, mut count) = (Vec::new(), 0);
        for (&(one, other), &of_them) in unheard {
            pairs.push(format!(
                "{} and {}",
                topology.name(one),
                topology.name(other)
            ));
            count += of_them;
        }
        if !pairs.is_empty() {
            let certain = match count {
                0 => "what they sent last may be missing".to_owned(),
                _ => format!("up to {} may be missing", counted(count, "message")),
            };
            let pairs = list(&pairs);
            words.push(format!(
                "{pairs} did not hear each other to the end: {certain}"
            ));
        }
        (!words.is_empty()).then(|| words.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use event_log::MachineId;
    use std::time::Duration;

    use super::super::super::topology::Form;
    use super::*;

    const TOPOLOGY: Topology = Topology {
        form: Form::Mesh,
        machines: 4,
        per_process: 1,
    };

    fn party(id: u32) -> Party {
        Party::Machine(MachineId(id))
    }

    fn entry(kind: JournalKind, me: u32, peer: u32, count: u64) -> JournalEntry {
        let entry = JournalEntry::of_party(1, party(me), kind, "");
        entry.with_peer(party(peer)).with_count(count)
    }

    #[test]
    fn what_is_missing_is_summed_and_the_gone_are_not_accused_again() {
        let mut missing = Missing::default();
        missing.note(&entry(JournalKind::Finished, 0, 1, 60));
        assert_eq!(missing.words(TOPOLOGY, &[]), None);
        missing.note(&entry(JournalKind::Undelivered, 0, 1, 20));
        missing.note(&entry(JournalKind::Undelivered, 1, 0, 9));
        let lost = "29 messages lost with connections that ended, or while there was none";
        assert_eq!(missing.words(TOPOLOGY, &[]).as_deref(), Some(lost));
        missing.note(&entry(JournalKind::Unconfirmed, 2, 3, 1));
        missing.note(&entry(JournalKind::Unconfirmed, 3, 2, 0));
        let both = format!(
            "{lost}; machine 2 and machine 3 did not hear each other to the end: up to 1 message may be missing"
        );
        assert_eq!(missing.words(TOPOLOGY, &[]), Some(both));
        let gone = missing.words(TOPOLOGY, &[party(3)]);
        assert_eq!(gone.as_deref(), Some(lost));
    }

    #[test]
    fn a_partition_in_which_nobody_spoke_is_no_whole_trial_either() {
        let mut missing = Missing::default();
        missing.note(&entry(JournalKind::Unconfirmed, 0, 1, 0));
        let words = missing.words(TOPOLOGY, &[]).expect("not whole");
        assert!(
            words.contains("what they sent last may be missing"),
            "{words}"
        );
    }

    #[test]
    fn the_loss_with_a_reason_counts_most_and_then_the_one_that_most_report() {
        let now = Instant::now();
        let later = now + Duration::from_secs(1);
        let mut losses = Losses::default();
        assert_eq!(losses.gravest(), None);
        losses.report(party(0), party(1), None, now);
        losses.report(party(1), party(0), None, later);
        losses.report(party(2), party(0), None, later);
        assert_eq!(losses.gravest().map(|loss| loss.party), Some(party(0)));
        losses.report(party(0), party(3), Some("it hangs".to_owned()), later);
        let fault = Some((party(0), "it hangs".to_owned()));
        let loss = Loss {
            party: party(3),
            fault,
        };
        assert_eq!(losses.gravest(), Some(&loss));
        assert_eq!(losses.until(), Some(now));
        losses.forget(party(0));
        assert_eq!(losses.until(), Some(later));
        // One that waits less counts in place of one that may be found again.
        losses.report(party(2), party(1), None, now);
        assert_eq!(losses.until(), Some(now));
        let parties: Vec<Party> = losses.0.values().map(|(loss, _)| loss.party).collect();
        assert_eq!(parties, [party(0), party(1)]);
    }

    #[test]
    fn of_many_the_first_are_named() {
        let words = |count: usize| -> Vec<String> { (0..count).map(|n| n.to_string()).collect() };
        assert_eq!(list(&words(1)), "0");
        assert_eq!(list(&words(3)), "0, 1 and 2");
        assert_eq!(list(&words(9)), "0, 1, 2, 3, 4, 5, 6, 7, … (9 in all)");
    }
}
