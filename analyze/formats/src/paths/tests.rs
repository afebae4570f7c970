//! Plans of folders as people leave them.

use std::fs;

use tempfile::TempDir;

use super::*;

/// The plan of these paths.
fn plan(paths: &[PathBuf], files: &Files) -> Result<Plan, PathsError> {
    super::plan(&Inventory::of(paths)?, files)
}

/// A folder with these files, each with a line of text.
fn folder(files: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for file in files {
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder that can be made");
        fs::write(path, "1 internal\n").expect("a file that can be written");
    }
    dir
}

/// Trials in words: `group|trial: machine=file …`, the folder that was asked for as `~`.
fn planned(dir: &TempDir, files: &Files) -> Vec<String> {
    let plan = plan(&[dir.path().to_owned()], files).expect("a plan");
    let root = dir.path().file_name().expect("a name").to_string_lossy();
    let root = root.as_ref();
    let in_words = plan.trials.iter().map(|trial| {
        let files = trial.files.iter().map(|file| {
            let name = file
                .path
                .strip_prefix(dir.path())
                .expect("a file below")
                .display();
            format!(" {}={name}", file.machine.as_deref().unwrap_or("-"))
        });
        format!(
            "{}|{}:{}",
            trial.group.replace(root, "~"),
            trial.trial,
            files.collect::<String>()
        )
    });
    in_words.collect()
}

fn by_path(path: &str) -> Files {
    Files {
        path: Some(path.to_owned()),
        ..Files::default()
    }
}

#[test]
fn rates_of_all_machines_in_a_path_are_shared_out() {
    let dir = folder(&["at-6-1/m10.txt", "at-6-1/m9.txt", "at-2-3/m9.txt"]);
    let files = by_path(r"at-(?<rates>\d+-\d+)/m(?<machine>\d+)\.txt$");
    let plan = plan(&[dir.path().to_owned()], &files).expect("a plan");
    let rates = |trial: &TrialFiles| -> Vec<_> {
        let files = trial.files.iter();
        files
            .map(|file| (file.machine.clone(), file.rate.clone()))
            .collect()
    };
    let told = |machine: &str, rate: &str| (Some(machine.to_owned()), Some(rate.to_owned()));
    // A trial with another number of machines has no such rates: the reader refuses the list.
    assert_eq!(rates(&plan.trials[0]), [told("9", "2-3")]);
    assert_eq!(rates(&plan.trials[1]), [told("9", "6"), told("10", "1")]);
}

#[test]
fn a_folder_is_a_trial_and_strays_are_another() {
    let dir = folder(&[
        "logs/trial2/m1.txt",
        "logs/trial2/m2.txt",
        "logs/trial10/m1.txt",
        "logs/m1.txt",
        "logs/m2.txt",
    ]);
    assert_eq!(
        planned(&dir, &Files::default()),
        [
            "~|logs: 1=logs/m1.txt 2=logs/m2.txt",
            "logs|trial2: 1=logs/trial2/m1.txt 2=logs/trial2/m2.txt",
            "logs|trial10: 1=logs/trial10/m1.txt",
        ]
    );
}

#[test]
fn numbers_in_names_tell_trials_of_one_folder() {
    let dir = folder(&["A2.out", "B2.out", "A10.out", "B10.out"]);
    assert_eq!(
        planned(&dir, &Files::default()),
        ["~|2: A=A2.out B=B2.out", "~|10: A=A10.out B=B10.out"]
    );
    let dir = folder(&["log.txt"]);
    assert_eq!(planned(&dir, &Files::default()), ["~|: -=log.txt"]);
    let dir = folder(&[
        "machine_1/run1.log",
        "machine_1/run2.log",
        "machine_2/run1.log",
        "machine_2/run2.log",
    ]);
    assert_eq!(
        planned(&dir, &Files::default()),
        [
            "~|run1: 1=machine_1/run1.log 2=machine_2/run1.log",
            "~|run2: 1=machine_1/run2.log 2=machine_2/run2.log",
        ]
    );
}

