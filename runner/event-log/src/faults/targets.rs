//! One target, or a list of them: `"any"`, `["any", "any client"]`.
//!
//! **Invariant.** There is at least one.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::target::Target;

/// Targets as a file has them.
pub(super) struct Targets(pub(super) Vec<Target>);

impl Serialize for Targets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0[..] {
            [one] => one.serialize(serializer),
            _ => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Targets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Targets, D::Error> {
        deserializer.deserialize_any(OneOrMany)
    }
}

struct OneOrMany;

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Targets;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a target such as \"any\", or a list of them")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Targets, E> {
        Ok(Targets(vec![text.parse().map_err(E::custom)?]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Targets, A::Error> {
        let mut targets = Vec::new();
        while let Some(target) = list.next_element()? {
            targets.push(target);
        }
        match targets.is_empty() {
            false => Ok(Targets(targets)),
            true => Err(A::Error::custom(
                "a storm strikes somebody: target = \"any\"",
            )),
        }
    }
}
