//! Words that exports share.

use events::TimeOrigin;

/// Every origin of times, with its word.
const ORIGINS: [(TimeOrigin, &str); 3] = [
    (TimeOrigin::Epoch, "epoch"),
    (TimeOrigin::Trial, "trial"),
    (TimeOrigin::Machine, "machine"),
];

/// The word for what times are counted from.
pub fn origin(origin: TimeOrigin) -> &'static str {
    let known = ORIGINS.iter().find(|(known, _)| *known == origin);
    known.map_or("", |(_, word)| word)
}

/// What times are counted from, by its word.
pub fn origin_of(word: &str) -> Option<TimeOrigin> {
    let known = ORIGINS.iter().find(|(_, known)| *known == word);
    known.map(|(origin, _)| *origin)
}
