//! The end of a trial: all parties stop, and the manifest says why.

use std::collections::BTreeMap;
use std::time::Duration;

use event_log::{JournalEntry, JournalKind, Party, Status, layout};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::super::control::{Order, Report};
use super::super::links::settling::SETTLE_TIME_MAX;
use super::super::pace::system_time_ns;
use super::super::processes::{Exit, Heard, Process, STOP_TIME_MAX};
use super::{Ending, Loss, REASON_TIME_MAX, Stage};
use crate::outcome::TrialOutcome;
use crate::storage::write_json;

/// The ends of the processes of a trial.
#[derive(Debug, Default)]
pub(super) struct Reaped {
    /// How each ended.
    pub(super) exits: BTreeMap<Party, Exit>,
    /// Whether all of their reports have come.
    pub(super) heard_out: bool,
}

impl Stage {
    /// Stops all parties, reaps the processes, and writes the final manifest.
    pub(super) async fn close(mut self, ending: Option<Ending>) -> TrialOutcome {
        let stopped_ns = system_time_ns();
        let early = ending.is_some();
        let stop_time = match early {
            true => {
                self.stop().await;
                STOP_TIME_MAX
            }
            false => {
                self.order_all(&Order::Close).await;
                SETTLE_TIME_MAX + STOP_TIME_MAX
            }
        };
        let reaped = self.reap(early.then_some(stopped_ns), stop_time).await;
        let (status, reason, failed) = self.verdict(ending, &reaped);
        if let Some(reason) = &reason {
            let kind = if early {
                JournalKind::Stopped
            } else {
                JournalKind::Fault
            };
            let _ = self.note(JournalEntry::of_trial(stopped_ns, kind, reason));
        }
        self.trial.manifest.status = status;
        self.trial.manifest.reason = reason;
        let written = write_json(&self.folder.join(layout::TRIAL_FILE), &self.trial.manifest);
        let mut outcome = TrialOutcome {
            failed,
            latest: self.latest,
            ..TrialOutcome::of(&self.trial.manifest, self.finished.values().sum())
        };
        if let Err(error) = written {
            outcome.failed = true;
            outcome.status = Status::Aborted;
            outcome.reason.get_or_insert(error.to_string());
        }
        outcome
    }

    /// Orders all parties to stop: the hub first, or it would count messages to machines that are just gone as not
    /// delivered. A hub that hangs does not keep the machines waiting.
    async fn stop(&mut self) {
        if let Some(hub) = self.processes.get_mut(&Party::Hub) {
            hub.order(&Order::Stop).await;
            hub.ended_by(Instant::now() + REASON_TIME_MAX).await;
        }
        self.order_all(&Order::Stop).await;
    }

    /// Waits for all processes, under one deadline; `stopped_ns` is when they got the order to stop early.
    async fn reap(&mut self, stopped_ns: Option<u64>, stop_time: Duration) -> Reaped {
        let mut processes = std::mem::take(&mut self.processes);
        processes.values_mut().for_each(Process::dismiss);
        let deadline = Instant::now() + stop_time;
        let mut exits = BTreeMap::new();
        for (&party, process) in &mut processes {
            let exit = process.end(deadline).await;
            exits.insert(party, exit.unwrap_or(Exit::Killed(stop_time)));
        }
        // Every process is gone, so the reports end here; what they said last belongs into the journal.
        let (mouth, _) = mpsc::unbounded_channel();
        drop(std::mem::replace(&mut self.mouth, mouth));
        let heard_out = loop {
            let heard = match timeout(STOP_TIME_MAX, self.ears.recv()).await {
                Ok(Some((_, heard))) => heard,
                Ok(None) => break true,
                Err(_) => break false,
            };
            match heard {
                // Connections that end after that end because the trial does: no loss.
                Heard::Report(Report::Journal(entry))
                    if entry.kind == JournalKind::Lost
                        && stopped_ns.is_some_and(|stopped_ns| entry.time_ns >= stopped_ns) => {}
                Heard::Report(Report::Journal(entry)) => drop(self.note(entry)),
                Heard::Report(Report::Finished { machine, ticks, .. }) => {
                    self.finished.insert(machine, ticks);
                }
                Heard::Report(_) | Heard::Gone => {}
            }
        };
        for (&party, exit) in &exits {
            let kind = JournalKind::Exit;
            let entry = JournalEntry::of_party(system_time_ns(), party, kind, exit.to_string());
            let _ = self.note(entry);
        }
        Reaped { exits, heard_out }
    }

    /// The status of the trial, its reason, and whether it could not be carried out.
    pub(super) fn verdict(
        &self,
        ending: Option<Ending>,
        reaped: &Reaped,
    ) -> (Status, Option<String>, bool) {
        let failure = |party: &Party| reaped.exits.get(party).filter(|exit| exit.failed());
        let lost = |Loss { party, fault }: &Loss| {
            let (verb, whose) = match self.topology.housed(*party).len() {
                0 | 1 => ("was", "its"),
                _ => ("were", "their"),
            };
            let name = self.topology.name(*party);
            let ended = failure(party).map(|exit| format!("{whose} process ended with {exit}"));
            match (fault, ended) {
                (None, None) => format!("{name} {verb} lost: {whose} connections closed"),
                (None, Some(ended)) => format!("{name} {verb} lost: {ended}"),
                (Some((reporter, why)), ended) => {
                    let ended = ended.map_or_else(String::new, |ended| format!("; {ended}"));
                    let reporter = self.topology.name(*reporter);
                    format!("{name} {verb} lost to {reporter}: {why}{ended}")
                }
            }
        };
        let gone = |&party: &Party| lost(&Loss { party, fault: None });
        match ending {
            // A hub that did not obey the order to end did not relay to the end either.
            None if failure(&Party::Hub).is_some() => {
                (Status::Aborted, Some(gone(&Party::Hub)), false)
            }
            None => {
                // One whose machines were done may have failed after that, and its log be no whole one.
                let failed = reaped.exits.iter().filter(|(_, exit)| exit.failed());
                let failed = failed.map(|(&party, _)| party);
                let mut parties = self.gone.clone();
                parties.extend(failed.filter(|party| !self.gone.contains(party)));
                let mut reasons: Vec<String> = parties.iter().map(gone).collect();
                reasons.extend(self.missing.words(self.topology, &parties));
                if !reaped.heard_out {
                    reasons.push("the last reports did not come".to_owned());
                }
                match reasons.is_empty() {
                    true => (Status::Complete, None, false),
                    false => (Status::Degraded, Some(reasons.join("; ")), false),
                }
            }
            Some(Ending::Lost(loss)) => (Status::Aborted, Some(lost(&loss)), false),
            Some(Ending::Aborted(reason)) => (Status::Aborted, Some(reason), false),
            Some(Ending::Failed(reason)) => (Status::Aborted, Some(reason), true),
        }
    }
}
