//! Rules of the workspace that a compiler does not check.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    let runner = Path::new(env!("CARGO_MANIFEST_DIR"));
    runner.parent().expect("the workspace").to_owned()
}

/// Names under a manifest's tables of this name.
fn dependencies(member: &str, table: &str) -> BTreeSet<String> {
    let path = root().join(member).join("Cargo.toml");
    let text = fs::read_to_string(&path).expect("a manifest");
    let manifest: toml::Table = text.parse().expect("TOML");
    let Some(table) = manifest.get(table).and_then(toml::Value::as_table) else {
        return BTreeSet::new();
    };
    table.keys().cloned().collect()
}

/// All Rust files below a folder, with their text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                files.push((path, text));
            }
        }
    }
    files.sort();
    files
}

/// Every crate of the workspace.
const CRATES: &[&str] = &[
    "runner",
    "runner/chat",
    "runner/chat-service",
    "runner/chat-trial",
    "runner/cluster",
    "runner/driver",
    "runner/event-log",
    "runner/machine",
    "runner/replica",
    "runner/seal",
    "analyze",
    "analyze/events",
    "analyze/files",
    "analyze/formats",
    "analyze/guess",
    "analyze/laws",
    "analyze/logs",
    "analyze/plots",
    "analyze/statistics",
    "analyze/text",
];

/// The crates of ours that a crate with logs in it uses.
const OURS: &[(&str, &[&str])] = &[
    ("analyze/events", &["event-log"]),
    ("analyze/files", &["text"]),
    ("analyze/formats", &["event-log", "events", "files", "text"]),
    ("analyze/guess", &["events", "files", "formats"]),
    ("analyze/laws", &["event-log", "events"]),
    (
        "analyze/logs",
        &["event-log", "events", "files", "formats", "guess"],
    ),
];

/// The crate of a program, and those below its folder.
fn crates_of(program: &str) -> impl Iterator<Item = &'static str> {
    let all = CRATES.iter().copied();
    all.filter(move |of| of.split('/').next() == Some(program))
}

#[test]
fn arrows_point_one_way() {
    // A new crate needs its place here and in `OURS`.
    let workspace = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    let workspace: toml::Table = workspace.parse().expect("TOML");
    let known = toml::Value::from(CRATES.to_vec());
    assert_eq!(workspace["workspace"].get("members"), Some(&known));
    let event_log = dependencies("runner/event-log", "dependencies");
    assert_eq!(event_log, ["serde", "thiserror"].map(str::to_owned).into());
    let machine = dependencies("runner/machine", "dependencies");
    let pure = ["event-log", "rand"].map(str::to_owned);
    assert_eq!(machine, pure.into());
    // Knows no application and no log of a trial.
    let replica = dependencies("runner/replica", "dependencies");
    assert_eq!(replica, ["machine", "thiserror"].map(str::to_owned).into());
    // What a frame says, and who sends it, is not its matter.
    let seal = dependencies("runner/seal", "dependencies");
    assert_eq!(seal, ["siphasher", "thiserror"].map(str::to_owned).into());
    // Of what runs machines, their chance alone.
    let chat = dependencies("runner/chat", "dependencies");
    let pure = ["bytes", "machine", "sha2", "thiserror", "uuid", "wildmatch"];
    assert_eq!(chat, pure.map(str::to_owned).into());
    // Both hearts together, and still no driver.
    let cluster = dependencies("runner/cluster", "dependencies");
    let pure = ["chat", "machine", "replica", "sha2"];
    assert_eq!(cluster, pure.map(str::to_owned).into());
    // Programs of the service: no world, no trial, no log of one.
    let service = dependencies("runner/chat-service", "dependencies");
    for other in ["driver", "event-log", "chat-trial", "runner", "clap"] {
        assert!(!service.contains(other), "{other} in runner/chat-service");
    }
    // No runtime, no terminal: what is compiled in one piece stays small.
    let driver = dependencies("runner/driver", "dependencies");
    let shared = ["event-log", "machine", "thiserror"].map(str::to_owned);
    assert_eq!(driver, shared.into());
    // Numbers in, numbers out: nothing that reads, writes or draws.
    let statistics = dependencies("analyze/statistics", "dependencies");
    assert_eq!(
        statistics,
        ["rand", "serde", "statrs"].map(str::to_owned).into()
    );
    let text = dependencies("analyze/text", "dependencies");
    assert_eq!(text, ["statistics"].map(str::to_owned).into());
    for (member, ours) in OURS {
        let all = dependencies(member, "dependencies");
        let used: Vec<&str> = (all.iter().map(String::as_str))
            .filter(|name| CRATES.iter().any(|of| of.rsplit('/').next() == Some(name)))
            .collect();
        assert_eq!(used, *ours, "crates of ours that {member} uses");
    }
    // Pictures from numbers: nothing of ours that knows what the numbers are of.
    let plots = dependencies("analyze/plots", "dependencies");
    let drawing = ["dejavu", "plotters", "plotters-backend", "resvg"];
    let drawing = drawing.into_iter().chain(["statistics", "text"]);
    assert_eq!(plots, drawing.map(str::to_owned).collect());
    for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for member in crates_of("runner") {
            let used = dependencies(member, table);
            for other in ["polars", "analyze"] {
                assert!(!used.contains(other), "{other} in {table} of {member}");
            }
        }
        for member in crates_of("analyze") {
            let used = dependencies(member, table);
            let ours = ["runner", "driver", "machine", "replica", "chat", "cluster"];
            for other in ours.into_iter().chain(["chat-trial"]) {
                assert!(!used.contains(other), "{other} in {table} of {member}");
            }
            let draws = used.contains("plotters") && member != "analyze/plots";
            assert!(!draws, "plotters in {table} of {member}");
        }
    }
}

