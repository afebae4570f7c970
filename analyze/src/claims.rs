//! The claims ledger: sentences from notebooks, each with the trials that decide it.
//!
//! # The file
//!
//! `claims.toml`, beside the pages that argue about it:
//!
//! ```toml
//! alpha = 0.05            # the chance, at most, that any true claim is refuted, and that any false one is supported
//! trials = 40             # how many trials of each condition decide, unless a claim says otherwise
//!
//! [sources]               # who wrote the sentences, and where
//! farrell-yang = "Michael Farrell and Kevin Yang, lab notebook for constructing logical clocks"
//!
//! [[claim]]
//! id = "few-sends-align"  # lower-case letters, digits, dashes
//! verdict = "supported"   # as recorded by `analyze claims --record`; verification compares it
//! sentence = "… the logical clocks seemed to be all aligned with … the highest clock rate."
//! source = "farrell-yang"
//! reading = "Where nine of ten idle ticks are internal, the slow clock ends within a tenth of the fast one."   # optional
//! page = "04-internal-events"                # optional: the page that must show the claim
//! logs = "data/04-internal-events"           # relative to the ledger; a folder of run.json alone is made again from its seed
//! where = { internal = 0.9 }                 # which condition: options of `runner trial`, as many as tell it from the others
//! machine = "slowest"                        # slowest, median, fastest, an id, or all with combine = mean, largest, smallest;
//!                                            # left out with metrics of whole trials (final_spread, trial_messages, …)
//! metric = "clock_final"                     # any metric of the JSON report
//! than = { machine = "fastest" }             # what it is compared with: logs, where (merged), machine, combine, metric
//! ratio = { within = [0.9, 1.1] }            # one relation, with its size
//! ```
//!
//! `where` knows the options of experiment files (`internal`, `sides`, `rates`, `rate_range`, `machines`, `drain`, `phase`,
//! `duration`, `latency`, `speed`, `design`, `stamp`, …), `driver` (`"sockets"`, `"virtual"`), and what follows from rates:
//! `slowest_rate`, `fastest_rate`, `gap`, `range_low`, `range_high`, `range_width`. With `each = true` the claim is about
//! every condition that matches; otherwise exactly one must.
//!
//! # Relations
//!
//! | key | claims |
//! |---|---|
//! | `mean = SIZE` | the mean over trials |
//! | `difference = SIZE` | the mean less that of `than`: two machines of one trial, two conditions, two metrics |
//! | `ratio = SIZE` | the mean divided by that of `than` |
//! | `trend = { over = OPTION, goes = "up" }` | the metric rises (or goes `"down"`) over the conditions that match, ordered by the option: its mean change by a step. `per_step = SIZE` instead of `goes` says how much; `every_step = true` claims it of each step |
//! | `share = { holds = SIZE, at_least = 0.9 }` | the share of trials whose value (less that of `than`) lies where `holds` says; `blocks_of = 5` counts blocks of five trials in all of which it does. The share may be `above`, `below`, `at_least`, `at_most` or `within` |
//!
//! SIZE is one of `above`, `below`, `at_least`, `at_most` with a number, or `within = [LOW, HIGH]`. Of a mean, strict or
//! not makes no difference; of single trials it does.
//!
//! # Verdicts
//!
//! Every claim says that a quantity lies in a set. Two hypotheses are tested: that it does, whose rejection **refutes** the
//! claim, and that it does not, whose rejection **supports** it; otherwise it is **undecided**. That two quantities are
//! equal is never supported, that they are equal within a margin is (`within`). Both families of hypotheses are corrected
//! by Holm's method over the whole ledger ([`judge`]). [`weigh`] says which test each relation uses. A claim may set a
//! stricter `alpha` of its own, and `trials` of its own.
//!
//! Shares are tested exactly. Means are tested by t, an approximation for skewed values. The correction for skewness and
//! the floor of 2⁻ⁿ (see [`statistics::contrast`]) only ever raise p, and do not make it exact. Measured on metrics
//! of virtual trials at 1, 3 and 6 Hz, with true means just at their bounds, 40 trials and a nominal 5 %: those of a
//! skewness below 2 were wrongly decided in 4.1 % (shown to lie above) and 5.0 % (below), 7.8 % at worst; at a nominal
//! 0.1 %, which Holm's correction asks of a ledger of fifty, in 0.05 % and 0.12 %, 0.5 % at worst. With 10 trials the
//! latter two are 0.08 % and 0.5 %: few trials and many claims do not go together.
//!
//! Where all values are equal t is not defined: p is then that of a sign test, 2⁻ⁿ if they lie beyond the bound and 1 if
//! not, and there is no interval. A mean of equal values *at* a bound is therefore undecided. A sign test knows nothing of
//! values that are rare and far away: a metric that is the same in 96 of 100 trials (the fastest machine's clock) gives 40
//! equal ones in every fifth sample, and a claim of its mean is then decided by what all of them are. Claim a share of
//! trials instead, in both cases.
//!
//! The conditions of a `trend` are taken for independent samples, as those of an experiment are, whose trials all have
//! numbers of their own. Runs of one seed and the same numbers roll the same dice: give each run its own seed.
//!
//! # Why the number of trials is fixed
//!
//! The error rates hold for one look at a number of trials that was fixed without looking. So a verdict needs exactly
//! `trials` trials of each condition, the first by seed and number: with fewer it is undecided, and what lies beyond is not
//! looked at ([`draw`]). A reader who looks every now and then and stops when p is small enough refutes true claims far more
//! often than alpha; here looking earlier shows a count and nothing else.
//!
//! # Map
//!
//! `file` the words of a ledger · [`claim`] what they mean · [`options`] conditions by their options · [`measure`] a number
//! of a trial · [`draw`] the values that decide · [`bound`] where a number is claimed to lie · [`weigh`] values to p ·
//! [`judge`] all claims together · [`assess`] all of it · [`block`] on a page and [`table`] of many · [`record`] verdicts written back.
//!
//! **Invariant.** A verdict is a function of the ledger and of the trials that it fixes.

pub mod assess;
pub mod block;
pub mod bound;
pub mod claim;
pub mod draw;
mod file;
pub mod judge;
pub mod measure;
pub mod options;
pub mod record;
pub mod table;
pub mod weigh;
mod words;

use std::path::PathBuf;

use thiserror::Error;

use crate::sources::SourceError;

/// Name of the ledger beside the pages.
pub const LEDGER_FILE: &str = "claims.toml";

/// The first line of a file.
const LINE_FIRST: usize = 1;

/// Why a ledger cannot be put to the test.
#[derive(Debug, Error)]
pub enum ClaimsError {
    /// It cannot be read or written.
    #[error("{}: {cause}", file.display())]
    File {
        /// The ledger.
        file: PathBuf,
        /// What the system said; part of the message, hence no source.
        cause: std::io::Error,
    },
    /// It does not make sense, or names what its logs do not have.
    #[error("{}", list(file, problems))]
    Ledger {
        /// The ledger.
        file: PathBuf,
        /// Lines, from 1, and what is wrong there, with what to do.
        problems: Vec<(usize, String)>,
    },
    /// Its logs could not be made again.
    #[error(transparent)]
    Logs(SourceError),
}

fn list(file: &std::path::Path, problems: &[(usize, String)]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|(line, problem)| format!("{}:{line}: {problem}", file.display()))
        .collect();
    lines.join("\n")
}
