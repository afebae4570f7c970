//! The chat service as programs: what is typed, what is said, what is there after an end of whatever kind.

mod chat_service {
    pub(crate) mod bench;
    mod clients;
    mod clusters;
    mod disks;
    mod keeping;
    mod servers;
}
mod common;
