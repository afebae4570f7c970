//! What people saw: which messages were acknowledged, and which came, how often and in which order.
//!
//! **Invariant.** A message is known by its author and its number there, which rises.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

/// How a message ended for its author.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The service has it.
    Acknowledged,
    /// Nothing was done.
    NotDone,
    /// Nobody knows.
    Unknown,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Ledger {
    ends: BTreeMap<(usize, u64), End>,
    /// Of each person, author and number of what came, in its order.
    came: Vec<Vec<(usize, u64)>>,
    to: BTreeMap<(usize, u64), usize>,
    acknowledged_at: Vec<Instant>,
}

/// What is wrong.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wrongs {
    lost: Vec<(usize, u64)>,
    duplicated: Vec<(usize, u64)>,
    reordered: Vec<(usize, u64)>,
    /// Came, and was not to: never sent, sent to somebody else, or called not done.
    phantom: Vec<(usize, u64)>,
}

impl Ledger {
    pub(crate) fn new(people: usize) -> Ledger {
        Ledger {
            ends: BTreeMap::new(),
            came: vec![Vec::new(); people],
            to: BTreeMap::new(),
            acknowledged_at: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, author: usize, number: u64, to: usize) {
        self.to.insert((author, number), to);
    }

    /// An answer after all replaces what nobody knew.
    pub(crate) fn end(&mut self, author: usize, number: u64, end: End) {
        if end == End::Acknowledged {
            self.acknowledged_at.push(Instant::now());
        }
        self.ends.insert((author, number), end);
    }

    pub(crate) fn come(&mut self, to: usize, author: usize, number: u64) {
        self.came[to].push((author, number));
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged_at.len()
    }

    /// Whether each message has an end.
    pub(crate) fn all_ended(&self) -> bool {
        self.ends.len() == self.to.len()
    }

    /// Whether everything that was acknowledged to be for a person has come to it.
    pub(crate) fn has_all(&self, to: usize) -> bool {
        let came: std::collections::BTreeSet<_> = self.came[to].iter().collect();
        let mine = self.to.iter().filter(|(_, of)| **of == to);
        let mut mine = mine.filter(|(name, _)| self.ends.get(name) == Some(&End::Acknowledged));
        mine.all(|(name, _)| came.contains(name))
    }

    /// The longest time without an acknowledgement that ended between these times.
    pub(crate) fn longest_gap(&self, from: Instant, to: Instant) -> Duration {
        let pairs = self.acknowledged_at.windows(2);
        let within = pairs.filter(|pair| pair[1] >= from && pair[1] <= to);
        let gaps = within.map(|pair| pair[1] - pair[0]);
        gaps.max().unwrap_or_default()
    }

    fn count(&self, end: End) -> usize {
        self.ends.values().filter(|of| **of == end).count()
    }

    fn wrongs(&self) -> Wrongs {
        let mut wrongs = Wrongs::default();
        let mut times: BTreeMap<(usize, u64), usize> = BTreeMap::new();
        for (to, came) in self.came.iter().enumerate() {
            let mut last: BTreeMap<usize, u64> = BTreeMap::new();
            for &(author, number) in came {
                let name = (author, number);
                *times.entry(name).or_default() += 1;
                if last
                    .insert(author, number)
                    .is_some_and(|last| last > number)
                {
                    wrongs.reordered.push(name);
                }
                let is_meant = self.to.get(&name) == Some(&to);
                if !is_meant || self.ends.get(&name) == Some(&End::NotDone) {
                    wrongs.phantom.push(name);
                }
            }
        }
        for (&name, &end) in &self.ends {
            let times = times.get(&name).copied().unwrap_or(0);
            if end == End::Acknowledged && times == 0 {
                wrongs.lost.push(name);
            }
            if times > 1 {
                wrongs.duplicated.push(name);
            }
        }
        wrongs
    }

    /// Asserts that nothing is wrong.
    pub(crate) fn check(&self) {
        assert!(self.acknowledged() > 0, "nothing was acknowledged");
        assert_eq!(
            self.wrongs(),
            Wrongs::default(),
            "author and number of each"
        );
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrongs = self.wrongs();
        let delivered: usize = self.came.iter().map(Vec::len).sum();
        write!(
            f,
            "acknowledged {}, not done {}, not known {}; delivered {delivered}; lost {}, duplicated {}, reordered {}, phantom {}",
            self.count(End::Acknowledged),
            self.count(End::NotDone),
            self.count(End::Unknown),
            wrongs.lost.len(),
            wrongs.duplicated.len(),
            wrongs.reordered.len(),
            wrongs.phantom.len(),
        )
    }
}

#[test]
fn what_is_wrong_is_found() {
    let mut ledger = Ledger::new(2);
    for number in 1..=4 {
        ledger.send(0, number, 1);
        ledger.end(0, number, End::Acknowledged);
    }
    ledger.send(0, 5, 1);
    ledger.end(0, 5, End::NotDone);
    for number in [1, 3, 2, 2, 5] {
        ledger.come(1, 0, number);
    }
    let expected = Wrongs {
        lost: vec![(0, 4)],
        duplicated: vec![(0, 2)],
        reordered: vec![(0, 2)],
        phantom: vec![(0, 5)],
    };
    assert_eq!(ledger.wrongs(), expected);
    assert!(!ledger.has_all(1) && ledger.has_all(0));
}
