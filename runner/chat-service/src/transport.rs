//! Streams of bytes, with TLS or without.
//!
//! **Invariant.** Nothing but loopback is spoken to without TLS, unless the operator says so.
