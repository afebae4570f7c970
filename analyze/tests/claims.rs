//! A ledger beside its pages: verdicts from logs, what a wrong ledger says, and what alterations are found.

mod programs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use analyze::claims::assess::{Assessment, assess};
use analyze::claims::claim::Ledger;
use analyze::claims::judge::Verdict;
use analyze::notebook::verify::verify;
use analyze::notebook::write::write;
use analyze::runner_process::EventBudget;
use analyze::sources::reports::Reports;
use serde_json::Value;
use tempfile::TempDir;

const HEAD: &str = "alpha = 0.05\ntrials = 12\n\n[sources]\nsomebody = \"Somebody, a notebook\"\n";
const SLOW_LAGS: &str = r#"
[[claim]]
id = "slow-lags"
sentence = "The slow machine stays *behind*."
source = "somebody"
logs = "data"
where = { internal = 0 }
machine = "slowest"
metric = "clock_final"
than = { machine = "fastest" }
ratio = { below = 0.8 }
"#;
const FAST_JUMPS: &str = r#"
[[claim]]
id = "fast-jumps"
sentence = "The fast machine jumps far."
source = "somebody"
page = "01-page"
logs = "data"
where = { internal = 0 }
machine = 1
metric = "jump_max"
mean = { above = 10 }
"#;

/// A notebook with logs of two conditions, twelve short trials of each.
struct Notebook(TempDir);

impl Notebook {
    fn new(claims: &[&str]) -> Notebook {
        let root = TempDir::new().expect("a temporary folder");
        for internal in ["0", "0.9"] {
            let status = Command::new(programs::runner())
                .args([
                    "trial",
                    "--virtual",
                    "--count",
                    "12",
                    "--seed",
                    "5",
                    "--duration",
                    "20s",
                ])
                .args([
                    "--rates",
                    "1,6",
                    "--internal",
                    internal,
                    "--name",
                    &format!("internal-{internal}"),
                ])
                .arg("--out")
                .arg(root.path().join("data"))
                .output()
                .expect("the runner starts")
                .status;
            assert!(status.success());
        }
        let notebook = Notebook(root);
        fs::write(notebook.ledger(), format!("{HEAD}{}", claims.concat())).expect("written");
        notebook
    }

    fn ledger(&self) -> PathBuf {
        self.0.path().join("claims.toml")
    }

    fn page(&self) -> PathBuf {
        self.0.path().join("01-page.md")
    }

    /// A page about the logs that shows both claims, and the verdicts recorded.
    fn with_page() -> Notebook {
        let notebook = Notebook::new(&[SLOW_LAGS, FAST_JUMPS]);
        let logs = [notebook.0.path().join("data")];
        write(
            &notebook.page(),
            &logs,
            Some(&notebook.0.path().join("figures")),
            EventBudget::default(),
        )
        .expect("a page");
        let blocks = "## Discussion\n\n<!-- analyze:begin claim id=slow-lags --><!-- analyze:end -->\n\n\
                      So it is <!-- analyze:begin claim id=slow-lags as=verdict --><!-- analyze:end -->.\n\n\
                      <!-- analyze:begin claims page=01-page --><!-- analyze:end -->\n";
        alter(&notebook.page(), "## Discussion\n", blocks);
        notebook.run(&["--record"], 0);
        write(&notebook.page(), &[], None, EventBudget::default()).expect("refreshed");
        assert_eq!(notebook.findings(), Vec::<String>::new());
        notebook
    }

