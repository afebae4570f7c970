//! One server alone: what it pushes, in which order.

use chat::application::command::Command;
use chat::identity::{Nonce, RequestId, TimeMs, View};
use chat::name::Name;
use chat::refusal::Refusal;
use chat::wire::request::{PROTOCOL_VERSION, Request};
use chat::wire::response::{Response, ToClient};
use machine::process::Process;
use machine::process::effects::Effect;
use replica::durable::Change;
use replica::message::Event;
use replica::setup::Limits;

use super::alone::{Alone, CLIENT, Pushed, SECOND_NS, commands, create, position, responses};
use crate::message::Message;
use crate::server::Server;
use crate::server::event::ServerEvent;
use crate::server::setup::ServerSetup;

#[test]
fn a_reply_stands_behind_the_change_that_it_needs() {
    let mut alone = Alone::new(Limits::default());
    alone.connect();
    let pushed = alone.ask(1, View(0), create("ada"));
    let change = position(&pushed, |one| {
        matches!(one, Effect::Persist(Change::Append(_)))
    });
    let log = position(
        &pushed,
        |one| matches!(one, Effect::Record(ServerEvent::Replied { kind: "create-reply", op: Some(op), .. }) if op.0 == 1),
    );
    let reply = position(&pushed, |one| {
        matches!(one, Effect::Send { to: CLIENT, .. })
    });
    assert!(change < log && log < reply, "{pushed:#?}");
}

#[test]
fn who_has_seen_a_later_view_makes_a_server_step_down_once() {
    let mut alone = Alone::new(Limits::default());
    alone.connect();
    let later = View(1_000);
    let steps_down = |pushed: &[Pushed]| {
        let steps = pushed.iter().filter(|one| {
            matches!(
                one,
                Effect::Record(ServerEvent::Replica(Event::SteppedDown(_)))
            )
        });
        steps.count()
    };
    let pushed = alone.ask(1, later, Request::Ping);
    assert_eq!(steps_down(&pushed), 1, "{pushed:#?}");
    let refused = Response::Refused(Refusal::NotPrimary { hint: None });
    assert_eq!(responses(&pushed)[0].response, refused);
    assert!(
        pushed
            .iter()
            .any(|one| matches!(one, Effect::HangUp(CLIENT)))
    );
    // It serves again, in a later view than before, and believes the same claim no more.
    alone.pass(3 * SECOND_NS);
    assert!(alone.server.replica().is_serving());
    alone.connect();
    let pushed = alone.ask(2, later, Request::Ping);
    assert_eq!(steps_down(&pushed), 0, "{pushed:#?}");
    assert_eq!(responses(&pushed)[0].response, refused);
}

#[test]
fn what_has_no_room_in_the_log_is_refused_and_not_done() {
    let limits = Limits {
        window_max: 0,
        ..Limits::default()
    };
    let mut alone = Alone::new(limits);
    alone.connect();
    let pushed = alone.ask(1, View(0), create("ada"));
    assert!(commands(&pushed).is_empty(), "{pushed:#?}");
    let response = &responses(&pushed)[0].response;
    let is_refused = matches!(response, Response::Refused(Refusal::NotPrimary { .. }));
    assert!(is_refused, "{response:?}");
}

#[test]
fn commands_have_the_time_of_the_calendar_also_when_it_is_off() {
    let mut alone = Alone::new(Limits::default());
    alone.connect();
    let epoch_ms = ServerSetup::new(*alone.server.replica().setup()).epoch_ms;
    let elapsed_ms = alone.now.0 / 1_000_000;
    let pushed = alone.ask(1, View(0), create("ada"));
    assert_eq!(commands(&pushed)[0].0, TimeMs(epoch_ms + elapsed_ms));
    alone.server.shift_clock(5_000_000_000);
    let pushed = alone.ask(2, View(0), create("bob"));
    assert_eq!(
        commands(&pushed)[0].0,
        TimeMs(epoch_ms + elapsed_ms + 5_000)
    );
    // It is put back: time goes on, slowly, until the calendar has caught up.
    alone.server.shift_clock(-5_000_000_000);
    let pushed = alone.ask(3, View(0), create("cleo"));
    assert_eq!(
        commands(&pushed)[0].0,
        TimeMs(epoch_ms + elapsed_ms + 5_000)
    );
    alone.pass(2 * SECOND_NS);
    let pushed = alone.ask(4, View(0), create("dora"));
    assert_eq!(
        commands(&pushed)[0].0,
        TimeMs(epoch_ms + elapsed_ms + 6_000)
    );
}

