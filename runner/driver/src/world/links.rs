//! Links: what becomes of a message between two processes.
//!
//! A link leads one way. Its chance is keyed by sender, recipient and the number of the message, so that a fault which is taken
//! away changes no delay of another message. Held, it lets nothing out until it is released; slow, it lets out one message after the
//! other, each as long as its bytes take; broken, it loses what is under way and what is sent.
//!
//! **Invariant.** On a stream-like link no message arrives before one that was sent earlier, whatever befalls the link. What a
//! message meets depends on its number and on the faults in force when it is sent.

use std::collections::VecDeque;

use event_log::Latency;
use event_log::faults::ByteRate;
use machine::chance::{Purpose, Series, Words};
use machine::process::units::{Peer, Time};

use super::gate::{Cargo, Flight, Gate};
use super::setting::{LinkKind, Setting};
use super::witness::Loss;

/// Decisions about a message, by the words of its number.
const DELAY: usize = 0;
const LOSS: usize = 1;
const DUPLICATE: usize = 2;
const SECOND_DELAY: usize = 3;
/// Whether the sender's end resets the link, by the words of the message that would have been next.
const RESET: usize = 3;

/// What faults do to the messages of a link.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Weather {
    /// The chance of each message to be lost, 0 to 1.
    pub loss: f64,
    /// The chance of each message to arrive twice, 0 to 1; on datagram-like links alone.
    pub duplication: f64,
    /// How much longer each message takes, nanoseconds.
    pub delay_ns: u64,
    /// How much passes its end; a message that arrives waits for its turn.
    pub rate: ByteRate,
}

/// A fault that makes weather, by whose name it ends.
pub type WeatherKey = u32;

/// When a message arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage {
    Once(Time),
    Twice(Time, Time),
    Never(Loss),
}

#[derive(Debug)]
pub(super) struct Link<M> {
    from: Peer,
    to: Peer,
    /// Messages sent so far: the number of the next.
    sent: u64,
    /// When the last that was sent arrives.
    last: Time,
    /// Made when first needed.
    series: Option<Box<Series>>,
    pub(super) gate: Gate<M>,
    breaks: u32,
    pub(super) connection: u32,
    /// Why the last connection ended.
    pub(super) ended_by: Loss,
    weather: Vec<(WeatherKey, Weather)>,
}

impl<M> Link<M> {
    pub(super) fn is_broken(&self) -> bool {
        self.breaks > 0
    }

    /// The first that waits at its end sets out, if the link is slow and nothing is on its way: when it has passed.
    pub(super) fn set_out(&mut self, now: Time, bytes: impl Fn(&M) -> u64) -> Option<Time> {
        let bytes = match &self.gate.next()?.cargo {
            Cargo::Message(message) => bytes(message),
            Cargo::Link { .. } => 0,
        };
        let passage = now.after_ns(self.weather().rate.takes_ns(bytes));
        self.gate.set_out(passage);
        Some(passage)
    }

    /// The connection ends, and no other comes about: what is under way is lost. This is what was parked.
    pub(super) fn break_off(&mut self) -> VecDeque<Flight<M>> {
        self.breaks += 1;
        self.connection += 1;
        self.ended_by = Loss::Broken;
        self.gate.take_all()
    }

    /// The sender says nothing more, until it is mended.
    pub(super) fn close(&mut self) {
        self.breaks += 1;
    }

    /// The connection ends, and another may come about at once: what is under way is lost.
    pub(super) fn reset(&mut self) {
        self.connection += 1;
        self.ended_by = Loss::Reset;
    }

    /// The number of the next message.
    pub(super) fn next_number(&self) -> u64 {
        self.sent
    }

    /// One break less.
    pub(super) fn mend(&mut self) {
        self.breaks -= 1;
    }

    pub(super) fn add_weather(&mut self, key: WeatherKey, weather: Weather) {
        self.weather.push((key, weather));
        self.gate
            .set_slow(self.weather().rate != ByteRate::UNBOUNDED);
    }

