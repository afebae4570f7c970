//! Somebody with an account, at a device.

use std::sync::atomic::{AtomicU64, Ordering};

use chat::answer::{Answer, Message, Opened, Placement};
use chat::identity::{Nonce, Offset, Password, Sequence, Token};
use chat::name::Name;
use chat::refusal::Refusal;
use chat::wire::request::{Login, Request};
use chat::wire::response::{Notice, Presence, Response};

use crate::device::Device;
use crate::world::World;

/// A nonce that nobody has had.
pub(crate) fn nonce() -> Nonce {
    static LAST: AtomicU64 = AtomicU64::new(1);
    let last = LAST.fetch_add(1, Ordering::Relaxed);
    let mut nonce = [0; 16];
    nonce[..8].copy_from_slice(&last.to_be_bytes());
    Nonce(nonce)
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

/// The creation of an account.
pub(crate) fn creation(text: &str, password: Option<&str>) -> Request {
    Request::Create {
        name: name(text),
        password: password.map(|password| Password(password.to_owned())),
        nonce: nonce(),
    }
}

/// A log-in.
pub(crate) fn login(text: &str, password: Option<&str>) -> Request {
    let login = Login::New {
        name: name(text),
        password: password.map(|password| Password(password.to_owned())),
        nonce: nonce(),
    };
    Request::LogIn { login }
}

/// The refusal that a response is.
pub(crate) fn refused(response: Response) -> Refusal {
    match response {
        Response::Refused(refusal) => refusal,
        other => panic!("a refusal is due: {other:?}"),
    }
}

/// The answer that a response is.
pub(crate) fn answered(response: Response) -> Answer {
    match response {
        Response::Answered(answer) => answer,
        other => panic!("an answer is due: {other:?}"),
    }
}

/// Somebody who is logged in.
pub(crate) struct Person<D> {
    pub(crate) device: D,
    pub(crate) opened: Opened,
    pub(crate) token: Token,
    /// The last sequence that was used.
    pub(crate) sequence: u64,
}

impl<D: Device> Person<D> {
    /// A new account, and its first device.
    pub(crate) async fn new(world: &World, text: &str) -> Person<D> {
        let mut device = D::connect(world).await;
        answered(device.ask(creation(text, None)).await);
        Person::at(device, text).await
    }

    /// A further device of an account.
    pub(crate) async fn again(world: &World, text: &str) -> Person<D> {
        Person::at(D::connect(world).await, text).await
    }

    async fn at(mut device: D, text: &str) -> Person<D> {
        match answered(device.ask(login(text, None)).await) {
            Answer::LoggedIn { opened, token } => Person {
                device,
                opened,
                token: token.expect("a new session has a token"),
                sequence: 0,
            },
            other => panic!("{other:?}"),
        }
    }

    /// A send under the next sequence, with all answers confirmed.
    pub(crate) async fn try_send(&mut self, to: &str, text: &str) -> Response {
        let sequence = self.sequence + 1;
        let response = self.send_as(sequence, self.sequence, to, text).await;
        let settles = match &response {
            Response::Answered(_) => true,
            Response::Refused(refusal) => refusal.is_final(),
            Response::Noticed(_) => false,
        };
        self.sequence += u64::from(settles);
        response
    }

    pub(crate) async fn send_as(
        &mut self,
        sequence: u64,
        confirmed: u64,
        to: &str,
        text: &str,
    ) -> Response {
        let request = Request::Send {
            sequence: Sequence(sequence),
            confirmed: Sequence(confirmed),
            to: name(to),
            text: text.to_owned(),
        };
        self.device.ask(request).await
    }

    /// A send that is accepted.
    pub(crate) async fn send(&mut self, to: &str, text: &str) -> Placement {
        let response = self.try_send(to, text).await;
        let Answer::Sent {
            sequence,
            is_repeated: false,
            placement: Some(placement),
        } = answered(response)
        else {
            panic!("a send is placed")
        };
        assert_eq!(sequence, Sequence(self.sequence));
        placement
    }

    /// Asks for messages: the last and the first that there are.
    pub(crate) async fn listen(&mut self, after: u64) -> (u64, u64) {
        let after = Offset(after);
        match answered(self.device.ask(Request::Deliver { after }).await) {
            Answer::Delivering { end, first } => (end.0, first.0),
            other => panic!("{other:?}"),
        }
    }

    /// The texts of the next messages, whose offsets go on from the one before the first.
    pub(crate) async fn texts(&mut self, after: u64, count: u64) -> Vec<String> {
        let mut texts = Vec::new();
        for offset in after + 1..=after + count {
            let message = self.device.pushed().await;
            assert_eq!(message.offset, Offset(offset));
            texts.push(message.text);
        }
        texts
    }

    pub(crate) async fn acknowledge(&mut self, through: u64) {
        let through = Offset(through);
        let answer = self.device.ask(Request::Acknowledge { through }).await;
        assert_eq!(answered(answer), Answer::Acknowledged { through });
    }

    pub(crate) async fn history(&mut self, before: u64, most: u32) -> (Vec<Message>, bool) {
        let before = Offset(before);
        match answered(self.device.ask(Request::History { before, most }).await) {
            Answer::History { messages, more } => (messages, more),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn names(
        &mut self,
        pattern: &str,
        after: Option<&str>,
        most: u32,
    ) -> (Vec<String>, bool) {
        let request = Request::List {
            pattern: pattern.to_owned(),
            after: after.map(name),
            most,
        };
        match answered(self.device.ask(request).await) {
            Answer::Listed { accounts, more } => (
                accounts
                    .iter()
                    .map(|account| account.name.to_string())
                    .collect(),
                more,
            ),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn who(&mut self, names: &[&str]) -> Vec<Presence> {
        let names = names.iter().map(|text| name(text)).collect();
        match self.device.ask(Request::Who { names }).await {
            Response::Noticed(Notice::Present { presence }) => presence,
            other => panic!("{other:?}"),
        }
    }

    /// What a response to a further request says, for what has no helper.
    pub(crate) async fn ask(&mut self, request: Request) -> Response {
        self.device.ask(request).await
    }
}
