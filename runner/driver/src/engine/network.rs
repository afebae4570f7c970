//! The delays of messages: from machine to machine, or from machine to relay and from relay to machine.
//!
//! **Invariant.** Every link is FIFO: where delays are drawn, a message arrives no earlier than the one before it on the
//! same link. Each hop has one draw.

use event_log::{Design, Latency, MachineId};
use machine::chance::Stream;

/// The delays between machines.
#[derive(Debug)]
pub struct Network {
    latency: Latency,
    stream: Stream,
    machines: usize,
    has_relay: bool,
    /// When the last message of each link arrives; empty where delays do not vary. Without a relay a link is a pair,
    /// sender × machines + recipient; with one the links to it come first, then those from it.
    last_arrival_ns: Vec<u64>,
}

impl Network {
    /// The network of a design with `machines` machines; delays come from `latency`, drawn from `stream` where they vary.
    pub fn new(design: Design, machines: usize, latency: Latency, stream: Stream) -> Network {
        let has_relay = design == Design::Hub;
        let links = match (latency.min_ns == latency.max_ns, has_relay) {
            (true, _) => 0,
            (false, true) => 2 * machines,
            (false, false) => machines * machines,
        };
        Network {
            latency,
            stream,
            machines,
            has_relay,
            last_arrival_ns: vec![0; links],
        }
    }

    /// Whether messages go through a relay.
    #[inline]
    pub fn has_relay(&self) -> bool {
        self.has_relay
    }

    /// Whether messages take different times.
    #[inline]
    pub fn varies(&self) -> bool {
        self.latency.min_ns != self.latency.max_ns
    }

    /// The delay of a message to all others at once; none where delays differ, or a relay passes it on to each.
    pub fn delay_to_all_ns(&self) -> Option<u64> {
        (!self.varies() && !self.has_relay).then_some(self.latency.min_ns)
    }

    /// When a message sent now arrives at its recipient.
    #[inline]
    pub fn arrival_ns(&mut self, now_ns: u64, from: MachineId, to: MachineId) -> u64 {
        self.hop(now_ns, from.index() * self.machines + to.index())
    }

    /// When a message sent now arrives at the relay.
    #[inline]
    pub fn to_relay_ns(&mut self, now_ns: u64, from: MachineId) -> u64 {
        self.hop(now_ns, from.index())
    }

    /// When a message that the relay passes on now arrives at its recipient.
    #[inline]
    pub fn from_relay_ns(&mut self, now_ns: u64, to: MachineId) -> u64 {
        self.hop(now_ns, self.machines + to.index())
    }

    #[inline]
    fn hop(&mut self, now_ns: u64, link: usize) -> u64 {
        let Latency { min_ns, max_ns } = self.latency;
        if min_ns == max_ns {
            return now_ns + min_ns;
        }
        let delay_ns = min_ns + self.stream.below(max_ns - min_ns + 1);
        let last = &mut self.last_arrival_ns[link];
        *last = (now_ns + delay_ns).max(*last);
        *last
    }
}
