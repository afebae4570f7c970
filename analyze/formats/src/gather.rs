//! The rows of the trials that some files tell of, machine by machine.
//!
//! A file may hold several machines, and several trials one after another; a machine may have several files. Which trial a
//! row belongs to is its label (a `trial` on its line, or on a header before it), and how many lines that begin a trial
//! came before it.
//!
//! **Invariant.** Rows of a machine stand in the order of reading.

use std::collections::HashMap;
use std::mem;

use super::compile::Compiled;
use super::names::{Name, Names};
use super::number::{self, RawClock};
use super::row::{self, Row};
use super::slot::{Slot, Values};
use super::source::LogFile;
use super::spec::NewTrial;
use super::time::TimeReader;
use events::{ClockKind, Kind};

/// Everything that was read of some files.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) names: Names,
    /// The trials, in the order in which they were first met.
    pub(crate) parts: Vec<Part>,
    positions: HashMap<PartKey, usize>,
    /// Files and lines that may hold events and are not read: those that nothing explains, and those that a rule leaves out
    /// and says so.
    pub(crate) holes: Vec<(u32, u32)>,
    /// The part asked for last: mostly it is the next one too.
    last: Option<(PartKey, usize)>,
}

/// Which of the trials of some files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct PartKey {
    /// What the log calls it.
    pub(crate) label: Option<Name>,
    /// How many trials of that label came before it in its file.
    pub(crate) ordinal: u32,
}

/// One trial.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) key: PartKey,
    pub(crate) machines: Vec<MachineRows>,
    /// Rates of all machines, in the natural order of their names, where a line says them; and its file.
    pub(crate) rates_hz: Option<(Vec<f64>, u32)>,
    positions: HashMap<Name, usize>,
    /// The machine asked for last: mostly it is the next one too.
    last: Option<(Name, usize)>,
}

/// One machine of a trial.
#[derive(Debug)]
pub(crate) struct MachineRows {
    pub(crate) name: Name,
    pub(crate) rate_hz: Option<f64>,
    pub(crate) rows: Vec<Row>,
    /// Files that name it, by position.
    pub(crate) files: Vec<u32>,
    /// Lines on which its rate was said to be another one than before, and the first of them.
    pub(crate) rate_changes: u32,
    /// A header line named it again after its events had begun: the first such line.
    pub(crate) restarted: Option<u32>,
    /// Whether a header line began its trial.
    begun: bool,
}

/// What is known while one file is read.
#[derive(Debug)]
pub(crate) struct FileState<'c> {
    compiled: &'c Compiled,
    vectors: bool,
    file: u32,
    machine: Name,
    /// Whether anything but the file's name says which machine it is.
    named: bool,
    path_rate_hz: Option<f64>,
    key: PartKey,
    begun: HashMap<Option<Name>, u32>,
    fresh: TimeReader,
    times: HashMap<Name, TimeReader>,
    date: Option<String>,
    /// By machine, where the format says that a fall of the clock begins a trial: the last clock, and how many began so.
    clocks: HashMap<Name, (f64, u32)>,
}

impl<'c> FileState<'c> {
    /// The state before the first line, and what of the path is no rate or date and so counts as not said.
    pub(crate) fn new(
        compiled: &'c Compiled,
        file: u32,
        log: &LogFile,
        gathered: &mut Gathered,
    ) -> (FileState<'c>, Vec<String>) {
        let stem = log.path.file_stem().unwrap_or_default().to_string_lossy();
        let name = log.machine.as_deref().unwrap_or(&stem);
        let mut refused = Vec::new();
        let mut fresh = compiled.times();
        let date = log.date.clone().filter(|date| {
            let set = fresh.set_date(date);
            refused.extend(set.as_ref().err().map(|wrong| format!("date: {wrong}")));
            set.is_ok()
        });
        let mut values = Values::default();
        if let Some(rate) = &log.rate {
            values.set(Slot::Rate, rate);
        }
        let path_rate_hz = row::rate_hz(&values).unwrap_or_else(|wrong| {
            refused.push(wrong);
            None
        });
        let state = FileState {
            compiled,
            vectors: compiled.format().dialect.clock == Some(ClockKind::Vector),
            file,
            machine: machine(name, compiled, gathered),
            named: log.machine.is_some(),
            path_rate_hz,
            key: PartKey::default(),
            begun: HashMap::new(),
            fresh,
            times: HashMap::new(),
            date,
            clocks: HashMap::new(),
        };
        (state, refused)
    }

