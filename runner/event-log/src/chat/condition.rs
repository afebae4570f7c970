//! What trials of the chat service share with their repetitions.
//!
//! **Invariant.** With a seed, the number of a trial and its plain faults, a condition determines the trial.

use serde::{Deserialize, Serialize};

use super::words::words;
use crate::manifest::{Driver, Latency};

words! {
    /// What the servers survive without losing what they acknowledged. No group of three has both.
    Tolerate: "crashes or partitions", {
        /// All servers but one may crash, if those that are silent are dead: a partition makes two services.
        Crashes = "crashes",
        /// Fewer than half may crash, and any partition is survived: those in the minority do not serve.
        Partitions = "partitions",
    }
}

/// The configuration of a trial, seed and faults aside: trials of one condition are repetitions of one experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatCondition {
    /// What runs the processes.
    pub driver: Driver,
    /// How many servers.
    pub servers: u32,
    /// How many clients.
    pub clients: u32,
    /// Operations a second that each client is asked for, on average.
    pub rate_per_s: f64,
    /// How long clients are asked for something, nanoseconds. Then the trial goes on until all is quiet.
    pub duration_ns: u64,
    /// What the servers survive.
    pub tolerate: Tolerate,
    /// Time between two heartbeats of a server, nanoseconds.
    pub heartbeat_ns: u64,
    /// A server that is silent for longer is suspected dead, nanoseconds.
    pub suspect_ns: u64,
    /// One-way delay of a message; virtual time only.
    pub latency: Latency,
    /// How long a disk takes to keep what it was given; virtual time only.
    pub flush: Latency,
}

impl Default for ChatCondition {
    /// Three servers and eight clients for a minute in virtual time, all but one of the servers may crash.
    fn default() -> ChatCondition {
        ChatCondition {
            driver: Driver::Virtual,
            servers: 3,
            clients: 8,
            rate_per_s: 4.0,
            duration_ns: 60_000_000_000,
            tolerate: Tolerate::Crashes,
            heartbeat_ns: 1_000_000_000,
            suspect_ns: 3_000_000_000,
            latency: Latency {
                min_ns: 100_000,
                max_ns: 1_000_000,
            },
            flush: Latency {
                min_ns: 500_000,
                max_ns: 4_500_000,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_read_back_and_has_no_other_keys() {
        let condition = ChatCondition {
            tolerate: Tolerate::Partitions,
            rate_per_s: 0.1,
            ..ChatCondition::default()
        };
        let text = serde_json::to_string(&condition).expect("plain data");
        assert!(
            text.contains(r#""driver":"virtual","servers":3,"clients":8,"rate_per_s":0.1"#),
            "{text}"
        );
        assert!(text.contains(r#""tolerate":"partitions""#), "{text}");
        let read: ChatCondition = serde_json::from_str(&text).expect("a condition");
        assert_eq!(read, condition);
        let other = text.replace("clients", "guests");
        assert!(serde_json::from_str::<ChatCondition>(&other).is_err());
    }
}