    pub(super) fn end_weather(&mut self, key: WeatherKey) {
        self.weather.retain(|&(of, _)| of != key);
        self.gate
            .set_slow(self.weather().rate != ByteRate::UNBOUNDED);
    }

    /// All faults together: the worst chances, every delay, the lowest rate.
    fn weather(&self) -> Weather {
        let mut sum = Weather::default();
        for (_, weather) in &self.weather {
            sum.loss = sum.loss.max(weather.loss);
            sum.duplication = sum.duplication.max(weather.duplication);
            sum.delay_ns = sum.delay_ns.saturating_add(weather.delay_ns);
            sum.rate = sum.rate.min(weather.rate);
        }
        sum
    }

    fn words(&mut self, setting: &Setting, number: u64) -> Words {
        let purpose = Purpose::Link(self.from.0, self.to.0);
        let series = self
            .series
            .get_or_insert_with(|| Box::new(Series::new(setting.seed, setting.trial, purpose)));
        series.words(number)
    }

    /// A message is sent now.
    #[inline]
    pub(super) fn send(&mut self, setting: &Setting, now: Time) -> Passage {
        let number = self.sent;
        self.sent += 1;
        if self.is_broken() {
            return Passage::Never(Loss::Broken);
        }
        let Latency { min_ns, max_ns } = setting.delay;
        if min_ns == max_ns && self.weather.is_empty() {
            return Passage::Once(self.arrival(setting, now, min_ns));
        }
        let (weather, words) = (self.weather(), self.words(setting, number));
        if words.happens(LOSS, weather.loss) {
            return Passage::Never(Loss::Dropped);
        }
        let delay = |decision| {
            let drawn_ns = words.within(decision, min_ns, max_ns);
            drawn_ns.saturating_add(weather.delay_ns)
        };
        let first = self.arrival(setting, now, delay(DELAY));
        let repeats = setting.kind == LinkKind::Datagram;
        if repeats && words.happens(DUPLICATE, weather.duplication) {
            return Passage::Twice(first, self.arrival(setting, now, delay(SECOND_DELAY)));
        }
        Passage::Once(first)
    }

    /// Word about the link goes the way of messages, behind them, and is not lost.
    pub(super) fn notice(&mut self, setting: &Setting, now: Time) -> Time {
        self.arrival(setting, now, setting.delay.min_ns)
    }

    #[inline]
    fn arrival(&mut self, setting: &Setting, now: Time, delay_ns: u64) -> Time {
        let arrival = now.after_ns(delay_ns);
        match setting.kind {
            LinkKind::Stream => {
                self.last = self.last.max(arrival);
                self.last
            }
            LinkKind::Datagram => arrival,
        }
    }

    /// Whether the end of the sender takes with it what is under way.
    pub(super) fn draws_reset(&mut self, setting: &Setting) -> bool {
        self.words(setting, self.sent).happens(RESET, 0.5)
    }
}

/// The links of a world, each made when it is first needed.
#[derive(Debug)]
pub(super) struct Links<M> {
    places: usize,
    /// For each pair, sender × places + recipient, one more than the place of its link; 0 if there is none yet.
    index: Vec<u32>,
    links: Vec<Link<M>>,
}

impl<M> Links<M> {
    pub(super) fn new(places: usize) -> Links<M> {
        Links {
            places,
            index: vec![0; places * places],
            links: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn link(&mut self, from: Peer, to: Peer) -> &mut Link<M> {
        let index = &mut self.index[from.0 as usize * self.places + to.0 as usize];
        if *index == 0 {
            self.links.push(Link {
                from,
                to,
                sent: 0,
                last: Time(0),
                series: None,
                gate: Gate::new(),
                breaks: 0,
                connection: 0,
                ended_by: Loss::Broken,
                weather: Vec::new(),
            });
            *index = self.links.len() as u32;
        }
        &mut self.links[*index as usize - 1]
    }
}
