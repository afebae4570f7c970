//! What befalls a process: it begins, ends, stands still, goes on.
//!
//! **Invariant.** Every life that begins is reported, and every end with what was lost by it.

use machine::process::outbox::Departure;
use machine::process::units::Peer;

use super::actor::Actor;
use super::disks::Ailment;
use super::gate::{Cargo, Flight};
use super::place::OrderlyEnd;
use super::witness::{Changes, LifeEnd, Loss, Witness};
use super::{Happening, Passed, Time, World};

impl<P: Actor, W: Witness<P>> World<P, W> {
    /// How often a process has begun.
    pub fn life(&self, who: Peer) -> u32 {
        self.places[who.0 as usize].life
    }

    /// How its last life ended; none if none has.
    pub fn last_end(&self, who: Peer) -> Option<LifeEnd> {
        self.places[who.0 as usize].last_end
    }

    /// Begins a life, with what the disk holds; nothing if the process is there.
    ///
    /// # Errors
    ///
    /// What the witness says.
    pub fn begin(&mut self, who: Peer) -> Result<(), W::Error> {
        let at = who.0 as usize;
        let place = &mut self.places[at];
        if place.process.is_some() {
            return Ok(());
        }
        place.life += 1;
        let durable = place.durable.clone();
        let mut process = P::begin(&place.setup, durable, self.now, &mut self.effects);
        if place.calendar_shift_ns != 0 {
            process.shift_clock(place.calendar_shift_ns);
        }
        self.witness.begun(self.now, who, place.life, &process);
        place.process = Some(process);
        // Nobody hears of a loss of power before the next life.
        let after_silence = place.last_end == Some(LifeEnd::Power);
        for peer in self.peers(who) {
            if self.links.link(who, peer).is_broken() {
                continue;
            }
            if after_silence {
                self.notify(who, peer, false, None);
            }
            self.notify(who, peer, true, None);
            self.notify(peer, who, true, None);
        }
        self.perform(at)
    }

    /// Ends a life; what became of its changes, or none if the process is not there.
    pub fn end(&mut self, who: Peer, how: LifeEnd) -> Option<Changes> {
        let place = &mut self.places[who.0 as usize];
        place.process.as_ref()?;
        let mut changes = Changes::default();
        if matches!(how, LifeEnd::Killed | LifeEnd::DiskFailed) {
            changes.kept = place.disk.prefix(&self.setting);
        }
        changes.lost = place.disk.pending.len() - changes.kept;
        for change in place.disk.pending.drain(..changes.kept) {
            P::replay(&mut place.durable, change);
        }
        place.disk.abandon();
        if how == LifeEnd::Wiped {
            place.durable = P::Durable::default();
        }
        if changes.kept > 0 || how == LifeEnd::Wiped {
            self.witness.written(self.now, who, &place.durable);
        }
        place.last_end = Some(how);
        let process = place.vacate()?;
        for left in place.take_left_behind() {
            match left {
                Departure::Send { to, message } => {
                    self.witness.lost(self.now, who, to, &message, Loss::Unsent);
                }
                Departure::Record(event) => self.witness.unrecorded(self.now, who, &event),
                Departure::HangUp(_) => {}
            }
        }
        for flight in std::mem::take(&mut place.deferred) {
            if let Cargo::Message(message) = &flight.cargo {
                let (from, to) = (flight.from, flight.to);
                self.witness.lost(self.now, from, to, message, Loss::Down);
            }
        }
        self.part(who, how);
        self.witness.ended(self.now, who, &process, how, changes);
        Some(changes)
    }

    /// What the end of a process does to its connections.
    fn part(&mut self, who: Peer, how: LifeEnd) {
        for peer in (0..self.places()).map(Peer).filter(|&peer| peer != who) {
            let link = self.links.link(who, peer);
            let takes_all = match how {
                LifeEnd::Power => true,
                LifeEnd::Stopped => false,
                LifeEnd::Killed | LifeEnd::DiskFailed | LifeEnd::Wiped => {
                    link.draws_reset(&self.setting)
                }
            };
            if takes_all {
                link.reset();
            }
        }
        if how != LifeEnd::Power {
            for peer in self.peers(who) {
                self.notify(who, peer, false, None);
            }
        }
    }

