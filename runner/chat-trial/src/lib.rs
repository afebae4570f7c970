//! Trials of the chat service in virtual time.
