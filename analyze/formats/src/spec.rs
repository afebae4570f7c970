//! A format as data: the TOML file.
//!
//! ```toml
//! name = "sentences"
//! description = "one sentence a line, clock first"
//!
//! [files]
//! include = ["**/log_*.txt"]
//! exclude = ["**/*-rates.txt"]
//! path = '(?<trial>experiment_\d+)/log_(?<machine>\d+)\.txt$'
//!
//! [lines]
//! kind = "text"                            # or: csv, tsv, json
//!
//! [time]
//! format = "epoch_s"
//!
//! [dialect]
//! queue = "after_pop"
//!
//! [[header]]
//! pattern = '^LOG FOR MACHINE (?<machine>\d+) WITH CLOCK SPEED (?<rate>\d+)$'
//!
//! [[event]]
//! kind = "receive"
//! pattern = '^(?<clock>\d+) - (?<time>[\d.]+): Received message: (?<carried>\d+)\. Queue length: (?<queue>\d+)\.$'
//!
//! [[ignore]]
//! pattern = '^\s*$'
//! reason = "blank line"
//! ```
//!
//! **Invariant.** A format that is read and written again is the same; names it does not know are refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use events::{Dialect, Kind};

/// A format.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// Its name.
    pub name: String,
    /// What it looks like, in a few words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Which files, and what their paths say.
    #[serde(default)]
    pub files: Files,
    /// How a file is cut into records.
    #[serde(default)]
    pub lines: Lines,
    /// How a time is written.
    #[serde(default)]
    pub time: Time,
    /// What the program meant by its lines.
    #[serde(default)]
    pub dialect: Dialect,
    /// Names of machines in the log that are another machine's name elsewhere, such as a port: from the name in a line
    /// or path to the machine's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub alias: BTreeMap<String, String>,
    /// Lines that state facts, tried before events.
    #[serde(default, rename = "header", skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// Lines that are events; the first rule that matches takes the line.
    #[serde(default, rename = "event", skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventRule>,
    /// Lines that are neither, tried last.
    #[serde(default, rename = "ignore", skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<Ignore>,
}

/// Which files, and what their paths say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Files {
    /// Globs of the files to read, relative to the path given; none means every regular file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Globs of files to leave alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// A regex on the path relative to the path given, with `/` between its parts. Named groups: `run`, `trial`,
    /// `machine`, `rate`, `rates` (of all machines of the trial, in the natural order of their names: `1-4-6`), `date`.
    /// Without `trial` the folder of a file is its trial; files in one folder and of one
    /// trial, with different machines, are one trial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// How a file is cut into records.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lines {
    /// What a record looks like.
    pub kind: LineKind,
    /// With `csv` and `tsv`: the byte between fields, if another than usual (`;`, `|`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// With `csv` and `tsv`: whether the first line names the columns. Without, columns are named `1`, `2`, ….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// With `text`: a regex that the first line of every record matches; lines up to the next such line belong to it, and
    /// patterns see the record with `\n` between its lines. Without it every line is a record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// What in the events begins another trial in the same file, where no line does ([`Header::begins_trial`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_trial: Option<NewTrial>,
}

/// What in the events of a machine begins another trial in the same file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewTrial {
    /// Its clock falls to less than half: the program was started again and appended to its log.
    ClockFalls,
}

impl NewTrial {
    /// Whether a clock begins anew between these two events; of a vector clock the sum of its components.
    pub fn falls(before: f64, after: f64) -> bool {
        after < before / 2.0
    }
}

/// What a record looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Text, taken apart by regexes.
    #[default]
    Text,
    /// Comma-separated fields, quoted where need be.
    Csv,
    /// Tab-separated fields.
    Tsv,
    /// A JSON object a line; fields of inner objects are named `outer.inner`.
    Json,
}

/// How a time is written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Time {
    /// How to read it.
    pub format: TimeFormat,
    /// With `strftime`: the pattern (`%Y-%m-%d %H:%M:%S,%f`); a missing date is taken from `date`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Time zone of times that do not say theirs: `UTC` (the default), `+02:00` or `America/New_York`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Date (`2023-03-07`) of times that do not say theirs; 1970-01-01 without it. Times that fall by more than half a day
    /// are of the next day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Year of dates that do not say theirs; 1970 without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i16>,
}

/// How to read a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeFormat {
    /// There are no times.
    #[default]
    None,
    /// Seconds since the Unix epoch, with or without a fraction; also of elapsed seconds, see [`Dialect::time`].
    EpochS,
    /// Milliseconds.
    EpochMs,
    /// Microseconds.
    EpochUs,
    /// Nanoseconds.
    EpochNs,
    /// RFC 3339 or ISO 8601, `T` or a space between date and time.
    Rfc3339,
    /// As [`Time::pattern`] says.
    Strftime,
    /// `1:02:03.5` since the start: hours, minutes and seconds, or minutes and seconds.
    Elapsed,
}

/// A line that states facts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// A regex; with fields, on the whole line, such as a remark above a table. Named groups: `rate` (or the time between
    /// ticks, `period_s` or `period_ms`), `rates` (of all machines of the trial, in the natural order of their names),
    /// `machine`, `trial`, `time`, `date`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// With fields: the values that a record must have, by field; a regex that must match the whole value.
    #[serde(default, rename = "where", skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<String, String>,
    /// With fields: which field says what, `rate = "clock_rate"`; names as the groups of a pattern.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// Whether the line begins another trial in the same file. Where it names a machine, those of the other machines of
    /// the same trial may follow.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub begins_trial: bool,
}

/// A line that is an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRule {
    /// What happened. A `send` whose `to` names several machines is a broadcast.
    pub kind: Kind,
    /// With `text`: a regex. Named groups: `time`, `clock`, `clock_before`, `queue`, `from`, `to` (one name, or several
    /// with anything between them), `carried`, `machine`, `trial`, `rate`, `period_s`, `period_ms`, `tick`, `message`,
    /// `date`. A vector clock is a group `clock` that holds numbers with anything between them, `[1, 0, 3]`, or named
    /// ones, `{"A": 1, "B": 3}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// With fields: the values that a record must have, by field; a regex that must match the whole value.
    #[serde(default, rename = "where", skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<String, String>,
    /// With fields: which field says what, `clock = "new_clock"`; names as the groups of a pattern.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// A line that is neither event nor header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ignore {
    /// A regex on the whole line, whatever the kind of lines.
    pub pattern: String,
    /// Why it is no event, in a few words; the account of lines counts by it.
    pub reason: String,
    /// Whether it may hold events all the same, which are not read: then nothing is concluded across it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_hold_events: bool,
}
