//! One trial: what it is, and its events in one frame.
//!
//! **Invariant.** The rows of the machines are views of the frame, machine after machine; together they are all its rows.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use event_log::{MachineId, Schedule, Stamp, Status, TrialManifest};
use polars::prelude::{DataFrame, PolarsResult, Series};

use crate::clock::Clock;
use crate::dialect::{ClockKind, Dialect, TimeOrigin};
use crate::event::Event;
use crate::kind::Kind;
use crate::match_columns::MatchColumns;
use crate::matching::{Evidence, Inferred, Match, Matching, SentStamp};
use crate::rows::Reach;
use crate::rows::Rows;

/// Name of our own format.
pub const OWN_FORMAT: &str = "driftlab";
/// Times of a machine that begin within this many nanoseconds after 0 are counted from a start, not from an epoch.
const ELAPSED_NS: i64 = 60_000_000_000;

/// What a trial is, beside its events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrialInfo {
    /// Name of its run, or of the folder that it belongs to.
    pub run: String,
    /// Its name in its run, such as `trial-003` or `experiment_1`; may be empty where the run has one trial.
    pub name: String,
    /// Its number in its run; trials of others are numbered in the order of reading.
    pub number: u64,
    /// The folder of its files.
    pub dir: PathBuf,
    /// Name of the format that read it: [`OWN_FORMAT`] for our own.
    pub format: String,
    /// How its lines are meant.
    pub dialect: Dialect,
    /// The manifest, of our own trials.
    pub manifest: Option<Box<TrialManifest>>,
    /// Messages that the journal says did not reach a peer.
    pub undelivered: u64,
    /// Messages of which the journal says that nobody knows whether they did.
    pub unconfirmed: u64,
    /// Names of the machines that rows or vector clocks name and that have no log, in the order of their positions behind
    /// the machines'. `None` where it is not known which component of a vector counts which machine's events.
    pub without_log: Option<Vec<String>>,
    /// Whether a machine of the trial is known to have a log that is not here, or none at all, or a line of a log is not
    /// understood: what was sent and received is then not known.
    pub logs_missing: bool,
}

/// One machine of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its number: in our own trials its id, in others the number that is its name, or its position where names are none.
    pub id: MachineId,
    /// What its logs call it: `0`, `A`, `7977`.
    pub name: String,
    /// Nominal ticks per second, where the log or a path says so.
    pub rate_hz: Option<f64>,
    /// When its ticks were due, where that is known.
    pub schedule: Option<Schedule>,
    /// The files of its events, mostly one.
    pub files: Vec<PathBuf>,
    /// Rows before which lines of a log of others are damaged or not understood, ascending; the number of rows for lines
    /// behind the last. In our own logs the numbers of lines tell it.
    pub gaps: Vec<u32>,
    /// Its events.
    pub rows: Rows,
}

/// A row of a trial: the position of its machine, and its own among the machine's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// Position of the machine in [`Trial::machines`].
    pub machine: usize,
    /// Position of the row in [`Machine::rows`].
    pub row: usize,
}

/// One trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// What it is.
    pub info: TrialInfo,
    /// Its machines; rows name them by their position here.
    pub machines: Vec<Machine>,
    /// What the matching inferred of the log.
    pub inferred: Inferred,
    frame: DataFrame,
}

impl Machine {
    /// A machine without rows yet; [`Trial::new`] gives it its id and its rows.
    pub fn new(name: String, rate_hz: Option<f64>, files: Vec<PathBuf>) -> Machine {
        Machine {
            id: MachineId::default(),
            name,
            rate_hz,
            schedule: None,
            files,
            gaps: Vec::new(),
            rows: Rows::default(),
        }
    }

    /// What its logs call it, where that is not its id.
    pub fn label(&self) -> Option<&str> {
        let named = !self.name.is_empty() && self.name != self.id.to_string();
        named.then_some(self.name.as_str())
    }

    /// The file of a row.
    pub fn file(&self, row: usize) -> &Path {
        let file = self.files.get(self.rows.file(row)).or(self.files.first());
        file.map_or(Path::new(""), PathBuf::as_path)
    }
}

impl Trial {
    /// A trial of machines whose rows stand one after another in a frame, `rows` of each.
    ///
    /// # Errors
    ///
    /// When the frame has not the columns of [`crate::schema`], each in one chunk.
    pub fn new(
        info: TrialInfo,
        mut machines: Vec<Machine>,
        rows: impl IntoIterator<Item = usize>,
        frame: DataFrame,
    ) -> PolarsResult<Trial> {
        let numbers = match &info.manifest {
            Some(manifest) => manifest.machines.iter().map(|of| of.id).collect(),
            None => numbers(&machines),
        };
        for (machine, id) in machines.iter_mut().zip(numbers) {
            machine.id = id;
        }
        let mut trial = Trial {
            info,
            machines,
            inferred: Inferred::default(),
            frame,
        };
        trial.view(rows)?;
        Ok(trial)
    }

