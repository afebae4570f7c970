use events::Matching;

use super::*;

#[test]
fn what_is_not_certain_is_counted() {
    let trial = sample::trial();
    let mut tally = Tally::default();
    tally.add(&trial);
    assert_eq!(
        tally,
        Tally {
            events: 7,
            receives: 3,
            ambiguous: 1,
            missing: 1,
            circular: 0,
            without_vectors: 0,
        }
    );
    assert_eq!(tally.in_words().len(), 2);
}

#[test]
fn messages_in_a_circle_are_cut_and_told() {
    let mut machines = sample::machines();
    let (send, receive) = (machines[0].1[0].clone(), machines[1].1[1].clone());
    // Each takes first what the other sends second.
    machines[0].1 = vec![receive.clone(), send.clone()];
    machines[1].1 = vec![receive, send];
    let sent = |machine| vec![Match::Sent { machine, event: 1 }, Match::NoReceive];
    let matching = Matching {
        receives: vec![sent(1), sent(0)],
        ..Matching::default()
    };
    let trial = sample::matched(machines, &matching);
    assert_eq!(trial.circular.len(), 1);
    let vectors = trial.vectors.as_ref().expect("vectors without the circle");
    for (machine, event) in trial.in_causal_order() {
        assert_eq!(vectors.of(machine, event)[machine], event as u32 + 1);
    }
}
