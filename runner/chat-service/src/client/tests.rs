//! The run time of clients against a server of this process, over sockets that break.

pub(crate) mod bench;
mod breaks;
mod life;
