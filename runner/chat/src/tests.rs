//! Tests of the crate: they are inside it, because some of them switch rules off.

mod application;
mod arbitrary;
mod conversation;
mod golden;
mod model;
mod network;
mod wire;
