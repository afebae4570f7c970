//! From folders to one report: conditions, estimates, the JSON object and the tables.

mod fixtures;

use analyze::analysis::{Wanted, analyse};
use analyze::report::Report;
use analyze::table::terminal::{Style, render};
use analyze::table::{self, Table};
use files::note::{Note, Severity};
use fixtures::{Copy, two_machines};

/// The report; and verdicts that are asked for alone must be those of the whole report, with the same notes.
fn report_on(paths: &[std::path::PathBuf]) -> Report {
    let [report, alone] = [Wanted::Report, Wanted::Verdicts].map(|wanted| {
        let analysis = analyse(paths, wanted);
        analysis.expect("there are trials").report
    });
    assert_eq!(alone.check, report.check);
    assert_eq!(alone.violations, report.violations);
    assert_eq!(alone.notes, report.notes);
    assert!(alone.trials.is_empty() && alone.conditions.is_empty());
    report
}

#[test]
fn estimates_are_across_trials() {
    // One message is unreceived in trial 0, none in trial 1: mean 0.5, s = √½, t(0.975, 1) = 12.7062.
    let report = report_on(&[two_machines()]);
    let [condition] = report.conditions.as_slice() else {
        panic!(
            "two trials of one condition, found {:#?}",
            report.conditions
        );
    };
    assert_eq!(
        condition.label,
        "2 machines · rates 1, 2 · 4 s · die of 10 · sockets"
    );
    assert_eq!(condition.trials, 2);
    let unreceived = condition.machines[0].estimate("unreceived");
    assert_eq!((unreceived.trials, unreceived.mean), (2, Some(0.5)));
    let half = unreceived
        .half_width()
        .expect("two trials have an interval");
    assert!((half - 12.706_204_736 / 2.0).abs() < 1e-6, "{half}");
    // What no trial gives has no estimate, not 0.
    let never = condition.machines[1].estimate("receive_jump_mean");
    assert_eq!((never.trials, never.mean, never.low), (0, None, None));
    assert_eq!(condition.final_spread.mean, Some(3.0));
}

#[test]
fn machines_of_one_rate_are_averaged_inside_a_trial_first() {
    // Both machines at 1 Hz, rates drawn from a range: one group. Trial 0 has 4 and 8 events, so has trial 1: the
    // means are 6 and 6, and two trials, not four machines, count.
    let copy = Copy::new();
    for trial in ["trial-000/trial.json", "trial-001/trial.json"] {
        let text = copy.read(trial);
        let from = text.find("\"rates\":").expect("a condition has rates");
        let to = from + text[from..].find('}').expect("the object ends") + 1;
        let text = text.replace(&text[from..to], "\"rates\": {\"range\": [1, 6]}");
        copy.write(
            trial,
            text.replace("\"rate\": 2.0", "\"rate\": 1.0").as_bytes(),
        );
    }
    let report = report_on(std::slice::from_ref(&copy.run));
    let [group] = report.conditions[0].machines.as_slice() else {
        panic!(
            "one group of one rate, found {:#?}",
            report.conditions[0].machines
        );
    };
    assert_eq!((group.machine, group.rate), (None, Some(1.0)));
    let events = group.estimate("events");
    assert_eq!(
        (events.trials, events.mean, events.standard_deviation),
        (2, Some(6.0), Some(0.0))
    );
}

#[test]
fn only_complete_trials_with_whole_logs_enter_the_statistics() {
    let copy = Copy::new();
    copy.replace("trial-000/trial.json", "\"complete\"", "\"aborted\"");
    let text = copy.read("trial-001/machine-1.csv");
    copy.write("trial-001/machine-1.csv", text.trim_end().as_bytes());
    let paths = [copy.file(""), two_machines()];
    let report = report_on(&paths);
    let condition = &report.conditions[0];
    assert_eq!((report.trials.len(), condition.trials), (4, 2));
    let left_out: Vec<_> = condition
        .left_out
        .iter()
        .map(|(why, count)| (why.as_str(), *count))
        .collect();
    assert_eq!(left_out, [("aborted", 1), ("damaged logs", 1)]);
    assert!(report.has_findings());
    assert!(!report_on(&[two_machines()]).has_findings());
}

#[test]
fn the_check_says_how_many_trials_are_not_whole() {
    let copy = Copy::new();
    copy.replace(
        "trial-000/trial.json",
        "\"format_version\": 1",
        "\"format_version\": 9",
    );
    let text = copy.read("trial-001/machine-1.csv");
    copy.write("trial-001/machine-1.csv", text.trim_end().as_bytes());
    let check = report_on(&[copy.file(""), two_machines()])
        .check
        .to_string();
    assert!(
        check.starts_with("13 laws, 4 trials (1 damaged, 1 not read), "),
        "{check}"
    );
}

