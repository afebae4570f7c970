//! Bytes of messages and records, there and back.
//!
//! `arbitrary` values of every form · `messages` what servers say · `records` what a disk keeps
//!
//! **Invariant.** What is compared is everything that a value says: its debug form, and its bytes.

mod arbitrary;
mod messages;
mod records;
