//! How often each value occurs, of whole numbers: means, deviations and quantiles come from it exactly.
//!
//! Where too many values are different for memory, what was counted goes to a temporary file, sorted, and the parts are merged
//! when all is counted.
//!
//! **Invariant.** Every value is counted once, in memory or in one part of the file.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write as _};

/// Values from 0 to below this are counted by position.
const SMALL: i64 = 4096;
/// Bytes of a value and its count in a file.
const ENTRY_BYTES: usize = 16;

/// Counts so far.
pub(super) struct Counts {
    small: Vec<u64>,
    others: HashMap<i64, u64>,
    /// The most values that `others` has.
    room: usize,
    spilt: Option<Spilt>,
    number: u64,
    sum: i128,
    min: Option<i64>,
    max: Option<i64>,
}

/// Counts in a file, part after part, each sorted by value.
struct Spilt {
    file: File,
    /// Where parts begin, bytes, and the end.
    starts: Vec<u64>,
}

/// Values with their counts, ascending.
type Entries<'a> = Box<dyn Iterator<Item = io::Result<(i64, u64)>> + 'a>;

/// What the counts say.
pub(super) struct Distribution {
    /// Number of values.
    pub(super) number: u64,
    /// Their sum.
    pub(super) sum: i128,
    /// The largest.
    pub(super) max: Option<i64>,
    /// The smallest.
    pub(super) min: Option<i64>,
    squares: f64,
    /// For each share the values about it, and how far between them it lies.
    quantiles: Vec<(i64, i64, f64)>,
}

impl Counts {
    /// No value yet; `room` is about how many different ones are counted in memory.
    pub(super) fn new(room: usize) -> Counts {
        Counts {
            small: Vec::new(),
            others: HashMap::new(),
            room: room.max(1),
            spilt: None,
            number: 0,
            sum: 0,
            min: None,
            max: None,
        }
    }

    /// Counts a value.
    #[inline]
    pub(super) fn add(&mut self, value: i64) -> io::Result<()> {
        self.number += 1;
        self.sum += i128::from(value);
        self.min = Some(self.min.map_or(value, |min| min.min(value)));
        self.max = Some(self.max.map_or(value, |max| max.max(value)));
        if (0..SMALL).contains(&value) {
            let place = value as usize;
            if place >= self.small.len() {
                self.small.resize(place + 1, 0);
            }
            self.small[place] += 1;
            return Ok(());
        }
        *self.others.entry(value).or_default() += 1;
        match self.others.len() > self.room {
            true => self.spill(),
            false => Ok(()),
        }
    }

    /// What is in memory and not small, sorted.
    fn sorted(&mut self) -> Vec<(i64, u64)> {
        let mut sorted: Vec<(i64, u64)> = self.others.drain().collect();
        sorted.sort_unstable();
        sorted
    }

    fn spill(&mut self) -> io::Result<()> {
        let sorted = self.sorted();
        let spilt = match &mut self.spilt {
            Some(spilt) => spilt,
            none => none.insert(Spilt {
                file: tempfile::tempfile()?,
                starts: vec![0],
            }),
        };
        let mut file = BufWriter::new(&spilt.file);
        for (value, count) in &sorted {
            file.write_all(&value.to_le_bytes())?;
            file.write_all(&count.to_le_bytes())?;
        }
        file.flush()?;
        drop(file);
        spilt.starts.push(spilt.file.stream_position()?);
        Ok(())
    }

    /// Sums up; quantiles at these shares, from 0 to 1, ascending.
    pub(super) fn finish(mut self, shares: &[f64]) -> io::Result<Distribution> {
        let mean = self.sum as f64 / self.number as f64;
        // As the quantiles of a series are: by linear interpolation between order statistics.
        let wanted: Vec<f64> = shares
            .iter()
            .map(|share| self.number.saturating_sub(1) as f64 * share)
            .collect();
        let mut ranks: Vec<u64> = wanted
            .iter()
            .flat_map(|at| [*at as u64, at.ceil() as u64])
            .collect();
        ranks.sort_unstable();
        ranks.dedup();
        let (mut found, mut before, mut squares) = (HashMap::new(), 0, 0.0);
        let mut rank = ranks.into_iter().peekable();
        self.visit(|value, count| {
            before += count;
            while let Some(rank) = rank.next_if(|&rank| rank < before) {
                found.insert(rank, value);
            }
            let from_mean = value as f64 - mean;
            squares += count as f64 * (from_mean * from_mean);
        })?;
        let at = |rank: u64| found.get(&rank).copied().unwrap_or_default();
        Ok(Distribution {
            number: self.number,
            sum: self.sum,
            max: self.max,
            min: self.min,
            squares,
            quantiles: wanted
                .iter()
                .map(|&of| (at(of as u64), at(of.ceil() as u64), of - of.floor()))
                .collect(),
        })
    }

