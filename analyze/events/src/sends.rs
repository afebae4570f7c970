//! The send of a receive whose line names it: (sender, tick of the send) names a message.
//!
//! **Invariant.** A match is a send of that machine, at that tick, to the receiver. What does not match is missing, and the
//! laws say why.

use crate::kind::Kind;
use crate::match_columns::MatchColumns;
use crate::matching::{Evidence, Match};
use crate::rows::Reach;
use crate::trial::Trial;

/// Number of sends of a machine that are looked at one by one before all are searched.
const NEAR: usize = 8;

/// The match of every row, machine by machine.
pub(crate) fn find(trial: &Trial) -> MatchColumns {
    let sends: Vec<Sends<'_>> = (0..trial.machines.len())
        .map(|of| Sends::of(trial, of))
        .collect();
    let mut columns = MatchColumns::with_capacity(trial.len());
    for (receiver, machine) in trial.machines.iter().enumerate() {
        let rows = &machine.rows;
        // Messages of one sender mostly arrive in the order of sending: the next is not far behind the last.
        let mut next = vec![0; sends.len()];
        for (row, kind) in rows.kinds().enumerate() {
            if kind != Kind::Receive {
                columns.push(Match::NoReceive, None);
                continue;
            }
            let sender = rows.sender(row);
            let sender = sender.filter(|&sender| sender != receiver && sender < sends.len());
            let found = sender.and_then(|machine| {
                let tick = rows.sent_tick.get(row)?;
                let event = sends[machine].find(tick, receiver, &mut next[machine])?;
                Some(Match::Sent { machine, event })
            });
            let evidence = found.map(|_| Evidence::Message);
            columns.push(found.unwrap_or(Match::Missing), evidence);
        }
    }
    columns
}

/// The sends of one machine, in the order of their ticks.
struct Sends<'a> {
    trial: &'a Trial,
    machine: usize,
    /// Rows, by tick and then by row.
    by_tick: Vec<u32>,
}

impl<'a> Sends<'a> {
    fn of(trial: &'a Trial, machine: usize) -> Sends<'a> {
        let rows = &trial.machines[machine].rows;
        let mut by_tick: Vec<u32> = rows.sends().map(|row| row as u32).collect();
        by_tick.sort_by_key(|&row| rows.tick(row as usize));
        Sends {
            trial,
            machine,
            by_tick,
        }
    }

    /// Row of the send at this tick to this machine; `next` is the position to look from.
    fn find(&self, tick: u64, to: usize, next: &mut usize) -> Option<usize> {
        let rows = &self.trial.machines[self.machine].rows;
        let is_before = |&row: &u32| rows.tick(row as usize) < tick;
        let from = self.by_tick.get(*next..).unwrap_or_default();
        let near = from.iter().take(NEAR).position(|row| !is_before(row));
        let certain = *next == 0 || is_before(&self.by_tick[*next - 1]);
        let position = match near.filter(|_| certain) {
            Some(near) => *next + near,
            None => self.by_tick.partition_point(is_before),
        };
        *next = position;
        let row = *self.by_tick.get(position)? as usize;
        let reach = self.trial.machines[self.machine].rows.reach(row);
        let reaches = matches!(reach, Reach::All) || reach == Reach::One(to);
        (rows.tick(row) == tick && reaches).then_some(row)
    }
}
