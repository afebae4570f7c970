//! Commands that a server gives up.
//!
//! **Invariant.** They are the last of a log.

use replica::units::{Mark, OpNumber};
use replica::view::View;

use super::oracle::Oracle;

/// Commands that a server gives up: after a place and up to a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GivenUp {
    pub(crate) after: OpNumber,
    pub(crate) through: Mark,
    /// The view in which it held them, if it does not know whether they were committed; none if it knew that they were.
    pub(crate) held: Option<View>,
}

impl GivenUp {
    pub(super) fn marks<'a>(&self, oracle: &'a Oracle) -> impl Iterator<Item = Mark> + use<'a> {
        let (after, through) = (self.after, self.through);
        let back = std::iter::successors(Some(through), |&mark| oracle.before(mark));
        back.take_while(move |mark| mark.op > after)
    }
}
