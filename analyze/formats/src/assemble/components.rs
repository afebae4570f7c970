//! Which component of bare vectors counts the events of which machine.
//!
//! A machine's own component rises by one at each of its events, and where nothing is received no other does. Between components that rise
//! alike the order of the machines decides, where there is one for each, and then the numbers in their names, counted from
//! 0 or from 1.
//!
//! **Invariant.** No two machines share a component, and nothing is taken that the vectors contradict: a component that
//! rises by one at no more than half of these events of a machine is not its own.

/// The vector of an event, and whether the event receives.
pub(super) type Shown<'p> = (bool, &'p [u64]);

/// The own component of each machine, from its name and its vectors in their order; none if that cannot be decided.
pub(super) fn owned(machines: &[(&str, Vec<Shown<'_>>)], width: usize) -> Option<Vec<usize>> {
    let steadiest: Vec<Vec<usize>> = machines
        .iter()
        .map(|(_, vectors)| steadiest(vectors, width))
        .collect();
    let in_order: Vec<usize> = (0..machines.len()).collect();
    let rises_in_order = |(of, place): (&Vec<usize>, &usize)| of.contains(place);
    if width == machines.len() && steadiest.iter().zip(&in_order).all(rises_in_order) {
        return Some(in_order);
    }
    let numbered = [0, 1].into_iter().filter_map(|first| {
        let named = machines.iter().zip(&steadiest).map(|((name, _), of)| {
            let place = number(name)?.checked_sub(first)?;
            of.contains(&place).then_some(place)
        });
        named
            .collect::<Option<Vec<usize>>>()
            .filter(|places| distinct(places))
    });
    let alone = || {
        let places = steadiest.iter().map(|of| match of[..] {
            [place] => Some(place),
            _ => None,
        });
        places
            .collect::<Option<Vec<usize>>>()
            .filter(|places| distinct(places))
    };
    match numbered.collect::<Vec<_>>().as_slice() {
        [places] => Some(places.clone()),
        _ => alone(),
    }
}

/// The components that rise by one as often as any where nothing is received, and at more than half of these events; all of
/// a machine without such events.
fn steadiest(vectors: &[Shown<'_>], width: usize) -> Vec<usize> {
    let zero = vec![0; width];
    let before = std::iter::once(zero.as_slice()).chain(vectors.iter().map(|(_, vector)| *vector));
    let mut rises = vec![0; width];
    let mut all = 0;
    for (before, (_, after)) in before.zip(vectors).filter(|(_, (receives, _))| !receives) {
        let steps = before.iter().zip(*after);
        for (rises, (before, after)) in rises.iter_mut().zip(steps) {
            *rises += usize::from(before.checked_add(1) == Some(*after));
        }
        all += 1;
    }
    let most = rises.iter().copied().max().unwrap_or(0);
    let steady = |&place: &usize| rises[place] == most && (all == 0 || 2 * most > all);
    (0..width).filter(steady).collect()
}

/// The number that a name ends with.
fn number(name: &str) -> Option<usize> {
    let digits = name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    name[digits..].parse().ok()
}

fn distinct(places: &[usize]) -> bool {
    places
        .iter()
        .enumerate()
        .all(|(at, place)| !places[..at].contains(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: [&[u64]; 2] = [&[1, 0, 0], &[2, 0, 0]];
    const LAST: [&[u64]; 3] = [&[0, 0, 1], &[2, 0, 2], &[2, 0, 3]];

    /// What these machines own, if none of their events receives.
    fn owned(machines: &[(&str, Vec<&[u64]>)], width: usize) -> Option<Vec<usize>> {
        let shown = machines.iter().map(|(name, of)| {
            let vectors = of.iter().map(|vector| (false, *vector));
            (*name, vectors.collect())
        });
        let machines: Vec<(&str, Vec<Shown<'_>>)> = shown.collect();
        super::owned(&machines, width)
    }

    #[test]
    fn a_receive_may_change_any_component_and_tells_nothing() {
        // It does not count its receives, which are most of its events.
        let shown: [Shown<'_>; 5] = [
            (false, &[0, 1]),
            (true, &[1, 1]),
            (true, &[2, 1]),
            (true, &[3, 1]),
            (false, &[3, 2]),
        ];
        let other: Vec<Shown<'_>> = vec![(false, &[1, 0])];
        let machines = [("a", shown.to_vec()), ("b", other)];
        assert_eq!(super::owned(&machines, 2), Some(vec![1, 0]));
    }

    #[test]
    fn a_machine_owns_the_component_that_rises_with_its_events() {
        let machines = [("left", FIRST.to_vec()), ("right", LAST.to_vec())];
        assert_eq!(owned(&machines, 3), Some(vec![0, 2]));
    }

    #[test]
    fn numbers_in_names_decide_between_components_that_rise_alike() {
        let alike: Vec<&[u64]> = vec![&[1, 0, 1], &[2, 0, 2]];
        let named = |name| [("m1", FIRST.to_vec()), (name, alike.clone())];
        assert_eq!(owned(&named("m3"), 3), Some(vec![0, 2]), "from 1");
        assert_eq!(owned(&named("right"), 3), None);
        let from_0 = [("m0", FIRST.to_vec()), ("m2", LAST.to_vec())];
        assert_eq!(owned(&from_0, 3), Some(vec![0, 2]));
    }

    #[test]
    fn of_as_many_components_as_machines_each_owns_the_one_that_rises() {
        const OTHER: [&[u64]; 3] = [&[0, 1], &[0, 2], &[3, 3]];
        const ONE: [&[u64]; 3] = [&[1, 0], &[2, 0], &[3, 2]];
        let named = |first, second| [("a", Vec::from(first)), ("b", Vec::from(second))];
        assert_eq!(owned(&named(ONE, OTHER), 2), Some(vec![0, 1]));
        assert_eq!(owned(&named(OTHER, ONE), 2), Some(vec![1, 0]));
        let both: [&[u64]; 3] = [&[1, 1], &[2, 2], &[3, 3]];
        assert_eq!(owned(&named(both, both), 2), Some(vec![0, 1]), "in order");
    }

    #[test]
    fn of_machines_that_share_a_log_no_component_rises_steadily() {
        let all: [&[u64]; 6] = [
            &[1, 0, 0],
            &[0, 1, 0],
            &[0, 0, 1],
            &[1, 2, 0],
            &[1, 0, 2],
            &[2, 2, 0],
        ];
        assert_eq!(owned(&[("all", all.to_vec())], 3), None);
    }

    #[test]
    fn names_that_the_vectors_contradict_are_no_evidence() {
        let crossed = [("m2", FIRST.to_vec()), ("m0", LAST.to_vec())];
        assert_eq!(owned(&crossed, 3), Some(vec![0, 2]));
    }

    #[test]
    fn machines_without_events_or_with_one_component_cannot_be_placed() {
        assert_eq!(owned(&[("a", Vec::new())], 2), None);
        let both = [("a", FIRST.to_vec()), ("b", FIRST.to_vec())];
        assert_eq!(owned(&both, 3), None);
        let huge: [&[u64]; 1] = [&[u64::MAX, 1]];
        assert_eq!(owned(&[("a", huge.to_vec())], 2), Some(vec![1]));
    }
}
