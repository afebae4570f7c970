//! What is in the window of a space-time diagram, and what in it is worth pointing at.

use crate::metrics::units::Units;
use crate::plot_data::{SpaceTime, SpaceTimeEvent, SpaceTimeMessage, TrialDigest};

/// Arrows that a reader can tell apart, at most.
const MESSAGES: usize = 150;
/// Jumps that are pointed out, at most.
const HIGHLIGHTS: usize = 5;

/// The trial's window, if there is anything in it.
pub(super) fn window_of(trial: &TrialDigest) -> Option<&SpaceTime> {
    let window = trial.space_time.as_ref()?;
    (!window.events.is_empty() && window.to_s > window.from_s).then_some(window)
}

/// The largest jumps of the window, if any is larger than a tick's.
pub(super) fn highlights(window: &SpaceTime) -> Vec<&SpaceTimeEvent> {
    let largest = window
        .events
        .iter()
        .filter_map(|event| event.jump)
        .max()
        .unwrap_or_default();
    let mut jumps: Vec<&SpaceTimeEvent> = window
        .events
        .iter()
        .filter(|event| {
            let jump = event.jump.unwrap_or_default().0;
            jump > 1.0 && jump * 2.0 >= largest.0
        })
        .collect();
    jumps.sort_by(|a, b| b.jump.cmp(&a.jump).then(a.time_s.total_cmp(&b.time_s)));
    jumps.truncate(HIGHLIGHTS);
    jumps
}

/// Whether there are more messages than arrows that a reader can tell apart.
pub(super) fn is_crowded(window: &SpaceTime) -> bool {
    window.messages.len() > MESSAGES
}

/// Whether the event is the receive of the message, and took its clock from it.
pub(super) fn is_cause(message: &SpaceTimeMessage, event: &SpaceTimeEvent) -> bool {
    message.to == event.machine
        && message.received_s == Some(event.time_s)
        && message.clock.map(|clock| Units(clock.0 + 1.0)) == event.clock
        && event.clock.is_some()
}
