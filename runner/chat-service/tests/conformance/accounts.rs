//! Accounts: creating, listing and deleting them, and who is there.

use chat::answer::Answer;
use chat::identity::{Nonce, Password, Sequence};
use chat::refusal::{Refusal, SessionEnd};
use chat::wire::request::Request;
use chat::wire::response::{Notice, Presence, Response};

use crate::device::Device;
use crate::person::{Person, answered, creation, login, name, nonce, refused};
use crate::world::World;

/// A name has one owner; its creator may ask again; case is folded.
pub(crate) async fn create<D: Device>() {
    let world = World::usual().await;
    let mut device = D::connect(&world).await;
    let request = Request::Create {
        name: name("Ada"),
        password: None,
        nonce: nonce(),
    };
    let first = answered(device.ask(request.clone()).await);
    assert!(matches!(first, Answer::Created { .. }));
    assert_eq!(answered(device.ask(request).await), first);
    let other = device.ask(creation("aDA", None)).await;
    assert_eq!(refused(other), Refusal::NameTaken);
}

/// What is no name is malformed, and the connection goes on.
pub(crate) async fn create_without_a_name<D: Device>() {
    let world = World::usual().await;
    let mut device = D::connect(&world).await;
    for wrong in ["two words", "é", "a/b", "tab\tstop", "x\u{1b}[2J"] {
        let refusal = refused(device.create_wrong(wrong).await);
        assert!(
            matches!(refusal, Refusal::Malformed { .. }),
            "{wrong}: {refusal:?}"
        );
    }
    answered(device.ask(creation("ada", None)).await);
}

/// The last account that there is room for, and one more.
pub(crate) async fn accounts_full<D: Device>() {
    let world = World::bounded(|settings| settings.accounts_max = 2).await;
    let mut device = D::connect(&world).await;
    answered(device.ask(creation("ada", None)).await);
    answered(device.ask(creation("bob", None)).await);
    let third = device.ask(creation("cleo", None)).await;
    assert_eq!(refused(third), Refusal::AccountsFull);
}

/// Right, wrong and missing passwords; a bound on guesses that holds for the right one too.
pub(crate) async fn passwords<D: Device>() {
    let world = World::bounded(|settings| settings.guesses_burst = 2).await;
    let mut device = D::connect(&world).await;
    answered(device.ask(creation("ada", Some("s3cret ✓"))).await);
    for wrong in [None, Some("s3cret")] {
        let refusal = refused(device.ask(login("ada", wrong)).await);
        assert_eq!(refusal, Refusal::WrongPassword);
    }
    let refusal = refused(device.ask(login("ada", Some("s3cret ✓"))).await);
    let Refusal::RateLimited { retry_after_ms } = refusal else {
        panic!("{refusal:?}")
    };
    assert!((1..=10_000).contains(&retry_after_ms), "{retry_after_ms}");
    // Without guesses before it is let in, and nobody else suffers.
    answered(device.ask(creation("bob", Some("b"))).await);
    answered(device.ask(login("bob", Some("b"))).await);
}

/// A password of an account that has none is not looked at.
pub(crate) async fn password_where_none_is_needed<D: Device>() {
    let world = World::usual().await;
    let mut device = D::connect(&world).await;
    answered(device.ask(creation("ada", None)).await);
    answered(device.ask(login("ada", Some("anything"))).await);
}

/// Pages in the order of names, by pattern.
pub(crate) async fn list<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    for text in ["bob", "bert", "cleo"] {
        answered(ada.ask(creation(text, None)).await);
    }
    let all = ["ada", "bert", "bob", "cleo"].map(str::to_owned).to_vec();
    assert_eq!(ada.names("", None, 1000).await, (all.clone(), false));
    assert_eq!(ada.names("*", None, 4).await, (all.clone(), false));
    assert_eq!(ada.names("*", None, 3).await, (all[..3].to_vec(), true));
    assert_eq!(
        ada.names("*", Some("bob"), 3).await,
        (all[3..].to_vec(), false)
    );
    assert_eq!(ada.names("B*", None, 9).await, (all[1..3].to_vec(), false));
    assert_eq!(ada.names("b?b", None, 9).await, (all[2..3].to_vec(), false));
    assert_eq!(ada.names("*", None, 0).await, (Vec::new(), true));
    assert_eq!(ada.names("nobody*", None, 9).await, (Vec::new(), false));
}

