//! Rows of a trial to its table: machines in order, names to positions, ticks numbered, broadcasts joined.
//!
//! A machine that is only named as a peer and wrote no log is none of the trial's machines: `from` and `to` are `None` for
//! it, and a note tells its name.
//!
//! **Invariant.** What is not known is `None`, and counted in a note.

mod broadcast;
mod clocks;
mod components;
mod gaps;
mod learnt;
mod peers;
mod ticks;

use std::path::PathBuf;

use super::compile::Compiled;
use super::gather::{Gathered, MachineRows, Part};
use super::names::Directory;
use super::natural;
use super::source::TrialFiles;
use super::spec::TimeFormat;
use events::{ClockKind, Dialect, Event, EventsBuilder, Machine, TimeOrigin, Trial, TrialInfo};
use files::note::{Note, Severity};

/// The trials of everything that was gathered from some files, and the notes about them.
pub(crate) fn assemble(
    mut gathered: Gathered,
    trial: &TrialFiles,
    compiled: &Compiled,
) -> (Vec<Trial>, Vec<Note>) {
    let mut notes = Vec::new();
    gathered.holes.sort_unstable();
    let parts = std::mem::take(&mut gathered.parts);
    let parts: Vec<Part> = parts
        .into_iter()
        .filter(|part| !part.machines.is_empty())
        .collect();
    let several = parts.len() > 1;
    let names = parts.iter().enumerate().map(|(number, part)| {
        let base = trial.trial.as_str();
        let own = match (part.key.label, part.key.ordinal) {
            (None, _) if !several => String::new(),
            (None, _) => format!("part-{}", number + 1),
            (Some(label), 0) => gathered.names.text(label).to_owned(),
            (Some(label), again) => format!("{}-{}", gathered.names.text(label), again + 1),
        };
        let dash = if base.is_empty() || own.is_empty() {
            ""
        } else {
            "-"
        };
        format!("{base}{dash}{own}")
    });
    let names: Vec<String> = names.collect();
    let trials = parts
        .into_iter()
        .zip(names)
        .map(|(part, name)| one(part, name, &gathered, trial, compiled, &mut notes));
    let trials = trials.collect();
    (trials, notes)
}

fn one(
    mut part: Part,
    name: String,
    gathered: &Gathered,
    trial: &TrialFiles,
    compiled: &Compiled,
    notes: &mut Vec<Note>,
) -> Trial {
    let format = compiled.format();
    let text = |machine: &MachineRows| gathered.names.text(machine.name);
    part.machines
        .sort_by(|a, b| natural::compare(text(a), text(b)));
    let machines: Vec<String> = part
        .machines
        .iter()
        .map(|machine| text(machine).to_owned())
        .collect();
    let directory = Directory::new(&machines, &format.alias);
    say_rates(&mut part, trial, notes);
    for machine in &mut part.machines {
        order_files(machine, trial, notes);
    }
    let mut clocks = clocks::Clocks::new(&part, &machines, &gathered.names, format.dialect.clock);
    let mut peers = peers::Peers::new(&directory, machines.len(), &gathered.names, &format.dialect);
    let owners_are_known = clocks.without_log().is_some();
    let mut unnamed_receives = clocks::Tally::default();
    let mut merged_ticks = clocks::Tally::default();
    let mut of_trial = Vec::with_capacity(machines.len());
    let mut lengths = Vec::with_capacity(machines.len());
    let mut builder = EventsBuilder::default();
    let mut times = Times::default();
    for (position, (mut machine, name)) in part.machines.into_iter().zip(&machines).enumerate() {
        let rows = machine.take_rows();
        let file_of = |file: u32| {
            machine
                .files
                .iter()
                .position(|known| *known == file)
                .unwrap_or(0)
        };
        let mut events: Vec<Event> = Vec::with_capacity(rows.len());
        let mut logged_ticks = Vec::with_capacity(rows.len());
        for row in rows {
            let (kind, from, to, peer_position) = peers.of(&row, position);
            logged_ticks.push(row.tick);
            events.push(Event {
                file: file_of(row.file) as u32,
                line: row.line,
                kind,
                tick: 0,
                time_ns: row.time_ns,
                clock: row
                    .clock
                    .map(|clock| clocks.clock(clock, row.file, row.line)),
                clock_before: row
                    .clock_before
                    .map(|clock| clocks.clock(clock, row.file, row.line)),
                queue: row.queue,
                from,
                to,
                position: peer_position,
                sent_tick: None,
                carried: row
                    .carried
                    .map(|clock| clocks.clock(clock, row.file, row.line)),
                message: row.message.map(String::from),
            });
        }
        if owners_are_known {
            let files = &machine.files;
            learnt::receive(&mut events, position, files, &mut unnamed_receives);
        }
        broadcast::join(
            &mut events,
            &mut logged_ticks,
            &format.dialect,
            (position, machines.len()),
        );
        ticks::number(
            &mut events,
            &logged_ticks,
            machine.rate_hz,
            &format.dialect,
            (&machine.files, &mut merged_ticks),
        );
        let files: Vec<PathBuf> = machine
            .files
            .iter()
            .map(|file| trial.files[*file as usize].path.clone())
            .collect();
        tell_machine(&machine, &events, &files, notes);
        of_trial.push(Machine {
            gaps: gaps::of(&events, &machine.files, &gathered.holes),
            ..Machine::new(name.clone(), machine.rate_hz, files)
        });
        lengths.push(events.len());
        for event in events {
            times.add(event.time_ns);
            builder.push(position, event);
        }
    }
    clocks.tell(trial, notes);
    let texts = [
        "receives on lines that say so",
        "vectors that take over components of another machine",
        "only a message tells of another machine, so they are read as receives",
    ];
    notes.extend(unnamed_receives.note(trial, Severity::Info, texts));
    let texts = [
        "the number of the tick on each line",
        "events close behind another",
        "they count to its tick, as `tick = \"several\"` in [dialect] says; no line proves it",
    ];
    notes.extend(merged_ticks.note(trial, Severity::Info, texts));
    peers.tell(trial, notes);
    let info = TrialInfo {
        run: trial.group.clone(),
        name,
        dir: trial.dir.clone(),
        format: format.name.clone(),
        dialect: dialect(compiled, clocks.kind(), &times),
        logs_missing: trial.logs_missing
            || peers.names_strangers()
            || clocks.without_log().is_none_or(|names| !names.is_empty()),
        without_log: clocks.without_log(),
        ..TrialInfo::default()
    };
    let made = builder.finish();
    let made = made.and_then(|frame| Trial::new(info, of_trial, lengths, frame));
    made.expect("columns of the schema and of one length are a frame")
}

