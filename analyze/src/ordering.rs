//! How often three orders of events disagree: Lamport clocks, wall clocks, and what happened before what.
//!
//! ```text
//! Trial ─→ vectors ─→ pairs of events (all, or a sample with a seed) ─→ Ordering ─→ words · table · JSON
//! ```
//!
//! Happened-before is computed from messages that are matched for certain. A pair of events that depends on others is
//! left out and counted.
//!
//! **Invariant.** Every share says of how many pairs it is; a sample says its seed.

use std::fmt;

use serde::Serialize;
use statistics::chance::Chance;

use crate::visible_text::visible;
use events::vector_time::{Vectors, vectors};
use events::{At, Evidence, Kind, TimeOrigin, Trial};

/// Pairs of a trial up to which all are looked at; of more, this many are drawn.
pub const PAIRS_MAX: u64 = 200_000;

/// What was found of one trial, or of several summed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Ordering {
    /// What the trial is called.
    pub trial: String,
    /// Pairs of events of different machines that there are.
    pub pairs: u64,
    /// Pairs that were looked at.
    pub examined: u64,
    /// The seed of the draw, where not all were looked at.
    pub seed: Option<u64>,
    /// Pairs left out because they depend on a receive whose send is not certain.
    pub uncertain: u64,
    /// Pairs where one event happened before the other.
    pub ordered: u64,
    /// Pairs where neither did.
    pub concurrent: u64,
    /// Ordered pairs whose clocks do not say so: the later event has no greater clock.
    pub clock_condition_failures: u64,
    /// Ordered pairs with comparable times.
    pub ordered_timed: u64,
    /// Ordered pairs whose later event has the earlier time.
    pub wall_against_causality: u64,
    /// Concurrent pairs with clocks and comparable times that differ.
    pub concurrent_timed: u64,
    /// Concurrent pairs that clocks put in the other order than times.
    pub clock_against_wall: u64,
    /// Seconds by which the times of such a pair lie apart, on average over these pairs.
    pub apart_mean_s: Option<f64>,
    /// The most seconds.
    pub apart_max_s: Option<f64>,
    /// Concurrent pairs with equal clocks, which clocks alone cannot order.
    pub equal_clocks: u64,
    /// Receives with a certain send and comparable times.
    pub receives_timed: u64,
    /// Receives with a time before that of their send.
    pub received_before_sent: u64,
    /// Why nothing can be said, if nothing can.
    pub not_decidable: Option<String>,
}

impl Ordering {
    /// Adds another trial's counts.
    pub fn add(&mut self, other: &Ordering) {
        let apart = self.apart_mean_s.unwrap_or(0.0) * self.clock_against_wall as f64
            + other.apart_mean_s.unwrap_or(0.0) * other.clock_against_wall as f64;
        self.pairs += other.pairs;
        self.examined += other.examined;
        self.seed = self.seed.or(other.seed);
        self.uncertain += other.uncertain;
        self.ordered += other.ordered;
        self.concurrent += other.concurrent;
        self.clock_condition_failures += other.clock_condition_failures;
        self.ordered_timed += other.ordered_timed;
        self.wall_against_causality += other.wall_against_causality;
        self.concurrent_timed += other.concurrent_timed;
        self.clock_against_wall += other.clock_against_wall;
        self.apart_mean_s =
            (self.clock_against_wall > 0).then(|| apart / self.clock_against_wall as f64);
        self.apart_max_s = farther(self.apart_max_s, other.apart_max_s);
        self.equal_clocks += other.equal_clocks;
        self.receives_timed += other.receives_timed;
        self.received_before_sent += other.received_before_sent;
    }
}

/// The larger of two distances, where there is one.
fn farther(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::max)
}

/// Compares the orders of a trial whose messages are matched. Where there are more than [`PAIRS_MAX`] pairs, they are drawn by the seed.
pub fn compare(trial: &Trial, seed: u64) -> Ordering {
    let mut found = Ordering {
        trial: match trial.info.name.as_str() {
            "" => trial.info.run.clone(),
            name => format!("{}/{name}", trial.info.run),
        },
        ..Ordering::default()
    };
    let vectors = match vectors(&trial.matching()) {
        Ok(vectors) => vectors,
        Err(_) => {
            found.not_decidable = Some(
                "messages make a causal cycle: no order of the events agrees with them".to_owned(),
            );
            return found;
        }
    };
    receives(trial, &mut found);
    let mut pairs = Pairs::new(trial);
    found.pairs = pairs.total();
    if found.pairs == 0 {
        found.not_decidable = Some("fewer than two machines have events".to_owned());
        return found;
    }
    let mut comparing = Comparing {
        trial,
        vectors,
        apart_s: 0.0,
        found,
    };
    if comparing.found.pairs <= PAIRS_MAX {
        pairs.all(|one, other| comparing.pair(one, other));
    } else {
        comparing.found.seed = Some(seed);
        let mut chance = Chance::new(seed);
        for _ in 0..PAIRS_MAX {
            let (one, other) = pairs.draw(&mut chance);
            comparing.pair(one, other);
        }
    }
    comparing.finish()
}

