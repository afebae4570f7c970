//! Structs and enums as bytes: their forms, written down as lists of fields and numbered variants.

/// The fields of a struct, one after another.
macro_rules! fields {
    ($type:ident { $($field:tt),* $(,)? }) => {
        impl $crate::field::Field for $type {
            fn write(&self, bytes: &mut Vec<u8>) {
                $($crate::field::Field::write(&self.$field, bytes);)*
            }

            fn read(bytes: &mut &[u8]) -> Result<Self, $crate::field::Malformed> {
                Ok($type { $($field: $crate::field::Field::read(bytes)?),* })
            }
        }
    };
}

/// The variants of an enum: a number, and the fields of the variant.
macro_rules! variants {
    ($type:ident as $of:literal { $($number:literal => $variant:ident { $($field:ident),* }),* $(,)? }) => {
        impl $type {
            /// The number of the variant.
            pub(crate) fn number(&self) -> u8 {
                match self {
                    $($type::$variant { .. } => $number,)*
                }
            }

            /// Appends the fields of the variant.
            #[allow(unused_variables, clippy::ptr_arg, reason = "no variant may have fields")]
            pub(crate) fn write_fields(&self, bytes: &mut Vec<u8>) {
                match self {
                    $($type::$variant { $($field),* } => {
                        $($crate::field::Field::write($field, bytes);)*
                    })*
                }
            }

            /// Takes the fields of the variant of this number from the front.
            #[allow(unused_variables, reason = "variants may have no fields")]
            pub(crate) fn read_fields(number: u8, bytes: &mut &[u8]) -> Result<Self, $crate::field::Malformed> {
                match number {
                    $($number => Ok($type::$variant {
                        $($field: $crate::field::Field::read(bytes)?),*
                    }),)*
                    _ => Err($crate::field::Malformed::Unknown { of: $of, number: number.into() }),
                }
            }
        }

        impl $crate::field::Field for $type {
            fn write(&self, bytes: &mut Vec<u8>) {
                $crate::field::Field::write(&self.number(), bytes);
                self.write_fields(bytes);
            }

            fn read(bytes: &mut &[u8]) -> Result<Self, $crate::field::Malformed> {
                let number = $crate::field::Field::read(bytes)?;
                $type::read_fields(number, bytes)
            }
        }
    };
}

pub(crate) use {fields, variants};
