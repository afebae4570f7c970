//! What each log can be trusted with: where it ends, where it has holes, whether times can be compared.
//!
//! **Invariant.** Nothing here is a finding; laws ask these facts before they decide.

use std::net::IpAddr;

use event_log::{Driver, MachineId, Schedule, Status, Tick};

use crate::trial_log::{ClockRows, EventKind, TrialLog};

/// A trial and what was derived from it once.
pub(super) struct Facts<'a> {
    /// The trial.
    pub(super) log: &'a TrialLog,
    /// Whether the manifest says that every machine performed all its ticks.
    pub(super) complete: bool,
    /// Whether all machines read one system clock, so that times of different machines can be compared.
    pub(super) common_time: bool,
    /// Whether a message may vanish without a trace: machines kept going while connections were lost, and not all of them
    /// came to the end, where they say what they lost.
    pub(super) lossy: bool,
    /// Messages that did not arrive or may not have, as the journal counts them.
    pub(super) accounted: u64,
    /// Position of the machine that keeps time for the others, if there is one.
    pub(super) timekeeper: Option<usize>,
    /// One for each machine of the log.
    pub(super) machines: Vec<MachineFacts>,
}

/// What is known of one machine's log.
pub(super) struct MachineFacts {
    /// Ticks of a complete trial.
    pub(super) expected_ticks: u64,
    /// Ticks that the log shows; one that only took a time message is not shown, its own event is missing.
    pub(super) ticks_shown: u64,
    /// Whether the log stops before the last expected tick.
    pub(super) ends_early: bool,
    /// Whether lines are missing between its rows: the scan could not read them, and has said so.
    pub(super) has_holes: bool,
    /// Due times, without the delay that the condition injects; none if the trial never started.
    pub(super) schedule: Option<Schedule>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(log: &'a TrialLog) -> Facts<'a> {
        let manifest = &log.manifest;
        let machines = log.machines.iter().enumerate().map(|(position, machine)| {
            let rows = &machine.rows;
            let expected_ticks = manifest.ticks_expected(&machine.entry);
            let ticks_shown = match rows.tick.last() {
                Some(&tick) if log.takes_time(position, rows.len() - 1) => tick,
                Some(&tick) => tick.saturating_add(1),
                None => 0,
            };
            MachineFacts {
                expected_ticks,
                ticks_shown,
                ends_early: ticks_shown < expected_ticks,
                has_holes: (0..rows.len()).any(|row| hole(rows, row) > 0),
                schedule: manifest.schedule(&machine.entry),
            }
        });
        let machines: Vec<MachineFacts> = machines.collect();
        let accounted = log.undelivered.saturating_add(log.unconfirmed);
        let reconnecting = matches!(
            manifest.condition.on_disconnect,
            Some(event_log::OnDisconnect::Reconnect)
        );
        let positions = log.machines.iter().map(|machine| Some(machine.entry.id));
        Facts {
            log,
            timekeeper: manifest.timekeeper.and_then(|_| {
                positions
                    .into_iter()
                    .position(|id| id == manifest.timekeeper)
            }),
            complete: manifest.status == Status::Complete,
            common_time: common_time(log),
            lossy: match manifest.status {
                // Where a connection was lost and came back, nobody knew how much was lost with it before runners counted
                // that; since then such a trial is not complete.
                Status::Complete => reconnecting && log.undelivered > 0,
                Status::Degraded => {
                    accounted == 0 || machines.iter().any(|machine| machine.ends_early)
                }
                Status::Running | Status::Aborted => reconnecting,
            },
            accounted,
            machines,
        }
    }

    /// The rows of a machine.
    #[inline]
    pub(super) fn rows(&self, machine: usize) -> &'a ClockRows {
        &self.log.machines[machine].rows
    }

    /// Position of the machine with this id; none if the trial has no such machine.
    #[inline]
    pub(super) fn position(&self, id: MachineId) -> Option<usize> {
        let machines = &self.log.machines;
        if machines
            .get(id.index())
            .is_some_and(|machine| machine.entry.id == id)
        {
            return Some(id.index());
        }
        machines.iter().position(|machine| machine.entry.id == id)
    }

    /// Position of the peer of a row, if it is another machine of the trial.
    #[inline]
    pub(super) fn peer(&self, machine: usize, row: usize) -> Option<usize> {
        let position = self.position(self.rows(machine).peer[row]?)?;
        (position != machine).then_some(position)
    }