    fn findings(&self) -> Vec<String> {
        let verification = verify(self.0.path(), EventBudget::default()).expect("readable");
        assert_eq!(verification.claims, 2, "{:?}", verification.findings);
        verification
            .findings
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[track_caller]
    fn finds(&self, words: &str) {
        let findings = self.findings();
        assert!(
            findings.iter().any(|finding| finding.contains(words)),
            "{words}: {findings:#?}"
        );
    }

    fn assessment(&self) -> Assessment {
        let ledger = Ledger::read(&self.ledger()).expect("a ledger");
        assess(&ledger, &mut Reports::default()).expect("verdicts")
    }

    /// What `analyze claims` says on both outputs.
    #[track_caller]
    fn run(&self, options: &[&str], code: i32) -> (String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_analyze"))
            .arg("claims")
            .arg(self.0.path())
            .args(options)
            .output()
            .expect("analyze starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{stdout}{stderr}");
        (stdout, stderr)
    }
}

/// Replaces text in a file; it must be there.
#[track_caller]
fn alter(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).expect("a file");
    assert!(text.contains(from), "`{from}` in {}", file.display());
    fs::write(file, text.replacen(from, to, 1)).expect("written");
}

#[test]
fn claims_are_supported_refuted_or_wait_for_their_trials() {
    let waiting = SLOW_LAGS.replace("slow-lags", "waiting") + "trials = 40\n";
    let rising = "[[claim]]\nid = 'rising'\nsentence = 'Fewer sends, better clocks.'\nsource = 'somebody'\n\
                  logs = 'data'\nmachine = 'slowest'\nmetric = 'clock_final'\n\
                  trend = { over = 'internal', goes = 'up' }\n";
    let never = "[[claim]]\nid = 'never'\nsentence = 'The fast machine never jumps.'\nsource = 'somebody'\n\
                 logs = 'data'\nmachine = 'fastest'\nmetric = 'jump_max'\neach = true\n\
                 share = { holds = { at_most = 5 }, at_least = 0.5, blocks_of = 2 }\n";
    let notebook = Notebook::new(&[SLOW_LAGS, FAST_JUMPS, &waiting, rising, never]);
    let assessment = notebook.assessment();
    let found = |id: &str| {
        let claim = assessment.claims.iter().find(|claim| claim.id == id);
        claim.expect("a claim").clone()
    };
    assert_eq!(found("slow-lags").verdict, Verdict::Supported);
    assert_eq!(found("slow-lags").n.as_deref(), Some("12 pairs"));
    assert_eq!(found("fast-jumps").verdict, Verdict::Refuted);
    let waiting = found("waiting");
    assert_eq!(
        (waiting.verdict, waiting.p_support, waiting.estimate),
        (Verdict::Undecided, 1.0, None)
    );
    assert!(
        waiting
            .lacking
            .is_some_and(|why| why.starts_with("12 of 40 trials"))
    );
    assert_eq!(found("rising").verdict, Verdict::Supported);
    assert_eq!(found("never").parts.len(), 2);
    assert_eq!(found("never").n.as_deref(), Some("2 × (6 blocks of 2)"));
    assert_eq!(
        (
            assessment.supported,
            assessment.refuted,
            assessment.undecided
        ),
        (3, 1, 1)
    );
}

#[test]
fn more_trials_than_decide_are_not_looked_at() {
    let fewer = SLOW_LAGS.to_owned() + "trials = 5\n";
    let before = Notebook::new(&[&fewer]);
    let first = before.assessment();
    assert_eq!(first.claims[0].n.as_deref(), Some("5 pairs"));
    // The sixth trial and those after it may be anything at all.
    let run = fs::read_dir(before.0.path().join("data")).expect("runs");
    for run in run.map(|run| run.expect("a run").path()) {
        for number in 5..12 {
            fs::remove_dir_all(run.join(format!("trial-{number:03}"))).expect("a trial");
        }
    }
    let after = before.assessment();
    assert_eq!(first.claims[0].estimate, after.claims[0].estimate);
    assert_eq!(first.claims[0].p_support, after.claims[0].p_support);
}

