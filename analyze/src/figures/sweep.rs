//! Whether conditions differ in a single number, and in which.
//!
//! **Invariant.** There is a sweep only if the conditions are equal once that number is set aside: a curve over one
//! parameter must not hide a change of another.

use event_log::{Condition, Latency, Odds, RateRule};

/// As many conditions make a curve; two are a comparison.
const CONDITIONS_MIN: usize = 3;
/// Values closer than this are one value: a die of ten and an internal probability of 0.7 are the same odds.
const SAME: f64 = 1e-9;

/// A number in which conditions may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    /// Probability that an idle machine has an internal event.
    Internal,
    /// Ticks per second, where all machines have the same.
    Rate,
    /// How many machines, all of one rate.
    Machines,
    /// Nominal length of a trial, seconds.
    Duration,
    /// One-way delay of every message, milliseconds.
    Latency,
    /// Nominal seconds in a second of system time.
    Speed,
}

/// The parameter in which conditions differ, and its value for each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sweep {
    pub(super) parameter: Parameter,
    /// (value, index of the condition), in order of the value.
    pub(super) places: Vec<(f64, usize)>,
}

impl Sweep {
    /// The sweep that these conditions are; none if they are fewer than three, draw their rates, or differ in anything
    /// but one number.
    pub(super) fn of(conditions: &[&Condition]) -> Option<Sweep> {
        let fixed = |condition: &&Condition| matches!(condition.rates, RateRule::Fixed(_));
        if conditions.len() < CONDITIONS_MIN || !conditions.iter().all(fixed) {
            return None;
        }
        Parameter::ALL
            .into_iter()
            .find_map(|parameter| parameter.sweep(conditions))
    }
}

impl Parameter {
    const ALL: [Parameter; 6] = [
        Parameter::Internal,
        Parameter::Rate,
        Parameter::Machines,
        Parameter::Duration,
        Parameter::Latency,
        Parameter::Speed,
    ];

    fn sweep(self, conditions: &[&Condition]) -> Option<Sweep> {
        let rest = self.set_aside(conditions[0]);
        if !conditions.iter().all(|c| self.set_aside(c) == rest) {
            return None;
        }
        let values = conditions.iter().map(|condition| self.value(condition));
        let values: Vec<f64> = values.collect::<Option<_>>()?;
        let mut places: Vec<(f64, usize)> = values.into_iter().zip(0..).collect();
        places.sort_by(|a, b| a.0.total_cmp(&b.0));
        let distinct = places
            .windows(2)
            .all(|pair| pair[1].0 - pair[0].0 > SAME * pair[1].0.abs().max(1.0));
        distinct.then_some(Sweep {
            parameter: self,
            places,
        })
    }

    /// Its value; none for a condition that has no single one.
    fn value(self, condition: &Condition) -> Option<f64> {
        match self {
            Parameter::Internal => Some(1.0 - 3.0 * condition.odds.each_send()),
            Parameter::Rate => common_rate(condition),
            Parameter::Machines => common_rate(condition).map(|_| f64::from(condition.machines)),
            Parameter::Duration => Some(condition.duration_ns as f64 / 1e9),
            Parameter::Latency => condition
                .latency
                .filter(|latency| latency.min_ns == latency.max_ns)
                .map(|latency| latency.min_ns as f64 / 1e6),
            Parameter::Speed => Some(condition.speed),
        }
    }

    /// The condition with this number made the same for all.
    fn set_aside(self, condition: &Condition) -> Condition {
        let mut rest = condition.clone();
        match self {
            Parameter::Internal => rest.odds = Odds::Internal(0.0),
            Parameter::Rate => rest.rates = RateRule::Fixed(Vec::new()),
            Parameter::Machines => {
                rest.machines = 0;
                if let RateRule::Fixed(rates) = &mut rest.rates {
                    rates.truncate(1);
                }
            }
            Parameter::Duration => rest.duration_ns = 0,
            Parameter::Latency => {
                let none = Latency {
                    min_ns: 0,
                    max_ns: 0,
                };
                rest.latency = rest.latency.map(|_| none);
            }
            Parameter::Speed => rest.speed = 1.0,
        }
        rest
    }
}

/// Ticks per second of every machine, if they have it in common.
fn common_rate(condition: &Condition) -> Option<f64> {
    let RateRule::Fixed(rates) = &condition.rates else {
        return None;
    };
    let first = rates.first()?;
    let common = rates.iter().all(|rate| rate == first);
    common.then(|| first.hz())
}

#[cfg(test)]
mod tests {
    use event_log::{Design, Drain, Driver, PhaseRule, Rate, Stamp};

    use super::*;

