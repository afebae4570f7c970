use events::{Clock, Match, TimeOrigin};

use super::*;
use crate::metrics::fixtures::two;

fn is_said(notes: &[Note], words: &str) -> bool {
    notes.iter().any(|note| note.found.contains(words))
}

#[test]
fn a_trial_that_records_all_needs_no_word() {
    assert_eq!(remarks(&two().trial()), []);
}

#[test]
fn times_vectors_and_uncertain_receives_are_remarked_on() {
    let mut draft = two();
    draft.dialect.time = Some(TimeOrigin::Machine);
    draft.matches[1][1] = Match::Ambiguous { candidates: 2 };
    draft.events[0][2].clock = Some(Clock::Vector(vec![3, 1]));
    let said = remarks(&draft.trial());
    assert!(is_said(&said, "own start"), "{said:?}");
    assert!(is_said(&said, "of 1 receives 1"), "{said:?}");
    assert!(is_said(&said, "a vector clock"), "{said:?}");
    assert!(said.iter().all(|note| note.file.contains("(night)")));
}

#[test]
fn rows_without_a_time_or_a_clock_are_counted() {
    let mut draft = two();
    draft.events[0][2].clock = None;
    draft.events[1][2].time_ns = None;
    let said = remarks(&draft.trial());
    let counted = said.iter().filter(|note| note.found == "one on 5 of 6");
    assert_eq!(counted.count(), 2, "{said:?}");
}

#[test]
fn a_trial_counts_if_every_machine_is_there_for_half_of_it() {
    let trial = two().trial();
    assert_eq!(left_out(&trial, 0), None);
    assert_eq!(left_out(&trial, 1), Some("unexplained lines"));
    let mut short = two();
    short.events[0].truncate(1);
    short.matches[0].truncate(1);
    short.matches[1][1] = Match::Missing;
    let why = left_out(&short.trial(), 0);
    assert_eq!(why, Some("a machine with fewer than two events"));
    let mut late = two();
    late.events[1][2].time_ns = Some(1_010_000_000_000);
    let why = left_out(&late.trial(), 0);
    assert!(why.is_some_and(|why| why.contains("half")));
}