/// Who is logged in is in lists; who is connected is asked for.
pub(crate) async fn presence<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    answered(ada.ask(creation("bob", None)).await);
    assert_eq!(
        ada.who(&["ada", "bob", "cleo"]).await,
        [Presence::Online, Presence::Offline, Presence::NoAccount]
    );
    let bob: Person<D> = Person::again(&world, "bob").await;
    assert_eq!(ada.who(&["bob"]).await, [Presence::Online]);
    let mut bob = bob;
    assert_eq!(answered(bob.ask(Request::LogOut).await), Answer::LoggedOut);
    assert_eq!(ada.who(&["bob"]).await, [Presence::Offline]);
}

/// A deleted account takes its mailbox with it, says so to its other devices, and leaves its name to others.
pub(crate) async fn delete<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    let mut bob: Person<D> = Person::new(&world, "bob").await;
    let mut phone: Person<D> = Person::again(&world, "bob").await;
    for text in ["one", "two", "three"] {
        ada.send("bob", text).await;
    }
    phone.listen(0).await;
    phone.texts(0, 3).await;
    phone.acknowledge(1).await;
    let early = bob
        .ask(Request::Delete {
            sequence: Sequence(2),
        })
        .await;
    let expected = Sequence(1);
    assert_eq!(refused(early), Refusal::OutOfOrder { expected });
    let gone = bob
        .ask(Request::Delete {
            sequence: Sequence(1),
        })
        .await;
    assert_eq!(answered(gone), Answer::Deleted { dropped: 2 });
    let end = SessionEnd::Deleted;
    let dismissed = phone.device.dismissed().await;
    assert!(
        matches!(dismissed, Refusal::SessionEnded { end: why, .. } if why == end),
        "{dismissed:?}"
    );
    assert_eq!(
        refused(ada.try_send("bob", "are you there?").await),
        Refusal::NoAccount
    );
    for token in [bob.token, phone.token] {
        let refusal = refused(D::ask_with(&world, token, Request::LogOut).await);
        assert!(
            matches!(refusal, Refusal::SessionEnded { end: why, .. } if why == end),
            "{refusal:?}"
        );
    }
    let refusal = refused(D::connect(&world).await.ask(login("bob", None)).await);
    assert_eq!(refusal, Refusal::NoAccount);
    // The next of the name is another one.
    let mut next: Person<D> = Person::new(&world, "bob").await;
    assert_ne!(next.opened.account, bob.opened.account);
    assert_eq!(next.listen(0).await.0, 0);
}

/// A repeated log-in of one device opens one session.
pub(crate) async fn login_twice_with_one_nonce<D: Device>() {
    let world = World::bounded(|settings| settings.one_device = true).await;
    let mut device = D::connect(&world).await;
    answered(device.ask(creation("ada", None)).await);
    let asked = |nonce| Request::LogIn {
        login: chat::wire::request::Login::New {
            name: name("ada"),
            password: None::<Password>,
            nonce,
        },
    };
    let session = |response| match answered(response) {
        Answer::LoggedIn { opened, .. } => opened.session,
        other => panic!("{other:?}"),
    };
    let first = session(D::connect(&world).await.ask(asked(Nonce([9; 16]))).await);
    let second = session(D::connect(&world).await.ask(asked(Nonce([9; 16]))).await);
    assert_eq!(first, second);
    let other = D::connect(&world).await.ask(asked(Nonce([8; 16]))).await;
    assert_eq!(refused(other), Refusal::AnotherDevice);
}

/// A server says how it is to everybody.
pub(crate) async fn status<D: Device>() {
    let world = World::usual().await;
    let mut stranger = D::connect(&world).await;
    match stranger.ask(Request::Status).await {
        Response::Noticed(Notice::Status { status }) => {
            assert!(status.standing.is_serving);
            assert_eq!(status.standing.primary, Some(status.standing.server));
        }
        other => panic!("{other:?}"),
    }
}

/// A server that does not serve refuses what needs the state, and says how it is.
pub(crate) async fn not_primary<D: Device>() {
    let world = World::with(|plan| plan.servers = 3).await;
    let mut stranger = D::connect(&world).await;
    let hint = None;
    let refusal = refused(stranger.ask(creation("ada", None)).await);
    assert_eq!(refusal, Refusal::NotPrimary { hint });
    let refusal = refused(stranger.ask(login("ada", None)).await);
    assert_eq!(refusal, Refusal::NotPrimary { hint });
    match stranger.ask(Request::Status).await {
        Response::Noticed(Notice::Status { status }) => assert!(!status.standing.is_serving),
        other => panic!("{other:?}"),
    }
}
