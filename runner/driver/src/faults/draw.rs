//! A schedule with nothing left to chance.
//!
//! What is drawn is drawn from the trial's seed, each fault and each storm from a stream of its own. The draw depends on the
//! schedule, seed, trial and the number of servers, not on what happens in the trial.
//!
//! **Invariant.** A plain schedule is drawn to itself.

use event_log::faults::{
    Count, Deed, End, Fault, Faults, Interval, Moments, Offset, OffsetRange, Pace, Point, Severity,
    Span, SpanRange, Storm, Target, When,
};
use machine::chance::{Purpose, Stream};

use super::limits::Limits;

/// Where the streams of storms begin; those of faults are numbered from 0.
const STORMS: u32 = 1 << 31;

/// The schedule of a trial, drawn: no storm, no range, no `any`. Faults at times come in their order, then those at points.
pub fn plain(faults: &Faults, limits: &Limits, seed: u64, trial: u64) -> Faults {
    let calm_ns = limits.calm_ns(faults);
    let stream = |place| Stream::new(seed, trial, Purpose::Fault(place));
    let mut drawn: Vec<Fault> = Vec::new();
    for (place, fault) in (0..).zip(&faults.faults) {
        let mut stream = stream(place);
        let lasts = fault.lasts.map(|range| span(range, &mut stream));
        drawn.push(Fault {
            target: target(fault.target, limits, &mut stream),
            lasts: lasts.map(SpanRange::exactly),
            severity: severity(fault.severity, &mut stream),
            ..fault.clone()
        });
    }
    for (place, storm) in (0..).zip(&faults.storms) {
        let mut stream = stream(STORMS + place);
        drawn.extend(blows(storm, limits, calm_ns, &mut stream));
    }
    in_order(Faults {
        settle: faults.settle,
        faults: drawn,
        storms: Vec::new(),
    })
}

/// A plain schedule with its faults in the order of their times, then those at points.
pub(super) fn in_order(mut plain: Faults) -> Faults {
    plain.faults.sort_by_key(|fault| match &fault.when {
        When::At(at) => at.ns,
        When::On(_) => u64::MAX,
    });
    plain
}

/// The faults of a storm, up to the calm.
fn blows(storm: &Storm, limits: &Limits, calm_ns: u64, stream: &mut Stream) -> Vec<Fault> {
    let mut blows = Vec::new();
    // Who is down until when.
    let mut down: Vec<(Target, u64)> = Vec::new();
    let mut at_ns = 0u64;
    let every = match storm.pace {
        Pace::Every(every) => every,
        Pace::Count(range) => {
            let start = Span::default();
            let count = count(range, stream);
            return (0..count)
                .map(|_| blow(storm, start, limits, stream))
                .collect();
        }
    };
    loop {
        at_ns = at_ns.saturating_add((stream.exponential() * every.ns as f64) as u64);
        if at_ns >= calm_ns {
            return blows;
        }
        let blow = blow(storm, Span { ns: at_ns }, limits, stream);
        down.retain(|&(_, until_ns)| until_ns > at_ns);
        let ends = blow.deed.ends_a_life() || blow.deed == Deed::Pause;
        if ends && storm.moments.is_none() {
            let is_down = down.iter().any(|&(of, _)| of == blow.target);
            let servers = |target| match target {
                Target::All => limits.servers,
                Target::Client(_) => 0,
                _ => 1,
            };
            let are_down: u32 = down.iter().map(|&(of, _)| servers(of)).sum();
            let struck = servers(blow.target);
            let too_many = |most| struck > 0 && are_down + struck > most;
            if is_down || storm.most.is_some_and(too_many) {
                continue;
            }
            let lasts_ns = blow.lasts.map_or(0, |lasts| lasts.min.ns);
            down.push((blow.target, at_ns.saturating_add(lasts_ns)));
        }
        blows.push(blow);
    }
}

