//! One party's links, without its process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use event_log::{JournalEntry, JournalKind, MachineId, Party};
use runner::drive::sockets::handshake::{Identity, Secret};
use runner::drive::sockets::links::listener::bind;
use runner::drive::sockets::links::pulse::{BEAT, Pulse};
use runner::drive::sockets::links::{LinkEvent, Links};
use runner::drive::sockets::topology::{Form, Topology};
use runner::drive::sockets::wire::Frame;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longer than any step takes; reached only when something is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// Binds a port; one that was in use a moment ago may take another to be free.
async fn bind_when_free(port: u16) -> tokio::net::TcpListener {
    let attempts = async {
        loop {
            match bind("127.0.0.1", port).await {
                Ok(listener) => return listener,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    timeout(PATIENCE, attempts).await.expect("a free port")
}

pub(crate) fn party(machine: u32) -> Party {
    Party::Machine(MachineId(machine))
}

pub(crate) fn message(number: u8) -> Frame {
    Frame::Message(vec![number].into())
}

pub(crate) struct Node {
    pub(crate) links: Links,
    pub(crate) address: SocketAddr,
    pub(crate) events: mpsc::UnboundedReceiver<LinkEvent>,
    pub(crate) accepting: tokio::task::JoinHandle<()>,
}

impl Node {
    pub(crate) async fn new(secret: &Secret, machine: u32, port: u16, redial: bool) -> Node {
        Node::with_beat(secret, machine, port, redial, BEAT).await
    }

    pub(crate) async fn with_beat(
        secret: &Secret,
        machine: u32,
        port: u16,
        redial: bool,
        beat: Duration,
    ) -> Node {
        let topology = Topology {
            form: Form::Mesh,
            machines: 3,
            per_process: 1,
        };
        let me = Identity {
            secret: secret.clone(),
            trial: 3,
            party: party(machine),
            peers: topology.peers(party(machine)),
        };
        let (sender, events) = mpsc::unbounded_channel();
        let links = Links::new(
            me,
            redial,
            Pulse { beat },
            Arc::new(move |_, event| drop(sender.send(event))),
        );
        let listener = bind_when_free(port).await;
        let address = listener.local_addr().expect("bound");
        let accepting = tokio::spawn(links.clone().accept(listener));
        Node {
            links,
            address,
            events,
            accepting,
        }
    }

    pub(crate) async fn wait_for(
        &mut self,
        what: &str,
        wanted: impl Fn(&LinkEvent) -> bool,
    ) -> LinkEvent {
        let search = async {
            loop {
                let event = self.events.recv().await.expect("its links live");
                if wanted(&event) {
                    return event;
                }
            }
        };
        timeout(PATIENCE, search).await.expect(what)
    }

    pub(crate) async fn wait_for_link(&mut self, peer: u32) {
        let connected =
            |event: &LinkEvent| matches!(event, LinkEvent::Connected(who) if *who == party(peer));
        self.wait_for("a link", connected).await;
    }

    /// The next entry of this kind for the journal.
    pub(crate) async fn wait_for_entry(&mut self, kind: JournalKind) -> JournalEntry {
        let listed =
            |event: &LinkEvent| matches!(event, LinkEvent::Journal(entry) if entry.kind == kind);
        match self.wait_for(&format!("{kind:?}"), listed).await {
            LinkEvent::Journal(entry) => entry,
            _ => unreachable!("that is what was waited for"),
        }
    }

    /// The numbers of the messages that come before its link ends, and why this end ended it.
    pub(crate) async fn messages_until_lost(&mut self) -> (Vec<u8>, Option<String>) {
        let mut numbers = Vec::new();
        loop {
            let of_interest =
                |event: &LinkEvent| matches!(event, LinkEvent::Message(..) | LinkEvent::Lost(..));
            match self.wait_for("messages, and an end", of_interest).await {
                LinkEvent::Message(_, Frame::Message(bytes)) => numbers.push(bytes[0]),
                LinkEvent::Lost(_, fault) => return (numbers, fault),
                other => unreachable!("{other:?}"),
            }
        }
    }

    pub(crate) async fn wait_for_refusal(&mut self, words: &str) {
        let refused = |event: &LinkEvent| matches!(event, LinkEvent::Journal(entry) if entry.kind == JournalKind::Refused && entry.detail.contains(words));
        self.wait_for(words, refused).await;
    }
}
