//! A server's folder: its database, and what it belongs to.
//!
//! **Invariant.** What is read is whole, or the error names what is not.
