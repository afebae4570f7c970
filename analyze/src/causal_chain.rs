//! Where the value of a clock comes from: back along the messages that carried it, to the machine that minted it.
//!
//! A machine adds one unit with each row, and a receive whose message carries more than the machine's own clock
//! replaces that clock whole: the maximum takes one side or the other, it never mixes them. So a value has one chain of
//! ancestors and not a tree. At a row it is the machine's own ticks since the last receive that raised it, plus the
//! value at the send of that receive's message, and so on back to a machine that was never raised, whose value is its
//! own ticks since the start. This gives the same composition as one vector of counts for each machine, passed along
//! with the messages, and needs no vectors: the cost is one step for each message of the chain.
//!
//! **Invariant.** A chain accounts for its value exactly: `value = Σ minted + lost`. What a log does not show, or shows
//! against the rule of clocks, is lost, with the reason; it is never guessed.

use std::collections::BTreeMap;

use events::{At, Kind, Match, Rows, Trial};
use serde::Serialize;

/// The raising receives of a trial, findable.
pub struct Lineage<'a> {
    trial: &'a Trial,
    /// Of each machine.
    raising: Vec<Raising>,
}

/// The receives that raised a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Raising {
    /// Their rows, ascending, and by how many units each raised it.
    pub rows: Vec<(u32, u64)>,
    /// Whether every row shows a whole clock, and every receive what it took over.
    pub is_whole: bool,
}

/// One machine's part of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hop {
    /// Where the value stands: the row that the chain starts from, or the row whose clock a message carried.
    pub at: At,
    /// The row that sent the message; none for the row that the chain starts from. Not `at` where a message was stamped
    /// before the increment of its send: it then carried the clock of the row before.
    pub sent: Option<usize>,
    /// The value: the clock after `at`, units.
    pub value: u64,
    /// The machine's own units in it: its rows from `raised` (or its first) to `at`. 0 if the log cannot say.
    pub minted: u64,
    /// The receive that last raised the machine, none if nothing did before.
    pub raised: Option<usize>,
}

/// Why a chain ends before the machine that minted the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Break {
    /// The clock is not the one that the rows before it make: rows are missing, or the clock column breaks the rule.
    Clock,
    /// The receive names no sender, or one that is no other machine of the trial.
    Sender,
    /// Several sends could be the message's, and the logs do not tell which.
    Ambiguous,
    /// The sender's log has no row that sends this message.
    Send,
    /// The message carried another clock than that of its send, or than the one just before it.
    Stamp,
}

/// A value's ancestors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// From the row asked for backwards; never empty.
    pub hops: Vec<Hop>,
    /// Units that the logs cannot trace, and why; none if the last hop is the minter.
    pub lost: Option<(u64, Break)>,
}

impl<'a> Lineage<'a> {
    /// Of a trial.
    pub fn of(trial: &'a Trial) -> Lineage<'a> {
        let machines = 0..trial.machines.len();
        Lineage {
            trial,
            raising: machines.map(|of| Raising::of(trial, of)).collect(),
        }
    }

    /// The receives that raised a machine.
    pub fn raising(&self, machine: usize) -> &Raising {
        &self.raising[machine]
    }

    /// The trial.
    pub fn trial(&self) -> &'a Trial {
        self.trial
    }

    /// The chain of the value that a machine shows after a row. The row must be there.
    pub fn chain(&self, at: At) -> Chain {
        let mut hops = Vec::new();
        let (mut at, mut sent) = (at, None);
        loop {
            let (hop, carried) = self.hop(at, sent);
            let Some(carried) = carried else {
                hops.push(Hop { minted: 0, ..hop });
                let lost = Some((hop.value, Break::Clock));
                return Chain { hops, lost };
            };
            hops.push(hop);
            let Some(raised) = hop.raised else {
                return Chain { hops, lost: None };
            };
            // A value shrinks with every hop, by the hop's own ticks, so this comes to an end.
            match self.origin(at.machine, raised) {
                Ok((origin, send)) => (at, sent) = (origin, Some(send)),
                Err(why) => {
                    let lost = Some((carried, why));
                    return Chain { hops, lost };
                }
            }
        }
    }

