//! The tables of a class: who needs attention, and what is hard for all.

use super::class::{Class, Row};
use super::criterion::Criterion;
use super::judgement::Verdict;
use crate::table::{Alignment, Table};

/// Findings that a row names.
const FINDINGS_SHOWN: usize = 3;
/// The longest reason why something could not be read that a row shows, in characters.
const REASON_MAX: usize = 70;

/// One row for each submission, those that need attention first.
pub fn class(class: &Class) -> Table {
    let caption = format!(
        "The lowest grades first. Points are out of what could be judged, of {} in all; \"cannot tell\" takes none away.",
        class.points_possible()
    );
    let mut table = Table::new("Who needs attention", caption)
        .column("submission", Alignment::Left)
        .end_of_keys()
        .column("grade", Alignment::Right)
        .column("points", Alignment::Right)
        .column("not met", Alignment::Right)
        .column("partly", Alignment::Right)
        .column("cannot tell", Alignment::Right)
        .column("look at", Alignment::Left);
    table.rows = class.by_need().into_iter().map(row).collect();
    table
}

fn row(row: &Row) -> Vec<String> {
    let mut cells = vec![row.submission.clone()];
    match &row.outcome {
        Err(unreadable) => {
            cells.extend(["–"; 5].map(str::to_owned));
            cells.push(format!("could not be read: {}", shortened(&unreadable.0)));
        }
        Ok(grade) => {
            let percent = grade.share().map(|share| format!("{:.0} %", share * 100.0));
            cells.push(percent.unwrap_or_else(|| "–".to_owned()));
            cells.push(format!("{:.1} / {}", grade.points(), grade.points_judged()));
            for verdict in [Verdict::NotMet, Verdict::Partly, Verdict::CannotTell] {
                cells.push(match grade.count(verdict) {
                    0 => String::new(),
                    count => count.to_string(),
                });
            }
            let findings = grade.findings();
            let mut words: Vec<String> = findings
                .iter()
                .take(FINDINGS_SHOWN)
                .map(|one| one.short.clone())
                .collect();
            let unread = grade.unread_logs.len();
            if unread > 0 {
                words.insert(0, format!("{unread} of its logs not read"));
            }
            if findings.len() > FINDINGS_SHOWN {
                words.push(format!("{} more", findings.len() - FINDINGS_SHOWN));
            }
            cells.push(words.join("; "));
        }
    }
    cells
}

fn shortened(reason: &str) -> String {
    let first = reason.lines().next().unwrap_or_default();
    match first.char_indices().nth(REASON_MAX) {
        Some((end, _)) => format!("{}…", &first[..end]),
        None => first.to_owned(),
    }
}

/// One row for each criterion: how the class did.
pub fn criteria(class: &Class) -> Table {
    let mut table = Table::new(
        "What the class found hard",
        "How many submissions have which verdict.",
    )
    .column("criterion", Alignment::Left)
    .end_of_keys()
    .column("points", Alignment::Right)
    .column("met", Alignment::Right)
    .column("partly", Alignment::Right)
    .column("not met", Alignment::Right)
    .column("cannot tell", Alignment::Right);
    let on = Criterion::ALL
        .into_iter()
        .filter(|&one| class.rubric.is_on(one));
    table.rows = on
        .map(|criterion| {
            let mut cells = vec![
                class.rubric.name_of(criterion).to_owned(),
                class.rubric.points(criterion).to_string(),
            ];
            for verdict in [
                Verdict::Met,
                Verdict::Partly,
                Verdict::NotMet,
                Verdict::CannotTell,
            ] {
                cells.push(match class.count(criterion, verdict) {
                    0 => String::new(),
                    count => count.to_string(),
                });
            }
            cells
        })
        .collect();
    table
}
