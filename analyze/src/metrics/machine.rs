//! What is measured of one machine, each question's part beside the others.
//!
//! **Invariant.** No two parts have a field of one name.

use serde::{Deserialize, Serialize};

use super::clock_sources::AccountMetrics;
use super::drift::DriftMetrics;
use super::events::EventMetrics;
use super::jumps::JumpMetrics;
use super::lag::LagMetrics;
use super::messages::MessageMetrics;
use super::queues::QueueMetrics;
use super::ticks::TickMetrics;

/// What is measured of one machine of one trial. In JSON all fields of all parts stand side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MachineMetrics {
    /// Its id.
    pub machine: u32,
    /// What its logs call it; absent where that is its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Nominal ticks per second; null where neither log nor path states them.
    pub rate: Option<f64>,
    /// Events by kind.
    #[serde(flatten)]
    pub events: EventMetrics,
    /// Ticks against their schedule.
    #[serde(flatten)]
    pub ticks: TickMetrics,
    /// Jumps of the logical clock.
    #[serde(flatten)]
    pub jumps: JumpMetrics,
    /// What the logical clock is made of.
    #[serde(flatten)]
    pub account: AccountMetrics,
    /// The logical clock against time.
    #[serde(flatten)]
    pub drift: DriftMetrics,
    /// Distance from the leader.
    #[serde(flatten)]
    pub lag: LagMetrics,
    /// Length of the network queue.
    #[serde(flatten)]
    pub queues: QueueMetrics,
    /// Waits of messages.
    #[serde(flatten)]
    pub messages: MessageMetrics,
}
