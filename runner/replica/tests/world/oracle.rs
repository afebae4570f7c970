//! What was acknowledged, and whether it is kept.
//!
//! **Invariant.** Acknowledged commands only ever become more; the first contradiction stands.

use replica::units::Ballot;

/// Sees all that primaries commit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Oracle {
    /// Commands that were acknowledged, in order.
    pub(crate) acknowledged: Vec<u32>,
    /// The latest view in which something was.
    ballot: Ballot,
    /// What was contradicted first.
    pub(crate) violation: Option<String>,
    /// How often a group gave way to another.
    pub(crate) divergences: usize,
    /// Views that became active.
    pub(crate) views: usize,
}

impl Oracle {
    /// A primary says that these commands are committed: all of its view's log if the view is new.
    pub(crate) fn committed(
        &mut self,
        id: u32,
        ballot: Ballot,
        commands: Vec<u32>,
        is_new_view: bool,
    ) {
        self.views += usize::from(is_new_view);
        let known = &self.acknowledged;
        let fault = if commands.len() <= known.len() && known.starts_with(&commands) {
            // Nothing new. But a later view must have all that was acknowledged before it.
            let is_short = is_new_view && ballot > self.ballot && commands.len() < known.len();
            is_short.then_some("lost")
        } else if commands.starts_with(known) {
            (ballot < self.ballot).then_some("stale")
        } else {
            Some("lost")
        };
        match fault {
            None => {
                if commands.len() > self.acknowledged.len() || ballot > self.ballot {
                    self.acknowledged = commands;
                    self.ballot = ballot.max(self.ballot);
                }
            }
            Some(fault) => {
                let known = &self.acknowledged;
                self.violation.get_or_insert_with(|| {
                    format!(
                        "{fault}: r{id} has {commands:?} in view {ballot}, but {known:?} was acknowledged"
                    )
                });
            }
        }
    }

    /// A client hears that its command is at this place, counted from 1.
    pub(crate) fn answered(&mut self, id: u32, place: usize) {
        if place > self.acknowledged.len() {
            self.violation.get_or_insert_with(|| {
                format!("r{id} answers place {place}, which was not committed")
            });
        }
    }
}
