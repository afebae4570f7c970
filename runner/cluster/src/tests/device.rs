//! One client alone: what it pushes, in which order.

use chat::answer::{Answer, Message as ChatMessage, Opened};
use chat::application::Application;
use chat::application::command::{Command, Entry};
use chat::identity::{Nonce, Offset, RequestId, Sequence, ServerId, TimeMs, Token, View};
use chat::limits::Settings;
use chat::wire::request::{Login, Request, ToServer};
use chat::wire::response::{Notice, Response, Standing, ToClient};
use machine::process::effects::{Effect, Effects};
use machine::process::units::{Peer, Time};
use machine::process::{EffectsOf, Process};

use crate::client::Client;
use crate::client::durable::{ClientChange, ClientDisk};
use crate::client::event::ClientEvent;
use crate::client::setup::ClientSetup;
use crate::message::Message;
use crate::workload::setup::{WorkloadSetup, account_name};

const SERVER: Peer = Peer(0);
const SECOND_NS: u64 = 1_000_000_000;

type Pushed = Effect<Message, ClientEvent, ClientChange>;

/// A client, and the answers of the only server that it has.
struct Device {
    client: Client,
    setup: ClientSetup,
    now: Time,
    effects: EffectsOf<Client>,
}

impl Device {
    fn new() -> Device {
        let workload = WorkloadSetup {
            seed: 7,
            trial: 0,
            client: 0,
            clients: 1,
            rate_per_s: 0.0,
            start: Time(0),
            end: Time(60 * SECOND_NS),
        };
        let setup = ClientSetup::new(1, workload);
        let mut effects = Effects::new();
        let client = Client::begin(&setup, ClientDisk::default(), Time(0), &mut effects);
        Device {
            client,
            setup,
            now: Time(0),
            effects,
        }
    }

    fn drain(&mut self) -> Vec<Pushed> {
        self.effects.drain().collect()
    }

    /// Goes on to the time for which it asked.
    fn wake(&mut self, pushed: &[Pushed]) -> Vec<Pushed> {
        let mut times = pushed.iter().filter_map(|effect| match effect {
            Effect::WakeAt(time) => Some(*time),
            _ => None,
        });
        let time = times
            .next_back()
            .expect("it is stuck: it waits for no time");
        assert!(time > self.now, "it waits for what has passed");
        self.now = time;
        self.client.wake(self.now, &mut self.effects);
        self.drain()
    }

    fn link(&mut self, is_up: bool) -> Vec<Pushed> {
        self.client.link(self.now, SERVER, is_up, &mut self.effects);
        self.drain()
    }

    fn hear(&mut self, from: Peer, id: RequestId, response: Response) -> Vec<Pushed> {
        let message = Message::ToClient(Box::new(ToClient {
            id,
            view: View(3),
            response,
        }));
        self.client
            .receive(self.now, from, message, &mut self.effects);
        self.drain()
    }

    /// Answers what it asks until it is logged in.
    fn log_in(&mut self) {
        let first = self.link(true);
        let mut asked = requests(&first);
        if asked.is_empty() {
            let pushed = self.wake_until_asked();
            asked = requests(&pushed);
        }
        while let Some((id, request)) = asked.pop() {
            let response = answer(&request);
            let is_last = matches!(request, Request::Deliver { .. });
            let pushed = self.hear(SERVER, id, response);
            asked = requests(&pushed);
            if is_last {
                return;
            }
        }
        panic!("it asks for nothing more, and is not logged in");
    }

    fn wake_until_asked(&mut self) -> Vec<Pushed> {
        for _ in 0..1_000 {
            self.now = self.now.after_ns(SECOND_NS / 100);
            self.client.wake(self.now, &mut self.effects);
            let pushed = self.drain();
            if !requests(&pushed).is_empty() {
                return pushed;
            }
        }
        panic!("it never asks");
    }
}

fn requests(pushed: &[Pushed]) -> Vec<(RequestId, Request)> {
    let sends = pushed.iter().filter_map(|effect| match effect {
        Effect::Send {
            to: SERVER,
            message: Message::ToServer(message),
        } => Some((message.id, message.request.clone())),
        _ => None,
    });
    sends.collect()
}

/// What a service with one account says: its session, and a message that it sent to itself.
fn service() -> (Opened, ChatMessage) {
    let mut service = Application::new(Settings::default());
    let mut apply = |command| {
        let time = TimeMs(1);
        service.apply(&Entry { time, command }).expect("it is done")
    };
    let (nonce, chance) = (Nonce([1; 16]), Nonce([2; 16]));
    apply(Command::Create {
        name: account_name(0),
        password: None,
        nonce,
        chance,
    });
    let answer = apply(Command::LogIn {
        name: account_name(0),
        proof: None,
        nonce,
        token: Token([9; 32]).digest(),
        chance,
    });
    let Answer::LoggedIn { opened, .. } = answer else {
        panic!("{answer:?}")
    };
    apply(Command::Send {
        session: opened.session,
        sequence: Sequence(1),
        confirmed: Sequence(0),
        to: account_name(0),
        text: "good day".to_owned(),
    });
    let message = service.messages_after(opened.account, Offset(0)).next();
    (opened, message.expect("it is there").clone())
}

fn standing() -> Standing {
    Standing {
        server: ServerId(0),
        is_serving: true,
        primary: Some(ServerId(0)),
    }
}

