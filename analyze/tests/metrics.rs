//! Metrics of a trial that was worked out with paper and pencil.

mod fixtures;

use analyze::metrics::catalog::{METRICS, TRIAL_METRICS, metric, trial_metric};
use analyze::metrics::whole::WHOLE;
use analyze::metrics::{MachineMetrics, TrialMetrics, measure};
use fixtures::{Copy, two_machines};
use logs::scan;

fn measure_trial(run: &std::path::Path) -> TrialMetrics {
    let found = scan::find(&[run.join("trial-000")]).expect("the trial is there");
    let loaded = scan::load(&found.places[0]).expect("the manifest is sound");
    measure(&loaded.trial)
}

#[track_caller]
fn assert_metrics(machine: &MachineMetrics, expected: &[(&str, Option<f64>)]) {
    for (name, expected) in expected {
        let metric = metric(name).expect("the name is a metric's");
        let found = (metric.value)(machine);
        let close = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
            (found, expected) => found.is_none() && expected.is_none(),
        };
        assert!(close, "{name}: expected {expected:?}, found {found:?}");
    }
}

#[test]
fn the_slow_machine_receives_and_jumps() {
    // Clocks 1, 4, 5, 6 at 0, 1, 2, 3 s; queues 0, 0, 1, 0; waits 0.25, 0.75, 1.25 s.
    let trial = measure_trial(&two_machines());
    assert_metrics(
        &trial.machines[0],
        &[
            ("events", Some(4.0)),
            ("internal", Some(0.0)),
            ("send", Some(1.0)),
            ("broadcast", Some(0.0)),
            ("receive", Some(3.0)),
            ("ticks", Some(4.0)),
            ("tick_rate", Some(1.0)),
            ("tick_error_percent", Some(0.0)),
            ("clock_first", Some(1.0)),
            ("clock_final", Some(6.0)),
            ("jump_mean", Some(5.0 / 3.0)),
            ("jump_deviation", Some((4.0f64 / 3.0).sqrt())),
            ("jump_p50", Some(1.0)),
            ("jump_p99", Some(2.96)),
            ("jump_max", Some(3.0)),
            ("jumps_above_one", Some(1.0 / 3.0)),
            ("receive_jump_mean", Some(5.0 / 3.0)),
            ("receive_jump_max", Some(3.0)),
            ("duration_s", Some(3.0)),
            ("logical_rate", Some(5.0 / 3.0)),
            ("logical_rate_slope", Some(1.6)),
            ("drift_factor", Some(5.0 / 3.0)),
            ("drift_final", Some(3.0)),
            ("inherited", Some(2.0)),
            ("lag_mean", Some(0.25)),
            ("lag_deviation", Some(0.5)),
            ("lag_max", Some(1.0)),
            ("lag_final", Some(1.0)),
            ("queue_mean", Some(0.25)),
            ("queue_deviation", Some(0.5)),
            ("queue_time_mean", Some(1.0 / 3.0)),
            ("queue_p90", Some(0.7)),
            ("queue_max", Some(1.0)),
            ("queue_last", Some(0.0)),
            ("queue_growth", Some(0.1)),
            ("arrival_rate", Some(1.0)),
            ("wait_mean_s", Some(0.75)),
            ("wait_p99_s", Some(1.24)),
            ("wait_max_s", Some(1.25)),
            ("unreceived", Some(1.0)),
        ],
    );
    let from: Vec<_> = trial.machines[0].account.inherited_from.iter().collect();
    assert_eq!(from, [(&1, &2)]);
}

#[track_caller]
fn assert_whole(trial: &TrialMetrics, expected: &[(&str, Option<f64>)]) {
    for (name, expected) in expected {
        let metric = trial_metric(name).expect("the name is a metric's");
        let found = metric.value(&trial.whole, &trial.machines);
        assert_eq!(found, *expected, "{name}");
    }
}

#[test]
fn a_whole_trial_sums_up_its_machines() {
    // Machine 0 sends 1 message and machine 1 sends 4, in 4 s; one of them is never received.
    let trial = measure_trial(&two_machines());
    assert_whole(
        &trial,
        &[
            ("final_spread", Some(3.0)),
            ("trial_messages", Some(5.0)),
            ("trial_messages_per_s", Some(1.25)),
            ("trial_connections", Some(1.0)),
            ("trial_lag_mean", Some(0.125)),
            ("trial_lag_max", Some(1.0)),
            ("trial_queue_mean", Some(1.0 / 6.0)),
            ("trial_queue_max", Some(1.0)),
            ("trial_queue_last", Some(0.0)),
            ("trial_jump_max", Some(3.0)),
            ("trial_unreceived", Some(1.0)),
            ("slowest_lag_mean", Some(0.25)),
            ("fastest_lag_mean", Some(0.0)),
            ("slowest_receive_share", Some(0.75)),
            ("fastest_receive_share", Some(0.125)),
            ("slowest_send_share", Some(0.25)),
            ("fastest_receive_jump_max", None),
        ],
    );
}

#[test]
fn of_machines_that_tie_the_mean_counts() {
    let mut trial = measure_trial(&two_machines());
    trial.machines[1].rate = trial.machines[0].rate;
    let mean = Some(0.125);
    assert_whole(
        &trial,
        &[("slowest_lag_mean", mean), ("fastest_lag_mean", mean)],
    );
}

#[test]
fn a_trial_that_did_not_complete_sent_messages_at_no_rate() {
    let copy = Copy::new();
    copy.replace("trial-000/trial.json", "\"complete\"", "\"aborted\"");
    let trial = measure_trial(&copy.run);
    assert_whole(
        &trial,
        &[
            ("trial_messages", Some(5.0)),
            ("trial_messages_per_s", None),
        ],
    );
}

