//! A person at a terminal.
//!
//! **Invariant.** No control character of a message reaches the terminal.
