//! Conversations of scripts with a server of this process: what is shown, and the exit code.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use chat::limits::TEXT_BYTES_MAX;
use chat::name::Name;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::{Conversation, Deliver, Talk};
use crate::client::Device;
use crate::client::tests::bench::{PATIENCE, breaking_way, server, server_with, setup};
use crate::terminal::input::Input;
use crate::terminal::place::{Place, Reach};
use crate::terminal::screen::{Form, Screen};

/// A screen that remembers.
#[derive(Debug, Clone, Default)]
struct Shown(Arc<Mutex<Vec<u8>>>);

impl Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a script is shown, and how it ends.
struct End {
    shown: Vec<String>,
    code: anyhow::Result<u8>,
}

impl End {
    #[track_caller]
    fn expect(&self, expected: &[&str], code: u8) {
        let shown: Vec<&str> = self.shown.iter().map(String::as_str).collect();
        assert_eq!(shown, expected);
        assert_eq!(*self.code.as_ref().expect("a session"), code);
    }

    #[track_caller]
    fn has(&self, words: &str) {
        let has = self.shown.iter().any(|line| line.contains(words));
        assert!(has, "{words:?} in {:#?}", self.shown);
    }
}

fn talk(name: &str) -> Talk {
    Talk {
        place: Place::default(),
        name: Some(Name::new(name).expect("a name")),
        password: None,
        deliver: Deliver::OnLogin,
        patience: PATIENCE,
        stays: false,
        form: Form::Text,
    }
}

/// Carries out a script.
async fn script(address: SocketAddr, talk: Talk, lines: &[&str]) -> End {
    let listens = talk.deliver == Deliver::OnLogin;
    let reach = Reach {
        setup: setup(&[address], Device::ephemeral(), listens),
        history: None,
        advice: "`start` starts them".to_owned(),
    };
    let shown = Shown::default();
    let screen = Screen::into(talk.form, shown.clone());
    let (sender, input) = mpsc::channel(lines.len() + 1);
    for line in lines {
        let line = Input::Line((*line).to_owned());
        sender.try_send(line).expect("room for all");
    }
    sender.try_send(Input::End).expect("room for the end");
    let code = match Conversation::begin(talk, reach, screen, input, None) {
        Ok(conversation) => conversation.run().await,
        Err(error) => Err(error),
    };
    let shown = shown.0.lock().expect("no panic");
    let shown = String::from_utf8_lossy(&shown);
    End {
        shown: shown.lines().map(str::to_owned).collect(),
        code,
    }
}

#[tokio::test]
async fn a_script_is_carried_out_in_order() {
    let address = server().await;
    let ada = script(address, talk("ada"), &["@bob too early", "/who ada bob"]).await;
    ada.expect(
        &[
            "logged in as ada (a new account), server 0",
            "  not sent to bob, \"too early\": no account is called bob; `/list` shows who there is",
            "  ada  here",
            "  bob  nobody has this name",
            "ada is logged out",
        ],
        1,
    );
    script(address, talk("bob"), &[]).await.expect(
        &[
            "logged in as bob (a new account), server 0",
            "bob is logged out",
        ],
        0,
    );
    let ada = script(address, talk("ada"), &["@bob one", "@ada two", "/list *"]).await;
    ada.has("  queued for bob, who is not logged in");
    ada.has("ada: two");
    ada.has("  bob  not logged in");
    assert_eq!(ada.code.expect("a session"), 0);
    // Whoever reads at the end of a script has read what was queued.
    let bob = script(address, talk("bob"), &[]).await;
    bob.has("ada: one");
    let bob = script(address, talk("bob"), &["/history"]).await;
    assert_eq!(
        bob.shown
            .iter()
            .filter(|line| line.contains("ada: one"))
            .count(),
        1
    );
    assert_eq!(bob.code.expect("a session"), 0);
}

#[tokio::test]
async fn messages_are_shown_when_they_are_asked_for() {
    let address = server().await;
    script(address, talk("bob"), &[]).await;
    script(address, talk("ada"), &["@bob one", "@bob two"]).await;
    let on_request = || Talk {
        deliver: Deliver::OnRequest,
        ..talk("bob")
    };
    let quiet = script(address, on_request(), &["/status"]).await;
    quiet.expect(
        &[
            "logged in as bob, server 0; 2 messages are queued: /deliver",
            "server 0 serves, of servers 0",
            "bob is logged out",
        ],
        0,
    );
    let bob = script(address, on_request(), &["/deliver"]).await;
    bob.has("ada: one");
    bob.has("ada: two");
    let again = script(address, on_request(), &["/deliver"]).await;
    assert!(
        !again.shown.iter().any(|line| line.contains("ada:")),
        "{:#?}",
        again.shown
    );
}