/// The notes that a host could not hold the rates, when all rows of machine 1 but the first are this much later.
fn not_held(late_ms: u64, driver: &str) -> Vec<String> {
    let copy = Copy::new();
    let dir = "trial-000";
    copy.replace(
        &format!("{dir}/trial.json"),
        "\"driver\": \"sockets\"",
        &format!("\"driver\": \"{driver}\""),
    );
    let log = format!("{dir}/machine-1.csv");
    let late = |(number, line): (usize, &str)| {
        let mut fields: Vec<String> = line.split(',').map(str::to_owned).collect();
        if let (2.., Ok(time_ns)) = (number, fields[1].parse::<u64>()) {
            fields[1] = (time_ns + late_ms * 1_000_000).to_string();
        }
        fields.join(",") + "\n"
    };
    let text: String = copy.read(&log).lines().enumerate().map(late).collect();
    copy.write(&log, text.as_bytes());
    let notes = report_on(&[copy.file(dir)]).notes.into_iter();
    let notes = notes.filter(|note| note.advice.contains("cannot hold these rates"));
    notes.map(|note| note.to_string()).collect()
}

#[test]
fn rates_that_a_host_cannot_hold_are_told() {
    let notes = not_held(300, "sockets");
    let [note] = notes.as_slice() else {
        panic!("one note for the trial, found {notes:#?}");
    };
    for part in [
        "machine 1 to keep its rate of 2/s, a tick every 500.000 ms",
        "ticks late by 307.",
        "lower --speed, --rates or --machines",
    ] {
        assert!(note.contains(part), "no `{part}` in: {note}");
    }
    assert_eq!(not_held(200, "sockets"), [""; 0]);
    assert_eq!(not_held(300, "virtual"), [""; 0]);
}

/// Adds a copy of each trial to a run, and says in which driver both ran.
fn repeat_trials(copy: &Copy, driver: &str) {
    for (trial, repeat) in [("trial-000", "trial-002"), ("trial-001", "trial-003")] {
        copy.replace(
            &format!("{trial}/trial.json"),
            "\"driver\": \"sockets\"",
            &format!("\"driver\": \"{driver}\""),
        );
        std::fs::create_dir(copy.file(repeat)).expect("can be made");
        for file in ["trial.json", "machine-0.csv", "machine-1.csv"] {
            let text = copy.read(&format!("{trial}/{file}"));
            copy.write(&format!("{repeat}/{file}"), text.as_bytes());
        }
    }
}

/// The notes on repeats, and the one condition: how many trials count, and why others do not.
fn told_of_repeats(copy: &Copy) -> (Vec<Note>, u64, Vec<(String, u64)>) {
    let report = report_on(std::slice::from_ref(&copy.run));
    let notes = report.notes.into_iter();
    let notes = notes.filter(|note| note.expected == "trials with dice of their own");
    let condition = &report.conditions[0];
    let left_out = condition.left_out.clone().into_iter();
    (notes.collect(), condition.trials, left_out.collect())
}

#[test]
fn in_virtual_time_the_same_seed_counts_once() {
    let copy = Copy::new();
    repeat_trials(&copy, "virtual");
    let (notes, counted, left_out) = told_of_repeats(&copy);
    let [note] = notes.as_slice() else {
        panic!("one note for the run, found {notes:#?}");
    };
    assert_eq!(note.severity, Severity::Warning);
    assert!(note.found.starts_with("2 trials"), "{note}");
    assert_eq!(counted, 2);
    assert_eq!(left_out, [("repeat of the same seed".to_owned(), 2)]);
}

#[test]
fn on_sockets_the_same_seed_counts_once_and_is_told() {
    let copy = Copy::new();
    repeat_trials(&copy, "sockets");
    let (notes, counted, left_out) = told_of_repeats(&copy);
    assert_eq!(notes.len(), 1, "{notes:#?}");
    assert_eq!(notes[0].severity, Severity::Info);
    assert_eq!(counted, 2);
    assert_eq!(left_out, [("repeat of the same seed".to_owned(), 2)]);
}

#[test]
fn a_repeat_of_a_trial_that_does_not_count_does() {
    let copy = Copy::new();
    repeat_trials(&copy, "virtual");
    copy.replace("trial-000/trial.json", "\"complete\"", "\"aborted\"");
    let (notes, counted, left_out) = told_of_repeats(&copy);
    assert!(notes[0].found.starts_with("1 trial "), "{}", notes[0]);
    let reasons = ["aborted", "repeat of the same seed"].map(|reason| (reason.to_owned(), 1));
    assert_eq!((counted, left_out), (2, reasons.to_vec()));
}

