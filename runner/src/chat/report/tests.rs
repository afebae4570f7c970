//! How runs stand, and the names in their reports.

use std::path::PathBuf;
use std::time::Duration;

use event_log::Faults;
use event_log::chat::{Property, TrialSummary};
use serde_json::Value;

use super::*;

fn config() -> ChatConfig {
    ChatConfig {
        count: 3,
        trial: None,
        seed: 7,
        condition: ChatCondition::default(),
        faults: Faults::default(),
        faults_file: None,
        keep_going: false,
        detail: false,
        jobs: 1,
        out: PathBuf::from("logs"),
    }
}

/// A run in which these came of its trials.
fn outcome(verdicts: &[Verdict]) -> ChatOutcome {
    let mut campaign = Campaign::default();
    for (trial, &verdict) in (0..).zip(verdicts) {
        let summary = TrialSummary {
            acknowledged: 10,
            gap_ns: trial * 100,
            ..TrialSummary::new(trial, verdict)
        };
        campaign.trials.insert(trial, summary);
    }
    ChatOutcome {
        folder: PathBuf::from("logs/RUN"),
        count: 3,
        campaign,
        failures: Vec::new(),
        undecided: Vec::new(),
        first_lost: None,
        was_interrupted: false,
        wall_time: Duration::from_millis(1500),
    }
}

#[test]
fn a_run_stands_as_the_worst_of_its_trials() {
    use Verdict::{LostAsSaid, Passed, Undecided, Violated};
    let config = config();
    for (verdicts, standing, code) in [
        ([Passed; 3], Standing::Passed, 0),
        ([Passed, LostAsSaid, Passed], Standing::Passed, 0),
        ([Passed, Undecided, LostAsSaid], Standing::Undecided, 1),
        ([Violated, Undecided, Passed], Standing::Violated, 1),
    ] {
        let outcome = outcome(&verdicts);
        let report = Report::new(&config, &outcome);
        assert_eq!((report.verdict, report.exit_code()), (standing, code));
    }
    let cut = ChatOutcome {
        was_interrupted: true,
        ..outcome(&[Passed])
    };
    assert_eq!(Report::new(&config, &cut).verdict, Standing::Interrupted);
    let late = ChatOutcome {
        was_interrupted: true,
        ..outcome(&[Passed; 3])
    };
    assert_eq!(Report::new(&config, &late).verdict, Standing::Passed);
}

#[test]
fn names_in_json_stay_as_they_are() {
    let mut outcome = outcome(&[Verdict::Passed, Verdict::Violated, Verdict::LostAsSaid]);
    outcome.failures.push(Failure {
        trial: 1,
        property: Property::S1,
        finding: "gone".to_owned(),
        violations: 2,
        folder: Some(PathBuf::from("logs/RUN/trial-001")),
        repeat: "again".to_owned(),
        shrink: Some("smaller".to_owned()),
    });
    outcome.undecided.push(Undecided {
        trial: 0,
        reasons: vec!["stopped".to_owned()],
        repeat: "again".to_owned(),
    });
    outcome.first_lost = Some(LostAsSaid {
        trial: 2,
        repeat: "again".to_owned(),
    });
    let config = config();
    let text = Report::new(&config, &outcome).json().expect("JSON");
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let keys = |value: &Value| {
        let object = value.as_object().expect("an object");
        object.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        keys(&report),
        "condition count events failover failures faults faults_without_effect first_lost_as_said folder \
         format_version gap happened ledger never seed trials undecided verdict verdicts views virtual_time_ns wall_time_ms"
    );
    assert_eq!(
        keys(&report["ledger"]),
        "acknowledged delivered discarded duplicated failed lost reordered sent unknown"
    );
    assert_eq!(
        keys(&report["verdicts"]),
        "lost_as_said passed undecided violated"
    );
    assert_eq!(keys(&report["gap"]), "max_ns median_ns trials");
    assert_eq!(
        keys(&report["failures"][0]),
        "finding folder property repeat shrink trial violations"
    );
    assert_eq!(keys(&report["undecided"][0]), "reasons repeat trial");
    assert_eq!(report["ledger"]["acknowledged"], 30);
    assert_eq!(report["gap"]["median_ns"], 100);
    assert_eq!(report["first_lost_as_said"], 2);
    assert_eq!(report["failures"][0]["property"], "S1");
}

#[test]
fn a_spread_is_of_something() {
    assert_eq!(Spread::of(&[]), None);
    let of = |sorted_ns| Spread::of(sorted_ns).map(|it| (it.median_ns, it.max_ns));
    assert_eq!(of(&[5]), Some((5, 5)));
    assert_eq!(of(&[1, 5, 9]), Some((5, 9)));
    assert_eq!(of(&[1, 5, 7, 9]), Some((7, 9)));
}
