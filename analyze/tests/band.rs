//! Bands of virtual trials: made by the program runner, the same every time, and around what they should be around.

mod programs;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use programs::runner;
use serde_json::Value;

/// Two hand-written trials on sockets, in which two ticks of machine 1 come late.
fn two_machines() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/two-machines")
}

fn analyze(arguments: &[&str], path: &Path) -> Output {
    // The band needs the runner beside this program.
    runner();
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyze"));
    let output = command.arg(path).args(arguments).output();
    output.expect("analyze starts")
}

fn json(path: &Path, trials: &str) -> (Vec<u8>, Value) {
    let output = analyze(&["--json", "-", "--band", trials], path);
    let said = String::from_utf8_lossy(&output.stderr);
    let parsed = serde_json::from_slice(&output.stdout);
    (
        output.stdout,
        parsed.unwrap_or_else(|error| panic!("{error}: {said}")),
    )
}

fn trials(options: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(runner());
    command.args([
        "trial",
        "--virtual",
        "--seed",
        "5",
        "--count",
        "6",
        "--duration",
        "20s",
    ]);
    let output = command
        .args(options)
        .arg("--out")
        .arg(folder.path())
        .output();
    let output = output.expect("the runner starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    folder
}

#[test]
fn trials_of_one_condition_lie_in_its_band_and_the_band_is_always_the_same() {
    let folder = trials(&["--rates", "1,5", "--internal", "0.25"]);
    let (bytes, report) = json(folder.path(), "60");
    assert_eq!(json(folder.path(), "60").0, bytes, "a second band differs");
    let condition = &report["conditions"][0];
    assert_eq!(condition["simulated"]["trials"], 60);
    let overloaded = &condition["machines"][0];
    assert_eq!(overloaded["regime"], "overloaded");
    let band = &overloaded["bands"]["queue_last"];
    let number = |name: &str| {
        band[name]
            .as_f64()
            .unwrap_or_else(|| panic!("{name}: {band}"))
    };
    // At 5 Hz, sending with probability 3/4 (to the only peer), (3.75 − 1) · 20 = 55 wait at the end.
    assert!((number("mean") - 55.0).abs() < 5.0, "{band}");
    assert!(
        number("low") < number("mean_low") && number("mean_high") < number("high"),
        "{band}"
    );
    assert_eq!(band["disagrees"], false, "{band}");
}

#[test]
fn rates_that_are_drawn_have_bands_by_rate() {
    let folder = trials(&["--machines", "3", "--rate-range", "1..2", "--drain", "all"]);
    let (_, report) = json(folder.path(), "40");
    let groups = report["conditions"][0]["machines"]
        .as_array()
        .expect("groups");
    assert_eq!(groups.len(), 2, "six trials draw both rates");
    for group in groups {
        assert_eq!(group["machine"], Value::Null);
        assert!(
            group["bands"]["arrival_rate"]["mean"].is_number(),
            "{group}"
        );
    }
}

#[test]
fn what_virtual_time_does_not_have_is_outside() {
    let (_, report) = json(&two_machines(), "40");
    let condition = &report["conditions"][0];
    assert_eq!(condition["simulated"]["trials"], 40);
    let lateness = &condition["machines"][1]["bands"]["lateness_max_ms"];
    assert_eq!(lateness["high"], 0.0, "{lateness}");
    assert_eq!(lateness["disagrees"], true, "{lateness}");
}

#[test]
fn too_few_trials_are_refused() {
    let output = analyze(&["--band", "5"], &two_machines());
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("40"), "{said}");
}