#[test]
fn conditions_differ_when_anything_but_the_seed_does() {
    let copy = Copy::new();
    copy.replace("trial-000/trial.json", "\"seed\": 1", "\"seed\": 2");
    copy.replace(
        "trial-001/trial.json",
        "\"max_ns\": 100000",
        "\"max_ns\": 100001",
    );
    let report = report_on(std::slice::from_ref(&copy.run));
    let labels: Vec<&str> = report
        .conditions
        .iter()
        .map(|condition| condition.label.as_str())
        .collect();
    assert_eq!(
        labels,
        [
            "2 machines · rates 1, 2 · 4 s · die of 10 · sockets",
            "2 machines · rates 1, 2 · 4 s · die of 10 · latency 0.1–0.100001 ms · sockets"
        ]
    );
}

#[test]
fn the_json_object_has_the_documented_fields() {
    let report = report_on(&[two_machines()]);
    let json = serde_json::to_value(&report).expect("a report serialises");
    let keys = |pointer: &str| -> String {
        let object = json.pointer(pointer).and_then(serde_json::Value::as_object);
        let keys: Vec<&str> = object
            .expect("an object is there")
            .keys()
            .map(String::as_str)
            .collect();
        keys.join(" ")
    };
    insta::assert_snapshot!(keys(""), @"check conditions format_version law notes tool trials violations");
    insta::assert_snapshot!(keys("/trials/0"), @"condition counted damaged dir driver final_spread machines reason run seed status trial trial_clock_condition_broken trial_connections trial_jump_max trial_lag_max trial_lag_mean trial_messages trial_messages_per_s trial_queue_last trial_queue_max trial_queue_mean trial_unreceived undelivered violations");
    insta::assert_snapshot!(keys("/trials/0/machines/0"), @"arrival_rate broadcast clock_condition_broken clock_decreases clock_final clock_first clock_max drift_factor drift_final duration_s events inherited inherited_from internal jump_deviation jump_max jump_mean jump_min jump_p50 jump_p99 jumps_above_one jumps_above_one_count lag_deviation lag_final lag_max lag_mean lateness_max_ms lateness_p50_ms lateness_p99_ms logical_rate logical_rate_slope machine minted_by minted_unknown own_ticks queue_above_one queue_deviation queue_growth queue_last queue_max queue_mean queue_p90 queue_rows queue_time_mean rate receive receive_jump_max receive_jump_mean receive_share send send_share superseded tick_error_percent tick_rate ticks times_backwards unexplained unreceived wait_max_s wait_mean_s wait_p99_s");
    insta::assert_snapshot!(keys("/conditions/0"), @"condition final_spread label left_out machines trial_metrics trials");
    insta::assert_snapshot!(keys("/conditions/0/machines/0"), @"clock_from first_order machine metrics predicted_arrival_rate predicted_clock_final predicted_logical_rate predicted_queue_growth predicted_queue_last rate regime residuals");
    insta::assert_snapshot!(keys("/conditions/0/machines/0/metrics/jump_mean"), @"high low mean standard_deviation trials");
    insta::assert_snapshot!(keys("/conditions/0/trial_metrics/slowest_lag_mean"), @"high low mean standard_deviation trials");
    assert_eq!(json["format_version"], 2);
    assert_eq!(json["trials"][0]["condition"], 0);
}

fn find(tables: &[Table], title: &str) -> Table {
    let found = tables.iter().find(|table| table.title == title);
    found
        .unwrap_or_else(|| panic!("no table is called {title}"))
        .clone()
}

#[test]
fn of_many_trials_the_first_are_listed_and_the_numbers_of_each_are_for_who_asks() {
    let titles = |report: &Report, all| -> Vec<String> {
        let tables = table::answer(report, all);
        tables.into_iter().map(|table| table.title).collect()
    };
    let by_trial = |titles: &[String]| titles.iter().filter(|t| t.ends_with("by trial")).count();
    let mut report = report_on(&[two_machines()]);
    assert!(by_trial(&titles(&report, false)) > 0);
    while report.trials.len() <= 12 {
        report.trials.extend_from_within(..1);
    }
    let few = titles(&report, false);
    assert_eq!(
        (by_trial(&few), few.last().map(String::as_str)),
        (0, Some("Trials"))
    );
    let listed = find(&table::answer(&report, false), "Trials");
    assert_eq!(listed.rows.len(), 12);
    assert!(
        listed.caption.contains("12 of 13 trials"),
        "{}",
        listed.caption
    );
    assert!(by_trial(&titles(&report, true)) > 0);
}

