//! Bounds of the protocol, at the limit and one beyond it.

use machine::chance::{Purpose, Stream};

use crate::answer::Answer;
use crate::application::command::{Command, Entry};
use crate::application::{Application, Outcome};
use crate::client::Client;
use crate::client::operation::{ClientSettings, Effect as Wanted, Operation, Report, Settlement};
use crate::door::{ConnectionId, Door, DoorSettings, Effect, Passwords};
use crate::identity::{
    Nonce, Offset, Password, RequestId, Sequence, ServerId, SessionId, TimeMs, Token, View,
};
use crate::limits::{
    FRAME_BYTES_MAX, HISTORY_MESSAGES_MAX, LIST_ACCOUNTS_MAX, PASSWORD_BYTES_MAX,
    PATTERN_CHARACTERS_MAX, Settings, TEXT_BYTES_MAX, WHO_NAMES_MAX,
};
use crate::name::Name;
use crate::refusal::Refusal;
use crate::wire::request::{Request, ToServer};
use crate::wire::response::{Response, Standing, ToClient};

/// A service in which somebody is logged in.
struct Service {
    application: Application,
    session: SessionId,
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

fn create(name: Name) -> Command {
    Command::Create {
        name,
        password: None,
        nonce: Nonce([1; 16]),
        chance: Nonce([1; 16]),
    }
}

impl Service {
    fn new() -> Service {
        let settings = Settings {
            sends_burst: 1000,
            ..Settings::default()
        };
        let mut application = Application::new(settings);
        let log_in = Command::LogIn {
            name: name("ada"),
            proof: None,
            nonce: Nonce([1; 16]),
            token: Token([1; 32]).digest(),
            chance: Nonce([1; 16]),
        };
        let mut session = None;
        for command in [create(name("ada")), log_in] {
            let time = TimeMs(0);
            if let Ok(Answer::LoggedIn { opened, .. }) = application.apply(&Entry { time, command })
            {
                session = Some(opened.session);
            }
        }
        let session = session.expect("a session");
        Service {
            application,
            session,
        }
    }

    fn apply(&mut self, command: Command) -> Outcome {
        let time = TimeMs(0);
        self.application.apply(&Entry { time, command })
    }

    fn send(&mut self, sequence: u64, text: String) -> Outcome {
        self.apply(Command::Send {
            session: self.session,
            sequence: Sequence(sequence),
            confirmed: Sequence(sequence - 1),
            to: name("ada"),
            text,
        })
    }