fn receives(trial: &Trial, found: &mut Ordering) {
    if trial.info.dialect.time == Some(TimeOrigin::Machine) {
        return;
    }
    for (machine, rows) in trial.machines.iter().map(|of| &of.rows).enumerate() {
        for row in (0..rows.len()).filter(|&row| rows.kind(row) == Kind::Receive) {
            // A match by order was allowed by its times, so it says nothing of them.
            let evidence = rows.evidence(row);
            let by_name = evidence.is_some_and(|by| by < Evidence::ChannelOrder);
            let Some(send) = trial.send_of(At { machine, row }).filter(|_| by_name) else {
                continue;
            };
            let sent_ns = trial.machines[send.machine].rows.time_ns.get(send.row);
            if let Some((received_ns, sent_ns)) = rows.time_ns.get(row).zip(sent_ns) {
                found.receives_timed += 1;
                found.received_before_sent += u64::from(received_ns < sent_ns);
            }
        }
    }
}

/// An event: machine and position.
type Place = (usize, usize);

struct Comparing<'a> {
    trial: &'a Trial,
    vectors: Vectors,
    apart_s: f64,
    found: Ordering,
}

impl Comparing<'_> {
    fn pair(&mut self, one: Place, other: Place) {
        self.found.examined += 1;
        if !(self.vectors.is_certain(one.0, one.1) && self.vectors.is_certain(other.0, other.1)) {
            self.found.uncertain += 1;
        } else if self.vectors.happened_before(one, other) {
            self.ordered(one, other);
        } else if self.vectors.happened_before(other, one) {
            self.ordered(other, one);
        } else {
            self.concurrent(one, other);
        }
    }

    fn ordered(&mut self, earlier: Place, later: Place) {
        self.found.ordered += 1;
        if let Some((before, after)) = self.clock(earlier).zip(self.clock(later)) {
            self.found.clock_condition_failures += u64::from(after <= before);
        }
        if let Some((before_ns, after_ns)) = self.time_ns(earlier).zip(self.time_ns(later)) {
            self.found.ordered_timed += 1;
            self.found.wall_against_causality += u64::from(after_ns < before_ns);
        }
    }

    fn concurrent(&mut self, one: Place, other: Place) {
        self.found.concurrent += 1;
        let Some((one_clock, other_clock)) = self.clock(one).zip(self.clock(other)) else {
            return;
        };
        if one_clock == other_clock {
            self.found.equal_clocks += 1;
            return;
        }
        let times = self.time_ns(one).zip(self.time_ns(other));
        if let Some((one_ns, other_ns)) = times.filter(|(one_ns, other_ns)| one_ns != other_ns) {
            self.found.concurrent_timed += 1;
            if (one_clock < other_clock) != (one_ns < other_ns) {
                let apart_s = one_ns.abs_diff(other_ns) as f64 / 1e9;
                self.found.clock_against_wall += 1;
                self.apart_s += apart_s;
                self.found.apart_max_s = farther(self.found.apart_max_s, Some(apart_s));
            }
        }
    }

    /// Clocks that order all events: of vectors the sum, which grows along every path of causes.
    fn clock(&self, (machine, row): Place) -> Option<f64> {
        let rows = &self.trial.machines[machine].rows;
        match rows.clock_vector(row) {
            Some(components) => Some(components.iter().sum::<u64>() as f64),
            None => rows.clock_value(row),
        }
    }

    fn time_ns(&self, (machine, row): Place) -> Option<i64> {
        let compare = self.trial.info.dialect.time != Some(TimeOrigin::Machine);
        let time_ns = self.trial.machines[machine].rows.time_ns.get(row);
        time_ns.filter(|_| compare)
    }

    fn finish(mut self) -> Ordering {
        let disagreeing = self.found.clock_against_wall;
        self.found.apart_mean_s = (disagreeing > 0).then(|| self.apart_s / disagreeing as f64);
        self.found
    }
}