#[test]
fn one_expensive_dependency_lives_in_one_place() {
    let homes: [(&str, &str, &[&str]); 11] = [
        ("runner/src", "tokio", &["drive/sockets"]),
        ("runner/src", "indicatif", &["progress"]),
        ("runner/src", "comfy_table", &["summary"]),
        (
            "analyze/src",
            "polars",
            &["analysis/summary", "export", "metrics"],
        ),
        ("analyze/formats/src", "polars", &["exported"]),
        ("analyze/logs/src", "polars", &["scan"]),
        ("analyze/files/src", "polars", &["parquet_file"]),
        ("analyze/plots/src", "plotters", &["canvas", "svg"]),
        ("analyze/plots/src", "resvg", &["png"]),
        ("analyze/src", "comfy_table", &["table"]),
        ("analyze/statistics/src", "rand", &["chance"]),
    ];
    for (folder, dependency, homes) in homes {
        let mut users = 0;
        for (path, text) in sources(folder) {
            let place = path
                .strip_prefix(root().join(folder))
                .expect("below the folder");
            let place = place.display().to_string();
            let uses = [
                format!("use {dependency}::"),
                format!("{dependency}::"),
                format!("use {dependency}"),
            ];
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            if !code
                .into_iter()
                .any(|line| uses.iter().any(|form| line.contains(form.as_str())))
            {
                continue;
            }
            users += 1;
            let at_home = homes.iter().any(|home| place.starts_with(home));
            assert!(
                at_home,
                "{dependency} is used in {folder}/{place}; its place is {homes:?}"
            );
        }
        assert!(
            users > 0,
            "{dependency} is used nowhere in {folder}: drop it, or mend this test"
        );
    }
}

/// The sources of `analyze` and its crates, by their places below `analyze`.
fn sources_of_analyze() -> Vec<(PathBuf, String)> {
    let files = crates_of("analyze").flat_map(|of| sources(&format!("{of}/src")));
    let place = |path: PathBuf| {
        path.strip_prefix(root().join("analyze"))
            .map(Path::to_owned)
    };
    files
        .map(|(path, text)| (place(path).expect("below `analyze`"), text))
        .collect()
}

/// Calls in the code of `analyze` and its crates, tests aside, that stand in other files than `homes` says; and how many
/// there are in all.
fn strays(homes: &[(&str, &[&str])]) -> (Vec<String>, usize) {
    let (mut strays, mut count) = (Vec::new(), 0);
    for (place, text) in sources_of_analyze() {
        let mut parts = place.components().map(|part| part.as_os_str());
        if place.ends_with("tests.rs") || parts.any(|part| part == "tests") {
            continue;
        }
        let code = text.split("\n#[cfg(test)]\nmod tests").next();
        for line in code.unwrap_or_default().lines() {
            let code = line.split("//").next().unwrap_or_default();
            let mut calls: Vec<&str> = homes
                .iter()
                .flat_map(|(_, calls)| *calls)
                .copied()
                .collect();
            calls.sort_unstable();
            calls.dedup();
            for call in calls.into_iter().filter(|call| code.contains(call)) {
                count += 1;
                let mut homes = homes.iter();
                if !homes.any(|(home, calls)| place == Path::new(home) && calls.contains(&call)) {
                    strays.push(format!("analyze/{}: {line}", place.display()));
                }
            }
        }
    }
    (strays, count)
}

