//! Whom a target means at the time when a fault strikes.
//!
//! **Invariant.** The answer depends on the world as it is, never on chance.

use event_log::faults::{End, Target};
use machine::process::units::Peer;

use crate::world::World;
use crate::world::actor::{Actor, Role};
use crate::world::witness::Witness;

/// The processes that a target means now.
pub(super) fn processes<P: Actor, W: Witness<P>>(world: &World<P, W>, target: Target) -> Vec<Peer> {
    let servers = || (0..world.servers()).map(Peer);
    let has_role = |who: &Peer, role| world.process(*who).map(Actor::role) == Some(role);
    match target {
        Target::Primary => {
            let mut primaries = servers().filter(|who| has_role(who, Role::Primary));
            primaries.next().into_iter().collect()
        }
        Target::Backup => {
            let primary = servers().find(|who| has_role(who, Role::Primary));
            let first = primary.map_or(0, |primary| primary.0 + 1);
            let circle = (0..world.servers()).map(|step| Peer((first + step) % world.servers()));
            let mut backups = circle.filter(|who| has_role(who, Role::Backup));
            backups.next().into_iter().collect()
        }
        Target::All => servers().collect(),
        Target::Server(number) => vec![Peer(number)],
        Target::Client(number) => vec![Peer(world.servers() + number)],
        Target::Any | Target::AnyClient | Target::Link { .. } => Vec::new(),
    }
}

/// The pairs that a link with these ends means.
pub(super) fn pairs<P: Actor, W: Witness<P>>(
    world: &World<P, W>,
    from: End,
    to: End,
) -> Vec<(Peer, Peer)> {
    let peers = |end: End| match end {
        End::Server(number) => vec![Peer(number)],
        End::Client(number) => vec![Peer(world.servers() + number)],
        End::All => (0..world.servers()).map(Peer).collect(),
        End::Any | End::AnyClient => Vec::new(),
    };
    let all_to_all = from == End::All && to == End::All;
    let others = peers(to);
    let pairs = peers(from)
        .into_iter()
        .flat_map(|from| others.iter().map(move |&to| (from, to)));
    pairs
        .filter(|(from, to)| from != to && (!all_to_all || from < to))
        .collect()
}
