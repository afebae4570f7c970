//! How a value of a replica becomes bytes.
//!
//! The trait is [`chat::field::Field`] for types that know nothing of bytes, with the rules that a restored service follows.
//!
//! **Invariant.** An element of a list takes at least one byte, so that a list is no longer than its bytes.

use std::collections::BTreeMap;

use chat::Malformed;
use chat::field::Field;
use chat::rule::Rules;

/// A value with a form in bytes.
pub(crate) trait Coded: Sized {
    /// Appends its bytes.
    fn put(&self, bytes: &mut Vec<u8>);

    /// Takes its bytes from the front.
    fn take(bytes: &mut &[u8], rules: Rules) -> Result<Self, Malformed>;
}

/// Types whose bytes are those of [`Field`].
macro_rules! as_fields {
    ($($type:ty),*) => {$(
        impl Coded for $type {
            fn put(&self, bytes: &mut Vec<u8>) {
                self.write(bytes);
            }

            fn take(bytes: &mut &[u8], _rules: Rules) -> Result<Self, Malformed> {
                Field::read(bytes)
            }
        }
    )*};
}

as_fields!(bool, u32, u64, [u8; 32]);

/// The fields of a struct, one after another.
macro_rules! coded_struct {
    ($type:ty { $($field:ident),* }) => {
        impl $crate::codec::coded::Coded for $type {
            fn put(&self, bytes: &mut Vec<u8>) {
                $($crate::codec::coded::Coded::put(&self.$field, bytes);)*
            }

            fn take(
                bytes: &mut &[u8],
                rules: ::chat::rule::Rules,
            ) -> Result<Self, ::chat::Malformed> {
                $(let $field = $crate::codec::coded::Coded::take(bytes, rules)?;)*
                Ok(Self { $($field),* })
            }
        }
    };
}

pub(crate) use coded_struct;

impl<T: Coded> Coded for Box<T> {
    fn put(&self, bytes: &mut Vec<u8>) {
        T::put(self, bytes);
    }

    fn take(bytes: &mut &[u8], rules: Rules) -> Result<Self, Malformed> {
        T::take(bytes, rules).map(Box::new)
    }
}

impl<T: Coded> Coded for Option<T> {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.is_some().put(bytes);
        if let Some(value) = self {
            value.put(bytes);
        }
    }

    fn take(bytes: &mut &[u8], rules: Rules) -> Result<Self, Malformed> {
        let is_some = bool::take(bytes, rules)?;
        is_some.then(|| T::take(bytes, rules)).transpose()
    }
}

/// Appends a length of at most 2³² − 1: values in memory are bounded far below it.
pub(crate) fn put_length(length: usize, bytes: &mut Vec<u8>) {
    let length = u32::try_from(length).expect("limits keep lengths below 2^32");
    length.put(bytes);
}

impl<T: Coded> Coded for Vec<T> {
    fn put(&self, bytes: &mut Vec<u8>) {
        put_length(self.len(), bytes);
        self.iter().for_each(|element| element.put(bytes));
    }

    fn take(bytes: &mut &[u8], rules: Rules) -> Result<Self, Malformed> {
        let mut all = Vec::new();
        for _ in 0..u32::take(bytes, rules)? {
            all.push(T::take(bytes, rules)?);
        }
        Ok(all)
    }
}

impl<K: Coded + Ord, V: Coded> Coded for BTreeMap<K, V> {
    fn put(&self, bytes: &mut Vec<u8>) {
        put_length(self.len(), bytes);
        for (key, value) in self {
            key.put(bytes);
            value.put(bytes);
        }
    }

    fn take(bytes: &mut &[u8], rules: Rules) -> Result<Self, Malformed> {
        let mut all = BTreeMap::new();
        for _ in 0..u32::take(bytes, rules)? {
            let key = K::take(bytes, rules)?;
            if all.last_key_value().is_some_and(|(last, _)| *last >= key) {
                let rule = "the keys of a map do not ascend".to_owned();
                return Err(Malformed::Invalid { rule });
            }
            all.insert(key, V::take(bytes, rules)?);
        }
        Ok(all)
    }
}
