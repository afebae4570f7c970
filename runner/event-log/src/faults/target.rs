//! Whom a fault strikes.
//!
//! **Invariant.** A target's text is read back as the same target.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Whom a fault strikes. Its text: `primary`, `backup`, `any`, `all`, `any client`, `server 0` (of the scale model: `machine 0`),
/// `client 2`, `link 0->1` one way, `link 0-1` both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// The server that is primary when it happens.
    Primary,
    /// The first backup after the primary, by their numbers in a circle, when it happens.
    Backup,
    /// One of the servers, by chance.
    Any,
    /// Every server.
    All,
    /// One of the clients, by chance.
    AnyClient,
    /// This server; in the scale model this machine.
    Server(u32),
    /// This client.
    Client(u32),
    /// A link.
    Link {
        /// One end.
        from: End,
        /// The other.
        to: End,
        /// Whether messages of both directions are meant, or those from the one to the other alone.
        both_ways: bool,
    },
}

/// The end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// This server.
    Server(u32),
    /// This client.
    Client(u32),
    /// One of the servers, by chance, and never the other end.
    Any,
    /// Each server but the other end.
    All,
    /// One of the clients, by chance, and never the other end.
    AnyClient,
}

const EXPECTED: &str = "expected primary, backup, any, all, any client, server 0, machine 0, client 2, link 0->1 (one way), link 0-1 (both), or a link with `any`, `all` or `any client` for an end";

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Target, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let target = match words[..] {
            ["primary"] => Some(Target::Primary),
            ["backup"] => Some(Target::Backup),
            ["any"] | ["server" | "machine", "any"] => Some(Target::Any),
            ["all"] | ["server" | "machine", "all"] => Some(Target::All),
            ["any", "client"] | ["client", "any"] => Some(Target::AnyClient),
            ["server" | "machine", number] => number.parse().ok().map(Target::Server),
            ["client", number] => number.parse().ok().map(Target::Client),
            ["link", ..] => link(&words[1..].join(" ")),
            _ => None,
        };
        target.ok_or_else(|| format!("`{text}`: {EXPECTED}"))
    }
}

fn link(text: &str) -> Option<Target> {
    let (ends, both_ways) = match text.split_once("->") {
        Some(ends) => (ends, false),
        None => (text.split_once('-')?, true),
    };
    let (from, to) = (end(ends.0)?, end(ends.1)?);
    let is_loop = from == to && matches!(from, End::Server(_) | End::Client(_));
    (!is_loop).then_some(Target::Link {
        from,
        to,
        both_ways,
    })
}

fn end(text: &str) -> Option<End> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        ["any"] => Some(End::Any),
        ["all"] => Some(End::All),
        ["any", "client"] | ["client", "any"] => Some(End::AnyClient),
        ["client", number] => number.parse().ok().map(End::Client),
        [number] | ["server" | "machine", number] => number.parse().ok().map(End::Server),
        _ => None,
    }
}

impl Target {
    /// Whether it is left to chance whom it means.
    pub fn is_by_chance(self) -> bool {
        let is_any = |end| matches!(end, End::Any | End::AnyClient);
        match self {
            Target::Any | Target::AnyClient => true,
            Target::Link { from, to, .. } => is_any(from) || is_any(to),
            _ => false,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Primary => f.write_str("primary"),
            Target::Backup => f.write_str("backup"),
            Target::Any => f.write_str("any"),
            Target::All => f.write_str("all"),
            Target::AnyClient => f.write_str("any client"),
            Target::Server(number) => write!(f, "server {number}"),
            Target::Client(number) => write!(f, "client {number}"),
            Target::Link {
                from,
                to,
                both_ways,
            } => {
                let arrow = if *both_ways { "-" } else { "->" };
                write!(f, "link {from}{arrow}{to}")
            }
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Server(number) => number.fmt(f),
            End::Client(number) => write!(f, "client {number}"),
            End::Any => f.write_str("any"),
            End::All => f.write_str("all"),
            End::AnyClient => f.write_str("any client"),
        }
    }
}

impl TryFrom<String> for Target {
    type Error = String;

    fn try_from(text: String) -> Result<Target, String> {
        text.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> String {
        target.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_back() {
        for text in [
            "primary",
            "backup",
            "any",
            "all",
            "server 0",
            "client 2",
            "link 0->1",
            "link 0-1",
            "link client 3->0",
            "link 0-all",
            "link any->any",
            "any client",
            "link any client-any",
            "link 0->any client",
        ] {
            let target: Target = text.parse().expect(text);
            assert_eq!(target.to_string(), text);
        }
        assert_eq!("machine 4".parse(), Ok(Target::Server(4)));
        assert_eq!("server any".parse(), Ok(Target::Any));
        assert_eq!("client any".parse(), Ok(Target::AnyClient));
    }

    #[test]
    fn what_is_no_target_is_refused_in_words() {
        for text in [
            "", "server", "server x", "link 0", "link 1-1", "link 0->", "king",
        ] {
            let error = text.parse::<Target>().expect_err(text);
            assert!(error.contains("link 0->1"), "{error}");
        }
    }
}
