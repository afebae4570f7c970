//! The process of one machine: `runner machine`, started by the coordinator and by nobody else.
//!
//! Three threads: one reads orders, one runs the mesh, and the main one is the machine itself. When stdin ends, the
//! coordinator is gone, and the process ends too, whatever it was doing.

use std::io::{BufRead, IsTerminal};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use event_log::{ClockEvent, JournalEntry, JournalKind, MachineId, OnDisconnect};
use machine::Payload;
use machine::scale_model::Message;
use tokio::sync::{mpsc, oneshot};

use super::control::{Order, Report, Reporter, Setup};
use super::handshake::Identity;
use super::mesh::{Listener, Mesh, MeshEvent, bind};
use super::pace::{self, Arrival, system_time_ns};
use crate::drive::Beat;
use crate::plan::build_machine;
use crate::progress::say;
use crate::storage::DirectSink;

/// What the machine's own thread waits for.
type Arrivals = Sender<Arrival<Message>>;

/// Runs the process to its end. Problems are reported to the coordinator, which tells the user.
pub fn run() {
    let orders = read_orders();
    let setup = match orders.recv() {
        Ok(Order::Setup(setup)) => setup,
        // The coordinator is gone before it could say anything; there is nobody to tell.
        Err(_) if !std::io::stdin().is_terminal() => return,
        _ => {
            say(
                "`runner machine` is started by `runner trial`, not by hand: see `runner trial --help`",
            );
            std::process::exit(2);
        }
    };
    if let Err(problem) = Process::new(*setup).run(orders) {
        Reporter.send(&Report::Failed { problem });
    }
}

/// Orders, line by line; the channel ends when stdin does.
fn read_orders() -> Receiver<Order> {
    let (sender, orders) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(order) = line
                .map_err(drop)
                .and_then(|line| serde_json::from_str(&line).map_err(drop))
            else {
                break;
            };
            if sender.send(order).is_err() {
                break;
            }
        }
    });
    orders
}

struct Process {
    setup: Setup,
}

impl Process {
    fn new(setup: Setup) -> Process {
        Process { setup }
    }

    fn journal(
        &self,
        kind: JournalKind,
        peer: Option<MachineId>,
        detail: &str,
        count: Option<u64>,
    ) {
        let entry = JournalEntry::of_machine(system_time_ns(), self.setup.machine, kind, detail);
        Reporter.send(&Report::Journal(JournalEntry {
            peer,
            count,
            ..entry
        }));
    }

    fn run(&self, orders: Receiver<Order>) -> Result<(), String> {
        let mut sink =
            DirectSink::create::<ClockEvent>(&self.setup.log).map_err(|error| error.to_string())?;
        let (arrivals_sender, arrivals) = channel();
        let (mesh_sender, mesh) = oneshot::channel();
        let (dial_sender, dial) = mpsc::unbounded_channel();
        let setup = self.setup.clone();
        let hear = self.listener(arrivals_sender.clone());
        std::thread::spawn(move || run_mesh(&setup, hear, mesh_sender, dial));
        let mesh = mesh
            .blocking_recv()
            .map_err(|_| "its network thread ended early".to_owned())??;

        let Some(started_ns) = self.wait_for_start(&orders, &dial_sender) else {
            return Ok(());
        };
        std::thread::spawn(move || wait_for_stop(&orders, &arrivals_sender));

        let ticks = self.tick(started_ns, &arrivals, &mut sink, &mesh)?;
        for (peer, count) in mesh.undelivered() {
            let detail = "messages to an absent peer, lost";
            self.journal(JournalKind::Undelivered, Some(peer), detail, Some(count));
        }
        if mesh.refusals_untold() > 0 {
            let detail = "further connections turned away";
            self.journal(
                JournalKind::Refused,
                None,
                detail,
                Some(mesh.refusals_untold()),
            );
        }
        Reporter.send(&Report::Finished {
            ticks: ticks.performed,
        });
        if !ticks.stopped_early {
            // Peers may still be at their last ticks: the links stay up until everybody is done.
            while !matches!(arrivals.recv(), Ok(Arrival::Stop) | Err(_)) {}
        }
        Ok(())
    }

    /// Passes on the peers' addresses, and returns the common start; none when the trial ends before it.
    fn wait_for_start(
        &self,
        orders: &Receiver<Order>,
        dial: &mpsc::UnboundedSender<Vec<std::net::SocketAddr>>,
    ) -> Option<u64> {
        loop {
            match orders.recv() {
                Ok(Order::Connect { addresses }) => drop(dial.send(addresses)),
                Ok(Order::Start { started_ns }) => return Some(started_ns),
                Ok(Order::Stop | Order::Setup(_)) | Err(_) => return None,
            }
        }
    }

