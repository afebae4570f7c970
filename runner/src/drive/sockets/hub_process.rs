//! The process of the hub: `runner hub`, the communication server that relays every message of a trial.
//!
//! Machines dial it and are proven as in the mesh. What it reads from one machine it hands to the link of the other at
//! once, so messages from one machine to another stay in order: with the sender's name in place of the recipient's where
//! each machine has a process, with both names as they came where processes have several. It waits for nobody: a machine
//! that does not read holds up no other, and one that is gone costs its own messages, which are counted. It knows neither
//! clocks nor ticks, and ends when it is told to, after the machines are done and it has passed on their last.

use std::sync::mpsc::Receiver;

use super::control::{Order, Setup};
use super::member::{self, Last, Place, Receive, wait_for_last};
use super::topology::Topology;

/// Runs the process to its end. Problems are reported to the coordinator, which tells the user.
pub fn run() {
    member::run(relay);
}

fn relay(setup: Setup, orders: Receiver<Order>) -> Result<(), String> {
    let place = Place::take(&setup, relaying(&setup))?;
    let last = match place.wait_for_start(&orders) {
        Some(_) => wait_for_last(&orders),
        None => Last::Stop,
    };
    place.leave(last, true);
    Ok(())
}

fn relaying(setup: &Setup) -> Receive {
    let topology = Topology::of(&setup.manifest.condition);
    Box::new(move |links, from, frame| {
        let onward = topology.onward(from, frame);
        onward.is_some_and(|(to, frame)| links.send(to, frame))
    })
}