    /// A process stands still; false if it is not there.
    pub fn pause(&mut self, who: Peer) -> bool {
        let place = &mut self.places[who.0 as usize];
        place.pauses += u32::from(place.process.is_some());
        place.process.is_some()
    }

    /// One pause of a life less. After the last the process takes what has arrived, then wakes if it was to. False if that life
    /// has ended.
    pub fn resume(&mut self, who: Peer, life: u32) -> bool {
        let at = who.0 as usize;
        let place = &mut self.places[at];
        if place.life != life || place.process.is_none() {
            return false;
        }
        place.pauses = place.pauses.saturating_sub(1);
        if place.is_paused() {
            return true;
        }
        let deferred = std::mem::take(&mut place.deferred);
        self.at_once.extend(deferred.into_iter().map(Passed::Link));
        if place.wake.is_some_and(|due| due <= self.now) {
            place.wake = Some(self.now);
            self.queue.push(self.now, Happening::Wake { at, life });
        }
        self.tell_to_stop(at);
        self.interrupted.push_back(at);
        true
    }

    /// Asks a process to end in order: it ends once it is done and all that it has said has left. Who stands still hears of it
    /// when it goes on. False if it is not there, or was asked before.
    pub fn stop(&mut self, who: Peer) -> bool {
        let at = who.0 as usize;
        let place = &mut self.places[at];
        if place.process.is_none() || place.end != OrderlyEnd::No {
            return false;
        }
        place.end = OrderlyEnd::Due;
        if !place.is_paused() {
            self.tell_to_stop(at);
            self.interrupted.push_back(at);
        }
        true
    }

    /// Tells a process that it is to end in order, if that is due.
    fn tell_to_stop(&mut self, at: usize) {
        let place = &mut self.places[at];
        let Some(process) = place
            .process
            .as_mut()
            .filter(|_| place.end == OrderlyEnd::Due)
        else {
            return;
        };
        process.stop(self.now, &mut self.effects);
        self.witness.called(self.now, Peer(at as u32), process);
        place.end = OrderlyEnd::Told;
        place.outbox.put(&mut self.effects);
    }

    /// Moves the calendar of a host, nanoseconds. Later lives find it so too.
    pub fn shift_clock(&mut self, who: Peer, by_ns: i64) {
        let place = &mut self.places[who.0 as usize];
        place.calendar_shift_ns = place.calendar_shift_ns.saturating_add(by_ns);
        if let Some(process) = &mut place.process {
            process.shift_clock(by_ns);
        }
    }

    /// From now on something is wrong with the disk of a process.
    pub fn ail(&mut self, who: Peer, ailment: Ailment) {
        self.places[who.0 as usize].disk.ailments.begin(ailment);
    }

    /// What was wrong with a disk ends.
    pub fn cure(&mut self, who: Peer, ailment: Ailment) {
        self.places[who.0 as usize].disk.ailments.end(ailment);
    }

    /// Those who hear of a process: all others that are there, if they hear of links at all.
    pub(super) fn peers(&self, who: Peer) -> Vec<Peer> {
        if !P::HEARS_LINKS {
            return Vec::new();
        }
        let others = (0..self.places()).map(Peer).filter(|&peer| peer != who);
        let is_there = |peer: &Peer| self.places[peer.0 as usize].process.is_some();
        others.filter(is_there).collect()
    }

    /// Word for a process about its link to another: behind the messages under way from there, or at a time.
    pub(super) fn notify(&mut self, about: Peer, to: Peer, is_up: bool, at: Option<Time>) {
        let place = &self.places[to.0 as usize];
        if !P::HEARS_LINKS || place.process.is_none() {
            return;
        }
        let life = place.life;
        let link = self.links.link(about, to);
        let due = at.unwrap_or_else(|| link.notice(&self.setting, self.now));
        let flight = Flight {
            from: about,
            to,
            life,
            connection: link.connection,
            cargo: Cargo::Link {
                is_up,
                passes: at.is_some(),
            },
        };
        self.queue.push(due, Happening::Arrival(flight));
    }
}
