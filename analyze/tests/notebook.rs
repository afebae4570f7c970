//! A page is fresh when written, and whatever is altered afterwards is found.

use std::fs;
use std::path::{Path, PathBuf};

use analyze::notebook::verify::{Verification, verify};
use analyze::notebook::write::write;
use analyze::runner_process::EventBudget;
use tempfile::TempDir;

const LOGS: &str = "data/by-hand/run";

/// A notebook of one page about the sample logs.
struct Notebook {
    root: TempDir,
}

impl Notebook {
    fn new() -> Notebook {
        let root = TempDir::new().expect("a temporary folder");
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/two-machines");
        copy(&sample, &root.path().join("notebook").join(LOGS));
        let notebook = Notebook { root };
        let logs = [notebook.folder().join("data/by-hand")];
        let written = write(&notebook.page(), &logs, None, EventBudget::default()).expect("a page");
        assert!(written.started && written.figures > 3, "{written:?}");
        notebook
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("notebook")
    }

    fn page(&self) -> PathBuf {
        self.folder().join("01-by-hand.md")
    }

    fn figure(&self, name: &str) -> PathBuf {
        self.root.path().join("figures/01-by-hand").join(name)
    }

    fn verify(&self) -> Verification {
        verify(&self.folder(), EventBudget::default()).expect("readable")
    }

    /// Replaces text in a file; it must be there.
    fn alter(&self, file: &Path, from: &str, to: &str) {
        let text = fs::read_to_string(file).expect("a file");
        assert!(text.contains(from), "`{from}` in {}", file.display());
        fs::write(file, text.replacen(from, to, 1)).expect("written");
    }

