//! The report as tables: plain data here, a terminal's lines in [`terminal`].
//!
//! [`conditions`] makes the tables across trials, `whole` the one of them that is of trials rather than machines,
//! `clock_sources` those of clocks taken apart, [`line_stats`] that of lines that were read, [`law`] those of theory beside measurement, `band` that of virtual trials
//! beside it, [`comparison`] that of two conditions, [`coverage`] that of a coverage study,
//! [`power`] that of a study of power, [`gap`] that of two worlds, [`chain`] that of a jump and where it came from,
//! [`trials`] those of single trials; tables of machines are split by [`topics`], so that none is wider than it can be
//! read. Tables of a ledger and of a class stand beside these.
//!
//! **Invariant.** A table is a function of the report: terminal and notebook show the same cells.

mod band;
mod cells;
pub mod chain;
mod clock_sources;
pub mod comparison;
pub mod conditions;
pub mod coverage;
pub mod gap;
mod keys;
pub mod law;
pub mod line_stats;
pub mod power;
pub mod terminal;
pub mod topics;
pub mod trials;
mod whole;

use crate::report::Report;

pub use cells::{Alignment, Table};
pub(crate) use cells::{REFUTED, SUPPORTED};

/// All tables of a report, in the order of reading: conditions, their comparison, then trials. Without `all` only the
/// first few trials of many are shown, and the last caption says so.
pub fn tables(report: &Report, all: bool) -> Vec<Table> {
    let mut tables = conditions::tables(report);
    tables.extend(report.comparison.as_ref().map(comparison::table));
    tables.extend(trials::tables(report, all));
    tables.extend(report.account.as_ref().map(line_stats::table));
    tables
}

/// The tables that answer what was asked: where two conditions are compared, which ones there are and their comparison;
/// otherwise, and with `all`, every table. Of many trials only the first few are listed, without the numbers of each:
/// the tables across trials say what so many have in common.
pub fn answer(report: &Report, all: bool) -> Vec<Table> {
    match &report.comparison {
        Some(comparison) if !all => {
            let mut tables = conditions::tables(report);
            tables.truncate(1);
            tables.push(comparison::table(comparison));
            tables
        }
        None if !all && report.trials.len() > trials::TRIALS_SHOWN => {
            let mut tables = conditions::tables(report);
            tables.push(trials::list(report));
            tables.extend(report.account.as_ref().map(line_stats::table));
            tables
        }
        _ => tables(report, all),
    }
}
