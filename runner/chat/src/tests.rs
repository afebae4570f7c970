//! Tests of the crate: they are inside it, because some of them switch rules off.

mod arbitrary;
mod golden;
mod wire;
