//! The pages whose logs lie beside them say what those logs say.
//!
//! Pages of which only the seed is kept are made of thousands of trials, too many for a build without optimisation:
//! `.ci/run` verifies the whole notebook with the release build.

mod programs;

use std::path::Path;
use std::process::Command;

const PAGES: [&str; 3] = ["01-assignment", "02-smaller-variation", "03-two-worlds"];

#[test]
fn no_page_with_logs_of_its_own_is_stale_edited_or_unbacked() {
    // One of the runs is kept as its seed, and run again by the runner beside the program.
    programs::runner();
    let notebook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../notebook");
    for page in PAGES {
        let output = Command::new(env!("CARGO_BIN_EXE_analyze"))
            .arg("verify")
            .arg(notebook.join(page).with_extension("md"))
            .output()
            .expect("analyze starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            said.contains("1 pages, "),
            "{page}: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(output.status.code(), Some(0), "{page}: {said}");
    }
}
