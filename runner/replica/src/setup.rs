//! What a replica knows before it begins.
//!
//! **Invariant.** All replicas of a group have the same setup but for their ids.

use crate::rules::{Rules, Tolerance};
use crate::timing::Timing;
use crate::units::ReplicaId;

/// The setup of a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// Its id, less than `replicas`.
    pub id: ReplicaId,
    /// How many replicas the group has.
    pub replicas: u32,
    /// What the group must survive.
    pub tolerance: Tolerance,
    /// When it speaks, and when it suspects.
    pub timing: Timing,
    /// How much it keeps and sends.
    pub limits: Limits,
    /// Whether it may begin with an empty disk, after all others have said what they promised. Otherwise it does nothing:
    /// a disk that is empty by mistake is the operator's to find.
    pub may_recover: bool,
    /// Seed of its delays.
    pub seed: u64,
    /// The trial, for its delays.
    pub trial: u64,
    /// The rules that it follows.
    pub rules: Rules,
}

/// Bounds of what a replica keeps and sends, in commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Committed commands in the log before a snapshot takes their place.
    pub log_max: usize,
    /// Commands that wait to be committed; further ones are refused.
    pub window_max: usize,
    /// Commands in one message, but for those of a view change.
    pub message_max: usize,
    /// How many commands a replica may lack when it becomes a member.
    pub joiner_gap_max: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            log_max: 10_000,
            window_max: 1_024,
            message_max: 256,
            joiner_gap_max: 256,
        }
    }
}
