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
/// One of this number of operations is asked for in haste.
const HASTY_ODDS: u64 = 8;
/// The first thing comes within this time of the start, so that clients do not begin all at once.
const ARRIVAL_NS: u64 = SECOND_NS / 10;

/// What a text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextKind {
    Short,
    /// Letters of several bytes.
    Wide,
    /// About this number of bytes.
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
    /// Whether the user waits for a short time only.
    pub(crate) is_hasty: bool,
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
        let planned = Planned {
            time,
            number,
            deed,
            is_hasty: self.stream.below(HASTY_ODDS) == 0,
        };
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

    /// Whether it is time for a deed that comes once in this number of seconds, in the mean.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn setup(rate_per_s: f64, seconds: u64) -> WorkloadSetup {
        WorkloadSetup {
            seed: 7,
            trial: 0,
            client: 1,
            clients: 8,
            rate_per_s,
            start: Time(SECOND_NS),
            end: Time((1 + seconds) * SECOND_NS),
        }
    }

    #[test]
    fn what_is_planned_comes_in_order_at_the_rate_and_ends_with_the_load() {
        let all: Vec<Planned> = Plan::new(setup(5.0, 3_600)).collect();
        assert_eq!(all, Plan::new(setup(5.0, 3_600)).collect::<Vec<_>>());
        assert!(all.windows(2).all(|pair| pair[0].time <= pair[1].time));
        assert!(all.windows(2).all(|pair| pair[0].number < pair[1].number));
        assert!(all[0].time >= Time(SECOND_NS));
        let last = all.last().expect("a plan");
        assert!(last.time < Time(3_601 * SECOND_NS));
        // 18,000 in an hour, give or take five standard deviations; what is left out while the client is away counts.
        let drawn = last.number as f64;
        assert!((drawn - 18_000.0).abs() < 5.0 * 18_000f64.sqrt(), "{drawn}");
    }

    #[test]
    fn rare_deeds_come_as_often_at_any_rate() {
        for rate in [0.5, 5.0, 20.0] {
            let all: Vec<Planned> = Plan::new(setup(rate, 7_200)).collect();
            let away_ns = |planned: &Planned| match planned.deed {
                Deed::LeaveUntil(time) => time.since_ns(planned.time),
                _ => 0,
            };
            let there_s = 7_200.0 - all.iter().map(away_ns).sum::<u64>() as f64 / 1e9;
            let is =
                |deed: fn(&Deed) -> bool| all.iter().filter(move |one| deed(&one.deed)).count();
            let counts = [
                (is(|deed| matches!(deed, Deed::LeaveUntil(_))), LEAVE_S),
                (is(|deed| matches!(deed, Deed::Delete)), DELETE_S),
                (
                    is(|deed| matches!(deed, Deed::Send { count, .. } if *count > 1)),
                    BURST_S,
                ),
            ];
            for (count, seconds) in counts {
                let expected = there_s / seconds;
                let distance = (count as f64 - expected).abs();
                assert!(
                    distance < 5.0 * expected.sqrt(),
                    "{count} each {seconds} s at {rate}"
                );
            }
        }
    }

    #[test]
    fn nothing_is_planned_for_a_time_at_which_the_client_is_away() {
        let mut away_until = Time(0);
        for planned in Plan::new(setup(20.0, 600)) {
            assert!(planned.time >= away_until, "{planned:?}");
            if let Deed::LeaveUntil(time) = planned.deed {
                away_until = time;
            }
        }
        assert!(away_until > Time(0), "it never leaves");
    }

    #[test]
    fn without_a_rate_there_is_nothing_to_do() {
        assert_eq!(Plan::new(setup(0.0, 60)).next(), None);
    }

    #[test]
    fn no_text_is_like_another_and_each_fits_a_message() {
        let kinds = [TextKind::Short, TextKind::Wide, TextKind::Long(8_000)];
        let mut all = BTreeSet::new();
        for client in 0..12 {
            for number in 0..12 {
                for part in 0..12 {
                    let kind = kinds[part as usize % 3];
                    let text = text_of(client, number, part, kind);
                    assert!(text.len() <= chat::limits::TEXT_BYTES_MAX);
                    assert!(all.insert(text), "{client} {number} {part}");
                }
            }
        }
    }
}
