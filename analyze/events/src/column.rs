//! Columns of one machine, as slices of the trial's frame.
//!
//! A column shares the memory of the frame: cutting and cloning one copies nothing.
//!
//! **Invariant.** A column has one chunk. What was not recorded is missing, never a made-up value.

use polars::prelude::{Column as FrameColumn, DataType, PolarsError, PolarsResult};
use polars_arrow::array::{Array, ListArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::types::NativeType;

/// Numbers by row; any of them may be missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Column<T: NativeType> {
    values: PrimitiveArray<T>,
}

impl<T: NativeType> Default for Column<T> {
    /// The column of no row.
    fn default() -> Column<T> {
        Column::whole(Vec::new())
    }
}

impl<T: NativeType> Column<T> {
    /// A column without missing values.
    pub fn whole(values: Vec<T>) -> Column<T> {
        Column {
            values: PrimitiveArray::from_vec(values),
        }
    }

    /// The only chunk of a frame's column.
    pub(crate) fn of(array: &dyn Array) -> Option<Column<T>> {
        let values = array.as_any().downcast_ref::<PrimitiveArray<T>>()?;
        Some(Column {
            values: values.clone(),
        })
    }

    /// The value of a row; none where it is missing, and of a row that is not there.
    #[inline]
    pub fn get(&self, row: usize) -> Option<T> {
        let value = self.values.values().get(row).copied();
        value.filter(|_| self.is_there(row))
    }

    #[inline]
    fn is_there(&self, row: usize) -> bool {
        let validity = self.values.validity();
        validity.is_none_or(|valid| valid.get_bit(row))
    }

    /// The values, row by row.
    #[inline]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Option<T>> + ExactSizeIterator + Clone {
        (0..self.len()).map(|row| self.get(row))
    }

    /// The values; what stands in the place of a missing one means nothing.
    #[inline]
    pub fn values(&self) -> &[T] {
        self.values.values()
    }

    /// Which values are there; `None` where all are.
    pub fn validity(&self) -> Option<&Bitmap> {
        self.values
            .validity()
            .filter(|valid| valid.unset_bits() > 0)
    }

    /// Another column, of what becomes of each value; what is missing stays so.
    pub fn map<U: NativeType>(&self, of: impl Fn(T) -> U) -> Column<U> {
        let values = self.values().iter().map(|&value| of(value)).collect();
        Column {
            values: PrimitiveArray::from_vec(values).with_validity(self.values.validity().cloned()),
        }
    }

    /// Number of rows.
    #[inline]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of values that are missing.
    pub fn missing(&self) -> usize {
        self.values.null_count()
    }

    /// The rows from `start`, `length` of them.
    pub(crate) fn cut(&self, start: usize, length: usize) -> Column<T> {
        let mut values = self.values.clone();
        values.slice(start, length);
        Column { values }
    }
}

impl<T: NativeType> FromIterator<Option<T>> for Column<T> {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(values: I) -> Column<T> {
        let values: Vec<Option<T>> = values.into_iter().collect();
        Column {
            values: PrimitiveArray::from(values),
        }
    }
}

/// Lists of numbers by row, such as vector clocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Lists<T: NativeType> {
    lists: ListArray<i64>,
    items: PrimitiveArray<T>,
}

impl<T: NativeType> Lists<T> {
    pub(crate) fn of(array: &dyn Array) -> Option<Lists<T>> {
        let lists = array.as_any().downcast_ref::<ListArray<i64>>()?;
        let items = lists
            .values()
            .as_any()
            .downcast_ref::<PrimitiveArray<T>>()?;
        Some(Lists {
            items: items.clone(),
            lists: lists.clone(),
        })
    }

    /// The list of a row; none where it is missing, and of a row that is not there.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&[T]> {
        if row >= self.lists.len() || self.lists.is_null(row) {
            return None;
        }
        let (start, end) = self.lists.offsets().start_end(row);
        self.items.values().get(start..end)
    }

    /// Whether any row has a list.
    pub(crate) fn is_any(&self) -> bool {
        self.lists.null_count() < self.lists.len()
    }

    pub(crate) fn cut(&self, start: usize, length: usize) -> Lists<T> {
        let mut lists = self.lists.clone();
        lists.slice(start, length);
        Lists {
            lists,
            items: self.items.clone(),
        }
    }
}

/// Text by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Texts {
    texts: Utf8ViewArray,
}

impl Texts {
    pub(crate) fn of(array: &dyn Array) -> Option<Texts> {
        let texts = array.as_any().downcast_ref::<Utf8ViewArray>()?;
        Some(Texts {
            texts: texts.clone(),
        })
    }

    /// The text of a row; none where it is missing, and of a row that is not there.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&str> {
        (row < self.texts.len())
            .then(|| self.texts.get(row))
            .flatten()
    }

    pub(crate) fn cut(&self, start: usize, length: usize) -> Texts {
        let mut texts = self.texts.clone();
        texts.slice(start, length);
        Texts { texts }
    }
}

/// The only chunk of a frame's column, which must be of a type.
pub(crate) fn chunk<'a>(column: &'a FrameColumn, of: &DataType) -> PolarsResult<&'a dyn Array> {
    let series = column.as_materialized_series();
    if series.dtype() != of || series.n_chunks() != 1 {
        let found = series.dtype();
        let chunks = series.n_chunks();
        let name = column.name();
        return Err(PolarsError::SchemaMismatch(
            format!("column {name}: expected {of} in one chunk, found {found} in {chunks}").into(),
        ));
    }
    Ok(series.chunks()[0].as_ref())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Column;

    proptest! {
        /// A column is the list of options that it was made of, and so is every cut of it.
        #[test]
        fn a_column_is_what_it_was_made_of(values in prop::collection::vec(any::<Option<i64>>(), 0..200), at in 0usize..200) {
            let column: Column<i64> = values.iter().copied().collect();
            prop_assert_eq!((column.len(), column.get(values.len())), (values.len(), None));
            let at = at.min(values.len());
            let cut = column.cut(at, values.len() - at);
            prop_assert_eq!(cut.iter().collect::<Vec<_>>(), &values[at..]);
            prop_assert_eq!(column.iter().collect::<Vec<_>>(), &values[..]);
            let halves: Vec<Option<i64>> = values.iter().map(|value| value.map(|value| value / 2)).collect();
            prop_assert_eq!(column.map(|value| value / 2).iter().collect::<Vec<_>>(), halves);
        }
    }
}
