//! How values become bytes: fixed-width big-endian numbers, text and lists with their length before them.
//!
//! One trait serves what travels and what is kept. Nothing is allocated on the word of a length: a list grows as its
//! elements are read, and each of them takes at least one byte.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::{Buf, BufMut};
use thiserror::Error;
use uuid::Uuid;

/// Why bytes are not the value that was expected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Malformed {
    /// The bytes end inside a value.
    #[error("the bytes end {missing} too early")]
    Short {
        /// How many more are needed, at least.
        missing: usize,
    },
    /// The bytes go on after the value.
    #[error("{extra} bytes follow the end of the value")]
    Long {
        /// How many are left.
        extra: usize,
    },
    /// Text is not UTF-8.
    #[error("text is not UTF-8 at its byte {position}")]
    Text {
        /// The first byte that is not, from 0.
        position: usize,
    },
    /// A number names nothing.
    #[error("{number} is no {of}")]
    Unknown {
        /// What it should be one of.
        of: &'static str,
        /// The number.
        number: u64,
    },
    /// A value breaks the rules of its kind.
    #[error("{rule}")]
    Invalid {
        /// The rule, and what was found.
        rule: String,
    },
}

/// A value with a form in bytes.
pub trait Field: Sized {
    /// Appends its bytes.
    fn write(&self, bytes: &mut Vec<u8>);

    /// Takes its bytes from the front.
    fn read(bytes: &mut &[u8]) -> Result<Self, Malformed>;

    /// Its bytes alone.
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    /// The value of exactly these bytes.
    fn from_bytes(mut bytes: &[u8]) -> Result<Self, Malformed> {
        let value = Self::read(&mut bytes)?;
        end(bytes)?;
        Ok(value)
    }
}

/// That nothing is left.
pub fn end(bytes: &[u8]) -> Result<(), Malformed> {
    match bytes.len() {
        0 => Ok(()),
        extra => Err(Malformed::Long { extra }),
    }
}

fn short(error: &bytes::TryGetError) -> Malformed {
    Malformed::Short {
        missing: error.requested - error.available,
    }
}

macro_rules! numbers {
    ($($number:ty: $put:ident, $get:ident;)*) => {$(
        impl Field for $number {
            fn write(&self, bytes: &mut Vec<u8>) {
                bytes.$put(*self);
            }

            fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
                bytes.$get().map_err(|error| short(&error))
            }
        }
    )*};
}

numbers! {
    u8: put_u8, try_get_u8;
    u16: put_u16, try_get_u16;
    u32: put_u32, try_get_u32;
    u64: put_u64, try_get_u64;
}

impl Field for bool {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.put_u8(u8::from(*self));
    }

    fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
        match u8::read(bytes)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Malformed::Unknown {
                of: "yes or no",
                number: other.into(),
            }),
        }
    }
}

impl<const N: usize> Field for [u8; N] {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.put_slice(self);
    }

    fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
        let mut array = [0; N];
        bytes
            .try_copy_to_slice(&mut array)
            .map_err(|error| short(&error))?;
        Ok(array)
    }
}

impl Field for Uuid {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.as_bytes().write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
        Ok(Uuid::from_bytes(Field::read(bytes)?))
    }
}

/// A length of at most 2³² − 1: values in memory are bounded far below it.
fn write_length(length: usize, bytes: &mut Vec<u8>) {
    bytes.put_u32(u32::try_from(length).expect("limits keep lengths below 2^32"));
}

impl Field for String {
    fn write(&self, bytes: &mut Vec<u8>) {
        write_length(self.len(), bytes);
        bytes.put_slice(self.as_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
        let length = u32::read(bytes)? as usize;
        let Some((text, rest)) = bytes.split_at_checked(length) else {
            let missing = length - bytes.len();
            return Err(Malformed::Short { missing });
        };
        let text = std::str::from_utf8(text).map_err(|error| Malformed::Text {
            position: error.valid_up_to(),
        })?;
        *bytes = rest;
        Ok(text.to_owned())
    }
}

impl<T: Field> Field for Arc<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        T::write(self, bytes);
    }

    fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
        Ok(Arc::new(T::read(bytes)?))
    }
}

impl<T: Field> Field for Option<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.is_some().write(bytes);
        if let Some(value) = self {
            value.write(bytes);
        }
    }

    fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
        bool::read(bytes)?.then(|| T::read(bytes)).transpose()
    }
}

impl<T: Field, E: Field> Field for Result<T, E> {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.is_ok().write(bytes);
        match self {
            Ok(value) => value.write(bytes),
            Err(error) => error.write(bytes),
        }
    }

    fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
        if bool::read(bytes)? {
            T::read(bytes).map(Ok)
        } else {
            E::read(bytes).map(Err)
        }
    }
}

impl<A: Field, B: Field> Field for (A, B) {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.0.write(bytes);
        self.1.write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
        Ok((A::read(bytes)?, B::read(bytes)?))
    }
}

fn read_all<T: Field, C: Default + Extend<T>>(bytes: &mut &[u8]) -> Result<C, Malformed> {
    let mut all = C::default();
    for _ in 0..u32::read(bytes)? {
        all.extend([T::read(bytes)?]);
    }
    Ok(all)
}

macro_rules! lists {
    ($($list:ident),*) => {$(
        impl<T: Field> Field for $list<T> {
            fn write(&self, bytes: &mut Vec<u8>) {
                write_length(self.len(), bytes);
                self.iter().for_each(|element| element.write(bytes));
            }

            fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
                read_all(bytes)
            }
        }
    )*};
}

lists!(Vec, VecDeque);

impl<K: Field + Ord, V: Field> Field for BTreeMap<K, V> {
    fn write(&self, bytes: &mut Vec<u8>) {
        write_length(self.len(), bytes);
        for (key, value) in self {
            key.write(bytes);
            value.write(bytes);
        }
    }

    fn read(bytes: &mut &[u8]) -> Result<Self, Malformed> {
        let pairs: Vec<(K, V)> = read_all(bytes)?;
        if !pairs.is_sorted_by(|(one, _), (other, _)| one < other) {
            let rule = "the keys of a map do not ascend".to_owned();
            return Err(Malformed::Invalid { rule });
        }
        Ok(pairs.into_iter().collect())
    }
}