/// A fault of a storm, at this time or at a point after it.
fn blow(storm: &Storm, at: Span, limits: &Limits, stream: &mut Stream) -> Fault {
    let deed = one_of(&storm.deeds, stream);
    let target = target(one_of(&storm.targets, stream), limits, stream);
    let lasts = span(storm.lasts, stream);
    let severity = severity(storm.severity, stream);
    let when = match &storm.moments {
        Some(moments) => When::On(point(moments, target, at, limits, stream)),
        None => When::At(at),
    };
    Fault {
        when,
        deed,
        target,
        lasts: Some(SpanRange::exactly(lasts)),
        severity,
    }
}

/// A point at which a target is struck: one of its own effects.
fn point(
    moments: &Moments,
    struck: Target,
    from: Span,
    limits: &Limits,
    stream: &mut Stream,
) -> Point {
    let kind = &moments.kinds[stream.below(moments.kinds.len() as u64) as usize];
    let is_after = stream.below(2) == 1;
    let nth = ordinal(moments.nth, stream);
    let by = match struck {
        Target::Link { from, .. } => match from {
            End::Server(number) => Target::Server(number),
            End::Client(number) => Target::Client(number),
            End::Any | End::AnyClient | End::All => Target::Any,
        },
        Target::All => Target::Any,
        one => one,
    };
    Point {
        is_after: kind.is_after.unwrap_or(is_after),
        kind: kind.kind.clone(),
        by: target(by, limits, stream),
        nth,
        from,
    }
}

fn one_of<T: Copy>(list: &[T], stream: &mut Stream) -> T {
    list[stream.below(list.len() as u64) as usize]
}

fn span(range: SpanRange, stream: &mut Stream) -> Span {
    let SpanRange { min, max } = range;
    Span {
        ns: min.ns + stream.below(max.ns - min.ns + 1),
    }
}

fn severity(severity: Severity, stream: &mut Stream) -> Severity {
    let OffsetRange { min, max } = severity.by;
    let above = stream.below(max.ns.abs_diff(min.ns) + 1);
    let ns = min.ns.saturating_add_unsigned(above);
    Severity {
        by: OffsetRange::exactly(Offset { ns }),
        ..severity
    }
}

fn count(range: Interval<Count>, stream: &mut Stream) -> u32 {
    let (Count(min), Count(max)) = (range.min, range.max);
    min + stream.below(u64::from(max - min) + 1) as u32
}

/// One of these numbers: first one of their doublings (1, 2 to 3, 4 to 7, …, counted from the least), then one in it.
fn ordinal(range: Interval<Count>, stream: &mut Stream) -> u32 {
    let (Count(min), Count(max)) = (range.min, range.max);
    let doublings = (max / min).ilog2() + 1;
    let least = min << stream.below(u64::from(doublings));
    let most = least.saturating_mul(2).saturating_sub(1).min(max);
    least + stream.below(u64::from(most - least) + 1) as u32
}

/// A target, drawn where it is left to chance.
fn target(target: Target, limits: &Limits, stream: &mut Stream) -> Target {
    match target {
        Target::Any => Target::Server(stream.below(u64::from(limits.servers)) as u32),
        Target::AnyClient => Target::Client(stream.below(u64::from(limits.clients)) as u32),
        Target::Link {
            from,
            to,
            both_ways,
        } => {
            let from = end(from, to, limits, stream);
            Target::Link {
                from,
                to: end(to, from, limits, stream),
                both_ways,
            }
        }
        other => other,
    }
}

/// An end of a link, drawn from the servers, or the clients, but the other end.
fn end(end: End, other: End, limits: &Limits, stream: &mut Stream) -> End {
    let (all, of): (u32, fn(u32) -> End) = match end {
        End::Any => (limits.servers, End::Server),
        End::AnyClient => (limits.clients, End::Client),
        _ => return end,
    };
    let candidates: Vec<End> = (0..all).map(of).filter(|&end| end != other).collect();
    match candidates.is_empty() {
        true => end,
        false => one_of(&candidates, stream),
    }
}

#[cfg(test)]
mod tests;
