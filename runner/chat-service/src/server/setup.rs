//! What a server knows before it begins, from what its operator says.
//!
//! **Invariant.** Seeds are the operating system's chance: tokens of sessions are drawn from them.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use chat::door::Passwords as DoorPasswords;
use cluster::server::setup::{Hashing, ServerSetup};
use replica::rules::Rules;
use replica::setup::{Limits, Setup};
use replica::units::ReplicaId;

use super::start::Start;
use crate::settings::{Passwords, Push, ServerSettings};

/// Commands that wait to be committed. As many as all connections that one address may have can have under way find room twice:
/// whoever floods the log from one address keeps no other client from it.
const WINDOW_MAX: usize = 8192;

/// What the server knows before it begins.
pub(super) fn setup(settings: &ServerSettings, start: Start) -> anyhow::Result<ServerSetup> {
    let (mut seed, mut trial) = ([0; 8], [0; 8]);
    for chance in [&mut seed, &mut trial] {
        getrandom::fill(chance).context("the system has no chance to give")?;
    }
    let replicas = u32::try_from(settings.servers.len())?;
    let timing = settings.timing().map_err(anyhow::Error::msg)?;
    let replica = Setup {
        id: ReplicaId(settings.server),
        replicas,
        tolerance: settings.tolerate.tolerance(),
        timing,
        limits: Limits {
            window_max: WINDOW_MAX,
            ..Limits::default()
        },
        may_recover: start.has_empty_disk,
        seed: u64::from_be_bytes(seed),
        trial: u64::from_be_bytes(trial),
        rules: Rules::ALL,
    };
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let since_1970 = since_1970.context("the clock of this host is before 1970: set it")?;
    let mut setup = ServerSetup::new(replica);
    setup.settings = settings.limits.settings(settings.one_device);
    setup.door.pushes_from_login = settings.push == Push::OnLogin;
    setup.door.passwords = match settings.passwords {
        Passwords::Off => DoorPasswords::Off,
        Passwords::Optional => DoorPasswords::Optional,
        Passwords::Required => DoorPasswords::Required,
    };
    setup.epoch_ms = u64::try_from(since_1970.as_millis())?;
    setup.hashing = Hashing::Elsewhere;
    setup.detail = false;
    Ok(setup)
}
