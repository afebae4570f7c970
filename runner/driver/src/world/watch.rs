//! Effects that are waited for, so that a fault happens beside them.
//!
//! **Invariant.** A watch is seen once, at the n-th effect of its kind.

use event_log::faults::{EffectKind, Point, Target};
use machine::process::units::Peer;

use super::actor::Role;

/// A point that is waited for, by a number that its owner gives.
#[derive(Debug)]
struct Watch {
    number: u32,
    point: Point,
    seen: u32,
}

/// An effect, as watches see it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sight {
    Send(&'static str),
    Record(&'static str),
    Persist,
}

/// The points that are waited for, and those that have come.
#[derive(Debug, Default)]
pub(super) struct Watches {
    armed: Vec<Watch>,
    come: Vec<(u32, Peer)>,
    /// How many processes are servers; the others are clients.
    servers: u32,
}

impl Watches {
    /// Nothing is waited for.
    pub(super) fn new(servers: u32) -> Watches {
        Watches {
            servers,
            ..Watches::default()
        }
    }

    pub(super) fn servers(&self) -> u32 {
        self.servers
    }

    pub(super) fn arm(&mut self, number: u32, point: Point) {
        self.armed.push(Watch {
            number,
            point,
            seen: 0,
        });
    }

    pub(super) fn disarm_all(&mut self) {
        self.armed.clear();
    }

    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        self.armed.is_empty()
    }

    #[inline]
    pub(super) fn has_come(&self) -> bool {
        !self.come.is_empty()
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.armed.iter().map(|watch| watch.number)
    }

    /// Takes note of an effect; whether a point has come.
    pub(super) fn see(&mut self, is_after: bool, who: Peer, role: Role, sight: Sight) -> bool {
        let (servers, come) = (self.servers, self.come.len());
        for watch in &mut self.armed {
            let point = &watch.point;
            let counts = point.is_after == is_after
                && by(point.by, who, role, servers)
                && of_kind(&point.kind, sight);
            watch.seen += u32::from(counts);
            if counts && watch.seen == watch.point.nth {
                self.come.push((watch.number, who));
            }
        }
        let has_come = self.come.len() > come;
        if has_come {
            self.armed.retain(|watch| watch.seen < watch.point.nth);
        }
        has_come
    }

    /// Points that have come, by their numbers, and whose effects they were.
    pub(super) fn take_come(&mut self) -> Vec<(u32, Peer)> {
        std::mem::take(&mut self.come)
    }
}

fn of_kind(kind: &EffectKind, sight: Sight) -> bool {
    let named = |name: &Option<String>, of: &str| name.as_ref().is_none_or(|name| name == of);
    match (kind, sight) {
        (EffectKind::Send(name), Sight::Send(of)) => named(name, of),
        (EffectKind::Record(name), Sight::Record(of)) => named(name, of),
        (EffectKind::Persist, Sight::Persist) => true,
        _ => false,
    }
}

fn by(target: Target, who: Peer, role: Role, servers: u32) -> bool {
    match target {
        Target::Any | Target::All => true,
        Target::Primary => role == Role::Primary,
        Target::Backup => role == Role::Backup,
        Target::Server(number) => who.0 == number && number < servers,
        Target::Client(number) => who.0.checked_sub(servers) == Some(number),
        Target::AnyClient => who.0 >= servers,
        Target::Link { .. } => false,
    }
}
