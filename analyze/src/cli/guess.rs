//! `analyze guess`: what format unknown logs are in.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::outputs::{self, Outputs, is_stdout};
use super::streams;
use crate::table::line_stats::not_read;
use crate::visible_text::visible;
use formats::inventory::Inventory;
use formats::line_stats;
use formats::spec::LineKind;
use guess::{self, Guess as Guessed};
use logs::scan::search;

/// Lines without explanation that are shown.
const UNEXPLAINED_SHOWN: usize = 10;

#[derive(Debug, Args)]
#[command(after_help = "\
What a format says (TOML; `--out my.toml` writes a commented one to begin with):
  [files]    include and exclude: globs; path: a regex with groups machine, trial,
             run, rate, date
  [lines]    kind = text, csv, tsv or json; record: a regex of the first line of a
             record of several lines
  [time]     format = epoch_s, epoch_ms, epoch_us, epoch_ns, rfc3339, strftime
             (with pattern) or elapsed; zone, date, year where times lack them
  [dialect]  what lines mean: queue counted after_pop or before_pop, receive_clock
             after_merge, before_merge or before_step, broadcast one line or each, ...
  [[header]] [[event]] [[ignore]]  one for each shape of line, with a regex whose
             groups are named time, clock, queue, from, to, carried, rate, ...

Examples:
  analyze guess team-7/                   what the logs are, line by line accounted for
  analyze guess team-7/ --out team-7.toml the format, with comments; then edit it
  analyze guess team-7/ --out -           the same to standard output
  analyze team-7/ --log-format team-7.toml
                                          and read the logs with it

Exit code: 0 every line is explained; 1 some are not, and are shown, or a log could
not be read; 2 no line looks like an event, or nothing could be read.")]
pub(super) struct Guess {
    /// Folders of logs, or single files
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write the format as commented TOML to this file, or instead of the summary to standard output with `-`
    #[arg(long, value_name = "FILE.toml|-", conflicts_with = "json")]
    out: Option<PathBuf>,
    /// Write format, account, examples and doubts as one JSON object to this file, or instead of the summary to standard
    /// output with `-`
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
}

impl Guess {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        Outputs::default()
            .file("--out", self.out.as_deref())
            .file("--json", self.json.as_deref())
            .check()?;
        let folders: Vec<PathBuf> = self
            .paths
            .iter()
            .filter(|path| path.is_dir())
            .cloned()
            .collect();
        if let Ok(found) = search::find(&folders)
            && !found.places.is_empty()
        {
            let trials = found.places.len();
            writeln!(
                streams::stdout(),
                "these are logs of our own runner ({trials} trials): `analyze PATH` reads them, no format is needed"
            )?;
            return Ok(0);
        }
        let guess = guess::guess(&Inventory::of(&self.paths)?)?;
        if let Some(file) = &self.out {
            outputs::write(file, guess::toml(&guess)?.as_bytes())?;
        }
        if let Some(file) = &self.json {
            outputs::json(&guess, file)?;
        }
        let mut files = [&self.out, &self.json].into_iter().flatten();
        if !files.any(|file| is_stdout(file)) {
            summary(&mut streams::stdout(), &guess)?;
        }
        let is_whole = guess.share_explained == 1.0 && guess.account.unread_logs.is_empty();
        Ok((!is_whole).into())
    }
}

/// The answer for a person.
fn summary(to: &mut impl Write, guess: &Guessed) -> io::Result<()> {
    let files = &guess.account.files;
    let sum = |of: fn(&formats::line_stats::FileAccount) -> u64| files.iter().map(of).sum::<u64>();
    let ignored: u64 = files.iter().flat_map(|file| file.ignored.values()).sum();
    let kind = match guess.format.lines.kind {
        LineKind::Text => "lines of text",
        LineKind::Csv => "separated fields",
        LineKind::Tsv => "fields with tabs between them",
        LineKind::Json => "JSON objects, one a line",
    };
    writeln!(
        to,
        "{} files of {kind}, {} trials, {} machines in all{}",
        files.len(),
        guess.trials,
        guess.machines,
        not_read(&guess.account)
    )?;
    for note in line_stats::warnings(&guess.account.unread_logs) {
        writeln!(to, "{note}")?;
    }
    writeln!(
        to,
        "{} lines: {} events, {} headers, {ignored} ignored by rule, {} unexplained: {:.2} % explained",
        sum(|file| file.lines),
        sum(|file| file.events),
        sum(|file| file.headers),
        sum(|file| file.unexplained),
        100.0 * guess.share_explained
    )?;
    let events: Vec<String> = guess
        .events
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    writeln!(to, "events: {}", events.join(", "))?;
    for found in &guess.found {
        writeln!(
            to,
            "\n{}, {} lines of the sample, such as {}",
            found.what, found.lines, found.at
        )?;
        for line in found.example.lines() {
            writeln!(to, "    {}", printable(line))?;
        }
        let says: Vec<String> = found
            .says
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        if !says.is_empty() {
            writeln!(to, "    → {}", printable(&says.join(" · ")))?;
        }
    }
    if !guess.doubts.is_empty() {
        writeln!(to, "\nnot certain:")?;
    }
    for doubt in &guess.doubts {
        writeln!(to, "  {}: {}", doubt.what, doubt.why)?;
        if !doubt.evidence.is_empty() {
            writeln!(to, "      {}", printable(&doubt.evidence))?;
        }
    }
    let unexplained = files
        .iter()
        .flat_map(|file| file.examples.iter().map(move |line| (file, line)));
    for (at, (file, line)) in unexplained.take(UNEXPLAINED_SHOWN).enumerate() {
        if at == 0 {
            writeln!(to, "\nunexplained:")?;
        }
        writeln!(
            to,
            "  {}:{}: {} ({})",
            file.file,
            line.line,
            printable(&line.text),
            line.why
        )?;
    }
    Ok(())
}

/// A text that does no harm to a terminal, cut to a line.
fn printable(text: &str) -> String {
    visible(text).chars().take(200).collect()
}
