//! How large a run may become, known before it starts.

use event_log::schedule::Schedule;
use event_log::{Odds, Rate, RateRule};

use super::Config;

/// The least that a file counts as, in events: however few it holds, it takes the room of about this number.
const EVENTS_OF_A_FILE: u64 = 100;
/// What a trial has beside logs: a folder, a manifest and a journal.
const FILES_BESIDE_LOGS: u64 = 3;

impl Config {
    /// How many events one trial may have: every tick at the highest rates, and a receive for every message that these
    /// rolls send on average. A file counts as a hundred events at least.
    pub fn events_of_a_trial(&self) -> u64 {
        let machines = self.condition.machines;
        let ticks = match &self.condition.rates {
            RateRule::Fixed(rates) => rates
                .iter()
                .map(|&rate| self.ticks(rate))
                .fold(0, u64::saturating_add),
            RateRule::Range(_, high) => {
                u64::from(machines).saturating_mul(self.ticks(Rate::from_hz(*high)))
            }
        };
        // The cast saturates.
        let events = (ticks as f64 * (1.0 + self.recipients_of_a_roll())).ceil() as u64;
        events.max((u64::from(machines) + FILES_BESIDE_LOGS) * EVENTS_OF_A_FILE)
    }

    fn ticks(&self, rate: Rate) -> u64 {
        Schedule {
            started_ns: 0,
            phase_ns: 0,
            rate,
            speed: 1.0,
        }
        .ticks_within(self.condition.duration_ns)
    }

    /// Two outcomes send to one machine each, the third to all others.
    fn recipients_of_a_roll(&self) -> f64 {
        let each = match self.condition.odds {
            Odds::Sides(sides) => 1.0 / f64::from(sides),
            Odds::Internal(internal) => (1.0 - internal) / 3.0,
        };
        each * f64::from(self.condition.machines + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::TrialOptions;

    fn events(toml: &str) -> u64 {
        let options: TrialOptions = toml::from_str(toml).expect("options");
        let config = Config::new(options, 1, 1).expect("valid");
        config.events_of_a_trial()
    }

    #[test]
    fn ticks_and_messages_are_counted_before_any_happens() {
        // 10 ticks a second for a minute; each rolls 0.1 · (2 · 1 + 2) = 0.4 messages.
        assert_eq!(events("rates = [1, 3, 6]"), 840);
        assert_eq!(events("rates = [1, 3, 6]\ninternal = 1.0"), 600);
        // Rates that are drawn are the highest.
        assert_eq!(events("rate_range = '1..6'"), 18 * 60 * 14 / 10);
    }

    #[test]
    fn small_trials_count_as_the_room_of_their_files() {
        assert_eq!(events("machines = 5\nduration = '1ms'"), 800);
    }

    #[test]
    fn no_number_is_too_large_to_be_counted() {
        let long = "machines = 1000\nrate_range = '999999..1000000'\nduration = '4000000000s'";
        assert_eq!(events(long), u64::MAX);
    }
}
