//! Receives that no word names: events whose vectors take over components of another machine.
//!
//! A vector learns of another machine only through a message, so an event at which it does is a receive, whatever its line
//! says. A send that does so receives as well; it stays a send, for others take what it sent.
//!
//! **Invariant.** A gain is of one event: where a receive shows its clock before the merge, the line after it is no receive.

use super::clocks::Tally;
use events::{Clock, Event, Kind};

/// Makes the internal events of a machine at which its vector grows by what others did receives, and counts them.
/// `files` are the positions of its files among those of the trial.
pub(super) fn receive(events: &mut [Event], own: usize, files: &[u32], found: &mut Tally) {
    let mut before: Option<Vec<u64>> = None;
    // Whether the last event is a receive whose own line shows no gain.
    let mut owed = false;
    for event in events {
        let Some(Clock::Vector(after)) = &event.clock else {
            continue;
        };
        // The first event of a machine follows nothing; where it is not the first, what came before is not known.
        let starts = after.get(own) == Some(&1);
        let known = before.take().or_else(|| starts.then(Vec::new));
        let gains = known.is_some_and(|before| learns(&before, after, own));
        if event.kind == Kind::Internal && gains && !owed {
            event.kind = Kind::Receive;
            let file = files.get(event.file as usize);
            found.add(file.copied().unwrap_or_default(), event.line);
        }
        owed = event.kind == Kind::Receive && !gains;
        before = Some(after.clone());
    }
}

/// Whether a component of another machine is larger than before, and none smaller; what is not there is 0.
fn learns(before: &[u64], after: &[u64], own: usize) -> bool {
    let of = |vector: &[u64], at: usize| vector.get(at).copied().unwrap_or(0);
    let peers = || (0..before.len().max(after.len())).filter(|&peer| peer != own);
    peers().any(|peer| of(after, peer) > of(before, peer))
        && peers().all(|peer| of(after, peer) >= of(before, peer))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kinds of a machine's events, by letter, and how many became receives.
    fn kinds(events: &[(Kind, &[u64])]) -> (String, u64) {
        let event = |(line, &(kind, vector)): (u32, &(Kind, &[u64]))| Event {
            clock: Some(Clock::Vector(vector.to_vec())),
            ..Event::new(line, kind, 0)
        };
        let mut events: Vec<Event> = (1..).zip(events).map(event).collect();
        let mut found = Tally::default();
        receive(&mut events, 1, &[0], &mut found);
        let letters = events.iter().map(|event| &event.kind.word()[..1]);
        (letters.collect(), found.count)
    }

    #[test]
    fn an_event_that_takes_over_components_is_a_receive() {
        let events: [(Kind, &[u64]); 4] = [
            (Kind::Internal, &[0, 1]),
            (Kind::Internal, &[2, 2]),
            (Kind::Internal, &[2, 3]),
            (Kind::Internal, &[2, 4, 1]),
        ];
        assert_eq!(kinds(&events), ("irir".to_owned(), 2));
        let first: [(Kind, &[u64]); 1] = [(Kind::Internal, &[3, 1])];
        assert_eq!(kinds(&first), ("r".to_owned(), 1));
    }

    #[test]
    fn what_is_no_gain_of_the_event_makes_no_receive() {
        // A log that begins later, a send, a vector that forgets, and a merge that shows on the next line.
        let begins_later: [(Kind, &[u64]); 1] = [(Kind::Internal, &[3, 2])];
        assert_eq!(kinds(&begins_later), ("i".to_owned(), 0));
        let sends: [(Kind, &[u64]); 2] = [(Kind::Internal, &[0, 1]), (Kind::Send, &[3, 2])];
        assert_eq!(kinds(&sends), ("is".to_owned(), 0));
        let forgets: [(Kind, &[u64]); 2] =
            [(Kind::Internal, &[0, 1, 4]), (Kind::Internal, &[3, 2, 0])];
        assert_eq!(kinds(&forgets), ("ri".to_owned(), 1));
        let late: [(Kind, &[u64]); 3] = [
            (Kind::Internal, &[0, 1]),
            (Kind::Receive, &[0, 2]),
            (Kind::Internal, &[3, 3]),
        ];
        assert_eq!(kinds(&late), ("iri".to_owned(), 0));
    }
}
