//! The beginning of a trial: all parties are ready, all are connected, and one start instant for all.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use event_log::{JournalEntry, JournalKind, Party, layout};
use tokio::time::Instant;

use super::super::control::{Order, Report, Setup};
use super::super::links::dialer::CONNECT_TIME_MAX;
use super::super::pace::system_time_ns;
use super::super::processes::{Heard, Process};
use super::{Ending, Losses, REASON_TIME_MAX, Stage, gone, list};
use crate::storage::write_json;

/// How long all parties together may take to get ready.
const READY_TIME_MAX: Duration = Duration::from_secs(30);
/// How long they may take to connect: a far peer is reached at the last moment, and answers late.
const CONNECTED_TIME_MAX: Duration = CONNECT_TIME_MAX.saturating_add(Duration::from_secs(50));

/// A step that all parties have to take.
#[derive(Clone, Copy)]
struct Step {
    /// In words.
    name: &'static str,
    time: Duration,
    deadline: Instant,
}

impl Step {
    fn begin(name: &'static str, time: Duration) -> Step {
        let deadline = Instant::now() + time;
        Step {
            name,
            time,
            deadline,
        }
    }
}

impl Stage {
    /// From the first process to the start instant. Each step waits for the reports of the one before.
    pub(super) async fn open(&mut self) -> Result<(), Ending> {
        self.start_processes().await?;
        let addresses = self.gather_ready().await?;
        for &(party, address) in &addresses {
            let manifest = &mut self.trial.manifest;
            if party == Party::Hub {
                manifest.hub_address = Some(address.to_string());
            }
            for id in self.topology.housed(party) {
                if let Some(entry) = manifest.machines.get_mut(id as usize) {
                    entry.address = Some(address.to_string());
                }
            }
        }
        self.order_all(&Order::Connect { addresses }).await;
        self.gather_connected().await?;
        self.start().await
    }

    async fn start_processes(&mut self) -> Result<(), Ending> {
        for party in self.topology.parties() {
            let mut process = Process::start(party, self.mouth.clone()).map_err(Ending::Failed)?;
            let setup = Setup {
                manifest: self.trial.manifest.clone(),
                party,
                listen_addr: self.trial.listen_addrs.get(&party).cloned(),
                folder: self.folder.clone(),
                secret: self.trial.secret.clone(),
            };
            process.order(&Order::Setup(Box::new(setup))).await;
            self.processes.insert(party, process);
        }
        Ok(())
    }

    /// Waits until all parties are ready; returns the addresses of those that listen.
    async fn gather_ready(&mut self) -> Result<Vec<(Party, SocketAddr)>, Ending> {
        let step = Step::begin("ready", READY_TIME_MAX);
        let mut ready = BTreeMap::new();
        let mut missing = self.topology.parties();
        while !missing.is_empty() {
            let heard = self.hear_by(step.deadline).await?;
            let (party, report) = heard.ok_or_else(|| self.too_slow(step, &missing))?;
            if let Report::Ready { address, process } = report {
                let (kind, detail) = match address {
                    Some(address) => (
                        JournalKind::Listening,
                        format!("{address}, process {process}"),
                    ),
                    None => (JournalKind::Ready, format!("process {process}")),
                };
                let entry = JournalEntry::of_party(system_time_ns(), party, kind, detail);
                self.note(entry)?;
                ready.insert(party, address);
                missing.remove(&party);
            }
        }
        let listening = ready.into_iter();
        Ok(listening
            .filter_map(|(party, address)| Some((party, address?)))
            .collect())
    }

