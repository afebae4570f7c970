//! One trial.
//!
//! **Invariant.** A trial that is asked for more detail is the same trial.

use std::sync::atomic::AtomicBool;

use driver::faults::{draw, nemesis};
use driver::world::World;
use driver::world::setting::{LinkKind, Setting};
use event_log::chat::{ChatCondition, TrialSummary, Verdict, Violation};
use event_log::faults::{FaultEntry, FaultStep, Faults, Span};
use event_log::{Party, VIRTUAL_EPOCH_NS};
use machine::process::units::{Peer, Time};
pub use replica::timing::TimingError;

use crate::happened::Happened;
use crate::judge::{Halt, Judge, Rules};
use crate::logs::{Detail, Logs};
use crate::node::{Node, NodeDisk, NodeSetup};
use crate::reach::Reach;
use crate::setups::{AllRules, limits, setups};

/// How long a trial goes on after its load at most, nanoseconds; longer if what must go on cannot be judged before.
const DRAIN_NS: u64 = 60_000_000_000;
/// Between two looks whether all is quiet, nanoseconds.
const LOOK_NS: u64 = 250_000_000;
/// How long it takes a process that hung up to have the link again, nanoseconds.
const REDIAL_NS: u64 = 20_000_000;

/// What came of a trial.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// In numbers.
    pub summary: TrialSummary,
    /// What is against properties: the first thing that was found ends the trial.
    pub violations: Vec<Violation>,
    /// Why nothing follows from the trial, if that is so.
    pub undecided: Vec<String>,
    /// What happened, and what could have.
    pub happened: Happened,
    /// The schedule, with nothing left to chance.
    pub plain: Faults,
    /// What became of each fault.
    pub fault_log: Vec<FaultEntry>,
    /// The logs, if they were asked for.
    pub logs: Option<Logs>,
}

/// Runs a trial. All faults end at the calm, `settle` before the end of the load. Without `settle` they may last: then nothing is
/// asked of what comes after them, and the trial ends with its load.
///
/// # Errors
///
/// [`TimingError`] where heartbeat and suspicion of the condition cannot go together.
pub fn run(
    condition: &ChatCondition,
    seed: u64,
    trial: u64,
    faults: &Faults,
    detail: Detail,
    stop: &AtomicBool,
) -> Result<Outcome, TimingError> {
    run_with(
        condition,
        (seed, trial),
        faults,
        detail,
        stop,
        AllRules::default(),
    )
}

/// The same, under these rules.
pub(crate) fn run_with(
    condition: &ChatCondition,
    (seed, trial): (u64, u64),
    faults: &Faults,
    detail: Detail,
    stop: &AtomicBool,
    rules: AllRules,
) -> Result<Outcome, TimingError> {
    let limits = limits(condition);
    let mut plain = draw::plain(faults, &limits, seed, trial);
    if plain.faults.is_empty() {
        plain.settle = Span::default();
    }
    let start = Time(VIRTUAL_EPOCH_NS);
    let calm = match plain.faults.is_empty() {
        true => Some(start),
        false => (plain.settle.ns > 0).then(|| start.after_ns(limits.calm_ns(&plain))),
    };
    let reach = Reach::of(&plain, condition, &limits);
    let judge = Judge::new(
        condition,
        Rules {
            may_part: reach.may_part(condition),
            calm,
        },
        Happened::of(&reach.possible(condition)),
        detail,
        stop,
    );
    let setups = setups(condition, (seed, trial), start, rules)?;
    let mut world = founded(
        condition,
        setting(condition, seed, trial, start),
        setups,
        judge,
    );
    let mut fault_log = Vec::new();
    let end = start.after_ns(condition.duration_ns);
    let run = world
        .begin_all()
        .and_then(|()| nemesis::run(&mut world, &plain, calm, Some(end), &mut fault_log))
        .and_then(|()| drain(&mut world));
    let (now, events) = (world.now(), world.events());
    let (mut judge, nodes) = world.into_parts();
    let nodes: Vec<Option<&Node>> = nodes.iter().map(Option::as_ref).collect();
    judge.end(now, &nodes, run.is_ok() && calm.is_some());
    let mut summary = TrialSummary::new(trial, Verdict::Passed);
    let struck = struck(&fault_log, condition.servers);
    judge.summarize(now, &nodes, &struck, &mut summary);
    summary.length_ns = now.since_ns(start);
    summary.events = events;
    count_faults(&plain, &fault_log, &mut summary);
    let undecided = doubts(run, judge.is_halted, &plain, &summary);
    if !undecided.is_empty() && summary.verdict != Verdict::Violated {
        summary.verdict = Verdict::Undecided;
    }
    let (violations, happened, logs) = judge.into_parts();
    Ok(Outcome {
        summary,
        violations,
        undecided,
        happened,
        plain,
        fault_log,
        logs,
    })
}

