//! What the first-order law predicts, and how far it is off.
//!
//! With p the chance per roll that a given peer is sent to, messages arrive at machine i at the rate
//!
//! ```text
//! λ_i = p · Σ_{j≠i} max(0, r_j − λ_j)
//! ```
//!
//! because a machine rolls only on the ticks that its arrivals leave free. Its queue grows at λ_i − r_i exactly when
//! λ_i > r_i. The law was checked against 132 machines of 9 public repositories: mean of predicted over measured
//! arrival rate 1.001.
//!
//! The logical clock follows from it: the fastest machine's clock sets the pace R. Where a queue does not grow, messages
//! are read as they come and the clock keeps up with R. Where it grows, the message read at time t arrived at
//! t · r_i / λ_i, so that the clock follows the leader's of that time: it runs at max(r_i, R · r_i / λ_i).
//!
//! # Where it stops holding
//!
//! * **Near the critical load**, arrivals within 10 % of a machine's rate: a queue wanders there, and wandering up is
//!   not undone, so that it is longer than the 0 or the slow growth that the law has for it. Simulation tells: a band of
//!   virtual trials ([`crate::band`]).
//! * **Short trials.** The law is about rates that have settled; a queue at its start, or of a minute at one tick a
//!   second, has not.
//! * **Clocks of machines with equals.** R takes the fastest machine's own ticks for the pace. Several machines of about
//!   its rate hand each other the largest clock, which then runs faster than any of them ticks.
//! * **Silence.** The law of clocks knows the backlog that delays what is read. It does not know of peers that hardly
//!   send: a machine that hears nothing keeps its own time.
//! * **Rates drawn anew by each trial**: there is no one prediction.
//! * **Ticks that drain the whole queue.** Then a machine rolls unless something arrived since its last tick, and
//!   λ_i = p Σ r_j q_j with q_j the chance that nothing did. Taking senders' ticks for independent misses the
//!   arrival rates of the 56 triples of whole rates from 1 to 6 with a die of ten by 1.5 % (root mean square), by 7 % at
//!   worst, and those of many machines that send a lot by a quarter, so nothing is predicted.
//! * **The timekeeper's design**, whose machines have two queues and do not all do the same. A hub that relays messages
//!   delays them, and the law holds.
//! * **Latency** delays arrivals, so that the first messages of a trial come late; the law knows nothing of it.
//!
//! # Map
//!
//! [`fixed_point`] the arrival rates · [`regime`] stable, critical or overloaded · [`quantity`] what is predicted,
//! by name · [`residual`] measurement less prediction.
//!
//! **Invariant.** No prediction where the law says nothing; what its formula gives near the critical load is kept apart
//! ([`Prediction::first_order`]), to show how far off it is there.

pub mod fixed_point;
pub mod quantity;
pub mod regime;
pub mod residual;

use event_log::{Condition, Design, Drain, RateRule};
use serde::Serialize;

pub use fixed_point::arrival_rates;
pub use regime::Regime;

/// What the law predicts for one machine of a condition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Prediction {
    /// How the machine's arrivals compare with its rate.
    pub regime: Option<Regime>,
    /// Messages arriving per nominal second.
    pub predicted_arrival_rate: Option<f64>,
    /// Messages by which the queue grows per nominal second; 0 where arrivals are read as they come. None, as for all
    /// that follows, near the critical load.
    pub predicted_queue_growth: Option<f64>,
    /// Messages in the queue at the end of the trial.
    pub predicted_queue_last: Option<f64>,
    /// Units of the logical clock per nominal second.
    pub predicted_logical_rate: Option<f64>,
    /// The logical clock at the end of the trial.
    pub predicted_clock_final: Option<f64>,
    /// What the formulas give, also where they are not to be trusted; null where the law does not apply at all.
    pub first_order: Option<FirstOrder>,
}

