//! Packs: what is said of trials in packs is what is said of the same trials in folders, word for word.

mod answers;
mod programs;

use std::fs;
use std::path::Path;
use std::process::Command;

use answers::answer;
use programs::runner;
use tempfile::TempDir;

/// A run of five trials, in folders below `folders/run` and in a pack below `packs/run`.
fn both() -> TempDir {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    for (place, packed) in [("folders", "--packed=false"), ("packs", "--packed=true")] {
        let out = scratch.path().join(place);
        let made = Command::new(runner())
            .args([
                "trial",
                "--virtual",
                "--seed",
                "5",
                "--duration",
                "20s",
                packed,
                "--out",
            ])
            .arg(&out)
            .output()
            .expect("the runner starts");
        assert!(made.status.success(), "{made:?}");
        let run = fs::read_dir(&out).expect("a folder").flatten().next();
        fs::rename(run.expect("a run").path(), out.join("run")).expect("a new name");
    }
    scratch
}

/// What `analyze` says in a folder, answer and all else, with its exit code.
fn answered(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let (code, answer, said) = answer(folder, arguments);
    (code, answer + &said)
}

#[test]
fn every_command_says_of_a_pack_what_it_says_of_folders() {
    let scratch = both();
    for arguments in [
        &["run", "--json", "-"][..],
        &["run/trial-003", "--json", "-"],
        &["check", "run"],
        &["trace", "run", "--json", "-"],
        &["plan", "run", "--metric", "queue_max", "--effect", "20%"],
        &["grade", "run", "--json", "-"],
        &["export", "run", "--to", "csv", "--out", "-"],
    ] {
        let folders = answered(&scratch.path().join("folders"), arguments);
        let packs = answered(&scratch.path().join("packs"), arguments);
        assert_eq!(packs, folders, "{arguments:?}");
        assert_ne!(packs.0, Some(2), "{}", packs.1);
    }
}

#[test]
fn damage_in_a_pack_is_told_where_it_would_stand_in_a_folder() {
    let scratch = both();
    let packs = scratch.path().join("packs");
    let rows = packs.join("run/trials-000-004.csv");
    let text = fs::read_to_string(&rows).expect("a pack");
    // Of the same length, so that every other trial stays where it is.
    let broken = text.replacen("\n2,1,3,", "\n2,1,x,", 1);
    assert_ne!(broken, text);
    fs::write(&rows, &broken).expect("a broken pack");
    let (code, said) = answered(&packs, &["check", "run"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("run/trial-002/machine-1.csv:5"), "{said}");
    fs::write(&rows, &text[..text.len() / 2]).expect("a pack cut off");
    let (_, said) = answered(&packs, &["check", "run"]);
    assert!(said.contains("the end of the file at"), "{said}");
    fs::remove_file(&rows).expect("a pack without rows");
    let (code, said) = answered(&packs, &["check", "run"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("trials-000-004.csv"), "{said}");
}

#[test]
fn trials_missing_from_a_pack_are_told() {
    let scratch = both();
    let packs = scratch.path().join("packs");
    let manifests = packs.join("run/trials-000-004.jsonl");
    let text = fs::read_to_string(&manifests).expect("a pack");
    let cut: Vec<&str> = text.split_inclusive('\n').take(3).collect();
    fs::write(&manifests, cut.concat()).expect("a pack cut off");
    let (_, said) = answered(&packs, &["run"]);
    for told in ["manifests of trials 0 to 4", "2 missing, first trial 3"] {
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn what_is_too_much_in_a_pack_is_told() {
    let scratch = both();
    let packs = scratch.path().join("packs");
    let rows = packs.join("run/trials-000-004.csv");
    let text = fs::read_to_string(&rows).expect("a pack");
    let last = text.lines().last().expect("a row");
    let garbage = text.replacen("\n3,0,", "\ngarbage\n3,0,", 1);
    // What is said, and of how many trials that they are damaged.
    for (changed, told, damaged) in [
        (format!("{text}garbage\n"), "found 8 bytes more", false),
        (
            format!("{text}{last}\n"),
            "1 lines behind them that begin as its rows do",
            true,
        ),
        (
            format!("{text}{}", "x".repeat(1 << 20)),
            "found 1048576 bytes more",
            false,
        ),
        (garbage, "garbage", true),
    ] {
        fs::write(&rows, changed).expect("a changed pack");
        let (code, said) = answered(&packs, &["check", "run"]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(told), "{said}");
        assert_eq!(said.contains("damaged)"), damaged, "{said}");
    }
    fs::remove_file(packs.join("run/trials-000-004.jsonl")).expect("manifests");
    fs::write(&rows, &text).expect("the pack");
    let (code, said) = answered(&packs, &["check", "run"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("the manifests of a pack beside its rows"),
        "{said}"
    );
}

#[test]
fn a_pack_of_nothing_but_line_ends_is_no_list_of_trials() {
    let scratch = both();
    let packs = scratch.path().join("packs");
    let manifests = packs.join("run/trials-000-004.jsonl");
    fs::write(&manifests, "\n".repeat(5 << 20)).expect("line ends");
    let (code, said) = answered(&packs, &["check", "run"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("manifests are longer") && said.len() < 10_000,
        "{said}"
    );
}

#[test]
fn a_trial_asked_for_by_itself_and_with_its_pack_is_read_once() {
    let scratch = both();
    let packs = scratch.path().join("packs");
    for paths in [["run", "run/trial-003"], ["run/trial-003", "run"]] {
        let (_, rows) = answered(
            &packs,
            &["export", paths[0], paths[1], "--to", "csv", "--out", "-"],
        );
        let (_, alone) = answered(&packs, &["export", "run", "--to", "csv", "--out", "-"]);
        assert_eq!(rows.lines().count(), alone.lines().count());
    }
}