#[test]
fn a_wrong_ledger_says_where_and_what_there_is() {
    let notebook = Notebook::new(&[]);
    let wrong = [
        (
            SLOW_LAGS.replace("\nmetric", "\nmetrik"),
            "unknown field `metrik`",
        ),
        (
            SLOW_LAGS.replace("clock_final", "clock_last"),
            "no metric is called `clock_last`",
        ),
        (
            SLOW_LAGS.replace("\"slowest\"", "\"slow\""),
            "machine = \"slow\": expected an id",
        ),
        (
            SLOW_LAGS.replace("\"somebody\"", "\"nobody\""),
            "source = \"nobody\" is not in [sources]; expected one of somebody",
        ),
        (
            SLOW_LAGS.replace("than =", "# than ="),
            "`ratio` needs `than`",
        ),
        (
            SLOW_LAGS.replace("ratio = { below = 0.8 }", ""),
            "says nothing of its metric",
        ),
        (
            SLOW_LAGS.replace("below = 0.8", "below = 0.8, above = 0.1"),
            "expected one bound, found several",
        ),
        (
            SLOW_LAGS.replace("below = 0.8", "below = inf"),
            "ratio: below inf: expected a finite number",
        ),
        (
            SLOW_LAGS
                .replace(
                    "ratio = { below = 0.8 }",
                    "share = { holds = { below = 0 }, within = [0, 1] }",
                )
                .replace("than =", "# than ="),
            "share: 0 to 1: every share lies there",
        ),
        (
            SLOW_LAGS.to_owned() + SLOW_LAGS,
            "a second claim of this id",
        ),
        (
            SLOW_LAGS.to_owned() + "alpha = 0.1\n",
            "may only be stricter than the ledger's 0.05",
        ),
        (
            SLOW_LAGS.to_owned() + "verdict = 'true'\n",
            "expected supported, refuted or undecided",
        ),
        (
            SLOW_LAGS.replace("internal = 0 ", "internal = 0.5 "),
            "there are internal = 0, 0.9",
        ),
        (
            SLOW_LAGS.replace("where =", "# where ="),
            "2 conditions match where one is meant; they differ in internal = 0, 0.9",
        ),
        (SLOW_LAGS.replace("\"data\"", "\"date\""), "logs: "),
        (
            SLOW_LAGS
                .replace(
                    "ratio = { below = 0.8 }",
                    "trend = { over = 'internl', goes = 'up' }",
                )
                .replace("than =", "# than ="),
            "`internl` is no number",
        ),
    ];
    for (claims, words) in wrong {
        fs::write(notebook.ledger(), format!("{HEAD}{claims}")).expect("written");
        let (_, stderr) = notebook.run(&[], 2);
        assert!(stderr.contains(words), "{words}: {stderr}");
        let place = stderr
            .split("claims.toml:")
            .nth(1)
            .and_then(|rest| rest.split(':').next());
        let line: usize = place.and_then(|line| line.parse().ok()).expect("a line");
        let id = format!("{HEAD}{claims}")
            .lines()
            .position(|text| text.starts_with("id"));
        assert!(line > id.expect("a claim"), "{line}: {stderr}");
    }
}

#[test]
fn what_the_command_says_and_records() {
    let notebook = Notebook::new(&[SLOW_LAGS, FAST_JUMPS]);
    let (stdout, stderr) = notebook.run(&[], 0);
    assert!(
        stdout.contains("claims: 1 supported, 1 refuted, 0 undecided"),
        "{stdout}"
    );
    assert!(
        !stdout.contains('\u{1b}') && stderr.contains("no verdict is recorded"),
        "{stderr}"
    );
    notebook.run(&["--record"], 0);
    let text = fs::read_to_string(notebook.ledger()).expect("the ledger");
    assert!(
        text.contains("id = \"slow-lags\"\nverdict = \"supported\"\n"),
        "{text}"
    );
    assert!(
        text.contains("id = \"fast-jumps\"\nverdict = \"refuted\"\n"),
        "{text}"
    );
    let (_, stderr) = notebook.run(&[], 0);
    assert_eq!(stderr, "");
    alter(&notebook.ledger(), "\"refuted\"", "\"supported\"");
    let (_, stderr) = notebook.run(&[], 1);
    assert!(
        stderr.contains("the ledger records supported, its logs say refuted"),
        "{stderr}"
    );
    notebook.run(&["--record"], 0);
    assert_eq!(
        fs::read_to_string(notebook.ledger()).expect("the ledger"),
        text
    );
    let (json, _) = notebook.run(&["--json", "-"], 0);
    let json: Value = serde_json::from_str(&json).expect("one object");
    assert_eq!(json["claims"][1]["verdict"], "refuted");
    assert_eq!(json["claims"][1]["expected"], "above 10");
    assert!(json["claims"][0]["p_support_adjusted"].as_f64() < Some(0.05));
}

