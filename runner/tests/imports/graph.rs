//! Circles among imports.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::source::Import;

/// What counts as one place: a file, or a directory with all that is below it.
pub(crate) type Place = fn(&str) -> &str;

/// Every file is a place of its own.
pub(crate) fn file(module: &str) -> &str {
    module
}

/// A module at the top of the crate is one place, with all that is below it.
pub(crate) fn directory(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}

/// Which places import which.
pub(crate) struct Graph<'a> {
    place: Place,
    from: BTreeMap<&'a str, Vec<&'a Import>>,
}

impl<'a> Graph<'a> {
    /// Of these imports.
    pub(crate) fn of(imports: impl IntoIterator<Item = &'a Import>, place: Place) -> Graph<'a> {
        let mut from: BTreeMap<&str, Vec<&Import>> = BTreeMap::new();
        for import in imports {
            if place(&import.from) != place(&import.to) {
                from.entry(place(&import.from)).or_default().push(import);
            }
        }
        Graph { place, from }
    }

    /// The shortest circle through an import; none if it lies in none.
    pub(crate) fn circle(&self, import: &'a Import) -> Option<Vec<&'a Import>> {
        let (start, end) = ((self.place)(&import.to), (self.place)(&import.from));
        let mut came_by: BTreeMap<&str, &Import> = BTreeMap::new();
        let mut ahead = VecDeque::from([start]);
        while let Some(at) = ahead.pop_front() {
            for &next in self.from.get(at).into_iter().flatten() {
                let to = (self.place)(&next.to);
                if to != start && !came_by.contains_key(to) {
                    came_by.insert(to, next);
                    ahead.push_back(to);
                }
            }
        }
        if start == end || !came_by.contains_key(end) {
            return None;
        }
        let mut circle = Vec::new();
        let mut at = end;
        while let Some(&by) = came_by.get(at) {
            circle.push(by);
            at = (self.place)(&by.from);
        }
        circle.push(import);
        circle.rotate_right(1);
        circle[1..].reverse();
        Some(circle)
    }

    /// The shortest circles, each set of places once, the shortest first.
    pub(crate) fn circles(&self) -> Vec<Vec<&'a Import>> {
        let mut found = BTreeMap::new();
        for circle in self
            .from
            .values()
            .flatten()
            .filter_map(|&import| self.circle(import))
        {
            let places = circle.iter().map(|import| (self.place)(&import.from));
            let places: BTreeSet<&str> = places.collect();
            found.entry((circle.len(), places)).or_insert(circle);
        }
        found.into_values().collect()
    }
}
