//! Vector time: what each event can know of every machine.
//!
//! Source: F. Mattern, "Virtual Time and Global States of Distributed Systems", 1989, and C. J. Fidge, "Timestamps in
//! Message-Passing Systems That Preserve the Partial Ordering", 1988. One event is one unit of its machine's component,
//! whatever the log's own clock counts.
//!
//! ```text
//! Matching ─→ vectors: each machine goes on until it waits for a send ─→ Vectors
//!                        nobody can go on: they wait for each other   ─→ Cycle
//! ```
//!
//! **Invariant.** Only certain matches carry knowledge: where a match is missing, vectors are lower bounds, and
//! [`Vectors::is_certain`] says so.

use crate::matching::{Match, Matching};

/// Vector time of every event of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vectors {
    /// For each machine, the vectors of its events one after the other.
    components: Vec<Vec<u32>>,
    /// For each machine, how many of its first events depend on certain matches only.
    certain: Vec<usize>,
}

/// Events that would each have to happen before the next, and the last before the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// The receives at which machines wait for each other, each with the send that it waits for: `(machine, event)`.
    /// The send of each stands at or behind the receive of the next.
    pub waits: Vec<Wait>,
}

/// A receive and its send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// Positions of the recipient and of its event.
    pub receive: (usize, usize),
    /// Positions of the sender and of its event.
    pub send: (usize, usize),
}

impl Vectors {
    /// The vector of an event: how many events of each machine it knows, itself included.
    pub fn of(&self, machine: usize, event: usize) -> &[u32] {
        let width = self.components.len();
        &self.components[machine][event * width..(event + 1) * width]
    }

    /// Whether every receive that the event depends on was matched for certain.
    pub fn is_certain(&self, machine: usize, event: usize) -> bool {
        event < self.certain[machine]
    }

    /// Whether one event, `(machine, event)`, happened before another.
    pub fn happened_before(&self, earlier: (usize, usize), later: (usize, usize)) -> bool {
        earlier != later && self.of(later.0, later.1)[earlier.0] as usize > earlier.1
    }

    /// Whether neither of two events happened before the other, as far as matches tell.
    pub fn concurrent(&self, one: (usize, usize), other: (usize, usize)) -> bool {
        one != other && !self.happened_before(one, other) && !self.happened_before(other, one)
    }
}

/// Computes the vectors of the events of a matching in one pass.
///
/// # Errors
///
/// The matches, or the order of lines, contradict each other: an event would have happened before itself.
pub fn vectors(matching: &Matching) -> Result<Vectors, Cycle> {
    let mut pass = Pass::new(matching);
    let mut ready: Vec<usize> = (0..pass.width).collect();
    while let Some(machine) = ready.pop() {
        pass.advance(machine, matching, &mut ready);
    }
    match (0..pass.width).find(|&machine| pass.done[machine] < pass.total[machine]) {
        Some(stuck) => Err(pass.cycle(stuck, matching)),
        None => Ok(Vectors {
            components: pass.components,
            certain: pass.certain,
        }),
    }
}

/// The state of the pass.
struct Pass {
    width: usize,
    total: Vec<usize>,
    done: Vec<usize>,
    certain: Vec<usize>,
    components: Vec<Vec<u32>>,
    /// For each machine, who waits for one of its events, and for which.
    waiting: Vec<Vec<(usize, usize)>>,
}

impl Pass {
    fn new(matching: &Matching) -> Pass {
        let width = matching.receives.len();
        let total: Vec<usize> = matching.receives.iter().map(Vec::len).collect();
        Pass {
            width,
            done: vec![0; width],
            certain: total.clone(),
            components: total
                .iter()
                .map(|&events| Vec::with_capacity(events * width))
                .collect(),
            waiting: vec![Vec::new(); width],
            total,
        }
    }

    /// Goes on with a machine until its end, or until it must wait; wakes those who waited for what it did.
    fn advance(&mut self, machine: usize, matching: &Matching, ready: &mut Vec<usize>) {
        while self.done[machine] < self.total[machine] {
            let event = self.done[machine];
            let send = matching.send_of(machine, event);
            if let Some((sender, sent)) = send.filter(|&(sender, sent)| self.done[sender] <= sent) {
                self.waiting[sender].push((sent, machine));
                break;
            }
            self.perform(machine, event, send, matching);
        }
        let done = self.done[machine];
        let woken = self.waiting[machine].extract_if(.., |&mut (event, _)| event < done);
        ready.extend(woken.map(|(_, waiter)| waiter));
    }

    fn perform(
        &mut self,
        machine: usize,
        event: usize,
        send: Option<(usize, usize)>,
        matching: &Matching,
    ) {
        let start = self.components[machine].len();
        if event == 0 {
            self.components[machine].resize(self.width, 0);
        } else {
            self.components[machine].extend_from_within(start - self.width..start);
        }
        if let Some((sender, sent)) = send {
            for peer in 0..self.width {
                let known = self.components[sender][sent * self.width + peer];
                let own = &mut self.components[machine][start + peer];
                *own = known.max(*own);
            }
        }
        self.components[machine][start + machine] = u32::try_from(event + 1).unwrap_or(u32::MAX);
        let certain = match matching.receives[machine][event] {
            Match::NoReceive => true,
            Match::Sent { machine, event } => event < self.certain[machine],
            Match::Ambiguous { .. } | Match::Missing => false,
        };
        if !certain {
            self.certain[machine] = self.certain[machine].min(event);
        }
        self.done[machine] = event + 1;
    }

    /// Follows the waits from a machine that is stuck until they close.
    fn cycle(&self, stuck: usize, matching: &Matching) -> Cycle {
        let wait = |machine: usize| {
            let event = self.done[machine];
            matching.send_of(machine, event).map(|send| Wait {
                receive: (machine, event),
                send,
            })
        };
        let mut waits: Vec<Wait> = Vec::new();
        let mut machine = stuck;
        while let Some(next) = wait(machine) {
            if let Some(start) = waits.iter().position(|wait| wait.receive.0 == machine) {
                waits.drain(..start);
                break;
            }
            machine = next.send.0;
            waits.push(next);
        }
        Cycle { waits }
    }
}

#[cfg(test)]
mod tests;
