//! Connections of real processes that are cut with messages in flight: the journal accounts for what the logs miss.
#![cfg(target_os = "linux")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use common::node::party;
use common::relay::{Relay, honest};
use common::stand_in::StandIn;
use event_log::{ClockEvent, Event, JournalKind, MachineId, Party, Record};
use tempfile::TempDir;

/// Queues that stay short, so that what comes after a cut is received before the end.
const OPTIONS: &str = "duration = '120s'\nspeed = 20\nrates = [4, 5, 6]\ninternal = 0.7\non_disconnect = 'reconnect'\n";
/// Messages that are in flight when a connection is cut, at least.
const IN_FLIGHT: u64 = 10;

fn events(folder: &Path, machine: u32) -> Vec<ClockEvent> {
    let log = fs::read_to_string(folder.join(format!("machine-{machine}.csv"))).expect("a log");
    let rows = log.lines().skip(1);
    rows.map(|row| Record::decode_line(row).expect("a row").event)
        .collect()
}

/// Messages that a later one of their channel overtook for ever, by sender and recipient.
fn missing(folder: &Path) -> BTreeMap<(u32, u32), u64> {
    let logs = [0, 1, 2].map(|machine| events(folder, machine));
    let mut missing = BTreeMap::new();
    for (sender, recipient) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] {
        let is_to = |event: &&ClockEvent| match event.event {
            Event::Send { to } => to == MachineId(recipient),
            Event::Broadcast => true,
            _ => false,
        };
        let sent: Vec<u64> = logs[sender as usize]
            .iter()
            .filter(is_to)
            .map(|event| event.tick.0)
            .collect();
        let of_sender = |event: &ClockEvent| match event.event {
            Event::Receive {
                from, sent_tick, ..
            } if from == MachineId(sender) => Some(sent_tick.0),
            _ => None,
        };
        let received: Vec<u64> = logs[recipient as usize]
            .iter()
            .filter_map(of_sender)
            .collect();
        let last = received.last().copied();
        let owed = sent.iter().filter(|&&tick| Some(tick) <= last).count();
        missing.insert((sender, recipient), (owed - received.len()) as u64);
    }
    missing
}

/// Cuts a connection of a trial under way, once enough is in flight on it, and lets the trial go to its end.
async fn cut(stand_in: &mut StandIn, relay: &Relay) {
    relay.swallow();
    relay.has_swallowed(IN_FLIGHT).await;
    relay.cut();
    stand_in.finish().await;
    assert!(relay.connections() >= 2, "it was connected again");
}

fn undelivered(stand_in: &StandIn) -> BTreeMap<(Party, Party), u64> {
    let mut counts = BTreeMap::new();
    for entry in &stand_in.journal {
        assert!(
            entry.kind != JournalKind::Unconfirmed,
            "all took leave: {entry:?}"
        );
        if let (JournalKind::Undelivered, Some(between)) =
            (entry.kind, entry.machine.zip(entry.peer))
        {
            *counts.entry(between).or_default() += entry.count.unwrap_or(0);
        }
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_counts_for_each_channel_of_a_mesh_what_its_logs_miss() {
    let folder = TempDir::new().expect("a temporary folder");
    let mut stand_in = StandIn::new(OPTIONS, folder.path());
    let addresses = stand_in.ready().await;
    let relay = Relay::start(addresses[&party(0)], Duration::ZERO, honest).await;
    // Machine 1 reaches machine 0 by the relay.
    let by_relay = |who| {
        let mut addresses = addresses.clone();
        if who == party(1) {
            addresses.insert(party(0), relay.address);
        }
        addresses
    };
    stand_in.start(by_relay).await;
    cut(&mut stand_in, &relay).await;

    let missing = missing(folder.path());
    let counted = undelivered(&stand_in);
    for (&(sender, recipient), &missing) in &missing {
        let count = counted.get(&(party(sender), party(recipient)));
        assert_eq!(
            count.copied().unwrap_or(0),
            missing,
            "{sender} to {recipient}: {counted:?}"
        );
    }
    assert!(
        missing[&(0, 1)] + missing[&(1, 0)] >= IN_FLIGHT,
        "{missing:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_hub_the_sum_is_what_the_logs_miss() {
    let folder = TempDir::new().expect("a temporary folder");
    let mut stand_in = StandIn::new(&format!("{OPTIONS}design = 'hub'\n"), folder.path());
    let addresses = stand_in.ready().await;
    let relay = Relay::start(addresses[&Party::Hub], Duration::ZERO, honest).await;
    let by_relay = |who| match who == party(1) {
        true => [(Party::Hub, relay.address)].into(),
        false => addresses.clone(),
    };
    stand_in.start(by_relay).await;
    cut(&mut stand_in, &relay).await;

    let missing: u64 = missing(folder.path()).values().sum();
    let counted = undelivered(&stand_in);
    assert_eq!(counted.values().sum::<u64>(), missing, "{counted:?}");
    assert!(missing >= IN_FLIGHT);
}
