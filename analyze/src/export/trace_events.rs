//! Traces in the trace event format, which Perfetto (ui.perfetto.dev) and chrome://tracing open.
//!
//! Source: "Trace Event Format", Google. Trials are processes, machines their threads, events short slices, messages flows
//! from the slice of the send to the slice of the receive; queue and clock of each machine are counters. Times are
//! microseconds since the start of the trial; `args.time_ns` has each time as it was logged.
//!
//! What has to be drawn otherwise than it was logged is counted and reported: events that share a time are drawn one after
//! another, and receives behind their sends; events without a time after the one before them, and all of a log without
//! times a millisecond apart.
//!
//! **Invariant.** Every flow has two ends and an id of its own, the first not behind the second: viewers drop others.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use events::{At, Clock};

use super::exporter::Exporter;
use super::trial::Trial;
use formats::exchange::words;

/// How long a slice is at most, in nanoseconds: short beside a tick, wide enough to be seen and clicked.
const SLICE_NS: i64 = 20_000_000;
/// Distance of events in a log without times, in nanoseconds.
const STEP_NS: i64 = 1_000_000;

/// Writes a trace.
pub struct TraceEvents<W: Write> {
    to: W,
    trials: Vec<Value>,
    events: u64,
    flows: u64,
    /// Receives that are logged before their sends.
    backward: u64,
    /// Events that are drawn later than logged.
    moved: u64,
    /// Events without a time.
    untimed: u64,
}

/// Where an event is drawn, in nanoseconds since the start of the trial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Slot {
    start_ns: i64,
    length_ns: i64,
}

impl<W: Write> TraceEvents<W> {
    /// Begins the trace.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn new(mut to: W) -> io::Result<TraceEvents<W>> {
        write!(to, "{{\"traceEvents\":[")?;
        Ok(TraceEvents {
            to,
            trials: Vec::new(),
            events: 0,
            flows: 0,
            backward: 0,
            moved: 0,
            untimed: 0,
        })
    }

    fn write(&mut self, event: &Value) -> io::Result<()> {
        let comma = if self.events == 0 { "\n" } else { ",\n" };
        self.events += 1;
        self.to.write_all(comma.as_bytes())?;
        serde_json::to_writer(&mut self.to, event)?;
        Ok(())
    }

    /// Names of the trial and its machines.
    fn head(&mut self, trial: &Trial, process: usize) -> io::Result<()> {
        let about = |name: &str, thread: usize, value: Value| json!({"ph": "M", "name": name, "pid": process, "tid": thread, "args": value});
        self.write(&about("process_name", 0, json!({"name": trial.label()})))?;
        self.write(&about(
            "process_sort_index",
            0,
            json!({"sort_index": process}),
        ))?;
        for (machine, of) in trial.table.machines.iter().enumerate() {
            let name = match of.rate_hz {
                Some(rate_hz) => format!("{} · {rate_hz} Hz", of.name),
                None => of.name.clone(),
            };
            self.write(&about("thread_name", machine + 1, json!({"name": name})))?;
            self.write(&about(
                "thread_sort_index",
                machine + 1,
                json!({"sort_index": machine + 1}),
            ))?;
        }
        Ok(())
    }

    /// Where each event of a trial is drawn: at its time, or as soon after it as the events before it and its own send allow.
    fn slots(&mut self, trial: &Trial) -> Vec<Vec<Slot>> {
        let machines = &trial.table.machines;
        let is_timed =
            |machine: &events::Machine, row: usize| machine.rows.time_ns.get(row).is_some();
        let timed = |machine: &events::Machine| {
            let rows = 0..machine.rows.len();
            rows.filter(|&row| is_timed(machine, row)).count()
        };
        let timed: usize = machines.iter().map(timed).sum();
        self.untimed += (trial.table.len() - timed) as u64;
        if timed == 0 {
            return steps(trial);
        }
        let start_ns = trial.start_ns.unwrap_or(0);
        let times = machines
            .iter()
            .map(|machine| times(&machine.rows, start_ns));
        let times_ns: Vec<Vec<i64>> = times.collect();
        let mut slots: Vec<Vec<Slot>> = times_ns.iter().map(|times_ns| slots(times_ns)).collect();
        for (machine, event) in trial.in_causal_order() {
            let time_ns = times_ns[machine][event];
            let mut earliest_ns = time_ns;
            // Where time falls the system's clock was set back, and slots go back with it.
            let before = event
                .checked_sub(1)
                .filter(|&before| times_ns[machine][before] <= time_ns);
            if let Some(before) = before.map(|before| slots[machine][before]) {
                earliest_ns = earliest_ns.max(before.start_ns.saturating_add(before.length_ns));
            }
            let send = trial.drawn_send(machine, event);
            if let Some((sender, send)) =
                send.filter(|&(sender, send)| times_ns[sender][send] <= time_ns)
            {
                earliest_ns = earliest_ns.max(slots[sender][send].start_ns);
            }
            slots[machine][event].start_ns = earliest_ns;
            let has_time = is_timed(&machines[machine], event);
            self.moved += u64::from(has_time && earliest_ns != time_ns);
        }
        slots
    }
}