#[test]
fn a_regex_goes_before_what_names_seem_to_say() {
    let dir = folder(&[
        "slow/exp1/log_0.txt",
        "slow/exp1/log_1.txt",
        "fast/exp1/log_0.txt",
        "log_7.txt",
    ]);
    let files = by_path(r"(?<trial>exp\d+)/log_(?<machine>\d+)\.txt$");
    assert_eq!(
        planned(&dir, &files),
        [
            "fast|exp1: 0=fast/exp1/log_0.txt",
            "slow|exp1: 0=slow/exp1/log_0.txt 1=slow/exp1/log_1.txt"
        ]
    );
    let plan = plan(&[dir.path().to_owned()], &files).expect("a plan");
    let others: Vec<&String> = plan.other_files.keys().collect();
    assert_eq!(others, ["the format's `path` does not match"]);
    let files = by_path(r"(?<run>slow|fast)/(?<trial>exp\d+)/log_(?<machine>\d+)");
    assert_eq!(planned(&dir, &files)[0], "fast|exp1: 0=fast/exp1/log_0.txt");
}

#[test]
fn machines_of_a_regex_that_come_again_are_told_apart_by_names() {
    let dir = folder(&[
        "P1_2024-01-01 10:00:00.txt",
        "P2_2024-01-01 10:00:02.txt",
        "P1_2024-01-01 10:05:00.txt",
        "P2_2024-01-01 10:05:01.txt",
    ]);
    let planned = planned(&dir, &by_path(r"P(?<machine>\d)_(?<date>[\d-]+)"));
    assert_eq!(
        planned,
        [
            "~|2024-01-01 10:00:00: 1=P1_2024-01-01 10:00:00.txt 2=P2_2024-01-01 10:00:02.txt",
            "~|2024-01-01 10:05:00: 1=P1_2024-01-01 10:05:00.txt 2=P2_2024-01-01 10:05:01.txt",
        ]
    );
}

#[test]
fn a_folder_deeper_than_the_patterns_say_is_planned_the_same() {
    let dir = folder(&["logs/exp1/log_0.txt", "logs/exp1/log_1.txt"]);
    let files = Files {
        include: vec!["logs/*/log_*.txt".to_owned()],
        ..by_path(r"^logs/(?<trial>exp\d)/log_(?<machine>\d)")
    };
    for root in [
        dir.path().to_owned(),
        dir.path().join("logs"),
        dir.path().join("logs/exp1"),
    ] {
        let plan = plan(std::slice::from_ref(&root), &files).expect("a plan");
        assert_eq!(plan.trials.len(), 1, "{}", root.display());
        assert_eq!(
            (&*plan.trials[0].trial, plan.trials[0].files.len()),
            ("exp1", 2)
        );
    }
    let one = plan(&[dir.path().join("logs/exp1/log_1.txt")], &files).expect("a plan");
    assert_eq!(one.trials[0].files[0].machine.as_deref(), Some("1"));
}

