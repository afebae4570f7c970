//! Links without processes: who gets one, and what happens when one breaks.

mod common;

use common::node::{Node, message, party};
use event_log::{JournalKind, MachineId, Party};
use runner::drive::sockets::handshake::Secret;
use runner::drive::sockets::links::LinkEvent;
use runner::drive::sockets::links::listener::bind;

#[tokio::test]
async fn proven_peers_exchange_messages_in_order() {
    let secret = Secret::fresh().expect("chance");
    let mut listener = Node::new(&secret, 0, 0, false).await;
    let mut dialler = Node::new(&secret, 1, 0, false).await;
    dialler.links.dial_all(&[(party(0), listener.address)]);
    listener.wait_for_link(1).await;
    dialler.wait_for_link(0).await;
    for number in 0..100u8 {
        dialler.links.send(party(0), message(number));
    }
    for number in 0..100u8 {
        let arrived = |event: &LinkEvent| matches!(event, LinkEvent::Message(..));
        let LinkEvent::Message(from, frame) = listener.wait_for("a message", arrived).await else {
            unreachable!("that is what was waited for");
        };
        assert_eq!((from, frame), (party(1), message(number)));
    }
    assert_eq!(dialler.links.undelivered(), []);
}

#[tokio::test]
async fn who_does_not_know_the_secret_gets_no_link() {
    let secret = Secret::fresh().expect("chance");
    let other = Secret::fresh().expect("chance");
    let mut listener = Node::new(&secret, 0, 0, false).await;
    let impostor = Node::new(&other, 1, 0, false).await;
    impostor.links.dial_all(&[(party(0), listener.address)]);
    // The listener proves itself first, and the impostor cannot follow; either side may hang up.
    let refused = |event: &LinkEvent| matches!(event, LinkEvent::Journal(entry) if entry.kind == JournalKind::Refused);
    listener.wait_for("a refusal", refused).await;
    listener.links.send(party(1), message(1));
    assert_eq!(listener.links.undelivered(), [(party(1), 1)]);
}

#[tokio::test]
async fn a_second_connection_with_one_id_is_refused_and_the_first_unharmed() {
    let secret = Secret::fresh().expect("chance");
    let mut listener = Node::new(&secret, 0, 0, false).await;
    let mut first = Node::new(&secret, 2, 0, false).await;
    first.links.dial_all(&[(party(0), listener.address)]);
    first.wait_for_link(0).await;
    listener.wait_for_link(2).await;
    let double = Node::new(&secret, 2, 0, false).await;
    double.links.dial_all(&[(party(0), listener.address)]);
    listener.wait_for_refusal("connected already").await;
    listener.links.send(party(2), message(9));
    let arrived =
        |event: &LinkEvent| matches!(event, LinkEvent::Message(from, _) if *from == party(0));
    first.wait_for("the first link still works", arrived).await;
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
        dialler.links.dial_all(&[(party(0), listener.address)]);
        dialler.wait_for_link(0).await;
        runtime.shutdown_background();
        listener.address.port()
    };
    let lost =
        |event: &LinkEvent| matches!(event, LinkEvent::Lost(Party::Machine(MachineId(0)), _));
    dialler.wait_for("the loss", lost).await;
    dialler.links.send(party(0), message(1));
    assert_eq!(dialler.links.undelivered(), [(party(0), 1)]);

    let mut back = Node::new(&secret, 0, port, true).await;
    back.wait_for_link(1).await;
    let reconnected = |event: &LinkEvent| matches!(event, LinkEvent::Journal(entry) if entry.kind == JournalKind::Reconnected);
    dialler.wait_for("the reconnection", reconnected).await;
    back.accepting.abort();
}

#[tokio::test]
async fn a_silent_stranger_is_turned_away() {
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
    dialler.links.dial_all(&[(party(0), address)]);
    let unreachable = |event: &LinkEvent| matches!(event, LinkEvent::Unreachable(_, problem) if problem.contains(&address.to_string()));
    dialler.wait_for("the report", unreachable).await;
}
