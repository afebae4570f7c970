//! Bounds of the protocol: at the bound, and one beyond.

use chat::answer::Answer;
use chat::identity::Offset;
use chat::refusal::Refusal;
use chat::wire::request::Request;

use crate::device::Device;
use crate::person::{Person, answered, creation, login, name, refused};
use crate::world::World;

pub(crate) async fn text<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    ada.listen(0).await;
    let longest = "é".repeat(8192);
    ada.send("ada", &longest).await;
    assert_eq!(ada.texts(0, 1).await, [longest.as_str()]);
    let refusal = refused(ada.try_send("ada", &format!("{longest}.")).await);
    assert_eq!(refusal, Refusal::TextTooLong { bytes: 16385 });
    ada.send("ada", "short").await;
}

pub(crate) async fn password<D: Device>() {
    let world = World::usual().await;
    let mut device = D::connect(&world).await;
    let longest = "p".repeat(1024);
    let beyond = "p".repeat(1025);
    let refusal = refused(device.ask(creation("ada", Some(&beyond))).await);
    assert_eq!(refusal, Refusal::PasswordTooLong);
    answered(device.ask(creation("ada", Some(&longest))).await);
    let refusal = refused(device.ask(login("ada", Some(&beyond))).await);
    assert_eq!(refusal, Refusal::PasswordTooLong);
    answered(device.ask(login("ada", Some(&longest))).await);
}

pub(crate) async fn names<D: Device>() {
    let world = World::usual().await;
    let mut device = D::connect(&world).await;
    answered(device.ask(creation(&"a".repeat(32), None)).await);
    answered(device.ask(creation("a", None)).await);
}

pub(crate) async fn pattern<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    let longest = "é".repeat(64);
    assert_eq!(ada.names(&longest, None, 9).await, (Vec::new(), false));
    let request = Request::List {
        pattern: format!("{longest}*"),
        after: None,
        most: 9,
    };
    assert_eq!(refused(ada.ask(request).await), Refusal::PatternTooLong);
}

pub(crate) async fn who<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    assert_eq!(ada.who(&["ada"; 100]).await.len(), 100);
    assert_eq!(ada.who(&[]).await, []);
    let names = vec![name("ada"); 101];
    let allowed = 100;
    assert_eq!(
        refused(ada.ask(Request::Who { names }).await),
        Refusal::TooMany { allowed }
    );
}

/// A page of accounts has a thousand, whatever is asked for.
pub(crate) async fn list_page<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    for number in 0..1000 {
        answered(ada.ask(creation(&format!("b{number:04}"), None)).await);
    }
    let (page, more) = ada.names("*", None, u32::MAX).await;
    assert_eq!((page.len(), more), (1000, true));
    let (rest, more) = ada
        .names("*", page.last().map(String::as_str), u32::MAX)
        .await;
    assert_eq!((rest, more), (vec!["b0999".to_owned()], false));
}

/// A page of a history has a hundred messages, and no more than fit a frame.
pub(crate) async fn history_page<D: Device>() {
    let world = World::usual().await;
    let mut ada: Person<D> = Person::new(&world, "ada").await;
    for _ in 0..101 {
        ada.send("ada", "x").await;
    }
    let (messages, more) = ada.history(0, u32::MAX).await;
    assert_eq!((messages.len(), more), (100, true));
    let long = "x".repeat(16384);
    for _ in 0..5 {
        ada.send("ada", &long).await;
    }
    let (messages, more) = ada.history(0, 100).await;
    assert_eq!((messages.len(), more), (3, true));
    assert_eq!(messages[2].offset, Offset(106));
    let request = Request::History {
        before: messages[0].offset,
        most: 2,
    };
    let Answer::History { messages, .. } = answered(ada.ask(request).await) else {
        panic!("a history")
    };
    assert_eq!(messages[1].offset, Offset(103));
}