    fn tick(
        &self,
        started_ns: u64,
        arrivals: &Receiver<Arrival<Message>>,
        sink: &mut DirectSink,
        mesh: &Mesh,
    ) -> Result<pace::Ticks, String> {
        let manifest = event_log::TrialManifest {
            started_ns: Some(started_ns),
            ..self.setup.manifest.clone()
        };
        let entry = &manifest.machines[self.setup.machine.index()];
        let beat = Beat::of(&manifest, entry).ok_or("the trial has no start")?;
        let mut machine = build_machine(&manifest, self.setup.machine);
        pace::run(&mut machine, &beat, arrivals, sink, |to, message| {
            let mut bytes = Vec::with_capacity(16);
            message.encode(&mut bytes);
            mesh.send(to, bytes.into());
        })
        .map_err(|error| error.to_string())
    }

    /// Turns what the mesh hears into arrivals and reports.
    fn listener(&self, arrivals: Arrivals) -> Listener {
        let me = self.setup.machine;
        let peers = self.setup.manifest.condition.machines as usize - 1;
        let connected = std::sync::Mutex::new(std::collections::BTreeSet::new());
        Arc::new(move |event| match event {
            MeshEvent::Message(from, bytes) => match Message::decode(&bytes) {
                Some(message) => drop(arrivals.send(Arrival::Message(from, message))),
                None => {
                    let entry = JournalEntry::of_machine(
                        system_time_ns(),
                        me,
                        JournalKind::Fault,
                        "a message of another system, ignored",
                    );
                    Reporter.send(&Report::Journal(entry.with_peer(from)));
                }
            },
            MeshEvent::Connected(peer) => {
                let entry =
                    JournalEntry::of_machine(system_time_ns(), me, JournalKind::Connected, "");
                Reporter.send(&Report::Journal(entry.with_peer(peer)));
                let mut connected = connected
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                if connected.insert(peer) && connected.len() == peers {
                    Reporter.send(&Report::Connected);
                }
            }
            MeshEvent::Lost(peer) => {
                connected
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .remove(&peer);
                Reporter.send(&Report::Lost { peer });
            }
            MeshEvent::Told(kind, peer, detail) => {
                let entry = JournalEntry::of_machine(system_time_ns(), me, kind, detail);
                Reporter.send(&Report::Journal(JournalEntry { peer, ..entry }));
            }
            MeshEvent::Unreachable(_, problem) => Reporter.send(&Report::Failed { problem }),
        })
    }
}

/// Once ticking, the only order left is to stop; so is the end of orders.
fn wait_for_stop(orders: &Receiver<Order>, arrivals: &Arrivals) {
    loop {
        match orders.recv() {
            Ok(Order::Stop) | Err(_) => {
                let _ = arrivals.send(Arrival::Stop);
                return;
            }
            Ok(_) => {}
        }
    }
}

/// The mesh's thread: binds, reports, and serves until the process ends.
fn run_mesh(
    setup: &Setup,
    hear: Listener,
    ready: oneshot::Sender<Result<Mesh, String>>,
    mut dial: mpsc::UnboundedReceiver<Vec<std::net::SocketAddr>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(format!("no network: {error}")))),
    };
    runtime.block_on(async move {
        let listener = match bind(&setup.host, setup.port).await {
            Ok(listener) => listener,
            Err(problem) => return drop(ready.send(Err(problem))),
        };
        let address = match listener.local_addr() {
            Ok(address) => address,
            Err(error) => return drop(ready.send(Err(error.to_string()))),
        };
        let identity = Identity {
            secret: setup.secret.clone(),
            trial: setup.manifest.trial,
            machine: setup.machine,
            machines: setup.manifest.condition.machines,
        };
        let redial = setup.manifest.condition.on_disconnect == Some(OnDisconnect::Reconnect);
        let mesh = Mesh::new(identity, redial, hear);
        if ready.send(Ok(mesh.clone())).is_err() {
            return;
        }
        tokio::spawn(mesh.clone().accept(listener));
        let process = std::process::id();
        Reporter.send(&Report::Listening { address, process });
        while let Some(addresses) = dial.recv().await {
            mesh.dial_all(&addresses);
        }
        // Orders have ended; the machine's thread ends the process.
        std::future::pending::<()>().await;
    });
}
