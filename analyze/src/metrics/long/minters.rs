//! Whose ticks the clocks of a long trial are made of: each machine's clock as counts by minter, handed on with each message.
//!
//! It gives what [`crate::causal_chain`] finds by going back from the last clock, which no window could.
//!
//! **Invariant.** `clock = Σ minted + lost`, on each row.

use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use events::{At, Match, Moved, Trial, Window};

use crate::causal_chain::{count, inherited, whole};
use crate::metrics::clock_sources::{self, AccountMetrics};

/// The clocks of all machines so far.
pub(super) struct Minters {
    machines: Vec<Machine>,
    /// Of each machine what the clocks on its sends were made of, by row, ascending.
    sends: Vec<Vec<(u32, Sent)>>,
}

struct Machine {
    rows: u64,
    clock: u64,
    /// Units taken over, by the id of the sender, and from any.
    inherited_from: BTreeMap<u32, u64>,
    inherited: u64,
    /// What the clock was made of when it was raised last.
    base: Rc<Base>,
    /// Own ticks since, the raising row included.
    own: u64,
}

/// What a clock that was taken over is made of.
struct Base {
    minted: Vec<u64>,
    lost: u64,
    /// All of it.
    carried: u64,
}

/// A clock: what was taken over, own ticks since, and the value.
struct Sent {
    base: Rc<Base>,
    own: u64,
    clock: u64,
    /// The clock before, if the send is not the first row.
    before: Option<u64>,
}

/// What a value is made of.
struct Made {
    minted: Vec<u64>,
    lost: u64,
}

impl Minters {
    /// Before the first row.
    pub(super) fn new(machines: usize) -> Minters {
        let nothing = Rc::new(Base {
            minted: vec![0; machines],
            lost: 0,
            carried: 0,
        });
        let machine = || Machine {
            rows: 0,
            clock: 0,
            inherited_from: BTreeMap::new(),
            inherited: 0,
            base: nothing.clone(),
            own: 0,
        };
        Minters {
            machines: (0..machines).map(|_| machine()).collect(),
            sends: (0..machines).map(|_| Vec::new()).collect(),
        }
    }

    /// Adds the rows of a window that are new, each receive behind its send.
    ///
    /// # Errors
    ///
    /// When rows lack what rows of ours have, or receives wait for each other's sends.
    pub(super) fn add(&mut self, trial: &Trial, window: &Window) -> io::Result<()> {
        let mut next: Vec<usize> = window.new.iter().map(|new| new.start).collect();
        let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); next.len()];
        let mut ready: Vec<usize> = (0..next.len()).collect();
        while let Some(machine) = ready.pop() {
            let start = next[machine];
            while next[machine] < window.new[machine].end {
                let at = At {
                    machine,
                    row: next[machine],
                };
                let send = trial.send_of(at);
                if let Some(send) = send.filter(|send| next[send.machine] <= send.row) {
                    waiting[send.machine].push(machine);
                    break;
                }
                let added = self.row(trial, at);
                added.ok_or_else(|| io::Error::other("a row without a clock"))?;
                next[machine] += 1;
            }
            if next[machine] > start {
                ready.append(&mut waiting[machine]);
            }
        }
        let mut ends = next.iter().zip(&window.new);
        match ends.all(|(&next, new)| next >= new.end) {
            true => Ok(()),
            false => Err(io::Error::other(
                "receives that wait for each other's sends",
            )),
        }
    }

    /// Adds a row. None where it has no whole clock, or a receive does not say what it took.
    fn row(&mut self, trial: &Trial, at: At) -> Option<()> {
        let rows = &trial.machines[at.machine].rows;
        let clock = count(rows, at.row)?;
        let units = inherited(trial, at)?;
        let raised = match units {
            0 => None,
            _ => Some(self.base(trial, at)?),
        };
        let machine = &mut self.machines[at.machine];
        let before = (machine.rows > 0).then_some(machine.clock);
        machine.rows += 1;
        machine.own += 1;
        machine.clock = clock;
        if let Some(base) = raised {
            machine.base = Rc::new(base);
            machine.own = 1;
            machine.inherited = machine.inherited.saturating_add(units);
            let sender = trial.sender(at).and_then(|sender| trial.id_of(sender));
            if let Some(sender) = sender {
                let from = machine.inherited_from.entry(sender.0).or_default();
                *from = from.saturating_add(units);
            }
        }
        if rows.kind(at.row).sends() {
            let sent = Sent {
                base: machine.base.clone(),
                own: machine.own,
                clock,
                before,
            };
            self.sends[at.machine].push((at.row as u32, sent));
        }
        Some(())
    }

    /// What the clock is made of that a receive took over. None where it does not say which it is.
    fn base(&self, trial: &Trial, at: At) -> Option<Base> {
        let carried = whole(trial.carried(at)?)?;
        let matched = trial.machines[at.machine].rows.matched(at.row);
        let sent = match matched {
            Match::Sent { machine, event } => {
                let sends = &self.sends[machine];
                let place = sends.binary_search_by_key(&(event as u32), |&(row, _)| row);
                place.ok().map(|place| (machine, &sends[place].1))
            }
            _ => None,
        };
        // A message was stamped with the clock of its send, or of the row before.
        let stood = sent.and_then(|(sender, sent)| match carried {
            _ if sent.clock == carried => Some(sent.made(sender, 0, carried)),
            _ if sent.before == Some(carried) => Some(sent.made(sender, 1, carried)),
            _ => None,
        });
        let made = stood.unwrap_or_else(|| Made {
            minted: vec![0; self.machines.len()],
            lost: carried,
        });
        Some(Base {
            minted: made.minted,
            lost: made.lost,
            carried,
        })
    }

    /// Rows have moved.
    pub(super) fn move_rows(&mut self, moved: &Moved) {
        for (machine, sends) in self.sends.iter_mut().enumerate() {
            sends.retain_mut(|(row, _)| {
                let at = At {
                    machine,
                    row: *row as usize,
                };
                let place = moved.place(at);
                *row = place.map_or(*row, |at| at.row as u32);
                place.is_some()
            });
        }
    }

    /// The account of a machine's last clock.
    pub(super) fn account(&self, trial: &Trial, machine: usize) -> AccountMetrics {
        let of = &self.machines[machine];
        let last = Sent {
            base: of.base.clone(),
            own: of.own,
            clock: of.clock,
            before: None,
        };
        let made = last.made(machine, 0, of.clock);
        clock_sources::of_sums(
            trial,
            machine,
            (of.rows, of.clock),
            (of.inherited, of.inherited_from.clone()),
            (made.minted.into_iter().enumerate(), made.lost),
        )
    }
}

impl Sent {
    /// What a clock of the machine is made of that stands this number of rows before, and is this value there.
    fn made(&self, machine: usize, rows_before: u64, value: u64) -> Made {
        let own = self.own - rows_before;
        let mut minted = self.base.minted.clone();
        if self.base.carried.checked_add(own) != Some(value) {
            minted.fill(0);
            return Made {
                minted,
                lost: value,
            };
        }
        minted[machine] += own;
        Made {
            minted,
            lost: self.base.lost,
        }
    }
}
