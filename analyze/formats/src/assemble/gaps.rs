//! Where lines that may hold events and are not read stand between the events of a machine.
//!
//! **Invariant.** A line in a file of several machines may be of any of them: it is a gap in each.

use events::Event;

/// Positions of the events before which such a line of their file stands; the number of events for lines behind the
/// last. `files` are the positions of the machine's files among those of its trial, `holes` files and lines of these,
/// ascending.
pub(super) fn of(events: &[Event], files: &[u32], holes: &[(u32, u32)]) -> Vec<u32> {
    if holes.is_empty() {
        return Vec::new();
    }
    let any = |file: u32, after: u32, before: u32| {
        let next = holes.partition_point(|&at| at <= (file, after));
        let next = holes.get(next);
        next.is_some_and(|&at| at < (file, before))
    };
    let place = |event: &Event| {
        let file = files.get(event.file as usize);
        (file.copied().unwrap_or(u32::MAX), event.line)
    };
    let mut gaps = Vec::new();
    let mut before: Option<(u32, u32)> = None;
    for (position, (file, line)) in (0..).zip(events.iter().map(place)) {
        let is_gap = match before {
            Some((of, after)) if of == file => any(file, after, line),
            Some((of, after)) => any(of, after, u32::MAX) || any(file, 0, line),
            None => any(file, 0, line),
        };
        if is_gap {
            gaps.push(position);
        }
        before = Some((file, line));
    }
    if before.is_some_and(|(file, after)| any(file, after, u32::MAX)) {
        gaps.push(events.len() as u32);
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::of;
    use events::{Event, Kind};

    #[test]
    fn a_gap_is_before_the_event_that_follows_the_line() {
        let event = |file, line| Event {
            file,
            ..Event::new(line, Kind::Internal, 0)
        };
        let events = [
            event(0, 2),
            event(0, 3),
            event(0, 7),
            event(1, 1),
            event(1, 4),
        ];
        let files = [5, 9];
        let gaps = |holes: &[(u32, u32)]| of(&events, &files, holes);
        assert_eq!(gaps(&[]), Vec::<u32>::new());
        assert_eq!(gaps(&[(5, 1)]), [0]);
        assert_eq!(gaps(&[(5, 4), (5, 6)]), [2]);
        assert_eq!(gaps(&[(5, 8)]), [3], "behind the last line of a file");
        assert_eq!(gaps(&[(9, 2), (9, 5)]), [4, 5]);
        assert!(gaps(&[(7, 3)]).is_empty(), "a file of others");
    }
}
