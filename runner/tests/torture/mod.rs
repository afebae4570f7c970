//! A run: a cluster of processes, clients that talk, faults one after the other.

pub(crate) mod cluster;
pub(crate) mod faults;
pub(crate) mod ledger;
pub(crate) mod people;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chat_service::client::Directory;
use tokio::sync::watch;

use cluster::Cluster;
use faults::{Fault, Kind};
use ledger::Ledger;
use people::Person;

/// Long enough for the slowest host; reached only when something is broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
/// Messages that are acknowledged between two faults, at least.
const ACKNOWLEDGED_BETWEEN: usize = 10;

/// A run.
#[derive(Debug)]
pub(crate) struct Torture {
    pub(crate) clients: usize,
    /// Of each client, on average.
    pub(crate) sends_per_second: f64,
    pub(crate) heartbeat: &'static str,
    pub(crate) suspect: &'static str,
    pub(crate) tolerate: &'static str,
    pub(crate) faults: Vec<Fault>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Report {
    settings: String,
    pub(crate) ledger: Ledger,
    /// For each fault the longest time without an acknowledgement, from it until the next.
    gaps: Vec<(Fault, Duration)>,
}

/// Runs it.
pub(crate) fn torture(run: &Torture) -> Report {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(strike(run))
}

async fn strike(run: &Torture) -> Report {
    let flags = [
        "--heartbeat",
        run.heartbeat,
        "--suspect",
        run.suspect,
        "--tolerate",
        run.tolerate,
    ];
    let mut cluster = Cluster::found(&flags);
    cluster.start_all();
    cluster.wait_until_served().await;
    let ledger = Arc::new(Mutex::new(Ledger::new(run.clients)));
    let (talks, talking) = watch::channel(true);
    let directory = Directory::of_cluster(&cluster.file);
    let people: Vec<_> = (0..run.clients)
        .map(|number| {
            let person = Person {
                number,
                others: run.clients,
                pause: Duration::from_secs_f64(1.0 / run.sends_per_second),
                directory: directory.clone(),
                ledger: ledger.clone(),
                talking: talking.clone(),
            };
            tokio::spawn(person.talk())
        })
        .collect();
    let acknowledged = || ledger.lock().expect("no panic").acknowledged();
    wait_until("people talk", || acknowledged() > 5 * run.clients).await;
    let mut struck = Vec::new();
    for (number, fault) in run.faults.iter().enumerate() {
        let before = Instant::now();
        let was_acknowledged = acknowledged();
        let servers = cluster.strike(fault).await;
        let what = format!("fault {number}, {fault} of servers {servers:?}: served again");
        cluster.wait_until_served().await;
        wait_until(&what, || {
            acknowledged() >= was_acknowledged + ACKNOWLEDGED_BETWEEN
        })
        .await;
        cluster.wait_until_whole().await;
        struck.push((*fault, before));
    }
    let end = Instant::now();
    talks.send(false).expect("people listen");
    for person in people {
        person.await.expect("a person whose client did not panic");
    }
    cluster.end_all();
    let Ok(ledger) = Arc::try_unwrap(ledger) else {
        unreachable!("all people have gone")
    };
    let ledger = ledger.into_inner().expect("no panic");
    let ends = struck.iter().skip(1).map(|(_, at)| *at).chain([end]);
    let gaps = struck.iter().zip(ends);
    let gaps = gaps.map(|(&(fault, from), to)| (fault, ledger.longest_gap(from, to)));
    Report {
        settings: format!(
            "{} clients, {} sends a second each, heartbeat {}, suspect {}, tolerate {}",
            run.clients, run.sends_per_second, run.heartbeat, run.suspect, run.tolerate
        ),
        gaps: gaps.collect(),
        ledger,
    }
}

/// Waits for something that must come.
pub(crate) async fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}", self.settings, self.ledger)?;
        writeln!(f, "longest time without an acknowledgement, by fault, s:")?;
        writeln!(
            f,
            "  {:18} {:>6} {:>8} {:>8}",
            "fault", "count", "median", "longest"
        )?;
        let mut kinds: Vec<(String, Vec<Duration>)> = Vec::new();
        for (fault, gap) in &self.gaps {
            let name = fault.to_string();
            match kinds.iter_mut().find(|(of, _)| *of == name) {
                Some((_, gaps)) => gaps.push(*gap),
                None => kinds.push((name, vec![*gap])),
            }
        }
        kinds.sort();
        for (name, mut gaps) in kinds {
            gaps.sort();
            let (median, longest) = (gaps[gaps.len() / 2], gaps[gaps.len() - 1]);
            let (median, longest) = (median.as_secs_f64(), longest.as_secs_f64());
            writeln!(
                f,
                "  {name:18} {:>6} {median:>8.2} {longest:>8.2}",
                gaps.len()
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Kill => "kill -9",
            Kind::Pause => "pause",
            Kind::End => "SIGTERM",
        };
        write!(f, "{kind} {}", self.target.word())
    }
}
