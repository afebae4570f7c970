//! Ids, ticks, clock values and rates, each a type of its own so that none is taken for another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A machine of a trial, counted from 0.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MachineId(pub u32);

impl MachineId {
    /// The id as an index into a list of the trial's machines.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for MachineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of a tick of one machine, counted from 0. Not a time: see [`crate::Schedule`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Tick(pub u64);

/// A value of a Lamport clock: 0 before the first event, at least 1 after it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct LamportTime(pub u64);

/// The period of one millihertz, nanoseconds.
const MILLIHERTZ_NS: u64 = 1_000_000_000_000;

/// A tick rate in ticks per second, exact to a thousandth.
///
/// Kept as whole millihertz so that due times are integers and the same on every platform. Written as a number of
/// hertz in manifests and on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Rate {
    millihertz: u64,
}

impl Rate {
    /// The slowest rate: one tick in a thousand seconds.
    pub const MIN_HZ: f64 = 0.001;
    /// The fastest rate: a million ticks per second.
    pub const MAX_HZ: f64 = 1_000_000.0;

    /// A whole number of ticks per second. Values of 0 become [`Rate::MIN_HZ`], so that a period always exists.
    pub fn from_hz(hertz: u32) -> Rate {
        Rate {
            millihertz: (u64::from(hertz) * 1000).max(1),
        }
    }

    /// Ticks per second.
    pub fn hz(self) -> f64 {
        self.millihertz as f64 / 1000.0
    }

    /// Time from the start of the schedule to `tick` periods later, rounded down, in nanoseconds.
    ///
    /// Computed from the tick's number, not by adding periods, so that no rounding accumulates.
    #[inline]
    pub fn offset_ns(self, tick: u64) -> u64 {
        // The first 18 million ticks: a division of 64 bits is several times as fast.
        if let Some(product) = tick.checked_mul(MILLIHERTZ_NS) {
            return product / self.millihertz;
        }
        let offset = u128::from(tick) * u128::from(MILLIHERTZ_NS) / u128::from(self.millihertz);
        u64::try_from(offset).unwrap_or(u64::MAX)
    }

    /// [`Rate::offset_ns`] of ticks 0, 1, 2 and so on.
    pub(crate) fn offset(self) -> Offset {
        Offset {
            next_ns: 0,
            remainder: 0,
            period_ns: MILLIHERTZ_NS / self.millihertz,
            period_remainder: MILLIHERTZ_NS % self.millihertz,
            millihertz: self.millihertz,
        }
    }

    /// The length of one period, rounded down, in nanoseconds.
    pub fn period_ns(self) -> u64 {
        self.offset_ns(1)
    }
}

/// Distances of successive ticks from the first, exact: what a period leaves over is carried along.
#[derive(Debug, Clone)]
pub(crate) struct Offset {
    next_ns: u64,
    /// What the offset lacks of the exact one, in parts of `millihertz` of a nanosecond.
    remainder: u64,
    period_ns: u64,
    period_remainder: u64,
    millihertz: u64,
}

impl Offset {
    /// Nanoseconds from the first tick to the next one asked for, rounded down.
    #[inline]
    pub(crate) fn next_ns(&mut self) -> u64 {
        let now_ns = self.next_ns;
        self.remainder += self.period_remainder;
        let carry = u64::from(self.remainder >= self.millihertz);
        self.remainder -= carry * self.millihertz;
        self.next_ns = now_ns.saturating_add(self.period_ns + carry);
        now_ns
    }
}

impl TryFrom<f64> for Rate {
    type Error = String;

    fn try_from(hertz: f64) -> Result<Rate, String> {
        if !(Rate::MIN_HZ..=Rate::MAX_HZ).contains(&hertz) {
            return Err(format!(
                "a rate of {hertz} ticks per second: expected a number from {} to {}",
                Rate::MIN_HZ,
                Rate::MAX_HZ
            ));
        }
        Ok(Rate {
            millihertz: (hertz * 1000.0).round() as u64,
        })
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> f64 {
        rate.hz()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hz().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_do_not_accumulate_rounding() {
        let six = Rate::from_hz(6);
        assert_eq!(six.offset_ns(6), 1_000_000_000);
        assert_eq!(six.offset_ns(360), 60_000_000_000);
        assert_eq!(six.period_ns(), 166_666_666);
    }

    #[test]
    fn rates_outside_the_range_are_refused() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 2e6] {
            assert!(Rate::try_from(bad).is_err(), "{bad} was accepted");
        }
        assert_eq!(Rate::try_from(2.5).expect("in range").hz(), 2.5);
    }
}
