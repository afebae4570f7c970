use std::fs;
use std::io::BufRead as _;

use super::*;

/// The lines of a file of these bytes.
fn lines_of(bytes: &[u8]) -> Vec<String> {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), bytes).expect("a file");
    let lines = lines(file.path()).expect("lines");
    lines.lines().map(|line| line.expect("UTF-8")).collect()
}

#[test]
fn lines_are_those_of_the_text_whatever_the_file() {
    let little: Vec<u8> = "a 1\r\nb 2\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [
        b"a 1\nb 2\n".as_slice(),
        b"\xef\xbb\xbfa 1\r\nb 2",
        b"a 1\rb 2\r",
        &little,
    ] {
        assert_eq!(lines_of(bytes), ["a 1", "b 2"], "{bytes:?}");
    }
}

#[test]
fn a_file_larger_than_it_may_be_is_refused_before_it_is_read() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.as_file()
        .set_len(1 << 40)
        .expect("a file without blocks");
    let error = text(file.path()).expect_err("a terabyte").to_string();
    assert!(
        error.contains("more than the 16777216 that are read"),
        "{error}"
    );
}

#[test]
fn a_file_that_grows_ends_at_the_size_it_had() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), "before").expect("a file");
    let mut open = open(file.path()).expect("a regular file");
    fs::write(file.path(), "before and after").expect("a longer file");
    let mut text = String::new();
    open.read_to_string(&mut text).expect("text");
    assert_eq!(text, "before");
}

#[cfg(unix)]
#[test]
fn what_would_never_end_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fifo = folder.path().join("trial.json");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .expect("a FIFO");
    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    let zeros = folder.path().join("zeros");
    std::os::unix::fs::symlink("/dev/zero", &zeros).expect("a link");
    let said = |path: &Path| open(path).expect_err("no regular file").to_string();
    assert_eq!(said(&fifo), "a FIFO, not a regular file");
    assert_eq!(said(&zeros), "a device, not a regular file");
    assert_eq!(said(folder.path()), "a folder, not a regular file");
    assert!(open(&socket).is_err());
    let error = open_below(&zeros).expect_err("a link").to_string();
    assert!(error.contains("a symbolic link"), "{error}");
    let mut names = lines(&fifo);
    assert!(names.is_err());
    names = lines(&zeros);
    assert!(names.is_err());
}
