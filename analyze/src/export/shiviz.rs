//! Logs for ShiViz (bestchai.bitbucket.io/shiviz), which draws who could know what from vector clocks alone.
//!
//! ```text
//! (?<host>\S*) (?<clock>{.*})\n(?<event>.*)      how to take an event apart
//! ^=== (?<trace>.*) ===$                         what stands between trials; blank when there is but one
//! === run/trial-000 ===
//! machine-0 {"machine-0":1}
//! internal: clock 1, queue 0, tick 0, machine-0.csv:2
//! ```
//!
//! The first event of a trial says, too, what the trial is, so that its log reads back as the same trial.
//!
//! ShiViz reads the first two lines of a file that is uploaded; who pastes text puts them into the fields of its form.
//!
//! **Invariant.** What ShiViz demands of vector clocks holds: the own component counts the host's events from 1, and an
//! event knows whatever the events that it knows of knew. A log's own vectors are exported only if they are so.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use events::{At, Clock, Event, Kind};

use super::exporter::Exporter;
use super::trial::Trial;
use formats::exchange::shiviz::{ABOUT, DELIMITER, PARSER, ShivizAbout, hosts};

/// Writes a log for ShiViz.
pub struct Shiviz<W: Write> {
    to: W,
    /// The first trial, which has a delimiter only if another follows.
    first: Option<(String, String)>,
    trials: usize,
    labels: BTreeSet<String>,
    /// Trials whose own vectors were exported, and those whose own are not as ShiViz demands, with why of the first.
    own: usize,
    unlawful: usize,
    why: Option<String>,
    without_vectors: usize,
}

impl<W: Write> Shiviz<W> {
    /// Nothing is written before the first trial ends.
    pub fn new(to: W) -> Shiviz<W> {
        Shiviz {
            to,
            first: None,
            trials: 0,
            labels: BTreeSet::new(),
            own: 0,
            unlawful: 0,
            why: None,
            without_vectors: 0,
        }
    }

    fn head(&mut self, delimiter: &str) -> io::Result<()> {
        write!(self.to, "{PARSER}\n{delimiter}\n")
    }

    /// A label that no trial before has: ShiViz would drop one of two.
    fn free(&mut self, label: String) -> String {
        let numbered = (2u64..).map(|number| format!("{label} ({number})"));
        let mut candidates = std::iter::once(label.clone()).chain(numbered);
        let free = candidates.find(|label| !self.labels.contains(label));
        let free = free.unwrap_or(label);
        self.labels.insert(free.clone());
        free
    }

    fn text(&mut self, trial: &Trial) -> Option<String> {
        match own_vectors(&trial.table) {
            Some(Ok(own)) => {
                self.own += 1;
                return Some(text(trial, |machine, event| own[machine][event].to_vec()));
            }
            Some(Err(why)) => {
                self.unlawful += 1;
                self.why.get_or_insert(why);
            }
            None => {}
        }
        let vectors = trial.vectors.as_ref()?;
        let wide = |&component: &u32| u64::from(component);
        Some(text(trial, |machine, event| {
            vectors.of(machine, event).iter().map(wide).collect()
        }))
    }
}

