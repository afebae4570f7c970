//! What is reported at the end of a run of trials of the chat service, in numbers; `summary::chat` says it in words.
//!
//! **Invariant.** The serialized names are those of `--json`; they stay as they are.

use std::path::Path;

use chat_trial::Campaign;
use event_log::chat::{ChatCondition, Verdict};
use serde::Serialize;

use super::config::ChatConfig;
use super::outcome::{ChatOutcome, Failure, LostAsSaid, Undecided};

/// Version of the JSON object.
const REPORT_VERSION: u32 = 1;

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
pub(crate) struct Verdicts {
    pub(crate) passed: u64,
    pub(crate) lost_as_said: u64,
    pub(crate) violated: u64,
    pub(crate) undecided: u64,
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
pub(crate) struct Ledger {
    pub(crate) sent: u64,
    pub(crate) acknowledged: u64,
    pub(crate) failed: u64,
    pub(crate) unknown: u64,
    pub(crate) delivered: u64,
    pub(crate) lost: u64,
    pub(crate) discarded: u64,
    pub(crate) duplicated: u64,
    pub(crate) reordered: u64,
}

impl Ledger {
    fn of(campaign: &Campaign) -> Ledger {
        Ledger {
            sent: campaign.sum(|trial| trial.sent),
            acknowledged: campaign.sum(|trial| trial.acknowledged),
            failed: campaign.sum(|trial| trial.failed),
            unknown: campaign.sum(|trial| trial.unknown),
            delivered: campaign.sum(|trial| trial.delivered),
            lost: campaign.sum(|trial| trial.lost),
            discarded: campaign.sum(|trial| trial.discarded),
            duplicated: campaign.sum(|trial| trial.duplicated),
            reordered: campaign.sum(|trial| trial.reordered),
        }
    }
}

/// The median and the maximum of lengths of time, one a trial, nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Spread {
    /// Trials that have one.
    pub(crate) trials: u64,
    pub(crate) median_ns: u64,
    pub(crate) max_ns: u64,
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
    pub(crate) format_version: u32,
    pub(crate) verdict: Standing,
    pub(crate) folder: &'a Path,
    pub(crate) seed: u64,
    /// Trials that the run was meant to hold.
    pub(crate) count: u64,
    /// Trials that were run.
    pub(crate) trials: u64,
    pub(crate) condition: &'a ChatCondition,
    pub(crate) verdicts: Verdicts,
    pub(crate) ledger: Ledger,
    /// The first trial with the verdict `lost_as_said`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_lost_as_said: Option<u64>,
    /// The same, with the command that runs it again.
    #[serde(skip)]
    pub(crate) first_lost: Option<&'a LostAsSaid>,
    pub(crate) views: u64,
    pub(crate) gap: Option<Spread>,
    pub(crate) failover: Option<Spread>,
    pub(crate) faults: u64,
    pub(crate) faults_without_effect: u64,
    pub(crate) virtual_time_ns: u64,
    pub(crate) events: u64,
    pub(crate) wall_time_ms: u64,
    pub(crate) happened: Vec<Happening>,
    /// What could have happened, in enough trials that it should have, and never did.
    pub(crate) never: Vec<&'static str>,
    pub(crate) undecided: &'a [Undecided],
    pub(crate) failures: &'a [Failure],
}

/// How often something came to pass.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Happening {
    pub(crate) name: &'static str,
    pub(crate) count: u64,
}

impl<'a> Report<'a> {
    /// The report of a run.
    pub fn new(config: &'a ChatConfig, outcome: &'a ChatOutcome) -> Report<'a> {
        let campaign = &outcome.campaign;
        let missing = campaign.happened.missing();
        let first_lost = outcome.first_lost.as_ref();
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
            ledger: Ledger::of(campaign),
            first_lost_as_said: first_lost.map(|first| first.trial),
            first_lost,
            views: campaign.sum(|trial| trial.views),
            gap: Spread::of(&campaign.gaps_ns()),
            failover: Spread::of(&campaign.failovers_ns()),
            faults: campaign.sum(|trial| trial.faults),
            faults_without_effect: campaign.sum(|trial| trial.faults_without_effect),
            virtual_time_ns: campaign.sum(|trial| trial.length_ns),
            events: campaign.sum(|trial| trial.events),
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

#[cfg(test)]
mod tests;
