//! What a user sees at the end of a run of trials of the chat service: one table, the verdict, and what to type next.
//!
//! **Invariant.** It says nothing that is not in the [`Report`].

use comfy_table::{CellAlignment, Table};

use super::new_table;
use crate::chat::outcome::{Failure, LostAsSaid, Undecided};
use crate::chat::report::{Happening, Ledger, Report, Spread, Standing, Verdicts};
use crate::numerals::{counted, grouped};

/// Failures with commands to type.
const FAILURES_SHOWN_MAX: usize = 5;

/// The report for people.
pub fn human(report: &Report<'_>) -> String {
    let mut text = format!("{}\n", table(report));
    if !report.happened.is_empty() {
        text += &format!("{}\n", happened(report));
    }
    text += &conclusion(report);
    let wall_time_s = report.wall_time_ms as f64 / 1e3;
    text += &format!(
        "{} virtual s in {wall_time_s:.1} s, {} events, {} a second; written to {}\n",
        grouped(report.virtual_time_ns / 1_000_000_000),
        grouped(report.events),
        grouped((report.events as f64 / wall_time_s.max(0.001)) as u64),
        report.folder.display()
    );
    text + &next(report)
}

fn table(report: &Report<'_>) -> Table {
    let Ledger {
        sent,
        acknowledged,
        failed,
        unknown,
        delivered,
        lost,
        discarded,
        duplicated,
        reordered,
    } = report.ledger;
    let mut table = new_table();
    table.set_header(["", "all trials"]);
    for (what, count) in [
        ("messages sent", sent),
        ("acknowledged", acknowledged),
        ("refused", failed),
        ("unknown", unknown),
        ("delivered, each once a device", delivered),
        ("lost though acknowledged", lost),
        ("lost, and the servers say so", discarded),
        ("duplicated", duplicated),
        ("reordered", reordered),
        ("faults", report.faults),
        ("faults without effect", report.faults_without_effect),
        ("views that served", report.views),
    ] {
        table.add_row([what.to_owned(), grouped(count)]);
    }
    for (what, spread) in [
        ("longest wait of a client, median", report.gap),
        ("failover as clients see it, median", report.failover),
    ] {
        if let Some(Spread {
            median_ns, max_ns, ..
        }) = spread
        {
            table.add_row([what.to_owned(), seconds(median_ns)]);
            table.add_row(["  and maximum of the trials".to_owned(), seconds(max_ns)]);
        }
    }
    align(table)
}

fn happened(report: &Report<'_>) -> Table {
    let mut table = new_table();
    table.set_header(["it happened that", "times"]);
    for Happening { name, count } in &report.happened {
        table.add_row([(*name).to_owned(), grouped(*count)]);
    }
    align(table)
}

fn conclusion(report: &Report<'_>) -> String {
    let Verdicts {
        passed,
        lost_as_said,
        violated,
        undecided,
    } = report.verdicts;
    let trials = counted(report.trials, "trial");
    let mut text = match report.verdict {
        Standing::Passed if lost_as_said > 0 => format!(
            "passed: {}, every property that is judged held; {} lost as said\n",
            counted(passed, "trial"),
            grouped(lost_as_said)
        ),
        Standing::Passed => format!("passed: {trials}, every property that is judged held\n"),
        Standing::Violated => format!(
            "violated: in {} of {trials} a property did not hold\n",
            grouped(violated)
        ),
        Standing::Undecided => format!(
            "undecided: nothing was found in {trials}, and {}\n",
            match undecided {
                0 => "too little was tried".to_owned(),
                _ => format!("nothing follows from {} of them", grouped(undecided)),
            }
        ),
        Standing::Interrupted => format!(
            "interrupted after {} of {}; nothing was found in them\n",
            grouped(report.trials),
            counted(report.count, "trial")
        ),
    };
    if let Some(first) = &report.first_lost {
        text += &lost(first, lost_as_said, report.ledger.discarded);
    }
    if undecided > 0 {
        text += "nothing follows from:\n";
        for Undecided {
            trial,
            reasons,
            repeat,
        } in report.undecided
        {
            text += &format!("  trial {trial}: {}\n", reasons.join("; "));
            text += &format!("    again: {repeat}\n");
        }
    }
    if !report.never.is_empty() {
        text += &format!(
            "these faults should have brought it about in as many trials, and never did: {}\n",
            report.never.join("; ")
        );
    }
    text
}

/// What was lost, what is not judged because of it, and what to type to see it.
fn lost(first: &LostAsSaid, trials: u64, discarded: u64) -> String {
    let LostAsSaid { trial, repeat } = first;
    let are_gone = match discarded {
        1 => "is gone, and the servers name it",
        _ => "are gone, and the servers name each",
    };
    let messages = counted(discarded, "message");
    format!(
        "in {}, trial {trial} first, a partition made two services, as it does under --tolerate crashes, and one gave way: \
         {messages} that it had acknowledged {are_gone}\n  \
         not judged there from then on: whether a message is shown again or too early (S4, S6), whether what one side refused is nowhere (S4), \
         and whether a device acknowledges, skips or goes back over what it has not shown (S1, S11)\n  \
         again: {repeat}\n",
        counted(trials, "trial")
    )
}

fn next(report: &Report<'_>) -> String {
    let mut text = String::new();
    for failure in report.failures.iter().take(FAILURES_SHOWN_MAX) {
        let Failure {
            trial,
            property,
            finding,
            ..
        } = failure;
        text += &format!(
            "\ntrial {trial}: {property}, {}\n  {finding}\n",
            property.statement()
        );
        text += &format!("  again:   {}\n", failure.repeat);
        if let Some(shrink) = &failure.shrink {
            text += &format!("  smaller: {shrink}\n");
        }
    }
    let more = report.failures.len().saturating_sub(FAILURES_SHOWN_MAX);
    if more > 0 {
        let more = counted(more as u64, "more trial");
        text += &format!("\nand {more}: verdict `violated` in summary.csv\n");
    }
    text
}

fn align(mut table: Table) -> Table {
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn seconds(nanoseconds: u64) -> String {
    format!("{:.3} s", nanoseconds as f64 / 1e9)
}
