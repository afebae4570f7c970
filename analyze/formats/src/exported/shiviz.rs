//! Logs for ShiViz that `analyze export` wrote, from their texts to trials.
//!
//! An event is two lines: its host with the vector clock that ShiViz draws, which is computed anew or stands in the text,
//! and a text of facts. Of files they hold the last parts of the paths.
//!
//! **Invariant.** A line that is not as the export writes it is refused, with its number.

use std::collections::HashMap;

use events::{Clock, Event, EventsBuilder, Kind, Trial};

use super::super::source::TrialFiles;
use super::refusal::Refusal;
use crate::exchange::shiviz::{ABOUT, ShivizAbout, hosts};

/// Lines at the beginning that tell ShiViz how to read the rest.
const HEADERS: usize = 2;

/// The trials of a log, and the number of its headers.
pub(super) fn read(files: &TrialFiles, bytes: &[u8]) -> Result<(Vec<Trial>, u64), Refusal> {
    let text = std::str::from_utf8(bytes);
    let text = text.map_err(|error| Refusal::new("UTF-8", error.to_string()))?;
    let mut lines = text.lines().enumerate().skip(HEADERS);
    let mut parts: Vec<Part> = Vec::new();
    let mut headers = HEADERS as u64;
    while let Some((at, line)) = lines.next() {
        let label = line
            .strip_prefix("=== ")
            .and_then(|rest| rest.strip_suffix(" ==="));
        if let Some(label) = label {
            headers += 1;
            parts.push(Part::called(label));
            continue;
        }
        if parts.is_empty() {
            parts.push(Part::called(&format!("{}/{}", files.group, files.trial)));
        }
        let host = line.split_once(" {").map(|(host, _)| host);
        let host = host.ok_or_else(|| {
            Refusal::new("a host and its vector clock, `M1 {…}`", line).at_line(at + 1)
        })?;
        let (at, said) = lines.next().ok_or_else(|| {
            Refusal::new("the text of the event", "the end of the file").at_line(at + 2)
        })?;
        if let Some(part) = parts.last_mut() {
            part.add(host, said, at + 1)?;
        }
    }
    if !text.ends_with('\n') {
        let cut = Refusal::new("a line end after the last event", "a line that is cut");
        return Err(cut.at_line(text.lines().count()));
    }
    let trials = parts.into_iter().map(Part::trial);
    Ok((trials.collect::<Result<_, _>>()?, headers))
}

/// The lines of one trial.
struct Part {
    run: String,
    name: String,
    /// What the first event says of the trial, and the number of its line.
    about: Option<ShivizAbout>,
    /// Host, text and number of the text's line.
    events: Vec<(String, String, usize)>,
}

impl Part {
    fn called(label: &str) -> Part {
        let (run, name) = label.rsplit_once('/').unwrap_or(("", label));
        Part {
            run: run.to_owned(),
            name: name.to_owned(),
            about: None,
            events: Vec::new(),
        }
    }

    fn add(&mut self, host: &str, said: &str, line: usize) -> Result<(), Refusal> {
        let (said, about) = match said.split_once(ABOUT) {
            Some((said, about)) => (said, Some(about)),
            None => (said, None),
        };
        if let Some(about) = about {
            let about = serde_json::from_str(about);
            let about = about.map_err(|error: serde_json::Error| {
                Refusal::new("a JSON object after `about`", error.to_string()).at_line(line)
            })?;
            self.about = Some(about);
        }
        self.events.push((host.to_owned(), said.to_owned(), line));
        Ok(())
    }

    fn trial(self) -> Result<Trial, Refusal> {
        let about = self.about.ok_or_else(|| {
            let line = self.events.first().map_or(HEADERS + 1, |(.., line)| *line);
            Refusal::new("what the trial is, on its first event: `about {…}`", "none").at_line(line)
        })?;
        let (start_ns, info, machines) = about.into_trial(self.run, self.name);
        let strangers = info.without_log.iter().flatten();
        let names = machines
            .iter()
            .map(|machine| &machine.name)
            .chain(strangers);
        let hosts = hosts(names.map(String::as_str));
        let positions: HashMap<&str, usize> = hosts
            .iter()
            .enumerate()
            .map(|(at, host)| (host.as_str(), at))
            .collect();
        let mut events: Vec<Vec<Event>> = vec![Vec::new(); machines.len()];
        let is_own = info.manifest.is_some();
        for (host, said, line) in &self.events {
            let facts = Facts {
                rest: said,
                positions: &positions,
            };
            let machine = facts
                .position(host)
                .filter(|&machine| machine < machines.len());
            let event = machine.and_then(|machine| {
                let event = facts.event(&machines[machine].files, start_ns, is_own)?;
                Some((machine, event))
            });
            let Some((machine, event)) = event else {
                let expected = "an event of a host of the trial, as `analyze export` writes it";
                return Err(Refusal::new(expected, format!("{host}: {said}")).at_line(*line));
            };
            events[machine].push(event);
        }
        let mut builder = EventsBuilder::default();
        let lengths: Vec<usize> = events.iter().map(Vec::len).collect();
        for (machine, events) in events.into_iter().enumerate() {
            events
                .into_iter()
                .for_each(|event| builder.push(machine, event));
        }
        let made = builder.finish();
        let made = made.and_then(|frame| Trial::new(info, machines, lengths, frame));
        made.map_err(|error| Refusal::new("a trial", error.to_string()))
    }
}

