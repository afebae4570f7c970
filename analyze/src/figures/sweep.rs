//! Whether conditions differ in a single number, and in which.
//!
//! **Invariant.** There is a sweep only if the conditions are equal once that number is set aside: a curve over one
//! parameter must not hide a change of another. Rates are several numbers, and a gap or a width is one way of putting
//! them in order: figures over these say which rates were used.

use event_log::{Condition, Latency, Odds, RateRule};

use crate::report::ConditionReport;

use super::choice::{Choice, own};

/// As many conditions make a curve; two are a comparison.
const CONDITIONS_MIN: usize = 3;
/// Options of a choice that each have a curve, at most.
const FAMILIES_MAX: usize = 4;
/// Values closer than this are one value: a die of ten and an internal probability of 0.7 are the same odds.
const SAME: f64 = 1e-9;

/// A number in which conditions may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    /// Probability that an idle machine has an internal event.
    Internal,
    /// Ticks per second, where all machines have the same.
    Rate,
    /// Fastest less slowest rate, ticks per second, where rates are fixed.
    Gap,
    /// Ticks per second of this machine alone.
    OneRate(usize),
    /// Highest less lowest rate that can be drawn, ticks per second.
    Range,
    /// How many machines, all of one rate or with rates drawn from one range.
    Machines,
    /// Nominal length of a trial, seconds.
    Duration,
    /// One-way delay of every message, milliseconds.
    Latency,
    /// Nominal seconds in a second of system time.
    Speed,
}

/// The parameter in which conditions differ, and its value for each.
#[derive(Debug, Clone)]
pub(super) struct Sweep<'a> {
    pub(super) parameter: Parameter,
    /// The conditions with the parameter's value, in its order.
    pub(super) places: Vec<(f64, &'a ConditionReport)>,
}

impl<'a> Sweep<'a> {
    /// The sweep that these conditions are; none if they are fewer than three or differ in anything but one number.
    pub(super) fn of(reports: &[&'a ConditionReport]) -> Option<Sweep<'a>> {
        let conditions = own(reports)?;
        let (parameter, values) = found(&conditions)?;
        let mut places: Vec<(f64, &ConditionReport)> =
            values.into_iter().zip(reports.iter().copied()).collect();
        places.sort_by(|a, b| a.0.total_cmp(&b.0));
        Some(Sweep { parameter, places })
    }

    /// Whether the parameter's values span more than a decade.
    pub(super) fn spans_decades(&self) -> bool {
        match self.places.as_slice() {
            [(first, _), .., (last, _)] => *first > 0.0 && last / first > 10.0,
            _ => false,
        }
    }
}

/// The same sweep under each option of a choice, with the option's word; none unless there are two to four of them,
/// nothing else differs, and every value is swept under all.
pub(super) fn families<'a>(
    reports: &[&'a ConditionReport],
) -> Option<Vec<(&'static str, Sweep<'a>)>> {
    let choices = Choice::ALL.into_iter();
    let mut differing = choices.filter(|choice| choice.differs(reports));
    let (choice, None) = (differing.next()?, differing.next()) else {
        return None;
    };
    let mut words: Vec<&'static str> = Vec::new();
    for word in own(reports)?.into_iter().map(|own| choice.word(own)) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.len() > FAMILIES_MAX {
        return None;
    }
    let family = |word: &'static str| {
        let members = reports.iter().copied();
        let members: Vec<&ConditionReport> = members
            .filter(|report| report.setting.own().map(|own| choice.word(own)) == Some(word))
            .collect();
        Some((word, Sweep::of(&members)?))
    };
    let families: Vec<(&str, Sweep)> = words.into_iter().map(family).collect::<Option<_>>()?;
    let without_choice = |sweep: &Sweep| -> Vec<Condition> {
        let places = sweep.places.iter();
        places
            .filter_map(|(_, report)| Some(choice.set_aside(report.setting.own()?)))
            .collect()
    };
    let first = without_choice(&families[0].1);
    let same = families
        .iter()
        .all(|(_, sweep)| without_choice(sweep) == first);
    same.then_some(families)
}

/// The number in which conditions differ, and its value for each; none if they are fewer than three or differ in
/// anything else.
fn found(conditions: &[&Condition]) -> Option<(Parameter, Vec<f64>)> {
    if conditions.len() < CONDITIONS_MIN {
        return None;
    }
    let by_rates = rate_parameter(conditions);
    by_rates
        .into_iter()
        .chain(Parameter::OTHERS)
        .find_map(|parameter| Some((parameter, parameter.values(conditions)?)))
}

impl Parameter {
    /// Those that are not of fixed rates.
    const OTHERS: [Parameter; 6] = [
        Parameter::Internal,
        Parameter::Machines,
        Parameter::Range,
        Parameter::Duration,
        Parameter::Latency,
        Parameter::Speed,
    ];

