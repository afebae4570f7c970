//! What is replicated.
//!
//! **Invariant.** Replicas that apply the same commands in the same order have the same state, and give the same outputs.

use std::fmt::Debug;

use crate::units::OpNumber;

/// A deterministic state machine. Its value before the first command is given when the group is founded.
///
/// A clone is a snapshot: what is large in it should be shared rather than copied. A command may come twice, where a client
/// did not hear the answer and asked again; only the application knows that it is the same.
pub trait Application: Clone + Debug {
    /// What clients want done. Whatever depends on time or chance is in it: all replicas do the same with it.
    type Command: Clone + Debug;
    /// What comes of it.
    type Output: Clone + Debug;

    /// Applies a command that is committed at this place. No command is committed at two places by the replica, none is
    /// left out.
    fn apply(&mut self, op: OpNumber, command: &Self::Command) -> Self::Output;

    /// A hash of the whole state: equal on all replicas after the same command.
    fn digest(&self) -> [u8; 32];
}
