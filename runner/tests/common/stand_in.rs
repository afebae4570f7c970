//! A coordinator in a test, for real processes of machines and hub whose connections pass a relay.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use event_log::{JournalEntry, Party, TrialManifest};
use runner::config::Config;
use runner::drive::sockets::control::{Order, Report, Setup};
use runner::drive::sockets::handshake::Secret;
use runner::plan::plan_trial;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longer than any step takes; reached only when something is broken.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct StandIn {
    pub(crate) manifest: TrialManifest,
    processes: BTreeMap<Party, (Child, ChildStdin)>,
    reports: mpsc::UnboundedReceiver<(Party, Report)>,
    /// All entries of the journal.
    pub(crate) journal: Vec<JournalEntry>,
}

impl StandIn {
    /// Starts the processes of a trial with these options, one for each machine; its logs go to `folder`.
    pub(crate) fn new(options: &str, folder: &Path) -> StandIn {
        let options = toml::from_str(options).expect("options");
        let config = Config::new(options, 1, 2).expect("a configuration");
        let manifest = plan_trial(&config, 0);
        let listen_addrs = config.listen_addrs();
        let machines = manifest.machines.iter().map(|machine| machine.id.into());
        let hub = listen_addrs.keys().copied();
        let parties: BTreeSet<Party> = machines.chain(hub).collect();
        let secret = Secret::fresh().expect("chance");
        let (sender, reports) = mpsc::unbounded_channel();
        let mut stand_in = StandIn {
            processes: BTreeMap::new(),
            reports,
            journal: Vec::new(),
            manifest: manifest.clone(),
        };
        for party in parties {
            let role = match party {
                Party::Machine(_) => "machine",
                Party::Hub => "hub",
                Party::Client(_) => panic!("{party} is no process of the scale model"),
            };
            let mut child = Command::new(env!("CARGO_BIN_EXE_runner"))
                .arg(role)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("runner starts");
            let orders = child.stdin.take().expect("piped");
            let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in lines.map_while(Result::ok) {
                    let report = serde_json::from_str(&line).expect("a report");
                    let _ = sender.send((party, report));
                }
            });
            stand_in.processes.insert(party, (child, orders));
            let setup = Setup {
                manifest: manifest.clone(),
                party,
                listen_addr: listen_addrs.get(&party).cloned(),
                folder: folder.to_owned(),
                secret: secret.clone(),
            };
            stand_in.order(party, &Order::Setup(Box::new(setup)));
        }
        stand_in
    }

    fn order(&mut self, party: Party, order: &Order) {
        let mut line = serde_json::to_vec(order).expect("an order");
        line.push(b'\n');
        let (_, orders) = self.processes.get_mut(&party).expect("a process");
        orders.write_all(&line).expect("it reads");
    }

    fn order_all(&mut self, order: &Order) {
        let parties: Vec<Party> = self.processes.keys().copied().collect();
        parties
            .into_iter()
            .for_each(|party| self.order(party, order));
    }

    /// The next report that is not for the journal.
    async fn hear(&mut self) -> Option<(Party, Report)> {
        loop {
            let report = timeout(PATIENCE, self.reports.recv()).await;
            match report.expect("a report in time") {
                Some((_, Report::Journal(entry))) => self.journal.push(entry),
                Some((party, Report::Failed { problem })) => panic!("{party}: {problem}"),
                other => return other,
            }
        }
    }

    /// Waits until all are there; where those listen who do.
    pub(crate) async fn ready(&mut self) -> BTreeMap<Party, SocketAddr> {
        let mut addresses = BTreeMap::new();
        for _ in 0..self.processes.len() {
            let Some((party, Report::Ready { address, .. })) = self.hear().await else {
                panic!("all get ready first");
            };
            addresses.extend(address.map(|address| (party, address)));
        }
        addresses
    }

    /// Has everybody dial, by the addresses that each is given, and begins.
    pub(crate) async fn start(&mut self, addresses: impl Fn(Party) -> BTreeMap<Party, SocketAddr>) {
        let parties: Vec<Party> = self.processes.keys().copied().collect();
        let mut missing: BTreeSet<Party> = parties.iter().copied().collect();
        for party in parties {
            let addresses = addresses(party).into_iter().collect();
            self.order(party, &Order::Connect { addresses });
        }
        while !missing.is_empty() {
            match self.hear().await {
                Some((party, Report::Connected)) => drop(missing.remove(&party)),
                other => panic!("all connect first: {other:?}"),
            }
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let started_ns = now.expect("a clock").as_nanos() as u64 + 50_000_000;
        self.manifest.started_ns = Some(started_ns);
        self.order_all(&Order::Start { started_ns });
    }

    /// Waits until all machines are done, has everybody take leave, and waits for their ends.
    pub(crate) async fn finish(&mut self) {
        let mut finished = 0;
        while finished < self.manifest.machines.len() {
            match self.hear().await {
                Some((_, Report::Finished { .. })) => finished += 1,
                Some(_) => {}
                None => panic!("they ended before they were done"),
            }
        }
        self.end(&Order::Close).await;
    }

    /// Gives everybody its last order, and waits for their ends.
    pub(crate) async fn end(&mut self, last: &Order) {
        self.order_all(last);
        // Their reports end when they do.
        while let Some((party, report)) = self.hear().await {
            assert!(
                !matches!(report, Report::Lost { .. }),
                "{party}: {report:?}"
            );
        }
        for (child, _) in self.processes.values_mut() {
            assert!(child.wait().expect("it ends").success());
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        for (child, _) in self.processes.values_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
