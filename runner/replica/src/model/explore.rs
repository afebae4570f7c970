//! All states within bounds, breadth first, and random walks.
//!
//! **Invariant.** The same bounds find the same: states are numbered as they are found, walks come from their seeds.

use std::collections::{BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use machine::chance::{Purpose, Stream};

use super::possible::possible;
use super::state::{Bounds, State};
use super::step::{Step, take};

/// Why a state is bad, and how to get there.
pub(super) type Bad = (String, Vec<Step>);

/// What was found.
pub(super) struct Found {
    pub(super) states: usize,
    pub(super) depth: usize,
    /// Whether there are no more states.
    pub(super) is_exhausted: bool,
    pub(super) bad: Option<Bad>,
}

/// A state, small enough that millions fit: two hashes, so that no two states are taken for one.
fn fingerprint(state: &State) -> (u64, u64) {
    let hash = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, state).hash(&mut hasher);
        hasher.finish()
    };
    (hash(0), hash(1))
}

/// Goes through states, those in the fewest steps first, until one is bad, there are no more, or these are too many.
pub(super) fn exhaust(bounds: Bounds, states_max: usize) -> Found {
    let first = State::beginning();
    let mut seen = BTreeSet::from([fingerprint(&first)]);
    // How each state was found: from which, by which step.
    let mut origins: Vec<Option<(usize, Step)>> = vec![None];
    let mut queue = VecDeque::from([(0, first, 0)]);
    let mut found = Found {
        states: 1,
        depth: 0,
        is_exhausted: false,
        bad: None,
    };
    while let Some((number, state, depth)) = queue.pop_front() {
        found.depth = depth;
        for step in possible(&state, &bounds) {
            match take(&state, &bounds, step) {
                Err(reason) => {
                    let mut steps = vec![step];
                    let mut at = number;
                    while let Some((from, step)) = origins[at] {
                        steps.push(step);
                        at = from;
                    }
                    steps.reverse();
                    found.bad = Some((reason, steps));
                    return found;
                }
                Ok(next) if seen.insert(fingerprint(&next)) => {
                    origins.push(Some((number, step)));
                    queue.push_back((found.states, next, depth + 1));
                    found.states += 1;
                }
                Ok(_) => {}
            }
        }
        if found.states > states_max {
            return found;
        }
    }
    found.is_exhausted = true;
    found
}

/// Walks of up to 120 steps, until a state is bad.
pub(super) fn walk_until_bad(bounds: Bounds, walks: u64) -> Option<Bad> {
    (0..walks).find_map(|seed| {
        let mut chance = Stream::new(seed, 0, Purpose::Network);
        let mut state = State::beginning();
        let mut steps = Vec::new();
        for _ in 0..120 {
            let all = possible(&state, &bounds);
            let mut draw = || all.get(chance.below(all.len() as u64) as usize).copied();
            let mut step = draw()?;
            if matches!(step, Step::Crash(_) | Step::Pause(_) | Step::Campaign(_)) {
                step = draw()?;
            }
            steps.push(step);
            match take(&state, &bounds, step) {
                Ok(next) => state = next,
                Err(reason) => return Some((reason, steps)),
            }
        }
        None
    })
}
