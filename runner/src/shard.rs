//! Shards: the parts of a run that is split over jobs which never speak to each other.
//!
//! Trial t of a run belongs to shard t mod n of n; in a packed run, pack p belongs to shard p mod n. Seed and number alone
//! determine a trial, so the trial folders of all shards together are those of the whole run, byte for byte.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// One of several parts of a run. Written `index/of`, counted from 0: `0/3`, `1/3`, `2/3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    of: u64,
}

impl Shard {
    /// Its number, from 0.
    pub fn index(self) -> u64 {
        self.index
    }

    /// How many shards the run has.
    pub fn of(self) -> u64 {
        self.of
    }

    /// Whether a trial, or of a packed run a pack, belongs to it.
    pub fn holds(self, number: u64) -> bool {
        number % self.of == self.index
    }

    /// How many of `count` trials, not packed, belong to it.
    pub fn trials(self, count: u64) -> u64 {
        count.saturating_sub(self.index).div_ceil(self.of)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl Serialize for Shard {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parts = text.split_once('/').and_then(|(index, of)| {
            Some(Shard {
                index: index.trim().parse().ok()?,
                of: of.trim().parse().ok()?,
            })
        });
        match parts {
            Some(shard) if shard.index < shard.of => Ok(shard),
            Some(Shard { of, .. }) if of > 0 => Err(format!(
                "shards of {of} are numbered from 0/{of} to {}/{of}",
                of - 1
            )),
            _ => Err(
                "expected i/n, the shard's number from 0 and how many there are: 0/3".to_owned(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trial_belongs_to_one_shard() {
        for of in [1, 3, 5] {
            let shards: Vec<Shard> = (0..of).map(|index| Shard { index, of }).collect();
            for trial in 0..100 {
                let holders = shards.iter().filter(|shard| shard.holds(trial));
                assert_eq!(holders.count(), 1, "trial {trial} of {of} shards");
            }
            for (shard, count) in shards.iter().zip([0, 1, 2, 99, 100].into_iter().cycle()) {
                let held = (0..count).filter(|&trial| shard.holds(trial)).count();
                assert_eq!(shard.trials(count), held as u64, "{shard} of {count}");
            }
        }
    }

    #[test]
    fn what_is_no_shard_is_refused_in_words() {
        assert_eq!("2/3".parse(), Ok(Shard { index: 2, of: 3 }));
        for (text, word) in [
            ("3/3", "0/3 to 2/3"),
            ("0/0", "expected i/n"),
            ("1", "expected i/n"),
            ("-1/3", "expected i/n"),
            ("", "expected i/n"),
        ] {
            let error = text.parse::<Shard>().expect_err("no shard");
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
