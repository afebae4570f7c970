//! What a client is to do, and when: drawn before anything happens.
//!
//! **Invariant.** A plan depends on its setup alone. What a fault prevents is left out, and changes nothing that comes after.

use machine::chance::{Purpose, Stream};
use machine::process::units::Time;

use super::setup::WorkloadSetup;

const SECOND_NS: u64 = 1_000_000_000;
/// Sends of a burst: more than the service takes at once from one account.
const BURST_SENDS: u64 = 70;
/// Seconds between two log-outs of a client, in the mean.
const LEAVE_S: f64 = 30.0;
/// Seconds between two deletions of its account.
const DELETE_S: f64 = 120.0;
/// Seconds between two bursts.
const BURST_S: f64 = 180.0;
/// The first thing comes within this time of the start, so that clients do not begin all at once.
const ARRIVAL_NS: u64 = SECOND_NS / 10;

/// What a text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextKind {
    Short,
    /// Letters of several bytes.
    Wide,
    /// With about so many bytes.
    Long(u64),
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Create the name that everybody wants.
    Contest,
    /// Send messages to an account.
    Send {
        to: u32,
        count: u64,
        text: TextKind,
    },
    /// Send to a name that nobody has.
    SendAstray,
    List,
    History,
    Who,
    Status,
    /// Log out, and stay away until then.
    LeaveUntil(Time),
    /// Delete the account. It is created again.
    Delete,
}

/// Something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) time: Time,
    /// Its place in the plan.
    pub(crate) number: u64,
    pub(crate) deed: Deed,
}

/// All that is to be done, in order; it ends with the load.
#[derive(Debug)]
pub(crate) struct Plan {
    setup: WorkloadSetup,
    stream: Stream,
    time: Time,
    number: u64,
    away_until: Time,
}

impl Plan {
    pub(crate) fn new(setup: WorkloadSetup) -> Plan {
        let purpose = Purpose::Client(setup.client);
        Plan {
            setup,
            stream: Stream::new(setup.seed, setup.trial, purpose),
            time: setup.start,
            number: 0,
            away_until: Time(0),
        }
    }

    /// The next thing, whether or not the client is away then.
    fn draw(&mut self) -> Option<Planned> {
        if self.setup.rate_per_s <= 0.0 {
            return None;
        }
        let number = self.number;
        self.number += 1;
        let deed = if number == 0 {
            let delay_ns = self.stream.below(ARRIVAL_NS);
            self.time = self.time.after_ns(delay_ns);
            Deed::Contest
        } else {
            let distance = self.stream.exponential() * SECOND_NS as f64 / self.setup.rate_per_s;
            // A float beyond all numbers becomes the largest.
            self.time = self.time.after_ns(distance as u64);
            self.draw_deed()
        };
        let time = self.time;
        let planned = Planned { time, number, deed };
        (time < self.setup.end).then_some(planned)
    }

    fn draw_deed(&mut self) -> Deed {
        // These come as often whatever the rate is.
        if self.is_due_each(LEAVE_S) {
            let away_ns = 2 * SECOND_NS + self.stream.below(6 * SECOND_NS);
            return Deed::LeaveUntil(self.time.after_ns(away_ns).min(self.setup.end));
        }
        if self.is_due_each(DELETE_S) {
            return Deed::Delete;
        }
        if self.is_due_each(BURST_S) {
            return self.draw_send(BURST_SENDS);
        }
        // Of a thousand others most are single sends.
        match self.stream.below(1_000) {
            0..20 => Deed::List,
            20..40 => Deed::History,
            40..60 => Deed::Who,
            60..70 => Deed::Status,
            70..75 => Deed::SendAstray,
            _ => self.draw_send(1),
        }
    }

    /// Whether a deed is one of those that come once in so many seconds.
    fn is_due_each(&mut self, seconds: f64) -> bool {
        self.stream.unit() * self.setup.rate_per_s * seconds < 1.0
    }

    fn draw_send(&mut self, count: u64) -> Deed {
        // A quarter of all goes to one account.
        let to = match self.stream.below(4) {
            0 => 0,
            _ => self.stream.below(u64::from(self.setup.accounts())) as u32,
        };
        let text = match self.stream.below(40) {
            0 if count == 1 => TextKind::Long(2_000 + self.stream.below(6_000)),
            1..4 => TextKind::Wide,
            _ => TextKind::Short,
        };
        Deed::Send { to, count, text }
    }
}

impl Iterator for Plan {
    type Item = Planned;

    fn next(&mut self) -> Option<Planned> {
        loop {
            let planned = self.draw()?;
            if planned.time < self.away_until {
                continue;
            }
            if let Deed::LeaveUntil(time) = planned.deed {
                self.away_until = time;
            }
            return Some(planned);
        }
    }
}

/// The text of a message: none is like another.
pub(crate) fn text_of(client: u32, number: u64, part: u64, kind: TextKind) -> String {
    let mut text = format!("{client}.{number}.{part}");
    match kind {
        TextKind::Short => {}
        TextKind::Wide => text.push_str(" grüße, привет, 你好, 👋"),
        TextKind::Long(bytes) => {
            const FILLING: &str = " lorem ipsum";
            let times = usize::try_from(bytes).unwrap_or(usize::MAX) / FILLING.len();
            text.push_str(&FILLING.repeat(times));
        }
    }
    text
}
