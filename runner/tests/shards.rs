//! Shards: parts of a run, carried out by processes that do not speak to each other, are the run.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Lab, sorted_entries, text};
use event_log::layout;

const TRIALS: &str = "--virtual --seed 7 --count 7 --duration 5s";
const EXPERIMENT: &str = "
count = 4
[base]
virtual = true
duration = '3s'
[grid]
drain = ['one', 'all']
";

/// Every file of the trials of a run, by its path in the run.
fn trial_files(run: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let trials = sorted_entries(run).into_iter().filter(|path| path.is_dir());
    let files = trials.flat_map(|folder| sorted_entries(&folder));
    files
        .map(|file| {
            let name = file.strip_prefix(run).expect("below the run").to_owned();
            (name, fs::read(&file).expect("a file"))
        })
        .collect()
}

/// A run's manifest without what depends on when and where.
fn manifest(run: &Path) -> serde_json::Value {
    let bytes = fs::read(run.join(layout::RUN_FILE)).expect("a manifest");
    let mut manifest: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    manifest["created"].take();
    manifest["config"]["out"].take();
    manifest
}

fn succeed(output: &Output) {
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// Copies a folder's files over those of another, as `cp -r from/. to` does.
fn copy_over(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in sorted_entries(from) {
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy_over(&entry, &target);
        } else {
            fs::copy(&entry, &target).expect("a copy");
        }
    }
}

#[test]
fn shards_together_are_the_whole_run() {
    let whole = Lab::new();
    succeed(&whole.run(TRIALS));
    let whole = whole.runs().remove(0);
    let expected = trial_files(&whole);
    assert_eq!(expected.len(), 7 * 5);
    for of in [1, 3, 5] {
        let shared = Lab::new();
        let merged = Lab::new();
        for shard in (0..of).rev() {
            let options = format!("{TRIALS} --shard {shard}/{of}");
            succeed(&shared.run(&options));
            let alone = Lab::new();
            succeed(&alone.run(&options));
            copy_over(alone.out.path(), merged.out.path());
        }
        for lab in [shared, merged] {
            let run = lab.out.path().join("scale-model");
            assert!(trial_files(&run) == expected, "{of} shards");
            assert_eq!(manifest(&run), manifest(&whole), "{of} shards");
            let shards = (0..of).filter(|&shard| run.join(layout::shard_file(shard, of)).is_file());
            assert_eq!(shards.count() as u64, of);
        }
    }
}

#[test]
fn shards_of_an_experiment_are_the_whole_experiment() {
    let lab = Lab::new();
    let file = lab.out.path().join("sweep.toml");
    fs::write(&file, EXPERIMENT).expect("a file");
    let run = |out: &str, options: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
        command
            .arg("experiment")
            .arg(&file)
            .args(["--seed", "7", "--out"]);
        command
            .arg(lab.out.path().join(out))
            .args(options.split_whitespace());
        command.output().expect("runner starts")
    };
    succeed(&run("whole", ""));
    let whole = sorted_entries(&lab.out.path().join("whole")).remove(0);
    for shard in 0..3 {
        succeed(&run("parts", &format!("--shard {shard}/3")));
    }
    let parts = lab.out.path().join("parts/sweep");
    assert_eq!(trial_files(&whole).len(), 8 * 5);
    assert!(trial_files(&whole) == trial_files(&parts));
    assert_eq!(manifest(&parts), manifest(&whole));
}

#[test]
fn a_shard_started_again_keeps_what_is_complete_and_repeats_the_rest() {
    let lab = Lab::new();
    let options = format!("{TRIALS} --shard 1/3");
    succeed(&lab.run(&options));
    let run = lab.out.path().join("scale-model");
    let before = trial_files(&run);
    assert_eq!(before.len(), 2 * 5, "trials 1 and 4");
    // As a process leaves it that is killed in the middle of its second trial.
    let manifest = run.join("trial-004/trial.json");
    let cut = fs::read_to_string(&manifest).expect("a manifest");
    fs::write(&manifest, cut.replace("complete", "running")).expect("a manifest");
    fs::remove_file(run.join("trial-004/machine-2.csv")).expect("a log");
    let again = lab.run(&options);
    succeed(&again);
    let words = text(&again.stderr);
    assert!(words.contains("1 complete and kept"), "{words}");
    assert!(words.contains("trial 4 runs again"), "{words}");
    let mut after = trial_files(&run);
    after.retain(|path, _| !path.starts_with(".trial-004.interrupted-1"));
    assert!(after == before);
}

#[test]
fn what_is_not_of_the_same_run_does_not_join_it() {
    let lab = Lab::new();
    succeed(&lab.run(&format!("{TRIALS} --shard 0/3")));
    for (options, word) in [
        (
            "--virtual --seed 8 --count 7 --duration 5s --shard 1/3",
            "another seed",
        ),
        (
            "--virtual --seed 7 --count 7 --duration 6s --shard 1/3",
            "another configuration",
        ),
        ("--virtual --count 7 --shard 1/3", "--seed"),
        ("--virtual --seed 7 --shard 3/3", "0/3 to 2/3"),
    ] {
        let output = lab.run(options);
        assert_eq!(output.status.code(), Some(2), "{options}");
        let words = text(&output.stderr);
        assert!(words.contains(word), "{options}: {words}");
    }
    let run = lab.out.path().join("scale-model");
    assert_eq!(trial_files(&run).len(), 3 * 5, "trials 0, 3 and 6 only");
}

/// Runs a job's command in a shell, as its scheduler would, with this program as `runner`.
fn as_job(command: &str, out: &Path, variables: &[(&str, &str)]) {
    let program = Path::new(env!("CARGO_BIN_EXE_runner"));
    let folder = program.parent().expect("a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    let output = Command::new("sh")
        .args(["-c", command])
        .env("PATH", std::env::join_paths(folders).expect("a path"))
        .env("OUT", out)
        .env("COUNT", "5")
        .envs(variables.iter().copied())
        .output()
        .expect("a shell");
    succeed(&output);
}

#[test]
fn the_examples_for_schedulers_do_what_they_say() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let lab = Lab::new();
    let script = fs::read_to_string(examples.join("slurm-array.sh")).expect("the example");
    for task in ["0", "1"] {
        let variables = [
            ("SLURM_ARRAY_TASK_ID", task),
            ("SLURM_ARRAY_TASK_COUNT", "2"),
            ("SLURM_CPUS_PER_TASK", "1"),
        ];
        as_job(&script, lab.out.path(), &variables);
    }
    let job =
        fs::read_to_string(examples.join("kubernetes-indexed-job.yaml")).expect("the example");
    let (_, command) = job.split_once("- >-\n").expect("its command");
    let (command, _) = command.split_once("volumeMounts").expect("its end");
    let folded: Vec<&str> = command.split_whitespace().collect();
    for index in ["0", "1"] {
        let variables = [("JOB_COMPLETION_INDEX", index), ("SHARDS", "2")];
        as_job(&folded.join(" "), lab.out.path(), &variables);
    }
    let array = trial_files(&lab.out.path().join("array"));
    assert_eq!(array.len(), 5 * 5);
    assert!(array == trial_files(&lab.out.path().join("indexed")));
}
