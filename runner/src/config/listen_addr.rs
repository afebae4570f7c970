//! Where a process listens.

use serde::{Deserialize, Serialize};

/// Where a process listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenAddr {
    /// Local address.
    pub host: String,
    /// Port; 0 lets the system choose.
    pub port: u16,
}

impl ListenAddr {
    /// The address that the options give; by default a port of the system's choice on loopback.
    pub(super) fn at(host: Option<&str>, port: Option<u16>) -> ListenAddr {
        ListenAddr {
            host: host.unwrap_or("127.0.0.1").to_owned(),
            port: port.unwrap_or(0),
        }
    }

    /// Whether this is the default.
    pub(super) fn is_usual(&self) -> bool {
        *self == ListenAddr::at(None, None)
    }
}
