//! What a disk keeps, a record at a time.
//!
//! A store lays records out as it likes: a [`Head`], the entries of a log by their places, and a snapshot, which it may cut in
//! parts. Sums against damage are the store's.
//!
//! **Invariant.** A record is read back as it was written, or is an error.

use std::sync::Arc;

use chat::Malformed;
use chat::application::command::Entry as Proposed;
use chat::field::end;
use chat::rule::Rules;
use replica::durable::{Durable, Holding};
use replica::log::{Entry, Snapshot};
use replica::units::{Ballot, Incarnation};
use replica::view::View;

use crate::codec::coded::{Coded, coded_struct};
use crate::codec::{VERSION, version};
use crate::service::Service;

/// What a disk keeps besides logs: which life runs, what it has promised, the view that it installed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The life that runs, or ran last.
    pub incarnation: Incarnation,
    /// The highest view that it has agreed to wait for.
    pub promised: Ballot,
    /// The view that it installed last; none on an emptied disk.
    pub view: View,
    /// What it held in the views before.
    pub earlier: Vec<Holding>,
}

coded_struct!(Holding { view, end });
coded_struct!(Head {
    incarnation,
    promised,
    view,
    earlier
});

impl Head {
    /// The head of a disk.
    pub fn of(durable: &Durable<Service>) -> Head {
        Head {
            incarnation: durable.incarnation,
            promised: durable.promised,
            view: durable.view.clone(),
            earlier: durable.earlier.clone(),
        }
    }
}

/// The entry of a log.
pub type LogEntry = Entry<Arc<Proposed>>;

fn bytes_of(value: &impl Coded) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    value.put(&mut bytes);
    bytes
}

fn value_of<T: Coded>(mut bytes: &[u8], rules: Rules) -> Result<T, Malformed> {
    let bytes = &mut bytes;
    version(bytes)?;
    let value = T::take(bytes, rules)?;
    end(bytes)?;
    Ok(value)
}

/// The bytes of a head.
pub fn encode_head(head: &Head) -> Vec<u8> {
    bytes_of(head)
}

/// The head of exactly these bytes.
///
/// # Errors
///
/// [`Malformed`] where they are none.
pub fn decode_head(bytes: &[u8]) -> Result<Head, Malformed> {
    value_of(bytes, Rules::default())
}

/// The bytes of an entry.
pub fn encode_entry(entry: &LogEntry) -> Vec<u8> {
    bytes_of(entry)
}

/// The entry of exactly these bytes.
///
/// # Errors
///
/// [`Malformed`] where they are none.
pub fn decode_entry(bytes: &[u8]) -> Result<LogEntry, Malformed> {
    value_of(bytes, Rules::default())
}

/// The bytes of a snapshot: those of the whole state.
pub fn encode_snapshot(snapshot: &Snapshot<Service>) -> Vec<u8> {
    bytes_of(snapshot)
}

/// The snapshot of exactly these bytes. Its service follows these rules.
///
/// # Errors
///
/// [`Malformed`] where they are none.
pub fn decode_snapshot(bytes: &[u8], rules: Rules) -> Result<Snapshot<Service>, Malformed> {
    value_of(bytes, rules)
}
