use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("the system has a place for temporary files")
}

/// Names and contents of all files of a folder.
fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<(String, String)> = entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            let content = fs::read_to_string(entry.path()).expect("text");
            (entry.file_name().to_string_lossy().into_owned(), content)
        })
        .collect();
    files.sort();
    files
}

/// Fails at the n-th write.
struct Failing<'a> {
    to: &'a mut Draft,
    left: usize,
}

impl Write for Failing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(left) = self.left.checked_sub(1) else {
            return Err(io::ErrorKind::StorageFull.into());
        };
        self.left = left;
        self.to.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[test]
fn a_failure_at_any_write_leaves_the_old_file_and_nothing_else() {
    let folder = folder();
    let file = folder.path().join("ledger");
    fs::write(&file, "by hand").expect("a file");
    let parts = ["one ", "two ", "three"];
    for writes in 0..=parts.len() {
        let written = fill(&file, |to| {
            let mut to = Failing { to, left: writes };
            parts
                .iter()
                .try_for_each(|part| to.write_all(part.as_bytes()))
        });
        let whole = writes == parts.len();
        assert_eq!(written.is_ok(), whole, "after {writes} writes");
        let content = if whole { "one two three" } else { "by hand" };
        let there = [("ledger".to_owned(), content.to_owned())];
        assert_eq!(files(folder.path()), there, "after {writes} writes");
    }
}

#[test]
fn nothing_shows_under_the_name_before_all_is_there() {
    let folder = folder();
    let file = folder.path().join("table");
    let mut draft = Draft::begin(&file).expect("begun");
    draft.write_all(b"whole").expect("written");
    assert!(!file.exists());
    let there = files(folder.path());
    assert!(
        there.len() == 1 && there[0].0.starts_with(DRAFT_PREFIX),
        "{there:?}"
    );
    draft.keep().expect("kept");
    assert_eq!(
        files(folder.path()),
        [("table".to_owned(), "whole".to_owned())]
    );
    let late = Draft::begin(&file).expect("begun");
    let error = late.keep_new().expect_err("somebody was quicker");
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(
        files(folder.path()),
        [("table".to_owned(), "whole".to_owned())]
    );
}

#[test]
fn no_file_of_the_user_is_taken_for_a_draft() {
    let folder = folder();
    for name in [
        "01-page.md",
        "01-page.new",
        "01-page.md.tmp",
        "01-page.part",
    ] {
        fs::write(folder.path().join(name), name).expect("a file");
    }
    write(&folder.path().join("01-page.md"), b"new").expect("written");
    let mut there = files(folder.path());
    there.retain(|(name, content)| name != content);
    assert_eq!(there, [("01-page.md".to_owned(), "new".to_owned())]);
}

#[test]
fn what_cannot_be_written_is_known_before() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    let problem = |tried: io::Result<()>| tried.expect_err("it cannot be written").to_string();
    assert_eq!(
        problem(check_file(folder.path())),
        "it is a folder: name a file in it"
    );
    let lost = problem(check_file(&folder.path().join("lost/file")));
    assert!(lost.starts_with("there is no folder ") && lost.ends_with("lost: make it first"));
    assert_eq!(problem(check_folder(&file)), "it is a file: name a folder");
    let below = problem(check_folder(&file.join("a/b")));
    assert!(
        below.contains("Not a directory") || below.contains("is a file"),
        "{below}"
    );
    check_file(&folder.path().join("new")).expect("it can be written");
    check_folder(&folder.path().join("new/one")).expect("it can be made");
    assert_eq!(files(folder.path()), [("file".to_owned(), String::new())]);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder();
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    fs::write(&file, "old").expect("a file");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).expect("mine");
    symlink("file", &link).expect("a link");
    write(&link, b"new").expect("written");
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&file).expect("text"), "new");
    let mode = fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    // A link to what is not there yet.
    fs::remove_file(&file).expect("mine");
    write(&link, b"again").expect("written");
    assert!(link.is_symlink() && !file.is_symlink());
    assert_eq!(fs::read_to_string(&file).expect("text"), "again");
    symlink("loop", folder.path().join("loop")).expect("a link");
    check_file(&folder.path().join("loop")).expect_err("it leads nowhere");
}

#[cfg(unix)]
#[test]
fn devices_are_written_as_they_are() {
    write(Path::new("/dev/null"), b"gone").expect("it takes everything");
    assert!(!fs::metadata("/dev/null").expect("there").is_file());
}

#[test]
fn one_file_by_two_paths_is_one_target() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("report.json");
    let other = dir.path().join("./report.json");
    assert_eq!(target(&path), target(&other));
    assert_ne!(target(&path), target(&dir.path().join("report.md")));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_a_process_folder_leads_to_is_replaced_and_not_lengthened() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("report.json");
    fs::write(&path, "old").expect("written");
    let below = Path::new("/proc/self/root").join(path.strip_prefix("/").expect("a whole path"));
    write(&below, b"new").expect("written");
    assert_eq!(fs::read_to_string(&path).expect("a text"), "new");
}
