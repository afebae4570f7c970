//! Rows of one log, a bit for each.

/// Some of the rows of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowSet {
    bits: Vec<u64>,
    /// How many there are.
    count: usize,
    /// The last of them; 0 of none.
    last: usize,
}

impl RowSet {
    /// Adds a row.
    #[inline]
    pub fn insert(&mut self, row: usize) {
        let (word, bit) = (row / 64, 1 << (row % 64));
        if word >= self.bits.len() {
            self.bits.resize(word + 1, 0);
        }
        self.count += usize::from(self.bits[word] & bit == 0);
        self.bits[word] |= bit;
        self.last = self.last.max(row);
    }

    /// Whether a row is among them.
    #[inline]
    pub fn contains(&self, row: usize) -> bool {
        let word = self.bits.get(row / 64);
        word.is_some_and(|word| word & (1 << (row % 64)) != 0)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The last of them; 0 of none.
    pub fn last(&self) -> usize {
        self.last
    }
}
