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
//! ShiViz reads the first two lines of a file that is uploaded; who pastes text puts them into the fields of its form.
//!
//! **Invariant.** What ShiViz demands of vector clocks holds: the own component counts the host's events from 1, and an
//! event knows whatever the events that it knows of knew. A log's own vectors are exported only if they are so.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::columns::kind;
use super::{Exporter, Trial};
use crate::history::{Clock, Event, History, Kind};

/// How an event is taken apart: the regular expression for ShiViz.
pub const PARSER: &str = r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)";
/// What stands between trials: the regular expression for ShiViz.
pub const DELIMITER: &str = "^=== (?<trace>.*) ===$";

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
        match own_vectors(&trial.history) {
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
    let hosts = hosts(&trial.history);
    let mut text = String::new();
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
        let said = describe(trial, &hosts, machine, event);
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
        queue,
        from,
        to,
        carried,
        ..
    } = &trial.history.machines[machine].events[event];
    let mut said = kind(*of).to_owned();
    let sender = from.or(trial
        .matching
        .send_of(machine, event)
        .map(|(sender, _)| sender));
    match (of, sender, to) {
        (Kind::Receive, Some(sender), _) => said += &format!(" from {}", hosts[sender]),
        (Kind::Send, _, Some(to)) => {
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
        carried
            .as_ref()
            .map(|clock| format!("message {}", in_words(clock))),
    );
    facts.extend(queue.map(|queue| format!("queue {queue}")));
    facts.push(format!("tick {tick}"));
    let elapsed_s = time_ns.and_then(|time_ns| trial.elapsed_s(time_ns));
    facts.extend(elapsed_s.map(|elapsed_s| format!("{elapsed_s:.3} s")));
    let file = trial.history.machines[machine].files.get(*file as usize);
    let name = file.and_then(|file| file.file_name()).unwrap_or_default();
    facts.push(format!("{}:{line}", name.to_string_lossy()));
    one_line(&format!("{said}: {}", facts.join(", ")))
}

fn in_words(clock: &Clock) -> String {
    match clock {
        Clock::Lamport(value) => value.to_string(),
        Clock::Fractional(value) => value.to_string(),
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
fn hosts(history: &History) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let machines = history.machines.iter();
    let names = machines.map(|machine| {
        let strange = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '{' | '}');
        let name = machine.name.replace(strange, "_");
        let mut name = match name.chars().next() {
            Some(first) if first.is_alphabetic() && !PROPERTIES.contains(&name.as_str()) => name,
            _ => format!("M{name}"),
        };
        while !taken.insert(name.clone()) {
            name.push('*');
        }
        name
    });
    names.collect()
}

/// What every object of JavaScript has: as a host's name it is taken for one that was seen before.
const PROPERTIES: [&str; 7] = [
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// The vector clocks that a log has of its own, if every event has one: for each machine and event, or why they are not as
/// ShiViz demands.
fn own_vectors(history: &History) -> Option<Result<Vec<Vec<&[u64]>>, String>> {
    let machines = history.machines.iter().map(|machine| {
        let events = machine.events.iter().map(|event| match &event.clock {
            Some(Clock::Vector(components)) => Some(components.as_slice()),
            _ => None,
        });
        events.collect::<Option<Vec<&[u64]>>>()
    });
    let vectors = machines.collect::<Option<Vec<_>>>()?;
    if vectors.iter().all(Vec::is_empty) {
        return None;
    }
    Some(match unlawful(history, &vectors) {
        None => Ok(vectors),
        Some(why) => Err(why),
    })
}

/// The first vector that is not as ShiViz demands.
fn unlawful(history: &History, vectors: &[Vec<&[u64]>]) -> Option<String> {
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
                let of = &history.machines[machine];
                let Event { file, line, .. } = &of.events[event];
                let file = of.files.get(*file as usize);
                let file = file
                    .map(|file| file.display().to_string())
                    .unwrap_or_default();
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

#[cfg(test)]
mod tests;