#[tokio::test]
async fn a_connection_that_breaks_is_a_note_and_no_message_is_lost_or_doubled() {
    let server = server().await;
    script(server, talk("bob"), &[]).await;
    let lines: Vec<String> = (0..60)
        .map(|number| format!("@bob message {number}"))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let way = breaking_way(server, 11, 20).await;
    let ada = script(way, talk("ada"), &lines).await;
    assert_eq!(
        ada.code.as_ref().expect("a session"),
        &0,
        "{:#?}",
        ada.shown
    );
    ada.has("(reconnecting…)");
    ada.has("(connected again (server 0))");
    let queued = ada.shown.iter().filter(|line| line.starts_with("  queued"));
    assert_eq!(queued.count(), 60);
    let bob = script(server, talk("bob"), &[]).await;
    let messages = bob.shown.iter().filter_map(|line| line.split_once("ada: "));
    let messages: Vec<&str> = messages.map(|(_, text)| text).collect();
    let expected: Vec<&str> = lines.iter().map(|line| &line[5..]).collect();
    assert_eq!(messages, expected);
}

#[tokio::test]
async fn accounts_are_made_changed_and_deleted() {
    let address = server().await;
    let lines = [
        "/create carol",
        "/create carol",
        "/login carol",
        "/logout",
        "/login nobody",
        "/login carol",
        "/delete",
        "/delete carol",
        "/who carol",
    ];
    script(address, talk("ada"), &lines).await.expect(
        &[
            "logged in as ada (a new account), server 0",
            "account carol is made; `/login carol` to be it",
            "the name is taken: choose another",
            "ada is logged in; `/logout` first",
            "ada is logged out",
            "nobody is not logged in: no account has this name; `/list` shows who there is, `/create NAME` makes an account",
            "logged in as carol, server 0",
            "`/delete carol` deletes the account carol for ever, with all its messages",
            "account carol is gone",
            "nobody is logged in; `/login NAME`",
        ],
        1,
    );
}

/// What a new user meets in the first ten minutes: a line, and what is said of it.
#[tokio::test]
async fn errors_of_the_first_ten_minutes_say_what_to_do() {
    let address = server_with(|settings| {
        settings.queued_messages_max = 2;
        settings.sends_burst = 3;
    })
    .await;
    script(address, talk("bob"), &[]).await;
    let long = format!("@bob {}", "x".repeat(TEXT_BYTES_MAX + 1));
    let longest = format!("@bob {}", "x".repeat(TEXT_BYTES_MAX));
    for (line, said) in [
        ("@nobody hi", "no account is called nobody; `/list`"),
        ("@Bob! hi", "`Bob!` is no name: a name is made of"),
        ("hi", "`@NAME TEXT` sends a message"),
        ("/create ada", "the name is taken: choose another"),
        ("/create ä", "its character 1 is 'ä'"),
        (
            long.as_str(),
            "the text has 16385 bytes, at most 16384 are allowed; send it in parts",
        ),
        // At the limit it is sent.
        (longest.as_str(), "queued for bob"),
        ("@bob two", "queued for bob"),
        (
            "@bob three",
            "the recipient's mailbox is full: the message was not sent; send it again when",
        ),
        // More than the burst at once: the client waits by itself.
        ("@ada four", "ada: four"),
        ("@ada five", "ada: five"),
    ] {
        script(address, talk("ada"), &[line]).await.has(said);
    }
}

#[tokio::test]
async fn without_a_server_the_error_says_where_it_was_looked_for_and_what_starts_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let talk = Talk {
        patience: std::time::Duration::from_millis(300),
        ..talk("ada")
    };
    let end = script(address, talk, &["@bob hi"]).await;
    let error = end.code.expect_err("nobody serves").to_string();
    assert!(error.contains(&address.to_string()), "{error}");
    assert!(error.contains("`start` starts them"), "{error}");
}

#[tokio::test]
async fn json_is_an_object_a_line() {
    let address = server().await;
    let talk = Talk {
        form: Form::Json,
        ..talk("ada")
    };
    let end = script(address, talk, &["@ada \u{202e}hi", "/nothing"]).await;
    let events: Vec<String> = end
        .shown
        .iter()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
            value["event"].as_str().expect("an event").to_owned()
        })
        .collect();
    for expected in ["logged-in", "sent", "message", "problem", "logged-out"] {
        assert!(events.iter().any(|event| event == expected), "{events:?}");
    }
    assert!(!end.shown.iter().any(|line| line.contains('\u{202e}')));
}
