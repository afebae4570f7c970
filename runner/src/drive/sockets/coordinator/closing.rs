//! The end of a trial: everybody stops, and the manifest says how it came.

use std::process::ExitStatus;

use event_log::{JournalEntry, JournalKind, MachineId, Status, layout};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::super::control::{Order, Report};
use super::super::pace::system_time_ns;
use super::super::processes::{Heard, Process, STOP_TIME_MAX};
use super::{Ending, REASON_TIME_MAX, Stage};
use crate::run::TrialOutcome;
use crate::storage::write_json;

impl Stage {
    /// Stops everybody, reaps the processes, and writes the last word.
    pub(super) async fn close(mut self, ending: Option<Ending>) -> TrialOutcome {
        let stopped_ns = system_time_ns();
        self.order_all(&Order::Stop).await;
        let early = ending.is_some();
        let exits = self.reap(stopped_ns).await;
        let (status, reason, failed) = self.verdict(ending, &exits);
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
            ..TrialOutcome::of(&self.trial.manifest, self.finished.values().sum())
        };
        if let Err(error) = written {
            outcome.failed = true;
            outcome.status = Status::Aborted;
            outcome.reason.get_or_insert(error.to_string());
        }
        outcome
    }

    /// Waits for all processes, under one deadline; `stopped_ns` is when they were told to stop.
    async fn reap(&mut self, stopped_ns: u64) -> Vec<Option<ExitStatus>> {
        let mut processes = std::mem::take(&mut self.processes);
        processes.iter_mut().for_each(Process::dismiss);
        let deadline = Instant::now() + STOP_TIME_MAX;
        let mut exits = Vec::new();
        for process in &mut processes {
            exits.push(process.end(deadline).await);
        }
        // Every process is gone, so the reports end here; what they said last belongs into the journal.
        let (mouth, _) = mpsc::unbounded_channel();
        drop(std::mem::replace(&mut self.mouth, mouth));
        while let Ok(Some((id, heard))) = timeout(REASON_TIME_MAX, self.ears.recv()).await {
            match heard {
                // Connections that end after that end because the trial does: no loss.
                Heard::Report(Report::Journal(entry))
                    if entry.kind == JournalKind::Lost && entry.time_ns >= stopped_ns => {}
                Heard::Report(Report::Journal(entry)) => drop(self.note(entry)),
                Heard::Report(Report::Finished { ticks }) => drop(self.finished.insert(id, ticks)),
                Heard::Report(_) | Heard::Gone => {}
            }
        }
        for (exit, id) in exits.iter().zip(0..) {
            let detail = exit.map_or_else(|| "unknown".to_owned(), |exit| exit.to_string());
            let entry = JournalEntry::of_machine(
                system_time_ns(),
                MachineId(id),
                JournalKind::Exit,
                detail,
            );
            let _ = self.note(entry);
        }
        exits
    }

    fn verdict(
        &self,
        ending: Option<Ending>,
        exits: &[Option<ExitStatus>],
    ) -> (Status, Option<String>, bool) {
        let lost = |id: &MachineId| {
            let how = match exits.get(id.index()) {
                Some(Some(exit)) if !exit.success() => format!("its process ended with {exit}"),
                _ => "its connections closed".to_owned(),
            };
            format!("machine {id} was lost: {how}")
        };
        match ending {
            None if self.gone.is_empty() => (Status::Complete, None, false),
            None => {
                let reasons: Vec<String> = self.gone.iter().map(lost).collect();
                (Status::Degraded, Some(reasons.join("; ")), false)
            }
            Some(Ending::Lost(id)) => (Status::Aborted, Some(lost(&id)), false),
            Some(Ending::Aborted(reason)) => (Status::Aborted, Some(reason), false),
            Some(Ending::Failed(reason)) => (Status::Aborted, Some(reason), true),
        }
    }
}
