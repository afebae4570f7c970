//! Axes: from numbers to a share of the axis, and ticks that a person would have chosen.

use std::borrow::Cow;

use text::number::grouped;

/// How values are laid along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In proportion; whole steps only if the values are counts.
    Linear {
        /// Ticks only at whole numbers.
        counts: bool,
    },
    /// Decades.
    Log,
}

/// What an axis shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Quantity and unit.
    pub label: Cow<'static, str>,
    /// Written after each number.
    pub suffix: &'static str,
    /// How values are laid along it.
    pub kind: Kind,
    /// The end of the axis, if it is not for the data to say.
    pub end: Option<f64>,
    /// Lowest decade of a logarithmic axis.
    pub floor: f64,
    /// Whether the axis ends at a tick rather than where the data end.
    pub round: bool,
    /// Whether a linear axis includes 0 wherever the data lie.
    pub zero: bool,
    /// Ticks of a logarithmic axis that does not end at decades: the values that were measured.
    pub marks: Vec<f64>,
}

impl Axis {
    /// A linear axis that ends at a tick.
    pub fn linear(label: impl Into<Cow<'static, str>>) -> Axis {
        Axis {
            label: label.into(),
            suffix: "",
            kind: Kind::Linear { counts: false },
            end: None,
            floor: 0.0,
            round: true,
            zero: true,
            marks: Vec::new(),
        }
    }

    /// A linear axis of counts.
    pub fn counts(label: impl Into<Cow<'static, str>>) -> Axis {
        Axis {
            kind: Kind::Linear { counts: true },
            ..Axis::linear(label)
        }
    }

    /// Nominal seconds since the start, exactly as far as the trials go.
    pub fn time() -> Axis {
        Axis {
            round: false,
            ..Axis::linear("time since the start (s)")
        }
    }

    /// A scale for values from `low` to `high`, with about `wanted` ticks.
    pub fn scale(&self, low: f64, high: f64, wanted: usize) -> Scale {
        let high = self.end.unwrap_or(high);
        match self.kind {
            Kind::Linear { counts } if self.zero => {
                self.linear_scale(low.min(0.0), high.max(0.0), counts, wanted)
            }
            Kind::Linear { counts } => self.linear_scale(low, high, counts, wanted),
            Kind::Log if self.round => self.log_scale(low, high),
            Kind::Log => self.marked_scale(low, high),
        }
    }

    /// A scale for a window of values that need not begin at 0.
    pub fn window(&self, low: f64, high: f64, wanted: usize) -> Scale {
        self.linear_scale(low, high, false, wanted)
    }

    fn linear_scale(&self, low: f64, high: f64, counts: bool, wanted: usize) -> Scale {
        // All values are 0: an axis to 1 shows that better than one of no length.
        let high = if high - low > 0.0 { high } else { low + 1.0 };
        let mut step = nice_step((high - low) / wanted.max(1) as f64);
        if counts {
            step = step.max(1.0);
        }
        let (first, last) = if self.round {
            ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil())
        } else {
            ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor())
        };
        // A trace below 0 is not worth a whole step of empty axis.
        let trace = self.round && low < 0.0 && low > -0.3 * step;
        let (first, last) = (if trace { 0 } else { first as i64 }, last as i64);
        let decimals = (-(step.log10() + 1e-9).floor()).max(0.0) as usize;
        let ticks = (first..=last)
            .map(|k| k as f64 * step)
            .map(|value| (value, grouped(value, decimals) + self.suffix))
            .collect();
        let (low, high) = if self.round {
            (
                if trace { low } else { first as f64 * step },
                last as f64 * step,
            )
        } else {
            (low, high)
        };
        Scale {
            kind: self.kind,
            low,
            high,
            ticks,
        }
    }

    /// A logarithmic scale exactly as far as the data go.
    fn marked_scale(&self, low: f64, high: f64) -> Scale {
        let marks = self.marks.iter();
        Scale {
            kind: self.kind,
            low,
            high,
            ticks: marks
                .map(|&value| (value, rate(value) + self.suffix))
                .collect(),
        }
    }

    fn log_scale(&self, low: f64, high: f64) -> Scale {
        let low = low.max(self.floor);
        let first = (low.log10() + 1e-9).floor() as i32;
        let last = ((high.max(low)).log10() - 1e-9).ceil() as i32;
        let last = last.max(first + 1);
        let ticks = (first..=last)
            .map(|k| {
                let decimals = (-k).max(0) as usize;
                (
                    10f64.powi(k),
                    grouped(10f64.powi(k), decimals) + self.suffix,
                )
            })
            .collect();
        Scale {
            kind: self.kind,
            low: 10f64.powi(first),
            high: 10f64.powi(last),
            ticks,
        }
    }
}

