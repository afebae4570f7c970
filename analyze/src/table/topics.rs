//! Which metrics stand together in a table, under which headers.

use crate::metrics::catalog::{self, Metric};

/// A table's worth of metrics.
#[derive(Debug, Clone, Copy)]
pub struct Topic {
    /// What they are about.
    pub title: &'static str,
    /// How to read them.
    pub caption: &'static str,
    /// Names of the metrics, with the headers of their columns.
    pub columns: &'static [(&'static str, &'static str)],
}

impl Topic {
    /// The metrics with their headers.
    pub fn metrics(&self) -> impl Iterator<Item = (&'static Metric, &'static str)> {
        let columns = self.columns.iter();
        columns.filter_map(|(name, header)| Some((catalog::metric(name)?, *header)))
    }
}

/// All topics, in the order of reading.
pub const TOPICS: [Topic; 6] = [
    Topic {
        title: "Events",
        caption: "Events by kind: every row of the log is one.",
        columns: &[
            ("events", "events"),
            ("internal", "internal"),
            ("send", "send"),
            ("broadcast", "broadcast"),
            ("receive", "receive"),
        ],
    },
    Topic {
        title: "Ticks",
        caption: "Ticks against the nominal rate; lateness is a tick's time minus its due time, in milliseconds of \
                  system time.",
        columns: &[
            ("ticks", "ticks"),
            ("tick_rate", "tick rate, 1/s"),
            ("tick_error_percent", "error, %"),
            ("lateness_p50_ms", "late p50, ms"),
            ("lateness_p99_ms", "late p99, ms"),
            ("lateness_max_ms", "late max, ms"),
        ],
    },
    Topic {
        title: "Clocks and jumps",
        caption: "A jump is the difference of the logical clock between successive events; 1 is an ordinary tick.",
        columns: &[
            ("clock_final", "final clock"),
            ("jump_mean", "jump mean"),
            ("jump_p50", "jump p50"),
            ("jump_p99", "jump p99"),
            ("jump_max", "jump max"),
            ("jumps_above_one", "share above 1"),
            ("receive_jump_mean", "receive mean"),
            ("receive_jump_max", "receive max"),
        ],
    },
    Topic {
        title: "Drift and lag",
        caption: "Drift factor: logical rate over nominal tick rate. Drift: units gained over the machine's own \
                  nominal clock at the end; inherited: units taken over from others. Lag: units behind the furthest \
                  clock, at the machine's own events.",
        columns: &[
            ("logical_rate", "logical rate, 1/s"),
            ("logical_rate_slope", "slope, 1/s"),
            ("drift_factor", "drift factor"),
            ("drift_final", "drift"),
            ("inherited", "inherited"),
            ("lag_mean", "lag mean"),
            ("lag_max", "lag max"),
            ("lag_final", "lag at end"),
        ],
    },
    Topic {
        title: "Queue",
        caption: "Messages in the network queue after each event; the mean over time weighs each length by how long it \
                  lasted; growth is the slope of the least-squares line.",
        columns: &[
            ("queue_mean", "mean"),
            ("queue_time_mean", "mean over time"),
            ("queue_p90", "p90"),
            ("queue_max", "max"),
            ("queue_last", "at end"),
            ("queue_growth", "growth, 1/s"),
            ("arrival_rate", "arrivals, 1/s"),
        ],
    },
    Topic {
        title: "Waits",
        caption: "From send to receive, nominal seconds, over the messages received; unreceived: sent to the machine \
                  and still queued or under way at the end.",
        columns: &[
            ("wait_mean_s", "wait mean, s"),
            ("wait_p99_s", "wait p99, s"),
            ("wait_max_s", "wait max, s"),
            ("unreceived", "unreceived"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_a_metric() {
        for topic in TOPICS {
            assert_eq!(
                topic.metrics().count(),
                topic.columns.len(),
                "{}",
                topic.title
            );
        }
    }
}
