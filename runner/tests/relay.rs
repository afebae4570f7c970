//! Links with somebody on the way between them: what a relay can do to a connection, and what it cannot.

mod common;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use common::node::{Node, message, party};
use common::relay::{Relay, Tamper, carries_message, honest};
use event_log::JournalKind;
use runner::drive::sockets::handshake::Secret;
use runner::drive::sockets::links::LinkEvent;

/// No time to speak of.
const AT_ONCE: Duration = Duration::ZERO;
/// Quick enough for a test, and slow enough for a busy host: a link that hears nothing is silent after 0.3 s.
const QUICK: Duration = Duration::from_millis(100);

/// Machine 1, which dials machine 0 through a relay.
async fn linked_by(relay_to: &Node, secret: &Secret, tamper: fn() -> Tamper) -> (Relay, Node) {
    let relay = Relay::start(relay_to.address, AT_ONCE, tamper).await;
    let mut dialler = Node::new(secret, 1, 0, false).await;
    dialler.links.dial_all(&[(party(0), relay.address)]);
    dialler.wait_for_link(0).await;
    (relay, dialler)
}

/// Does something to the sixth message, which is frame 6: frame 0 is a tally.
fn at_the_sixth(mut deed: impl FnMut(Bytes) -> Vec<Bytes> + Send + 'static) -> Tamper {
    let mut messages = 0;
    Box::new(move |frame| {
        messages += u32::from(carries_message(&frame));
        match messages {
            6 => deed(frame),
            _ => vec![frame],
        }
    })
}

/// A frame with a byte changed, counted from its version.
fn changed(frame: &Bytes, at: usize, byte: u8) -> Bytes {
    let mut changed = BytesMut::from(&frame[..]);
    changed[at] = byte;
    changed.freeze()
}

fn injecting() -> Tamper {
    at_the_sixth(|frame| {
        let forged = [&[2, 5, 99][..], &[7; 24]].concat();
        vec![forged.into(), frame]
    })
}

fn injecting_without_a_seal() -> Tamper {
    at_the_sixth(|frame| vec![Bytes::from_static(&[2, 5, 99]), frame])
}

fn changing() -> Tamper {
    at_the_sixth(|frame| vec![changed(&frame, 2, 99)])
}

/// The message of these tests is a byte; a clock of all ones is a change like any other.
fn winding_the_clock() -> Tamper {
    at_the_sixth(|frame| vec![changed(&frame, 2, u8::MAX)])
}

fn changing_the_kind() -> Tamper {
    at_the_sixth(|frame| vec![changed(&frame, 1, 8)])
}

fn repeating() -> Tamper {
    at_the_sixth(|frame| vec![frame.clone(), frame])
}

fn dropping() -> Tamper {
    at_the_sixth(|_| Vec::new())
}

fn swapping() -> Tamper {
    let mut held = None;
    let mut messages = 0;
    Box::new(move |frame| {
        messages += u32::from(carries_message(&frame));
        match messages {
            6 if held.is_none() => {
                held = Some(frame);
                Vec::new()
            }
            7 => [Some(frame), held.take()].into_iter().flatten().collect(),
            _ => vec![frame],
        }
    })
}

