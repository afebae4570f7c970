//! When a tick is due.
//!
//! Three notions of time meet here and nowhere else: a **tick** is a count, the **Lamport clock** is what machines
//! tell each other, and **system time** is nanoseconds since the Unix epoch. A machine knows only the first two; the
//! schedule turns the first into the third.
//!
//! Tick k is due at `start + (phase + k / rate) / speed`. Due times are absolute: a late tick delays no other, so
//! lateness never accumulates.

use crate::units::{Offset, Rate, Tick};

/// The due times of one machine's ticks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// Start of the trial, nanoseconds since the Unix epoch.
    pub started_ns: u64,
    /// Nominal delay of the first tick after the start, less than one period, in nanoseconds.
    pub phase_ns: u64,
    /// Nominal ticks per second.
    pub rate: Rate,
    /// How many nominal seconds pass in one second of system time; 1 unless time is compressed.
    pub speed: f64,
}

impl Schedule {
    /// System time at which `tick` is due, nanoseconds since the Unix epoch.
    #[inline]
    pub fn due_ns(&self, tick: Tick) -> u64 {
        let nominal = self.phase_ns.saturating_add(self.rate.offset_ns(tick.0));
        self.started_ns
            .saturating_add(compress(nominal, self.speed))
    }

    /// The due times of all ticks, from the first.
    pub fn dues(&self) -> Dues {
        Dues {
            schedule: *self,
            offset: self.rate.offset(),
        }
    }

    /// How many ticks are due in the first `duration_ns` nominal nanoseconds.
    ///
    /// With a phase below one period and a whole number of periods in the duration this is rate × duration exactly.
    pub fn ticks_within(&self, duration_ns: u64) -> u64 {
        if duration_ns <= self.phase_ns {
            return 0;
        }
        let room = duration_ns - self.phase_ns;
        let mut ticks = (room as f64 / 1e9 * self.rate.hz()) as u64;
        // The estimate may be off by one either way; the exact integers decide.
        while ticks > 0 && self.rate.offset_ns(ticks - 1) >= room {
            ticks -= 1;
        }
        while self.rate.offset_ns(ticks) < room {
            ticks += 1;
        }
        ticks
    }
}

/// The due times of one machine's ticks, one after the other: what [`Schedule::due_ns`] says, without its division.
#[derive(Debug, Clone)]
pub struct Dues {
    schedule: Schedule,
    offset: Offset,
}

impl Dues {
    /// System time at which the next tick is due, nanoseconds since the Unix epoch.
    #[inline]
    pub fn next_ns(&mut self) -> u64 {
        let nominal = self.schedule.phase_ns.saturating_add(self.offset.next_ns());
        let since_start = compress(nominal, self.schedule.speed);
        self.schedule.started_ns.saturating_add(since_start)
    }
}

/// Nominal nanoseconds as nanoseconds of system time at a speed.
#[inline]
pub fn compress(nominal_ns: u64, speed: f64) -> u64 {
    if speed == 1.0 {
        nominal_ns
    } else {
        (nominal_ns as f64 / speed).round() as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn due_times_one_after_the_other_are_those_of_the_ticks(
            hertz in prop_oneof![Rate::MIN_HZ..1.0, 1.0..7.0, 7.0..Rate::MAX_HZ],
            started_ns in prop_oneof![Just(0), Just(1_000_000_000_000_000_000), any::<u64>()],
            phase_ns in 0..1_000_000_000u64, speed in prop_oneof![Just(1.0), 0.1..100.0],
        ) {
            let rate = Rate::try_from(hertz).expect("in range");
            let schedule = Schedule { started_ns, phase_ns, rate, speed };
            let mut dues = schedule.dues();
            for tick in 0..2000 {
                prop_assert_eq!(dues.next_ns(), schedule.due_ns(Tick(tick)), "tick {}", tick);
            }
        }
    }

    fn schedule(rate_hz: u32, phase_ns: u64, speed: f64) -> Schedule {
        Schedule {
            started_ns: 1_000,
            phase_ns,
            rate: Rate::from_hz(rate_hz),
            speed,
        }
    }

    #[test]
    fn a_minute_holds_sixty_times_the_rate_whatever_the_phase() {
        for rate in 1..=6 {
            let period = Rate::from_hz(rate).period_ns();
            for phase in [0, 1, period / 2, period - 1] {
                let ticks = schedule(rate, phase, 1.0).ticks_within(60_000_000_000);
                assert_eq!(ticks, u64::from(rate) * 60, "rate {rate}, phase {phase}");
            }
        }
    }

    #[test]
    fn speed_divides_the_distance_from_the_start() {
        let schedule = schedule(2, 100_000_000, 10.0);
        assert_eq!(schedule.due_ns(Tick(0)), 1_000 + 10_000_000);
        assert_eq!(schedule.due_ns(Tick(4)), 1_000 + 210_000_000);
    }

    #[test]
    fn nothing_is_due_in_no_time() {
        assert_eq!(schedule(6, 0, 1.0).ticks_within(0), 0);
        assert_eq!(schedule(6, 0, 1.0).ticks_within(1), 1);
    }
}
