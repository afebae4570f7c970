//! What became of the lines of others' logs: a row for each file, or where there are many for each folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::cells::{Alignment, Table};
use formats::line_stats::{Account, FileAccount};

/// More files than this are summed by folder.
const FILES_SHOWN: usize = 24;

/// The lines of some files, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Lines {
    files: u64,
    lines: u64,
    events: u64,
    headers: u64,
    ignored: u64,
    unexplained: u64,
}

impl Lines {
    fn add(&mut self, file: &FileAccount) {
        self.files += 1;
        self.lines += file.lines;
        self.events += file.events;
        self.headers += file.headers;
        self.ignored += file.ignored.values().sum::<u64>();
        self.unexplained += file.unexplained;
    }
}

/// The table; a row for all files at the end.
pub fn table(account: &Account) -> Table {
    let by_folder = account.files.len() > FILES_SHOWN;
    let (what, kind) = match by_folder {
        true => ("folder", "folder by folder"),
        false => ("file", "file by file"),
    };
    let mut rows: Vec<(String, Lines)> = Vec::new();
    let mut all = Lines::default();
    for file in &account.files {
        let folder = || Path::new(&file.file).parent().unwrap_or(Path::new(""));
        let name = match by_folder {
            true => folder().display().to_string(),
            false => file.file.clone(),
        };
        all.add(file);
        match rows.last_mut().filter(|(last, _)| *last == name) {
            Some((_, lines)) => lines.add(file),
            None => {
                let mut lines = Lines::default();
                lines.add(file);
                rows.push((name, lines));
            }
        }
    }
    rows.push(("all".to_owned(), all));
    let caption = format!(
        "Every line is an event, a header that states facts, left out by a rule of the format, or unexplained; {kind}.{}{}",
        reasons(account),
        others(account)
    );
    let mut table = Table::new("Lines", &caption)
        .column(what, Alignment::Left)
        .end_of_keys();
    for header in [
        "files",
        "lines",
        "events",
        "headers",
        "left out",
        "unexplained",
    ] {
        table = table.column(header, Alignment::Right);
    }
    for (name, lines) in rows {
        let numbers = [
            lines.files,
            lines.lines,
            lines.events,
            lines.headers,
            lines.ignored,
            lines.unexplained,
        ];
        let mut row = vec![name];
        row.extend(numbers.map(|number| number.to_string()));
        table.rows.push(row);
    }
    table
}

/// One line: `31 files, 9,000 lines: 8,900 events, 31 headers, 69 left out, 0 unexplained`, and which files were not read.
pub fn in_a_line(account: &Account) -> String {
    let mut all = Lines::default();
    account.files.iter().for_each(|file| all.add(file));
    format!(
        "{} files, {} lines: {} events, {} headers, {} left out, {} unexplained{}",
        all.files,
        all.lines,
        all.events,
        all.headers,
        all.ignored,
        all.unexplained,
        not_read(account)
    )
}

/// How many files were not read, and why, at the end of a sentence: `; 3 files were not read, and 1 of them may be a log: 1 a
/// symbolic link, 2 a picture by its name`. Nothing if all were.
pub fn not_read(account: &Account) -> String {
    let reasons = account.other_files.iter();
    let counts: Vec<String> = reasons
        .map(|(reason, files)| format!("{} {reason}", files.len()))
        .collect();
    let files: usize = account.other_files.values().map(Vec::len).sum();
    let are = if files == 1 { "file was" } else { "files were" };
    match files {
        0 => String::new(),
        files => format!(
            "; {files} {are} not read{}: {}",
            of_these(account),
            counts.join(", ")
        ),
    }
}

/// How many of the files that were not read may be logs.
fn of_these(account: &Account) -> String {
    let others: BTreeSet<&String> = account.other_files.values().flatten().collect();
    let logs = account.unread_logs.iter().map(|log| &log.file);
    match logs.filter(|log| others.contains(log)).count() {
        0 => String::new(),
        1 => ", and 1 of them may be a log".to_owned(),
        logs => format!(", and {logs} of them may be logs"),
    }
}

/// Why lines were left out.
fn reasons(account: &Account) -> String {
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for (reason, count) in account.files.iter().flat_map(|file| &file.ignored) {
        *reasons.entry(reason).or_default() += count;
    }
    counted(" Left out:", reasons)
}

/// Files that were not read, by reason.
fn others(account: &Account) -> String {
    let others = account.other_files.iter();
    counted(
        " Files not read:",
        others
            .map(|(reason, files)| (reason.as_str(), files.len() as u64))
            .collect(),
    )
}

fn counted(title: &str, reasons: BTreeMap<&str, u64>) -> String {
    let counts: Vec<String> = reasons
        .into_iter()
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    match counts.is_empty() {
        true => String::new(),
        false => format!("{title} {}.", counts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(files: usize) -> Account {
        let file = |index: usize| FileAccount {
            file: format!("theirs/run-{}/m{index}.log", index / 20),
            lines: 10,
            events: 7,
            headers: 1,
            ignored: BTreeMap::from([("blank line".to_owned(), 2)]),
            ..FileAccount::default()
        };
        Account {
            files: (0..files).map(file).collect(),
            other_files: BTreeMap::from([("a picture".to_owned(), vec!["a.png".to_owned()])]),
            unread_logs: Vec::new(),
        }
    }

    #[test]
    fn many_files_are_summed_by_folder_and_every_line_is_counted() {
        let few = table(&account(3));
        assert_eq!(few.rows.len(), 4);
        assert_eq!(few.rows[0][0], "theirs/run-0/m0.log");
        let many = table(&account(30));
        let names: Vec<&str> = many.rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(names, ["theirs/run-0", "theirs/run-1", "all"]);
        assert_eq!(many.rows[2][1..], ["30", "300", "210", "30", "60", "0"]);
        assert!(many.caption.contains("60 blank line") && many.caption.contains("1 a picture"));
        assert_eq!(
            in_a_line(&account(3)),
            "3 files, 30 lines: 21 events, 3 headers, 6 left out, 0 unexplained; 1 file was not read: 1 a picture"
        );
    }
}
