//! Virtual trials of the same condition beside what was measured: what single trials and their mean may be by chance.
//!
//! Near the critical load no formula says how long a queue is, and nowhere one says how much it varies. So the runner
//! makes many trials of the condition in virtual time, all else the same, and their spread is the band: for single
//! trials the middle 95 % of them, for the mean of the n trials measured
//!
//! ```text
//! m ± t(0.975, N − 1) · s · √(1/n + 1/N)
//! ```
//!
//! with m and s the mean and standard deviation of N simulated trials. Rates that each trial draws are drawn by the
//! simulated ones too, and so are faults. What real sockets have and virtual time has not (late ticks, a host that is busy, delays other
//! than a tenth of a millisecond) is not in the band: outside of it is where they show.
//!
//! # Map
//!
//! [`compare`] one metric against its band · [`series`] bands
//! over time, for figures.
//!
//! **Invariant.** The seed is always [`SEED`], so a band is the same whenever and wherever it is made.

pub mod compare;
pub mod series;

use thiserror::Error;

use crate::analysis::{Analysis, AnalysisError, Origin, Wanted, analyse_all};
use crate::report::band::Simulated;
use crate::report::{ConditionReport, Report, TrialReport};
use crate::runner_process::{EventBudget, Recipe};

/// Seed of all simulated trials: the letters `band`.
pub const SEED: u64 = 0x6261_6e64;
/// The fewest trials that have a 2.5th and a 97.5th percentile worth the name.
pub const TRIALS_MIN: u64 = 40;
/// The most, so that a slip of the finger does not fill a disk.
pub const TRIALS_MAX: u64 = 20_000;

/// Why there is no band.
#[derive(Debug, Error)]
pub enum BandError {
    /// Too few or too many.
    #[error(
        "a band of {trials} trials: expected {TRIALS_MIN} to {TRIALS_MAX}, as percentiles need"
    )]
    Trials {
        /// What was asked for.
        trials: u64,
    },
    /// The trials could not be made.
    #[error("the band of `{label}` cannot be simulated: {problem}")]
    Runner {
        /// The condition.
        label: String,
        /// What went wrong, and what to do.
        problem: String,
    },
    /// The trials that were made cannot be analysed.
    #[error("the simulated trials of `{label}`: {cause}")]
    Analysis {
        /// The condition.
        label: String,
        /// What is wrong with them.
        cause: AnalysisError,
    },
}

/// Simulates `trials` trials of each condition that has trials that count, and adds the bands to the analysis: to its
/// report, and to its digests if it has any. They have no more events than the budget allows.
///
/// # Errors
///
/// [`BandError`]; the analysis may then have bands for some of its conditions.
pub fn add(analysis: &mut Analysis, trials: u64, budget: &EventBudget) -> Result<(), BandError> {
    if !(TRIALS_MIN..=TRIALS_MAX).contains(&trials) {
        return Err(BandError::Trials { trials });
    }
    let wanted = match analysis.digests.is_empty() {
        true => Wanted::Report,
        false => Wanted::Digests,
    };
    for condition in &mut analysis.report.conditions {
        if condition.trials == 0 {
            continue;
        }
        // Odds and lengths of others' trials are not known: nothing can be simulated that is like them.
        let Some(own) = condition.setting.own() else {
            continue;
        };
        let recipe = Recipe::of(own, "band", trials, SEED);
        let simulated = simulate(&condition.label, &recipe, wanted, budget)?;
        compare_all(condition, &simulated.report);
        let own = analysis.digests.iter_mut();
        for digest in own.filter(|digest| digest.label == condition.label) {
            digest.bands = simulated
                .digests
                .first()
                .map(series::bands)
                .unwrap_or_default();
        }
    }
    Ok(())
}

/// Makes and analyses the trials.
fn simulate(
    label: &str,
    recipe: &Recipe,
    wanted: Wanted,
    budget: &EventBudget,
) -> Result<Analysis, BandError> {
    let label = label.to_owned();
    analyse_all(&[Origin::Made(recipe, budget)], wanted).map_err(|cause| match cause {
        AnalysisError::Runner(problem) => BandError::Runner { label, problem },
        cause => BandError::Analysis { label, cause },
    })
}

/// Gives each group of the condition the bands of its metrics.
fn compare_all(condition: &mut ConditionReport, simulated: &Report) {
    let trials: Vec<&TrialReport> = simulated
        .trials
        .iter()
        .filter(|trial| trial.counted)
        .collect();
    condition.simulated = Some(Simulated {
        trials: trials.len() as u64,
        seed: SEED,
    });
    for group in &mut condition.machines {
        group.bands = compare::bands(group, &trials);
    }
}
