//! The other end of a connection: the core of a client on a socket.
//!
//! **Invariant.** A message is shown once.