    /// Takes an event.
    ///
    /// # Errors
    /// The value that is not what its name promises.
    pub(crate) fn event(
        &mut self,
        gathered: &mut Gathered,
        line: u64,
        kind: Kind,
        values: &Values,
    ) -> Result<(), String> {
        self.set_date(values)?;
        let name = values
            .get(Slot::Machine)
            .map(|name| machine(name, self.compiled, gathered));
        let name = name.unwrap_or(self.machine);
        let rate_hz = row::rate_hz(values)?;
        let fresh = &self.fresh;
        let times = self.times.entry(name).or_insert_with(|| fresh.clone());
        let mut row = Row::new(kind, values, self.vectors, &mut gathered.names, times)?;
        row.file = self.file;
        row.line = u32::try_from(line).unwrap_or(u32::MAX);
        let key = match values.get(Slot::Trial) {
            Some(label) => PartKey {
                label: Some(gathered.names.id(label)),
                ordinal: 0,
            },
            None => self.key,
        };
        let key = PartKey {
            ordinal: key.ordinal + self.restarts(name, &row),
            ..key
        };
        let rate_hz = rate_hz.or(self.path_rate_hz.filter(|_| name == self.machine));
        let machine = gathered.part(key).machine(name, self.file);
        machine.say_rate(rate_hz);
        machine.rows.push(row);
        Ok(())
    }

    /// How many trials began with a fall of a machine's clock, where the format says that they do.
    fn restarts(&mut self, machine: Name, row: &Row) -> u32 {
        if self.compiled.format().lines.new_trial != Some(NewTrial::ClockFalls) {
            return 0;
        }
        let clock = row.clock.as_ref().map(RawClock::size);
        let (last, begun) = self.clocks.entry(machine).or_insert((0.0, 0));
        if let Some(clock) = clock {
            *begun += u32::from(NewTrial::falls(*last, clock));
            *last = clock;
        }
        *begun
    }

    /// Takes a line that states facts.
    ///
    /// # Errors
    /// The value that is not what its name promises.
    pub(crate) fn header(
        &mut self,
        gathered: &mut Gathered,
        line: u64,
        begins_trial: bool,
        values: &Values,
    ) -> Result<(), String> {
        let rate_hz = row::rate_hz(values)?;
        let rates_hz = values.get(Slot::Rates).map(number::rates).transpose()?;
        self.set_date(values)?;
        let named = values
            .get(Slot::Machine)
            .map(|name| machine(name, self.compiled, gathered));
        let label = values
            .get(Slot::Trial)
            .map(|label| gathered.names.id(label));
        let name = named.unwrap_or(self.machine);
        let fresh = &self.fresh;
        let times = self.times.entry(name).or_insert_with(|| fresh.clone());
        row::time(values, times)?;
        self.named |= named.is_some();
        self.machine = name;
        if begins_trial {
            self.begin(gathered, label.or(self.key.label), named);
        } else if label.is_some() {
            self.key = PartKey { label, ordinal: 0 };
        }
        if let Some(rates_hz) = rates_hz {
            let of = &mut gathered.part(self.key).rates_hz;
            of.get_or_insert((rates_hz, self.file));
        }
        if named.is_some() || rate_hz.is_some() || begins_trial {
            let begun = gathered.part(self.key).machine(name, self.file);
            begun.begun |= begins_trial;
            let again = !begins_trial && !begun.rows.is_empty() && begun.restarted.is_none();
            if again && (rate_hz.is_some() || named.is_some()) {
                begun.restarted = Some(u32::try_from(line).unwrap_or(u32::MAX));
            }
            begun.say_rate(rate_hz);
        }
        Ok(())
    }

    /// Another trial begins, unless the line is only the first of one more machine of the trial that just began.
    fn begin(&mut self, gathered: &mut Gathered, label: Option<Name>, named: Option<Name>) {
        let joins = named.is_some_and(|name| {
            let part = gathered.known(self.key);
            let begun = part.is_some_and(|part| part.begun(self.file));
            let known = part.and_then(|part| part.get(name));
            begun
                && known.is_none_or(|machine| !machine.begun && machine.rows.is_empty())
                && self.key.label == label
        });
        if !joins {
            let before = self.begun.entry(label).or_insert(0);
            // Rows before the first line that begins a trial are of a trial too.
            let first = gathered.known(PartKey { label, ordinal: 0 });
            let early = *before == 0 && first.is_some_and(|part| part.has_rows_of(self.file));
            let ordinal = *before + u32::from(early);
            *before = ordinal + 1;
            self.key = PartKey { label, ordinal };
            self.times.clear();
        }
    }