/// The pairs of events of different machines.
struct Pairs {
    lengths: Vec<usize>,
}

impl Pairs {
    fn new(trial: &Trial) -> Pairs {
        let lengths = trial.machines.iter().map(|machine| machine.rows.len());
        Pairs {
            lengths: lengths.collect(),
        }
    }

    fn total(&self) -> u64 {
        let events: u64 = self.lengths.iter().map(|&events| events as u64).sum();
        let squares: u64 = self
            .lengths
            .iter()
            .map(|&events| (events as u64).pow(2))
            .sum();
        (events.saturating_mul(events) - squares) / 2
    }

    fn all(&mut self, mut each: impl FnMut(Place, Place)) {
        for (one, &events) in self.lengths.iter().enumerate() {
            for (other, &others) in self.lengths.iter().enumerate().skip(one + 1) {
                for event in 0..events {
                    (0..others).for_each(|at| each((one, event), (other, at)));
                }
            }
        }
    }

    /// A pair, each as likely: two events of all, until they are of different machines.
    fn draw(&self, chance: &mut Chance) -> (Place, Place) {
        loop {
            let (one, other) = (self.event(chance), self.event(chance));
            if one.0 != other.0 {
                return (one, other);
            }
        }
    }

    fn event(&self, chance: &mut Chance) -> Place {
        let mut at = chance.below(self.lengths.iter().sum());
        let mut machine = 0;
        while at >= self.lengths[machine] {
            at -= self.lengths[machine];
            machine += 1;
        }
        (machine, at)
    }
}

impl fmt::Display for Ordering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(why) = &self.not_decidable {
            return writeln!(f, "{}: no orders to compare: {why}", visible(&self.trial));
        }
        let share = |part: u64, whole: u64| match whole {
            0 => "none to tell".to_owned(),
            whole => format!(
                "{:.2} % ({part} of {whole})",
                100.0 * part as f64 / whole as f64
            ),
        };
        let told = self.ordered + self.concurrent;
        write!(
            f,
            "{}: {} pairs of events of different machines",
            visible(&self.trial),
            self.pairs
        )?;
        match self.seed {
            Some(seed) => writeln!(f, ", {} of them drawn with seed {seed}", self.examined)?,
            None => writeln!(f)?,
        }
        if self.uncertain > 0 {
            writeln!(
                f,
                "  left out, they depend on a receive whose send is not certain: {}",
                share(self.uncertain, self.examined)
            )?;
        }
        writeln!(
            f,
            "  one happened before the other:                {}",
            share(self.ordered, told)
        )?;
        writeln!(
            f,
            "  concurrent:                                   {}",
            share(self.concurrent, told)
        )?;
        writeln!(
            f,
            "  ordered, but the clocks do not say so:        {}",
            share(self.clock_condition_failures, self.ordered)
        )?;
        writeln!(
            f,
            "  ordered, but wall clocks say the reverse:     {}",
            share(self.wall_against_causality, self.ordered_timed)
        )?;
        writeln!(
            f,
            "  receives with a time before their send's:     {}",
            share(self.received_before_sent, self.receives_timed)
        )?;
        writeln!(
            f,
            "  concurrent with equal clocks:                 {}",
            share(self.equal_clocks, self.concurrent)
        )?;
        write!(
            f,
            "  concurrent, clocks against wall clocks:       {}",
            share(self.clock_against_wall, self.concurrent_timed)
        )?;
        if let (Some(mean_s), Some(max_s)) = (self.apart_mean_s, self.apart_max_s) {
            write!(f, ", {mean_s:.2} s apart on average, {max_s:.2} s at most")?;
        }
        writeln!(f)
    }
}

/// What the numbers mean, for a reader who meets them for the first time.
pub const EXPLANATION: &str = "\
An event happened before another if it is earlier on the same machine, or if a chain of messages leads from it to the
other. Two events without such a chain are concurrent: neither can have influenced the other, and no order of them is
the true one. Lamport clocks promise one thing: what happened before has the smaller clock. They promise nothing of
concurrent events; there a machine that lags behind has small clocks at late times, and clocks contradict wall clocks
by as many seconds as it lags. Wall clocks promise nothing either: if a receive has a time before that of its send, the
system clocks of two machines differ, or a line was written long after what it tells.
";

#[cfg(test)]
mod tests;
