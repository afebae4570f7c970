//! Numbers of ticks.
//!
//! Where the log names the tick, that is it. Otherwise every event is a tick; if the dialect says that a tick may have
//! several events, those that follow its first within half a period share it, and without rate or times one that follows
//! a receive.
//!
//! **Invariant.** Numbers that are not logged begin at 0 and leave none out.

use events::{Dialect, Event, Kind, TickLines};

/// Numbers the ticks of the events of one machine.
pub(super) fn number(
    events: &mut [Event],
    logged: &[Option<u64>],
    rate_hz: Option<f64>,
    dialect: &Dialect,
) {
    let several = dialect.tick == Some(TickLines::Several);
    let half_period_ns = rate_hz.map(|rate_hz| 0.5e9 / rate_hz);
    let mut next: u64 = 0;
    let mut first: Option<(Kind, Option<i64>)> = None;
    let mut before: Option<Kind> = None;
    for (event, logged) in events.iter_mut().zip(logged) {
        let shared = several
            && first.is_some_and(
                |(_, first_ns)| match (first_ns, event.time_ns, half_period_ns) {
                    (Some(first_ns), Some(time_ns), Some(half_ns)) => {
                        (0.0..half_ns).contains(&((time_ns as f64) - (first_ns as f64)))
                    }
                    _ => before == Some(Kind::Receive),
                },
            );
        before = Some(event.kind);
        if !shared {
            first = Some((event.kind, event.time_ns));
            next += 1;
        }
        event.tick = logged.unwrap_or(next - 1);
    }
}