#[test]
fn files_that_are_no_logs_are_counted_with_the_reason() {
    let dir = folder(&[
        "a.log",
        "plot.png",
        "README.md",
        "main.py",
        ".git/config",
        "target/x.log",
        "old.log",
    ]);
    fs::write(dir.path().join("core"), [1, 0, 2]).expect("a file that can be written");
    let files = Files {
        exclude: vec!["old*".to_owned()],
        ..Files::default()
    };
    let plan = plan(&[dir.path().to_owned()], &files).expect("a plan");
    assert_eq!(plan.trials.len(), 1);
    let reasons: Vec<(&str, usize)> = plan
        .other_files
        .iter()
        .map(|(reason, files)| (&**reason, files.len()))
        .collect();
    assert_eq!(
        reasons,
        [
            ("a folder of build products", 1),
            ("a picture by its name", 1),
            ("a program or a document by its name", 2),
            ("excluded by **/old*", 1),
            ("hidden", 1),
            ("not text: it holds zero bytes", 1),
        ]
    );
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_not_followed() {
    let dir = folder(&["a/x.log"]);
    std::os::unix::fs::symlink(dir.path(), dir.path().join("a/up")).expect("a link");
    let plan = plan(&[dir.path().to_owned()], &Files::default()).expect("a plan");
    assert_eq!(plan.trials.len(), 1);
    assert_eq!(plan.other_files["a symbolic link"].len(), 1);
}

#[test]
fn the_same_file_is_read_once_and_groups_of_the_same_name_are_told_apart() {
    let dir = folder(&["x/logs/a.log", "y/logs/a.log"]);
    let (x, y) = (dir.path().join("x/logs"), dir.path().join("y/logs"));
    let plan = plan(&[y.clone(), x.clone(), y.join("a.log")], &Files::default()).expect("a plan");
    let groups: Vec<&str> = plan
        .trials
        .iter()
        .map(|trial| trial.group.as_str())
        .collect();
    assert_eq!(groups, [y.display().to_string(), x.display().to_string()]);
}

#[test]
fn what_is_wrong_with_a_format_is_said() {
    let dir = folder(&["a.log"]);
    let error = |files: Files| {
        plan(&[dir.path().to_owned()], &files)
            .expect_err("no plan")
            .to_string()
    };
    let glob = Files {
        include: vec!["[".to_owned()],
        ..Files::default()
    };
    assert!(error(glob).contains("\"[\" is no pattern of files"));
    assert!(error(by_path("(")).contains("`path` = '('"));
    assert!(
        error(by_path("(?<mahcine>.)")).contains(
            "expected the groups run, trial, machine, rate, rates, date, found `mahcine`"
        )
    );
    let missing = plan(&[dir.path().join("nowhere")], &Files::default()).expect_err("no plan");
    assert!(missing.to_string().contains("cannot read"));
}

#[test]
fn the_pieces_of_a_rotated_log_are_one_file_and_a_compressed_one_keeps_its_name() {
    let dir = folder(&[
        "node-0.log",
        "node-0.log.1",
        "node-0.log.2.gz",
        "node-1.log.gz",
        "node-1.log",
        "node-2.log.gz",
    ]);
    let planned = planned(&dir, &Files::default());
    assert_eq!(
        planned,
        ["~|: 0=node-0.log.2.gz 0=node-0.log.1 0=node-0.log 1=node-1.log 2=node-2.log.gz"]
    );
    let plan = plan(&[dir.path().to_owned()], &Files::default()).expect("a plan");
    assert_eq!(plan.unread_logs.len(), 1, "{:?}", plan.unread_logs);
    assert!(plan.unread_logs[0].file.ends_with("node-1.log.gz"));
}

#[test]
fn what_is_called_as_a_log_and_cannot_be_read_is_an_unread_log() {
    let dir = folder(&["m0.log", "m1.log", "plot.png", "core.pkl"]);
    fs::write(dir.path().join("m2.log"), "").expect("an empty file");
    fs::write(dir.path().join("m3.log"), [1, 0, 2]).expect("a file");
    fs::write(dir.path().join("m4.log.xz"), "").expect("a file");
    #[cfg(unix)]
    std::os::unix::fs::symlink("m0.log", dir.path().join("m5.log")).expect("a link");
    let unread = |files: Files| {
        let plan = plan(&[dir.path().to_owned()], &files).expect("a plan");
        let mut names: Vec<String> = plan
            .unread_logs
            .iter()
            .map(|log| log.file.clone())
            .collect();
        names.sort();
        let names = names
            .iter()
            .map(|name| name.rsplit('/').next().unwrap_or_default().to_owned());
        names.collect::<Vec<String>>()
    };
    let include = |glob: &str| Files {
        include: vec![glob.to_owned()],
        ..Files::default()
    };
    let mut all = vec!["m2.log", "m3.log", "m4.log.xz"];
    if cfg!(unix) {
        all.push("m5.log");
    }
    assert_eq!(unread(Files::default()), all);
    assert_eq!(unread(include("*.log")), all);
    assert_eq!(unread(include("m[01].log")), [""; 0]);
}

#[test]
fn globs_that_are_too_deep_or_too_long_are_refused() {
    let dir = folder(&["a.log"]);
    let said = |glob: String| {
        let files = Files {
            include: vec![glob],
            ..Files::default()
        };
        plan(&[dir.path().to_owned()], &files)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert_eq!(said("{a,{b,*.log}}".to_owned()), Ok(()));
    let deep = said("{a,".repeat(150)).expect_err("too deep");
    assert!(deep.contains("8 braces") && deep.len() < 400, "{deep}");
    let long = said("a".repeat(100_000)).expect_err("too long");
    assert!(
        long.contains("1000 characters") && long.len() < 400,
        "{long}"
    );
}
