//! Views of replicas as clients see them.
//!
//! **Invariant.** A later ballot is a higher view.

use chat::identity::View;
use replica::units::Ballot;

/// The view of a ballot in a group with this number of replicas.
pub fn view_of(ballot: Ballot, replicas: u32) -> View {
    let first = ballot.number.saturating_mul(u64::from(replicas));
    View(first.saturating_add(u64::from(ballot.proposer.0)))
}