#[test]
fn analyze_writes_files_in_one_place() {
    // Elsewhere a full disk or a kill would leave half a file where a whole one was.
    let calls = [
        "fs::write",
        "File::create",
        "OpenOptions",
        "fs::copy",
        "fs::rename",
    ];

    let homes = [
        ("files/src/whole_file.rs", &calls[..]),
        // How a file is opened without waiting for whoever writes to it.
        ("files/src/input.rs", &["OpenOptions"]),
    ];
    let (strays, count) = strays(&homes);
    assert!(strays.is_empty(), "use `files::whole_file`: {strays:#?}");
    assert!(count > 0, "nothing is written: mend this test");
}

#[test]
fn analyze_speaks_through_one_mouth() {
    // Elsewhere a terminal would obey names of others, or a reader that leaves would change an exit code.
    let streams: &[&str] = &["io::stdout()", "io::stderr()", "println!", "eprintln!"];
    let homes = [
        ("src/cli/streams.rs", streams),
        ("src/cli/grade/progress.rs", &["io::stderr()"]),
        ("src/export/target.rs", &["io::stdout()"]),
    ];
    let (strays, count) = strays(&homes);
    assert!(strays.is_empty(), "use `cli::streams`: {strays:#?}");
    assert!(count > 0, "nothing is said: mend this test");
}

#[test]
fn machines_are_pure() {
    // clippy.toml bans the calls; this bans the modules, in case clippy is not run.
    let forbidden = [
        "std::time",
        "std::net",
        "std::fs",
        "std::thread",
        "std::env",
        "async ",
        "HashMap",
    ];
    for member in [
        "runner/chat",
        "runner/cluster",
        "runner/machine",
        "runner/replica",
    ] {
        let folder = root().join(member).join("src");
        for (path, text) in sources(&format!("{member}/src")) {
            let place = path.strip_prefix(&folder).expect("below the folder");
            if place.starts_with("tests") {
                continue;
            }
            let code: Vec<&str> = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect();
            for word in forbidden {
                let used = code.iter().any(|line| line.contains(word));
                assert!(!used, "{}: `{word}` in a pure crate", path.display());
            }
        }
        let bans = fs::read_to_string(root().join(member).join("clippy.toml")).expect("the bans");
        for call in [
            "Instant::now",
            "SystemTime::now",
            "thread::sleep",
            "TcpStream",
            "fs::File",
        ] {
            assert!(bans.contains(call), "{member} no longer bans {call}");
        }
    }
}

#[test]
fn chance_comes_from_seeds() {
    let seeded = [
        "use rand::rngs::ChaCha8Rng;",
        "use rand::{Rng, SeedableRng};",
    ];
    for folder in ["runner/machine/src", "analyze/statistics/src"] {
        let mut found = 0;
        for (path, text) in sources(folder) {
            let code = text.lines().map(str::trim);
            let code = code.filter(|line| !line.starts_with("//"));
            for line in code.filter(|line| line.contains("rand::")) {
                assert!(seeded.contains(&line), "{}: {line}", path.display());
                found += 1;
            }
        }
        assert_eq!(found, seeded.len(), "{folder}: mend this test");
    }
    // Every other part of `analyze` takes it from there.
    for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let others = crates_of("analyze").filter(|of| *of != "analyze/statistics");
        for member in others {
            let used = dependencies(member, table);
            assert!(!used.contains("rand"), "{table} of {member}");
        }
    }
}

#[test]
fn analyze_opens_files_in_one_place() {
    // What lies in a stranger's folder may be a pipe, a device, or a link to either: one place knows.
    let calls: &[&str] = &["fs::read(", "fs::read_to_string(", "File::open("];
    let homes = [
        ("files/src/input.rs", calls),
        // A folder is opened where its entries are flushed.
        ("files/src/whole_file.rs", &["File::open("]),
    ];
    let (strays, count) = strays(&homes);
    assert!(strays.is_empty(), "use `files::input`: {strays:#?}");
    assert!(count > 0, "nothing is read: mend this test");
}

#[test]
fn every_module_says_what_it_is_for() {
    for member in CRATES {
        for (path, text) in sources(&format!("{member}/src")) {
            let part_of_parent = path.file_name().is_some_and(|name| name == "tests.rs");
            assert!(
                text.starts_with("//! ") || part_of_parent,
                "{}: no head",
                path.display()
            );
        }
    }
}

#[test]
fn the_root_shows_its_card() {
    // What is committed, not what lies about: users keep their own files here. Without git there is nothing to ask.
    let listed = std::process::Command::new("git")
        .args(["ls-files"])
        .current_dir(root())
        .output();
    let Ok(listed) = listed else { return };
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let shown: BTreeSet<&str> = listed
        .lines()
        .filter_map(|path| path.split('/').next())
        .filter(|name| !name.starts_with('.'))
        .collect();
    let card = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "analyze",
        "figures",
        "notebook",
        "runner",
    ];
    for name in shown {
        assert!(
            card.contains(&name),
            "`{name}` at the root: does it belong there?"
        );
    }
}
