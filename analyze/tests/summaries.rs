//! Summaries of the shards of a run: put together they say what the whole logs say, to the last bit.

mod answers;
mod programs;

use std::fs;
use std::path::Path;
use std::process::Command;

use answers::answer;
use polars::df;
use polars::prelude::ParquetWriter;
use programs::runner;
use tempfile::TempDir;

const SHARDS: usize = 3;

/// A run in three shards, each on a disk of its own below `0`, `1`, `2`, and whole below `whole`; as `logs/big`.
fn sharded() -> TempDir {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    for shard in 0..SHARDS {
        for disk in [shard.to_string(), "whole".to_owned()] {
            let made = Command::new(runner())
                .args([
                    "trial",
                    "--virtual",
                    "--seed",
                    "5",
                    "--count",
                    "8",
                    "--duration",
                    "20s",
                ])
                .args([
                    "--name",
                    "big",
                    "--shard",
                    &format!("{shard}/{SHARDS}"),
                    "--out",
                ])
                .arg(scratch.path().join(disk).join("logs"))
                .output()
                .expect("the runner starts");
            assert!(made.status.success(), "{made:?}");
        }
    }
    scratch
}

fn summarise(scratch: &Path, disk: &str) {
    let file = format!("../{disk}.parquet");
    let (_, _, said) = answer(&scratch.join(disk), &["logs", "--summary", &file]);
    assert!(scratch.join(format!("{disk}.parquet")).is_file(), "{said}");
}

#[test]
fn summaries_of_shards_say_what_the_whole_logs_say() {
    let scratch = sharded();
    // One trial is spoilt, one is missing, and one machine breaks laws: all of that has to come through.
    for disk in ["1", "whole"] {
        let log = scratch
            .path()
            .join(disk)
            .join("logs/big/trial-004/machine-1.csv");
        let text = fs::read_to_string(&log).expect("a log");
        fs::write(&log, text.replacen(",internal,", ",internal,9", 2)).expect("a spoilt log");
    }
    for disk in ["2", "whole"] {
        let run = scratch.path().join(disk).join("logs/big");
        fs::remove_dir_all(run.join("trial-002")).expect("a trial less");
        fs::write(run.join("trial-005/trial.json"), "{}").expect("a spoilt manifest");
    }
    for disk in ["0", "1", "2"] {
        summarise(scratch.path(), disk);
    }
    let parts = ["2.parquet", "0.parquet", "1.parquet", "--json", "-"];
    let merged = answer(scratch.path(), &parts);
    let whole = answer(&scratch.path().join("whole"), &["logs", "--json", "-"]);
    assert_eq!(merged, whole);
    assert!(whole.1.contains("clock-rule") && whole.2.contains("1 missing, first trial 2"));
    let parts = ["check", "2.parquet", "0.parquet", "1.parquet"];
    let whole = answer(&scratch.path().join("whole"), &["check", "logs"]);
    assert_eq!(answer(scratch.path(), &parts), whole);
}

#[test]
fn what_cannot_be_put_together_is_refused_with_the_reason() {
    let scratch = sharded();
    let folder = scratch.path();
    summarise(folder, "0");
    summarise(folder, "whole");
    fs::write(folder.join("text.parquet"), "not a table").expect("a file");
    let mut other = df!("clock" => [1i64, 2]).expect("a frame");
    let file = fs::File::create(folder.join("other.parquet")).expect("a file");
    let written = ParquetWriter::new(file).finish(&mut other);
    written.expect("a table");
    for (arguments, reason) in [
        (
            &["0.parquet", "whole.parquet"][..],
            "trial trial-000 of run big is in 0.parquet and in whole.parquet",
        ),
        (
            &["text.parquet"],
            "text.parquet: cannot be read as a summary",
        ),
        (
            &["other.parquet"],
            "found a Parquet file with the columns clock",
        ),
        (
            &["0.parquet", "1/logs"],
            "summaries and logs cannot be put together",
        ),
        (&["0.parquet", "--plot"], "a summary has no rows"),
        (&["trace", "0.parquet"], "pass the logs"),
        (&["grade", "0.parquet"], "pass the logs"),
        (&["gap", "0.parquet"], "pass the logs"),
        (&["0/logs", "--summary", "0.csv"], "ends in .parquet"),
        (&["0.parquet", "--summary", "again.parquet"], "made of logs"),
    ] {
        let (code, _, said) = answer(folder, arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        assert!(said.contains(reason), "{arguments:?}: {said}");
    }
}
