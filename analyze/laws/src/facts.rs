//! What each log can be trusted with: where it ends, where it has gaps, whether times can be compared.
//!
//! **Invariant.** Nothing here is a finding; laws ask these facts before they decide.

use events::{At, Kind, LogEnd, Rows, TimeOrigin, Trial};
use std::net::IpAddr;

use event_log::{Driver, OnDisconnect, Status, Tick, TrialManifest};

use crate::messages::send;

/// Times this close say nothing of which came first: a line of others is written some time after what it tells.
pub(crate) const LATE_LINE_NS: i64 = 10_000_000;
/// Times in whole seconds are this close.
const SECOND_NS: i64 = 1_000_000_000;

/// What was derived from a trial once.
pub(crate) struct Facts {
    /// Whether the manifest says that every machine performed all its ticks.
    pub(crate) complete: bool,
    /// Whether times of different machines are meant to compare.
    pub(crate) times_compare: bool,
    /// Whether they do: no message of others was received before it was sent, which would show that their clocks differ.
    pub(crate) common_time: bool,
    /// How far apart times must be to say which event came first.
    pub(crate) slack_ns: i64,
    /// Whether a message may vanish without a trace: machines kept going while connections were lost, and not all of them
    /// came to the end, where they say what they lost.
    pub(crate) lossy: bool,
    /// Messages that did not arrive or may not have, as the journal counts them.
    pub(crate) accounted: u64,
    /// Position of the machine that keeps time for the others, if there is one.
    pub(crate) timekeeper: Option<usize>,
    /// One for each machine of the trial.
    pub(crate) machines: Vec<MachineFacts>,
}

/// What is known of one machine's log.
pub(crate) struct MachineFacts {
    /// Ticks of a complete trial; none without a manifest.
    pub(crate) expected_ticks: u64,
    /// Ticks that the log shows; one that only took a time message is not shown, its own event is missing.
    pub(crate) ticks_shown: u64,
    /// Whether the log stops before the last expected tick.
    pub(crate) ends_early: bool,
    /// Whether lines are missing between its rows, or not understood: who read the log has said so.
    pub(crate) has_gaps: bool,
    /// The time of the last row.
    pub(crate) last_ns: Option<i64>,
    last_tick: Option<u64>,
    /// What is missing; none where the rows of the whole trial are there to say it.
    gaps: Option<Vec<Gap>>,
}

/// What is missing between two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap {
    /// The tick before, and whether its row only took a time message; none before the first row.
    before: Option<(u64, bool)>,
    /// The tick behind.
    behind: u64,
}

impl Gap {
    /// What is missing before a row.
    pub(crate) fn before(trial: &Trial, timekeeper: Option<usize>, at: At) -> Gap {
        let rows = &trial.machines[at.machine].rows;
        let before = at.row.checked_sub(1).map(|row| {
            let takes_time = trial.takes_time(timekeeper, At { row, ..at });
            (rows.tick(row), takes_time)
        });
        Gap {
            before,
            behind: rows.tick(at.row),
        }
    }

    /// Whether it may have held the event of a tick. A row that takes a time message is not the event of its tick.
    fn may_hold(self, tick: u64) -> bool {
        let after_previous = self
            .before
            .is_none_or(|(before, takes_time)| before < tick || (before == tick && takes_time));
        after_previous && tick < self.behind
    }
}

impl Facts {
    pub(crate) fn new(trial: &Trial) -> Facts {
        let timekeeper = trial.timekeeper();
        let machines = (0..trial.machines.len())
            .map(|machine| MachineFacts::new(trial, timekeeper, machine))
            .collect();
        Facts::of(trial, timekeeper, machines)
    }

    /// Of a trial of ours whose logs end so, and lack this between their rows.
    pub(crate) fn with_ends(trial: &Trial, ends: &[LogEnd], gaps: &[Vec<Gap>]) -> Facts {
        let machines = ends.iter().zip(gaps).enumerate();
        let machines = machines.map(|(machine, (end, gaps))| {
            MachineFacts::with_end(trial, machine, end, Some(gaps.clone()))
        });
        Facts::of(trial, trial.timekeeper(), machines.collect())
    }