/// Whether lines have times, and whether each is a date.
#[derive(Debug, Default)]
struct Times {
    are_there: bool,
    /// Whether one is too early for a date.
    is_counted: bool,
}

impl Times {
    fn add(&mut self, time_ns: Option<i64>) {
        // Three years after the epoch: no trial has run for as long.
        const EARLIEST_NS: i64 = 100_000_000_000_000_000;
        self.are_there |= time_ns.is_some();
        self.is_counted |= time_ns.is_some_and(|time_ns| time_ns < EARLIEST_NS);
    }
}

/// Gives the machines, in their order, the rates that a line says of all of them, if it says one for each.
fn say_rates(part: &mut Part, trial: &TrialFiles, notes: &mut Vec<Note>) {
    let Some((rates_hz, file)) = part.rates_hz.take() else {
        return;
    };
    if rates_hz.len() != part.machines.len() {
        let file = trial.files.get(file as usize);
        notes.push(Note::new(
            Severity::Warning,
            file.map_or(&trial.dir, |file| &file.path),
            "a rate for each machine of the trial",
            format!("{} rates for {}", rates_hz.len(), part.machines.len()),
            "they count as not said",
        ));
        return;
    }
    for (machine, rate_hz) in part.machines.iter_mut().zip(rates_hz) {
        machine.say_rate(Some(rate_hz));
    }
}

/// Files of one machine in the order of their first times, if all have one: logs are rotated to names that do not tell.
fn order_files(machine: &mut MachineRows, trial: &TrialFiles, notes: &mut Vec<Note>) {
    if machine.files.len() < 2 {
        return;
    }
    let first_time = |file: &u32| {
        let mut of_file = machine.rows.iter().filter(|row| row.file == *file);
        of_file.find_map(|row| row.time_ns)
    };
    let times: Option<Vec<(i64, u32)>> = machine
        .files
        .iter()
        .map(|file| Some((first_time(file)?, *file)))
        .collect();
    let Some(mut times) = times else { return };
    times.sort_by_key(|(time, _)| *time);
    let order: Vec<u32> = times.into_iter().map(|(_, file)| file).collect();
    if order != machine.files {
        let rank = |file: u32| order.iter().position(|known| *known == file);
        machine.rows.sort_by_key(|row| rank(row.file));
        let first = &trial.files[order[0] as usize].path;
        notes.push(Note::new(
            Severity::Info,
            first,
            "files of a machine in the order of their names",
            "times in another order",
            "they were put in the order of their first times",
        ));
        machine.files = order;
    }
}

/// The notes on a machine: rates that change, a header in the middle, times that go backwards.
fn tell_machine(machine: &MachineRows, events: &[Event], files: &[PathBuf], notes: &mut Vec<Note>) {
    let Some(first) = files.first() else { return };
    if machine.rate_changes > 0 {
        let found = format!("another rate on {} lines", machine.rate_changes);
        notes.push(Note::new(
            Severity::Warning,
            first,
            "one rate of a machine",
            found,
            "the first was taken",
        ));
    }
    if let Some(line) = machine.restarted {
        let note = Note::new(
            Severity::Warning,
            first,
            "headers before the events of a machine",
            "one after them",
            "if another trial begins there, set `begins_trial = true` on its rule",
        );
        notes.push(note.at_line(line.into()));
    }
    let timed: Vec<&Event> = events
        .iter()
        .filter(|event| event.time_ns.is_some())
        .collect();
    let mut backwards = timed
        .windows(2)
        .filter(|pair| pair[1].time_ns < pair[0].time_ns)
        .map(|pair| pair[1]);
    if let Some(event) = backwards.next() {
        let found = format!("{} earlier than the one before", 1 + backwards.count());
        let file = files.get(event.file as usize).unwrap_or(first);
        let note = Note::new(
            Severity::Info,
            file,
            "times in order",
            found,
            "they are kept as logged",
        );
        notes.push(note.at_line(event.line.into()));
    }
}

/// The dialect of the format, and what the log itself tells of what the format leaves open.
fn dialect(compiled: &Compiled, clock: Option<ClockKind>, times: &Times) -> Dialect {
    let format = compiled.format();
    let mut dialect = format.dialect.clone();
    dialect.clock = dialect.clock.or(clock);
    let dates = times.are_there && !times.is_counted;
    let counted = matches!(format.time.format, TimeFormat::Elapsed | TimeFormat::None);
    if dialect.time.is_none() && dates && !counted {
        dialect.time = Some(TimeOrigin::Epoch);
    }
    dialect
}