/// Why nothing follows from a trial.
fn doubts(
    run: Result<(), Halt>,
    is_halted: bool,
    plain: &Faults,
    summary: &TrialSummary,
) -> Vec<String> {
    let is_struck = plain.faults.is_empty() || summary.faults > 0;
    let doubts = [
        (run == Err(Halt::Stopped), "it was stopped before its end"),
        (summary.acknowledged == 0, "no message was acknowledged"),
        (
            is_halted,
            "the servers wait for a disk that was lost: nobody can read what was acknowledged",
        ),
        (!is_struck, "no fault took effect"),
    ];
    let doubts = doubts.iter().filter(|(is_so, _)| *is_so);
    doubts.map(|(_, doubt)| (*doubt).to_owned()).collect()
}

fn setting(condition: &ChatCondition, seed: u64, trial: u64, start: Time) -> Setting {
    Setting {
        seed,
        trial,
        start,
        kind: LinkKind::Stream,
        delay: condition.latency,
        flush: condition.flush,
        redial_ns: REDIAL_NS,
    }
}

/// A world whose servers have the disks of a new cluster.
fn founded<'a>(
    condition: &ChatCondition,
    setting: Setting,
    setups: Vec<NodeSetup>,
    judge: Judge<'a>,
) -> World<Node, Judge<'a>> {
    let disks = setups.iter().filter_map(|setup| match setup {
        NodeSetup::Server(setup) => Some(NodeDisk::Server(setup.founding_disk())),
        NodeSetup::Client(_) => None,
    });
    let disks: Vec<NodeDisk> = disks.collect();
    let mut world = World::new(setting, condition.servers, setups, judge);
    for (server, disk) in (0..).zip(disks) {
        world.load(Peer(server), disk);
    }
    world
}

/// Goes on until all is quiet and can be judged, or for as long as it may. Without a calm nothing is waited for.
fn drain(world: &mut World<Node, Judge<'_>>) -> Result<(), Halt> {
    let Some(due) = world.witness().due() else {
        return Ok(());
    };
    let last = world.now().after_ns(DRAIN_NS).max(due);
    while world.now() < last {
        let nodes: Vec<Option<&Node>> = (0..world.places())
            .map(|place| world.process(Peer(place)))
            .collect();
        if world.now() >= due && world.witness().is_quiet(&nodes) {
            break;
        }
        let until = world.now().after_ns(LOOK_NS);
        world.run(Some(until))?;
    }
    Ok(())
}

/// Times at which faults ended or halted servers, and whom.
fn struck(fault_log: &[FaultEntry], servers: u32) -> Vec<(Time, Peer)> {
    let struck = fault_log.iter().filter_map(|entry| {
        let halts = entry.deed.ends_a_life() || entry.deed == event_log::faults::Deed::Pause;
        let (FaultStep::Effect, true, Some(Party::Machine(id))) =
            (entry.step, halts, entry.machine)
        else {
            return None;
        };
        (id.0 < servers).then_some((Time(entry.time_ns), Peer(id.0)))
    });
    struck.collect()
}

fn count_faults(plain: &Faults, fault_log: &[FaultEntry], summary: &mut TrialSummary) {
    let mut took = vec![false; plain.faults.len()];
    for entry in fault_log {
        took[entry.fault as usize] |= entry.step == FaultStep::Effect;
    }
    summary.faults = took.iter().filter(|&&took| took).count() as u64;
    summary.faults_without_effect = took.len() as u64 - summary.faults;
}