    /// Waits until all parties are connected to all of their peers. The greater one of a pair dials. Unless the trial
    /// reconnects it does not dial a peer again that it had reached: the link that it lost never comes back, and the trial
    /// is over. A link that the smaller one lost may be a handshake that was too slow, and may come back until the deadline.
    pub(super) async fn gather_connected(&mut self) -> Result<(), Ending> {
        let step = Step::begin("connected to all peers", CONNECTED_TIME_MAX);
        let reconnects = self.reconnects();
        let mut barrier = Barrier::new(self.topology.parties());
        let mut losses = Losses::default();
        while !barrier.is_open() {
            let until = losses.until().unwrap_or(step.deadline);
            let heard = self.hear_by(until).await?;
            let Some((party, report)) = heard else {
                let lost = losses.gravest().cloned().map(Ending::Lost);
                return Err(lost.unwrap_or_else(|| self.too_slow(step, &barrier.missing)));
            };
            barrier.hear(party, &report);
            match report {
                Report::Lost { peer, fault } if !reconnects => {
                    let until = match party > peer {
                        true => Instant::now() + REASON_TIME_MAX,
                        false => step.deadline,
                    };
                    losses.report(party, peer, fault, until);
                }
                Report::Connected => losses.forget(party),
                _ => {}
            }
        }
        Ok(())
    }

    /// The next report during start-up, when no party may be gone; none at the deadline.
    async fn hear_by(&mut self, deadline: Instant) -> Result<Option<(Party, Report)>, Ending> {
        match self.hear(deadline).await? {
            None => Ok(None),
            Some((party, Heard::Gone)) => Err(gone(party)),
            Some((party, Heard::Report(report))) => Ok(Some((party, report))),
        }
    }

    /// The deadline of a step has come; the parties in `missing` have not taken it.
    fn too_slow(&self, step: Step, missing: &BTreeSet<Party>) -> Ending {
        let names = missing.iter().map(|&party| self.topology.name(party));
        let names: Vec<String> = names.collect();
        let was = if names.len() == 1 { "was" } else { "were" };
        Ending::Failed(format!(
            "{} {was} not {} within {} s: is this host overloaded? try fewer --jobs, or more machines in a process with --per-process",
            list(&names),
            step.name,
            step.time.as_secs()
        ))
    }

    async fn start(&mut self) -> Result<(), Ending> {
        // Long enough for the order to reach everybody; a machine that hears of it late ticks late, and its log says so.
        let lead_ns = 50_000_000 + 1_000_000 * self.processes.len() as u64;
        let started_ns = system_time_ns() + lead_ns;
        self.trial.manifest.started_ns = Some(started_ns);
        self.order_all(&Order::Start { started_ns }).await;
        write_json(&self.folder.join(layout::TRIAL_FILE), &self.trial.manifest)?;
        let words = self.topology.connected_words();
        self.note(JournalEntry::of_trial(
            started_ns,
            JournalKind::Started,
            words,
        ))?;
        self.trial.progress.trial_started(&self.trial.manifest);
        Ok(())
    }
}

/// Opens when each party has said that it is connected to all of its peers.
///
/// A handshake that is too slow for one side leaves the other with a link that ends at once: it is not connected until it
/// says so again. No party answers for its peer: reports of two processes come in any order, and the peer may have found
/// it again and said so long ago.
struct Barrier {
    missing: BTreeSet<Party>,
}

impl Barrier {
    fn new(parties: BTreeSet<Party>) -> Barrier {
        Barrier { missing: parties }
    }

    fn hear(&mut self, party: Party, report: &Report) {
        match report {
            Report::Connected => drop(self.missing.remove(&party)),
            Report::Lost { .. } => drop(self.missing.insert(party)),
            _ => {}
        }
    }

    fn is_open(&self) -> bool {
        self.missing.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use event_log::MachineId;

    use super::*;

    #[test]
    fn a_loss_that_is_heard_late_keeps_only_its_teller_waiting() {
        let [listener, dialler] = [0, 1].map(|id| Party::Machine(MachineId(id)));
        let mut barrier = Barrier::new([listener, dialler].into());
        barrier.hear(listener, &Report::Connected);
        // The dialler found that too slow, and connected again; that report overtakes the listener's of the loss.
        barrier.hear(dialler, &Report::Connected);
        let lost = Report::Lost {
            peer: dialler,
            fault: None,
        };
        barrier.hear(listener, &lost);
        assert!(!barrier.is_open());
        barrier.hear(listener, &Report::Connected);
        assert!(barrier.is_open());
    }
}
