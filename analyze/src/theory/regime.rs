//! What becomes of a machine's queue.

use std::fmt;

use serde::Serialize;

/// Arrivals this close to the tick rate, as a share of it, are critical: only simulation says anything.
pub const CRITICAL_SHARE: f64 = 0.1;

/// How the messages that arrive at a machine compare with the ticks it has to read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// Fewer arrive than it has ticks, by more than 10 %: the queue stays short.
    Stable,
    /// About as many arrive as it has ticks, within 10 %: the queue wanders.
    Critical,
    /// More arrive than it has ticks, by more than 10 %: the queue grows without end.
    Overloaded,
}

impl Regime {
    /// All of them, from the shortest queue to the longest.
    pub const ALL: [Regime; 3] = [Regime::Stable, Regime::Critical, Regime::Overloaded];

    /// Of a machine of rate `rate_hz` at which `arrival_rate` messages arrive a second.
    pub fn of(arrival_rate: f64, rate_hz: f64) -> Regime {
        if (arrival_rate - rate_hz).abs() <= CRITICAL_SHARE * rate_hz {
            Regime::Critical
        } else if arrival_rate > rate_hz {
            Regime::Overloaded
        } else {
            Regime::Stable
        }
    }

    /// The word for it, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Regime::Stable => "stable",
            Regime::Critical => "critical",
            Regime::Overloaded => "overloaded",
        }
    }
}

impl fmt::Display for Regime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_to_either_side_is_critical() {
        let of = |arrival_rate| Regime::of(arrival_rate, 2.0);
        assert_eq!([of(0.0), of(1.79)], [Regime::Stable; 2]);
        assert_eq!([of(1.81), of(2.0), of(2.19)], [Regime::Critical; 3]);
        assert_eq!([of(2.21), of(9.0)], [Regime::Overloaded; 2]);
    }
}
