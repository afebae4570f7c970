//! The other end of a connection: the core of a client on sockets, with a device that remembers.
//!
//! [`start`] begins a client. What it does in the background the core of [`chat::client`] decides; a program asks for operations
//! through a [`Handle`] and hears what happens as [`News`].
//!
//! ```text
//! program ── Handle: ask, listen, shown, close ─→ driver ─→ chat::client::Client
//!    ↑────────── News, settlements ───────────────┘  │ ↑
//!                         device (what was shown) ←──┘ └──→ link ═ frames, TLS ═ a server
//! ```
//!
//! # Map
//!
//! [`handle`] what programs ask and hear · [`directory`] addresses and the servers behind them · [`device`] what outlives a client
//! · [`entry`] from a name to a session · [`advice`] what to do about what goes wrong · `driver` effects of the core, performed in
//! order · `link` one connection · `reports` what the core reports · `problem` why
//! there is no connection
//!
//! **Invariant.** A message is acknowledged once its program says that it was shown, and the device has kept that: what ends at
//! any moment loses no message. What is shown and kept is never shown again.

pub mod advice;
pub mod device;
pub mod directory;
mod driver;
pub mod entry;
pub mod handle;
mod link;
mod problem;
mod reports;
#[cfg(test)]
pub(crate) mod tests;

pub use device::{Device, DeviceError};
pub use directory::Directory;
pub use driver::{ClientSetup, start};
pub use handle::{Handle, News, Receipt, Ticket};
pub use problem::Unserved;
