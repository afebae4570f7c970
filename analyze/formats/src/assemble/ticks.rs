//! Numbers of ticks.
//!
//! Where the log names the tick, that is it. Otherwise every event is a tick, unless the dialect says that a tick may have
//! several. Then events share one where two things prove it:
//!
//! - the times: they follow the tick's first event within half a period, or, where no rate is known, within a tenth of the
//!   usual distance of events; a log without times leaves it to the rules;
//! - the rules of a tick: any number of receives, then one event of its own, which may be a send on a line for each recipient.
//!
//! **Invariant.** Numbers that are not logged begin at 0 and leave none out. What is merged is counted.

use super::clocks::Tally;
use events::{Dialect, Event, Kind, TickLines};

/// The part of the usual distance of events within which one shares the tick of another, where no rate is known.
const PART: i64 = 10;

/// Numbers the ticks of the events of one machine, whose files stand at these places among those of the trial; counts the
/// events that share the tick of another though no line says so.
pub(super) fn number(
    events: &mut [Event],
    logged: &[Option<u64>],
    rate_hz: Option<f64>,
    dialect: &Dialect,
    (files, merged): (&[u32], &mut Tally),
) {
    let several = dialect.tick == Some(TickLines::Several);
    let within_ns = match rate_hz {
        Some(rate_hz) => Some((0.5e9 / rate_hz) as i64),
        None => usual_distance_ns(events).map(|usual_ns| usual_ns / PART),
    };
    let timed = events.iter().any(|event| event.time_ns.is_some());
    // The numbers so far, and the first event of the last.
    let (mut next, mut first): (u64, usize) = (0, 0);
    for at in 0..events.len() {
        let (before, from) = events.split_at(at);
        let event = &from[0];
        let close = || match (before[first].time_ns, event.time_ns, within_ns) {
            (Some(first_ns), Some(time_ns), Some(within_ns)) => {
                (0..within_ns).contains(&time_ns.saturating_sub(first_ns))
            }
            _ => !timed && before[at - 1].kind == Kind::Receive,
        };
        let shared = several && at > 0 && may_share(&before[first..], event) && close();
        if !shared {
            first = at;
            next += 1;
        } else if logged[at].is_none() {
            let file = files.get(event.file as usize);
            merged.add(file.copied().unwrap_or_default(), event.line);
        }
        events[at].tick = logged[at].unwrap_or(next - 1);
    }
}

/// Whether a tick with these events may have one more: a receive before its own event, that event, or the same send to
/// somebody else.
fn may_share(tick: &[Event], event: &Event) -> bool {
    let own = || tick.iter().filter(|event| event.kind != Kind::Receive);
    match event.kind {
        Kind::Receive | Kind::Internal | Kind::Broadcast => own().next().is_none(),
        Kind::Send => own().all(|sent| sent.kind == Kind::Send && is_to_another(sent, event)),
    }
}

/// Whether two sends name different recipients.
fn is_to_another(one: &Event, other: &Event) -> bool {
    let differ = |one: &Option<_>, other: &Option<_>| one.is_some() && other.is_some();
    (differ(&one.to, &other.to) && one.to != other.to)
        || (one.position.is_some() && other.position.is_some() && one.position != other.position)
}

/// The distance that three of four neighbours do not exceed; none without two times.
fn usual_distance_ns(events: &[Event]) -> Option<i64> {
    let times = events.iter().filter_map(|event| event.time_ns);
    let times: Vec<i64> = times.collect();
    let pairs = times.windows(2);
    let mut distances: Vec<i64> = pairs.map(|pair| pair[1].saturating_sub(pair[0])).collect();
    distances.sort_unstable();
    distances.get(distances.len() * 3 / 4).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ticks of events at these times in milliseconds, where a tick may have several, and how many were merged.
    fn ticks(events: &[(Kind, i64)], rate_hz: Option<f64>) -> (Vec<u64>, u64) {
        let dialect = Dialect {
            tick: Some(TickLines::Several),
            ..Dialect::default()
        };
        let event = |(line, &(kind, time_ms)): (u32, &(Kind, i64))| Event {
            time_ns: Some(time_ms * 1_000_000),
            to: (kind == Kind::Send).then(|| vec![line as usize]),
            ..Event::new(line, kind, 0)
        };
        let mut events: Vec<Event> = (1..).zip(events).map(event).collect();
        let logged = vec![None; events.len()];
        let mut merged = Tally::default();
        number(&mut events, &logged, rate_hz, &dialect, (&[0], &mut merged));
        let ticks = events.iter().map(|event| event.tick);
        (ticks.collect(), merged.count)
    }

    #[test]
    fn without_a_rate_the_usual_distance_proves_a_tick() {
        use Kind::{Internal, Receive, Send};
        let sends = [
            (Internal, 0),
            (Send, 300),
            (Send, 302),
            (Internal, 600),
            (Internal, 900),
            (Receive, 1200),
        ];
        assert_eq!(ticks(&sends, None), (vec![0, 1, 1, 2, 3, 4], 1));
        let receives = [(Receive, 0), (Receive, 1000), (Receive, 2000)];
        assert_eq!(ticks(&receives, None), (vec![0, 1, 2], 0));
    }

    #[test]
    fn a_machine_that_catches_up_has_ticks_of_one_event() {
        use Kind::{Internal, Receive, Send};
        let late = [
            (Internal, 0),
            (Internal, 1),
            (Send, 2),
            (Internal, 3),
            (Receive, 4),
            (Receive, 5),
            (Internal, 6),
        ];
        let (numbers, merged) = ticks(&late, Some(1.0));
        assert_eq!((numbers, merged), (vec![0, 1, 2, 3, 4, 4, 4], 2));
    }
}