/// What the formulas give for one machine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FirstOrder {
    /// λ, messages per nominal second.
    pub arrival_rate: f64,
    /// max(0, λ − r), messages per nominal second.
    pub queue_growth: f64,
    /// max(0, λ − r) · duration, messages.
    pub queue_last: f64,
    /// max(r, R · r / max(r, λ)), units per nominal second.
    pub logical_rate: f64,
    /// That rate · duration, units.
    pub clock_final: f64,
}

impl FirstOrder {
    /// For a machine of rate `rate_hz` at which `arrival_rate` messages arrive a second, with the fastest machine at
    /// `pace_hz`, after `duration_s` seconds.
    fn of(rate_hz: f64, arrival_rate: f64, pace_hz: f64, duration_s: f64) -> FirstOrder {
        let queue_growth = (arrival_rate - rate_hz).max(0.0);
        let followed = pace_hz * (rate_hz / arrival_rate.max(rate_hz));
        let logical_rate = followed.max(rate_hz);
        FirstOrder {
            arrival_rate,
            queue_growth,
            queue_last: queue_growth * duration_s,
            logical_rate,
            clock_final: logical_rate * duration_s,
        }
    }

    /// The prediction for a machine of rate `rate_hz`: all of it but near the critical load, where only λ is one.
    fn prediction(self, rate_hz: f64) -> Prediction {
        let regime = Regime::of(self.arrival_rate, rate_hz);
        let decided = |value: f64| (regime != Regime::Critical).then_some(value);
        Prediction {
            regime: Some(regime),
            predicted_arrival_rate: Some(self.arrival_rate),
            predicted_queue_growth: decided(self.queue_growth),
            predicted_queue_last: decided(self.queue_last),
            predicted_logical_rate: decided(self.logical_rate),
            predicted_clock_final: decided(self.clock_final),
            first_order: Some(self),
        }
    }
}

/// The prediction for each machine of a condition; empty where the law does not apply.
pub fn predict(condition: &Condition) -> Vec<Prediction> {
    let RateRule::Fixed(rates) = &condition.rates else {
        return Vec::new();
    };
    if condition.drain == Drain::All || condition.design == Design::Timekeeper {
        return Vec::new();
    }
    let rates: Vec<f64> = rates.iter().map(|rate| rate.hz()).collect();
    let arrivals = arrival_rates(&rates, condition.odds.per_peer(condition.machines));
    let duration_s = condition.duration_ns as f64 / 1e9;
    let pace_hz = rates.iter().copied().fold(0.0, f64::max);
    rates
        .iter()
        .zip(arrivals)
        .map(|(&rate, arrival)| FirstOrder::of(rate, arrival, pace_hz, duration_s).prediction(rate))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overloaded_machine_follows_the_leaders_clock_of_the_past() {
        // Rates 1, 3, 6: λ0 = 1.5, so the queue grows by half a message a second and the clock runs at 6 · 1 / 1.5.
        let prediction = FirstOrder::of(1.0, 1.5, 6.0, 60.0).prediction(1.0);
        assert_eq!(prediction.regime, Some(Regime::Overloaded));
        assert_eq!(prediction.predicted_queue_last, Some(30.0));
        assert_eq!(prediction.predicted_logical_rate, Some(4.0));
        assert_eq!(prediction.predicted_clock_final, Some(240.0));
    }

    #[test]
    fn near_the_critical_load_the_arrival_rate_alone_is_predicted() {
        let prediction = FirstOrder::of(1.0, 1.05, 6.0, 60.0).prediction(1.0);
        assert_eq!(prediction.regime, Some(Regime::Critical));
        assert_eq!(prediction.predicted_arrival_rate, Some(1.05));
        assert_eq!(prediction.predicted_queue_last, None);
        assert_eq!(prediction.predicted_clock_final, None);
        let formula = prediction.first_order.expect("the law applies");
        assert!((formula.queue_last - 3.0).abs() < 1e-9, "{formula:?}");
    }
}