/// What is left to read of an event's text.
struct Facts<'t> {
    rest: &'t str,
    positions: &'t HashMap<&'t str, usize>,
}

impl<'t> Facts<'t> {
    fn position(&self, host: &str) -> Option<usize> {
        self.positions.get(host).copied()
    }

    /// `KIND[ from HOST][ to HOST …]: FACT, …, FILE:LINE`
    fn event(mut self, files: &[std::path::PathBuf], start_ns: i64, is_own: bool) -> Option<Event> {
        let (head, facts) = self.rest.split_once(": ")?;
        self.rest = facts;
        let mut words = head.split(' ');
        let word = words.next()?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
        let hosts = match words.next() {
            None => None,
            Some("from" | "to") => Some(
                words
                    .map(|host| self.position(host))
                    .collect::<Option<Vec<usize>>>()?,
            ),
            Some(_) => return None,
        };
        let clock = self.clock("clock ")?;
        let clock_before = self.clock("before ")?;
        let carried = self.clock("message ")?;
        let message = self.text("id ")?;
        let queue = self.number("queue ")?;
        let position = self.number("position ")?;
        let tick = self.number("tick ")??;
        let sent_tick = self.number("sent tick ")?;
        let time_ns = self.time_ns(start_ns)?;
        let (file, line) = self.rest.rsplit_once(':')?;
        let is_file = |known: &std::path::PathBuf| {
            known
                .file_name()
                .is_some_and(|name| name.to_string_lossy() == file)
        };
        let receives = kind == Kind::Receive;
        let from = hosts
            .as_ref()
            .filter(|_| receives)
            .and_then(|hosts| hosts.first().copied());
        Some(Event {
            file: files.iter().position(is_file).unwrap_or_default() as u32,
            time_ns,
            clock,
            clock_before,
            queue,
            from,
            to: hosts.filter(|_| kind.sends()),
            position,
            sent_tick: sent_tick.filter(|_| is_own),
            carried: carried.filter(|_| !is_own || receives),
            message,
            ..Event::new(line.parse().ok()?, kind, tick)
        })
    }

    /// The value of the next fact, if that is its name.
    fn next(&mut self, name: &str) -> Option<&'t str> {
        let rest = self.rest.strip_prefix(name)?;
        let (value, rest) = rest.split_once(", ")?;
        self.rest = rest;
        Some(value)
    }

    /// A number, if the fact is there; `None` where it is there and no number.
    fn number<T: std::str::FromStr>(&mut self, name: &str) -> Option<Option<T>> {
        match self.next(name) {
            None => Some(None),
            Some(value) => value.parse().ok().map(Some),
        }
    }

    fn clock(&mut self, name: &str) -> Option<Option<Clock>> {
        let Some(value) = self.next(name) else {
            return Some(None);
        };
        if let Some(components) = value.strip_prefix('[') {
            let components = components.strip_suffix(']')?.split_whitespace();
            let components = components.map(|component| component.parse().ok());
            return Some(Some(Clock::Vector(components.collect::<Option<_>>()?)));
        }
        let whole = value.parse().map(Clock::Lamport).ok();
        let fraction = || value.parse().map(Clock::Fractional).ok();
        Some(Some(whole.or_else(fraction)?))
    }

    /// A JSON text.
    fn text(&mut self, name: &str) -> Option<Option<String>> {
        let Some(rest) = self.rest.strip_prefix(name) else {
            return Some(None);
        };
        let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        let text = texts.next()?.ok()?;
        self.rest = rest[texts.byte_offset()..].strip_prefix(", ")?;
        Some(Some(text))
    }

    /// `1.5 s`, since the start of the trial.
    fn time_ns(&mut self, start_ns: i64) -> Option<Option<i64>> {
        let Some((value, rest)) = self.rest.split_once(" s, ") else {
            return Some(None);
        };
        let (sign, digits) = match value.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, value),
        };
        let Some((seconds, fraction)) = digits.split_once('.') else {
            return Some(None);
        };
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if fraction.len() > 9 || seconds.is_empty() || !is_number(seconds) || !is_number(fraction) {
            return Some(None);
        }
        let seconds: i128 = seconds.parse().ok()?;
        let fraction: i128 = format!("{fraction:0<9}").parse().ok()?;
        let elapsed_ns = sign * (seconds * 1_000_000_000 + fraction);
        self.rest = rest;
        Some(Some(i64::try_from(i128::from(start_ns) + elapsed_ns).ok()?))
    }
}
