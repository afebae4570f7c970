//! Sends to all that were written as a line for each recipient.
//!
//! **Invariant.** Lines are joined only where the dialect says so, and only neighbours of one clock to different
//! recipients.

use events::{BroadcastLines, Dialect, Event, Kind};

/// Joins neighbouring sends of one clock to one broadcast each, of the machine `own` of all machines. Without names, as many
/// lines as there are others are one to each.
pub(super) fn join(
    events: &mut Vec<Event>,
    ticks: &mut Vec<Option<u64>>,
    dialect: &Dialect,
    (own, machines): (usize, usize),
) {
    if dialect.broadcast != Some(BroadcastLines::Each) {
        return;
    }
    let most = machines.saturating_sub(1).max(2);
    let mut joined: Vec<Event> = Vec::with_capacity(events.len());
    let mut kept_ticks = Vec::with_capacity(ticks.len());
    // Lines that the last joined event stands for.
    let mut lines = 0;
    for (event, tick) in events.drain(..).zip(ticks.drain(..)) {
        if let Some(last) = joined.last_mut().filter(|_| lines < most)
            && one_send(last, &event)
        {
            last.kind = Kind::Broadcast;
            last.to = match (last.to.take(), event.to) {
                (Some(mut to), Some(more)) => {
                    to.extend(more);
                    to.sort_unstable();
                    Some(to)
                }
                (to, more) => to.or(more),
            };
            last.position = None;
            lines += 1;
            if last.to.is_none() && lines + 1 == machines {
                last.to = Some((0..machines).filter(|machine| *machine != own).collect());
            }
            continue;
        }
        lines = 1;
        joined.push(event);
        kept_ticks.push(tick);
    }
    *events = joined;
    *ticks = kept_ticks;
}

/// Whether a line is one more of the send before it.
fn one_send(before: &Event, line: &Event) -> bool {
    let sends = matches!(before.kind, Kind::Send | Kind::Broadcast) && line.kind == Kind::Send;
    let clock =
        before.clock.is_some() && before.clock == line.clock && before.carried == line.carried;
    let others = match (&before.to, &line.to) {
        (Some(before), Some(line)) => line.iter().all(|to| !before.contains(to)),
        (None, None) => before.position.is_none() || before.position != line.position,
        _ => false,
    };
    sends && clock && others
}
