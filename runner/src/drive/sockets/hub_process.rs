//! The process of the hub: `runner hub`, the communication server that relays every message of a trial.
//!
//! Machines dial it and prove themselves as in the mesh. It hands each message to the link of its recipient at once, so
//! messages from one machine to another stay in order: with the sender's name in place of the recipient's where each machine
//! has a process, with both names as they came where processes have several. It waits for no machine: one that does not read
//! delays no other, and the messages to one that is gone are counted. It knows neither clocks nor ticks, and ends by order,
//! after the machines are done and it has passed on their last.

use std::sync::mpsc::Receiver;

use super::control::{Order, Setup};
use super::member::{self, Last, Place, Receive, wait_for_last};
use super::topology::Topology;

/// Runs the process to its end. It reports problems to the coordinator, which shows them to the user.
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
