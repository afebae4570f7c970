//! A schedule with nothing left to chance.
//!
//! What is drawn is drawn from the trial's seed, each fault and each storm from a stream of its own. The draw depends on the
//! schedule, seed, trial and the number of servers, not on what happens in the trial.
//!
//! **Invariant.** A plain schedule is drawn to itself.

use event_log::faults::{Deed, End, Fault, Faults, Span, SpanRange, Storm, Target, When};
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
            target: target(fault.target, limits.servers, &mut stream),
            lasts: lasts.map(SpanRange::exactly),
            ..fault.clone()
        });
    }
    for (place, storm) in (0..).zip(&faults.storms) {
        drawn.extend(blows(
            storm,
            limits.servers,
            calm_ns,
            &mut stream(STORMS + place),
        ));
    }
    drawn.sort_by_key(|fault| match &fault.when {
        When::At(at) => at.ns,
        When::On(_) => u64::MAX,
    });
    Faults {
        settle: faults.settle,
        faults: drawn,
        storms: Vec::new(),
    }
}

/// The faults of a storm, up to the calm.
fn blows(storm: &Storm, servers: u32, calm_ns: u64, stream: &mut Stream) -> Vec<Fault> {
    let mut blows = Vec::new();
    // Who is down until when.
    let mut down: Vec<(Target, u64)> = Vec::new();
    let mut at_ns = 0u64;
    loop {
        at_ns = at_ns.saturating_add((exponential(stream) * storm.every.ns as f64) as u64);
        if at_ns >= calm_ns {
            return blows;
        }
        let deed = storm.deeds[stream.below(storm.deeds.len() as u64) as usize];
        let target = target(storm.target, servers, stream);
        let lasts = span(storm.lasts, stream);
        down.retain(|&(_, until_ns)| until_ns > at_ns);
        if deed.ends_a_life() || deed == Deed::Pause {
            let is_down = down.iter().any(|&(of, _)| of == target);
            let struck = if target == Target::All { servers } else { 1 };
            let too_many = |most| down.len() as u32 + struck > most;
            if is_down || storm.most.is_some_and(too_many) {
                continue;
            }
            down.push((target, at_ns.saturating_add(lasts.ns)));
        }
        blows.push(Fault {
            when: When::At(Span { ns: at_ns }),
            deed,
            target,
            lasts: Some(SpanRange::exactly(lasts)),
            by: storm.by,
            chance: storm.chance,
        });
    }
}

fn span(range: SpanRange, stream: &mut Stream) -> Span {
    let SpanRange { min, max } = range;
    Span {
        ns: min.ns + stream.below(max.ns - min.ns + 1),
    }
}

fn target(target: Target, servers: u32, stream: &mut Stream) -> Target {
    match target {
        Target::Any => Target::Server(stream.below(u64::from(servers)) as u32),
        Target::Link {
            from,
            to,
            both_ways,
        } => {
            let from = end(from, to, servers, stream);
            Target::Link {
                from,
                to: end(to, from, servers, stream),
                both_ways,
            }
        }
        other => other,
    }
}

/// An end of a link, drawn from the servers but the other end.
fn end(end: End, other: End, servers: u32, stream: &mut Stream) -> End {
    if end != End::Any {
        return end;
    }
    let candidates: Vec<u32> = (0..servers)
        .filter(|&server| other != End::Server(server))
        .collect();
    match candidates.len() as u64 {
        0 => end,
        count => End::Server(candidates[stream.below(count) as usize]),
    }
}

/// A number with mean 1, exponentially distributed, by comparisons alone (von Neumann, "Various Techniques Used in Connection
/// With Random Digits", 1951): a logarithm would not be the same to the last bit on every platform.
fn exponential(stream: &mut Stream) -> f64 {
    let mut whole = 0.0;
    loop {
        let first = stream.unit();
        let (mut last, mut length) = (first, 1);
        loop {
            let next = stream.unit();
            if next >= last {
                break;
            }
            (last, length) = (next, length + 1);
        }
        // A run that descends this often is accepted with the chance e⁻ˣ.
        if length % 2 == 1 {
            return whole + first;
        }
        whole += 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_exponential() {
        let mut stream = Stream::new(7, 0, Purpose::Fault(0));
        let draws: Vec<f64> = (0..20_000).map(|_| exponential(&mut stream)).collect();
        let above = |bound: f64| {
            let count = draws.iter().filter(|&&draw| draw > bound).count();
            count as f64 / draws.len() as f64
        };
        // Five standard errors of a share of 20,000 are below 0.018; the seed is fixed.
        for bound in [0.1f64, 0.5, 1.0, 2.0, 4.0] {
            let expected = (-bound).exp();
            let found = above(bound);
            assert!(
                (found - expected).abs() < 0.018,
                "{bound}: {found}, {expected}"
            );
        }
    }
}
