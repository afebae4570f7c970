//! What a user sees at the end of a run of trials of the chat service: one table, the verdict, and what to type next.
//!
//! **Invariant.** The serialized names are those of `--json`; they stay as they are.

use std::path::Path;

use chat_trial::Campaign;
use chat_trial::campaign::Totals;
use comfy_table::{CellAlignment, Table};
use event_log::chat::{ChatCondition, Verdict};
use serde::Serialize;

use super::run::{ChatConfig, ChatOutcome, Failure, Undecided};
use crate::summary::new_table;

/// Version of the JSON object.
const REPORT_VERSION: u32 = 1;
/// Failures of which the commands are printed.
const FAILURES_SHOWN_MAX: usize = 5;

/// How a run of trials stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Every trial passed, and what must come to pass in a campaign did.
    Passed,
    /// A property did not hold.
    Violated,
    /// Nothing was found, and not enough was tried to say more.
    Undecided,
    /// The user ended it before its last trial; nothing was found.
    Interrupted,
}

/// Trials by their verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
struct Verdicts {
    passed: u64,
    lost_as_said: u64,
    violated: u64,
    undecided: u64,
}

impl Verdicts {
    fn of(campaign: &Campaign) -> Verdicts {
        let mut verdicts = Verdicts::default();
        for trial in campaign.trials.values() {
            *match trial.verdict {
                Verdict::Passed => &mut verdicts.passed,
                Verdict::LostAsSaid => &mut verdicts.lost_as_said,
                Verdict::Violated => &mut verdicts.violated,
                Verdict::Undecided => &mut verdicts.undecided,
            } += 1;
        }
        verdicts
    }
}

/// What became of messages, in all trials together: the columns of `summary.csv`, summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Ledger {
    sent: u64,
    acknowledged: u64,
    failed: u64,
    unknown: u64,
    delivered: u64,
    lost: u64,
    discarded: u64,
    duplicated: u64,
    reordered: u64,
}

impl Ledger {
    fn of(totals: &Totals) -> Ledger {
        Ledger {
            sent: totals.sent,
            acknowledged: totals.acknowledged,
            failed: totals.failed,
            unknown: totals.unknown,
            delivered: totals.delivered,
            lost: totals.lost,
            discarded: totals.discarded,
            duplicated: totals.duplicated,
            reordered: totals.reordered,
        }
    }
}

/// The median and the maximum of lengths of time, one a trial, nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Spread {
    /// Trials that have one.
    trials: u64,
    median_ns: u64,
    max_ns: u64,
}

impl Spread {
    /// Of these, the shortest first; none if there are none. Of an even number the median is the longer of the two.
    fn of(sorted_ns: &[u64]) -> Option<Spread> {
        Some(Spread {
            trials: sorted_ns.len() as u64,
            median_ns: *sorted_ns.get(sorted_ns.len() / 2)?,
            max_ns: *sorted_ns.last()?,
        })
    }
}

/// All that is reported.
#[derive(Debug, Clone, Serialize)]
pub struct Report<'a> {
    format_version: u32,
    verdict: Standing,
    folder: &'a Path,
    seed: u64,
    /// Trials that the run was meant to hold.
    count: u64,
    /// Trials that were run.
    trials: u64,
    condition: &'a ChatCondition,
    verdicts: Verdicts,
    ledger: Ledger,
    /// The first trial with the verdict `lost_as_said`.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_lost_as_said: Option<u64>,
    views: u64,
    gap: Option<Spread>,
    failover: Option<Spread>,
    faults: u64,
    faults_without_effect: u64,
    virtual_time_ns: u64,
    events: u64,
    wall_time_ms: u64,
    happened: Vec<Happening>,
    /// What could have happened, in enough trials that it should have, and never did.
    never: Vec<&'static str>,
    undecided: &'a [Undecided],
    failures: &'a [Failure],
}

/// How often something came to pass.
#[derive(Debug, Clone, Serialize)]
struct Happening {
    name: &'static str,
    count: u64,
}