    fn of(trial: &Trial, timekeeper: Option<usize>, machines: Vec<MachineFacts>) -> Facts {
        let accounted = trial
            .info
            .undelivered
            .saturating_add(trial.info.unconfirmed);
        let manifest = trial.info.manifest.as_deref();
        let slack_ns = if manifest.is_some() {
            0
        } else {
            slack_ns(trial)
        };
        let times_compare = match manifest {
            Some(manifest) => one_host(manifest),
            None => trial.info.dialect.time != Some(TimeOrigin::Machine),
        };
        Facts {
            complete: manifest.is_some_and(|manifest| manifest.status == Status::Complete),
            times_compare,
            common_time: times_compare && (manifest.is_some() || !some_early(trial, slack_ns)),
            slack_ns,
            lossy: manifest.is_some_and(|manifest| {
                let early = machines.iter().any(|machine| machine.ends_early);
                lossy(manifest, trial.info.undelivered, accounted, early)
            }),
            accounted,
            timekeeper,
            machines,
        }
    }

    /// How many lines before a row are missing, as far as that can be counted; before one with which a machine of ours begins
    /// again, how many ticks it passed over.
    pub(crate) fn gap(&self, trial: &Trial, at: At) -> u64 {
        let machine = &trial.machines[at.machine];
        let is_known = machine.gaps.binary_search(&(at.row as u32)).is_ok();
        match (trial.is_own(), is_known) {
            (true, true) => passed_over(&machine.rows, at.row).max(1),
            (true, false) => missing_lines(&machine.rows, at.row),
            (false, is_known) => u64::from(is_known),
        }
    }

    /// Whether a machine of ours may have had a tick that its log does not show, for no fault of the machine.
    pub(crate) fn may_hide(&self, trial: &Trial, machine: usize, tick: u64) -> bool {
        let known = &self.machines[machine];
        if tick >= known.expected_ticks {
            return false;
        }
        let beyond_end =
            tick >= known.ticks_shown && known.last_tick.is_none_or(|last| tick >= last);
        (known.ends_early && beyond_end) || (known.has_gaps && self.in_gap(trial, machine, tick))
    }

    fn in_gap(&self, trial: &Trial, machine: usize, tick: u64) -> bool {
        if let Some(gaps) = &self.machines[machine].gaps {
            return gaps.iter().any(|gap| gap.may_hold(tick));
        }
        let mut rows = (0..trial.machines[machine].rows.len()).map(|row| At { machine, row });
        rows.any(|at| {
            let gap = || Gap::before(trial, self.timekeeper, at);
            self.gap(trial, at) > 0 && gap().may_hold(tick)
        })
    }

    /// When a tick of a machine is due, the delay that the condition injects included; none if that is not known.
    #[inline]
    pub(crate) fn due_ns(&self, trial: &Trial, machine: usize, tick: u64) -> Option<i64> {
        let due_ns = trial.machines[machine].schedule?.due_ns(Tick(tick));
        let manifest = trial.info.manifest.as_ref()?;
        let due_ns = due_ns.saturating_add(manifest.condition.tick_delay_ns);
        Some(i64::try_from(due_ns).unwrap_or(i64::MAX))
    }

    /// The row of a machine's tick, if its log has one; of a tick that begins with a time message the row after that.
    pub(crate) fn find_tick(&self, trial: &Trial, machine: usize, tick: u64) -> Option<usize> {
        let ticks = trial.machines[machine].rows.tick.values();
        let end = ticks.partition_point(|&other| other <= tick);
        let guess = ticks[..end].partition_point(|&other| other < tick);
        let guess = Some(guess).filter(|&row| ticks.get(row) == Some(&tick));
        // Ticks out of order defeat the search by halves, and are rare.
        let first = guess.or_else(|| ticks.iter().position(|&other| other == tick))?;
        let takes_time = trial.takes_time(
            self.timekeeper,
            At {
                machine,
                row: first,
            },
        );
        let begun = takes_time && ticks.get(first + 1) == Some(&tick);
        Some(first + usize::from(begun))
    }
}

