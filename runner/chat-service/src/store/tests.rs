//! The disk of a server, on files and on a disk that fails.
//!
//! `volatile` a disk in memory that remembers what was done to it · `script` changes, and what is there after each · `cuts` the
//! power goes at every place · `failures` the disk says no · `flips` bits change · `folder` files and locks · `service` a server
//! with clients on such a disk · `bench` how fast
//!
//! **Invariant.** Chance is a function of a seed and a place: a failure is found again.

mod bench;
mod cuts;
mod failures;
mod flips;
mod folder;
mod script;
mod service;
mod volatile;