    /// Visits all values with their counts, the smallest first; a value may come several times in a row.
    fn visit(&mut self, mut visit: impl FnMut(i64, u64)) -> io::Result<()> {
        let others = self.sorted();
        let mut parts: Vec<Entries<'_>> = vec![Box::new(others.into_iter().map(Ok))];
        let small = self
            .small
            .iter()
            .enumerate()
            .filter(|&(_, &count)| count > 0);
        parts.push(Box::new(
            small.map(|(value, &count)| Ok((value as i64, count))),
        ));
        if let Some(spilt) = &self.spilt {
            for ends in spilt.starts.windows(2) {
                parts.push(Box::new(spilt.part(ends[0], ends[1])));
            }
        }
        let mut next = BinaryHeap::new();
        for (part, entries) in parts.iter_mut().enumerate() {
            if let Some(entry) = entries.next() {
                next.push(Reverse((entry?, part)));
            }
        }
        while let Some(Reverse(((value, count), part))) = next.pop() {
            visit(value, count);
            if let Some(entry) = parts[part].next() {
                next.push(Reverse((entry?, part)));
            }
        }
        Ok(())
    }
}

impl Spilt {
    /// The entries of a part.
    fn part(&self, start: u64, end: u64) -> impl Iterator<Item = io::Result<(i64, u64)>> + '_ {
        let mut reader = BufReader::new(Part {
            file: &self.file,
            at: start,
            end,
        });
        let entries = (end - start) / ENTRY_BYTES as u64;
        (0..entries).map(move |_| {
            let (mut value, mut count) = ([0; 8], [0; 8]);
            reader.read_exact(&mut value)?;
            reader.read_exact(&mut count)?;
            Ok((i64::from_le_bytes(value), u64::from_le_bytes(count)))
        })
    }
}

/// A part of a file that other parts are read from as well.
struct Part<'a> {
    file: &'a File,
    at: u64,
    end: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file;
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.take(self.end - self.at).read(room)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Distribution {
    /// The mean; none of no value.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.number > 0).then(|| self.sum as f64 / self.number as f64)
    }

    /// The standard deviation (divisor n − 1); none of fewer than two values.
    pub(super) fn deviation(&self) -> Option<f64> {
        (self.number > 1).then(|| (self.squares / (self.number - 1) as f64).sqrt())
    }

    /// The quantile at a position among the shares asked for, of what becomes of each value; none of no value.
    pub(super) fn quantile(&self, position: usize, of: impl Fn(i64) -> f64) -> Option<f64> {
        let &(lower, upper, between) = self.quantiles.get(position).filter(|_| self.number > 0)?;
        let (lower, upper) = (of(lower), of(upper));
        Some(match lower == upper {
            true => lower,
            false => between * (upper - lower) + lower,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Counts;
    use crate::metrics::series::{deviation, max, min, of_numbers, quantiles};

    fn close(one: Option<f64>, other: Option<f64>) -> bool {
        match (one, other) {
            (Some(one), Some(other)) => (one - other).abs() <= 1e-12 * other.abs().max(1.0),
            (one, other) => one == other,
        }
    }

    proptest! {
        /// Counts say what the series of all values says, also where they do not fit in memory.
        #[test]
        fn counts_say_what_the_values_say(
            values in prop::collection::vec(prop_oneof![-9i64..9, 4000i64..5000, -1_000_000_000i64..1_000_000_000], 0..300),
            room in 1usize..40,
        ) {
            let mut counts = Counts::new(room);
            for &value in &values {
                counts.add(value).expect("a temporary file");
            }
            let found = counts.finish(&[0.0, 0.5, 0.9, 0.99, 1.0]).expect("a temporary file");
            let all = of_numbers(values.iter().map(|&value| value as f64).collect());
            prop_assert!(close(found.mean(), all.mean()));
            prop_assert!(close(found.deviation(), deviation(&all)));
            prop_assert_eq!(found.max.map(|value| value as f64), max(&all));
            prop_assert_eq!(found.min.map(|value| value as f64), min(&all));
            for (position, expected) in quantiles(&all, [0.0, 0.5, 0.9, 0.99, 1.0]).into_iter().enumerate() {
                prop_assert_eq!(found.quantile(position, |value| value as f64), expected);
            }
        }
    }
}
