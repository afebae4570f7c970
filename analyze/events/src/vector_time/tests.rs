use super::*;

/// Position of a machine and of its event.
type Place = (usize, usize);

/// Machines of so many internal events, and receives among them: `(machine, event)` takes the message of another.
fn matching(events: &[usize], receives: &[(Place, Place)]) -> Matching {
    let mut matching = Matching {
        receives: events
            .iter()
            .map(|&count| vec![Match::NoReceive; count])
            .collect(),
        ..Matching::default()
    };
    for &((machine, event), (sender, sent)) in receives {
        matching.receives[machine][event] = Match::Sent {
            machine: sender,
            event: sent,
        };
    }
    matching
}

#[test]
fn knowledge_travels_with_messages_and_no_other_way() {
    let matching = matching(&[3, 3, 2], &[((1, 1), (0, 1)), ((2, 0), (1, 2))]);
    let vectors = vectors(&matching).expect("no cycle");
    assert_eq!(vectors.of(0, 2), [3, 0, 0]);
    assert_eq!(vectors.of(1, 0), [0, 1, 0]);
    assert_eq!(vectors.of(1, 1), [2, 2, 0]);
    assert_eq!(vectors.of(2, 1), [2, 3, 2]);
    assert!(vectors.happened_before((0, 1), (2, 0)));
    assert!(vectors.concurrent((0, 2), (2, 1)));
    assert!(!vectors.happened_before((1, 1), (1, 1)));
}

#[test]
fn what_depends_on_an_unknown_send_is_not_certain() {
    let mut matching = matching(&[2, 3, 2], &[((2, 1), (1, 2))]);
    matching.receives[1][1] = Match::Ambiguous { candidates: 2 };
    let vectors = vectors(&matching).expect("no cycle");
    let certain = |machine, event| vectors.is_certain(machine, event);
    assert!(certain(1, 0) && !certain(1, 1) && !certain(1, 2));
    assert!(certain(2, 0) && !certain(2, 1));
    assert!(certain(0, 1));
}

#[test]
fn machines_that_wait_for_each_other_are_a_cycle() {
    let matching = matching(
        &[2, 2, 1],
        &[((0, 0), (1, 1)), ((1, 0), (0, 1)), ((2, 0), (1, 1))],
    );
    let Cycle { waits } = vectors(&matching).expect_err("a cycle");
    let mut receives: Vec<_> = waits.iter().map(|wait| wait.receive).collect();
    receives.sort_unstable();
    assert_eq!(receives, [(0, 0), (1, 0)]);
}