#[test]
fn a_table_reads_well_and_splits_where_it_must() {
    let tables = table::tables(&report_on(&[two_machines()]), false);
    let queue = find(&tables, "Queue, across trials");
    let style = |width| Style { width, bold: false };
    insta::assert_snapshot!(render(&queue, style(120)), @r"
    Queue, across trials
    ───────────────────────────────────────────────────────────────────────────────────────────
     machine  rate  trials       mean  mean over        p90    max     at     growth   arrivals
               1/s                          time                      end        1/s        1/s
    ═══════════════════════════════════════════════════════════════════════════════════════════
     M0          1       2  0.250 ± 0  0.333 ± 0  0.700 ± 0  1 ± 0  0 ± 0  0.100 ± 0      1 ± 0
     M1          2       2      0 ± 0      0 ± 0      0 ± 0  0 ± 0  0 ± 0      0 ± 0  0.267 ± 0
    ───────────────────────────────────────────────────────────────────────────────────────────
    Messages in the network queue after each event; the mean over time weighs each length by how long it lasted; growth is
    the slope of the least-squares line. Mean ± half of the 95 % interval across trials.
    ");
    insta::assert_snapshot!(render(&find(&tables, "Clocks and jumps, by trial"), style(60)), @r"
    Clocks and jumps, by trial
    ────────────────────────────────────────────────────
     trial  machine  rate  final  jump  jump  jump  jump
                      1/s  clock  mean   p50   p99   max
    ════════════════════════════════════════════════════
         0  M0          1      6  1.67     1  2.96     3
         0  M1          2      9     1     1     1     1
         1  M0          1      6  1.67     1  2.96     3
         1  M1          2      9     1     1     1     1
    ────────────────────────────────────────────────────
    ────────────────────────────────────────────────────
     trial  machine  rate  share above  receive  receive
                      1/s            1     mean      max
    ════════════════════════════════════════════════════
         0  M0          1        0.333     1.67        3
         0  M1          2            0        –        –
         1  M0          1        0.333     1.67        3
         1  M1          2            0        –        –
    ────────────────────────────────────────────────────
    A jump is the difference of the logical clock between
    successive events; 1 is an ordinary tick.
    ");
    for table in &tables {
        assert!(
            table
                .rows
                .iter()
                .all(|row| row.len() == table.headers.len()),
            "{}",
            table.title
        );
        assert_eq!(
            table.alignments.len(),
            table.headers.len(),
            "{}",
            table.title
        );
    }
}

#[test]
fn of_many_trials_the_first_are_shown_and_the_rest_counted() {
    let copy = Copy::new();
    for trial in 2..20 {
        let dir = format!("trial-{trial:03}");
        std::fs::create_dir(copy.file(&dir)).expect("can be made");
        for file in ["trial.json", "machine-0.csv", "machine-1.csv"] {
            let text = copy.read(&format!("trial-000/{file}"));
            let text = text.replace("\"trial\": 0", &format!("\"trial\": {trial}"));
            copy.write(&format!("{dir}/{file}"), text.as_bytes());
        }
    }
    let report = report_on(std::slice::from_ref(&copy.run));
    let few = find(&table::tables(&report, false), "Trials");
    assert_eq!(few.rows.len(), 12);
    assert!(
        few.caption
            .ends_with("The first 12 of 20 trials; --all shows the other 8."),
        "{}",
        few.caption
    );
    let all = find(&table::tables(&report, true), "Trials");
    assert_eq!(all.rows.len(), 20);
}

#[test]
fn digests_are_made_for_each_condition() {
    let analysis = analyse(&[two_machines()], Wanted::Digests).expect("there are trials");
    let [condition] = analysis.digests.as_slice() else {
        panic!("one condition");
    };
    assert_eq!(condition.label, analysis.report.conditions[0].label);
    let trial = &condition.trials[0];
    assert_eq!(trial.name, "two-machines/trial-000");
    let slow = &trial.machines[0];
    assert_eq!(slow.clock, [(0.0, 1.0), (1.0, 4.0), (2.0, 5.0), (3.0, 6.0)]);
    assert_eq!(slow.drift[3], (3.0, 3.0));
    assert_eq!(slow.jumps.iter().collect::<Vec<_>>(), [(&1, &2), (&3, &1)]);
    assert_eq!(
        slow.queue_lengths.iter().collect::<Vec<_>>(),
        [(&0, &3), (&1, &1)]
    );
    assert_eq!(trial.machines[1].lateness_quantiles_ms.len(), 101);
    assert_eq!(trial.machines[1].lateness_quantiles_ms[100], 8.0);
    let window = trial.space_time.as_ref().expect("there is a jump");
    assert!(
        window.why.contains("machine 0 gains 3 at 1.0 s"),
        "{}",
        window.why
    );
    let lost = window
        .messages
        .iter()
        .filter(|message| message.received_s.is_none())
        .count();
    assert_eq!(
        (window.events.len(), window.messages.len(), lost),
        (12, 5, 1)
    );
}
