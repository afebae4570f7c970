//! The table of the laws, a file for each.
//!
//! **Invariant.** A rule counts what it decides, and what it cannot decide with the reason; it judges nothing else.

mod causal_order;
mod channel_order;
mod clock_condition;
mod clock_increases;
mod clock_rule;
mod identity;
mod manifest;
mod merge_is_maximum;
mod no_knowledge_from_the_future;
mod nothing_lost;
mod one_event_per_tick;
mod own_component;
mod queue_rule;
mod receive_has_send;
mod received_once;
mod send_before_receive;
mod tick_time;
mod vector_monotonic;

use crate::case::Case;
use crate::findings::Findings;
use crate::rule::{Applies, Rule};

/// Every law.
const RULES: &[Rule] = &[
    manifest::RULE,
    one_event_per_tick::RULE,
    clock_rule::RULE,
    clock_increases::RULE,
    own_component::RULE,
    vector_monotonic::RULE,
    merge_is_maximum::RULE,
    no_knowledge_from_the_future::RULE,
    causal_order::RULE,
    receive_has_send::RULE,
    clock_condition::RULE,
    received_once::RULE,
    send_before_receive::RULE,
    channel_order::RULE,
    nothing_lost::RULE,
    queue_rule::RULE,
    tick_time::RULE,
    identity::RULE,
];

/// Puts every law that applies to a trial, or to a window of one.
pub(crate) fn judge(case: &Case<'_>, findings: &mut Findings) {
    for rule in RULES {
        findings.turn(0, 0);
        match (rule.applies)(case) {
            Applies::Yes => {
                findings.apply(rule.law);
                (rule.check)(case, findings);
            }
            Applies::NotDecidable(why) => findings.idle(rule.law, why),
            Applies::No => {}
        }
    }
    findings.close(case);
}
