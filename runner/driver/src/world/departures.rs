//! Effects on their way: what a process has pushed becomes deeds, in order.
//!
//! **Invariant.** What stands behind a change leaves after it is on disk; at a point that is waited for nothing more leaves until
//! the world runs again.

use machine::process::Process;
use machine::process::outbox::Departure;
use machine::process::units::Peer;

use super::actor::{Actor, Role};
use super::watch::Sight;
use super::witness::{LifeEnd, Witness};
use super::{Happening, World};

impl<P: Actor, W: Witness<P>> World<P, W> {
    /// Where effects become deeds.
    #[inline]
    pub(super) fn perform(&mut self, at: usize) -> Result<(), W::Error> {
        let place = &mut self.places[at];
        place.outbox.put(&mut self.effects);
        if let Some(process) = &place.process {
            self.witness.called(self.now, Peer(at as u32), process);
        }
        self.depart(at)
    }

    /// Performs what may leave, then sees to the disk and the wake time. At a point it stops, and goes on with the next run.
    pub(super) fn depart(&mut self, at: usize) -> Result<(), W::Error> {
        loop {
            let place = &mut self.places[at];
            if place.is_paused() {
                return Ok(());
            }
            let is_seen = place.ready.is_some();
            let Some(departure) = place.ready.take().or_else(|| place.outbox.depart()) else {
                break;
            };
            let sight = (!self.watches.is_idle()).then(|| sight::<P>(&departure));
            let Some(sight) = sight.flatten() else {
                self.leave(at, departure)?;
                continue;
            };
            let role = self.role(at);
            if !is_seen && self.watches.see(false, Peer(at as u32), role, sight) {
                self.places[at].ready = Some(departure);
                self.interrupted.push_back(at);
                return Ok(());
            }
            self.leave(at, departure)?;
            if self.watches.see(true, Peer(at as u32), role, sight) {
                self.interrupted.push_back(at);
                return Ok(());
            }
        }
        if !self.write(at) {
            self.interrupted.push_back(at);
            return Ok(());
        }
        self.rest(at);
        Ok(())
    }

    #[inline]
    fn leave(
        &mut self,
        at: usize,
        departure: Departure<P::Message, P::Event>,
    ) -> Result<(), W::Error> {
        let who = Peer(at as u32);
        match departure {
            Departure::Record(event) => self.witness.recorded(self.now, who, event)?,
            Departure::Send { to, message } => self.send(who, to, message),
            Departure::HangUp(peer) => self.hang_up(who, peer),
        }
        Ok(())
    }

    /// After all has left: the wake time, and the end of a process that was asked to end and is done.
    #[inline]
    fn rest(&mut self, at: usize) {
        let place = &mut self.places[at];
        if let Some(time) = place.outbox.take_wake() {
            let due = time.max(self.now);
            if place.wake != Some(due) {
                place.wake = Some(due);
                let life = place.life;
                self.queue.push(due, Happening::Wake { at, life });
            }
        }
        let who = Peer(at as u32);
        if place.has_said_all() {
            self.end(who, LifeEnd::Stopped);
        }
    }

    pub(super) fn role(&self, at: usize) -> Role {
        let process = self.places[at].process.as_ref();
        process.map_or(Role::None, Actor::role)
    }
}

/// What watches see of an effect.
fn sight<P: Actor>(
    departure: &Departure<<P as Process>::Message, <P as Process>::Event>,
) -> Option<Sight> {
    match departure {
        Departure::Send { message, .. } => Some(Sight::Send(P::message_kind(message))),
        Departure::Record(event) => Some(Sight::Record(P::event_kind(event))),
        Departure::HangUp(_) => None,
    }
}