/// Slots in an order that the messages agree with.
fn steps(trial: &Trial) -> Vec<Vec<Slot>> {
    let machines = trial.table.machines.iter();
    let mut slots: Vec<Vec<Slot>> = machines
        .map(|machine| vec![Slot::default(); machine.rows.len()])
        .collect();
    for (step, (machine, event)) in trial.in_causal_order().into_iter().enumerate() {
        slots[machine][event] = Slot {
            start_ns: STEP_NS.saturating_mul(i64::try_from(step).unwrap_or(i64::MAX)),
            length_ns: STEP_NS,
        };
    }
    slots
}

/// Nanoseconds since the start, of events without a time those of the one before.
fn times(rows: &events::Rows, start_ns: i64) -> Vec<i64> {
    let first_ns = rows.time_ns.iter().flatten().next();
    let mut last_ns = first_ns.unwrap_or(start_ns);
    let times = (0..rows.len()).map(|row| {
        last_ns = rows.time_ns.get(row).unwrap_or(last_ns);
        last_ns.saturating_sub(start_ns)
    });
    times.collect()
}

/// Slots at these times, so short that those of one time have room before the next time.
fn slots(times_ns: &[i64]) -> Vec<Slot> {
    let mut slots = Vec::with_capacity(times_ns.len());
    while let Some(&start_ns) = times_ns.get(slots.len()) {
        let rest = &times_ns[slots.len()..];
        let run = rest
            .iter()
            .take_while(|&&time_ns| time_ns == start_ns)
            .count();
        let gap_ns = rest
            .get(run)
            .map(|&next_ns| next_ns.saturating_sub(start_ns));
        let length_ns = match gap_ns {
            Some(gap_ns) if gap_ns > 0 => {
                SLICE_NS.min(gap_ns / i64::try_from(run).unwrap_or(i64::MAX))
            }
            _ => SLICE_NS,
        };
        slots.extend(std::iter::repeat_n(
            Slot {
                start_ns,
                length_ns,
            },
            run,
        ));
    }
    slots
}

/// Microseconds; whole nanoseconds are kept.
fn microseconds(ns: i64) -> Value {
    match ns % 1000 {
        0 => json!(ns / 1000),
        _ => json!(ns as f64 / 1e3),
    }
}

