use event_log::Status;
use tempfile::TempDir;

use super::super::processes::{Exit, STOP_TIME_MAX};
use super::closing::Reaped;
use super::*;
use crate::config::Config;
use crate::plan::plan_trial;

/// A trial of three machines under way, in which a test says what they say.
struct Play {
    stage: Stage,
    folder: TempDir,
}

fn machine(id: u32) -> Party {
    Party::Machine(MachineId(id))
}

fn entry(kind: JournalKind, me: u32, peer: u32, count: u64) -> Report {
    let entry = JournalEntry::of_party(1, machine(me), kind, "");
    Report::Journal(entry.with_peer(machine(peer)).with_count(count))
}

impl Play {
    fn new(on_disconnect: &str) -> Play {
        let folder = TempDir::new().expect("a temporary folder");
        let options = format!("machines = 3\non_disconnect = '{on_disconnect}'");
        let options = toml::from_str(&options).expect("options");
        let config = Config::new(options, 1, 1).expect("a configuration");
        let trial = Trial::new(
            plan_trial(&config, 0),
            BTreeMap::new(),
            RunFolder {
                path: folder.path().to_owned(),
                count: 1,
            },
            Secret::fresh().expect("chance"),
            Progress::on_stderr(),
            Interrupt::default(),
        );
        let stage = Stage::set(trial).expect("a folder");
        Play { stage, folder }
    }

    fn say(&self, who: u32, report: Report) {
        let said = self.stage.mouth.send((machine(who), Heard::Report(report)));
        said.expect("the stage listens");
    }

    fn all_finish(&self) {
        for id in 0..3 {
            let latest = None;
            let machine = MachineId(id);
            self.say(
                id,
                Report::Finished {
                    machine,
                    ticks: 60,
                    latest,
                },
            );
        }
    }

    /// Goes on to the end; how the trial stands, and why.
    async fn end(mut self) -> (Status, String) {
        let ending = self.stage.watch().await.err();
        let outcome = self.stage.close(ending).await;
        let path = self.folder.path().join("trial-000");
        let text = std::fs::read_to_string(path.join(layout::TRIAL_FILE)).expect("a manifest");
        let manifest: TrialManifest = serde_json::from_str(&text).expect("a manifest");
        assert_eq!(manifest.status, outcome.status);
        assert_eq!(manifest.reason, outcome.reason);
        (manifest.status, manifest.reason.unwrap_or_default())
    }
}

#[tokio::test]
async fn a_trial_in_which_all_arrived_is_complete() {
    let play = Play::new("reconnect");
    play.say(0, entry(JournalKind::Silent, 0, 1, 0));
    play.say(0, entry(JournalKind::Heard, 0, 1, 0));
    play.all_finish();
    assert_eq!(play.end().await, (Status::Complete, String::new()));
}

#[tokio::test]
async fn a_trial_that_lost_messages_is_degraded_and_says_how_many() {
    let play = Play::new("reconnect");
    play.say(0, entry(JournalKind::Undelivered, 0, 1, 20));
    let fault = None;
    let peer = machine(1);
    play.say(0, Report::Lost { peer, fault });
    play.all_finish();
    // What they say when they take leave counts as well.
    play.say(1, entry(JournalKind::Undelivered, 1, 0, 9));
    let words = "29 messages lost with connections that ended, or while there was none";
    assert_eq!(play.end().await, (Status::Degraded, words.to_owned()));
}

#[tokio::test]
async fn a_partition_to_the_end_is_never_complete() {
    for (policy, count) in [("abort", 0), ("abort", 4), ("reconnect", 0)] {
        let play = Play::new(policy);
        play.all_finish();
        play.say(0, entry(JournalKind::Unconfirmed, 0, 2, count));
        play.say(2, entry(JournalKind::Unconfirmed, 2, 0, 0));
        let (status, reason) = play.end().await;
        assert_eq!(status, Status::Degraded);
        let words = "machine 0 and machine 2 did not hear each other to the end";
        assert!(reason.starts_with(words), "{reason}");
    }
}

#[tokio::test]
async fn a_process_that_fails_after_its_last_tick_leaves_no_complete_trial() {
    let mut play = Play::new("abort");
    let killed = Exit::Killed(STOP_TIME_MAX);
    let reaped = Reaped {
        exits: [(machine(0), Exit::Unknown), (machine(1), killed)].into(),
        heard_out: true,
    };
    // That it did not speak to the end is known already.
    let Report::Journal(unheard) = entry(JournalKind::Unconfirmed, 0, 1, 1) else {
        unreachable!("it is for the journal");
    };
    play.stage.note(unheard).expect("a journal");
    let (status, reason, failed) = play.stage.verdict(None, &reaped);
    assert_eq!((status, failed), (Status::Degraded, false));
    let words = format!("machine 1 was lost: its process ended with {killed}");
    assert_eq!(reason, Some(words));
}

#[tokio::test]
async fn a_trial_whose_last_reports_do_not_come_is_not_complete() {
    let play = Play::new("abort");
    play.all_finish();
    // Somebody could still say something, and says nothing.
    let _mouth = play.stage.mouth.clone();
    let words = "the last reports did not come";
    assert_eq!(play.end().await, (Status::Degraded, words.to_owned()));
}

#[tokio::test]
async fn a_link_that_is_spoilt_before_the_start_ends_the_trial_with_that_reason() {
    let mut play = Play::new("abort");
    let (peer, fault) = (machine(1), Some("frame 0 was changed".to_owned()));
    play.say(0, Report::Lost { peer, fault });
    // It dialled, and does not dial again.
    let (peer, fault) = (machine(0), None);
    play.say(1, Report::Lost { peer, fault });
    let ending = play.stage.gather_connected().await.err();
    let (status, reason, failed) = play.stage.verdict(ending, &Reaped::default());
    assert_eq!((status, failed), (Status::Aborted, false));
    let words = "machine 1 was lost to machine 0: frame 0 was changed";
    assert_eq!(reason.as_deref(), Some(words));
}

#[tokio::test]
async fn a_link_that_is_found_again_before_the_start_is_no_loss() {
    let link = |peer| Report::Lost {
        peer: machine(peer),
        fault: None,
    };
    // A listener's is dialled again; a dialler's only in a trial that reconnects.
    for (policy, reporter, peer) in [("abort", 0, 1), ("reconnect", 1, 0)] {
        let mut play = Play::new(policy);
        play.say(reporter, link(peer));
        for id in 0..3 {
            play.say(id, Report::Connected);
        }
        let ending = play.stage.gather_connected().await.err();
        assert!(ending.is_none(), "{policy}: {ending:?}");
    }
}

#[tokio::test]
async fn a_link_that_was_tampered_with_ends_the_trial_with_that_reason() {
    let play = Play::new("abort");
    let lost = |peer, fault: Option<&str>| Report::Lost {
        peer: machine(peer),
        fault: fault.map(str::to_owned),
    };
    // The one that is left reports first, and knows less.
    play.say(1, lost(0, None));
    play.say(0, lost(1, Some("frame 6 came again")));
    let reason = "machine 1 was lost to machine 0: frame 6 came again";
    assert_eq!(play.end().await, (Status::Aborted, reason.to_owned()));
}
