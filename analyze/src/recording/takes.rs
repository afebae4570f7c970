//! What each row of a log took, in eight bytes.
//!
//! **Invariant.** What is read is what was put in.

use crate::history::matching::Match;

/// In the place of a sender: the row is no receive.
const NO_RECEIVE: u32 = u32::MAX;
/// In the place of a sender: there is no send.
const MISSING: u32 = u32::MAX - 1;
/// In the place of a sender: one of several sends, so many.
const AMBIGUOUS: u32 = u32::MAX - 2;

/// The match of each row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Takes {
    /// The sender and its row, or why there is none. Neither machines nor lines are so many that 32 bits cannot tell them
    /// apart.
    codes: Vec<[u32; 2]>,
}

impl Takes {
    /// Room for so many rows.
    pub fn with_capacity(rows: usize) -> Takes {
        Takes {
            codes: Vec::with_capacity(rows),
        }
    }

    /// Adds a row.
    #[inline]
    pub fn push(&mut self, took: Match) {
        self.codes.push(match took {
            Match::NoReceive => [NO_RECEIVE, 0],
            Match::Sent { machine, event } => [machine as u32, event as u32],
            Match::Ambiguous { candidates } => [AMBIGUOUS, candidates],
            Match::Missing => [MISSING, 0],
        });
    }

    /// The match of a row; that of a row that is no receive where there is no such row.
    #[inline]
    pub fn get(&self, row: usize) -> Match {
        match self.codes.get(row) {
            None | Some(&[NO_RECEIVE, _]) => Match::NoReceive,
            Some(&[MISSING, _]) => Match::Missing,
            Some(&[AMBIGUOUS, candidates]) => Match::Ambiguous { candidates },
            Some(&[machine, event]) => Match::Sent {
                machine: machine as usize,
                event: event as usize,
            },
        }
    }
}

impl FromIterator<Match> for Takes {
    fn from_iter<I: IntoIterator<Item = Match>>(matches: I) -> Takes {
        let matches = matches.into_iter();
        let mut takes = Takes::with_capacity(matches.size_hint().0);
        for took in matches {
            takes.push(took);
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::{Match, Takes};

    #[test]
    fn what_is_read_is_what_was_put_in() {
        let matches = [
            Match::NoReceive,
            Match::Sent {
                machine: 0,
                event: 0,
            },
            Match::Sent {
                machine: 999,
                event: 4_000_000_000,
            },
            Match::Ambiguous {
                candidates: u32::MAX,
            },
            Match::Ambiguous { candidates: 1 },
            Match::Missing,
        ];
        let takes: Takes = matches.into_iter().collect();
        let read: Vec<Match> = (0..matches.len()).map(|row| takes.get(row)).collect();
        assert_eq!(read, matches);
        assert_eq!(takes.get(matches.len()), Match::NoReceive);
    }
}
