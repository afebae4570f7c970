//! Digests of trials that nobody ran: a small scale model, so that the tests of figures
//! depend on neither logs nor runner.

use std::collections::{BTreeMap, VecDeque};

use analyze::condition::Setting;
use analyze::metrics::clock_sources::AccountMetrics;
use analyze::metrics::units::Units;
use analyze::plot_data::{
    ConditionDigest, MachineDigest, SpaceTime, SpaceTimeEvent, SpaceTimeMessage, TrialDigest,
};
use event_log::{Condition, MachineId};
use statistics::chance::Chance;

/// A machine under way.
struct Running {
    queue: VecDeque<(usize, f64, u64)>,
    digest: MachineDigest,
    clock: u64,
}

/// Whole rates as those of a trial.
pub(crate) fn hz(rates: &[u32]) -> Vec<f64> {
    rates.iter().map(|&rate| f64::from(rate)).collect()
}

/// A condition of these trials.
pub(crate) fn condition(label: &str, duration_s: f64, trials: Vec<TrialDigest>) -> ConditionDigest {
    let machines = trials.first().map_or(0, |trial| trial.machines.len());
    ConditionDigest {
        setting: Setting::Own(Condition {
            duration_ns: (duration_s * 1e9) as u64,
            ..events::fixtures::condition(&vec![1; machines])
        }),
        label: label.to_owned(),
        trials,
        bands: Vec::new(),
    }
}

/// Complete trials of a minute, all with these rates.
pub(crate) fn minute(rates: &[u32], trials: u64) -> ConditionDigest {
    let list: Vec<String> = rates.iter().map(u32::to_string).collect();
    let label = format!(
        "{} machines · rates {} · 60 s · die of 10 · virtual",
        rates.len(),
        list.join(", ")
    );
    let trials = (0..trials).map(|number| trial(number, &hz(rates), 60.0));
    condition(&label, 60.0, trials.collect())
}

/// One complete trial.
pub(crate) fn trial(number: u64, rates_hz: &[f64], duration_s: f64) -> TrialDigest {
    let mut chance = Chance::new(number);
    let mut machines: Vec<Running> = rates_hz.iter().enumerate().map(start).collect();
    let mut window = SpaceTime {
        from_s: duration_s / 2.0,
        to_s: duration_s / 2.0 + 6.0,
        why: "six seconds from the middle of the trial".to_owned(),
        events: Vec::new(),
        messages: Vec::new(),
    };
    for (time_s, machine) in ticks(&mut chance, rates_hz, duration_s) {
        step(&mut chance, &mut machines, &mut window, machine, time_s);
    }
    let (from, to) = (window.from_s, window.to_s);
    for (to_index, machine) in machines.iter().enumerate() {
        let waiting = machine
            .queue
            .iter()
            .map(|&(sender, sent_s, clock)| SpaceTimeMessage {
                from: MachineId(sender as u32),
                sent_s,
                to: MachineId(to_index as u32),
                received_s: None,
                clock: Some(Units(clock as f64)),
            });
        window.messages.extend(waiting);
    }
    window.messages.retain(|m| {
        let inside = |time: f64| time >= from && time <= to;
        inside(m.sent_s) || m.received_s.is_some_and(inside)
    });
    TrialDigest {
        name: format!("synthetic/trial-{number:03}"),
        trial: number,
        called: number.to_string(),
        complete: true,
        machines: machines.into_iter().map(|machine| machine.digest).collect(),
        space_time: Some(window),
    }
}

fn start((index, &rate_hz): (usize, &f64)) -> Running {
    Running {
        queue: VecDeque::new(),
        clock: 0,
        digest: MachineDigest {
            machine: MachineId(index as u32),
            name: None,
            rate_hz: Some(rate_hz),
            clock: Vec::new(),
            drift: Vec::new(),
            queue: Vec::new(),
            lateness_ms: Vec::new(),
            jumps: BTreeMap::new(),
            queue_lengths: BTreeMap::new(),
            account: Some(AccountMetrics::default()),
            lateness_quantiles_ms: vec![0.0; 101],
        },
    }
}

/// Times and machines of all ticks, in order.
fn ticks(chance: &mut Chance, rates_hz: &[f64], duration_s: f64) -> Vec<(f64, usize)> {
    let mut ticks = Vec::new();
    for (machine, rate) in rates_hz.iter().enumerate() {
        let phase = chance.below(1000) as f64 / 1000.0;
        let count = (rate * duration_s).round() as u64;
        ticks.extend((0..count).map(|k| ((k as f64 + phase) / rate, machine)));
    }
    ticks.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    ticks
}

