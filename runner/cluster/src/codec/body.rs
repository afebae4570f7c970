//! Messages from server to server as bytes.
//!
//! **Invariant.** The number of a kind is never given to another kind.

use chat::Malformed;
use chat::field::Field;
use chat::rule::Rules;
use replica::message::Body;

use crate::codec::coded::Coded;
use crate::service::Service;

/// The kinds: a number, and the fields.
macro_rules! kinds {
    ($($number:literal => $kind:ident { $($field:ident),* }),* $(,)?) => {
        impl Coded for Body<Service> {
            fn put(&self, bytes: &mut Vec<u8>) {
                match self {
                    $(Body::$kind { $($field),* } => {
                        u8::write(&$number, bytes);
                        $($field.put(bytes);)*
                    })*
                }
            }

            fn take(bytes: &mut &[u8], rules: Rules) -> Result<Self, Malformed> {
                match u8::read(bytes)? {
                    $($number => {
                        $(let $field = Coded::take(bytes, rules)?;)*
                        Ok(Body::$kind { $($field),* })
                    })*
                    other => Err(Malformed::Unknown {
                        of: "kind of message between servers",
                        number: other.into(),
                    }),
                }
            }
        }
    };
}

kinds! {
    1 => Heartbeat { view, promised, is_serving, committed },
    2 => PrepareView { ballot, marks },
    3 => Promise { ballot, view, end, marks, tail },
    4 => Refuse { promised },
    5 => Install { view, tail },
    6 => Installed { ballot },
    7 => Lack { ballot },
    8 => Prepare { ballot, after, entries, committed },
    9 => PrepareOk { ballot, through },
    10 => Fetch { marks },
    11 => Supply { ballot, tail },
    12 => Recover { attempt },
    13 => Recall { attempt, promised, known },
    14 => Farewell {},
    15 => Gathering { ballot },
}
