//! A page that argues from measurements is computed from their files and from nothing else.

use std::fs;
use std::path::PathBuf;

use analyze::notebook::verify::verify;
use analyze::notebook::write::write;
use analyze::runner_process::EventBudget;
use tempfile::TempDir;

const ROWS: &str = "target,case,size,ours,peer,peer_name,unit,command
Sorting letters,paper,10,2000000,500000,by hand,letters/s,sort ten
Sorting letters,paper,1000,1500000,250000,by hand,letters/s,sort many
Posting,van,,4,8,bicycle,s,post
";
const PAGE: &str = "# Letters

<!-- analyze:page measures=\"performance\" figures=\"../figures/letters\" -->

<!-- analyze:begin measurements --><!-- analyze:end -->

<!-- analyze:begin table name=sorting-letters --><!-- analyze:end -->

<!-- analyze:begin table name=sorting-letters case=paper by=size --><!-- analyze:end -->

<!-- analyze:begin figure name=sorting-letters --><!-- analyze:end -->

Posting is <!-- analyze:begin value at=/posting/van/-/bicycle/ratio --><!-- analyze:end --> times as fast.
";

fn notebook() -> (TempDir, PathBuf) {
    let root = TempDir::new().expect("a temporary folder");
    let data = root.path().join("notebook/performance");
    fs::create_dir_all(&data).expect("a folder");
    let goals = "target,case,of,against,goal\nSorting letters,,ours,letters/s,1900000\n";
    for (name, text) in [
        ("letters.csv", ROWS),
        ("goals.csv", goals),
        ("machine.json", "{\"desk\": \"oak\"}"),
        ("../01-letters.md", PAGE),
    ] {
        fs::write(data.join(name), text).expect("written");
    }
    let page = root.path().join("notebook/01-letters.md");
    (root, page)
}

fn findings(root: &TempDir) -> Vec<String> {
    let verification =
        verify(&root.path().join("notebook"), EventBudget::default()).expect("readable");
    let findings = verification.findings.iter();
    findings.map(ToString::to_string).collect()
}

#[test]
fn its_blocks_are_what_the_files_say() {
    let (root, page) = notebook();
    let written = write(&page, &[], None, EventBudget::default()).expect("a page");
    assert_eq!((written.blocks, written.figures), (5, 1));
    let text = fs::read_to_string(&page).expect("the page");
    assert!(text.contains("| desk | oak |"), "{text}");
    let row = "| paper | 10 | 2 million | by hand | 500000 | 4 | letters/s | ≥ 1.90 million: met | sort ten |";
    assert!(text.contains(row), "{text}");
    assert!(text.contains("≥ 1.90 million: missed"), "{text}");
    assert!(text.contains("| 1000 | 1.50 million (250000) |"), "{text}");
    assert!(
        text.contains("value at=/posting/van/-/bicycle/ratio -->2<!--"),
        "{text}"
    );
    assert!(
        root.path()
            .join("figures/letters/sorting-letters.svg")
            .exists()
    );
    assert_eq!(findings(&root), Vec::<String>::new());
}

#[test]
fn an_altered_measurement_is_found() {
    let (root, page) = notebook();
    write(&page, &[], None, EventBudget::default()).expect("a page");
    let file = root.path().join("notebook/performance/letters.csv");
    fs::write(&file, ROWS.replace(",4,8,", ",4,9,")).expect("written");
    let found = findings(&root);
    assert!(
        found
            .iter()
            .any(|finding| finding.contains("value at=/posting/van")),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|finding| finding.contains("`measurements`")),
        "{found:?}"
    );
}

#[test]
fn a_page_without_its_binding_block_is_found_and_takes_no_logs() {
    let (root, page) = notebook();
    let unbound = PAGE.replace(
        "analyze:begin measurements",
        "analyze:begin table name=posting",
    );
    fs::write(&page, unbound).expect("written");
    write(&page, &[], None, EventBudget::default()).expect("a page");
    let found = findings(&root);
    assert!(found[0].contains("no `measurements` block"), "{found:?}");
    let logs = [root.path().to_owned()];
    let error = write(&page, &logs, None, EventBudget::default()).expect_err("no logs");
    assert!(error.to_string().contains("takes no logs"), "{error}");
}
