//! Logs in; numbers, verdicts, pictures and notebook blocks out.
//!
//! ```text
//! paths → logs → events::Trial ─┬→ metrics → condition_summary → report → table · markdown · figures
//!                               └→ check (laws) ─────────────────┘            → notebook
//! ```
//!
//! # Map
//!
//! [`cli`] the command line · [`analysis`] the pipeline · [`metrics`] what is measured of a trial, and [`remarks`] on what its
//! numbers mean · [`causal_chain`] where a clock's value comes from, [`clock_sources`] of it across trials and [`trace`] of a jump ·
//! [`check`] the laws, with the lines that prove what breaks one · [`condition`] which trials belong together · [`compare`]
//! two conditions · [`gap`] two worlds · [`replay`] whether trials are those that their seeds give · [`coverage`] whether
//! intervals hold what they promise · [`plan`] how many trials it takes · [`claims`] sentences on trial · [`grade`] what is
//! right in a submission, and what is not · [`theory`] what to expect, and [`band`] what virtual trials say · [`report`] all of
//! it as one object · [`table`] for a terminal and [`markdown`] · [`plot_data`] and [`figures`] for pictures · [`export`] for
//! other programs · [`sources`] the logs behind pages and claims · [`notebook`] pages that can be verified ·
//! [`runner_process`] the runner, started · [`pipe`] to readers that leave.
//!
//! Crates of its own, from the ground up: [`text`] how numbers and names are written · [`files`] opened and written, whole and
//! within bounds, with notes on what is wrong with them · [`events`] one table of the events of a trial · [`formats`] the
//! language in which logs of others are described, and its reader · [`guess`] a format for logs that nobody described ·
//! [`logs`] the only reader of logs, where it is decided whose they are · [`laws`] a trial in, a verdict out · [`statistics`]
//! means with intervals and tests between samples · [`plots`] charts as SVG and PNG.
//!
//! **Invariant.** Nothing here knows how a log came to be: the event log is all that is shared with the runner.

pub mod analysis;
pub mod band;
pub mod causal_chain;
pub mod check;
pub mod claims;
pub mod cli;
pub mod clock_sources;
pub mod compare;
pub mod condition;
mod condition_summary;
pub mod coverage;
pub mod export;
pub mod figures;
pub mod gap;
pub mod grade;
pub mod markdown;
pub mod metrics;
pub mod notebook;
pub mod ordering;
pub mod pipe;
pub mod plan;
pub mod plot_data;
pub mod remarks;
pub mod replay;
pub mod report;
pub mod runner_process;
pub mod sources;
pub mod table;
pub mod theory;
pub mod trace;

pub use text::visible_text;
