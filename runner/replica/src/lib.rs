//! Replicas of an application: a primary and backups, views, and rules that lose nothing.
//!
//! A group of replicas applies the same commands in the same order. A *view* has a number, members and a primary. The
//! primary acknowledges a command when every member of its view has it on disk; members that die are removed by a change of
//! view that is itself on disk. What a group survives is [`rules::Tolerance`]: all crashes but one, or partitions.
//!
//! ```
//! use machine::process::effects::Effects;
//! use machine::process::units::Time;
//! use replica::application::Application;
//! use replica::durable::Durable;
//! use replica::replica::Replica;
//! use replica::rules::{Rules, Tolerance};
//! use replica::setup::{Limits, Setup};
//! use replica::timing::Timing;
//! use replica::units::{OpNumber, ReplicaId};
//!
//! /// A number that is added to.
//! #[derive(Debug, Clone)]
//! struct Sum(u64);
//!
//! impl Application for Sum {
//!     type Command = u64;
//!     type Output = u64;
//!     fn apply(&mut self, _op: OpNumber, command: &u64) -> u64 {
//!         self.0 += command;
//!         self.0
//!     }
//!     fn digest(&self) -> [u8; 32] {
//!         std::array::from_fn(|place| self.0.to_be_bytes()[place % 8])
//!     }
//! }
//!
//! // A group of one, to be short: it needs nobody's answer.
//! let setup = Setup {
//!     id: ReplicaId(0),
//!     replicas: 1,
//!     tolerance: Tolerance::Crashes,
//!     timing: Timing::default(),
//!     limits: Limits::default(),
//!     may_recover: false,
//!     seed: 7,
//!     trial: 0,
//!     rules: Rules::ALL,
//! };
//! let disk = Durable::founding(1, Sum(0));
//! let mut effects = Effects::new();
//! let mut replica = Replica::begin(setup, disk, Time(0), &mut effects);
//! // It waits for a primary first, in vain; then it proposes a view of itself, and serves.
//! for step in 1..=20 {
//!     replica.wake(Time(step * 100_000_000), &mut effects);
//! }
//! assert!(replica.is_serving());
//!
//! let now = Time(2_100_000_000);
//! replica.propose(now, 40, &mut effects).expect("it serves");
//! replica.propose(now, 2, &mut effects).expect("it serves");
//! let outputs: Vec<u64> = replica.take_committed().iter().map(|done| done.output).collect();
//! assert_eq!(outputs, [40, 42]); // to be sent behind `effects`: once they are on disk
//! ```
//!
//! # The rules
//!
//! | rule | what it says |
//! |---|---|
//! | R1 fence | whoever has promised a view refuses every message of an earlier one |
//! | R2 authority | while somebody is live, only the live say which view was the last; its other members must be dead |
//! | R3 last to fail | if nobody is live, every member of the last view must be back |
//! | R4 majority | with partitions, a majority must answer, and nothing else is asked |
//! | R5 log choice | the log comes from a holder of the last view, the longest of these |
//! | R6 order | whoever carries the authority of the last view installs the next one first |
//! | R7 write all | to serve, all members must have the view; to acknowledge, all must have the command, on disk |
//! | R8 stall | a gap in one's own running is a crash |
//! | R9 joining | a replica fetches what it lacks before it is a member |
//! | R10 empty disk | it promises nothing before it has heard all other promises |
//! | R11 client fence | a server that a client has seen a later view than its own steps down |
//! | R12 exclusion | whoever is left out of a later view begins a new life and asks to join |
//!
//! *Live* is a replica that has installed its view in its present life. [`rules::Rule`] is the list in code; what is lost
//! without each is in the golden scripts of this crate.
//!
//! # Map
//!
//! [`units`] ids, lives, ballots, marks · [`application`] what is replicated · [`view`] who is in the group · [`log`] commands
//! and snapshot · [`durable`] the disk · [`message`] what is said · [`rules`], [`timing`], [`setup`] · `detector` who is
//! heard · `choice` rules R2 to R6, a function · [`replica`] the replica · [`server`] the replica and its clients, a
//! [`machine::process::Process`].
//!
//! **Invariant.** Nothing here reads a clock, opens a socket or file, is `async`, or draws chance that was not handed in. The
//! crate knows no application.

pub mod application;
mod choice;
mod detector;
pub mod durable;
pub mod log;
pub mod message;
#[cfg(test)]
mod model;
pub mod replica;
pub mod rules;
pub mod server;
pub mod setup;
pub mod timing;
pub mod units;
pub mod view;
