//! Packs: the same trials in few files.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use common::{Lab, sorted_entries, text};
use event_log::pack::{PackedRow, PackedTrial, row_prefix};
use event_log::{ClockEvent, Status, TrialManifest, layout};

const OPTIONS: &str = "--virtual --seed 7 --count 2100 --duration 2s --latency 1ms..2s";

fn succeed(lab: &Lab, options: &str) {
    let output = lab.run(options);
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// The files of a run but its manifest and what shards say of themselves.
fn packs(run: &Path) -> BTreeMap<String, Vec<u8>> {
    let name = |path: &PathBuf| {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let files = sorted_entries(run).into_iter();
    files
        .filter(|path| !name(path).ends_with(".json"))
        .map(|path| (name(&path), fs::read(&path).expect("a file")))
        .collect()
}

#[test]
fn packs_are_the_same_for_any_number_of_workers_and_shards() {
    let lab = Lab::new();
    succeed(&lab, &format!("{OPTIONS} --packed --jobs 1 --name one"));
    let whole = packs(&lab.runs()[0]);
    let names: Vec<&str> = whole.keys().map(String::as_str).collect();
    let expected = [
        "trials-0000-0999.csv",
        "trials-0000-0999.jsonl",
        "trials-1000-1999.csv",
        "trials-1000-1999.jsonl",
        "trials-2000-2099.csv",
        "trials-2000-2099.jsonl",
    ];
    assert_eq!(names, expected);

    let several = Lab::new();
    succeed(&several, &format!("{OPTIONS} --packed --jobs 4"));
    assert!(packs(&several.runs()[0]) == whole, "several workers");

    let shards = Lab::new();
    for shard in [1, 0] {
        succeed(&shards, &format!("{OPTIONS} --packed --shard {shard}/2"));
    }
    let run = shards.out.path().join("scale-model");
    assert!(packs(&run) == whole, "two shards");
    // A pack that a shard has is kept, one that it has not is written again.
    fs::remove_file(run.join(expected[5])).expect("a pack");
    succeed(&shards, &format!("{OPTIONS} --packed --shard 0/2"));
    assert!(packs(&run) == whole, "a shard started again");
}

#[test]
fn a_pack_holds_what_folders_hold() {
    let lab = Lab::new();
    succeed(
        &lab,
        "--virtual --seed 5 --count 3 --duration 10s --name folders",
    );
    let folders = lab.runs().remove(0);
    let packed = Lab::new();
    succeed(
        &packed,
        "--virtual --seed 5 --count 3 --duration 10s --packed",
    );
    let files = packs(&packed.runs()[0]);
    let rows = &files[&layout::pack_rows_file(0, 3)];
    let manifests =
        String::from_utf8(files[&layout::pack_manifests_file(0, 3)].clone()).expect("text");
    assert_eq!(manifests.lines().count(), 3);
    let mut at = PackedRow::<ClockEvent>::header().len() as u64 + 1;
    for (number, line) in (0..).zip(manifests.lines()) {
        let trial: PackedTrial = serde_json::from_str(line).expect("a packed trial");
        let folder = folders.join(layout::trial_dir(number, 3));
        let manifest = fs::read(folder.join(layout::TRIAL_FILE)).expect("a manifest");
        let manifest: TrialManifest = serde_json::from_slice(&manifest).expect("a manifest");
        assert_eq!(trial.manifest, manifest);
        assert_eq!(trial.manifest.status, Status::Complete);
        assert_eq!(trial.rows_at, at);
        let block = &rows[at as usize..(at + trial.rows_bytes) as usize];
        let mut expected = String::new();
        for machine in &manifest.machines {
            let log = fs::read_to_string(folder.join(&machine.log)).expect("a log");
            let prefix = row_prefix(number, machine.id);
            expected.extend(log.lines().skip(1).map(|row| format!("{prefix}{row}\n")));
        }
        assert!(block == expected.as_bytes(), "trial {number}");
        let last = expected.lines().map(|row| {
            let row: PackedRow<ClockEvent> = PackedRow::decode_line(row).expect("a row");
            row.record.time_ns
        });
        assert_eq!(trial.ended_ns, last.max());
        at += trial.rows_bytes;
    }
    assert_eq!(at, rows.len() as u64);
}

#[test]
fn packs_are_for_virtual_time() {
    let lab = Lab::new();
    let output = lab.run("--packed --count 2");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--virtual"));
}
