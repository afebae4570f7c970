//! Replicas of an application: a primary and backups, views, and rules that lose nothing.
//!
//! A group of replicas applies the same commands in the same order. A *view* has a number, members and a primary. The
//! primary acknowledges a command when every member of its view has it on disk; members that die are removed by a change of
//! view that is itself on disk. What a group survives is [`rules::Tolerance`]: all crashes but one, or partitions.
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
