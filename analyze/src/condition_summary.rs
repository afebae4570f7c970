//! From trials to conditions: who counts, how machines are grouped, and what the groups' estimates are.

use std::collections::BTreeMap;

use event_log::Status;
use statistics::Estimate;

use crate::clock_sources::{self, Accounts, GroupKey, Member};
use crate::condition::Setting;
use crate::metrics::MachineMetrics;
use crate::metrics::aggregate::{self, Sample};
use crate::metrics::catalog::{FINAL_SPREAD, METRICS, TRIAL_METRICS, TrialMetric};
use crate::report::{ConditionReport, GroupReport, TrialReport};
use crate::theory::{self, Prediction, residual};

/// The conditions, by index, with what their trials say together.
pub(crate) fn conditions(
    labelled: Vec<(Setting, String)>,
    trials: &[TrialReport],
) -> Vec<ConditionReport> {
    let mut groups: Vec<Vec<GroupKey>> = vec![Vec::new(); labelled.len()];
    for trial in trials {
        let setting = &labelled[trial.condition].0;
        let machines = trial.machines.iter();
        let keys = machines.map(|machine| group_key(machine, setting));
        groups[trial.condition].extend(keys);
    }
    for keys in &mut groups {
        let rate = |key: &GroupKey| key.1.unwrap_or_default();
        keys.sort_by(|a, b| a.0.cmp(&b.0).then(rate(a).total_cmp(&rate(b))));
        keys.dedup();
    }
    let samples = samples(&labelled, trials, &groups);
    let mut estimates = aggregate::estimates(samples, METRICS.len());
    let reports = labelled
        .into_iter()
        .enumerate()
        .map(|(index, (setting, label))| {
            let own: Vec<&TrialReport> = trials
                .iter()
                .filter(|trial| trial.condition == index)
                .collect();
            let predictions = setting.own().map(theory::predict).unwrap_or_default();
            let clocks_from = clocks_from(&own, &groups[index]);
            let machines = groups[index].iter().zip(clocks_from).enumerate().map(
                |(group, (&(machine, rate), clock_from))| {
                    let found = estimates
                        .remove(&(index as u32, group as u32))
                        .unwrap_or_default();
                    let metrics = METRICS
                        .iter()
                        .map(|metric| metric.name)
                        .zip(found)
                        .collect();
                    let prediction = prediction(&predictions, &setting, machine);
                    GroupReport {
                        machine,
                        name: name(&own, machine),
                        rate,
                        residuals: residual::residuals(&prediction, &metrics),
                        prediction,
                        bands: BTreeMap::new(),
                        metrics,
                        clock_from,
                    }
                },
            );
            let machines = machines.collect();
            condition_report(setting, label, &own, machines)
        });
    reports.collect()
}

/// What the clocks of the groups are made of, over the trials that count.
fn clocks_from(trials: &[&TrialReport], groups: &[GroupKey]) -> Vec<Accounts> {
    let counted = trials.iter().filter(|trial| trial.counted);
    let members: Vec<Vec<Member<'_>>> = counted.map(|trial| members(trial)).collect();
    clock_sources::across(&members, groups)
}

fn members(trial: &TrialReport) -> Vec<Member<'_>> {
    let machines = trial.machines.iter().map(|machine| Member {
        machine: machine.machine,
        rate: machine.rate,
        account: &machine.account,
    });
    machines.collect()
}

/// What a machine is grouped by: its id and rate where each id has one rate, else its rate alone; its id alone where
/// rates are not known.
fn group_key(machine: &MachineMetrics, setting: &Setting) -> GroupKey {
    let id = setting.is_by_id().then_some(machine.machine);
    (id, machine.rate.filter(|_| setting.has_rates()))
}

/// What the first trial that has the machine calls it.
fn name(trials: &[&TrialReport], machine: Option<u32>) -> Option<String> {
    let all = trials.iter().flat_map(|trial| &trial.machines);
    let mut meant = all.filter(|of| Some(of.machine) == machine);
    meant.next()?.name.clone()
}

fn samples(
    labelled: &[(Setting, String)],
    trials: &[TrialReport],
    groups: &[Vec<GroupKey>],
) -> Vec<Sample> {
    let counted = (0u32..).zip(trials).filter(|(_, trial)| trial.counted);
    let mut samples = Vec::new();
    for (number, trial) in counted {
        let setting = &labelled[trial.condition].0;
        for machine in &trial.machines {
            let key = group_key(machine, setting);
            let group = groups[trial.condition]
                .iter()
                .position(|known| *known == key);
            samples.push(Sample {
                condition: trial.condition as u32,
                group: group.unwrap_or_default() as u32,
                trial: number,
                values: METRICS
                    .iter()
                    .map(|metric| (metric.value)(machine))
                    .collect(),
            });
        }
    }
    samples
}

/// The prediction for a group; none if the manifest's rates are not the condition's.
fn prediction(all: &[Prediction], setting: &Setting, machine: Option<u32>) -> Prediction {
    let known = machine.filter(|_| all.len() == setting.machines() as usize);
    let prediction = known.and_then(|machine| all.get(machine as usize));
    prediction.copied().unwrap_or_default()
}

fn condition_report(
    setting: Setting,
    label: String,
    trials: &[&TrialReport],
    machines: Vec<GroupReport>,
) -> ConditionReport {
    let counted = || trials.iter().filter(|trial| trial.counted);
    let mut left_out = BTreeMap::new();
    for trial in trials.iter().filter(|trial| !trial.counted) {
        let reason = match trial.status {
            Some(Status::Complete) if trial.damaged => "damaged logs",
            Some(Status::Complete) => "repeat of the same seed",
            Some(other) => other.name(),
            None => trial.reason.as_deref().unwrap_or("repeat of the same logs"),
        };
        *left_out.entry(reason.to_owned()).or_default() += 1;
    }
    let across = |metric: &TrialMetric| {
        let values = counted().filter_map(|trial| trial.value(metric));
        (metric.name, aggregate::estimate(values))
    };
    let trial_metrics: BTreeMap<&str, Estimate> = TRIAL_METRICS.iter().map(across).collect();
    let known = |name: &str| {
        let none = Estimate::new(0, None, None);
        trial_metrics.get(name).copied().unwrap_or(none)
    };
    ConditionReport {
        label,
        setting,
        trials: counted().count() as u64,
        left_out,
        final_spread: known(FINAL_SPREAD),
        trial_metrics,
        simulated: None,
        machines,
    }
}