    fn view(&mut self, lengths: impl IntoIterator<Item = usize>) -> PolarsResult<()> {
        let all = Rows::of(&self.frame)?;
        let mut start = 0;
        for (machine, length) in self.machines.iter_mut().zip(lengths) {
            let end = (start + length).min(all.len());
            machine.rows = all.cut(start..end);
            start = end;
        }
        Ok(())
    }

    /// All its events; [`Trial::rows_of`] says which are whose.
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// Where the rows of a machine stand in the frame.
    pub fn rows_of(&self, machine: usize) -> Range<usize> {
        let before = self.machines[..machine].iter();
        let start = before.map(|of| of.rows.len()).sum();
        start..start + self.machines[machine].rows.len()
    }

    /// A column of one machine's rows, for polars; `None` where the log does not record it.
    pub fn series(&self, machine: usize, column: &str) -> Option<Series> {
        let rows = self.rows_of(machine);
        let column = self.frame.column(column).ok()?;
        Some(
            column
                .as_materialized_series()
                .slice(rows.start as i64, rows.len()),
        )
    }

    /// Adds what is known of the trial's messages.
    ///
    /// # Errors
    ///
    /// When the matching is not one of the trial's rows.
    pub fn set_matching(&mut self, matching: &Matching) -> PolarsResult<()> {
        let mut columns = MatchColumns::with_capacity(self.len());
        for (machine, of) in self.machines.iter().enumerate() {
            for row in 0..of.rows.len() {
                let of_machine = matching.receives.get(machine);
                let of = of_machine.and_then(|all| all.get(row)).copied();
                columns.push(of.unwrap_or_default(), matching.evidence_of(machine, row));
            }
        }
        self.inferred = matching.inferred.clone();
        self.add(columns.finish())
    }

    pub(crate) fn add(&mut self, columns: Vec<polars::prelude::Column>) -> PolarsResult<()> {
        for column in columns {
            self.frame.with_column(column)?;
        }
        let lengths: Vec<usize> = self.machines.iter().map(|of| of.rows.len()).collect();
        self.view(lengths)
    }

    /// Adds what is known of the messages of each machine's rows, where a line names its message on every receive.
    ///
    /// # Errors
    ///
    /// When there is not one match for each row.
    pub fn set_matches(&mut self, matches: Vec<Vec<Match>>) -> PolarsResult<()> {
        let mut columns = MatchColumns::with_capacity(self.len());
        for of in matches.into_iter().flatten() {
            let evidence = matches!(of, Match::Sent { .. }).then_some(Evidence::Message);
            columns.push(of, evidence);
        }
        self.add(columns.finish())
    }

    /// What is known of its messages, as a value of its own.
    pub fn matching(&self) -> Matching {
        let machines = self.machines.iter().map(|machine| &machine.rows);
        let receives = machines
            .clone()
            .map(|rows| (0..rows.len()).map(|row| rows.matched(row)).collect());
        let evidence = machines.map(|rows| (0..rows.len()).map(|row| rows.evidence(row)).collect());
        Matching {
            receives: receives.collect(),
            evidence: evidence.collect(),
            inferred: self.inferred.clone(),
        }
    }

    /// Whether the trial is one of ours.
    pub fn is_own(&self) -> bool {
        self.info.manifest.is_some()
    }

    /// Number of events.
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// Whether there is no event.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Position of the machine with an id.
    #[inline]
    pub fn position(&self, id: MachineId) -> Option<usize> {
        let guess = id.0 as usize;
        match self.machines.get(guess) {
            Some(machine) if machine.id == id => Some(guess),
            _ => self.machines.iter().position(|machine| machine.id == id),
        }
    }

    /// What its logs call it; `None` of ours, and where they call it nothing.
    pub fn label(&self) -> Option<&str> {
        let name = Some(self.info.name.as_str());
        name.filter(|name| !self.is_own() && !name.is_empty())
    }

    /// What its logs call a machine, where that is not its id; `None` of ours.
    pub fn machine_label(&self, machine: usize) -> Option<&str> {
        let label = self.machines[machine].label();
        label.filter(|_| !self.is_own())
    }

    /// Whether the log of a machine is known to record no event. An empty log of ours may have been lost; a log of others
    /// that states the rate and nothing else was begun.
    pub fn is_silent(&self, machine: usize) -> bool {
        let machine = &self.machines[machine];
        !self.is_own() && machine.rows.is_empty() && machine.rate_hz.is_some()
    }

