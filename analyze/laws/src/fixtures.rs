//! Hand-made trials: of ours by rows as they stand in a log, of others by an event a line.

use std::path::PathBuf;

use event_log::{
    ClockEvent, Condition, Design, Drain, Driver, Event as OwnEvent, FORMAT_VERSION, MachineEntry,
    MachineId, Odds, PhaseRule, Rate, RateRule, Record, Stamp, Status, TrialManifest,
};
use events::{
    At, Clock, Dialect, Event, EventsBuilder, Kind, Machine, Match, Matching, OWN_FORMAT,
    QueueCount, ReceiveClock, Trial, TrialInfo,
};

use crate::verdict::Verdict;

/// A trial of ours to be.
#[derive(Clone)]
pub struct Log {
    /// What `trial.json` says.
    pub manifest: TrialManifest,
    /// Messages that the journal says did not reach a peer.
    pub undelivered: u64,
    /// Messages of which it says that nobody knows.
    pub unconfirmed: u64,
    /// The rows of each machine; times are milliseconds since the start, and an empty line is one that could not be read.
    pub rows: Vec<Vec<&'static str>>,
    /// By how many milliseconds times are later than the rows say.
    pub late_ms: Vec<Vec<u64>>,
}

/// A complete trial of machines that tick once a second, four times, machine i at i × 100 ms; a die of ten, sockets.
pub fn log(rows: &[&[&'static str]]) -> Log {
    let condition = Condition {
        system: "scale-model".to_owned(),
        driver: Driver::Sockets,
        machines: rows.len() as u32,
        rates: RateRule::Fixed(vec![Rate::from_hz(1); rows.len()]),
        duration_ns: 4_000_000_000,
        odds: Odds::Sides(10),
        drain: Drain::One,
        phase: PhaseRule::Random,
        speed: 1.0,
        latency: None,
        design: Design::Mesh,
        stamp: Stamp::After,
        tick_delay_ns: 0,
        faults: None,
        on_disconnect: None,
        per_process: 1,
    };
    Log {
        manifest: TrialManifest {
            format_version: FORMAT_VERSION,
            trial: 0,
            seed: 1,
            condition,
            started_ns: Some(0),
            status: Status::Complete,
            timekeeper: None,
            reason: None,
            hub_address: None,
            machines: (0..rows.len() as u32).map(entry).collect(),
        },
        undelivered: 0,
        unconfirmed: 0,
        rows: rows.iter().map(|rows| rows.to_vec()).collect(),
        late_ms: rows.iter().map(|rows| vec![0; rows.len()]).collect(),
    }
}

fn entry(id: u32) -> MachineEntry {
    MachineEntry {
        id: MachineId(id),
        name: format!("machine-{id}"),
        log: format!("machine-{id}.csv"),
        rate: Rate::from_hz(1),
        phase_ns: u64::from(id) * 100_000_000,
        address: Some(format!("127.0.0.1:{}", 4000 + id)),
    }
}

impl Log {
    /// What the laws say of it.
    pub fn check(&self) -> Verdict {
        crate::check(&self.trial())
    }

    /// The trial, with its messages matched.
    ///
    /// # Panics
    ///
    /// When a row is none of a log.
    pub fn trial(&self) -> Trial {
        let dir = PathBuf::from("logs/run/trial-000");
        let mut builder = EventsBuilder::default();
        let mut lengths = Vec::new();
        for (machine, rows) in self.rows.iter().enumerate() {
            let before = builder.len();
            for (position, row) in rows.iter().enumerate().filter(|(_, row)| !row.is_empty()) {
                let late_ms = self.late_ms[machine][position];
                builder.push(machine, self.event(position as u32 + 2, row, late_ms));
            }
            lengths.push(builder.len() - before);
        }
        let machines = self.manifest.machines.iter().map(|entry| Machine {
            schedule: self.manifest.schedule(entry),
            ..Machine::new(
                entry.name.clone(),
                Some(entry.rate.hz()),
                vec![dir.join(&entry.log)],
            )
        });
        let info = TrialInfo {
            run: "run".to_owned(),
            name: "trial-000".to_owned(),
            dir: dir.clone(),
            format: OWN_FORMAT.to_owned(),
            dialect: Dialect {
                receive_clock: Some(ReceiveClock::AfterMerge),
                queue: Some(QueueCount::AfterPop),
                ..Dialect::default()
            },
            manifest: Some(Box::new(self.manifest.clone())),
            undelivered: self.undelivered,
            unconfirmed: self.unconfirmed,
            without_log: Some(vec!["7".to_owned()]),
            ..TrialInfo::default()
        };
        let frame = builder.finish().expect("a frame");
        let trial = Trial::new(info, machines.collect(), lengths, frame);
        let mut trial = trial.expect("a trial");
        trial.match_by_tick().expect("matches");
        trial
    }

    fn event(&self, line: u32, row: &str, late_ms: u64) -> Event {
        let Record { time_ns, event } =
            Record::<ClockEvent>::decode_line(row).expect("a fixture holds rows");
        // Whoever is no machine of the trial stands behind them.
        let machines = self.manifest.machines.len();
        let position = |id: MachineId| id.index().min(machines);
        let lamport = |value: u64| i64::try_from(value).ok().map(Clock::Lamport);
        let (kind, from, to, sent_tick, carried) = match event.event {
            OwnEvent::Internal => (Kind::Internal, None, None, None, None),
            OwnEvent::Broadcast => (Kind::Broadcast, None, None, None, None),
            OwnEvent::Send { to } => (Kind::Send, None, Some(vec![position(to)]), None, None),
            OwnEvent::Receive {
                from,
                sent_tick,
                sent_clock,
            } => (
                Kind::Receive,
                Some(position(from)),
                None,
                Some(sent_tick.0),
                lamport(sent_clock.0),
            ),
        };
        Event {
            time_ns: i64::try_from((time_ns + late_ms) * 1_000_000).ok(),
            clock: lamport(event.clock.0),
            queue: Some(event.queue),
            from,
            to,
            sent_tick,
            carried,
            ..Event::new(line, kind, event.tick.0)
        }
    }
}

/// A correct trial of two machines, with a receive that jumps and a broadcast that nobody received in time.
pub fn correct() -> [Vec<&'static str>; 2] {
    [
        vec![
            "0,0,send,1,0,1,,",
            "1,1000,send,2,0,1,,",
            "2,2000,internal,3,0,,,",
            "3,3000,receive,5,0,1,2,4",
        ],
        vec![
            "0,100,receive,2,0,0,0,1",
            "1,1100,receive,3,0,0,1,2",
            "2,2100,send,4,0,0,,",
            "3,3100,broadcast,5,0,,,",
        ],
    ]
}

/// The correct trial with one row replaced.
pub fn with(machine: usize, row: usize, line: &'static str) -> Log {
    let mut logs = correct();
    logs[machine][row] = line;
    log(&[&logs[0], &logs[1]])
}

/// A trial of others: `machine kind clock`, then what else the line says, such as `to=1`, `from=0`, `time=100` in
/// milliseconds, `queue=0`, `carried=3`, and on a receive `sent=0:2` for the machine and the row of its certain send. What
/// is not sent so is ambiguous.
pub fn logged(machines: usize, lines: &str) -> Trial {
    let mut of_machines: Vec<Vec<(Event, Match)>> = vec![Vec::new(); machines];
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (machine, rest) = line.split_once(' ').expect("a machine and its event");
        let events = &mut of_machines[machine.parse::<usize>().expect("a position")];
        let event = event(rest, events.len());
        events.push(event);
    }
    let mut builder = EventsBuilder::default();
    let mut matching = Matching::default();
    for (machine, events) in of_machines.iter().enumerate() {
        matching
            .receives
            .push(events.iter().map(|(_, of)| *of).collect());
        events
            .iter()
            .for_each(|(event, _)| builder.push(machine, event.clone()));
    }
    let named = |name: usize| {
        let file = PathBuf::from(format!("machine-{name}.log"));
        Machine::new(name.to_string(), None, vec![file])
    };
    let info = TrialInfo {
        run: "group".to_owned(),
        without_log: Some(Vec::new()),
        ..TrialInfo::default()
    };
    let lengths: Vec<usize> = of_machines.iter().map(Vec::len).collect();
    let frame = builder.finish().expect("a frame");
    let trial = Trial::new(info, (0..machines).map(named).collect(), lengths, frame);
    let mut trial = trial.expect("a trial");
    trial.set_matching(&matching).expect("matches");
    trial
}

fn event(text: &str, position: usize) -> (Event, Match) {
    let mut words = text.split(' ');
    let word = words.next().expect("a kind");
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word);
    let kind = kind.expect("a kind of event");
    let mut matched = match kind {
        Kind::Receive => Match::Ambiguous { candidates: 2 },
        _ => Match::NoReceive,
    };
    let lamport = |text: &str| text.parse().ok().map(Clock::Lamport);
    let mut event = Event::new(position as u32 + 1, kind, position as u64);
    event.clock = lamport(words.next().expect("a clock or -"));
    for word in words {
        let (name, value) = word.split_once('=').expect("name=value");
        let number = |value: &str| value.parse::<usize>().expect("a whole number");
        match name {
            "time" => event.time_ns = Some(number(value) as i64 * 1_000_000),
            "queue" => event.queue = Some(number(value) as u64),
            "from" => event.from = Some(number(value)),
            "to" => event.to = Some(vec![number(value)]),
            "carried" => event.carried = lamport(value),
            "sent" => {
                let (machine, row) = value.split_once(':').expect("a machine and a row");
                let send = At {
                    machine: number(machine),
                    row: number(row),
                };
                matched = Match::Sent {
                    machine: send.machine,
                    event: send.row,
                };
            }
            other => panic!("no field of an event: {other}"),
        }
    }
    (event, matched)
}