impl<W: Write> Exporter for Shiviz<W> {
    fn add(&mut self, trial: &Trial) -> io::Result<()> {
        let Some(text) = self.text(trial) else {
            self.without_vectors += 1;
            return Ok(());
        };
        let label = self.free(one_line(&trial.label()));
        self.trials += 1;
        if self.trials == 1 {
            self.first = Some((label, text));
            return Ok(());
        }
        if let Some((label, text)) = self.first.take() {
            self.head(DELIMITER)?;
            write!(self.to, "=== {label} ===\n{text}")?;
        }
        write!(self.to, "=== {label} ===\n{text}")
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<String>> {
        if let Some((_, text)) = self.first.take() {
            self.head("")?;
            self.to.write_all(text.as_bytes())?;
        }
        self.to.flush()?;
        let mut remarks = Vec::new();
        if self.own > 0 {
            remarks.push(format!(
                "{} trials with the vector clocks of their logs",
                self.own
            ));
        }
        if let Some(why) = &self.why {
            remarks.push(format!(
                "{} trials log vector clocks that ShiViz would refuse; computed ones were written instead; the first: {why}",
                self.unlawful
            ));
        }
        if self.without_vectors > 0 {
            remarks.push(format!(
                "{} trials were left out: no vector clocks",
                self.without_vectors
            ));
        }
        if self.trials > 1 {
            remarks.push("ShiViz shows the trials of this file side by side; fewer are easier to read: --trial".to_owned());
        }
        Ok(remarks)
    }
}

/// The events of a trial, two lines each, causes first.
fn text(trial: &Trial, vector: impl Fn(usize, usize) -> Vec<u64>) -> String {
    let hosts = hosts_of(&trial.table);
    let mut text = String::new();
    let mut about = Some(ShivizAbout::of(&trial.table, trial.start_ns));
    for (machine, event) in trial.in_causal_order() {
        let components = vector(machine, event);
        let known = components
            .iter()
            .zip(&hosts)
            .filter(|(known, _)| **known > 0);
        let clock: Vec<String> = known
            .map(|(known, host)| format!("{}:{known}", serde_json::Value::from(host.as_str())))
            .collect();
        let host = &hosts[machine];
        let mut said = describe(trial, &hosts, machine, event);
        if let Some(about) = about.take() {
            said += ABOUT;
            said += &about.to_json();
        }
        // Writing to a text does not fail.
        let _ = write!(text, "{host} {{{}}}\n{said}\n", clock.join(","));
    }
    text
}

/// What happened, in a line.
fn describe(trial: &Trial, hosts: &[String], machine: usize, event: usize) -> String {
    let Event {
        file,
        line,
        kind: of,
        tick,
        time_ns,
        clock,
        clock_before,
        queue,
        from,
        to,
        position,
        sent_tick,
        carried,
        message,
    } = &trial.table.event(At {
        machine,
        row: event,
    });
    let mut said = of.word().to_owned();
    // Only what the line names: senders that were matched are what the vectors draw, and lines of ours name nobody on a
    // send to all.
    let named = to
        .as_ref()
        .filter(|_| !(trial.table.is_own() && *of == Kind::Broadcast));
    match (of, *from, named) {
        (Kind::Receive, Some(sender), _) => said += &format!(" from {}", hosts[sender]),
        (Kind::Send | Kind::Broadcast, _, Some(to)) => {
            let to: Vec<&str> = to.iter().map(|&to| hosts[to].as_str()).collect();
            said += &format!(" to {}", to.join(" "));
        }
        _ => {}
    }
    let mut facts = Vec::new();
    facts.extend(
        clock
            .as_ref()
            .map(|clock| format!("clock {}", in_words(clock))),
    );
    facts.extend(
        clock_before
            .as_ref()
            .map(|clock| format!("before {}", in_words(clock))),
    );
    facts.extend(
        carried
            .as_ref()
            .map(|clock| format!("message {}", in_words(clock))),
    );
    // Of our own, sender and tick identify a message.
    let message = message.as_ref().filter(|_| !trial.table.is_own());
    let quoted = message.map(|message| serde_json::Value::from(message.as_str()));
    facts.extend(quoted.map(|message| format!("id {message}")));
    facts.extend(queue.map(|queue| format!("queue {queue}")));
    facts.extend(position.map(|position| format!("position {position}")));
    facts.push(format!("tick {tick}"));
    facts.extend(sent_tick.map(|tick| format!("sent tick {tick}")));
    let elapsed = time_ns.zip(trial.start_ns);
    facts.extend(elapsed.map(|(time_ns, start_ns)| elapsed_in_words(start_ns, time_ns)));
    let file = trial.table.machines[machine].files.get(*file as usize);
    let name = file.and_then(|file| file.file_name()).unwrap_or_default();
    facts.push(format!("{}:{line}", name.to_string_lossy()));
    one_line(&format!("{said}: {}", facts.join(", ")))
}

fn in_words(clock: &Clock) -> String {
    match clock {
        Clock::Lamport(value) => value.to_string(),
        // A whole number has its fraction, too.
        Clock::Fractional(value) => format!("{value:?}"),
        Clock::Vector(components) => {
            let components: Vec<String> = components.iter().map(u64::to_string).collect();
            format!("[{}]", components.join(" "))
        }
    }
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// Names of the machines without blanks, no two the same, and with a letter first: ShiViz keeps them as properties of
/// JavaScript objects, where other names have meanings of their own.
fn hosts_of(table: &events::Trial) -> Vec<String> {
    let strangers = table.info.without_log.iter().flatten();
    let names = table.machines.iter().map(|machine| &machine.name);
    hosts(names.chain(strangers).map(String::as_str))
}

/// The vector clocks that a log has of its own, if every event has one: for each machine and event, or why they are not as
/// ShiViz demands.
fn own_vectors(table: &events::Trial) -> Option<Result<Vec<Vec<&[u64]>>, String>> {
    let machines = table.machines.iter().map(|machine| {
        let rows = 0..machine.rows.len();
        let vectors = rows.map(|row| machine.rows.clock_vector(row));
        vectors.collect::<Option<Vec<&[u64]>>>()
    });
    let vectors = machines.collect::<Option<Vec<_>>>()?;
    if vectors.iter().all(Vec::is_empty) {
        return None;
    }
    Some(match unlawful(table, &vectors) {
        None => Ok(vectors),
        Some(why) => Err(why),
    })
}

/// The first vector that is not as ShiViz demands.
fn unlawful(table: &events::Trial, vectors: &[Vec<&[u64]>]) -> Option<String> {
    for (machine, of) in vectors.iter().enumerate() {
        for (event, vector) in of.iter().enumerate() {
            let found = if vector.len() != vectors.len() {
                Some(format!(
                    "{} components for {} machines",
                    vector.len(),
                    vectors.len()
                ))
            } else if vector[machine] != event as u64 + 1 {
                Some(format!(
                    "own component {} at event {} of its machine",
                    vector[machine],
                    event + 1
                ))
            } else {
                unfounded(vectors, machine, event)
            };
            if let Some(found) = found {
                let of = &table.machines[machine];
                let (file, line) = (of.file(event).display(), of.rows.line(event));
                return Some(format!("{file}:{line}: {found}"));
            }
        }
    }
    None
}

/// What an event claims to know though it cannot.
fn unfounded(vectors: &[Vec<&[u64]>], machine: usize, event: usize) -> Option<String> {
    let vector = vectors[machine][event];
    for (other, &known) in vector.iter().enumerate() {
        let Some(last) = usize::try_from(known).ok()?.checked_sub(1) else {
            continue;
        };
        // Of its own machine it knows the event before; its own component is checked already.
        let last = if other == machine {
            last.checked_sub(1)
        } else {
            Some(last)
        };
        let Some(last) = last else { continue };
        let Some(source) = vectors[other].get(last) else {
            return Some(format!(
                "it knows of event {known} of machine {other}, which has {}",
                vectors[other].len()
            ));
        };
        let behind = source.iter().zip(vector).any(|(source, own)| source > own);
        let circular = other != machine
            && source
                .get(machine)
                .is_some_and(|&of_own| of_own > event as u64);
        if behind || circular {
            return Some(format!(
                "{vector:?} knows of event {} of machine {other}, but not all of its {source:?}",
                last + 1
            ));
        }
    }
    None
}

/// Seconds from the start, to the nanosecond: `1.500 s`.
fn elapsed_in_words(start_ns: i64, time_ns: i64) -> String {
    let elapsed_ns = i128::from(time_ns) - i128::from(start_ns);
    let sign = if elapsed_ns < 0 { "-" } else { "" };
    let (seconds, ns) = (
        elapsed_ns.abs() / 1_000_000_000,
        elapsed_ns.abs() % 1_000_000_000,
    );
    let fraction = format!("{ns:09}");
    let digits = fraction.trim_end_matches('0').len().max(3);
    format!("{sign}{seconds}.{} s", &fraction[..digits])
}

#[cfg(test)]
mod tests;