    fn condition(change: impl FnOnce(&mut Condition)) -> Condition {
        let mut condition = Condition {
            system: "scale-model".to_owned(),
            driver: Driver::Virtual,
            machines: 2,
            rates: RateRule::Fixed(vec![Rate::from_hz(2); 2]),
            duration_ns: 60_000_000_000,
            odds: Odds::Sides(10),
            drain: Drain::One,
            phase: PhaseRule::Random,
            speed: 1.0,
            latency: None,
            design: Design::Mesh,
            stamp: Stamp::After,
            tick_delay_ns: 0,
            on_disconnect: None,
        };
        change(&mut condition);
        condition
    }

    fn sweep(conditions: &[Condition]) -> Option<(Parameter, Vec<f64>)> {
        let conditions: Vec<&Condition> = conditions.iter().collect();
        let sweep = Sweep::of(&conditions)?;
        let values = sweep.places.iter().map(|(value, _)| *value);
        Some((sweep.parameter, values.collect()))
    }

    fn latency(min_ns: u64, max_ns: u64) -> Option<Latency> {
        Some(Latency { min_ns, max_ns })
    }

    /// A parameter, values of it in order, and how a condition is given one.
    type Case = (Parameter, [f64; 3], fn(&mut Condition, f64));

    #[test]
    fn each_parameter_is_found_and_its_values_are_in_order() {
        let cases: [Case; 6] = [
            (Parameter::Internal, [0.0, 0.25, 0.9], |c, x| {
                c.odds = Odds::Internal(x)
            }),
            (Parameter::Rate, [1.0, 4.0, 6.0], |c, x| {
                c.rates = RateRule::Fixed(vec![Rate::from_hz(x as u32); 2]);
            }),
            (Parameter::Machines, [3.0, 10.0, 100.0], |c, x| {
                c.machines = x as u32;
                c.rates = RateRule::Fixed(vec![Rate::from_hz(2); x as usize]);
            }),
            (Parameter::Duration, [10.0, 60.0, 600.0], |c, x| {
                c.duration_ns = (x * 1e9) as u64
            }),
            (Parameter::Latency, [0.1, 20.0, 500.0], |c, x| {
                c.latency = latency((x * 1e6) as u64, (x * 1e6) as u64);
            }),
            (Parameter::Speed, [1.0, 10.0, 60.0], |c, x| c.speed = x),
        ];
        for (parameter, values, change) in cases {
            let shuffled = [values[2], values[0], values[1]];
            let conditions = shuffled.map(|value| condition(|c| change(c, value)));
            let (found, ordered) = sweep(&conditions).expect("one number differs");
            assert_eq!(found, parameter);
            for (found, expected) in ordered.iter().zip(values) {
                assert!(
                    (found - expected).abs() < 1e-9,
                    "{parameter:?}: {ordered:?}"
                );
            }
        }
    }

    #[test]
    fn a_die_is_an_internal_probability() {
        let odds = [Odds::Sides(3), Odds::Internal(0.5), Odds::Sides(10)];
        let conditions = odds.map(|odds| condition(|c| c.odds = odds));
        let (_, values) = sweep(&conditions).expect("odds alone differ");
        assert!(
            values[0].abs() < 1e-12 && (values[2] - 0.7).abs() < 1e-12,
            "{values:?}"
        );
        // Twice the same odds: two conditions at one place are no curve.
        let odds = [Odds::Internal(0.7), Odds::Internal(0.5), Odds::Sides(10)];
        assert_eq!(sweep(&odds.map(|odds| condition(|c| c.odds = odds))), None);
    }

    #[test]
    fn what_is_not_one_number_is_no_sweep() {
        let internal = |x: f64| condition(|c| c.odds = Odds::Internal(x));
        let rates = |rates: &[u32]| {
            let rates = rates.iter().map(|&hz| Rate::from_hz(hz)).collect();
            condition(|c| c.rates = RateRule::Fixed(rates))
        };
        let drawn = |high: u32| condition(|c| c.rates = RateRule::Range(1, high));
        let mut two = [internal(0.1), internal(0.2), internal(0.3)];
        two[2].drain = Drain::All;
        let delayed = |max_ns: u64| condition(|c| c.latency = latency(0, max_ns));
        let cases = [
            ("two conditions", vec![internal(0.1), internal(0.2)]),
            ("also the queue rule", two.to_vec()),
            (
                "rates that differ within a trial",
                vec![rates(&[1, 2]), rates(&[2, 2]), rates(&[3, 3])],
            ),
            ("drawn rates", vec![drawn(2), drawn(3), drawn(4)]),
            (
                "latency that is drawn",
                vec![delayed(1), delayed(2), delayed(3)],
            ),
            ("nothing at all", Vec::new()),
        ];
        for (case, conditions) in cases {
            assert_eq!(sweep(&conditions), None, "{case}");
        }
    }
}
