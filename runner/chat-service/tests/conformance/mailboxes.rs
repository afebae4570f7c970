//! Mailboxes: what is queued, pushed, acknowledged and kept.

use chat::identity::Offset;
use chat::refusal::Refusal;
use chat::wire::request::Request;

use crate::device::Device;
use crate::person::{Person, answered, creation, login, refused};
use crate::world::World;

/// Messages wait for who is away, in order, and come when asked for.
pub(crate) async fn offline_queue<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    let mut cleo: Person<D> = Person::new(&world, "cleo").await;
    answered(ada.ask(creation("bob", None)).await);
    ada.send("bob", "a1").await;
    cleo.send("bob", "c1").await;
    ada.send("bob", "a2").await;
    let mut bob: Person<D> = Person::again(&world, "bob").await;
    assert_eq!(
        (bob.opened.acknowledged, bob.opened.end),
        (Offset(0), Offset(3))
    );
    assert!(bob.device.is_quiet().await, "nothing comes unasked");
    assert_eq!(bob.listen(0).await, (3, 1));
    assert_eq!(bob.texts(0, 3).await, ["a1", "c1", "a2"]);
    ada.send("bob", "a3").await;
    assert_eq!(bob.texts(3, 1).await, ["a3"]);
}

/// What is not acknowledged comes again; what is does not.
pub(crate) async fn acknowledged_once<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    let mut bob: Person<D> = Person::new(&world, "bob").await;
    for text in ["one", "two", "three"] {
        ada.send("bob", text).await;
    }
    bob.listen(0).await;
    bob.texts(0, 3).await;
    bob.acknowledge(2).await;
    bob.device.lose_connection(&world).await;
    let login = chat::wire::request::Login::Again { token: bob.token };
    answered(bob.ask(Request::LogIn { login }).await);
    bob.listen(2).await;
    assert_eq!(bob.texts(2, 1).await, ["three"]);
    // An acknowledgement never goes back.
    let answer = bob.ask(Request::Acknowledge { through: Offset(1) }).await;
    let through = Offset(2);
    assert_eq!(
        answered(answer),
        chat::answer::Answer::Acknowledged { through }
    );
}

/// Nothing beyond the end can be acknowledged or asked for.
pub(crate) async fn beyond_mailbox<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    ada.send("ada", "one").await;
    let through = Offset(2);
    let refusal = refused(ada.ask(Request::Acknowledge { through }).await);
    assert_eq!(refusal, Refusal::BeyondMailbox { end: 1 });
    let after = Offset(2);
    let refusal = refused(ada.ask(Request::Deliver { after }).await);
    assert_eq!(refusal, Refusal::BeyondMailbox { end: 1 });
    ada.acknowledge(1).await;
    assert_eq!(ada.listen(1).await.0, 1);
}

/// Sixty-four are pushed without an acknowledgement, and not one more.
pub(crate) async fn push_window<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    let mut bob: Person<D> = Person::new(&world, "bob").await;
    bob.listen(0).await;
    for number in 1..=70 {
        ada.send("bob", &number.to_string()).await;
    }
    bob.texts(0, 64).await;
    assert!(bob.device.is_quiet().await, "the window is full");
    bob.acknowledge(3).await;
    assert_eq!(bob.texts(64, 3).await, ["65", "66", "67"]);
    assert!(bob.device.is_quiet().await, "the window is full again");
    bob.acknowledge(67).await;
    assert_eq!(bob.texts(67, 3).await, ["68", "69", "70"]);
}

/// A second request for messages begins anew where it says.
pub(crate) async fn listen_again<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    for text in ["one", "two", "three"] {
        ada.send("ada", text).await;
    }
    ada.listen(0).await;
    ada.texts(0, 3).await;
    ada.listen(1).await;
    assert_eq!(ada.texts(1, 2).await, ["two", "three"]);
}

/// A service may push from the log-in on; over gRPC messages come where they are asked for.
pub(crate) async fn push_from_login<D: Device>() {
    let world = World::with(|plan| plan.pushes_from_login = true).await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    answered(ada.ask(creation("bob", None)).await);
    ada.send("bob", "one").await;
    let mut bob: Person<D> = Person::again(&world, "bob").await;
    if D::TRANSPORT == "gRPC" {
        bob.listen(0).await;
    }
    assert_eq!(bob.texts(0, 1).await, ["one"]);
}

/// The history is read backwards, page by page, and says whether there is more.
pub(crate) async fn history_pages<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    for number in 1..=7 {
        ada.send("ada", &number.to_string()).await;
    }
    let mut pages = Vec::new();
    let mut before = 0;
    loop {
        let (messages, more) = ada.history(before, 3).await;
        let offsets: Vec<u64> = messages.iter().map(|message| message.offset.0).collect();
        before = offsets[0];
        pages.push(offsets);
        if !more {
            break;
        }
    }
    assert_eq!(pages, [vec![5, 6, 7], vec![2, 3, 4], vec![1]]);
    assert_eq!(ada.history(0, 0).await, (Vec::new(), true));
    assert_eq!(ada.history(1, 9).await, (Vec::new(), false));
}

/// Acknowledged messages are kept as long as the service says, queued ones for ever.
pub(crate) async fn retention<D: Device>() {
    let world = World::bounded(|settings| settings.kept_messages_max = 2).await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    for number in 1..=6 {
        ada.send("ada", &number.to_string()).await;
    }
    ada.acknowledge(5).await;
    let (messages, more) = ada.history(0, 100).await;
    let offsets: Vec<u64> = messages.iter().map(|message| message.offset.0).collect();
    assert_eq!((offsets, more), (vec![4, 5, 6], false));
    assert_eq!(ada.listen(0).await, (6, 4));
    assert_eq!(ada.texts(3, 3).await, ["4", "5", "6"]);
}

/// As many messages of one sender are queued as the service says, and not one more; others still are.
pub(crate) async fn sender_quota<D: Device>() {
    let world = World::bounded(|settings| settings.queued_sender_messages_max = 2).await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    let mut cleo: Person<D> = Person::new(&world, "cleo").await;
    answered(ada.ask(creation("bob", None)).await);
    ada.send("bob", "1").await;
    ada.send("bob", "2").await;
    assert_eq!(
        refused(ada.try_send("bob", "3").await),
        Refusal::SenderQuota
    );
    cleo.send("bob", "4").await;
    let mut bob: Person<D> = Person::again(&world, "bob").await;
    bob.listen(0).await;
    assert_eq!(bob.texts(0, 3).await, ["1", "2", "4"]);
    bob.acknowledge(1).await;
    ada.send("bob", "5").await;
}

/// A full mailbox refuses, by number and by bytes.
pub(crate) async fn mailbox_full<D: Device>() {
    let world = World::bounded(|settings| {
        settings.queued_messages_max = 3;
        settings.queued_bytes_max = 10;
    })
    .await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    answered(ada.ask(creation("bob", None)).await);
    ada.send("bob", "12345").await;
    assert_eq!(
        refused(ada.try_send("bob", "123456").await),
        Refusal::MailboxFull
    );
    ada.send("bob", "1234").await;
    ada.send("bob", "1").await;
    assert_eq!(refused(ada.try_send("bob", "").await), Refusal::MailboxFull);
    let mut device = D::connect(&world).await;
    answered(device.ask(login("bob", None)).await);
    answered(
        device
            .ask(Request::Acknowledge { through: Offset(1) })
            .await,
    );
    ada.send("bob", "12345").await;
}
