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

#[test]
fn arrows_point_one_way() {
    // A new crate needs its place below, and among the folders of the other rules.
    let workspace = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    let workspace: toml::Table = workspace.parse().expect("TOML");
    let known = [
        "runner",
        "runner/chat",
        "runner/driver",
        "runner/event-log",
        "runner/machine",
        "analyze",
        "analyze/events",
        "analyze/laws",
        "analyze/plots",
        "analyze/statistics",
        "analyze/text",
    ];
    let known = toml::Value::from(known.to_vec());
    assert_eq!(workspace["workspace"].get("members"), Some(&known));
    let event_log = dependencies("runner/event-log", "dependencies");
    assert_eq!(event_log, ["serde", "thiserror"].map(str::to_owned).into());
    let machine = dependencies("runner/machine", "dependencies");
    let pure = ["event-log", "rand"].map(str::to_owned);
    assert_eq!(machine, pure.into());
    // Of what runs machines, their chance alone.
    let chat = dependencies("runner/chat", "dependencies");
    let pure = ["bytes", "machine", "sha2", "thiserror", "uuid", "wildmatch"];
    assert_eq!(chat, pure.map(str::to_owned).into());
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
    // Pictures from numbers: nothing of ours that knows what the numbers are of.
    let plots = dependencies("analyze/plots", "dependencies");
    let drawing = ["dejavu", "plotters", "plotters-backend", "resvg"];
    let drawing = drawing.into_iter().chain(["statistics", "text"]);
    assert_eq!(plots, drawing.map(str::to_owned).collect());
    for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let runner = dependencies("runner", table);
        assert!(
            !runner.contains("polars") && !runner.contains("analyze"),
            "{table}"
        );
        let analyze = dependencies("analyze", table);
        for other in ["runner", "driver", "machine", "plotters"] {
            assert!(!analyze.contains(other), "{other} in {table}");
        }
    }
}

#[test]
fn one_expensive_dependency_lives_in_one_place() {
    let homes: [(&str, &str, &[&str]); 8] = [
        ("runner/src", "tokio", &["drive/sockets"]),
        ("runner/src", "indicatif", &["progress"]),
        ("runner/src", "comfy_table", &["summary"]),
        (
            "analyze/src",
            "polars",
            &[
                "analysis/summary",
                "export",
                "formats/exported",
                "metrics",
                "parquet_file",
                "scan",
            ],
        ),
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

/// Calls in the code of a folder, tests aside, that stand in other files than `homes` says; and how many there are in all.
fn strays(folder: &str, homes: &[(&str, &[&str])]) -> (Vec<String>, usize) {
    let (mut strays, mut count) = (Vec::new(), 0);
    for (path, text) in sources(folder) {
        let place = path.strip_prefix(root().join(folder));
        let place = place.expect("below the folder");
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
                if !homes.any(|(home, calls)| place.ends_with(home) && calls.contains(&call)) {
                    strays.push(format!("{folder}/{}: {line}", place.display()));
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
        ("whole_file.rs", &calls[..]),
        // How a file is opened without waiting for whoever writes to it.
        ("input.rs", &["OpenOptions"]),
    ];
    let (strays, count) = strays("analyze/src", &homes);
    assert!(strays.is_empty(), "use `whole_file`: {strays:#?}");
    assert!(count > 0, "nothing is written: mend this test");
}

#[test]
fn analyze_speaks_through_one_mouth() {
    // Elsewhere a terminal would obey names of others, or a reader that leaves would change an exit code.
    let streams: &[&str] = &["io::stdout()", "io::stderr()", "println!", "eprintln!"];
    let homes = [
        ("cli/streams.rs", streams),
        ("cli/grade/progress.rs", &["io::stderr()"]),
        ("export/target.rs", &["io::stdout()"]),
    ];
    let (strays, count) = strays("analyze/src", &homes);
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
    for member in ["runner/chat", "runner/machine"] {
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
        assert!(!dependencies("analyze", table).contains("rand"), "{table}");
    }
}

#[test]
fn analyze_opens_files_in_one_place() {
    // What lies in a stranger's folder may be a pipe, a device, or a link to either: one place knows.
    let calls: &[&str] = &["fs::read(", "fs::read_to_string(", "File::open("];
    let homes = [
        ("input.rs", calls),
        // A folder is opened where its entries are flushed.
        ("whole_file.rs", &["File::open("]),
    ];
    let (strays, count) = strays("analyze/src", &homes);
    assert!(strays.is_empty(), "use `input`: {strays:#?}");
    assert!(count > 0, "nothing is read: mend this test");
}

#[test]
fn every_module_says_what_it_is_for() {
    for folder in [
        "runner/src",
        "runner/chat/src",
        "runner/driver/src",
        "runner/event-log/src",
        "runner/machine/src",
        "analyze/src",
        "analyze/plots/src",
        "analyze/statistics/src",
        "analyze/text/src",
    ] {
        for (path, text) in sources(folder) {
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
