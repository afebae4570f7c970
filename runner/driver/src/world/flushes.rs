//! Changes on their way to a disk.
//!
//! **Invariant.** A disk has one flush at a time, of all that had been asked for when it began.

use machine::process::units::Peer;

use super::actor::Actor;
use super::watch::Sight;
use super::witness::{LifeEnd, Witness};
use super::{Happening, World};

impl<P: Actor, W: Witness<P>> World<P, W> {
    /// A flush has ended. A process that stands still does not hinder its disk.
    pub(super) fn flushed(&mut self, at: usize, life: u32) -> Result<(), W::Error> {
        let place = &mut self.places[at];
        if place.life != life || place.process.is_none() {
            return Ok(());
        }
        if place.disk.ailments.fail_a_flush() {
            self.end(Peer(at as u32), LifeEnd::DiskFailed);
            return Ok(());
        }
        let changes = place.disk.pending.len();
        for change in place.disk.pending.drain(..) {
            P::replay(&mut place.durable, change);
        }
        place.disk.is_flushing = false;
        place.outbox.flushed(changes);
        self.witness
            .written(self.now, Peer(at as u32), &place.durable);
        if self.sees_changes(true, at, changes) {
            self.interrupted.push_back(at);
            return Ok(());
        }
        self.depart(at)
    }

    /// Gives the disk what waits for it. False if a point has come before that.
    #[inline]
    pub(super) fn write(&mut self, at: usize) -> bool {
        let place = &mut self.places[at];
        if place.disk.is_flushing {
            return true;
        }
        if place.disk.pending.is_empty() {
            let changes = place.outbox.take_changes();
            if changes.is_empty() {
                return true;
            }
            let count = changes.len();
            place.disk.pending = changes;
            if self.sees_changes(false, at, count) {
                return false;
            }
        }
        let place = &mut self.places[at];
        let flush_ns = place.disk.flush_ns(&self.setting);
        let life = place.life;
        let flushed = Happening::Flushed { at, life };
        self.queue.push(self.now.after_ns(flush_ns), flushed);
        true
    }

    fn sees_changes(&mut self, is_after: bool, at: usize, changes: usize) -> bool {
        if self.watches.is_idle() {
            return false;
        }
        let role = self.role(at);
        let who = Peer(at as u32);
        for _ in 0..changes {
            self.watches.see(is_after, who, role, Sight::Persist);
        }
        self.watches.has_come()
    }
}
