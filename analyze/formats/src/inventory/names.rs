//! What the name of a file says of its content.
//!
//! **Invariant.** A name alone makes nothing a log; it only spares what is plainly none from being opened.

/// What compression by gzip puts behind a name.
const PACKED: &str = ".gz";
/// What other compression puts behind it.
const PACKED_OTHERWISE: [&str; 6] = [".xz", ".bz2", ".zst", ".lz4", ".zip", ".7z"];
/// Endings of logs.
const LOGS: [&str; 7] = ["log", "txt", "csv", "tsv", "jsonl", "ndjson", "out"];
/// Endings of files that are no logs, whatever is in them.
const PICTURES: [&str; 12] = [
    "png", "jpg", "jpeg", "gif", "svg", "pdf", "webp", "bmp", "ico", "heic", "mp4", "mov",
];
const DATA: [&str; 21] = [
    "zip", "tar", "tgz", "bz2", "xz", "zst", "7z", "xlsx", "xls", "pkl", "npy", "npz", "parquet",
    "db", "sqlite", "exe", "o", "so", "bin", "dll", "wasm",
];
const PROGRAMS_AND_DOCUMENTS: [&str; 48] = [
    "py",
    "pyc",
    "ipynb",
    "rs",
    "go",
    "java",
    "class",
    "jar",
    "js",
    "ts",
    "jsx",
    "tsx",
    "c",
    "h",
    "cc",
    "cpp",
    "hpp",
    "cs",
    "rb",
    "kt",
    "scala",
    "swift",
    "php",
    "ex",
    "m",
    "sh",
    "bat",
    "ps1",
    "r",
    "proto",
    "toml",
    "yaml",
    "yml",
    "ini",
    "cfg",
    "conf",
    "xml",
    "lock",
    "md",
    "rst",
    "tex",
    "html",
    "htm",
    "css",
    "docx",
    "pptx",
    "iml",
    "gitignore",
];
const DOCUMENTS: [&str; 9] = [
    "readme",
    "license",
    "makefile",
    "dockerfile",
    "requirements",
    "notebook",
    "notes",
    "changelog",
    "cmakelists",
];

/// Why a file can be no log, by its name.
pub fn unlike_a_log(relative: &str) -> Option<&'static str> {
    let name = last(relative).to_lowercase();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
    if PICTURES.contains(&extension) {
        Some("a picture by its name")
    } else if DATA.contains(&extension) {
        Some("data that are no text by its name")
    } else if PROGRAMS_AND_DOCUMENTS.contains(&extension)
        || (DOCUMENTS.contains(&stem) && ["", "txt"].contains(&extension))
    {
        Some("a program or a document by its name")
    } else {
        None
    }
}

/// Whether a file is called as logs mostly are, also one that was rotated or compressed.
pub fn is_called_as_a_log(name: &str) -> bool {
    let name = unpacked(last(name));
    let name = rotated(name).map_or(name, |(base, _)| base);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    !name.starts_with('.') && LOGS.contains(&&*extension.to_lowercase())
}

/// The name without what compression put behind it.
pub(super) fn unpacked(name: &str) -> &str {
    let stem = name
        .strip_suffix(PACKED)
        .filter(|stem| !last(stem).is_empty());
    stem.unwrap_or(name)
}

/// The name that a file had before it was compressed by what is not unpacked here.
pub(crate) fn packed_otherwise(name: &str) -> Option<&str> {
    let mut endings = PACKED_OTHERWISE.iter();
    endings.find_map(|ending| name.strip_suffix(ending))
}

/// The log that a piece was rotated away from, and its number: `node.log` and 2 of `node.log.2`.
pub(super) fn rotated(name: &str) -> Option<(&str, u32)> {
    const DIGITS_MAX: usize = 3;
    let (base, number) = name.rsplit_once('.')?;
    let extension = last(base).rsplit_once('.')?.1.to_lowercase();
    let is_number = number.len() <= DIGITS_MAX && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && LOGS.contains(&&*extension)).then_some((base, number.parse().ok()?))
}

fn last(relative: &str) -> &str {
    relative.rsplit('/').next().unwrap_or(relative)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_plainly_no_log() {
        for name in ["a/plot.PNG", "main.py", "README", "notes.txt", "x.pkl"] {
            assert!(unlike_a_log(name).is_some(), "{name}");
        }
        for name in ["machine_1.log", "core", "a.csv", "notes.log", "out.json"] {
            assert_eq!(unlike_a_log(name), None, "{name}");
        }
    }

    #[test]
    fn rotated_and_compressed_files_are_called_as_logs() {
        for name in [
            "a.log",
            "a.LOG",
            "a.log.1",
            "a/b.csv.gz",
            "b.log.12.gz",
            "x.txt",
        ] {
            assert!(is_called_as_a_log(name), "{name}");
        }
        for name in ["a.py", "log", ".a.log", "a.log.2024", "machine.1"] {
            assert!(!is_called_as_a_log(name), "{name}");
        }
        assert_eq!(rotated("d/node-0.log.2"), Some(("d/node-0.log", 2)));
        assert_eq!(rotated("machine.1"), None);
        assert_eq!(packed_otherwise("a.log.xz"), Some("a.log"));
    }
}
