//! The condition of a configuration: all that trials share with their repetitions.

use event_log::schedule::compress;
use event_log::{
    Condition, Design, Drain, Driver, Latency, Odds, OnDisconnect, PhaseRule, RateRule, Stamp,
};

use super::error::{ConfigError, wrong};
use super::span::{parse_latency, parse_span, span_text};
use crate::options::TrialOptions;

/// A fault longer than this would be taken for a machine that hangs.
const TICK_DELAY_MAX_NS: u64 = 5_000_000_000;

pub(super) fn condition(
    options: &TrialOptions,
    machines: u32,
    rates: RateRule,
) -> Result<Condition, ConfigError> {
    let virtual_time = options.virtual_time.unwrap_or(false);
    let duration_ns = parse_span(options.duration.as_deref().unwrap_or("60s"))
        .map_err(|problem| wrong("--duration", problem))?;
    if duration_ns == 0 {
        return Err(wrong("--duration", "0s: a trial takes some time"));
    }
    if !virtual_time && options.latency.is_some() {
        return Err(wrong(
            "--latency",
            "real sockets have the delay they have: add --virtual, or drop it",
        ));
    }
    if virtual_time && options.on_disconnect.is_some() {
        return Err(wrong(
            "--on-disconnect",
            "nobody is lost in virtual time: drop it, or --virtual",
        ));
    }
    let latency = match virtual_time {
        true => Some(latency(options.latency.as_deref().unwrap_or("100us"))?),
        false => None,
    };
    let speed = speed(options.speed, virtual_time)?;
    Ok(Condition {
        system: "scale-model".to_owned(),
        driver: if virtual_time {
            Driver::Virtual
        } else {
            Driver::Sockets
        },
        machines,
        rates,
        duration_ns,
        odds: odds(options)?,
        drain: options.drain.map_or(Drain::One, Into::into),
        phase: options.phase.map_or(PhaseRule::Random, Into::into),
        speed,
        latency,
        design: options.design.map_or(Design::Mesh, Into::into),
        stamp: options.stamp.map_or(Stamp::After, Into::into),
        tick_delay_ns: tick_delay(options, compress(duration_ns, speed))?,
        faults: None,
        on_disconnect: (!virtual_time).then(|| {
            options
                .on_disconnect
                .map_or(OnDisconnect::Abort, Into::into)
        }),
        per_process: 1,
    })
}

fn latency(text: &str) -> Result<Latency, ConfigError> {
    parse_latency(text).map_err(|problem| wrong("--latency", problem))
}

/// `length_ns` is the length of the trial in system time.
fn tick_delay(options: &TrialOptions, length_ns: u64) -> Result<u64, ConfigError> {
    let Some(text) = options.tick_delay.as_deref() else {
        return Ok(0);
    };
    let delay_ns = parse_span(text).map_err(|problem| wrong("--tick-delay", problem))?;
    if delay_ns > TICK_DELAY_MAX_NS || delay_ns >= length_ns {
        return Err(wrong(
            "--tick-delay",
            format!(
                "{text}: expected at most {}, and less than the trial lasts in system time, {}",
                span_text(TICK_DELAY_MAX_NS),
                span_text(length_ns)
            ),
        ));
    }
    Ok(delay_ns)
}

fn odds(options: &TrialOptions) -> Result<Odds, ConfigError> {
    match (options.sides, options.internal) {
        (Some(_), Some(_)) => Err(wrong("sides", "give `sides` or `internal`, not both")),
        (Some(sides), None) if sides < 3 => Err(wrong(
            "--sides",
            format!("{sides}: three sides send, so a die has at least 3"),
        )),
        (Some(sides), None) => Ok(Odds::Sides(sides)),
        (None, Some(internal)) if (0.0..=1.0).contains(&internal) => Ok(Odds::Internal(internal)),
        (None, Some(internal)) => Err(wrong(
            "--internal",
            format!("{internal}: a probability is a number from 0 to 1"),
        )),
        (None, None) => Ok(Odds::Sides(10)),
    }
}

fn speed(speed: Option<f64>, virtual_time: bool) -> Result<f64, ConfigError> {
    match speed {
        Some(speed) if virtual_time && speed != 1.0 => Err(wrong(
            "--speed",
            "virtual time does not wait, so there is nothing to compress: drop it, or --virtual",
        )),
        Some(speed) if !(0.001..=1000.0).contains(&speed) => Err(wrong(
            "--speed",
            format!("{speed}: expected a number from 0.001 to 1000"),
        )),
        speed => Ok(speed.unwrap_or(1.0)),
    }
}
