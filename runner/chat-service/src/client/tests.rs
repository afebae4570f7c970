//! The run time of clients against a server of this process, over sockets that break.

mod bench;
mod breaks;
mod life;