    /// Its value for each condition; none if they differ in anything else, or two not at all.
    fn values(self, conditions: &[&Condition]) -> Option<Vec<f64>> {
        let rest = self.set_aside(conditions[0]);
        if !conditions.iter().all(|c| self.set_aside(c) == rest) {
            return None;
        }
        let values = conditions.iter().map(|condition| self.value(condition));
        let values: Vec<f64> = values.collect::<Option<_>>()?;
        let mut ascending = values.clone();
        ascending.sort_by(f64::total_cmp);
        let distinct = ascending
            .windows(2)
            .all(|pair| pair[1] - pair[0] > SAME * pair[1].abs().max(1.0));
        distinct.then_some(values)
    }

    /// Its value; none for a condition that has no single one.
    fn value(self, condition: &Condition) -> Option<f64> {
        match self {
            Parameter::Internal => Some(1.0 - 3.0 * condition.odds.each_send()),
            Parameter::Rate => common_rate(condition),
            Parameter::Gap => gap(&fixed(condition)?),
            Parameter::OneRate(machine) => fixed(condition)?.get(machine).copied(),
            Parameter::Range => match condition.rates {
                RateRule::Range(low, high) => Some(f64::from(high.saturating_sub(low))),
                RateRule::Fixed(_) => None,
            },
            Parameter::Machines => {
                let alike = fixed(condition).is_none() || common_rate(condition).is_some();
                alike.then_some(f64::from(condition.machines))
            }
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
            Parameter::Rate | Parameter::Gap | Parameter::OneRate(_) | Parameter::Range => {
                rest.rates = RateRule::Fixed(Vec::new());
            }
            Parameter::Machines => {
                rest.machines = 0;
                // How many share a process follows from how many there are.
                rest.per_process = 1;
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

/// Ticks per second of every machine; none where each trial draws them.
pub(super) fn fixed(condition: &Condition) -> Option<Vec<f64>> {
    match &condition.rates {
        RateRule::Fixed(rates) => Some(rates.iter().map(|rate| rate.hz()).collect()),
        RateRule::Range(..) => None,
    }
}

/// Ticks per second of every machine, if they have it in common.
fn common_rate(condition: &Condition) -> Option<f64> {
    let rates = fixed(condition)?;
    let first = *rates.first()?;
    rates.iter().all(|&rate| rate == first).then_some(first)
}

/// Fastest less slowest.
fn gap(rates: &[f64]) -> Option<f64> {
    let fastest = rates.iter().copied().reduce(f64::max)?;
    let slowest = rates.iter().copied().reduce(f64::min)?;
    Some(fastest - slowest)
}

/// The number by which fixed rates of as many machines differ, if they do: the rate of all, that of one machine among
/// others of several rates, or else the gap.
fn rate_parameter(conditions: &[&Condition]) -> Option<Parameter> {
    let all: Vec<Vec<f64>> = conditions
        .iter()
        .map(|condition| fixed(condition))
        .collect::<Option<_>>()?;
    let machines = all.first()?.len();
    if all.iter().any(|rates| rates.len() != machines) {
        return None;
    }
    if conditions.iter().all(|c| common_rate(c).is_some()) {
        return Some(Parameter::Rate);
    }
    let differs = |&machine: &usize| all.iter().any(|rates| rates[machine] != all[0][machine]);
    let differing: Vec<usize> = (0..machines).filter(differs).collect();
    let &[machine] = differing.as_slice() else {
        return Some(Parameter::Gap);
    };
    let mut others = all[0].clone();
    others.remove(machine);
    // One machine that leaves a pack of equals opens a gap, on one side of it.
    let is_pack = others.iter().all(|rate| *rate == others[0]);
    let one_sided = all.iter().all(|rates| rates[machine] <= others[0])
        || all.iter().all(|rates| rates[machine] >= others[0]);
    Some(if is_pack && one_sided {
        Parameter::Gap
    } else {
        Parameter::OneRate(machine)
    })
}

#[cfg(test)]
mod tests {
    use event_log::{Drain, Rate};

    use super::*;
    use events::fixtures;

    fn condition(change: impl FnOnce(&mut Condition)) -> Condition {
        let mut condition = fixtures::condition(&[2, 2]);
        change(&mut condition);
        condition
    }

    /// The parameter and its values in order.
    fn sweep(conditions: &[Condition]) -> Option<(Parameter, Vec<f64>)> {
        let conditions: Vec<&Condition> = conditions.iter().collect();
        let (parameter, mut values) = found(&conditions)?;
        values.sort_by(f64::total_cmp);
        Some((parameter, values))
    }

    fn hertz(rate: f64) -> Rate {
        Rate::try_from(rate).expect("a rate")
    }

    fn latency(min_ns: u64, max_ns: u64) -> Option<Latency> {
        Some(Latency { min_ns, max_ns })
    }

    /// A parameter, values of it in order, and how a condition is given one.
    type Case = (Parameter, [f64; 3], fn(&mut Condition, f64));

    #[test]
    fn each_parameter_is_found_and_its_values_are_in_order() {
        let cases: [Case; 10] = [
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
            (Parameter::Machines, [3.0, 10.0, 100.0], |c, x| {
                c.machines = x as u32;
                c.rates = RateRule::Range(1, 6);
            }),
            (Parameter::Gap, [0.0, 2.5, 5.0], |c, x| {
                c.rates = RateRule::Fixed([6.0 - x, 6.0].map(hertz).to_vec());
            }),
            (Parameter::OneRate(1), [1.25, 1.5, 6.0], |c, x| {
                c.machines = 3;
                c.rates = RateRule::Fixed([3.0, x, 6.0].map(hertz).to_vec());
            }),
            (Parameter::Range, [1.0, 3.0, 5.0], |c, x| {
                let reach = (x as u32 - 1) / 2;
                c.rates = RateRule::Range(3 - reach, 4 + reach);
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
    fn one_machine_beside_equals_opens_a_gap_on_one_side_of_them_only() {
        let with = |rates: [f64; 3]| {
            condition(|c| {
                c.machines = 3;
                c.rates = RateRule::Fixed(rates.map(hertz).to_vec());
            })
        };
        let below = [2.0, 4.0, 5.0].map(|rate| with([rate, 6.0, 6.0]));
        let across = [4.0, 5.5, 9.0].map(|rate| with([rate, 6.0, 6.0]));
        assert_eq!(sweep(&below).expect("a sweep").0, Parameter::Gap);
        assert_eq!(sweep(&across).expect("a sweep").0, Parameter::OneRate(0));
        let spread = [[3.0, 3.5, 4.0], [2.0, 3.5, 5.0], [1.0, 3.5, 6.0]].map(with);
        let gaps = (Parameter::Gap, vec![1.0, 3.0, 5.0]);
        assert_eq!(sweep(&spread), Some(gaps));
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
                "gaps of which two are equal",
                vec![rates(&[1, 2]), rates(&[2, 3]), rates(&[3, 3])],
            ),
            (
                "rates that are fixed or drawn",
                vec![rates(&[1, 2]), drawn(3), drawn(4)],
            ),
            (
                "ranges of which two are as wide",
                vec![
                    drawn(2),
                    drawn(4),
                    condition(|c| c.rates = RateRule::Range(2, 5)),
                ],
            ),
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