impl<'a> Report<'a> {
    /// The report of a run.
    pub fn new(config: &'a ChatConfig, outcome: &'a ChatOutcome) -> Report<'a> {
        let campaign = &outcome.campaign;
        let totals = campaign.totals();
        let missing = campaign.happened.missing();
        let mut trials = campaign.trials.values();
        let first = trials.find(|trial| trial.verdict == Verdict::LostAsSaid);
        let happened = campaign.happened.iter();
        Report {
            format_version: REPORT_VERSION,
            verdict: standing(outcome),
            folder: &outcome.folder,
            seed: config.seed,
            count: outcome.count,
            trials: campaign.trials.len() as u64,
            condition: &config.condition,
            verdicts: Verdicts::of(campaign),
            ledger: Ledger::of(&totals),
            first_lost_as_said: first.map(|trial| trial.trial),
            views: totals.views,
            gap: Spread::of(&campaign.gaps_ns()),
            failover: Spread::of(&campaign.failovers_ns()),
            faults: totals.faults,
            faults_without_effect: campaign
                .trials
                .values()
                .map(|trial| trial.faults_without_effect)
                .sum(),
            virtual_time_ns: totals.length_ns,
            events: totals.events,
            wall_time_ms: u64::try_from(outcome.wall_time.as_millis()).unwrap_or(u64::MAX),
            happened: happened
                .map(|(name, count)| Happening { name, count })
                .collect(),
            never: missing.into_iter().map(|what| what.words()).collect(),
            undecided: &outcome.undecided,
            failures: &outcome.failures,
        }
    }

    /// 0 when all is well, 1 when there is a finding, or nothing can be said.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.verdict != Standing::Passed)
    }

    /// The report for programs: one JSON object.
    ///
    /// # Errors
    ///
    /// When a value has no JSON form; all of these have one.
    pub fn json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The report for people.
    pub fn human(&self) -> String {
        let mut text = format!("{}\n", self.table());
        if !self.happened.is_empty() {
            text += &format!("{}\n", self.happened());
        }
        text += &self.conclusion();
        text += &format!(
            "{} virtual s, {} events in {:.1} s; written to {}\n",
            grouped(self.virtual_time_ns / 1_000_000_000),
            grouped(self.events),
            self.wall_time_ms as f64 / 1e3,
            self.folder.display()
        );
        text + &self.next()
    }

    fn table(&self) -> Table {
        let Ledger {
            sent,
            acknowledged,
            failed,
            unknown,
            delivered,
            lost,
            discarded,
            duplicated,
            reordered,
        } = self.ledger;
        let mut table = new_table();
        table.set_header(["", "all trials"]);
        for (what, count) in [
            ("messages sent", sent),
            ("acknowledged", acknowledged),
            ("refused", failed),
            ("unknown", unknown),
            ("delivered, each once a device", delivered),
            ("lost though acknowledged", lost),
            ("lost, and the servers say so", discarded),
            ("duplicated", duplicated),
            ("reordered", reordered),
            ("faults", self.faults),
            ("faults without effect", self.faults_without_effect),
            ("views that served", self.views),
        ] {
            table.add_row([what.to_owned(), grouped(count)]);
        }
        for (what, spread) in [
            ("longest wait of a client, median", self.gap),
            ("failover as clients see it, median", self.failover),
        ] {
            if let Some(Spread {
                median_ns, max_ns, ..
            }) = spread
            {
                table.add_row([what.to_owned(), seconds(median_ns)]);
                table.add_row(["  and maximum of the trials".to_owned(), seconds(max_ns)]);
            }
        }
        align(table)
    }

    fn happened(&self) -> Table {
        let mut table = new_table();
        table.set_header(["it happened that", "times"]);
        for Happening { name, count } in &self.happened {
            table.add_row([(*name).to_owned(), grouped(*count)]);
        }
        align(table)
    }

    fn conclusion(&self) -> String {
        let Verdicts {
            passed,
            lost_as_said,
            violated,
            undecided,
        } = self.verdicts;
        let trials = grouped(self.trials);
        let mut text = match self.verdict {
            Standing::Passed => format!("passed: {trials} trials, every property held\n"),
            Standing::Violated => format!(
                "violated: in {} of {trials} trials a property did not hold\n",
                grouped(violated)
            ),
            Standing::Undecided => format!(
                "undecided: nothing was found in {trials} trials, and too little was tried\n"
            ),
            Standing::Interrupted => format!(
                "interrupted after {trials} of {} trials; nothing was found in them\n",
                grouped(self.count)
            ),
        };
        if let Some(first) = self.first_lost_as_said {
            text += &format!(
                "in {} trials, trial {first} first, a partition made two services, as it does under --tolerate crashes, and one gave way: {} messages that it had acknowledged are gone, and the servers name each\n",
                grouped(lost_as_said),
                grouped(self.ledger.discarded)
            );
        }
        if passed + lost_as_said < self.trials && undecided > 0 {
            text += &format!("nothing follows from {} trials:\n", grouped(undecided));
            for Undecided { trial, reasons } in self.undecided {
                text += &format!("  trial {trial}: {}\n", reasons.join("; "));
            }
        }
        if !self.never.is_empty() {
            text += &format!(
                "these faults should have brought it about in as many trials, and never did: {}\n",
                self.never.join("; ")
            );
        }
        text
    }

    fn next(&self) -> String {
        let mut text = String::new();
        for failure in self.failures.iter().take(FAILURES_SHOWN_MAX) {
            let Failure {
                trial,
                property,
                finding,
                ..
            } = failure;
            text += &format!(
                "\ntrial {trial}: {property}, {}\n  {finding}\n",
                property.statement()
            );
            text += &format!("  again:   {}\n", failure.repeat);
            if let Some(shrink) = &failure.shrink {
                text += &format!("  smaller: {shrink}\n");
            }
        }
        let more = self.failures.len().saturating_sub(FAILURES_SHOWN_MAX);
        if more > 0 {
            text += &format!("\nand {more} trials more: verdict `violated` in summary.csv\n");
        }
        text
    }
}

fn standing(outcome: &ChatOutcome) -> Standing {
    let campaign = &outcome.campaign;
    let is_whole = campaign.trials.len() as u64 == outcome.count;
    match campaign.verdict() {
        Verdict::Violated => Standing::Violated,
        _ if outcome.was_interrupted && !is_whole => Standing::Interrupted,
        Verdict::Undecided => Standing::Undecided,
        Verdict::LostAsSaid | Verdict::Passed => Standing::Passed,
    }
}

fn align(mut table: Table) -> Table {
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A number with commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn seconds(nanoseconds: u64) -> String {
    format!("{:.3} s", nanoseconds as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_of_something() {
        assert_eq!(Spread::of(&[]), None);
        let of = |sorted_ns| Spread::of(sorted_ns).map(|it| (it.median_ns, it.max_ns));
        assert_eq!(of(&[5]), Some((5, 5)));
        assert_eq!(of(&[1, 5, 9]), Some((5, 9)));
        assert_eq!(of(&[1, 5, 7, 9]), Some((7, 9)));
    }

    #[test]
    fn thousands_are_apart() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