impl<W: Write> Exporter for TraceEvents<W> {
    fn add(&mut self, trial: &Trial) -> io::Result<()> {
        let process = self.trials.len() + 1;
        self.head(trial, process)?;
        let slots = self.slots(trial);
        // The ends of flows bind to the slice that was written last at their time, so causes stand first.
        let mut order = trial.in_causal_order();
        order.sort_by_key(|&(machine, event)| slots[machine][event].start_ns);
        let mut ids = flows(trial, &slots, &mut self.flows, &mut self.backward);
        let mut shown: Vec<[Option<Value>; 2]> = vec![[None, None]; trial.table.machines.len()];
        for (machine, event) in order {
            let slot = slots[machine][event];
            let at = json!({"pid": process, "tid": machine + 1, "ts": microseconds(slot.start_ns)});
            self.write(&slice(trial, machine, event, slot, &at))?;
            for flow in std::mem::take(&mut ids[machine][event]) {
                self.write(&flow.end(&at))?;
            }
            for counter in counters(trial, machine, event, &at, &mut shown[machine]) {
                self.write(&counter)?;
            }
        }
        let info = &trial.table.info;
        self.trials.push(json!({
            "pid": process,
            "trial": trial.label(),
            "folder": info.dir.to_string_lossy(),
            "format": info.format,
            "start_ns": trial.start_ns.map(|start_ns| start_ns.to_string()),
            "time_origin": info.dialect.time.map(words::origin),
        }));
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<String>> {
        let about = json!({
            "tool": format!("driftlab analyze {}", env!("CARGO_PKG_VERSION")),
            "times": "microseconds since the start of the trial, start_ns; args.time_ns as logged",
            "trials": self.trials,
        });
        write!(
            self.to,
            "\n],\n\"displayTimeUnit\":\"ms\",\n\"otherData\":{about}}}\n"
        )?;
        self.to.flush()?;
        let remarks = [
            (
                self.backward,
                "messages are received before they are sent, by the times logged: no arrow is drawn",
            ),
            (
                self.moved,
                "events are drawn later than logged, behind one of the same time: args.time_ns has the time logged",
            ),
            (
                self.untimed,
                "events have no time: they are drawn after the event before them",
            ),
        ];
        let told = remarks.iter().filter(|(count, _)| *count > 0);
        Ok(told
            .map(|(count, what)| format!("{count} {what}"))
            .collect())
    }
}

/// One end of a message's arrow.
#[derive(Debug, Clone, Copy)]
struct Flow {
    id: u64,
    begins: bool,
}

impl Flow {
    fn end(self, at: &Value) -> Value {
        let mut end = at.clone();
        end["name"] = json!("message");
        end["cat"] = json!("message");
        end["id"] = json!(self.id);
        end["ph"] = json!(if self.begins { "s" } else { "f" });
        if !self.begins {
            // To the slice that encloses it, not to the next one.
            end["bp"] = json!("e");
        }
        end
    }
}

/// The ends of flows at each event. Messages received before they were sent are counted instead.
fn flows(
    trial: &Trial,
    slots: &[Vec<Slot>],
    ids: &mut u64,
    backward: &mut u64,
) -> Vec<Vec<Vec<Flow>>> {
    let mut flows: Vec<Vec<Vec<Flow>>> =
        slots.iter().map(|of| vec![Vec::new(); of.len()]).collect();
    for (machine, of) in slots.iter().enumerate() {
        for (event, slot) in of.iter().enumerate() {
            let Some((sender, send)) = trial.drawn_send(machine, event) else {
                continue;
            };
            if slot.start_ns < slots[sender][send].start_ns {
                *backward += 1;
                continue;
            }
            *ids += 1;
            flows[sender][send].push(Flow {
                id: *ids,
                begins: true,
            });
            flows[machine][event].push(Flow {
                id: *ids,
                begins: false,
            });
        }
    }
    flows
}

fn slice(trial: &Trial, machine: usize, at: usize, slot: Slot, place: &Value) -> Value {
    let of = &trial.table.machines[machine];
    let event = trial.table.event(At { machine, row: at });
    let name = |machine: usize| trial.table.name_of(machine);
    let sent = trial.send_of(machine, at);
    let mut args = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            args.insert(key.to_owned(), value);
        }
    };
    put("clock", event.clock.as_ref().map(value));
    put("clock_before", event.clock_before.as_ref().map(value));
    put("tick", Some(json!(event.tick)));
    put("queue", event.queue.map(|queue| json!(queue)));
    put(
        "from",
        event
            .from
            .or(sent.map(|(sender, _)| sender))
            .map(|from| json!(name(from))),
    );
    put(
        "to",
        event
            .to
            .as_ref()
            .map(|to| json!(to.iter().map(|&to| name(to)).collect::<Vec<_>>())),
    );
    put("carried", event.carried.as_ref().map(value));
    put(
        "message",
        event.message.as_ref().map(|message| json!(message)),
    );
    let sent_ns =
        sent.and_then(|(sender, send)| trial.table.machines[sender].rows.time_ns.get(send));
    let wait_s = event
        .time_ns
        .zip(sent_ns)
        .and_then(|(received_ns, sent_ns)| trial.wait_s(received_ns, sent_ns));
    put("wait_s", wait_s.map(|wait_s| json!(wait_s)));
    // As text: viewers read numbers as floating point, which has no room for nanoseconds since the epoch.
    put(
        "time_ns",
        event.time_ns.map(|time_ns| json!(time_ns.to_string())),
    );
    let file = of.files.get(event.file as usize);
    put(
        "line",
        file.map(|file| json!(format!("{}:{}", file.display(), event.line))),
    );
    let mut slice = place.clone();
    slice["ph"] = json!("X");
    slice["name"] = json!(event.kind.word());
    slice["cat"] = json!("event");
    slice["dur"] = microseconds(slot.length_ns);
    slice["args"] = Value::Object(args);
    slice
}

fn value(clock: &Clock) -> Value {
    match clock {
        Clock::Lamport(value) => json!(value),
        Clock::Fractional(value) => json!(value),
        Clock::Vector(components) => json!(components),
    }
}

/// Queue and clock where they are not what was shown last.
fn counters(
    trial: &Trial,
    machine: usize,
    event: usize,
    at: &Value,
    shown: &mut [Option<Value>; 2],
) -> Vec<Value> {
    let of = &trial.table.machines[machine];
    let queue = of.rows.queue.get(event);
    let clock = of.rows.clock(event).and_then(|clock| match clock {
        Clock::Lamport(value) => Some(json!(value)),
        Clock::Fractional(value) => Some(json!(value)),
        Clock::Vector(components) => components.get(machine).map(|own| json!(own)),
    });
    let now = [
        ("queue", "messages", queue.map(|queue| json!(queue))),
        ("clock", "value", clock),
    ];
    let mut counters = Vec::new();
    for ((what, unit, value), shown) in now.into_iter().zip(shown) {
        if value.is_none() || value == *shown {
            continue;
        }
        *shown = value.clone();
        let mut counter = at.clone();
        counter["ph"] = json!("C");
        counter["name"] = json!(format!("{what} of {}", of.name));
        counter["args"] = json!({ unit: value });
        counters.push(counter);
    }
    counters
}

#[cfg(test)]
mod tests;
