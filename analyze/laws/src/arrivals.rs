//! A queue against what was sent to its machine and taken by it.
//!
//! **Invariant.** The bound moves along after a violation: an invented or missing message is one violation.

/// What the queue may be, and by how much earlier violations have moved it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Bounds {
    /// Messages taken from the queue.
    pub(crate) taken: i128,
    slack_above: i128,
    slack_below: i128,
}

impl Bounds {
    /// The cause and what was expected, where the queue is out of bounds.
    pub(crate) fn judge(
        &mut self,
        queue: u64,
        may: usize,
        must: Option<usize>,
    ) -> Option<(&'static str, String)> {
        let queue = i128::from(queue);
        let taken = self.taken;
        let most = may as i128 - taken + self.slack_above;
        if queue > most {
            self.slack_above += queue - most;
            return Some((
                "invented or duplicated message, or the row of a send was lost or edited",
                format!(
                    "queue of at most {}: {may} messages were sent to this machine by then, it has taken {taken}",
                    most.max(0)
                ),
            ));
        }
        let must = must?;
        let least = must as i128 - taken - self.slack_below;
        if queue < least {
            self.slack_below += least - queue;
            return Some((
                "lost message, or a receive was not logged",
                format!(
                    "queue of at least {least}: {must} messages had arrived by then, the machine had taken {taken}"
                ),
            ));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Bounds;

    #[test]
    fn queues_beyond_all_measure_move_the_bounds_and_do_not_overflow() {
        let mut bounds = Bounds::default();
        assert!(bounds.judge(u64::MAX, 3, Some(2)).is_some(), "too many");
        assert!(bounds.judge(u64::MAX, 3, Some(2)).is_none(), "told once");
        assert!(bounds.judge(0, 3, Some(2)).is_some(), "too few");
        assert!(bounds.judge(0, 3, Some(2)).is_none(), "told once");
    }
}
