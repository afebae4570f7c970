//! Logs as other programs write them: the events of a small trial of our own, in several shapes.

use std::fmt::Write as _;

use crate::log::{EventKind, TrialLog};
use event_log::VIRTUAL_EPOCH_NS;

use crate::mutants::input::Input;

/// An event as its program knew it.
struct Line {
    machine: usize,
    time_ns: u64,
    kind: EventKind,
    peer: Option<usize>,
    clock: u64,
    queue: u64,
    vector: Vec<u64>,
}

impl Line {
    /// `2001-09-09 01:46:40` and milliseconds: the trial takes less than the 20 seconds that this minute has left.
    fn date(&self) -> String {
        let since_ms = (self.time_ns - VIRTUAL_EPOCH_NS) / 1_000_000;
        let (seconds, millis) = (40 + since_ms / 1000, since_ms % 1000);
        format!("2001-09-09 01:46:{seconds:02},{millis:03}")
    }

    fn epoch_s(&self) -> String {
        let micros = self.time_ns / 1000;
        format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }

    fn word(&self) -> &'static str {
        match self.kind {
            EventKind::Internal => "INTERNAL",
            EventKind::Send => "SEND",
            EventKind::Broadcast => "BROADCAST",
            EventKind::Receive => "RECEIVE",
        }
    }

    fn did(&self) -> String {
        match (self.kind, self.peer) {
            (EventKind::Send, Some(peer)) => format!("Sent a message to machine {peer}"),
            (EventKind::Receive, Some(peer)) => format!("Received a message from machine {peer}"),
            (EventKind::Broadcast, _) => "Sent a message to all".to_owned(),
            _ => "Internal event".to_owned(),
        }
    }

    fn peer_or(&self, none: &str) -> String {
        self.peer.map_or(none.to_owned(), |peer| peer.to_string())
    }
}

/// All events in the order of their times, each with its vector clock.
fn lines(log: &TrialLog) -> Vec<Line> {
    let machines = 0..log.machines.len();
    let mut places: Vec<(u64, usize, usize)> = machines
        .flat_map(|machine| {
            let times = log.machines[machine].rows.time_ns.iter().enumerate();
            times.map(move |(row, &time_ns)| (time_ns, machine, row))
        })
        .collect();
    places.sort_unstable();
    let mut vectors = vec![vec![0u64; log.machines.len()]; log.machines.len()];
    let mut sent = std::collections::BTreeMap::new();
    let line = |(time_ns, machine, row): (u64, usize, usize)| {
        let rows = &log.machines[machine].rows;
        let peer = rows.peer[row].map(|peer| peer.index());
        if rows.event[row] == EventKind::Receive {
            let message = (peer.expect("a sender"), rows.sent_tick[row]);
            let stamp: &Vec<u64> = &sent[&message];
            for (own, carried) in vectors[machine].iter_mut().zip(stamp) {
                *own = (*own).max(*carried);
            }
        }
        vectors[machine][machine] += 1;
        sent.insert((machine, rows.tick[row]), vectors[machine].clone());
        Line {
            machine,
            time_ns,
            kind: rows.event[row],
            peer,
            clock: rows.clock[row],
            queue: rows.queue[row],
            vector: vectors[machine].clone(),
        }
    };
    places.into_iter().map(line).collect()
}

/// A file for each machine, called `PREFIX0.SUFFIX`, with a first line if there is one.
fn each(
    log: &TrialLog,
    (prefix, suffix): (&str, &str),
    head: &str,
    text: impl Fn(&Line) -> String,
) -> Input {
    let all = lines(log);
    let files = (0..log.machines.len()).map(|machine| {
        let own = all.iter().filter(|line| line.machine == machine);
        let body: String = own.map(|line| text(line) + "\n").collect();
        (
            format!("{prefix}{machine}{suffix}"),
            head.to_owned() + &body,
        )
    });
    let files: Vec<(String, String)> = files.collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    Input::of(&files)
}

/// Sentences of Python's logging.
pub(crate) fn sentences(log: &TrialLog) -> Input {
    each(log, ("machine_", ".log"), "", |line| {
        format!(
            "{} - INFO - Machine {}: {}, queue length: {}, logical clock: {}",
            line.date(),
            line.machine,
            line.did(),
            line.queue,
            line.clock
        )
    })
}

/// Sentences without a machine, all machines in one file each told by a tag in brackets.
pub(crate) fn one_file(log: &TrialLog) -> Input {
    let text = lines(log).iter().fold(String::new(), |mut text, line| {
        let (date, machine, did) = (line.date(), line.machine, line.did());
        let (queue, clock) = (line.queue, line.clock);
        writeln!(
            text,
            "[{date}] [M{machine}] {did}; queue={queue} lc={clock}"
        )
        .expect("text");
        text
    });
    Input::of(&[("all.log", &text)])
}

/// CSV with a line of names.
pub(crate) fn csv(log: &TrialLog) -> Input {
    let head = "time,event,logical_clock,queue_length,sender\n";
    each(log, ("vm", ".csv"), head, |line| {
        let sender = match line.kind {
            EventKind::Receive => line.peer_or(""),
            _ => String::new(),
        };
        let (time, word) = (line.epoch_s(), line.word());
        format!("{time},{word},{},{},{sender}", line.clock, line.queue)
    })
}

/// Columns between tabs.
pub(crate) fn tsv(log: &TrialLog) -> Input {
    let head = "timestamp\tevent\tclock\tqueue\tpeer\n";
    each(log, ("process-", ".tsv"), head, |line| {
        let (time, word, peer) = (line.epoch_s(), line.word(), line.peer_or("-"));
        format!("{time}\t{word}\t{}\t{}\t{peer}", line.clock, line.queue)
    })
}

/// An object a line.
pub(crate) fn json_lines(log: &TrialLog) -> Input {
    each(log, ("node", ".jsonl"), "", |line| {
        let object = serde_json::json!({
            "timestamp": line.time_ns as f64 / 1e9,
            "machine_id": line.machine,
            "event": line.word(),
            "logical_clock": line.clock,
            "queue_length": line.queue,
            "peer": line.peer,
        });
        object.to_string()
    })
}

/// Sentences with vector clocks.
pub(crate) fn vectors(log: &TrialLog) -> Input {
    each(log, ("machine_", ".log"), "", |line| {
        let (date, vector) = (line.date(), &line.vector);
        let what = match (line.kind, line.peer) {
            (EventKind::Receive, Some(peer)) => format!("RECEIVE from machine {peer}, "),
            (EventKind::Send, Some(peer)) => format!("SEND to machine {peer}, "),
            (EventKind::Broadcast, _) => "broadcast, ".to_owned(),
            _ => "internal ".to_owned(),
        };
        format!("{date} {what}vector clock {vector:?}")
    })
}

/// Lines of GoVector, which ShiViz reads: name and vector clock, then what happened.
pub(crate) fn govector(log: &TrialLog) -> Input {
    each(log, ("go-", ".txt"), "", |line| {
        let known = line.vector.iter().enumerate();
        let known = known.filter(|&(_, &count)| count > 0);
        let entries: Vec<String> = known
            .map(|(machine, count)| format!("\"M{machine}\":{count}"))
            .collect();
        format!(
            "M{} {{{}}}\n{}",
            line.machine,
            entries.join(", "),
            line.did()
        )
    })
}