    /// Whether a machine may have had a tick that its log does not show, for no fault of the machine.
    #[inline]
    pub(super) fn may_hide(&self, machine: usize, tick: u64) -> bool {
        let known = &self.machines[machine];
        if tick >= known.expected_ticks {
            return false;
        }
        let rows = self.rows(machine);
        let beyond_end =
            tick >= known.ticks_shown && rows.tick.last().is_none_or(|&last| tick >= last);
        (known.ends_early && beyond_end) || (known.has_holes && self.in_hole(machine, tick))
    }

    fn in_hole(&self, machine: usize, tick: u64) -> bool {
        let rows = self.rows(machine);
        let mut holes = (0..rows.len()).filter(|&row| hole(rows, row) > 0);
        holes.any(|row| {
            // A row that takes a time message is not the event of its tick.
            let after_previous = row == 0
                || rows.tick[row - 1] < tick
                || (rows.tick[row - 1] == tick && self.takes_time(machine, row - 1));
            after_previous && tick < rows.tick[row]
        })
    }

    /// Whether a row takes a time message, see [`TrialLog::takes_time`].
    #[inline]
    pub(super) fn takes_time(&self, machine: usize, row: usize) -> bool {
        self.timekeeper.is_some() && self.log.takes_time(machine, row)
    }

    /// The row of a machine's tick, if its log has one; of a tick that begins with a time message the row after that.
    #[inline]
    pub(super) fn find_tick(&self, machine: usize, tick: u64) -> Option<usize> {
        let rows = self.rows(machine);
        let first = self.find_row(machine, tick)?;
        let next = first + 1;
        let begun = self.takes_time(machine, first) && rows.tick.get(next) == Some(&tick);
        Some(if begun { next } else { first })
    }

    #[inline]
    fn find_row(&self, machine: usize, tick: u64) -> Option<usize> {
        let rows = self.rows(machine);
        // In a whole log of one row a tick, rows stand where their ticks say.
        let direct = usize::try_from(tick).ok();
        if let Some(row) = direct.filter(|&row| rows.tick.get(row) == Some(&tick)) {
            return Some(row);
        }
        let end = rows.tick.partition_point(|&other| other <= tick);
        let guess = end.checked_sub(1).filter(|&row| rows.tick[row] == tick);
        // Ticks out of order defeat the search by halves, and are rare.
        guess.or_else(|| rows.tick.iter().position(|&other| other == tick))
    }

    /// The row at which the message of a receive was sent, if the sender's log shows it.
    #[inline]
    pub(super) fn send_of(&self, machine: usize, row: usize) -> Option<(usize, usize)> {
        let rows = self.rows(machine);
        if rows.event[row] != EventKind::Receive {
            return None;
        }
        let sender = self.peer(machine, row)?;
        let sent = self.find_tick(sender, rows.sent_tick[row])?;
        let addressed = match self.rows(sender).event[sent] {
            EventKind::Broadcast => true,
            EventKind::Send => self.peer(sender, sent) == Some(machine),
            EventKind::Internal | EventKind::Receive => false,
        };
        addressed.then_some((sender, sent))
    }

    /// When a tick of a machine is due, the delay that the condition injects included; none if the trial never started.
    #[inline]
    pub(super) fn due_ns(&self, machine: usize, tick: u64) -> Option<u64> {
        let due_ns = self.machines[machine].schedule?.due_ns(Tick(tick));
        Some(due_ns.saturating_add(self.log.manifest.condition.tick_delay_ns))
    }
}

/// How many lines are missing before a row. The header is line 1, so the first row belongs on line 2.
#[inline]
pub(super) fn hole(rows: &ClockRows, row: usize) -> u64 {
    let previous = if row == 0 { 1 } else { rows.line[row - 1] };
    u64::from(rows.line[row].saturating_sub(previous).saturating_sub(1))
}

/// One virtual clock, or all machines on one host.
fn common_time(log: &TrialLog) -> bool {
    if log.manifest.condition.driver == Driver::Virtual {
        return true;
    }
    let mut hosts = log
        .machines
        .iter()
        .filter_map(|machine| machine.entry.address.as_deref())
        .map(host);
    let first = hosts.next();
    hosts.all(|host| Some(host) == first)
}

/// The host of `host:port`; every loopback address is one host.
fn host(address: &str) -> &str {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = bare
        .parse()
        .map_or(bare == "localhost", |ip: IpAddr| ip.is_loopback());
    if loopback { "localhost" } else { bare }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn loopback_addresses_are_one_host() {
        for address in ["127.0.0.1:4000", "127.0.0.2:1", "[::1]:80", "localhost:9"] {
            assert_eq!(host(address), "localhost", "{address}");
        }
        assert_eq!(host("10.0.0.7:4000"), "10.0.0.7");
        assert_ne!(host("[fe80::1]:1"), host("[fe80::2]:1"));
    }
}
