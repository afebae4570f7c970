//! What trials of the chat service share: from flags, and back to flags.
//!
//! **Invariant.** The flags that a condition is turned into give that condition.

use chat_trial::rate_max_per_s;
use clap::Args;
use event_log::Latency;
use event_log::chat::{ChatCondition, Tolerate};

use crate::config::span::{latency_text, parse_latency, parse_span, span_text};
use crate::config::{ConfigError, wrong};

/// The most clients of a trial.
const CLIENTS_MAX: u32 = 1000;
/// How long a server that proposes a view waits for answers at first, nanoseconds. It learns to wait for longer.
const GATHERING_NS: u64 = 200_000_000;
/// Answers that fit into a suspicion, where they take longer than that: the answer to a client waits for one between servers, and
/// a view for two or three.
const ANSWERS: u64 = 4;
/// The longest trial, nanoseconds: all that happened in a trial is in memory until its end.
const DURATION_MAX_NS: u64 = 3_600_000_000_000;
/// Heartbeats that fit into a suspicion at least.
const HEARTBEATS: u64 = 3;
/// The shortest heartbeat, nanoseconds.
const HEARTBEAT_MIN_NS: u64 = 1_000_000;

/// The flags that change what trials share. What is not given stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub struct ConditionFlags {
    /// Clients in each trial [default: 8]
    #[arg(long, value_name = "C")]
    pub clients: Option<u32>,

    /// Operations a second that each client is asked for, on average; at most the 20 messages that an account may send [default: 4]
    #[arg(long, value_name = "R")]
    pub rate: Option<f64>,

    /// How long clients are asked for something, in virtual time; at most an hour; then a trial goes on until all is quiet [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    pub duration: Option<u64>,

    /// What the three servers survive without losing what they acknowledged: the crash of any two, if whoever is silent is
    /// dead; or any partition, and the crash of any one [default: crashes]
    #[arg(long, value_name = "crashes|partitions", value_parser = str::parse::<Tolerate>)]
    pub tolerate: Option<Tolerate>,

    /// Time between two heartbeats of a server [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    pub heartbeat: Option<u64>,

    /// A server that is silent for longer is suspected dead; at least three heartbeats [default: 3s]
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    pub suspect: Option<u64>,

    /// One-way delay of a message, constant or a range [default: 100us..1ms]
    #[arg(long, value_name = "TIME", value_parser = parse_latency)]
    pub latency: Option<Latency>,

    /// How long a disk takes to keep what it was given, constant or a range [default: 500us..4500us]
    #[arg(long, value_name = "TIME", value_parser = parse_latency)]
    pub flush: Option<Latency>,
}

impl ConditionFlags {
    /// A condition, changed as the flags say.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the flag that cannot be.
    pub fn over(&self, base: &ChatCondition) -> Result<ChatCondition, ConfigError> {
        let condition = ChatCondition {
            driver: base.driver,
            servers: base.servers,
            clients: self.clients.unwrap_or(base.clients),
            rate_per_s: self.rate.unwrap_or(base.rate_per_s),
            duration_ns: self.duration.unwrap_or(base.duration_ns),
            tolerate: self.tolerate.unwrap_or(base.tolerate),
            heartbeat_ns: self.heartbeat.unwrap_or(base.heartbeat_ns),
            suspect_ns: self.suspect.unwrap_or(base.suspect_ns),
            latency: self.latency.unwrap_or(base.latency),
            flush: self.flush.unwrap_or(base.flush),
        };
        check(&condition)?;
        Ok(condition)
    }

    /// The flags that make the default condition this one.
    pub fn of(condition: &ChatCondition) -> ConditionFlags {
        fn unless<T: PartialEq>(value: T, default: T) -> Option<T> {
            (value != default).then_some(value)
        }
        let usual = ChatCondition::default();
        ConditionFlags {
            clients: unless(condition.clients, usual.clients),
            rate: unless(condition.rate_per_s, usual.rate_per_s),
            duration: unless(condition.duration_ns, usual.duration_ns),
            tolerate: unless(condition.tolerate, usual.tolerate),
            heartbeat: unless(condition.heartbeat_ns, usual.heartbeat_ns),
            suspect: unless(condition.suspect_ns, usual.suspect_ns),
            latency: unless(condition.latency, usual.latency),
            flush: unless(condition.flush, usual.flush),
        }
    }

    /// The flags as they are typed, a word or two for each.
    pub fn words(&self) -> Vec<String> {
        let words = [
            ("--clients", self.clients.map(|count| count.to_string())),
            ("--rate", self.rate.map(|rate| rate.to_string())),
            ("--duration", self.duration.map(span_text)),
            ("--tolerate", self.tolerate.map(|word| word.to_string())),
            ("--heartbeat", self.heartbeat.map(span_text)),
            ("--suspect", self.suspect.map(span_text)),
            ("--latency", self.latency.map(latency_text)),
            ("--flush", self.flush.map(latency_text)),
        ];
        let given = words
            .into_iter()
            .filter_map(|(flag, value)| Some((flag, value?)));
        given
            .flat_map(|(flag, value)| [flag.to_owned(), value])
            .collect()
    }
}

