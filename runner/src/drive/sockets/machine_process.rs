//! The process of one machine, or of several: `runner machine`.
//!
//! Three threads for any number of machines: one reads orders, one runs the network, and the main one performs the ticks of
//! all machines as they are due.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use bytes::Bytes;
use driver::seat::build_machine;
use driver::sink::DirectSink;
use driver::{Beat, Seat};
use event_log::{ClockEvent, MachineId, TrialManifest};
use machine::Payload;
use machine::scale_model::{Message, ScaleModel};

use super::control::{Order, Report, Reporter, Setup};
use super::links::Links;
use super::mailbox::{Letter, Mailbox};
use super::member::{self, Last, Place, Receive, wait_for_last};
use super::pace::{self, Recipients};
use super::topology::Topology;

/// Messages for the machines of this process.
type Arrivals = Arc<Mailbox<Message>>;

/// Runs the process to its end. It reports problems to the coordinator, which shows them to the user.
pub fn run() {
    member::run(take_part);
}

fn take_part(setup: Setup, orders: Receiver<Order>) -> Result<(), String> {
    let sinks = open_logs(&setup)?;
    let arrivals = Arrivals::default();
    let place = Place::take(&setup, receiving(&setup, Arc::clone(&arrivals)))?;
    let Some(started_ns) = place.wait_for_start(&orders) else {
        place.leave(Last::Stop, false);
        return Ok(());
    };
    let stopped = Arc::clone(&arrivals);
    let (ordered, last) = channel();
    std::thread::spawn(move || {
        let order = wait_for_last(&orders);
        stopped.stop();
        let _ = ordered.send(order);
    });

    let manifest = TrialManifest {
        started_ns: Some(started_ns),
        ..setup.manifest
    };
    let ticked = seats(&manifest, sinks)
        .and_then(|mut seats| tick(&manifest, &mut seats, &arrivals, &place.links));
    let last = match ticked {
        // Peers may still be at their last ticks: the links stay up until everybody is done.
        Ok(false) => last.recv().unwrap_or(Last::Stop),
        Ok(true) | Err(_) => Last::Stop,
    };
    place.leave(last, false);
    ticked.map(drop)
}

/// The logs of this process's machines, opened before it reports that it is ready.
fn open_logs(setup: &Setup) -> Result<Vec<(MachineId, DirectSink)>, String> {
    let housed = Topology::of(&setup.manifest.condition).housed(setup.party);
    if housed.is_empty() {
        return Err("the hub was set up as a machine".to_owned());
    }
    let logs = housed.map(MachineId).map(|id| {
        let entry = setup.manifest.machines.get(id.index());
        let entry = entry.ok_or_else(|| format!("machine {id} is not in the plan"))?;
        let log = DirectSink::create::<ClockEvent>(&setup.folder.join(&entry.log));
        Ok((id, log.map_err(|error| error.to_string())?))
    });
    logs.collect()
}

fn seats(
    manifest: &TrialManifest,
    logs: Vec<(MachineId, DirectSink)>,
) -> Result<Vec<Seat<ScaleModel, DirectSink>>, String> {
    let seats = logs.into_iter().map(|(id, sink)| {
        let entry = &manifest.machines[id.index()];
        Ok(Seat {
            machine: build_machine(manifest, id),
            beat: Beat::of(manifest, entry).ok_or("the trial has no start")?,
            sink,
        })
    });
    seats.collect()
}

/// Performs all ticks; returns whether the order to stop came before.
fn tick(
    manifest: &TrialManifest,
    seats: &mut [Seat<ScaleModel, DirectSink>],
    arrivals: &Mailbox<Message>,
    links: &Links,
) -> Result<bool, String> {
    let topology = Topology::of(&manifest.condition);
    let send = |from, recipients, message: Message| {
        let mut bytes = Vec::with_capacity(16);
        message.encode(&mut bytes);
        let bytes = Bytes::from(bytes);
        let to_one = |to| match topology.outward(from, to, bytes.clone()) {
            Some((hop, frame)) => drop(links.send(hop, frame)),
            None => arrivals.post(Letter { from, to, message }),
        };
        match recipients {
            Recipients::One(to) => to_one(to),
            Recipients::AllOthers => {
                let all = (0..topology.machines).map(MachineId);
                all.filter(|&to| to != from).for_each(to_one);
            }
        }
    };
    let finished = |machine, ticks, latest| {
        Reporter.send(&Report::Finished {
            machine,
            ticks,
            latest,
        });
    };
    pace::run(seats, arrivals, send, finished).map_err(|error| error.to_string())
}

/// Turns messages from links into arrivals.
fn receiving(setup: &Setup, arrivals: Arrivals) -> Receive {
    let topology = Topology::of(&setup.manifest.condition);
    let me = setup.party;
    Box::new(move |_, peer, frame| {
        let letter = topology.inward(me, peer, frame).and_then(|delivery| {
            Some(Letter {
                from: delivery.from,
                to: delivery.to,
                message: Message::decode(&delivery.message)?,
            })
        });
        let is_ours = letter.is_some();
        if let Some(letter) = letter {
            arrivals.post(letter);
        }
        is_ours
    })
}
