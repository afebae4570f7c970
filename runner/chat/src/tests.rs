//! Tests of the crate: they are inside it, because some of them switch rules off.

mod application;
mod arbitrary;
mod client;
mod conversation;
mod door;
mod golden;
mod model;
mod mutants;
mod network;
mod wire;
mod words;
