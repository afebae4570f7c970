//! What the coordinator and its processes, machines' and hub's, say to each other: JSON lines over stdin and stdout.
//!
//! A pipe rather than a socket, so that nobody else can speak on it, and so that its end tells each side at once that
//! the other is gone: a process stops when its stdin ends, for whatever reason that happens.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use event_log::{JournalEntry, MachineId, Party, TrialManifest};
use serde::{Deserialize, Serialize};

use super::handshake::Secret;
use crate::config::ListenAddr;
use crate::outcome::LateTick;

/// From the coordinator.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Who you are; listen, if you have an address.
    Setup(Box<Setup>),
    /// Everybody is ready; connect.
    Connect {
        /// The addresses of the parties that listen.
        addresses: Vec<(Party, SocketAddr)>,
    },
    /// Everybody is connected; the first instant is this.
    Start {
        /// Nanoseconds since the Unix epoch.
        started_ns: u64,
    },
    /// All machines are done: take leave of the peers, finish the log, exit.
    Close,
    /// Stop, finish the log, exit.
    Stop,
}

/// Everything that a process needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setup {
    /// The planned trial.
    pub manifest: TrialManifest,
    /// The party of this process; several machines count as the first of them.
    pub party: Party,
    /// Where to listen; none for a party that only dials.
    #[serde(rename = "door")]
    pub listen_addr: Option<ListenAddr>,
    /// The trial's folder, in which machines create their logs.
    pub folder: PathBuf,
    /// The run's secret.
    pub secret: Secret,
}

/// From a machine or the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum Report {
    /// It can be connected.
    Ready {
        /// Where it listens, if it does.
        address: Option<SocketAddr>,
        /// The process's id in the operating system.
        process: u32,
    },
    /// It is connected to every peer.
    Connected,
    /// A machine has performed all its ticks, or stopped before them.
    Finished {
        /// The machine.
        machine: MachineId,
        /// Ticks performed.
        ticks: u64,
        /// The latest of them, if it was late by more than a period.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        latest: Option<LateTick>,
    },
    /// A peer's connection ended before the trial did.
    Lost {
        /// The peer.
        peer: Party,
        /// What the peer, or a program on the way to it, did or did not do, if that is why this end ended it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fault: Option<String>,
    },
    /// It cannot go on: what happened and what to do.
    Failed {
        /// In words.
        problem: String,
    },
    /// A line for the journal.
    Journal(JournalEntry),
}

/// A process's way of reporting, shared by its threads.
///
/// Lines are short and written whole. A report to a coordinator that is gone is dropped; the end of stdin stops the process.
#[derive(Debug, Clone, Copy)]
pub struct Reporter;

impl Reporter {
    /// Reports to the coordinator.
    pub fn send(self, report: &Report) {
        if let Ok(mut line) = serde_json::to_vec(report) {
            line.push(b'\n');
            let mut out = std::io::stdout().lock();
            let _ = out.write_all(&line).and_then(|()| out.flush());
        }
    }
}
