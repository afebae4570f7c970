//! Addresses, as an operator writes them: a host and a port.
//!
//! **Invariant.** An address has a host and a port; whether the host is known is asked when it is used.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, lookup_host};

/// A host, by name or number, and a port: `127.0.0.1:4000`, `[::1]:4000`, `chat.example.org:4000`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// The host: a name, or a number without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is this host alone that can be reached there: a number of loopback, or `localhost`.
    pub fn is_loopback(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(number) => number.is_loopback(),
            Err(_) => self.host.eq_ignore_ascii_case("localhost"),
        }
    }

    /// Whether it is every address of this host, which nobody can connect to.
    pub fn is_unspecified(&self) -> bool {
        let number = self.host.parse::<IpAddr>();
        number
            .is_ok_and(|number| number == Ipv4Addr::UNSPECIFIED || number == Ipv6Addr::UNSPECIFIED)
    }

    /// The numbers that it stands for now.
    ///
    /// # Errors
    ///
    /// When the name is not known, with the address.
    pub async fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        let found = lookup_host((self.host.as_str(), self.port)).await;
        let found: Vec<SocketAddr> = found.map_err(|error| self.explain(error))?.collect();
        match found.is_empty() {
            true => Err(io::Error::other(format!("{self}: no such host"))),
            false => Ok(found),
        }
    }

    /// Listens there.
    ///
    /// # Errors
    ///
    /// What the system says, with the address.
    pub async fn listen(&self) -> io::Result<TcpListener> {
        let listener = TcpListener::bind((self.host.as_str(), self.port)).await;
        listener.map_err(|error| self.explain(error))
    }

    fn explain(&self, error: io::Error) -> io::Error {
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "; another program listens there: end it, or give another port"
            }
            io::ErrorKind::AddrNotAvailable => "; this host does not have that address",
            _ => "",
        };
        io::Error::new(error.kind(), format!("{self}: {error}{advice}"))
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Address {
        let host = address.ip().to_string();
        let port = address.port();
        Address { host, port }
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Address, String> {
        let text = text.trim();
        let expected =
            "expected HOST:PORT, such as 127.0.0.1:4000, [::1]:4000 or chat.example.org:4000";
        let wrong = || format!("`{text}` is not an address: {expected}");
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port: u16 = port.parse().map_err(|_| wrong())?;
        let inner = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let is_good = match inner {
            Some(number) => number.parse::<Ipv6Addr>().is_ok(),
            None => {
                let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
                !host.is_empty() && host.chars().all(is_plain)
            }
        };
        if !is_good {
            return Err(wrong());
        }
        let host = inner.unwrap_or(host).to_owned();
        Ok(Address { host, port })
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Address, String> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.to_string()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Address { host, port } = self;
        match host.contains(':') {
            true => write!(formatter, "[{host}]:{port}"),
            false => write!(formatter, "{host}:{port}"),
        }
    }
}
