//! What servers and clients know before a trial.
//!
//! **Invariant.** Bounds of the service are small enough that a trial of a minute meets them.

use chat::limits::Settings;
use chat::rule::Rules as ServiceRules;
use cluster::client::setup::ClientSetup;
use cluster::kinds::KINDS;
use cluster::server::setup::ServerSetup;
use cluster::workload::setup::WorkloadSetup;
use driver::faults::limits::Limits;
use event_log::chat::{ChatCondition, Tolerate};
use machine::process::units::Time;
use replica::rules::{Rules, Tolerance};
use replica::setup::Setup;
use replica::timing::{Timing, TimingError};
use replica::units::ReplicaId;

use crate::node::NodeSetup;

/// What faults can do to a trial with this condition.
pub fn limits(condition: &ChatCondition) -> Limits {
    Limits {
        of: "the chat service in virtual time",
        servers: condition.servers,
        clients: condition.clients,
        has_roles: true,
        length_ns: condition.duration_ns,
        kinds: KINDS,
        has_disks: true,
        has_calendar: true,
        has_sizes: true,
        has_packets: false,
    }
}

/// Which rules hold: all of them, but in tests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AllRules {
    pub(crate) replica: Rules,
    pub(crate) service: ServiceRules,
}

impl Default for AllRules {
    fn default() -> AllRules {
        AllRules {
            replica: Rules::ALL,
            service: ServiceRules::default(),
        }
    }
}

/// The most that a client can be asked for each second, in the long run: what the service takes from one account. What goes
/// beyond would wait at its client for ever longer.
pub fn rate_max_per_s() -> f64 {
    settings().sends_per_second as f64
}

/// Bounds of a service that a trial of a minute meets: queues fill, and histories are cut.
fn settings() -> Settings {
    Settings {
        queued_messages_max: 400,
        queued_sender_messages_max: 120,
        kept_messages_max: 100,
        ..Settings::default()
    }
}

/// The setups of all processes, servers first.
///
/// # Errors
///
/// [`TimingError`] where heartbeat and suspicion of the condition cannot go together.
pub(crate) fn setups(
    condition: &ChatCondition,
    (seed, trial): (u64, u64),
    start: Time,
    rules: AllRules,
) -> Result<Vec<NodeSetup>, TimingError> {
    let timing = Timing::new(condition.heartbeat_ns, condition.suspect_ns)?;
    let server = |id| {
        let replica = Setup {
            id: ReplicaId(id),
            replicas: condition.servers,
            tolerance: match condition.tolerate {
                Tolerate::Crashes => Tolerance::Crashes,
                Tolerate::Partitions => Tolerance::Partitions,
            },
            timing,
            limits: replica::setup::Limits {
                log_max: 400,
                joiner_gap_max: 64,
                ..replica::setup::Limits::default()
            },
            may_recover: true,
            seed,
            trial,
            rules: rules.replica,
        };
        let mut setup = ServerSetup::new(replica);
        setup.settings = settings();
        setup.door.rules = rules.service;
        // The clock of the world is the calendar.
        setup.epoch_ms = 0;
        setup.expire_ms = 10_000;
        NodeSetup::Server(setup)
    };
    let client = |client| {
        let workload = WorkloadSetup {
            seed,
            trial,
            client,
            clients: condition.clients,
            rate_per_s: condition.rate_per_s,
            start,
            end: start.after_ns(condition.duration_ns),
        };
        let mut setup = ClientSetup::new(condition.servers, workload);
        setup.rules = rules.service;
        NodeSetup::Client(setup)
    };
    let servers = (0..condition.servers).map(server);
    Ok(servers.chain((0..condition.clients).map(client)).collect())
}
