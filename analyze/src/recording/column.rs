//! A column in which values may be missing, in little more room than its values.
//!
//! An `Option` of eight bytes takes sixteen. Here a value that is missing costs its room and a bit, and a column that is
//! whole nothing beside its values.
//!
//! **Invariant.** What stands in the place of a missing value is the default, so that equal columns compare as such.

use super::row_set::RowSet;

/// Values by row, of which some may be missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Column<T> {
    values: Vec<T>,
    missing: RowSet,
}

impl<T: Copy + Default> Column<T> {
    /// A column of which no value is missing.
    pub fn whole(values: Vec<T>) -> Column<T> {
        Column {
            values,
            missing: RowSet::default(),
        }
    }

    /// The values of the rows that are `kept`.
    pub fn of_rows(mut values: Vec<T>, kept: impl Fn(usize) -> bool) -> Column<T> {
        let mut missing = RowSet::default();
        for (row, value) in values.iter_mut().enumerate() {
            if !kept(row) {
                *value = T::default();
                missing.insert(row);
            }
        }
        Column { values, missing }
    }

    /// Adds a row.
    #[inline]
    pub fn push(&mut self, value: Option<T>) {
        if value.is_none() {
            self.missing.insert(self.values.len());
        }
        self.values.push(value.unwrap_or_default());
    }

    /// The value of a row; none where it is missing, and of a row that is not there.
    #[inline]
    pub fn get(&self, row: usize) -> Option<T> {
        let value = self.values.get(row).copied();
        value.filter(|_| !self.missing.contains(row))
    }

    /// The values, row by row.
    #[inline]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Option<T>> + ExactSizeIterator + Clone {
        (0..self.values.len()).map(|row| self.get(row))
    }

    /// How many rows.
    #[inline]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl<T: Copy + Default> FromIterator<Option<T>> for Column<T> {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(values: I) -> Column<T> {
        let values = values.into_iter();
        let mut column = Column::whole(Vec::with_capacity(values.size_hint().0));
        for value in values {
            column.push(value);
        }
        column
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Column;

    proptest! {
        /// A column is the list of options that it was made of, however it was made.
        #[test]
        fn a_column_is_what_it_was_made_of(values in prop::collection::vec(any::<Option<i64>>(), 0..200)) {
            let column: Column<i64> = values.iter().copied().collect();
            prop_assert_eq!((column.len(), column.get(values.len())), (values.len(), None));
            let all = values.iter().map(|value| value.unwrap_or(7)).collect();
            prop_assert_eq!(&Column::of_rows(all, |row| values[row].is_some()), &column);
            prop_assert_eq!(column.iter().collect::<Vec<_>>(), values);
        }
    }

    #[test]
    fn of_a_whole_column_every_value_is_there() {
        let column = Column::whole(vec![0u64, u64::MAX]);
        assert_eq!((column.get(0), column.get(1)), (Some(0), Some(u64::MAX)));
        assert_eq!(column, [Some(0), Some(u64::MAX)].into_iter().collect());
    }
}