impl MachineFacts {
    fn new(trial: &Trial, timekeeper: Option<usize>, machine: usize) -> MachineFacts {
        let of = &trial.machines[machine];
        let last = of.rows.len().checked_sub(1);
        let end = LogEnd {
            tick: last.map(|row| {
                let takes_time = trial.takes_time(timekeeper, At { machine, row });
                (of.rows.tick(row), takes_time)
            }),
            time_ns: last.and_then(|row| of.rows.time_ns.get(row)),
            has_gaps: match &trial.info.manifest {
                Some(_) => {
                    let lines = of.rows.line.values();
                    !of.gaps.is_empty()
                        || lines.first().is_some_and(|&first| first > 2)
                        || lines
                            .windows(2)
                            .any(|pair| pair[1] > pair[0].saturating_add(1))
                }
                None => !of.gaps.is_empty(),
            },
        };
        MachineFacts::with_end(trial, machine, &end, None)
    }

    fn with_end(
        trial: &Trial,
        machine: usize,
        end: &LogEnd,
        gaps: Option<Vec<Gap>>,
    ) -> MachineFacts {
        let manifest = trial.info.manifest.as_deref();
        let entry = manifest.and_then(|manifest| Some((manifest, manifest.machines.get(machine)?)));
        let expected_ticks = entry.map_or(0, |(manifest, entry)| manifest.ticks_expected(entry));
        let ticks_shown = match end.tick {
            Some((tick, true)) => tick,
            Some((tick, false)) => tick.saturating_add(1),
            None => 0,
        };
        MachineFacts {
            expected_ticks,
            ticks_shown,
            ends_early: ticks_shown < expected_ticks,
            has_gaps: end.has_gaps,
            last_ns: end.time_ns,
            last_tick: end.tick.map(|(tick, _)| tick),
            gaps,
        }
    }
}

/// How many ticks lie between a row of ours and the one before.
fn passed_over(rows: &Rows, row: usize) -> u64 {
    let next = row
        .checked_sub(1)
        .map_or(0, |row| rows.tick(row).saturating_add(1));
    rows.tick(row).saturating_sub(next)
}

/// How many lines are missing before a row of ours. The header is line 1, so the first row belongs on line 2.
fn missing_lines(rows: &Rows, row: usize) -> u64 {
    let previous = row.checked_sub(1).map_or(1, |row| rows.line(row));
    u64::from(rows.line(row).saturating_sub(previous).saturating_sub(1))
}

fn lossy(manifest: &TrialManifest, undelivered: u64, accounted: u64, ends_early: bool) -> bool {
    let reconnecting = matches!(
        manifest.condition.on_disconnect,
        Some(OnDisconnect::Reconnect)
    );
    match manifest.status {
        // Where a connection was lost and came back, nobody knew how much was lost with it before runners counted that;
        // since then such a trial is not complete.
        Status::Complete => reconnecting && undelivered > 0,
        Status::Degraded => accounted == 0 || ends_early,
        Status::Running | Status::Aborted => reconnecting,
    }
}

/// One virtual clock, or all machines on one host.
fn one_host(manifest: &TrialManifest) -> bool {
    if manifest.condition.driver == Driver::Virtual {
        return true;
    }
    let addresses = manifest
        .machines
        .iter()
        .filter_map(|of| of.address.as_deref());
    let mut hosts = addresses.map(host);
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

/// How far apart times of others must be to say which event came first.
fn slack_ns(trial: &Trial) -> i64 {
    let times = trial
        .machines
        .iter()
        .flat_map(|of| of.rows.time_ns.iter().flatten());
    match { times }.all(|time_ns| time_ns % SECOND_NS == 0) {
        true => SECOND_NS,
        false => LATE_LINE_NS,
    }
}

/// Whether a message was received before it was sent.
fn some_early(trial: &Trial, slack_ns: i64) -> bool {
    trial.machines.iter().any(|of| {
        let early = |row: usize| {
            let send = send(&of.rows, row)?;
            let sent_ns = trial.machines[send.machine].rows.time_ns.get(send.row)?;
            Some(sent_ns.saturating_sub(of.rows.time_ns.get(row)?) > slack_ns)
        };
        let mut receives = (0..of.rows.len()).filter(|&row| of.rows.kind(row) == Kind::Receive);
        receives.any(|row| early(row) == Some(true))
    })
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