    fn findings(&self) -> Vec<String> {
        let findings = self.verify().findings;
        findings.iter().map(ToString::to_string).collect()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the sample") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

#[test]
fn a_new_page_is_fresh() {
    let notebook = Notebook::new();
    let verification = notebook.verify();
    assert_eq!(verification.findings, []);
    assert_eq!(verification.pages.len(), 1);
    assert!(verification.figures > 3);
    let text = fs::read_to_string(notebook.page()).expect("the page");
    assert!(
        text.contains(
            "<!-- analyze:page logs=\"data/by-hand\" figures=\"../figures/01-by-hand\" -->"
        )
    );
    assert!(text.contains("](../figures/01-by-hand/clock.svg)"));
}

#[test]
fn refreshing_keeps_prose_and_changes_nothing_that_is_fresh() {
    let notebook = Notebook::new();
    notebook.alter(&notebook.page(), "What do the figures say", "They say much");
    let before = fs::read_to_string(notebook.page()).expect("the page");
    let written = write(&notebook.page(), &[], None, EventBudget::default()).expect("refreshed");
    assert!(!written.started);
    assert_eq!(
        fs::read_to_string(notebook.page()).expect("the page"),
        before
    );
}

#[test]
fn an_altered_number_is_found_with_its_line() {
    let notebook = Notebook::new();
    notebook.alter(&notebook.page(), "| M0 |", "| M9 |");
    let findings = notebook.findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert!(
        findings[0].contains("found `") && findings[0].contains("M9"),
        "{findings:#?}"
    );
    let text = fs::read_to_string(notebook.page()).expect("the page");
    let line = 1 + text
        .lines()
        .position(|line| line.contains("| M9 |"))
        .expect("altered");
    assert!(
        findings[0].contains(&format!("01-by-hand.md:{line}:")),
        "{findings:#?}"
    );
    write(&notebook.page(), &[], None, EventBudget::default()).expect("refreshed");
    assert_eq!(notebook.findings(), Vec::<String>::new());
}

#[test]
fn an_altered_figure_is_found() {
    let notebook = Notebook::new();
    notebook.alter(&notebook.figure("queue.svg"), "</svg>", " </svg>");
    let findings = notebook.findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert!(findings[0].contains("queue.svg"), "{findings:#?}");
    fs::remove_file(notebook.figure("clock.svg")).expect("removed");
    assert_eq!(notebook.findings().len(), 2);
}

#[test]
fn an_altered_log_row_is_found_even_if_no_table_shows_it() {
    let notebook = Notebook::new();
    let log = notebook.folder().join(LOGS).join("trial-000/machine-0.csv");
    let text = fs::read_to_string(&log).expect("a log");
    let row = text.lines().nth(1).expect("a row");
    // One nanosecond, in a column that tables round.
    let time: u64 = row
        .split(',')
        .nth(1)
        .expect("a time")
        .parse()
        .expect("a number");
    notebook.alter(&log, &time.to_string(), &(time + 1).to_string());
    let findings = notebook.findings();
    assert!(
        findings.iter().any(|finding| finding.contains("SHA-256")),
        "{findings:#?}"
    );
}

#[test]
fn a_number_typed_into_prose_is_found() {
    let notebook = Notebook::new();
    notebook.alter(
        &notebook.page(),
        "## Discussion\n",
        "## Discussion\n\nThe queue reached 317.\n",
    );
    let findings = notebook.findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert!(
        findings[0].contains("`317.` is typed by hand"),
        "{findings:#?}"
    );
}

#[test]
fn a_cited_value_is_computed_and_checked() {
    let notebook = Notebook::new();
    let cite = "Machine zero ended at <!-- analyze:begin value at=/trials/0/machines/0/clock_final -->?<!-- analyze:end -->.";
    notebook.alter(
        &notebook.page(),
        "## Discussion\n",
        &format!("## Discussion\n\n{cite}\n"),
    );
    assert_eq!(
        notebook.findings().len(),
        1,
        "a question mark is not the value"
    );
    write(&notebook.page(), &[], None, EventBudget::default()).expect("refreshed");
    let text = fs::read_to_string(notebook.page()).expect("the page");
    assert!(
        text.contains("clock_final -->6<!-- analyze:end -->."),
        "{text}"
    );
    assert_eq!(notebook.findings(), Vec::<String>::new());
    notebook.alter(
        &notebook.page(),
        "/machines/0/clock_final",
        "/machines/0/no_such_metric",
    );
    let findings = notebook.findings();
    assert!(
        findings[0].contains("/trials/0/machines/0/no_such_metric"),
        "{findings:#?}"
    );
}

#[test]
fn a_page_without_its_logs_block_or_with_a_stray_figure_is_found() {
    let notebook = Notebook::new();
    let text = fs::read_to_string(notebook.page()).expect("the page");
    let start = text.find("<!-- analyze:begin logs").expect("the block");
    let end = start
        + text[start..].find("<!-- analyze:end -->").expect("its end")
        + "<!-- analyze:end -->".len();
    let without = format!(
        "{}![pretty](../figures/other.svg){}",
        &text[..start],
        &text[end..]
    );
    fs::write(notebook.page(), without).expect("written");
    let findings = notebook.findings();
    assert!(
        findings
            .iter()
            .any(|finding| finding.contains("no `logs` block")),
        "{findings:#?}"
    );
    assert!(
        findings
            .iter()
            .any(|finding| finding.contains("a picture outside")),
        "{findings:#?}"
    );
}

#[test]
fn a_figure_that_no_block_shows_is_found() {
    let notebook = Notebook::new();
    fs::write(notebook.figure("left-over.svg"), "<svg/>").expect("written");
    let findings = notebook.findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert!(findings[0].contains("left-over.svg"), "{findings:#?}");
}

#[test]
fn a_broken_page_does_not_hide_the_others() {
    let notebook = Notebook::new();
    notebook.alter(&notebook.page(), "| M0 |", "| M9 |");
    let broken = notebook.folder().join("00-broken.md");
    fs::write(broken, "text\n\n<!-- analyze:begin check -->\n").expect("written");
    let findings = notebook.findings();
    assert_eq!(findings.len(), 2, "{findings:#?}");
    assert!(
        findings[0].contains("00-broken.md:3: a begin without an end"),
        "{findings:#?}"
    );
}

#[test]
fn a_page_for_other_logs_says_so_in_its_header_however_that_is_written() {
    let notebook = Notebook::new();
    let header = "<!-- analyze:page figures=\"../figures/01-by-hand\"  logs=\"data/by-hand\" -->";
    notebook.alter(
        &notebook.page(),
        "<!-- analyze:page logs=\"data/by-hand\" figures=\"../figures/01-by-hand\" -->",
        header,
    );
    let trial = notebook.folder().join(LOGS).join("trial-000");
    write(&notebook.page(), &[trial], None, EventBudget::default()).expect("refreshed");
    let text = fs::read_to_string(notebook.page()).expect("the page");
    assert!(
        text.contains("logs=\"data/by-hand/run/trial-000\""),
        "{text}"
    );
    assert!(!text.contains(header));
}

#[test]
fn a_page_can_show_the_messages_behind_a_jump() {
    let notebook = Notebook::new();
    let block = |words: &str| format!("<!-- analyze:begin {words} -->\n<!-- analyze:end -->\n");
    let with = |words: &str| {
        let text = fs::read_to_string(notebook.page()).expect("a page");
        let text = format!("{text}\n{}", block(words));
        fs::write(notebook.page(), text).expect("written");
    };
    with("chain machine=0");
    write(&notebook.page(), &[], None, EventBudget::default()).expect("the block is computed");
    let text = fs::read_to_string(notebook.page()).expect("a page");
    assert!(
        text.contains("**M0 · 1 Hz: a jump of 3, from 1 to 4 at tick 1"),
        "{text}"
    );
    assert!(text.contains("| M1 · 2 Hz | 1 |"), "{text}");
    assert_eq!(notebook.findings(), [] as [String; 0]);
    with("chain machine=5");
    let error =
        write(&notebook.page(), &[], None, EventBudget::default()).expect_err("no such machine");
    assert!(
        error
            .to_string()
            .contains("machine=5: no such machine jumped"),
        "{error}"
    );
}
