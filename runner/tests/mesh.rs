//! The mesh without processes: who gets a link, and what happens when one breaks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use event_log::{JournalKind, MachineId};
use runner::drive::sockets::handshake::{Identity, Secret};
use runner::drive::sockets::mesh::{Mesh, MeshEvent, bind};
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

struct Node {
    mesh: Mesh,
    address: SocketAddr,
    events: mpsc::UnboundedReceiver<MeshEvent>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Node {
    async fn new(secret: &Secret, machine: u32, port: u16, redial: bool) -> Node {
        let me = Identity {
            secret: secret.clone(),
            trial: 3,
            machine: MachineId(machine),
            machines: 3,
        };
        let (sender, events) = mpsc::unbounded_channel();
        let mesh = Mesh::new(me, redial, Arc::new(move |event| drop(sender.send(event))));
        let listener = bind_when_free(port).await;
        let address = listener.local_addr().expect("bound");
        let accepting = tokio::spawn(mesh.clone().accept(listener));
        Node {
            mesh,
            address,
            events,
            accepting,
        }
    }

    async fn wait_for(&mut self, what: &str, wanted: impl Fn(&MeshEvent) -> bool) -> MeshEvent {
        let search = async {
            loop {
                let event = self.events.recv().await.expect("the mesh lives");
                if wanted(&event) {
                    return event;
                }
            }
        };
        timeout(PATIENCE, search).await.expect(what)
    }

    async fn wait_for_link(&mut self, peer: u32) {
        let connected =
            |event: &MeshEvent| matches!(event, MeshEvent::Connected(id) if id.0 == peer);
        self.wait_for("a link", connected).await;
    }

    async fn wait_for_refusal(&mut self, words: &str) {
        let refused = |event: &MeshEvent| matches!(event, MeshEvent::Told(JournalKind::Refused, _, why) if why.contains(words));
        self.wait_for(words, refused).await;
    }
}

#[tokio::test]
async fn proven_peers_exchange_messages_in_order() {
    let secret = Secret::fresh().expect("chance");
    let mut listener = Node::new(&secret, 0, 0, false).await;
    let mut dialler = Node::new(&secret, 1, 0, false).await;
    dialler.mesh.dial_all(&[listener.address]);
    listener.wait_for_link(1).await;
    dialler.wait_for_link(0).await;
    for number in 0..100u8 {
        dialler.mesh.send(MachineId(0), vec![number].into());
    }
    for number in 0..100u8 {
        let message = |event: &MeshEvent| matches!(event, MeshEvent::Message(..));
        let MeshEvent::Message(from, bytes) = listener.wait_for("a message", message).await else {
            unreachable!("that is what was waited for");
        };
        assert_eq!((from, &bytes[..]), (MachineId(1), &[number][..]));
    }
    assert_eq!(dialler.mesh.undelivered(), []);
}

#[tokio::test]
async fn who_does_not_know_the_secret_gets_no_link() {
    let secret = Secret::fresh().expect("chance");
    let other = Secret::fresh().expect("chance");
    let mut listener = Node::new(&secret, 0, 0, false).await;
    let impostor = Node::new(&other, 1, 0, false).await;
    impostor.mesh.dial_all(&[listener.address]);
    // The listener proves itself first, and the impostor cannot follow; either side may hang up.
    let refused = |event: &MeshEvent| matches!(event, MeshEvent::Told(JournalKind::Refused, ..));
    listener.wait_for("a refusal", refused).await;
    listener.mesh.send(MachineId(1), vec![1].into());
    assert_eq!(listener.mesh.undelivered(), [(MachineId(1), 1)]);
}

#[tokio::test]
async fn a_second_connection_with_one_id_is_refused_and_the_first_unharmed() {
    let secret = Secret::fresh().expect("chance");
    let mut listener = Node::new(&secret, 0, 0, false).await;
    let mut first = Node::new(&secret, 2, 0, false).await;
    first.mesh.dial_all(&[listener.address]);
    first.wait_for_link(0).await;
    listener.wait_for_link(2).await;
    let double = Node::new(&secret, 2, 0, false).await;
    double.mesh.dial_all(&[listener.address]);
    listener.wait_for_refusal("connected already").await;
    listener.mesh.send(MachineId(2), vec![9].into());
    let message = |event: &MeshEvent| matches!(event, MeshEvent::Message(MachineId(0), _));
    first.wait_for("the first link still works", message).await;
}

#[tokio::test]
async fn a_lost_peer_is_reached_again_when_it_is_back() {
    let secret = Secret::fresh().expect("chance");
    let mut dialler = Node::new(&secret, 1, 0, true).await;
    let port = {
        // A runtime of its own, so that ending it ends every task and closes every connection at once.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let secret = secret.clone();
        let listener = runtime
            .spawn(async move { Node::new(&secret, 0, 0, true).await })
            .await
            .expect("it listens");
        dialler.mesh.dial_all(&[listener.address]);
        dialler.wait_for_link(0).await;
        runtime.shutdown_background();
        listener.address.port()
    };
    let lost = |event: &MeshEvent| matches!(event, MeshEvent::Lost(MachineId(0)));
    dialler.wait_for("the loss", lost).await;
    dialler.mesh.send(MachineId(0), vec![1].into());
    assert_eq!(dialler.mesh.undelivered(), [(MachineId(0), 1)]);

    let mut back = Node::new(&secret, 0, port, true).await;
    back.wait_for_link(1).await;
    let reconnected =
        |event: &MeshEvent| matches!(event, MeshEvent::Told(JournalKind::Reconnected, ..));
    dialler.wait_for("the reconnection", reconnected).await;
    back.accepting.abort();
}

#[tokio::test]
async fn a_silent_stranger_is_shown_the_door() {
    let secret = Secret::fresh().expect("chance");
    let mut listener = Node::new(&secret, 0, 0, false).await;
    let silent = tokio::net::TcpStream::connect(listener.address)
        .await
        .expect("it listens");
    listener.wait_for_refusal("silent or too slow").await;
    drop(silent);
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_named() {
    let secret = Secret::fresh().expect("chance");
    let mut dialler = Node::new(&secret, 1, 0, false).await;
    let nobody = bind("127.0.0.1", 0).await.expect("a free port");
    let address = nobody.local_addr().expect("bound");
    drop(nobody);
    dialler.mesh.dial_all(&[address]);
    let unreachable = |event: &MeshEvent| matches!(event, MeshEvent::Unreachable(_, problem) if problem.contains(&address.to_string()));
    dialler.wait_for("the report", unreachable).await;
}
