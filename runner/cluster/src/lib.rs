//! Servers and clients of the replicated chat service, as processes that touch nothing.