    /// The hop that ends at a row, and what its raising message carried (0 if there is none); none if that and the
    /// machine's own ticks do not make its clock.
    fn hop(&self, at: At, sent: Option<usize>) -> (Hop, Option<u64>) {
        let rows = &self.trial.machines[at.machine].rows;
        let raising = &self.raising[at.machine].rows;
        let before = raising.partition_point(|&(row, _)| row as usize <= at.row);
        let raised = before.checked_sub(1).map(|last| raising[last].0 as usize);
        let minted = (at.row - raised.unwrap_or(0) + 1) as u64;
        let carried = raised.and_then(|row| whole(self.trial.carried(At { row, ..at })?));
        let carried = carried.unwrap_or_default();
        let value = count(rows, at.row).unwrap_or_default();
        let hop = Hop {
            at,
            sent,
            value,
            minted,
            raised,
        };
        let adds_up = carried.checked_add(minted) == Some(value);
        (hop, adds_up.then_some(carried))
    }

    /// Where the clock that a receive's message carried stood in the sender's log, and the row of the send.
    fn origin(&self, machine: usize, receive: usize) -> Result<(At, usize), Break> {
        let at = At {
            machine,
            row: receive,
        };
        let sender = self.trial.sender(at);
        let known = sender.is_some_and(|of| of != machine && of < self.trial.machines.len());
        let send = match self.trial.machines[machine].rows.matched(receive) {
            Match::Sent { machine, event } => At {
                machine,
                row: event,
            },
            Match::Ambiguous { .. } => return Err(Break::Ambiguous),
            _ if known => return Err(Break::Send),
            _ => return Err(Break::Sender),
        };
        let theirs = &self.trial.machines[send.machine].rows;
        let carried = self.trial.carried(at);
        let stood = [Some(send.row), send.row.checked_sub(1)];
        let mut stood = stood.into_iter().flatten();
        let row = stood.find(|&row| theirs.clock_value(row) == carried);
        let at = At {
            row: row.ok_or(Break::Stamp)?,
            ..send
        };
        Ok((at, send.row))
    }
}

impl Raising {
    fn of(trial: &Trial, machine: usize) -> Raising {
        let of = &trial.machines[machine].rows;
        let (mut rows, mut is_whole) = (Vec::new(), true);
        for row in 0..of.len() {
            let units = inherited(trial, At { machine, row });
            is_whole &= units.is_some() && count(of, row).is_some();
            if let Some(units) = units.filter(|&units| units > 0) {
                rows.push((row as u32, units));
            }
        }
        Raising { rows, is_whole }
    }
}

impl Chain {
    /// Units by the position of the machine that minted them.
    pub fn minted(&self) -> BTreeMap<usize, u64> {
        let mut minted = BTreeMap::new();
        for hop in &self.hops {
            *minted.entry(hop.at.machine).or_default() += hop.minted;
        }
        minted
    }
}

/// What a row took over from its message: max(0, clock carried − clock before the row), units; 0 unless it is a
/// receive. Before the first row the clock is 0. None where the log does not say.
#[inline]
pub fn inherited(trial: &Trial, at: At) -> Option<u64> {
    let rows = &trial.machines[at.machine].rows;
    if rows.kind(at.row) != Kind::Receive {
        return Some(0);
    }
    let before = at.row.checked_sub(1);
    let before = before.map_or(Some(0), |before| count(rows, before))?;
    let carried = whole(trial.carried(at)?)?;
    Some(carried.saturating_sub(before))
}

/// The clock on a row, if it is a whole number that a Lamport clock can show.
#[inline]
pub fn count(rows: &Rows, row: usize) -> Option<u64> {
    whole(rows.clock_value(row)?)
}

/// A value as the whole number that it is; `None` of fractions and of negative numbers.
#[inline]
pub fn whole(value: f64) -> Option<u64> {
    let count = value as u64;
    (count as f64 == value).then_some(count)
}
