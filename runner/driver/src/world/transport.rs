//! Messages on their way: what a sender gives to a link, and what a link gives to its recipient.
//!
//! **Invariant.** A message reaches the life of the recipient to which it was sent, on the connection on which it was sent, or is
//! reported as lost.

use machine::process::units::Peer;

use super::actor::Actor;
use super::gate::{Cargo, Flight};
use super::links::Passage;
use super::witness::{Loss, Witness};
use super::{Happening, World};

impl<P: Actor, W: Witness<P>> World<P, W> {
    #[inline]
    pub(super) fn arrive(&mut self, flight: Flight<P::Message>) -> Result<(), W::Error> {
        let link = self.links.link(flight.from, flight.to);
        if link.gate.keeps(&flight) {
            let (from, to) = (flight.from, flight.to);
            link.gate.park(flight);
            self.set_out(from, to);
            return Ok(());
        }
        self.hand_over(flight)
    }

    /// Of what waits in a slow link the first sets out, if nothing is on its way.
    pub(super) fn set_out(&mut self, from: Peer, to: Peer) {
        let link = self.links.link(from, to);
        if let Some(due) = link.set_out(self.now, P::message_bytes) {
            self.queue.push(due, Happening::Passage { from, to });
        }
    }

    /// What was on its way through a slow link has passed.
    pub(super) fn pass(&mut self, from: Peer, to: Peer) -> Result<(), W::Error> {
        if let Some(flight) = self.links.link(from, to).gate.pass(self.now) {
            self.set_out(from, to);
            self.hand_over(flight)?;
        }
        Ok(())
    }

    /// What has passed its link reaches the process.
    pub(super) fn hand_over(&mut self, flight: Flight<P::Message>) -> Result<(), W::Error> {
        let at = flight.to.0 as usize;
        let place = &mut self.places[at];
        let receives = place.receives(flight.life);
        let link = self.links.link(flight.from, flight.to);
        let Flight { from, to, .. } = flight;
        if let Cargo::Message(message) = &flight.cargo {
            let is_cut = link.connection != flight.connection;
            let loss = match receives {
                true => is_cut.then_some(link.ended_by),
                false => Some(Loss::Down),
            };
            if let Some(why) = loss {
                self.witness.lost(self.now, from, to, message, why);
                return Ok(());
            }
        }
        if !receives {
            return Ok(());
        }
        if place.is_paused() {
            place.deferred.push_back(flight);
            return Ok(());
        }
        if let Some(process) = &mut place.process {
            match flight.cargo {
                Cargo::Message(message) => {
                    process.receive(self.now, from, message, &mut self.effects);
                }
                Cargo::Link { is_up, .. } => process.link(self.now, from, is_up, &mut self.effects),
            }
        }
        self.perform(at)
    }

    #[inline]
    pub(super) fn send(&mut self, from: Peer, to: Peer, message: P::Message) {
        let target = &self.places[to.0 as usize];
        let life = target.life;
        let link = self.links.link(from, to);
        let connection = link.connection;
        // Its number is given even if nobody is there, so that the numbers of a sender do not depend on others.
        let mut passage = link.send(&self.setting, self.now);
        if target.process.is_none() {
            passage = Passage::Never(Loss::Down);
        }
        let flight = |message| {
            Happening::Arrival(Flight {
                from,
                to,
                life,
                connection,
                cargo: Cargo::Message(message),
            })
        };
        match passage {
            Passage::Once(due) => self.queue.push(due, flight(message)),
            Passage::Twice(due, again) => {
                self.queue.push(due, flight(message.clone()));
                self.queue.push(again, flight(message));
            }
            Passage::Never(why) => self.witness.lost(self.now, from, to, &message, why),
        }
    }
}
