//! The laws that every correct log obeys, and the lines that prove it when one does not.
//!
//! ```text
//! facts (what each log can be trusted with) ─→ manifest · ticks · clocks · identity   one pass over each machine
//!       └─→ channels (sends and receives by pair of machines) ─→ messages · losses · queues · times    one pass over each channel
//! each law ─→ findings (counts all, keeps a few with their proof) ─→ verdict
//! ```
//!
//! [`law`] names the laws and says what each demands; [`verdict`] is what comes out, [`tally`] the sum over trials.
//!
//! A law is decided only where the logs can decide it. The log of a machine that was cut off, or that has unreadable
//! lines, leaves open whether a send it does not show has happened; such a receive is counted as undecided, and is
//! no violation. One slip is told once: after a wrong clock, tick, queue or time the check goes on from the logged value.
//!
//! **Invariant.** A check reads only the log: it shares no code with the machines that wrote it.

mod channels;
mod clocks;
mod facts;
mod findings;
pub mod histories;
mod identity;
pub mod law;
mod losses;
mod manifest;
mod messages;
mod queues;
pub mod tally;
mod ticks;
mod times;
pub mod verdict;

pub use law::Law;
pub use tally::Tally;
pub use verdict::{EXAMPLES, LawCount, LogLine, Verdict, Violation};

use crate::trial_log::{self, TrialLog};

/// Checks one trial of ours against every law.
pub fn check_trial(trial: &events::Trial) -> Verdict {
    // Bridge: until the laws read the table.
    check_log(&trial_log::of(trial))
}

/// Checks one trial against every law.
pub(crate) fn check_log(log: &TrialLog) -> Verdict {
    let facts = facts::Facts::new(log);
    let mut findings = findings::Findings::new(&facts);
    for machine in 0..log.machines.len() {
        manifest::check(&facts, machine, &mut findings);
        ticks::check(&facts, machine, &mut findings);
        clocks::check(&facts, machine, &mut findings);
        identity::check(&facts, machine, &mut findings);
    }
    let mut channels = channels::Channels::new(&facts);
    messages::check(&facts, &mut channels, &mut findings);
    losses::check(&facts, &channels, &mut findings);
    for machine in 0..log.machines.len() {
        queues::check(&facts, &channels, machine, &mut findings);
        times::check(&facts, &channels, machine, &mut findings);
    }
    findings.into_verdict(channels.messages())
}

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;