/// One tick of one machine.
fn step(
    chance: &mut Chance,
    machines: &mut [Running],
    window: &mut SpaceTime,
    index: usize,
    time_s: f64,
) {
    let count = machines.len();
    let before = machines[index].clock;
    let mut inherited = None;
    let kind = if let Some((from, sent_s, sent)) = machines[index].queue.pop_front() {
        machines[index].clock = before.max(sent) + 1;
        inherited = Some((from as u32, sent.saturating_sub(before)));
        window.messages.push(SpaceTimeMessage {
            from: MachineId(from as u32),
            sent_s,
            to: MachineId(index as u32),
            received_s: Some(time_s),
            clock: Some(Units(sent as f64)),
        });
        "receive"
    } else {
        machines[index].clock += 1;
        let sent = machines[index].clock;
        let roll = chance.below(10);
        let peers: Vec<usize> = match roll {
            0 => vec![(index + 1) % count],
            1 => vec![(index + count - 1) % count],
            2 => (0..count).collect(),
            _ => Vec::new(),
        };
        for peer in peers.into_iter().filter(|&peer| peer != index) {
            machines[peer].queue.push_back((index, time_s, sent));
        }
        ["send", "send", "broadcast", "internal"][roll.min(3)]
    };
    account(&mut machines[index].digest, index as u32, inherited);
    record(&mut machines[index], window, index, time_s, before, kind);
}

/// As if senders had minted all that they hand over: sums as they must be, and enough for pictures.
fn account(digest: &mut MachineDigest, own: u32, inherited: Option<(u32, u64)>) {
    let account = digest.account.get_or_insert_default();
    *account.own_ticks.get_or_insert(0) += 1;
    *account.minted_by.entry(own).or_default() += 1;
    if let Some((from, units)) = inherited {
        *account.inherited_from.entry(from).or_default() += units;
        *account.minted_by.entry(from).or_default() += units;
    }
}

fn record(
    machine: &mut Running,
    window: &mut SpaceTime,
    index: usize,
    time_s: f64,
    before: u64,
    kind: &'static str,
) {
    let (clock, queue) = (machine.clock, machine.queue.len());
    let digest = &mut machine.digest;
    let gained = clock as f64 - digest.rate_hz.unwrap_or_default() * time_s;
    digest.clock.push((time_s, clock as f64));
    digest.drift.push((time_s, gained));
    digest.queue.push((time_s, queue as f64));
    digest.lateness_ms.push((time_s, 0.0));
    *digest.queue_lengths.entry(queue as u64).or_default() += 1;
    if before > 0 {
        *digest.jumps.entry(clock - before).or_default() += 1;
    }
    if time_s >= window.from_s && time_s <= window.to_s {
        window.events.push(SpaceTimeEvent {
            machine: MachineId(index as u32),
            time_s,
            kind,
            clock: Some(Units(clock as f64)),
            jump: Some(Units((clock - before) as f64)),
        });
    }
}

/// The same trial, its coordinator stopped after some seconds.
pub(crate) fn abort(mut trial: TrialDigest, after_s: f64) -> TrialDigest {
    trial.complete = false;
    for machine in &mut trial.machines {
        machine.account = None;
        for series in [&mut machine.clock, &mut machine.drift, &mut machine.queue] {
            series.retain(|(time_s, _)| *time_s <= after_s);
        }
    }
    trial
}

/// The same trial, one machine's log lost.
pub(crate) fn lose(mut trial: TrialDigest, machine: usize) -> TrialDigest {
    let rate_hz = trial.machines[machine].rate_hz.unwrap_or_default();
    let empty = start((machine, &rate_hz)).digest;
    trial.machines[machine] = MachineDigest {
        account: None,
        lateness_quantiles_ms: Vec::new(),
        ..empty
    };
    trial.space_time = None;
    trial
}

/// The same trial as on sockets: ticks a fraction of a millisecond late, a few some milliseconds.
pub(crate) fn late(mut trial: TrialDigest) -> TrialDigest {
    let mut chance = Chance::new(1_000 + trial.trial);
    for machine in &mut trial.machines {
        for (_, late_ms) in &mut machine.lateness_ms {
            let tail = if chance.below(60) == 0 { 40.0 } else { 1.0 };
            *late_ms = 0.05 + tail * chance.below(1000) as f64 / 5_000.0;
        }
        let mut all: Vec<f64> = machine.lateness_ms.iter().map(|point| point.1).collect();
        all.sort_by(f64::total_cmp);
        let last = all.len() - 1;
        machine.lateness_quantiles_ms = (0..=100).map(|k| all[k * last / 100]).collect();
    }
    trial
}