fn check(condition: &ChatCondition) -> Result<(), ConfigError> {
    let clients = condition.clients;
    if !(1..=CLIENTS_MAX).contains(&clients) {
        let problem = format!("{clients} clients: a trial takes 1 to {CLIENTS_MAX}");
        return Err(wrong("--clients", problem));
    }
    let (rate, rate_max) = (condition.rate_per_s, rate_max_per_s());
    if !(rate > 0.0 && rate <= rate_max) {
        let problem = format!(
            "{rate}: expected a number above 0, at most {rate_max}: the service takes {rate_max} messages a second from an account, and what goes beyond would wait at its client ever longer: have more --clients"
        );
        return Err(wrong("--rate", problem));
    }
    if condition.duration_ns == 0 {
        return Err(wrong("--duration", "0s: a trial takes some time"));
    }
    if condition.duration_ns > DURATION_MAX_NS {
        let problem = format!(
            "{}: a trial takes {} at most, for all of it is in memory: have more trials, with --count",
            span_text(condition.duration_ns),
            span_text(DURATION_MAX_NS)
        );
        return Err(wrong("--duration", problem));
    }
    let (heartbeat_ns, suspect_ns) = (condition.heartbeat_ns, condition.suspect_ns);
    if heartbeat_ns < HEARTBEAT_MIN_NS {
        let problem = format!(
            "{}: expected at least {}: give a longer one",
            span_text(heartbeat_ns),
            span_text(HEARTBEAT_MIN_NS)
        );
        return Err(wrong("--heartbeat", problem));
    }
    if suspect_ns / HEARTBEATS < heartbeat_ns {
        let problem = format!(
            "{}: expected at least {HEARTBEATS} heartbeats of {}, so that one that is late kills nobody: give {} or more, or a shorter --heartbeat",
            span_text(suspect_ns),
            span_text(heartbeat_ns),
            span_text(heartbeat_ns.saturating_mul(HEARTBEATS)),
        );
        return Err(wrong("--suspect", problem));
    }
    check_answers(condition)
}

/// Servers answer each other in time, if nothing is wrong: a message, a flush and a message back; and what is flushed before may be
/// under way still.
fn check_answers(condition: &ChatCondition) -> Result<(), ConfigError> {
    let (latency_ns, flush_ns) = (condition.latency.max_ns, condition.flush.max_ns);
    let answer_ns = latency_ns.saturating_add(flush_ns).saturating_mul(2);
    let most_ns = (condition.suspect_ns / 2)
        .min(GATHERING_NS)
        .max(condition.suspect_ns / ANSWERS);
    if answer_ns < most_ns {
        return Ok(());
    }
    let flag = match latency_ns > flush_ns {
        true => "--latency",
        false => "--flush",
    };
    let problem = format!(
        "two messages of {} and two flushes of {} take {}: servers must have an answer within {}, so that views and clients settle: give less, or a longer --suspect",
        span_text(latency_ns),
        span_text(flush_ns),
        span_text(answer_ns),
        span_text(most_ns),
    );
    Err(wrong(flag, problem))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        flags: ConditionFlags,
    }

    fn condition(line: &str) -> Result<ChatCondition, String> {
        let words = std::iter::once("runner").chain(line.split_whitespace());
        let line = Line::try_parse_from(words).map_err(|error| error.to_string())?;
        let condition = line.flags.over(&ChatCondition::default());
        condition.map_err(|error| error.to_string())
    }

    #[test]
    fn flags_of_a_condition_give_it_again() {
        for line in [
            "",
            "--clients 3 --rate 0.5 --duration 20s",
            "--tolerate partitions --heartbeat 100ms --suspect 500ms",
            "--latency 20ms --flush 1us..9999999ns",
            "--latency 350ms",
        ] {
            let first = condition(line).expect(line);
            let again = ConditionFlags::of(&first).words().join(" ");
            assert_eq!(condition(&again).as_ref(), Ok(&first), "{line} → {again}");
        }
        assert!(
            ConditionFlags::of(&ChatCondition::default())
                .words()
                .is_empty()
        );
    }

    #[test]
    fn what_cannot_be_is_refused_in_words() {
        for (line, words) in [
            ("--clients 0", "1 to 1000"),
            ("--rate 0", "above 0"),
            ("--rate nan", "above 0"),
            ("--duration 0s", "takes some time"),
            ("--duration 20", "with its unit"),
            ("--duration 3601s", "more trials, with --count"),
            (
                "--tolerate both",
                "expected crashes or partitions, found `both`",
            ),
            ("--heartbeat 1us --suspect 1s", "at least 1ms"),
            ("--suspect 2s", "give 3s or more"),
            ("--latency 2ms..1ms", "write 1ms..2ms"),
            ("--latency 400ms", "have an answer within 750ms"),
            ("--flush 400ms", "--flush"),
            ("--latency 200ms --flush 200ms", "take 800ms"),
            ("--heartbeat 1ms --suspect 3ms", "within 1500us"),
            ("--rate 21", "takes 20 messages a second from an account"),
        ] {
            let error = condition(line).expect_err(line);
            assert!(error.contains(words), "{line}: {error}");
        }
    }
}