#[tokio::test]
async fn whoever_tampers_with_a_frame_ends_the_link_and_says_nothing_on_it() {
    let forged = "frame 6 does not bear its sender's hash: it was changed, or put in, on the way";
    let early =
        "frame 7 came when frame 6 was due: frames were dropped, held back or swapped on the way";
    let repeated = "frame 6 came again when frame 7 was due: it was repeated on the way";
    /// What is done, how many messages are heard before that, and what is said of it.
    type Deed = (fn() -> Tamper, u8, &'static str);
    let deeds: [Deed; 8] = [
        (injecting, 5, forged),
        (injecting_without_a_seal, 5, forged),
        (changing, 5, forged),
        (winding_the_clock, 5, forged),
        (changing_the_kind, 5, forged),
        (repeating, 6, repeated),
        (dropping, 5, early),
        (swapping, 5, early),
    ];
    for (tamper, heard, expected) in deeds {
        let secret = Secret::fresh().expect("chance");
        let mut listener = Node::new(&secret, 0, 0, false).await;
        let (_relay, dialler) = linked_by(&listener, &secret, tamper).await;
        for number in 0..12 {
            dialler.links.send(party(0), message(number));
        }
        let (numbers, fault) = listener.messages_until_lost().await;
        assert_eq!(fault.as_deref(), Some(expected));
        assert_eq!(numbers, (0..heard).collect::<Vec<u8>>(), "{expected}");
    }
}

#[tokio::test]
async fn the_journal_says_what_came_and_the_other_end_that_it_was_left() {
    let secret = Secret::fresh().expect("chance");
    let mut listener = Node::new(&secret, 0, 0, false).await;
    let (_relay, mut dialler) = linked_by(&listener, &secret, changing).await;
    for number in 0..12 {
        dialler.links.send(party(0), message(number));
    }
    let lost = listener.wait_for_entry(JournalKind::Lost).await;
    assert_eq!((lost.machine, lost.peer), (Some(party(0)), Some(party(1))));
    assert!(lost.detail.contains("frame 6"), "{}", lost.detail);
    let (_, fault) = dialler.messages_until_lost().await;
    assert_eq!(fault, None, "it cannot know more than that it was left");
}

#[tokio::test]
async fn who_relays_and_no_more_changes_nothing() {
    let secret = Secret::fresh().expect("chance");
    let mut listener = Node::new(&secret, 0, 0, false).await;
    let (_relay, dialler) = linked_by(&listener, &secret, honest).await;
    for number in 0..12 {
        dialler.links.send(party(0), message(number));
        listener.links.send(party(1), message(number));
    }
    let (here, there) = (listener.links.clone(), dialler.links.clone());
    tokio::join!(here.settle(false), there.settle(true));
    listener.links.report_unconfirmed();
    let unsettled = listener.wait_for_entry(JournalKind::Unconfirmed).await;
    assert_eq!(unsettled.peer, Some(party(2)), "machine 2 never came");
    assert_eq!(listener.links.undelivered(), []);
}

#[tokio::test]
async fn a_handshake_that_is_tampered_with_makes_no_link() {
    // The distance in a hello, the nonce and the proof of what follows.
    for (kind, at) in [(1, 36), (1, 20), (3, 5)] {
        let secret = Secret::fresh().expect("chance");
        let mut listener = Node::new(&secret, 0, 0, false).await;
        let dialler = Node::new(&secret, 1, 0, false).await;
        let relay = Relay::start(listener.address, AT_ONCE, move || {
            Box::new(move |frame| match frame[1] == kind {
                true => vec![changed(&frame, at, frame[at] ^ 1)],
                false => vec![frame],
            })
        })
        .await;
        dialler.links.dial_all(&[(party(0), relay.address)]);
        listener.wait_for_entry(JournalKind::Refused).await;
        dialler.links.send(party(0), message(1));
        assert_eq!(dialler.links.undelivered(), [(party(0), 1)], "kind {kind}");
    }
}

#[tokio::test]
async fn what_is_swallowed_is_silence_and_then_the_end() {
    let secret = Secret::fresh().expect("chance");
    let mut listener = Node::with_beat(&secret, 0, 0, false, QUICK).await;
    let mut dialler = Node::with_beat(&secret, 1, 0, false, QUICK).await;
    let relay = Relay::start(listener.address, AT_ONCE, honest).await;
    dialler.links.dial_all(&[(party(0), relay.address)]);
    listener.wait_for_link(1).await;
    dialler.wait_for_link(0).await;
    for (node, peer) in [(&listener, 1), (&dialler, 0)] {
        node.links.send(party(peer), message(0));
    }
    let arrived = |event: &LinkEvent| matches!(event, LinkEvent::Message(..));
    listener.wait_for("a word", arrived).await;
    dialler.wait_for("a word", arrived).await;
    relay.swallow();
    dialler.links.send(party(0), message(1));
    for (node, peer) in [(&mut listener, 1), (&mut dialler, 0)] {
        let silent = node.wait_for_entry(JournalKind::Silent).await;
        assert_eq!(silent.peer, Some(party(peer)));
        let since_ns = silent.since_ns.expect("since when");
        assert!(since_ns < silent.time_ns, "{silent:?}");
    }
    let (_, fault) = listener.messages_until_lost().await;
    // Who is first leaves, and the other may see no more than that.
    let fault = match fault {
        Some(fault) => fault,
        None => {
            let (_, fault) = dialler.messages_until_lost().await;
            fault.expect("it was first")
        }
    };
    assert!(
        fault.starts_with("nothing was heard from it for 1 s"),
        "{fault}"
    );
    dialler.links.report_unconfirmed();
    let unsettled = dialler.wait_for_entry(JournalKind::Unconfirmed).await;
    assert_eq!(unsettled.peer, Some(party(0)));
    // The first came through, and may have been confirmed before nothing passed any more.
    assert!(matches!(unsettled.count, Some(1 | 2)), "{unsettled:?}");
}

#[tokio::test]
async fn a_link_that_is_heard_again_goes_on() {
    let secret = Secret::fresh().expect("chance");
    let mut listener = Node::with_beat(&secret, 0, 0, false, QUICK * 4).await;
    let dialler = Node::with_beat(&secret, 1, 0, false, QUICK * 15).await;
    dialler.links.dial_all(&[(party(0), listener.address)]);
    // The dialler beats so slowly that it seems silent, and not slowly enough to seem dead.
    let silent = listener.wait_for_entry(JournalKind::Silent).await;
    let heard = listener.wait_for_entry(JournalKind::Heard).await;
    assert!(heard.since_ns >= silent.since_ns, "{silent:?} {heard:?}");
    dialler.links.send(party(0), message(1));
    let arrived = |event: &LinkEvent| matches!(event, LinkEvent::Message(..));
    listener.wait_for("the link still works", arrived).await;
}

#[tokio::test]
async fn messages_in_flight_when_a_connection_is_cut_are_counted_when_it_is_back() {
    let secret = Secret::fresh().expect("chance");
    let mut listener = Node::new(&secret, 0, 0, true).await;
    let mut dialler = Node::new(&secret, 1, 0, true).await;
    let relay = Relay::start(listener.address, AT_ONCE, honest).await;
    dialler.links.dial_all(&[(party(0), relay.address)]);
    dialler.wait_for_link(0).await;
    listener.wait_for_link(1).await;
    for number in 0..5 {
        dialler.links.send(party(0), message(number));
    }
    let fifth =
        |event: &LinkEvent| matches!(event, LinkEvent::Message(_, frame) if *frame == message(4));
    listener.wait_for("the first five", fifth).await;

    relay.swallow();
    for number in 5..12 {
        dialler.links.send(party(0), message(number));
    }
    for number in 0..3 {
        listener.links.send(party(1), message(number));
    }
    relay.has_swallowed(10).await;
    relay.cut();
    for (node, peer, count) in [(&mut dialler, 0, 7), (&mut listener, 1, 3)] {
        let undelivered = node.wait_for_entry(JournalKind::Undelivered).await;
        assert_eq!(
            (undelivered.peer, undelivered.count),
            (Some(party(peer)), Some(count))
        );
        assert_eq!(node.links.undelivered(), [(party(peer), count)]);
    }
    dialler.links.send(party(0), message(12));
    let next = |event: &LinkEvent| matches!(event, LinkEvent::Message(..));
    let LinkEvent::Message(_, frame) = listener.wait_for("the next", next).await else {
        unreachable!("that is what was waited for");
    };
    assert_eq!(frame, message(12));

    let (here, there) = (listener.links.clone(), dialler.links.clone());
    tokio::join!(here.settle(false), there.settle(false));
    dialler.links.report_rest();
    dialler.links.report_unconfirmed();
    let listed = |event: &LinkEvent| matches!(event, LinkEvent::Journal(entry) if entry.peer == Some(party(0)) || entry.kind == JournalKind::Unconfirmed);
    match dialler
        .wait_for("nothing more about machine 0", listed)
        .await
    {
        LinkEvent::Journal(entry) => assert_eq!(entry.peer, Some(party(2)), "{entry:?}"),
        _ => unreachable!("that is what was waited for"),
    }
}

#[tokio::test]
async fn a_connection_that_is_back_when_one_end_takes_leave_hears_its_farewell() {
    let secret = Secret::fresh().expect("chance");
    let mut listener = Node::new(&secret, 0, 0, true).await;
    let mut dialler = Node::new(&secret, 1, 0, true).await;
    let relay = Relay::start(listener.address, AT_ONCE, honest).await;
    dialler.links.dial_all(&[(party(0), relay.address)]);
    dialler.wait_for_link(0).await;
    listener.wait_for_link(1).await;
    let lost = |event: &LinkEvent| matches!(event, LinkEvent::Lost(..));
    relay.cut();
    listener.wait_for("the end of the first", lost).await;
    // Nobody is there to whom it could be said.
    listener.links.settle(false).await;
    dialler.wait_for_link(0).await;
    dialler.links.settle(true).await;
    dialler.links.report_unconfirmed();
    let unsettled = dialler.wait_for_entry(JournalKind::Unconfirmed).await;
    assert_eq!(unsettled.peer, Some(party(2)), "machine 2 never came");
}

#[tokio::test]
async fn a_connection_that_comes_and_goes_fills_no_journal() {
    let secret = Secret::fresh().expect("chance");
    let mut listener = Node::new(&secret, 0, 0, true).await;
    let dialler = Node::new(&secret, 1, 0, true).await;
    // Every connection is spoilt by its first sealed frame but one.
    let relay = Relay::start(listener.address, AT_ONCE, || {
        Box::new(|frame| match frame[1] {
            8 => vec![changed(&frame, 2, 99)],
            _ => vec![frame],
        })
    })
    .await;
    dialler.links.dial_all(&[(party(0), relay.address)]);
    for _ in 0..20 {
        listener.wait_for_entry(JournalKind::Connected).await;
        listener.wait_for_entry(JournalKind::Lost).await;
    }
    for _ in 0..3 {
        let lost = |event: &LinkEvent| match event {
            LinkEvent::Journal(entry) => panic!("listed once more: {entry:?}"),
            LinkEvent::Lost(..) => true,
            _ => false,
        };
        // The loss of the last connection, listed, and two more.
        listener.wait_for("another loss", lost).await;
    }
    listener.links.report_rest();
    let rest = listener.wait_for_entry(JournalKind::Lost).await;
    assert!(rest.count >= Some(2), "{rest:?}");
}

/// Links whose relay holds everything back for this long on each way.
async fn reached_over(delay: Duration) {
    let secret = Secret::fresh().expect("chance");
    let mut listener = Node::new(&secret, 0, 0, false).await;
    let mut dialler = Node::new(&secret, 1, 0, false).await;
    let relay = Relay::start(listener.address, delay, honest).await;
    dialler.links.dial_all(&[(party(0), relay.address)]);
    dialler.wait_for_link(0).await;
    listener.wait_for_link(1).await;
    dialler.links.send(party(0), message(1));
    let arrived = |event: &LinkEvent| matches!(event, LinkEvent::Message(..));
    listener.wait_for("a message", arrived).await;
    assert!(
        relay.connections() <= 2,
        "one attempt to learn how far it is"
    );
}

#[tokio::test]
async fn a_peer_that_is_far_away_is_reached() {
    // The second is farther than a stranger is given time for: the dialler learns that, and says so.
    tokio::join!(
        reached_over(Duration::from_millis(600)),
        reached_over(Duration::from_millis(2000))
    );
}
