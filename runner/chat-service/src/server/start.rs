//! How a server is started.
//!
//! **Invariant.** Without a word of its operator a server without state does not start.

/// How a server is started, beyond its settings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Start {
    /// This is the first start of a server of a new cluster: its folder is made.
    pub founds: bool,
    /// Its disk was lost, and the operator says so.
    pub has_empty_disk: bool,
    /// It ends when its standard input does.
    pub watches_input: bool,
}
