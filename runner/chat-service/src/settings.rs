//! What an operator says of a server, and of a cluster.
//!
//! **Invariant.** What is read here is checked: a server that starts has addresses, a folder and peers that can go together.
