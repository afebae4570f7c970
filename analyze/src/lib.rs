//! Logs in; numbers, verdicts, pictures and notebook blocks out.
//!
//! ```text
//! paths → origin ─┬→ scan (ours) ────────┬→ events::Trial ─┬→ metrics → conclude → report → table · markdown · figures
//!                 └→ formats (others') ──┘                 └→ check (laws) ────────┘            → notebook
//! ```
//!
//! # Map
//!
//! [`cli`] the command line · [`analysis`] the pipeline · [`origin`] whose logs they
//! are · [`scan`] logs of ours and [`formats`] logs of others, to [`events::Trial`]s, with notes on what is wrong with
//! them · [`metrics`] what is measured of a trial, and [`remarks`] on what its numbers mean · [`lineage`] where a clock's
//! value comes from, [`accounts`] of it across trials and [`trace`] of a jump · [`check`] the laws, with the lines that
//! prove what breaks one · [`condition`] which trials belong together · [`compare`] two conditions · [`gap`] two worlds ·
//! [`replay`] whether trials are those that their seeds give · [`coverage`] whether intervals hold what they promise ·
//! [`plan`] how many trials it takes · [`claims`] sentences on trial · [`grade`] what is right in a submission, and what is
//! not · [`theory`] what to expect, and [`band`] what virtual trials say · [`report`] all of it as one object · [`table`]
//! for a terminal and [`markdown`] · [`digest`] and [`figures`] for pictures · [`export`] for other programs, [`exchange`]
//! what it shares with those who read it back · [`sources`] the logs behind pages and claims · [`notebook`] pages that can be verified · [`runner_process`] the runner,
//! started · [`pipe`] to readers that leave.
//!
//! Crates of its own: [`files`] opened and written, whole and within bounds · [`events`] one table of the events of a trial · [`laws`] a trial in, a verdict out · [`statistics`]
//! means with intervals and tests between samples · [`plots`] charts as SVG and PNG · [`text`] how numbers and names are
//! written.
//!
//! **Invariant.** Nothing here knows how a log came to be: the event log is all that is shared with the runner.

pub mod accounts;
pub mod analysis;
pub mod band;
pub mod check;
pub mod claims;
pub mod cli;
pub mod compare;

mod conclude;
pub mod condition;
pub mod coverage;
pub mod digest;
pub mod exchange;
pub mod export;
pub mod figures;
pub mod formats;
pub mod gap;
pub mod grade;
pub mod lineage;
pub mod markdown;
pub mod metrics;
pub mod notebook;
pub mod ordering;
pub mod origin;
pub mod pipe;
pub mod plan;
pub mod remarks;
pub mod replay;
pub mod report;
pub mod runner_process;
pub mod scan;
pub mod sources;
pub mod table;
pub mod theory;
pub mod trace;

pub use text::visible_text;
