//! How a replica ends in order, and what the others make of it.
//!
//! Who leaves takes no more commands, lets those that wait be committed, and says farewell: this life does nothing any more.
//! Whoever hears that takes this life for dead at once. It is a crash that is known exactly, so it is safe for what a
//! suspicion is not: nobody's clock is asked, and nothing about time is assumed.
//!
//! - *It promises too much* if the life acted after it. It cannot: the farewell stands behind all changes and messages of the
//!   life, and the role after it does nothing. A message of the life that comes later still, because it was
//!   delayed, was said before; it is not heard.
//! - *R8* asks that whoever suspects ran all the time, because a silence may be one's own. A farewell is heard, not inferred.
//! - *R12* makes a replica that is left out begin a new life. Who has left is left out of the next view, and is in no life at
//!   all; when it comes back it is in a new one, which no farewell is about.
//! - *R3*: if all leave, the last view that was installed has those who left last, and they must be back.
//!
//! A farewell that is lost costs time: the silence after it is suspected, as that of any who is dead.
//!
//! **Invariant.** Of a life nothing is pushed behind its farewell.

use machine::process::units::Time;

use crate::application::Application;
use crate::message::{Body, Event};
use crate::units::{Incarnation, ReplicaId};

use super::role::Role;
use super::{EffectsFor, Replica};

impl<A: Application> Replica<A> {
    /// It is to end in order: it takes no more commands. Those that wait have until that time to be committed.
    pub fn leave(&mut self, now: Time, until: Time, out: &mut EffectsFor<A>) {
        self.enter(now, out);
        self.leaves_by = Some(until);
        self.ask(out);
    }

    /// Whether a replica that leaves waits for nothing any more: what it has taken is committed, or cannot be any more, or it has
    /// waited long enough.
    pub fn may_end(&self) -> bool {
        let is_due = self.leaves_by.is_some_and(|until| self.now >= until);
        let waits = self.is_serving() && self.disk.log.end() > self.committed;
        is_due || (self.leaves_by.is_some() && !waits)
    }

    /// Says farewell: after this it does nothing more. To be called behind the last answers to clients.
    pub fn say_farewell(&mut self, now: Time, out: &mut EffectsFor<A>) {
        self.enter(now, out);
        if self.has_begun() {
            if self.is_serving() {
                out.record(Event::SteppedDown(self.disk.view.ballot));
            }
            out.record(Event::Left(self.disk.incarnation));
            for id in self.others() {
                self.send(id, Body::Farewell, out);
            }
        }
        self.role = Role::Left;
    }

    /// Whether it has said farewell.
    pub fn has_left(&self) -> bool {
        matches!(self.role, Role::Left)
    }

    pub(super) fn on_farewell(
        &mut self,
        (from, incarnation): (ReplicaId, Incarnation),
        out: &mut EffectsFor<A>,
    ) {
        self.detector.take_leave_of(from, incarnation);
        match &mut self.role {
            Role::Candidate(candidate) => {
                // It would never install the view.
                candidate.promises.remove(&from);
            }
            Role::Installer(installer) if installer.view.names(from, incarnation) => {
                return self.campaign(out);
            }
            Role::Idle if self.disk.view.primary() == from => self.take_turns(),
            _ => {}
        }
        self.act(out);
    }

    /// All hear at about the same time that there is no primary: one becomes a candidate at once, the others in case it
    /// does not.
    fn take_turns(&mut self) {
        let (me, now) = (self.setup.id, self.now);
        let before = self
            .others()
            .filter(|&id| id < me && !self.detector.suspects(id, now));
        let turn = before.count() as u64;
        let delay_ns = self.setup.timing.rank_delay_ns.saturating_mul(turn);
        self.patient_until = now.after_ns(delay_ns);
    }
}