    /// The id of the machine at a position; of one without a log only in trials of ours, where names are ids.
    pub fn id_of(&self, position: usize) -> Option<MachineId> {
        match self.machines.get(position) {
            Some(machine) => Some(machine.id),
            None if self.is_own() => self.name_of(position).parse().ok().map(MachineId),
            None => None,
        }
    }

    /// What the machine at a position is called, whether it has a log or not.
    pub fn name_of(&self, position: usize) -> &str {
        if let Some(machine) = self.machines.get(position) {
            return &machine.name;
        }
        let absent = position - self.machines.len();
        let names = self.info.without_log.as_ref();
        let name = names.and_then(|names| names.get(absent));
        name.map_or("a machine without a log", String::as_str)
    }

    /// The send that a receive took, if that is certain.
    #[inline]
    pub fn send_of(&self, at: At) -> Option<At> {
        match self.machines[at.machine].rows.matched(at.row) {
            Match::Sent { machine, event } => Some(At {
                machine,
                row: event,
            }),
            _ => None,
        }
    }

    /// The sender of what a receive took, as its line names it or as its message was found.
    #[inline]
    pub fn sender(&self, at: At) -> Option<usize> {
        let named = self.machines[at.machine].rows.sender(at.row);
        named.or_else(|| self.send_of(at).map(|send| send.machine))
    }

