//! `summary.csv`: what became of each trial of a run, one row each.
//!
//! **Invariant.** A row is a function of seed, trial, condition and faults: no time of the host is in it.

use serde::{Deserialize, Serialize};

use super::property::Property;
use super::words::{cell, optional_word, word, words};
use crate::record::{Fields, RowError};

words! {
    /// What became of a trial.
    Verdict: "a verdict, such as passed or violated", {
        /// Every property that was judged held.
        Passed = "passed",
        /// A partition made two services, as it does under this policy, and one gave way: what that one had acknowledged alone is
        /// gone, and the servers name just that.
        LostAsSaid = "lost_as_said",
        /// A property did not hold.
        Violated = "violated",
        /// Nothing follows: what was to be tried did not happen.
        Undecided = "undecided",
    }
}

/// A row of `summary.csv`: a trial in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialSummary {
    /// Number of the trial.
    pub trial: u64,
    /// What became of it.
    pub verdict: Verdict,
    /// Messages that clients were asked to send.
    pub sent: u64,
    /// Those that the service acknowledged.
    pub acknowledged: u64,
    /// Those that were refused for good, or never left.
    pub failed: u64,
    /// Those that nobody knows the end of.
    pub unknown: u64,
    /// Messages that became visible to recipients: each once a device.
    pub delivered: u64,
    /// Acknowledged messages that are gone and that no server named as lost.
    pub lost: u64,
    /// Acknowledged messages that are gone and that a server named as lost.
    pub discarded: u64,
    /// Messages that became visible to a device a second time.
    pub duplicated: u64,
    /// Messages that became visible to a device before one that comes before them.
    pub reordered: u64,
    /// Views that served.
    pub views: u64,
    /// The longest time that a client waited while no operation of it was done, nanoseconds.
    pub gap_ns: u64,
    /// The longest time from a fault that struck the primary to the next answer that a client got, nanoseconds; none if no
    /// fault did.
    pub failover_ns: Option<u64>,
    /// Virtual time from the start to the end, nanoseconds.
    pub length_ns: u64,
    /// Events of the world: messages that arrived, wakings, flushes.
    pub events: u64,
    /// Faults that took effect.
    pub faults: u64,
    /// Faults that were meant and took none.
    pub faults_without_effect: u64,
    /// What was found against properties.
    pub violations: u64,
    /// The property of the first.
    pub property: Option<Property>,
}

impl TrialSummary {
    /// The header line, without its line end.
    pub const HEADER: &'static str = "trial,verdict,sent,acknowledged,failed,unknown,delivered,lost,discarded,duplicated,reordered,views,gap_ns,failover_ns,length_ns,events,faults,faults_without_effect,violations,property";

    /// A trial in which nothing happened.
    pub fn new(trial: u64, verdict: Verdict) -> TrialSummary {
        TrialSummary {
            trial,
            verdict,
            sent: 0,
            acknowledged: 0,
            failed: 0,
            unknown: 0,
            delivered: 0,
            lost: 0,
            discarded: 0,
            duplicated: 0,
            reordered: 0,
            views: 0,
            gap_ns: 0,
            failover_ns: None,
            length_ns: 0,
            events: 0,
            faults: 0,
            faults_without_effect: 0,
            violations: 0,
            property: None,
        }
    }

    /// Appends the row and its line end.
    pub fn encode_line(&self, line: &mut Vec<u8>) {
        line.extend_from_slice(self.trial.to_string().as_bytes());
        cell(line, Some(self.verdict));
        for number in [
            self.sent,
            self.acknowledged,
            self.failed,
            self.unknown,
            self.delivered,
            self.lost,
            self.discarded,
            self.duplicated,
            self.reordered,
            self.views,
            self.gap_ns,
        ] {
            cell(line, Some(number));
        }
        cell(line, self.failover_ns);
        for number in [
            self.length_ns,
            self.events,
            self.faults,
            self.faults_without_effect,
            self.violations,
        ] {
            cell(line, Some(number));
        }
        cell(line, self.property);
        line.push(b'\n');
    }

    /// Reads a row from a line, with or without its line end.
    ///
    /// # Errors
    ///
    /// [`RowError`] when a field is missing, superfluous or not of its kind.
    pub fn decode_line(line: &str) -> Result<TrialSummary, RowError> {
        let mut fields = Fields::new(line.trim_end_matches(['\n', '\r']));
        let summary = TrialSummary {
            trial: fields.number("trial")?,
            verdict: word(&mut fields, "verdict")?,
            sent: fields.number("sent")?,
            acknowledged: fields.number("acknowledged")?,
            failed: fields.number("failed")?,
            unknown: fields.number("unknown")?,
            delivered: fields.number("delivered")?,
            lost: fields.number("lost")?,
            discarded: fields.number("discarded")?,
            duplicated: fields.number("duplicated")?,
            reordered: fields.number("reordered")?,
            views: fields.number("views")?,
            gap_ns: fields.number("gap_ns")?,
            failover_ns: fields.optional("failover_ns")?,
            length_ns: fields.number("length_ns")?,
            events: fields.number("events")?,
            faults: fields.number("faults")?,
            faults_without_effect: fields.number("faults_without_effect")?,
            violations: fields.number("violations")?,
            property: optional_word(&mut fields, "property")?,
        };
        fields.end_after_empty(&[])?;
        Ok(summary)
    }
}

#[cfg(test)]
mod tests {
    use proptest::option::of;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    proptest! {
        #[test]
        fn a_row_written_equals_the_row_read(
            trial: u64, verdict in select(Verdict::ALL), property in of(select(Property::ALL)), failover_ns: Option<u64>,
            [sent, acknowledged, failed, unknown, delivered, lost, discarded, duplicated]: [u64; 8],
            [reordered, views, gap_ns, length_ns, events, faults, faults_without_effect, violations]: [u64; 8],
        ) {
            let summary = TrialSummary {
                trial, verdict, sent, acknowledged, failed, unknown, delivered, lost, discarded, duplicated, reordered, views,
                gap_ns, failover_ns, length_ns, events, faults, faults_without_effect, violations, property,
            };
            let mut line = Vec::new();
            summary.encode_line(&mut line);
            let text = String::from_utf8(line).expect("rows are ASCII");
            prop_assert_eq!(text.matches(',').count(), TrialSummary::HEADER.matches(',').count());
            prop_assert_eq!(TrialSummary::decode_line(&text), Ok(summary.clone()));
            let json = serde_json::to_string(&summary).expect("plain data");
            prop_assert_eq!(serde_json::from_str::<TrialSummary>(&json).expect("a summary"), summary);
        }
    }

    #[test]
    fn columns_stand_in_the_order_of_their_header() {
        let json = serde_json::to_value(TrialSummary::new(0, Verdict::Passed)).expect("plain data");
        let keys = json.as_object().expect("an object");
        for column in TrialSummary::HEADER.split(',') {
            assert!(keys.contains_key(column), "{column}");
        }
        let distinct = TrialSummary {
            sent: 1,
            acknowledged: 2,
            gap_ns: 3,
            length_ns: 4,
            violations: 5,
            property: Some(Property::L2),
            ..TrialSummary::new(9, Verdict::Violated)
        };
        let mut line = Vec::new();
        distinct.encode_line(&mut line);
        assert_eq!(
            String::from_utf8_lossy(&line),
            "9,violated,1,2,0,0,0,0,0,0,0,0,3,,4,0,0,0,5,L2\n"
        );
    }
}
