//! Servers and clients together.