#[test]
fn an_altered_number_figure_row_or_claim_is_found() {
    let notebook = Notebook::with_page();
    let text = fs::read_to_string(notebook.page()).expect("the page");
    assert!(
        text.contains("**Claim supported:**")
            && text.contains(
                "So it is <!-- analyze:begin claim id=slow-lags as=verdict -->supported<"
            )
    );
    assert!(text.contains("behind"), "{text}");

    // A number of a verdict on the page.
    alter(&notebook.page(), "12 pairs", "13 pairs");
    notebook.finds("the block `claim id=slow-lags` is not what its logs give");
    fs::write(notebook.page(), &text).expect("written");

    // A figure.
    let figure = notebook.0.path().join("figures/clock-1.svg");
    let drawn = fs::read_to_string(&figure).expect("a figure");
    alter(&figure, "</svg>", " </svg>");
    notebook.finds("clock-1.svg is not what the logs behind the page give");
    fs::write(&figure, drawn).expect("written");

    // The sentence, the size and the verdict of a claim.
    let ledger = fs::read_to_string(notebook.ledger()).expect("the ledger");
    alter(&notebook.ledger(), "stays *behind*", "keeps up");
    notebook.finds("the block `claim id=slow-lags` is not what its logs give");
    alter(&notebook.ledger(), "above = 10", "above = 0.5");
    notebook.finds("the ledger records refuted, its logs say supported");
    fs::write(notebook.ledger(), &ledger).expect("written");
    alter(&notebook.ledger(), "\"refuted\"", "\"undecided\"");
    notebook.finds("the ledger records undecided, its logs say refuted");
    fs::write(notebook.ledger(), &ledger).expect("written");
    assert_eq!(notebook.findings(), Vec::<String>::new());

    // A row of a log.
    let run = fs::read_dir(notebook.0.path().join("data"))
        .expect("runs")
        .next();
    let log = run
        .expect("a run")
        .expect("an entry")
        .path()
        .join("trial-003/machine-0.csv");
    let rows = fs::read_to_string(&log).expect("a log");
    let time = rows
        .lines()
        .nth(1)
        .and_then(|row| row.split(',').nth(1))
        .expect("a time");
    let later = (time.parse::<u64>().expect("a number") + 1).to_string();
    alter(&log, time, &later);
    notebook.finds("SHA-256");
}

#[test]
fn a_claim_that_no_page_shows_is_found() {
    let notebook = Notebook::with_page();
    alter(
        &notebook.page(),
        "claims page=01-page",
        "claim id=slow-lags",
    );
    notebook.finds("claim `fast-jumps`: its page 01-page.md does not show it");
    alter(&notebook.page(), "claim id=slow-lags", "claim id=slow-lag");
    notebook.finds("the ledger has no claim `slow-lag`: expected one of slow-lags, fast-jumps");
    // A page of claims alone needs no logs of its own.
    let all = notebook.0.path().join("README.md");
    fs::write(&all, "<!-- analyze:begin claims --><!-- analyze:end -->\n").expect("written");
    let written = write(&all, &[], None, EventBudget::default()).expect("refreshed");
    assert_eq!(written.blocks, 1);
    let findings = notebook.findings();
    assert!(
        !findings.iter().any(|finding| finding.contains("README.md")),
        "{findings:#?}"
    );
}
