//! Trials: three servers, a few clients, and what befalls them.

use machine::process::units::Time;
use proptest::prelude::*;
use replica::rules::{Rules, Tolerance};
use replica::setup::{Limits, Setup};
use replica::timing::Timing;
use replica::units::ReplicaId;

use super::ledger::ledger;
use super::network::{Network, SECOND_NS};
use super::place::Said;
use crate::client::event::ClientEvent;
use crate::client::setup::ClientSetup;
use crate::server::setup::ServerSetup;
use crate::workload::setup::WorkloadSetup;

const SERVERS: u32 = 3;

pub(super) struct Trial {
    pub(super) seed: u64,
    pub(super) clients: u32,
    pub(super) rate_per_s: f64,
    pub(super) load_s: u64,
}

impl Trial {
    pub(super) fn network(&self) -> Network {
        let replica = |id| Setup {
            id: ReplicaId(id),
            replicas: SERVERS,
            tolerance: Tolerance::Crashes,
            timing: Timing::default(),
            limits: Limits {
                log_max: 200,
                ..Limits::default()
            },
            may_recover: true,
            seed: self.seed,
            trial: 0,
            rules: Rules::ALL,
        };
        let servers = (0..SERVERS).map(|id| ServerSetup::new(replica(id)));
        let clients = (0..self.clients).map(|client| {
            let workload = WorkloadSetup {
                seed: self.seed,
                trial: 0,
                client,
                clients: self.clients,
                rate_per_s: self.rate_per_s,
                start: Time(0),
                end: Time(self.load_s * SECOND_NS),
            };
            ClientSetup::new(SERVERS, workload)
        });
        Network::new(servers.collect(), clients.collect())
    }
}

const TRIAL: Trial = Trial {
    seed: 7,
    clients: 4,
    rate_per_s: 5.0,
    load_s: 30,
};

fn second(number: u64) -> Time {
    Time(number * SECOND_NS)
}

/// Lets everybody finish.
fn drain(network: &mut Network) {
    for _ in 0..60 {
        if network.is_done() {
            break;
        }
        let next = network.now.after_ns(SECOND_NS);
        network.run(next);
    }
    assert!(network.is_done(), "somebody never finishes");
    // Acknowledgements on their way.
    network.run(network.now.after_ns(2 * SECOND_NS));
}

#[test]
fn without_faults_everything_that_is_accepted_arrives_once_and_in_order() {
    let mut network = TRIAL.network();
    network.run(second(30));
    drain(&mut network);
    let ledger = ledger(&network.log).unwrap_or_else(|complaint| panic!("{complaint}"));
    println!("{ledger:?}, {} events", network.events);
    assert!(ledger.sent > 400 && ledger.delivered > 500, "{ledger:?}");
    assert_eq!(ledger.unknown, 0, "{ledger:?}");
    assert_eq!(ledger.winners.len(), 1, "{ledger:?}");
    let digests = (0..SERVERS).map(|who| {
        let server = network.server(who).expect("it runs");
        (server.replica().committed(), server.application().digest())
    });
    let digests: Vec<_> = digests.collect();
    assert!(
        digests.windows(2).all(|pair| pair[0] == pair[1]),
        "{digests:?}"
    );
}

#[test]
fn a_log_in_which_something_is_lost_or_comes_twice_or_in_another_order_has_a_complaint() {
    let mut network = TRIAL.network();
    network.run(second(30));
    drain(&mut network);
    let log = &network.log;
    let is_shown = |entry: &(Time, u32, Said)| {
        matches!(entry.2, Said::Client(ClientEvent::Delivered { .. })) && entry.1 == SERVERS + 1
    };
    let places = (0..log.len()).filter(|&place| is_shown(&log[place]));
    let places: Vec<usize> = places.collect();
    let (last, before) = (places[places.len() - 1], places[places.len() - 2]);
    let mut twice = log.clone();
    twice.push(log[last].clone());
    let mut lost = log.clone();
    lost.remove(last);
    let mut swapped = log.clone();
    swapped.swap(last, before);
    assert_eq!(ledger(log).err(), None);
    for (log, word) in [
        (twice, "offset"),
        (lost, "never shown"),
        (swapped, "offset"),
    ] {
        let complaint = ledger(&log).expect_err("it is noticed");
        assert!(complaint.contains(word), "{complaint}");
    }
}

#[test]
fn when_the_primary_ends_its_clients_go_on_elsewhere() {
    let mut network = TRIAL.network();
    network.run(second(10));
    let first = network.primary().expect("somebody serves");
    network.kill(first);
    network.run(second(18));
    let second_one = network.primary().expect("another serves");
    assert_ne!(first, second_one);
    network.begin(first);
    network.run(second(30));
    drain(&mut network);
    let ledger = ledger(&network.log).unwrap_or_else(|complaint| panic!("{complaint}"));
    println!("{ledger:?}, {} events", network.events);
    assert!(ledger.sent > 400, "{ledger:?}");
}

#[test]
fn when_a_client_ends_it_goes_on_with_its_session_and_shows_nothing_twice() {
    let mut network = TRIAL.network();
    for end in [5, 9, 14, 20] {
        network.run(second(end));
        network.kill(SERVERS + 1);
        network.run(second(end + 1));
        network.begin(SERVERS + 1);
    }
    network.run(second(30));
    drain(&mut network);
    let ledger = ledger(&network.log).unwrap_or_else(|complaint| panic!("{complaint}"));
    println!("{ledger:?}, {} events", network.events);
    assert!(ledger.sent > 400, "{ledger:?}");
}

/// A process, when it ends, and for how long it is away; milliseconds.
fn ends() -> impl Strategy<Value = Vec<(u32, u64, u64)>> {
    proptest::collection::vec((0..SERVERS + 3, 500..4_000u64, 10..3_000u64), 0..6)
}

fn log_of(seed: u64, ends: &[(u32, u64, u64)]) -> Network {
    let trial = Trial {
        seed,
        clients: 3,
        rate_per_s: 8.0,
        load_s: 12,
    };
    let mut network = trial.network();
    for &(who, after_ms, for_ms) in ends {
        network.run(network.now.after_ns(after_ms * 1_000_000));
        network.kill(who);
        network.run(network.now.after_ns(for_ms * 1_000_000));
        network.begin(who);
    }
    drain(&mut network);
    network
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whoever_ends_nothing_is_lost_and_the_same_seed_says_the_same(
        seed in 0..1_000u64, ends in ends()
    ) {
        let network = log_of(seed, &ends);
        let complaint = ledger(&network.log).err();
        prop_assert_eq!(complaint, None);
        prop_assert!(network.log == log_of(seed, &ends).log, "another log");
    }
}

#[test]
#[ignore = "for a profiler: a hundred trials of a minute"]
fn many_trials() {
    let mut events = 0;
    for seed in 0..100 {
        let trial = Trial {
            seed,
            clients: 8,
            rate_per_s: 5.0,
            load_s: 60,
        };
        let mut network = trial.network();
        network.run(second(60));
        drain(&mut network);
        assert_eq!(ledger(&network.log).err(), None, "seed {seed}");
        events += network.events;
    }
    println!("{events} events");
}
