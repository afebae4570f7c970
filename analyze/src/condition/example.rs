//! A condition for tests, of this crate and beside it: that of the assignment, in virtual time.

use event_log::{Condition, Design, Drain, Driver, Odds, PhaseRule, Rate, RateRule, Stamp};

/// A minute of machines with these rates, ticks per second; everything else as usual.
pub(crate) fn condition(rates_hz: &[u32]) -> Condition {
    Condition {
        system: "scale-model".to_owned(),
        driver: Driver::Virtual,
        machines: rates_hz.len() as u32,
        rates: RateRule::Fixed(rates_hz.iter().map(|&hz| Rate::from_hz(hz)).collect()),
        duration_ns: 60_000_000_000,
        odds: Odds::Sides(10),
        drain: Drain::One,
        phase: PhaseRule::Random,
        speed: 1.0,
        latency: None,
        design: Design::Mesh,
        stamp: Stamp::After,
        tick_delay_ns: 0,
        faults: None,
        on_disconnect: None,
        per_process: 1,
    }
}