    /// The date that a record says, for its time and those after it.
    fn set_date(&mut self, values: &Values) -> Result<(), String> {
        let Some(date) = values.get(Slot::Date) else {
            return Ok(());
        };
        if self.date.as_deref() != Some(date) {
            self.fresh
                .set_date(date)
                .map_err(|wrong| format!("date: {wrong}"))?;
            self.date = Some(date.to_owned());
            self.times.clear();
        }
        Ok(())
    }

    /// After the last line: what the readers of times have to say. A machine that is named is there, even without
    /// events.
    pub(crate) fn finish(self, gathered: &mut Gathered) -> Vec<String> {
        let seen = gathered.parts.iter().any(|part| {
            part.machines
                .iter()
                .any(|machine| machine.files.contains(&self.file))
        });
        if self.named && !seen {
            let rate_hz = self.path_rate_hz;
            gathered
                .part(self.key)
                .machine(self.machine, self.file)
                .say_rate(rate_hz);
        }
        let mut notes: Vec<String> = self.times.values().flat_map(TimeReader::notes).collect();
        notes.sort();
        notes.dedup();
        notes
    }
}

impl Gathered {
    /// The trial of a key.
    fn part(&mut self, key: PartKey) -> &mut Part {
        let at = match self.last {
            Some((last, at)) if last == key => at,
            _ => *self.positions.entry(key).or_insert_with(|| {
                self.parts.push(Part {
                    key,
                    ..Part::default()
                });
                self.parts.len() - 1
            }),
        };
        self.last = Some((key, at));
        &mut self.parts[at]
    }

    fn known(&self, key: PartKey) -> Option<&Part> {
        self.positions.get(&key).map(|&at| &self.parts[at])
    }
}

impl Part {
    fn machine(&mut self, name: Name, file: u32) -> &mut MachineRows {
        let at = match self.last {
            Some((last, at)) if last == name => at,
            _ => *self.positions.entry(name).or_insert_with(|| {
                self.machines.push(MachineRows::new(name));
                self.machines.len() - 1
            }),
        };
        self.last = Some((name, at));
        let machine = &mut self.machines[at];
        if machine.files.last() != Some(&file) && !machine.files.contains(&file) {
            machine.files.push(file);
        }
        machine
    }

    fn get(&self, name: Name) -> Option<&MachineRows> {
        self.positions.get(&name).map(|&at| &self.machines[at])
    }

    /// Whether a line of this file began it.
    fn begun(&self, file: u32) -> bool {
        self.machines
            .iter()
            .any(|machine| machine.begun && machine.files.contains(&file))
    }

    fn has_rows_of(&self, file: u32) -> bool {
        let mut rows = self.machines.iter().flat_map(|machine| machine.rows.last());
        rows.any(|row| row.file == file)
    }
}

impl MachineRows {
    fn new(name: Name) -> MachineRows {
        MachineRows {
            name,
            rate_hz: None,
            rows: Vec::new(),
            files: Vec::new(),
            rate_changes: 0,
            restarted: None,
            begun: false,
        }
    }

    pub(crate) fn say_rate(&mut self, rate_hz: Option<f64>) {
        let Some(rate_hz) = rate_hz else { return };
        match self.rate_hz {
            None => self.rate_hz = Some(rate_hz),
            Some(before) => self.rate_changes += u32::from(before.to_bits() != rate_hz.to_bits()),
        }
    }

    /// Its rows, taken out.
    pub(crate) fn take_rows(&mut self) -> Vec<Row> {
        mem::take(&mut self.rows)
    }
}

/// The machine of a name, through the aliases of the format.
fn machine(name: &str, compiled: &Compiled, gathered: &mut Gathered) -> Name {
    let alias = compiled
        .format()
        .alias
        .get(name)
        .map_or(name, String::as_str);
    gathered.names.id(alias)
}
