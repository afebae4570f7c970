//! What befalls a link: it is held, released, broken, mended, or its weather changes.
//!
//! **Invariant.** What a hold kept arrives after it, in order; what a break took never arrives, and both ends hear of it. Who hangs
//! up is understood to the end, and hears nothing more.

use machine::process::units::Peer;

use super::actor::Actor;
use super::gate::Cargo;
use super::links::{Weather, WeatherKey};
use super::witness::{Loss, Witness};
use super::{Happening, Passed, World};

impl<P: Actor, W: Witness<P>> World<P, W> {
    /// Lets nothing more out of a link, one way.
    pub fn hold_link(&mut self, from: Peer, to: Peer) {
        self.links.link(from, to).gate.hold();
    }

    /// One hold less. After the last all that has waited arrives at once, or as a slow link lets it: how many messages.
    pub fn release_link(&mut self, from: Peer, to: Peer) -> usize {
        let messages = self.links.link(from, to).gate.release();
        self.let_out(from, to);
        messages
    }

    /// Lets out of a link what nothing keeps any more.
    fn let_out(&mut self, from: Peer, to: Peer) {
        let freed = self.links.link(from, to).gate.take_freed();
        self.at_once.extend(freed.into_iter().map(Passed::Hold));
        self.set_out(from, to);
    }

    /// Ends the connection between two, both ways, and lets no other come about. What is under way is lost.
    pub fn break_link(&mut self, one: Peer, other: Peer) {
        self.cut(one, other);
        self.cut(other, one);
    }

    /// Ends one direction of a connection; the recipient hears of it at once.
    fn cut(&mut self, from: Peer, to: Peer) {
        let link = self.links.link(from, to);
        let was_whole = !link.is_broken();
        for flight in link.break_off() {
            if let Cargo::Message(message) = &flight.cargo {
                self.witness.lost(self.now, from, to, message, Loss::Broken);
            }
        }
        if was_whole {
            self.notify(from, to, false, Some(self.now));
        }
    }

    /// One break less. After the last the two have a connection again, and hear of it if they are there.
    pub fn mend_link(&mut self, one: Peer, other: Peer) {
        for (from, to) in [(one, other), (other, one)] {
            let link = self.links.link(from, to);
            link.mend();
            let is_whole = !link.is_broken();
            let is_there = self.places[from.0 as usize].process.is_some();
            if is_whole && is_there {
                self.notify(from, to, true, None);
            }
        }
    }

    /// A process closes its link to another, and dials again after a while. What it has said arrives, and word of the end behind
    /// it; what was on its way to it is lost.
    pub(super) fn hang_up(&mut self, from: Peer, to: Peer) {
        let link = self.links.link(from, to);
        let was_whole = !link.is_broken();
        link.close();
        if was_whole {
            self.notify(from, to, false, None);
        }
        self.cut(to, from);
        let due = self.now.after_ns(self.setting.redial_ns);
        self.queue.push(due, Happening::Redial { from, to });
    }

    /// From now on a link has this weather too, one way; the number of its next message.
    pub fn begin_weather(
        &mut self,
        from: Peer,
        to: Peer,
        key: WeatherKey,
        weather: Weather,
    ) -> u64 {
        let link = self.links.link(from, to);
        link.add_weather(key, weather);
        link.next_number()
    }

    /// The weather of this name ends; the number of the next message.
    pub fn end_weather(&mut self, from: Peer, to: Peer, key: WeatherKey) -> u64 {
        let link = self.links.link(from, to);
        link.end_weather(key);
        let next = link.next_number();
        self.let_out(from, to);
        next
    }
}
