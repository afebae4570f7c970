//! Numbers and views of replicas as bytes.
//!
//! **Invariant.** Fields are in the order of their declaration.

use chat::Malformed;
use chat::rule::Rules;
use replica::units::{Ballot, Incarnation, Mark, OpNumber, ReplicaId};
use replica::view::View;

use crate::codec::coded::{Coded, coded_struct};

macro_rules! wrapped {
    ($($type:ident),*) => {$(
        impl Coded for $type {
            fn put(&self, bytes: &mut Vec<u8>) {
                self.0.put(bytes);
            }

            fn take(bytes: &mut &[u8], rules: Rules) -> Result<Self, Malformed> {
                Coded::take(bytes, rules).map($type)
            }
        }
    )*};
}

wrapped!(ReplicaId, OpNumber);

coded_struct!(Incarnation { disk, life });
coded_struct!(Ballot { number, proposer });
coded_struct!(Mark { op, ballot });
coded_struct!(View { ballot, members });