#[test]
fn the_fast_machine_is_late_twice_and_never_jumps() {
    let trial = measure_trial(&two_machines());
    assert_metrics(
        &trial.machines[1],
        &[
            ("ticks", Some(8.0)),
            ("tick_rate", Some(2.0)),
            ("lateness_p50_ms", Some(0.0)),
            ("lateness_p99_ms", Some(7.72)),
            ("lateness_max_ms", Some(8.0)),
            ("jump_mean", Some(1.0)),
            ("jumps_above_one", Some(0.0)),
            // Its only receive is its first row, which makes no jump.
            ("receive_jump_mean", None),
            ("receive_jump_max", None),
            ("drift_factor", Some(1.0)),
            ("drift_final", Some(1.5)),
            ("inherited", Some(1.0)),
            ("lag_max", Some(0.0)),
            ("wait_mean_s", Some(0.25)),
            ("unreceived", Some(0.0)),
        ],
    );
}

#[test]
fn compressed_time_is_nominal_again_and_lateness_is_not() {
    let copy = Copy::new();
    copy.replace("trial-000/trial.json", "\"speed\": 1.0", "\"speed\": 10.0");
    for machine in 0..2 {
        let name = format!("trial-000/machine-{machine}.csv");
        let text = copy.read(&name);
        let lines: Vec<String> = text.lines().map(compress_tenfold).collect();
        copy.write(&name, (lines.join("\n") + "\n").as_bytes());
    }
    let (plain, compressed) = (measure_trial(&two_machines()), measure_trial(&copy.run));
    for (plain, compressed) in plain.machines.iter().zip(&compressed.machines) {
        for metric in METRICS {
            let scale = if metric.name.starts_with("lateness") {
                0.1
            } else {
                1.0
            };
            let expected = (metric.value)(plain).map(|value| value * scale);
            assert_metrics(compressed, &[(metric.name, expected)]);
        }
    }
}

fn compress_tenfold(line: &str) -> String {
    const START_NS: u64 = event_log::VIRTUAL_EPOCH_NS;
    let mut fields: Vec<String> = line.split(',').map(str::to_owned).collect();
    if let Ok(time_ns) = fields[1].parse::<u64>() {
        fields[1] = (START_NS + (time_ns - START_NS) / 10).to_string();
    }
    fields.join(",")
}

#[test]
fn a_lost_log_leaves_unknown_what_depends_on_it() {
    let copy = Copy::new();
    std::fs::remove_file(copy.file("trial-000/machine-1.csv")).expect("the file is there");
    let trial = measure_trial(&copy.run);
    for metric in METRICS {
        assert_metrics(&trial.machines[1], &[(metric.name, None)]);
    }
    // Whether the lost machine led, and what it sent, nobody knows; the rest of its peer's metrics is as before.
    assert_metrics(
        &trial.machines[0],
        &[
            ("lag_mean", None),
            ("unreceived", None),
            ("wait_mean_s", None),
            ("jump_max", Some(3.0)),
            ("queue_growth", Some(0.1)),
        ],
    );
    for metric in WHOLE.iter().filter(|m| m.name != "trial_connections") {
        assert_whole(&trial, &[(metric.name, None)]);
    }
}

#[test]
fn one_row_has_a_clock_and_no_rate() {
    let copy = Copy::new();
    let first_two: Vec<String> = copy
        .read("trial-000/machine-0.csv")
        .lines()
        .take(2)
        .map(|line| format!("{line}\n"))
        .collect();
    copy.write("trial-000/machine-0.csv", first_two.concat().as_bytes());
    let trial = measure_trial(&copy.run);
    assert_metrics(
        &trial.machines[0],
        &[
            ("events", Some(1.0)),
            ("clock_final", Some(1.0)),
            ("drift_final", Some(1.0)),
            ("tick_rate", None),
            ("jump_mean", None),
            ("jumps_above_one", None),
            ("duration_s", Some(0.0)),
            ("logical_rate", None),
            ("logical_rate_slope", None),
            ("queue_growth", None),
            ("queue_time_mean", None),
        ],
    );
}

#[test]
fn the_catalog_lists_just_what_json_holds() {
    let trial = measure_trial(&two_machines());
    let json = serde_json::to_value(&trial.machines[0]).expect("metrics serialise");
    let fields = json.as_object().expect("a machine is an object").keys();
    let others = ["machine", "rate", "inherited_from", "minted_by"];
    let fields: Vec<&str> = fields
        .map(String::as_str)
        .filter(|field| !others.contains(field))
        .collect();
    let mut listed: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
    let mut fields = fields;
    fields.sort_unstable();
    listed.sort_unstable();
    assert_eq!(fields, listed);
}

#[test]
fn whole_trials_are_listed_as_json_holds_them_and_every_machine_metric_twice() {
    let trial = measure_trial(&two_machines());
    let json = serde_json::to_value(trial.whole).expect("metrics serialise");
    let mut fields: Vec<&str> = json
        .as_object()
        .expect("a trial is an object")
        .keys()
        .map(String::as_str)
        .collect();
    let mut listed: Vec<&str> = WHOLE.iter().map(|metric| metric.name).collect();
    fields.sort_unstable();
    listed.sort_unstable();
    assert_eq!(fields, listed);
    assert_eq!(TRIAL_METRICS.len(), WHOLE.len() + 2 * METRICS.len());
    let mut names: Vec<&str> = TRIAL_METRICS.iter().map(|metric| metric.name).collect();
    names.extend(METRICS.iter().map(|metric| metric.name));
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "two metrics of one name");
}
