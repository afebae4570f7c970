//! What each trial and each machine can be measured by: its ticks, its length, its rate.
//!
//! **Invariant.** Seconds are nominal ones: a trial that ran sixty times as fast has lasted a minute.

use std::cell::OnceCell;

use super::rubric::Rubric;
use super::submission::Submission;
use crate::check::{Verdict, check_trial};
use events::{At, Kind, Machine, RecipientName, Rows};

/// Events closer than this share of a period are of one tick, or of ticks that were late.
const CLOSE: f64 = 0.25;
/// From this share of close pairs on, events come in bursts: ticks hold several.
const BURSTS: f64 = 0.25;

const SECOND_NS: i64 = 1_000_000_000;

/// Lines of one act are written within this time.
const INSTANT_NS: i64 = 5_000_000;

/// A submission, measured.
pub(super) struct Facts<'a> {
    /// The trials that are judged.
    pub(super) trials: Vec<Trial<'a>>,
    /// Names of those set aside.
    pub(super) aborted: Vec<String>,
}

/// A trial, measured.
pub(super) struct Trial<'a> {
    pub(super) name: String,
    pub(super) table: &'a events::Trial,
    /// In the order of the table's machines.
    pub(super) paces: Vec<Pace>,
    verdict: OnceCell<Verdict>,
}

/// How a machine went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pace {
    /// Ticks: events, less those that share one.
    pub(super) ticks: u64,
    /// Time from the first event to the last.
    pub(super) span_s: Option<f64>,
    /// How fine times are: 1 for whole seconds, 0 where finer.
    pub(super) resolution_s: f64,
    /// Ticks per second as stated.
    pub(super) nominal_hz: Option<f64>,
    /// Ticks per second as measured: (ticks − 1) / span.
    pub(super) measured_hz: Option<f64>,
    /// Share of events that come within a quarter of a period of the one before; none where times are too coarse.
    pub(super) close: Option<f64>,
    /// The seconds that its ticks fill, the last one's period included.
    pub(super) length_s: Option<f64>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(submission: &'a Submission, rubric: &Rubric) -> Facts<'a> {
        let groups = submission.trials.iter().map(|trial| &trial.info.run);
        let one_group = groups.clone().min() == groups.max();
        let trials = submission.trials.iter().enumerate();
        let all: Vec<Trial<'a>> = trials
            .map(|(at, table)| Trial::new(table, name(table, at, one_group)))
            .collect();
        let limit = rubric.trials.limits.aborted_below_s;
        let (aborted, judged): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|trial| trial.is_shorter_than(limit));
        if judged.is_empty() {
            // Nothing else is there to be judged.
            return Facts {
                trials: aborted,
                aborted: Vec::new(),
            };
        }
        Facts {
            trials: judged,
            aborted: aborted.into_iter().map(|trial| trial.name).collect(),
        }
    }

    /// All machines with their trials.
    pub(super) fn machines(&self) -> impl Iterator<Item = (&Trial<'a>, &'a Machine, &Pace)> {
        self.trials.iter().flat_map(|trial| {
            let machines = trial.table.machines.iter().zip(&trial.paces);
            machines.map(move |(machine, pace)| (trial, machine, pace))
        })
    }

    /// Whether sends to all can be told from sends to one: some line is one, or the format says how one is written.
    pub(super) fn broadcasts_are_told(&self) -> bool {
        let is_seen = |rows: &Rows| rolled(rows).contains(&Some(Kind::Broadcast));
        let seen = self
            .machines()
            .any(|(_, machine, _)| is_seen(&machine.rows));
        let said = |trial: &Trial<'_>| {
            trial.table.is_own() || trial.table.info.dialect.broadcast.is_some()
        };
        seen || self.trials.iter().all(said)
    }

    /// How a machine is called in a sentence.
    pub(super) fn called(&self, trial: &Trial<'_>, machine: &Machine) -> String {
        match self.trials.len() {
            1 => format!("machine {}", machine.name),
            _ => format!("machine {} of {}", machine.name, trial.name),
        }
    }
}

fn name(table: &events::Trial, at: usize, one_group: bool) -> String {
    match (table.info.name.as_str(), table.info.run.as_str()) {
        ("", "") => format!("trial {}", at + 1),
        ("", group) => group.to_owned(),
        (trial, _) if one_group => trial.to_owned(),
        (trial, group) => format!("{group}/{trial}"),
    }
}

