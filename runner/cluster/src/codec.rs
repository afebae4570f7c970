//! Bytes of what servers say to each other, and of what they keep.
//!
//! Forms are those of [`chat::field`]: fixed-width big-endian numbers, lists with their length before them. A message begins with
//! [`VERSION`]. Nothing is allocated on the word of a length.
//!
//! `coded` how a value becomes bytes · `units` numbers and views · `log` entries, snapshots and tails · `body` messages ·
//! [`record`] what a disk keeps
//!
//! **Invariant.** What is read from the bytes of a value is that value; other bytes are an error and never a panic.

mod body;
mod coded;
mod log;
pub mod record;
mod units;

#[cfg(test)]
mod tests;

use chat::Malformed;
use chat::field::{Field, end};
use chat::rule::Rules;
use replica::message::Body;
use replica::units::Incarnation;

use crate::codec::coded::Coded;
use crate::service::Service;

/// The version of these forms.
pub const VERSION: u8 = 1;

/// Appends the bytes of what a server in this life says to another.
pub fn encode(incarnation: Incarnation, body: &Body<Service>, bytes: &mut Vec<u8>) {
    VERSION.write(bytes);
    incarnation.put(bytes);
    body.put(bytes);
}

/// What exactly these bytes say, and in which life of the sender. A snapshot in it follows these rules.
///
/// # Errors
///
/// [`Malformed`] where they say nothing.
pub fn decode(
    mut bytes: &[u8],
    rules: Rules,
) -> Result<(Incarnation, Box<Body<Service>>), Malformed> {
    let bytes = &mut bytes;
    version(bytes)?;
    let incarnation = Incarnation::take(bytes, rules)?;
    let body = Coded::take(bytes, rules)?;
    end(bytes)?;
    Ok((incarnation, body))
}

fn version(bytes: &mut &[u8]) -> Result<(), Malformed> {
    match u8::read(bytes)? {
        VERSION => Ok(()),
        other => Err(Malformed::Unknown {
            of: "version of these forms",
            number: other.into(),
        }),
    }
}
