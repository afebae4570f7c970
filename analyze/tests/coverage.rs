//! Coverage of intervals over trials in virtual time: across trials they hold the truth about as often as they say,
//! across rows they do not.

mod programs;

use std::path::Path;
use std::process::Command;

use analyze::analysis::{Wanted, analyse};
use analyze::coverage::study::Deal;
use analyze::coverage::{self, CoverageError, coverage};
use analyze::figures;
use analyze::report::Report;
use analyze::table;
use tempfile::TempDir;

fn run(out: &Path, options: &[&str]) {
    let mut command = Command::new(programs::runner());
    command.arg("trial").arg("--virtual").args(options);
    let output = command.arg("--out").arg(out).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
}

fn report(out: &Path) -> Report {
    let analysis = analyse(&[out.to_owned()], Wanted::default()).expect("there are trials");
    analysis.report
}

#[test]
fn trials_are_honest_and_rows_are_not() {
    let out = TempDir::new().expect("a temporary folder");
    // Short trials: 80 replications of five, at rates that overload the slow machine.
    run(
        out.path(),
        &[
            "--rates",
            "1,3,6",
            "--duration",
            "20s",
            "--count",
            "400",
            "--seed",
            "5",
        ],
    );
    let report = report(out.path());
    let wanted = coverage::Wanted {
        metrics: vec!["queue_mean".to_owned(), "final_spread".to_owned()],
        ..coverage::Wanted::default()
    };
    let found = coverage(&report, &wanted).expect("enough trials");
    assert_eq!(
        (found.trials_per_replication, found.conditions.len()),
        (5, 1)
    );
    let condition = &found.conditions[0];
    assert_eq!((condition.trials, condition.replications), (400, 80));
    let slow = &condition.machines["M0"]["queue_mean"];
    // Four standard errors of a share of 95 % in 80 are 10 %; the seed is fixed.
    assert!((slow.t.share - 0.95).abs() < 0.1, "{slow:?}");
    let (one, pooled) = (
        slow.rows_of_one_trial.expect("rows"),
        slow.rows_pooled.expect("rows"),
    );
    assert!(one.share < 0.6 && pooled.share < 0.8, "{slow:?}");
    assert!(pooled.width < slow.t.width, "{slow:?}");
    let resampled = coverage::Wanted {
        trials_per_replication: 20,
        deal: Deal::Resampled(300),
        ..wanted
    };
    let again = coverage(&report, &resampled).expect("enough trials");
    let [first, second] =
        [condition, &again.conditions[0]].map(|c| &c.machines["M0"]["queue_mean"]);
    assert_eq!((second.t.of, again.conditions[0].replications), (300, 300));
    assert!(again.resampled && second.t.width < first.t.width);
    // A metric of whole trials has no rows.
    assert_eq!(
        condition.machines["trial"]["final_spread"].rows_pooled,
        None
    );
    let drawing = figures::draw_coverage(&found).expect("something to draw");
    assert!(drawing.svg.contains("overloaded") && !drawing.svg.contains("NaN"));
    let table = table::coverage::table(&found);
    assert_eq!(table.rows[0].len(), table.headers.len());
}

#[test]
fn what_cannot_be_studied_is_refused() {
    let two = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/two-machines");
    let report = report(&two);
    let ask = |metric: &str, each: usize| {
        let wanted = coverage::Wanted {
            metrics: vec![metric.to_owned()],
            trials_per_replication: each,
            ..coverage::Wanted::default()
        };
        coverage(&report, &wanted)
    };
    assert_eq!(
        ask("queue_mean", 5),
        Err(CoverageError::TooFew {
            needed: 10,
            each: 5,
            found: 2
        })
    );
    assert_eq!(
        ask("queue_mean", 1),
        Err(CoverageError::TooSmall { found: 1 })
    );
    for many in [usize::MAX, usize::MAX / 2 + 1] {
        assert!(matches!(
            ask("queue_mean", many),
            Err(CoverageError::TooFew { .. })
        ));
        let refused = ask("queue_mean", many).expect_err("too many").to_string();
        assert!(refused.contains("run more"), "{refused}");
    }
    assert!(matches!(ask("queue_min", 2), Err(CoverageError::Name(_))));
    let one = coverage::Wanted {
        deal: Deal::Resampled(1),
        ..coverage::Wanted::default()
    };
    let refused = coverage(&report, &one);
    assert_eq!(refused, Err(CoverageError::Resampled { found: 1 }));
}