    /// Who a send reaches, as its line says it or as it was inferred of positions.
    #[inline]
    pub fn reach(&self, at: At) -> Reach<'_> {
        let rows = &self.machines[at.machine].rows;
        match rows.reach(at.row) {
            Reach::Several(to) if to.len() == 1 => Reach::One(to[0] as usize),
            Reach::Several(to) if !to.is_empty() && self.are_all_peers(at.machine, to) => {
                Reach::All
            }
            // With one peer there is nobody else.
            Reach::Unknown if self.machines.len() == 2 && !self.is_own() && self.has_all_logs() => {
                Reach::One(1 - at.machine.min(1))
            }
            Reach::Unknown => {
                let positions = self.inferred.positions.get(at.machine);
                let position = rows.recipient_position(at.row);
                let to = positions.zip(position).and_then(|(of, at)| of.get(&at));
                to.map_or(Reach::Unknown, |&to| Reach::One(to))
            }
            reach => reach,
        }
    }

    /// Whether no machine is known that has no log here.
    fn has_all_logs(&self) -> bool {
        let absent = self.info.without_log.as_ref();
        absent.is_some_and(Vec::is_empty)
    }

    /// Whether these are all other machines that have a log.
    fn are_all_peers(&self, machine: usize, to: &[u32]) -> bool {
        let mut peers = (0..self.machines.len()).filter(|&peer| peer != machine);
        to.len() + 1 >= self.machines.len() && peers.all(|peer| to.contains(&(peer as u32)))
    }

    /// Whether a row sends to a machine; `None` where the log does not say.
    #[inline]
    pub fn reaches(&self, at: At, to: usize) -> Option<bool> {
        match self.reach(at) {
            Reach::Nobody => Some(false),
            Reach::One(peer) => Some(peer == to),
            Reach::Several(peers) => Some(peers.contains(&(to as u32))),
            Reach::All => Some(at.machine != to),
            Reach::Unknown if at.machine == to => Some(false),
            Reach::Unknown => None,
        }
    }

    /// The clock that a message carries: as the line of its send or of its receive says it, or as messages of this log are
    /// stamped.
    pub fn carried(&self, at: At) -> Option<f64> {
        let rows = &self.machines[at.machine].rows;
        let kind = rows.kind(at.row);
        if kind == Kind::Receive {
            if let Some(carried) = rows.carried_value(at.row) {
                return Some(carried);
            }
            let from = self.sender(at).unwrap_or(at.machine);
            let of_send = || {
                let send = self.send_of(at)?;
                self.machines[send.machine].rows.carried(send.row)
            };
            let carried = rows.carried(at.row).or_else(of_send)?;
            return carried.scalar(from);
        }
        if !kind.sends() {
            return None;
        }
        if let Some(carried) = rows.carried(at.row) {
            return carried.scalar(at.machine);
        }
        let logged = rows.clock_value(at.row)?;
        Some(logged - self.stamp()?.shift() as f64)
    }

    /// Which clock messages carry: as the manifest says it, or as it was inferred.
    pub fn stamp(&self) -> Option<SentStamp> {
        match &self.info.manifest {
            Some(manifest) => Some(match manifest.condition.stamp {
                Stamp::After => SentStamp::AsLogged,
                Stamp::Before => SentStamp::BeforeIncrement,
            }),
            None => self.inferred.stamp,
        }
    }

    /// A row as a value of its own. On one of ours stands, too, what its line leaves to the manifest: the recipients of a
    /// send to all, the clock that a message carries, and what identifies it, `SENDER:TICK`.
    pub fn event(&self, at: At) -> Event {
        let rows = &self.machines[at.machine].rows;
        let mut event = rows.event(at.row);
        if !self.is_own() {
            return event;
        }
        let machines = self.machines.len();
        let message = |machine: usize, tick: u64| match self.machines.get(machine) {
            Some(of) => format!("{}:{tick}", of.id),
            None => format!("{}:{tick}", self.name_of(machine)),
        };
        match event.kind {
            Kind::Internal => {}
            Kind::Receive => {
                let sender = event.from.unwrap_or(machines);
                event.message = event.sent_tick.map(|tick| message(sender, tick));
            }
            Kind::Send | Kind::Broadcast => {
                event.message = Some(message(at.machine, event.tick));
                let carried = self.carried(at);
                event.carried = carried.map(|value| Clock::Lamport(value.max(0.0) as i64));
                if rows.reach(at.row) == Reach::All {
                    let others = (0..machines).filter(|&other| other != at.machine);
                    event.to = Some(others.collect());
                }
            }
        }
        event
    }

    /// Common start, nanoseconds in the times of the rows; `None` where it is not known.
    pub fn started_ns(&self) -> Option<i64> {
        match &self.info.manifest {
            Some(manifest) => manifest.started_ns.and_then(|ns| i64::try_from(ns).ok()),
            None => (self.info.dialect.time == Some(TimeOrigin::Trial)).then_some(0),
        }
    }

    /// Nominal seconds in a second of system time.
    pub fn speed(&self) -> f64 {
        let manifest = self.info.manifest.as_ref();
        manifest.map_or(1.0, |manifest| manifest.condition.speed)
    }

    /// Position of the machine that keeps time, if one does.
    pub fn timekeeper(&self) -> Option<usize> {
        let manifest = self.info.manifest.as_ref()?;
        self.position(manifest.timekeeper?)
    }

    /// Whether a row takes a time message: a receive from the trial's timekeeper. Such messages are kept apart from the
    /// queue, and taking one costs no tick: the row shares its tick with the event after it.
    #[inline]
    pub fn takes_time(&self, timekeeper: Option<usize>, at: At) -> bool {
        timekeeper.is_some_and(|timekeeper| {
            timekeeper != at.machine
                && self.machines[at.machine].rows.sender(at.row) == Some(timekeeper)
        })
    }

    /// Nominal length in seconds of a trial that is known to be complete.
    pub fn lasted_s(&self) -> Option<f64> {
        let manifest = self.info.manifest.as_ref()?;
        let duration_ns = manifest.condition.duration_ns;
        let complete = manifest.status == Status::Complete && duration_ns > 0;
        complete.then(|| duration_ns as f64 / 1e9)
    }

    /// Connections that the trial holds, where its design is known.
    pub fn connections(&self) -> Option<u64> {
        let manifest = self.info.manifest.as_ref()?;
        Some(manifest.condition.connections())
    }

    /// Whether times of different machines can be subtracted: not where each machine counts from its own start. Where the
    /// dialect does not say, times that begin at 0 on every machine count as such.
    pub fn one_time(&self) -> bool {
        match self.info.dialect.time {
            Some(TimeOrigin::Epoch | TimeOrigin::Trial) => true,
            Some(TimeOrigin::Machine) => false,
            None => {
                let mut firsts = self
                    .machines
                    .iter()
                    .filter_map(|of| of.rows.time_ns.iter().flatten().next());
                !firsts.all(|first| (0..ELAPSED_NS).contains(&first))
            }
        }
    }

    /// What kind of clock the log shows: as its dialect says it, or as its rows do, where one clock with a fraction or one
    /// vector says more than any whole number; `None` where there is none.
    pub fn clock_kind(&self) -> Option<ClockKind> {
        let machines = self.machines.iter();
        let shown = machines.filter_map(|of| of.rows.clock_kind());
        let order = |kind: &ClockKind| match kind {
            ClockKind::Lamport => 0,
            ClockKind::Fractional => 1,
            ClockKind::Vector => 2,
        };
        self.info.dialect.clock.or_else(|| shown.max_by_key(order))
    }
}

/// The numbers that are the machines' names, if they are that and differ; else their positions.
fn numbers(machines: &[Machine]) -> Vec<MachineId> {
    let numbers: Option<Vec<u32>> = machines.iter().map(|of| of.name.parse().ok()).collect();
    let distinct =
        |numbers: &Vec<u32>| numbers.iter().collect::<BTreeSet<&u32>>().len() == machines.len();
    let numbers = numbers.filter(distinct);
    let numbers = numbers.unwrap_or_else(|| (0..).take(machines.len()).collect());
    numbers.into_iter().map(MachineId).collect()
}
