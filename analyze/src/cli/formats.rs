//! `analyze formats`: the built-in formats, and what a format may say.

use std::io::Write;

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::streams;
use crate::table::{Alignment, Table};
use formats::builtin::{self, builtin};
use formats::spec::{Format, LineKind, TimeFormat};

const MANUAL: &str = "\
A format is a TOML file that says how the logs of some program are to be read:

  [files]     include, exclude: globs of the files; path: a regex on their paths with
              named groups run, trial, machine, rate, date
  [lines]     kind: text, csv, tsv or json; record: a regex that the first line of every
              record matches, where records have several lines
  [time]      format: epoch_s, epoch_ms, epoch_us, epoch_ns, rfc3339, strftime (with
              pattern), elapsed; zone, date and year of times that do not tell theirs
  [dialect]   what the program meant: clock (lamport, fractional, vector), receive_clock
              (after_merge, before_merge), queue (after_pop, before_pop), broadcast (one,
              each), tick (one, several), recipient (machine, position), time (epoch,
              trial, machine)
  [[header]]  lines that state facts: machine, rate, trial, date
  [[event]]   lines that are events: kind (internal, send, broadcast, receive), and a regex
              with the named groups time, clock, clock_before, queue, from, to, carried,
              machine, trial, rate, tick, message; of csv, tsv and json, `where` and
              `fields` instead. A field \"clock|lc\" is the first of these that there is
  [[ignore]]  lines that are neither, with the reason; with may_hold_events = true
              nothing is concluded across them

The first rule that matches takes the line: headers, then events, then what is ignored.

Examples:
  analyze formats                         the built-in ones
  analyze formats json-lines > mine.toml  one of them, to start one's own
  analyze logs/ --log-format mine.toml    logs in a format of one's own

Exit code: 0; 2 no format of that name.";

#[derive(Debug, Args)]
#[command(after_help = MANUAL)]
pub(super) struct Formats {
    /// Show the file of this one
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Write JSON to standard output instead
    #[arg(long)]
    json: bool,
}

impl Formats {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let shown = match &self.name {
            Some(name) => self.one(name)?,
            None if self.json => {
                let list: Vec<serde_json::Value> = builtin().iter().map(in_brief).collect();
                serde_json::to_string_pretty(&list)? + "\n"
            }
            None => {
                streams::stdout().table(&table())?;
                return Ok(0);
            }
        };
        streams::bytes().write_all(shown.as_bytes())?;
        Ok(0)
    }

    fn one(&self, name: &str) -> anyhow::Result<String> {
        let format = builtin().iter().find(|format| format.name == name);
        let (Some(format), Some(text)) = (format, builtin::text(name)) else {
            let known: Vec<&str> = builtin().iter().map(|format| &*format.name).collect();
            bail!(
                "no built-in format {name:?}; there are {}",
                known.join(", ")
            );
        };
        Ok(if self.json {
            serde_json::to_string_pretty(format)? + "\n"
        } else {
            text.to_owned()
        })
    }
}

fn in_brief(format: &Format) -> serde_json::Value {
    json!({
        "name": format.name,
        "description": format.description,
        "kind": format.lines.kind,
        "time": format.time.format,
    })
}

fn table() -> Table {
    let rows = builtin().iter().map(|format| {
        vec![
            format.name.clone(),
            kind_in_words(format).to_owned(),
            time_in_words(format).to_owned(),
            format.description.clone(),
        ]
    });
    Table {
        title: "Built-in formats".to_owned(),
        headers: ["name", "lines", "times", "what it looks like"].map(str::to_owned).to_vec(),
        alignments: vec![Alignment::Left; 4],
        keys: 1,
        rows: rows.collect(),
        caption: "`analyze formats NAME` shows the file of one, to start a format of one's own; `analyze guess PATH` \
                  proposes one for logs that there are."
            .to_owned(),
    }
}

fn kind_in_words(format: &Format) -> &'static str {
    match (format.lines.kind, &format.lines.record) {
        (LineKind::Text, None) => "text",
        (LineKind::Text, Some(_)) => "text, several lines a record",
        (LineKind::Csv, _) => "CSV",
        (LineKind::Tsv, _) => "TSV",
        (LineKind::Json, _) => "JSON lines",
    }
}

fn time_in_words(format: &Format) -> &'static str {
    match format.time.format {
        TimeFormat::None => "none",
        TimeFormat::EpochS => "s since 1970",
        TimeFormat::EpochMs => "ms since 1970",
        TimeFormat::EpochUs => "µs since 1970",
        TimeFormat::EpochNs => "ns since 1970",
        TimeFormat::Rfc3339 => "dates",
        TimeFormat::Strftime => "as a pattern says",
        TimeFormat::Elapsed => "since the start",
    }
}