#[test]
fn once_a_minute_it_looks_for_what_is_too_old() {
    let mut alone = Alone::new(Limits::default());
    let pushed = alone.pass(180 * SECOND_NS);
    let expiries = commands(&pushed);
    assert_eq!(expiries.len(), 3, "{expiries:?}");
    assert!(
        expiries
            .iter()
            .all(|(_, command)| **command == Command::Expire)
    );
}

#[test]
fn a_client_that_breaks_the_protocol_is_hung_up_on() {
    let mut alone = Alone::new(Limits::default());
    alone.connect();
    let response = Message::ToClient(Box::new(ToClient {
        id: RequestId(0),
        view: View(0),
        response: Response::Refused(Refusal::LoginNeeded),
    }));
    alone
        .server
        .receive(alone.now, CLIENT, response, &mut alone.effects);
    let pushed: Vec<Pushed> = alone.effects.drain().collect();
    assert!(
        matches!(&pushed[..], [Effect::HangUp(CLIENT)]),
        "{pushed:#?}"
    );
    // On a connection that has ended nothing is answered.
    let hello = Request::Hello {
        lowest: PROTOCOL_VERSION,
        highest: PROTOCOL_VERSION,
    };
    let pushed = alone.ask(1, View(0), hello.clone());
    assert!(responses(&pushed).is_empty());
    alone.connect();
    assert_eq!(responses(&alone.ask(1, View(0), hello)).len(), 1);
}

#[test]
fn a_hello_begins_a_connection_also_where_the_end_of_the_one_before_was_not_heard() {
    let mut alone = Alone::new(Limits::default());
    alone.connect();
    alone.ask(1, View(0), create("ada"));
    let log_in = || Request::LogIn {
        login: chat::wire::request::Login::New {
            name: Name::new("ada").expect("a name"),
            password: None,
            nonce: Nonce([2; 16]),
        },
    };
    let is_in = |pushed: &[Pushed]| {
        let responses = responses(pushed);
        let answer = &responses[0].response;
        matches!(
            answer,
            Response::Answered(chat::answer::Answer::LoggedIn { .. })
        )
    };
    assert!(is_in(&alone.ask(2, View(0), log_in())));
    let refused = alone.ask(3, View(0), log_in());
    let logged_in = Response::Refused(Refusal::LoggedIn);
    assert_eq!(responses(&refused)[0].response, logged_in);
    let hello = Request::Hello {
        lowest: PROTOCOL_VERSION,
        highest: PROTOCOL_VERSION,
    };
    alone.ask(4, View(0), hello);
    assert!(is_in(&alone.ask(5, View(0), log_in())));
}

#[test]
fn no_two_lives_draw_the_same_tokens() {
    let mut tokens = Vec::new();
    let mut disk = None;
    for _ in 0..3 {
        let mut alone = Alone::new(Limits::default());
        if let Some(disk) = disk.take() {
            let setup = ServerSetup::new(*alone.server.replica().setup());
            alone.server = Server::begin(&setup, disk, alone.now, &mut alone.effects);
            alone.pass(3 * SECOND_NS);
        }
        alone.connect();
        alone.ask(1, View(0), create("ada"));
        let login = chat::wire::request::Login::New {
            name: Name::new("ada").expect("a name"),
            password: None,
            nonce: Nonce([2; 16]),
        };
        let pushed = alone.ask(2, View(0), Request::LogIn { login });
        let answer = responses(&pushed)
            .into_iter()
            .find_map(|one| match &one.response {
                Response::Answered(chat::answer::Answer::LoggedIn { token, .. }) => *token,
                _ => None,
            });
        let token = answer.expect("a session is opened");
        assert!(!tokens.contains(&token), "a token is given twice");
        tokens.push(token);
        disk = Some(alone.server.replica().disk().clone());
    }
}