impl<'a> Trial<'a> {
    fn new(table: &'a events::Trial, name: String) -> Trial<'a> {
        let machines = table.machines.iter();
        Trial {
            name,
            table,
            paces: machines
                .map(|machine| Pace::new(machine, table.speed(), table.is_own()))
                .collect(),
            verdict: OnceCell::new(),
        }
    }

    /// What the laws say of it.
    pub(super) fn verdict(&self) -> &Verdict {
        self.verdict.get_or_init(|| check_trial(self.table))
    }

    /// What is known of the message of a row.
    pub(super) fn send_of(&self, machine: usize, row: usize) -> Option<At> {
        self.table.send_of(At { machine, row })
    }

    /// Whether recipients are named, and by the names of machines.
    pub(super) fn names_recipients(&self) -> bool {
        self.table.info.dialect.recipient != Some(RecipientName::Position)
            && !self.table.inferred.names_are_positions
    }

    /// Whether even its longest machine is shorter; not, where nobody can tell.
    fn is_shorter_than(&self, limit_s: f64) -> bool {
        if self.table.is_empty() {
            return true;
        }
        let lengths: Option<Vec<f64>> = self.paces.iter().map(|pace| pace.length_s).collect();
        lengths.is_some_and(|lengths| lengths.iter().all(|&length| length < limit_s))
    }
}

impl Pace {
    /// Numbers of ticks are logged in our own logs alone. Those of others were given to their lines by the dialect, which
    /// proves nothing: their ticks are found by times.
    fn new(machine: &Machine, speed: f64, ticks_are_logged: bool) -> Pace {
        let rows = &machine.rows;
        let begins = |&row: &usize| row == 0 || ticks_are_logged || !is_one_act(rows, row);
        let acts: Vec<usize> = (0..rows.len()).filter(begins).collect();
        let times: Option<Vec<i64>> = acts.iter().map(|&row| rows.time_ns.get(row)).collect();
        let times = times.filter(|times| !times.is_empty());
        let whole = |times: &Vec<i64>| times.iter().all(|time| time % SECOND_NS == 0);
        let span_s = times.as_ref().and_then(|times| {
            let (first, last) = (times.iter().min()?, times.iter().max()?);
            Some((last - first) as f64 / 1e9 * speed)
        });
        let resolution_s = match &times {
            Some(times) if whole(times) && times.len() > 5 => 1.0,
            _ => 0.0,
        };
        let close = times.filter(|_| resolution_s < 1.0).and_then(|times| {
            let gaps: Vec<f64> = times
                .windows(2)
                .map(|pair| (pair[1] - pair[0]) as f64 / 1e9 * speed)
                .collect();
            close_share(gaps, machine.rate_hz)
        });
        let numbered = match ticks_are_logged {
            true => ticks(rows),
            false => acts.len() as u64,
        };
        let ticks = match close {
            // A burst is a tick, whatever the log says of ticks.
            Some(share) if share > BURSTS && numbered == acts.len() as u64 => {
                ((acts.len() as f64) * (1.0 - share)).round().max(1.0) as u64
            }
            _ => numbered,
        };
        let measured_hz = span_s
            .filter(|&span| span > 0.0 && ticks > 1)
            .map(|span| (ticks - 1) as f64 / span);
        let period_s = measured_hz
            .or(machine.rate_hz)
            .map_or(0.0, |hertz| 1.0 / hertz);
        Pace {
            ticks,
            span_s,
            resolution_s,
            nominal_hz: machine.rate_hz.filter(|&hertz| hertz > 0.0),
            measured_hz,
            close,
            length_s: match (rows.is_empty(), span_s) {
                (true, _) => Some(0.0),
                (false, span) => span.map(|span| span + period_s),
            },
        }
    }
}

/// Whether a row and the one before may be lines of one send to all: sends to different peers at one instant, whatever
/// their clocks, or of one clock where times tell no instant.
pub(super) fn is_one_act(rows: &Rows, after: usize) -> bool {
    let sends = |row| rows.kind(row) == Kind::Send;
    let times = rows.time_ns.get(after - 1).zip(rows.time_ns.get(after));
    let clock = rows.clock(after);
    let is_of_one_clock = clock.is_some() && clock == rows.clock(after - 1);
    let instant = times.map_or(is_of_one_clock, |(before, after)| {
        // In whole seconds nobody can tell an instant.
        let coarse = before % SECOND_NS == 0 && after % SECOND_NS == 0;
        match coarse {
            true => is_of_one_clock && (after - before).abs() <= SECOND_NS,
            false => (after - before).abs() <= INSTANT_NS,
        }
    });
    sends(after - 1) && sends(after) && rows.are_to_others(after - 1, after) && instant
}

/// What each row rolled: none for a receive, and for a line of a send to all that is not its first. A machine that has a
/// line for a send to all writes one line for each.
pub(super) fn rolled(rows: &Rows) -> Vec<Option<Kind>> {
    let in_lines = rows.kinds().all(|kind| kind != Kind::Broadcast);
    let one_act =
        |after: usize| in_lines && (1..rows.len()).contains(&after) && is_one_act(rows, after);
    let of = |row: usize| match rows.kind(row) {
        Kind::Receive => None,
        _ if one_act(row) => None,
        Kind::Send if one_act(row + 1) => Some(Kind::Broadcast),
        kind => Some(kind),
    };
    (0..rows.len()).map(of).collect()
}

/// How many ticks the numbers of rows tell of.
fn ticks(rows: &Rows) -> u64 {
    let first = u64::from(!rows.is_empty());
    let anew = (1..rows.len()).filter(|&row| rows.tick(row - 1) != rows.tick(row));
    first + anew.count() as u64
}

/// Share of gaps that are a small part of a period; the period is the stated one or, where a machine is slower than that or
/// states none, the usual longer gap.
fn close_share(gaps: Vec<f64>, rate_hz: Option<f64>) -> Option<f64> {
    let sorted = statistics::sorted(gaps);
    let usual = statistics::quantile(&sorted, 0.9)?;
    let stated = rate_hz
        .filter(|&hertz| hertz > 0.0)
        .map(|hertz| 1.0 / hertz);
    let period = stated.map_or(usual, |stated| stated.min(usual));
    let close = sorted.iter().filter(|&&gap| gap < CLOSE * period).count();
    Some(close as f64 / sorted.len() as f64)
}

/// Whether an event of this kind rolls the die: everything but a receive.
pub(super) fn rolls(kind: Kind) -> bool {
    kind != Kind::Receive
}

/// A share as percent, with as many digits as tell something.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        p if p == 0.0 || p >= 9.95 => format!("{p:.0} %"),
        p if p < 0.1 => format!("{p:.2} %"),
        p => format!("{p:.1} %"),
    }
}

/// `1 trial`, `2 trials`.
pub(super) fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    }
}

/// A number without digits that say nothing: `60`, `2.94`.
pub(super) fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
