//! Sends: once each, in order, answered as the first time.

use chat::answer::{Answer, Delivery};
use chat::identity::{Offset, Sequence};
use chat::refusal::Refusal;

use crate::device::Device;
use crate::person::{Person, answered, refused};
use crate::world::World;

/// A message reaches who is there at once, and waits for who is not.
pub(crate) async fn at_once_or_queued<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    let mut bob: Person<D> = Person::new(&world, "bob").await;
    let placement = ada.send("BOB", "good day").await;
    assert_eq!(
        (placement.to, placement.offset),
        (bob.opened.account, Offset(1))
    );
    assert_eq!(placement.delivery, Delivery::AtOnce);
    answered(bob.ask(chat::wire::request::Request::LogOut).await);
    let placement = ada.send("bob", "good night").await;
    assert_eq!(
        (placement.offset, placement.delivery),
        (Offset(2), Delivery::Queued)
    );
}

/// Everything about a message arrives.
pub(crate) async fn what_a_message_says<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "Ada").await;
    let mut bob: Person<D> = Person::new(&world, "bob").await;
    bob.listen(0).await;
    let text = "naïve 名前 🦀 e\u{301}\r\n\u{202e}end\u{0}";
    ada.send("bob", text).await;
    let message = bob.device.pushed().await;
    assert_eq!((message.offset, message.sequence), (Offset(1), Sequence(1)));
    assert_eq!(
        (message.session, message.author),
        (ada.opened.session, ada.opened.account)
    );
    assert_eq!(
        (message.from.as_str(), message.text.as_str()),
        ("ada", text)
    );
    // The world's calendar begins in 2026.
    assert!(
        message.accepted.0 >= 1_767_225_600_000,
        "{:?}",
        message.accepted
    );
    let (kept, _) = bob.history(0, 1).await;
    assert_eq!(kept, [message]);
}

/// An empty text is a text, and one may write to oneself.
pub(crate) async fn empty_text_to_oneself<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    ada.listen(0).await;
    ada.send("ada", "").await;
    assert_eq!(ada.texts(0, 1).await, [""]);
}

/// A repeated send has the first answer, on another connection too, and sends nothing.
pub(crate) async fn repeated_send<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    let mut bob: Person<D> = Person::new(&world, "bob").await;
    let first = ada.send("bob", "once").await;
    for is_elsewhere in [false, true] {
        if is_elsewhere {
            ada.device.lose_connection(&world).await;
            let login = chat::wire::request::Login::Again { token: ada.token };
            answered(ada.ask(chat::wire::request::Request::LogIn { login }).await);
        }
        // Not even another text changes it.
        let again = answered(ada.send_as(1, 0, "bob", "twice?").await);
        let expected = Answer::Sent {
            sequence: Sequence(1),
            is_repeated: true,
            placement: Some(first),
        };
        assert_eq!(again, expected);
    }
    assert_eq!(bob.listen(0).await, (1, 1));
    assert_eq!(bob.texts(0, 1).await, ["once"]);
    // Confirmed, the answer is no longer kept; that it was sent still is.
    ada.send("bob", "next").await;
    let again = answered(ada.send_as(1, 1, "bob", "once").await);
    let expected = Answer::Sent {
        sequence: Sequence(1),
        is_repeated: true,
        placement: None,
    };
    assert_eq!(again, expected);
}

/// A refusal that settles its sequence is repeated too.
pub(crate) async fn repeated_refusal<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    for _ in 0..2 {
        let refusal = refused(ada.send_as(1, 0, "bob", "hello?").await);
        assert_eq!(refusal, Refusal::NoAccount);
    }
    let _bob: Person<D> = Person::new(&world, "bob").await;
    assert_eq!(
        refused(ada.send_as(1, 0, "bob", "hello?").await),
        Refusal::NoAccount
    );
    answered(ada.send_as(2, 1, "bob", "hello!").await);
}

/// A sequence that comes too early is refused, with the one that is due.
pub(crate) async fn out_of_order<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    let expected = Sequence(1);
    assert_eq!(
        refused(ada.send_as(2, 0, "ada", "b").await),
        Refusal::OutOfOrder { expected }
    );
    answered(ada.send_as(1, 0, "ada", "a").await);
    answered(ada.send_as(2, 0, "ada", "b").await);
}

/// As many answers may be unconfirmed as the window says, and not one more.
pub(crate) async fn window<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    for sequence in 1..=32 {
        answered(ada.send_as(sequence, 0, "ada", "x").await);
    }
    assert_eq!(
        refused(ada.send_as(33, 0, "ada", "x").await),
        Refusal::WindowFull
    );
    // It settles nothing: once one is confirmed the same is sent.
    answered(ada.send_as(33, 1, "ada", "x").await);
}

/// The rate of an account: its burst, and one more.
pub(crate) async fn rate<D: Device>() {
    let world = World::bounded(|settings| {
        settings.sends_burst = 3;
        // One in a quarter of an hour: however slow the host is, the fourth is early.
        settings.sends_per_second = 0;
    })
    .await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    let mut sent = 0;
    let refusal = loop {
        match ada.try_send("ada", "x").await {
            chat::wire::response::Response::Refused(refusal) => break refusal,
            _ => sent += 1,
        }
        assert!(sent < 1000, "nothing is too fast");
    };
    assert!(sent >= 3, "{sent}");
    let Refusal::RateLimited { retry_after_ms } = refusal else {
        panic!("{refusal:?}")
    };
    assert!((1..=1000).contains(&retry_after_ms), "{retry_after_ms}");
    // The sequence is free: the wait that it says is enough.
    tokio::time::sleep(std::time::Duration::from_millis(
        u64::from(retry_after_ms) + 1,
    ))
    .await;
    ada.send("ada", "x").await;
}
