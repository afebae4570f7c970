//! The process of one machine: `runner machine`.
//!
//! Three threads: one reads orders, one runs the network, and the main one is the machine itself.

use std::sync::mpsc::{Receiver, Sender, channel};

use event_log::{ClockEvent, JournalKind, MachineId, TrialManifest};
use machine::Payload;
use machine::scale_model::Message;

use super::control::{Order, Report, Reporter, Setup};
use super::links::Links;
use super::member::{self, Place, Receive, note, wait_for_stop};
use super::pace::{self, Arrival};
use super::topology::Topology;
use crate::drive::Beat;
use crate::plan::build_machine;
use crate::storage::DirectSink;

/// What the machine's own thread waits for.
type Arrivals = Sender<Arrival<Message>>;

/// Runs the process to its end. Problems are reported to the coordinator, which tells the user.
pub fn run() {
    member::run(|setup, orders| match setup.party.machine() {
        Some(id) => take_part(setup, id, orders),
        None => Err("the hub was set up as a machine".to_owned()),
    });
}

fn take_part(setup: Setup, id: MachineId, orders: Receiver<Order>) -> Result<(), String> {
    let log = setup.folder.join(&setup.manifest.machines[id.index()].log);
    let mut sink = DirectSink::create::<ClockEvent>(&log).map_err(|error| error.to_string())?;
    let (arrivals_sender, arrivals) = channel();
    let place = Place::take(&setup, receiving(&setup, arrivals_sender.clone()))?;
    let Some(started_ns) = place.wait_for_start(&orders) else {
        return Ok(());
    };
    std::thread::spawn(move || {
        wait_for_stop(&orders);
        let _ = arrivals_sender.send(Arrival::Stop);
    });

    let manifest = TrialManifest {
        started_ns: Some(started_ns),
        ..setup.manifest
    };
    let ticks = tick(&manifest, id, &arrivals, &mut sink, &place.links)?;
    place.note_losses();
    Reporter.send(&Report::Finished {
        ticks: ticks.performed,
    });
    if !ticks.stopped_early {
        // Peers may still be at their last ticks: the links stay up until everybody is done.
        while !matches!(arrivals.recv(), Ok(Arrival::Stop) | Err(_)) {}
    }
    Ok(())
}

fn tick(
    manifest: &TrialManifest,
    id: MachineId,
    arrivals: &Receiver<Arrival<Message>>,
    sink: &mut DirectSink,
    links: &Links,
) -> Result<pace::Ticks, String> {
    let entry = &manifest.machines[id.index()];
    let beat = Beat::of(manifest, entry).ok_or("the trial has no start")?;
    let topology = Topology::of(&manifest.condition);
    let mut machine = build_machine(manifest, id);
    let machines = manifest.machines.iter().map(|entry| entry.id);
    let others: Vec<MachineId> = machines.filter(|&other| other != id).collect();
    pace::run(
        &mut machine,
        &others,
        &beat,
        arrivals,
        sink,
        |to, message| {
            let mut bytes = Vec::with_capacity(16);
            message.encode(&mut bytes);
            let (hop, frame) = topology.outward(to, bytes.into());
            links.send(hop, frame);
        },
    )
    .map_err(|error| error.to_string())
}

/// Turns what comes in by a link into arrivals.
fn receiving(setup: &Setup, arrivals: Arrivals) -> Receive {
    let me = setup.party;
    Box::new(move |_, from, frame| {
        let message = Topology::inward(from, frame)
            .and_then(|(sender, bytes)| Some((sender, Message::decode(&bytes)?)));
        match message {
            Some((sender, message)) => drop(arrivals.send(Arrival::Message(sender, message))),
            None => {
                let detail = "a message of another system, ignored";
                note(me, JournalKind::Fault, Some(from), detail, None);
            }
        }
    })
}
