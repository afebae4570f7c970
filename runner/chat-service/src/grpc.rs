//! gRPC clients: the same service, in other words.
//!
//! **Invariant.** What a call answers is what the wire would answer.
