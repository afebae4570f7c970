//! Sessions: logging in and out, going on after a break, several devices.

use chat::answer::Answer;
use chat::identity::{Offset, Sequence, Token};
use chat::refusal::{Refusal, SessionEnd};
use chat::wire::request::{Login, Request};

use crate::device::Device;
use crate::person::{Person, answered, creation, login, name, refused};
use crate::world::World;

/// What needs somebody to be logged in.
fn requests_of_sessions() -> Vec<Request> {
    vec![
        Request::LogOut,
        Request::Delete {
            sequence: Sequence(1),
        },
        Request::List {
            pattern: String::new(),
            after: None,
            most: 1,
        },
        Request::Send {
            sequence: Sequence(1),
            confirmed: Sequence(0),
            to: name("ada"),
            text: "psst".to_owned(),
        },
        Request::Deliver { after: Offset(0) },
        Request::Acknowledge { through: Offset(0) },
        Request::History {
            before: Offset(0),
            most: 1,
        },
        Request::Who { names: Vec::new() },
    ]
}

/// Nothing is done for strangers.
pub(crate) async fn login_needed<D: Device>() {
    let world = World::usual().await;
    let mut stranger = D::connect(&world).await;
    answered(stranger.ask(creation("ada", None)).await);
    for request in requests_of_sessions() {
        let refusal = refused(stranger.ask(request.clone()).await);
        assert_eq!(refusal, Refusal::LoginNeeded, "{request:?}");
    }
}

/// One session a connection.
pub(crate) async fn logged_in_already<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    assert_eq!(
        refused(ada.ask(login("ada", None)).await),
        Refusal::LoggedIn
    );
    ada.send("ada", "note to self").await;
}

/// Nobody logs in as nobody.
pub(crate) async fn login_without_account<D: Device>() {
    let world = World::usual().await;
    let mut device = D::connect(&world).await;
    assert_eq!(
        refused(device.ask(login("ada", None)).await),
        Refusal::NoAccount
    );
}

/// A session goes on where it was, after its connection broke.
pub(crate) async fn resume<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    ada.send("ada", "one").await;
    ada.send("ada", "two").await;
    ada.listen(0).await;
    ada.texts(0, 2).await;
    ada.acknowledge(1).await;
    ada.device.lose_connection(&world).await;
    let login = Login::Again { token: ada.token };
    let Answer::LoggedIn { opened, token } = answered(ada.ask(Request::LogIn { login }).await)
    else {
        panic!("a log-in is answered")
    };
    assert_eq!(token, None);
    assert_eq!(opened.session, ada.opened.session);
    assert_eq!(
        (opened.next, opened.acknowledged, opened.end),
        (Sequence(3), Offset(1), Offset(2))
    );
    ada.send("ada", "three").await;
    assert_eq!(ada.listen(1).await.0, 3);
    assert_eq!(ada.texts(1, 2).await, ["two", "three"]);
}

/// A token that nobody was given.
pub(crate) async fn unknown_token<D: Device>() {
    let world = World::usual().await;
    let refusal = refused(D::ask_with(&world, Token([7; 32]), Request::LogOut).await);
    assert_eq!(refusal, Refusal::NoSession);
}

/// A token is worth nothing after its session.
pub(crate) async fn token_after_log_out<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    ada.send("ada", "one").await;
    assert_eq!(answered(ada.ask(Request::LogOut).await), Answer::LoggedOut);
    for request in requests_of_sessions() {
        let refusal = refused(D::ask_with(&world, ada.token, request).await);
        let (end, settled) = (SessionEnd::LoggedOut, Sequence(1));
        assert_eq!(refusal, Refusal::SessionEnded { end, settled });
    }
}

/// After a log-out the same device logs in again.
pub(crate) async fn login_after_log_out<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    assert_eq!(answered(ada.ask(Request::LogOut).await), Answer::LoggedOut);
    assert_eq!(
        refused(ada.ask(Request::LogOut).await),
        Refusal::LoginNeeded
    );
    let Answer::LoggedIn { opened, .. } = answered(ada.ask(login("ada", None)).await) else {
        panic!("a log-in is answered")
    };
    assert_ne!(opened.session, ada.opened.session);
    assert_eq!(opened.next, Sequence(1));
}

/// A service for one device refuses the second.
pub(crate) async fn one_device<D: Device>() {
    let world = World::bounded(|settings| settings.one_device = true).await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    let mut second = D::connect(&world).await;
    assert_eq!(
        refused(second.ask(login("ada", None)).await),
        Refusal::AnotherDevice
    );
    assert_eq!(answered(ada.ask(Request::LogOut).await), Answer::LoggedOut);
    answered(second.ask(login("ada", None)).await);
}

/// As many devices as are allowed, and one more: the one that was used least recently is told.
pub(crate) async fn evicted<D: Device>() {
    let world = World::bounded(|settings| settings.sessions_max = 2).await;
    let mut first: Person<D> = Person::new(&world, "ada").await;
    let mut second: Person<D> = Person::again(&world, "ada").await;
    first.listen(0).await;
    // Who was used last is told by milliseconds of the service's time: let some pass.
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    second.send("ada", "from the second").await;
    let _third: Person<D> = Person::again(&world, "ada").await;
    assert_eq!(first.texts(0, 1).await, ["from the second"]);
    let dismissed = first.device.dismissed().await;
    let (end, settled) = (SessionEnd::Evicted, Sequence(0));
    assert_eq!(dismissed, Refusal::SessionEnded { end, settled });
    second.send("ada", "still here").await;
}

/// Every device gets every message; what one acknowledges is no longer queued.
pub(crate) async fn two_devices<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    let mut desk: Person<D> = Person::new(&world, "bob").await;
    let mut phone: Person<D> = Person::again(&world, "bob").await;
    assert_ne!(desk.token, phone.token);
    desk.listen(0).await;
    phone.listen(0).await;
    ada.send("bob", "one").await;
    ada.send("bob", "two").await;
    assert_eq!(desk.texts(0, 2).await, ["one", "two"]);
    assert_eq!(phone.texts(0, 2).await, ["one", "two"]);
    desk.acknowledge(2).await;
    // Each has sequences of its own.
    assert_eq!(desk.send("ada", "from the desk").await.offset, Offset(1));
    assert_eq!(phone.send("ada", "from the phone").await.offset, Offset(2));
    let third: Person<D> = Person::again(&world, "bob").await;
    assert_eq!(
        (third.opened.acknowledged, third.opened.end),
        (Offset(2), Offset(2))
    );
}