    /// A page of the history before an offset: offsets, and whether there are more.
    fn history(&mut self, before: u64) -> (Vec<u64>, bool) {
        let outcome = self.apply(Command::History {
            session: self.session,
            before: Offset(before),
            most: u32::MAX,
        });
        let answer = outcome.expect("a page");
        assert!(frame_bytes(answer.clone()) <= FRAME_BYTES_MAX + 5);
        let Answer::History { messages, more } = answer else {
            panic!("no page: {answer:?}");
        };
        let offsets = messages.iter().map(|message| message.offset.0);
        (offsets.collect(), more)
    }
}

fn frame_bytes(answer: Answer) -> usize {
    let mut bytes = Vec::new();
    let message = ToClient {
        id: RequestId(1),
        view: View(1),
        response: Response::Answered(answer),
    };
    message.encode(&mut bytes);
    bytes.len()
}

#[test]
fn a_page_of_a_history_fits_a_frame() {
    let mut service = Service::new();
    for sequence in 1..=5 {
        let text = "x".repeat(TEXT_BYTES_MAX);
        assert!(service.send(sequence, text).is_ok());
    }
    assert_eq!(service.history(0), (vec![3, 4, 5], true));
    assert_eq!(service.history(3), (vec![1, 2], false));
}

#[test]
fn a_page_of_a_history_has_a_number_of_messages() {
    let mut service = Service::new();
    let last = HISTORY_MESSAGES_MAX as u64 + 1;
    for sequence in 1..=last {
        assert!(service.send(sequence, String::new()).is_ok());
    }
    assert_eq!(service.history(0), ((2..=last).collect(), true));
    assert_eq!(service.history(2), (vec![1], false));
}

#[test]
fn a_page_of_a_list_has_a_number_of_accounts() {
    let mut service = Service::new();
    for number in 0..LIST_ACCOUNTS_MAX {
        let name = name(&format!("somebody-with-a-long-name-{number:06}"));
        assert!(service.apply(create(name)).is_ok());
    }
    let list = |after| Command::List {
        session: service.session,
        pattern: String::new(),
        after,
        most: u32::MAX,
    };
    let (first, second) = (
        list(None),
        list(Some(name("somebody-with-a-long-name-000998"))),
    );
    let answer = service.apply(first).expect("a page");
    assert!(frame_bytes(answer.clone()) <= FRAME_BYTES_MAX + 5);
    let Answer::Listed { accounts, more } = answer else {
        panic!("no page: {answer:?}");
    };
    assert_eq!((accounts.len(), more), (LIST_ACCOUNTS_MAX, true));
    let Ok(Answer::Listed { accounts, more }) = service.apply(second) else {
        panic!("no page");
    };
    assert_eq!((accounts.len(), more), (1, false));
}

#[test]
fn a_pattern_is_checked_at_its_limit() {
    let mut service = Service::new();
    let mut list = |characters| {
        service.apply(Command::List {
            session: service.session,
            pattern: "é".repeat(characters),
            after: None,
            most: 1,
        })
    };
    assert!(list(PATTERN_CHARACTERS_MAX).is_ok());
    let beyond = list(PATTERN_CHARACTERS_MAX + 1);
    assert_eq!(beyond, Err(Refusal::PatternTooLong));
}

/// What a client says of an operation at once.
fn refusal(operation: Operation) -> Option<Refusal> {
    let chance = Stream::new(1, 1, Purpose::Plan);
    let mut client = Client::new(ClientSettings::default(), chance);
    let mut effects = Vec::new();
    let login = Operation::LogIn {
        name: name("ada"),
        password: None,
    };
    let (now, deadline) = (TimeMs(0), TimeMs(1000));
    if !matches!(operation, Operation::LogIn { .. }) {
        client.ask(now, login, deadline, &mut effects);
    }
    let id = client.ask(now, operation, deadline, &mut effects);
    effects.into_iter().find_map(|effect| match effect {
        Wanted::Report(Report::Settled {
            operation,
            settlement: Settlement::Refused(refusal),
        }) if operation == id => Some(refusal),
        _ => None,
    })
}

#[test]
fn a_client_sends_nothing_that_no_server_accepts() {
    let log_in = |bytes| Operation::LogIn {
        name: name("ada"),
        password: Some(Password("x".repeat(bytes))),
    };
    assert_eq!(refusal(log_in(PASSWORD_BYTES_MAX)), None);
    let beyond = refusal(log_in(PASSWORD_BYTES_MAX + 1));
    assert_eq!(beyond, Some(Refusal::PasswordTooLong));

    let send = |bytes| Operation::Send {
        to: name("bob"),
        text: "x".repeat(bytes),
    };
    assert_eq!(refusal(send(TEXT_BYTES_MAX)), None);
    let bytes = TEXT_BYTES_MAX as u64 + 1;
    let beyond = refusal(send(TEXT_BYTES_MAX + 1));
    assert_eq!(beyond, Some(Refusal::TextTooLong { bytes }));

    let list = |characters| Operation::List {
        pattern: "x".repeat(characters),
        after: None,
        most: 1,
    };
    assert_eq!(refusal(list(PATTERN_CHARACTERS_MAX)), None);
    let beyond = refusal(list(PATTERN_CHARACTERS_MAX + 1));
    assert_eq!(beyond, Some(Refusal::PatternTooLong));

    let who = |names| Operation::Who {
        names: vec![name("ada"); names],
    };
    assert_eq!(refusal(who(WHO_NAMES_MAX)), None);
    let allowed = WHO_NAMES_MAX as u32;
    let beyond = refusal(who(WHO_NAMES_MAX + 1));
    assert_eq!(beyond, Some(Refusal::TooMany { allowed }));
}

/// What a door does with a request.
fn ask(request: Request) -> Effect {
    ask_with(DoorSettings::default(), [request]).remove(0)
}

/// What a door with these settings does with requests of one connection.
fn ask_with(settings: DoorSettings, requests: impl IntoIterator<Item = Request>) -> Vec<Effect> {
    let standing = Standing {
        server: ServerId(0),
        is_serving: true,
        primary: None,
    };
    let mut door = Door::new(standing, View(1), settings);
    let connection = ConnectionId(1);
    door.open(connection);
    let application = Application::new(Settings::default());
    let mut effects = Vec::new();
    for request in requests {
        let (id, view) = (RequestId(1), View(1));
        let message = ToServer { id, view, request };
        let mut draw = || [0; 32];
        door.receive(connection, message, &application, &mut draw, &mut effects);
    }
    effects
}

fn creation(password: Option<&str>) -> Request {
    Request::Create {
        name: name("ada"),
        password: password.map(|text| Password(text.to_owned())),
        nonce: Nonce([1; 16]),
    }
}

/// The refusal in an effect.
fn refused(effect: &Effect) -> Option<&Refusal> {
    match effect {
        Effect::Send { message, .. } => match &message.response {
            Response::Refused(refusal) => Some(refusal),
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn a_service_with_no_passwords_or_with_passwords_for_all_says_so() {
    let with = |passwords, request| {
        let settings = DoorSettings {
            passwords,
            ..DoorSettings::default()
        };
        ask_with(settings, [request]).remove(0)
    };
    let off = with(Passwords::Off, creation(Some("secret")));
    assert_eq!(refused(&off), Some(&Refusal::PasswordsOff));
    assert_eq!(refused(&with(Passwords::Off, creation(None))), None);
    let required = with(Passwords::Required, creation(None));
    assert_eq!(refused(&required), Some(&Refusal::PasswordNeeded));
    let hashed = with(Passwords::Required, creation(Some("secret")));
    assert!(matches!(hashed, Effect::Hash { .. }), "{hashed:?}");
}

#[test]
fn a_connection_has_one_password_hashed_at_a_time() {
    let both = [creation(Some("one")), creation(Some("two"))];
    let effects = ask_with(DoorSettings::default(), both);
    assert!(matches!(effects[0], Effect::Hash { .. }), "{effects:?}");
    let refusal = refused(&effects[1]).expect("the second is refused");
    assert!(refusal.retry_after_ms() > 0 && refusal.is_definite());
}

#[test]
fn a_door_checks_a_password_before_it_is_hashed() {
    let at_limit = ask(creation(Some(&"x".repeat(PASSWORD_BYTES_MAX))));
    assert!(matches!(at_limit, Effect::Hash { .. }), "{at_limit:?}");
    let beyond = ask(creation(Some(&"x".repeat(PASSWORD_BYTES_MAX + 1))));
    let Effect::Send { message, .. } = beyond else {
        panic!("it is not refused: {beyond:?}");
    };
    assert_eq!(
        message.response,
        Response::Refused(Refusal::PasswordTooLong)
    );
}