fn answer(request: &Request) -> Response {
    Response::Answered(match request {
        Request::Hello { .. } => {
            return Response::Noticed(Notice::Welcome {
                version: 1,
                standing: standing(),
                text_bytes_max: 1,
                window_max: 1,
            });
        }
        Request::Create { .. } => Answer::Created {
            account: service().0.account,
        },
        Request::LogIn { login } => Answer::LoggedIn {
            opened: service().0,
            token: matches!(login, Login::New { .. }).then_some(Token([9; 32])),
        },
        Request::Deliver { .. } => Answer::Delivering {
            end: Offset(0),
            first: Offset(1),
        },
        other => panic!("{other:?}"),
    })
}

fn push(message: &ChatMessage) -> Response {
    let message = message.clone();
    Response::Noticed(Notice::Message { message })
}

fn position(pushed: &[Pushed], is: impl Fn(&Pushed) -> bool) -> usize {
    let place = pushed.iter().position(is);
    place.unwrap_or_else(|| panic!("not in {pushed:#?}"))
}

fn is_shown(effect: &Pushed) -> bool {
    matches!(effect, Effect::Record(ClientEvent::Delivered { .. }))
}

#[test]
fn a_message_is_kept_then_shown_then_acknowledged_and_never_shown_again() {
    let (_, message) = service();
    let mut device = Device::new();
    device.log_in();
    let pushed = device.hear(SERVER, RequestId(0), push(&message));
    let kept = position(&pushed, |one| {
        matches!(one, Effect::Persist(ClientChange::Show { .. }))
    });
    assert!(kept < position(&pushed, is_shown));
    assert!(requests(&pushed).is_empty());
    let pushed = device.wake_until_asked();
    let through = Offset(1);
    assert_eq!(requests(&pushed)[0].1, Request::Acknowledge { through });
    let pushed = device.hear(SERVER, RequestId(0), push(&message));
    assert!(!pushed.iter().any(is_shown), "{pushed:#?}");
    // Nor in a later life, in which it goes on with the same session.
    let disk = device.client.disk().clone();
    assert_eq!(
        disk.shelves.values().next().map(|shelf| shelf.count),
        Some(1)
    );
    device.client = Client::begin(&device.setup, disk, device.now, &mut device.effects);
    let _ = device.drain();
    device.log_in();
    let pushed = device.hear(SERVER, RequestId(0), push(&message));
    assert!(!pushed.iter().any(is_shown), "{pushed:#?}");
}

#[test]
fn a_session_is_kept_before_anything_is_said_in_it() {
    let mut device = Device::new();
    let first = device.link(true);
    let mut asked = requests(&first);
    if asked.is_empty() {
        asked = requests(&device.wake_until_asked());
    }
    while let Some((id, request)) = asked.pop() {
        let pushed = device.hear(SERVER, id, answer(&request));
        if matches!(request, Request::LogIn { .. }) {
            let kept = position(&pushed, |one| {
                matches!(one, Effect::Persist(ClientChange::Session(Some(_))))
            });
            let said = position(&pushed, |one| matches!(one, Effect::Send { .. }));
            assert!(kept < said, "{pushed:#?}");
            return;
        }
        asked = requests(&pushed);
    }
    panic!("it never logs in");
}

#[test]
fn without_a_link_it_goes_on_trying_and_with_one_it_comes() {
    let mut device = Device::new();
    let mut pushed = device.drain();
    for _ in 0..20 {
        pushed = device.wake(&pushed);
        assert!(requests(&pushed).is_empty());
    }
    device.log_in();
    // The link goes and comes: it finds its way back by itself, with its session.
    let pushed = device.link(false);
    let is_lost = |one: &Pushed| matches!(one, Effect::Record(ClientEvent::Lost { .. }));
    assert!(pushed.iter().any(is_lost), "{pushed:#?}");
    assert!(
        !pushed
            .iter()
            .any(|one| matches!(one, Effect::HangUp(SERVER))),
        "there is nothing to close"
    );
    device.link(true);
    let asked = requests(&device.wake_until_asked());
    assert!(matches!(asked[0].1, Request::Hello { .. }), "{asked:?}");
}

#[test]
fn a_server_that_breaks_the_protocol_is_left_until_its_link_is_up_again() {
    let mut device = Device::new();
    device.log_in();
    let request = Message::ToServer(Box::new(ToServer {
        id: RequestId(1),
        view: View(3),
        request: Request::Ping,
    }));
    device
        .client
        .receive(device.now, SERVER, request, &mut device.effects);
    let pushed = device.drain();
    assert!(
        pushed
            .iter()
            .any(|one| matches!(one, Effect::HangUp(SERVER)))
    );
    let is_lost = |one: &Pushed| matches!(one, Effect::Record(ClientEvent::Lost { .. }));
    assert!(pushed.iter().any(is_lost), "{pushed:#?}");
    let mut pushed = pushed;
    for _ in 0..20 {
        pushed = device.wake(&pushed);
        assert!(requests(&pushed).is_empty(), "its link is closed");
    }
    device.link(true);
    let asked = requests(&device.wake_until_asked());
    assert!(matches!(asked[0].1, Request::Hello { .. }), "{asked:?}");
}

#[test]
fn what_comes_on_a_connection_that_has_ended_is_ignored() {
    let (_, message) = service();
    let mut device = Device::new();
    device.log_in();
    device.link(false);
    let pushed = device.hear(SERVER, RequestId(0), push(&message));
    assert!(!pushed.iter().any(is_shown), "{pushed:#?}");
    assert!(device.client.disk().shelves.is_empty());
}