/// An axis with its range.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    kind: Kind,
    /// Value at the start of the axis.
    pub low: f64,
    /// Value at its end.
    pub high: f64,
    /// Values and what is written at them.
    pub ticks: Vec<(f64, String)>,
}

impl Scale {
    /// Where a value lies: 0 at the start of the axis, 1 at its end; values beyond are held at the ends.
    pub fn share(&self, value: f64) -> f64 {
        let place = match self.kind {
            Kind::Linear { .. } => (value - self.low) / (self.high - self.low),
            Kind::Log if value <= self.low => 0.0,
            Kind::Log => {
                (value.log10() - self.low.log10()) / (self.high.log10() - self.low.log10())
            }
        };
        place.clamp(0.0, 1.0)
    }

    /// Whether the axis starts below 0, so that 0 deserves a line.
    pub fn crosses_zero(&self) -> bool {
        self.low < 0.0
    }
}

/// The smallest of 1, 2, 5 × 10^k that is not below `step`.
fn nice_step(step: f64) -> f64 {
    let decade = 10f64.powi((step.log10() + 1e-9).floor() as i32);
    for factor in [1.0, 2.0, 5.0] {
        if factor * decade >= step * (1.0 - 1e-9) {
            return factor * decade;
        }
    }
    10.0 * decade
}

/// A rate as in `6` or `2.5`, without trailing zeros.
pub fn rate(rate_hz: f64) -> String {
    let text = grouped(rate_hz, 3);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<&str> {
        scale.ticks.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        let scale = Axis::linear("").scale(0.0, 361.0, 5);
        assert_eq!(labels(&scale), ["0", "100", "200", "300", "400"]);
        let scale = Axis::linear("").scale(-180.0, 1_900.0, 5);
        assert_eq!(
            labels(&scale),
            ["−500", "0", "500", "1,000", "1,500", "2,000"]
        );
        let scale = Axis::time().scale(0.0, 60.0, 6);
        assert_eq!(labels(&scale)[6], "60");
        let scale = Axis::linear("").scale(0.0, 0.3, 3);
        assert_eq!(labels(&scale), ["0.0", "0.1", "0.2", "0.3"]);
    }

    #[test]
    fn a_trace_below_zero_gets_room_but_no_tick() {
        let scale = Axis::linear("").scale(-2.0, 180.0, 4);
        assert_eq!(labels(&scale), ["0", "50", "100", "150", "200"]);
        assert_eq!((scale.low, scale.crosses_zero()), (-2.0, true));
    }

    #[test]
    fn counts_have_whole_ticks_and_no_value_still_has_an_axis() {
        assert_eq!(
            labels(&Axis::counts("").scale(0.0, 2.0, 6)),
            ["0", "1", "2"]
        );
        let flat = Axis::counts("").scale(0.0, 0.0, 6);
        assert_eq!((flat.low, flat.high), (0.0, 1.0));
        assert_eq!(flat.share(0.0), 0.0);
    }

    #[test]
    fn a_logarithmic_axis_has_decades_and_holds_zero_at_its_start() {
        let axis = Axis {
            kind: Kind::Log,
            floor: 0.01,
            suffix: " %",
            ..Axis::linear("")
        };
        let scale = axis.scale(0.3, 100.0, 5);
        assert_eq!(labels(&scale), ["0.1 %", "1 %", "10 %", "100 %"]);
        assert_eq!(scale.share(0.0), 0.0);
        assert!((scale.share(10.0) - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_logarithmic_axis_may_end_with_the_data_and_have_its_ticks_there() {
        let axis = Axis {
            kind: Kind::Log,
            round: false,
            marks: vec![3.0, 30.0, 300.0],
            ..Axis::linear("")
        };
        let scale = axis.scale(3.0, 300.0, 5);
        assert_eq!(labels(&scale), ["3", "30", "300"]);
        assert!((scale.share(30.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn an_axis_that_need_not_include_zero_begins_with_the_data() {
        let axis = Axis {
            round: false,
            zero: false,
            ..Axis::linear("")
        };
        let scale = axis.scale(1.0, 2.0, 5);
        assert_eq!((scale.low, scale.high), (1.0, 2.0));
    }

    #[test]
    fn rates_carry_no_idle_zeros() {
        assert_eq!(rate(6.0), "6");
        assert_eq!(rate(2.5), "2.5");
        assert_eq!(rate(1_000.0), "1,000");
    }
}
