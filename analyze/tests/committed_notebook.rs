//! The notebook that lies in the repository says what its logs say.

mod programs;

use std::path::Path;
use std::process::Command;

#[test]
fn no_page_is_stale_edited_or_unbacked() {
    // Runs of which only the seed is kept are run again by the runner beside the program.
    programs::runner();
    let notebook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../notebook");
    let output = Command::new(env!("CARGO_BIN_EXE_analyze"))
        .arg("verify")
        .arg(notebook)
        .output()
        .expect("analyze starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("pages, "),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(0), "{said}");
}
