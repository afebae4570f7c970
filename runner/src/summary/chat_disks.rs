//! What is on the disks of servers, as text.
//!
//! **Invariant.** Whatever is wrong is said last, where it is read.

use std::fmt::Write as _;

use chat_service::offline::verify::{Contents, DiskReport, Report};

/// The report for people.
pub(crate) fn text(report: &Report) -> String {
    let mut text = String::new();
    for DiskReport { folder, contents } in &report.disks {
        let folder = folder.display();
        match contents {
            None => line(&mut text, &format!("{folder}: cannot be used")),
            Some(contents) => disk(&mut text, &folder.to_string(), contents),
        }
    }
    if let Some(through) = report.agree_through {
        line(
            &mut text,
            &format!("all disks are the same through command {through}"),
        );
    }
    for note in &report.notes {
        line(&mut text, &format!("note: {note}"));
    }
    for finding in &report.findings {
        line(&mut text, &format!("WRONG: {finding}"));
    }
    if report.findings.is_empty() {
        line(&mut text, "nothing is wrong");
    }
    text
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn disk(text: &mut String, folder: &str, contents: &Contents) {
    let Contents {
        cluster,
        server,
        servers,
        ..
    } = contents;
    line(
        text,
        &format!("{folder}: server {server} of {servers} of cluster {cluster}"),
    );
    if contents.is_empty {
        return line(text, "  empty");
    }
    let members: Vec<String> = contents.members.iter().map(ToString::to_string).collect();
    line(
        text,
        &format!(
            "  view {} of the servers {}; life {}; promised {}",
            contents.view,
            members.join(" "),
            contents.life,
            contents.promised
        ),
    );
    let mut log = format!(
        "  log through command {}: a snapshot through {}, and {} after it",
        contents.end,
        contents.snapshot,
        contents.end - contents.snapshot
    );
    if let Some(fetched) = contents.fetched {
        // Writing to text cannot fail.
        let _ = write!(log, "; fetched of a later view: through {fetched}");
    }
    line(text, &log);
    line(
        text,
        &format!(
            "  accounts {}, sessions {}, queued messages {}, at most {} in a mailbox",
            contents.accounts,
            contents.sessions,
            contents.queued_messages,
            contents.queued_messages_most
        ),
    );
    if let Some(sum) = &contents.sha256 {
        line(text, &format!("  state {sum}"));
    }
}
