//! Golden scripts of a client: what it is asked for and what servers say, and what it wants done.

use std::fmt::Write as _;

use goldenscript::{ArgumentConsumer, Command, Context, Runner};
use machine::chance::{Purpose, Stream};
use uuid::Uuid;

use super::{golden, words};
use crate::answer::{Answer, Delivery, Message, Opened, Placement};
use crate::client::operation::{ClientSettings, Effect, Operation, Report, Settlement};
use crate::client::{Client, Saved};
use crate::identity::{
    AccountId, Offset, RequestId, Sequence, ServerId, SessionId, TimeMs, Token, View,
};
use crate::name::Name;
use crate::refusal::{Refusal, SessionEnd};
use crate::rule::Rules;
use crate::wire::response::{Notice, Response, Standing, ToClient};

type Error = Box<dyn std::error::Error>;

/// A client of a script.
pub(crate) struct Device {
    rules: Rules,
    client: Client,
    time: TimeMs,
    /// The view of servers, unless the script says another.
    view: u64,
    /// Requests that left, in words.
    requests: Vec<(RequestId, String)>,
}

fn number<T: std::str::FromStr<Err: std::error::Error + 'static>>(
    arguments: &mut ArgumentConsumer<'_>,
    key: &str,
    default: T,
) -> Result<T, Error> {
    Ok(arguments
        .take_key(key)
        .map(str::parse)
        .transpose()?
        .unwrap_or(default))
}

fn settings() -> ClientSettings {
    ClientSettings {
        servers: 3,
        silence_ms: 1000,
        quiet_ms: 5000,
        // A wait that is drawn from nothing is none: scripts are not about chance.
        retry_first_ms: 0,
        retry_last_ms: 0,
        acknowledge_messages: 3,
        acknowledge_ms: 200,
        listens: true,
    }
}

impl Device {
    pub(crate) fn new(rules: Rules) -> Device {
        Device {
            rules,
            client: Client::with_rules(settings(), Stream::new(3, 0, Purpose::Plan), rules),
            time: TimeMs(0),
            view: 1,
            requests: Vec::new(),
        }
    }

    fn operation(&self, arguments: &mut ArgumentConsumer<'_>) -> Result<Operation, Error> {
        let what = arguments.next_pos().ok_or("what?")?;
        let mut next = || arguments.next_pos().ok_or("an argument is missing");
        Ok(match what {
            "create" => Operation::Create {
                name: Name::new(next()?)?,
                password: None,
            },
            "login" => Operation::LogIn {
                name: Name::new(next()?)?,
                password: None,
            },
            "logout" => Operation::LogOut,
            "delete" => Operation::Delete,
            "send" => Operation::Send {
                to: Name::new(next()?)?,
                text: next()?.to_owned(),
            },
            "list" => Operation::List {
                pattern: String::new(),
                after: None,
                most: 10,
            },
            "status" => Operation::Status,
            other => return Err(format!("no operation `{other}`").into()),
        })
    }

    fn refusal(arguments: &mut ArgumentConsumer<'_>) -> Result<Refusal, Error> {
        let end = |word: &str| {
            Ok::<_, Error>(match word {
                "deleted" => SessionEnd::Deleted,
                "evicted" => SessionEnd::Evicted,
                "idle" => SessionEnd::Idle,
                other => return Err(format!("no end `{other}`").into()),
            })
        };
        Ok(match arguments.next_pos().ok_or("which refusal?")? {
            "not_primary" => Refusal::NotPrimary {
                hint: arguments
                    .take_key("hint")
                    .map(|hint| hint.parse().map(ServerId))
                    .transpose()?,
            },
            "version" => Refusal::Version { version: 2 },
            "unsettled" => Refusal::Unsettled,
            "no_account" => Refusal::NoAccount,
            "no_session" => Refusal::NoSession,
            "mailbox_full" => Refusal::MailboxFull,
            "rate_limited" => Refusal::RateLimited {
                retry_after_ms: number(arguments, "after", 300)?,
            },
            "out_of_order" => Refusal::OutOfOrder {
                expected: Sequence(number(arguments, "expected", 1)?),
            },
            "beyond" => Refusal::BeyondMailbox {
                end: number(arguments, "end", 0)?,
            },
            "ended" => Refusal::SessionEnded {
                end: end(arguments.next_pos().ok_or("how?")?)?,
                settled: Sequence(number(arguments, "settled", 0)?),
            },
            other => return Err(format!("no refusal `{other}`").into()),
        })
    }

    fn response(
        &self,
        name: &str,
        arguments: &mut ArgumentConsumer<'_>,
    ) -> Result<Response, Error> {
        let notice = match name {
            "welcome" => {
                let primary = arguments.take_key("primary").map(str::parse).transpose()?;
                let standing = Standing {
                    server: ServerId(0),
                    is_serving: primary.is_none(),
                    primary: primary.map(ServerId),
                };
                Notice::Welcome {
                    version: 1,
                    standing,
                    text_bytes_max: 1,
                    window_max: 1,
                }
            }
            "message" => {
                let one = Uuid::from_bytes([1; 16]);
                let message = Message {
                    offset: Offset(arguments.next_pos().ok_or("which offset?")?.parse()?),
                    session: SessionId(one),
                    sequence: Sequence(1),
                    author: AccountId(one),
                    from: Name::new("bob")?,
                    accepted: TimeMs(0),
                    text: "hello".to_owned(),
                };
                Notice::Message { message }
            }
            "going_away" => {
                let spread_ms = number(arguments, "spread", 0)?;
                Notice::GoingAway { spread_ms }
            }
            "pong" => Notice::Pong,
            "refused" => return Ok(Response::Refused(Device::refusal(arguments)?)),
            name => return Ok(Response::Answered(Device::answer(name, arguments)?)),
        };
        Ok(Response::Noticed(notice))
    }

    fn answer(name: &str, arguments: &mut ArgumentConsumer<'_>) -> Result<Answer, Error> {
        let one = Uuid::from_bytes([1; 16]);
        Ok(match name {
            "logged_in" => Answer::LoggedIn {
                opened: Opened {
                    account: AccountId(one),
                    session: SessionId(Uuid::from_bytes([number(arguments, "session", 1)?; 16])),
                    next: Sequence(number(arguments, "next", 1)?),
                    acknowledged: Offset(number(arguments, "acknowledged", 0)?),
                    end: Offset(0),
                },
                token: arguments
                    .take_key("token")
                    .map(|token| token.parse().map(|token| Token([token; 32])))
                    .transpose()?,
            },
            "created" => Answer::Created {
                account: AccountId(one),
            },
            "logged_out" => Answer::LoggedOut,
            "deleted" => Answer::Deleted { dropped: 2 },
            "listed" => Answer::Listed {
                accounts: Vec::new(),
                more: false,
            },
            "sent" => Answer::Sent {
                sequence: Sequence(arguments.next_pos().ok_or("which sequence?")?.parse()?),
                is_repeated: false,
                placement: Some(Placement {
                    to: AccountId(one),
                    offset: Offset(number(arguments, "offset", 1)?),
                    delivery: Delivery::AtOnce,
                }),
            },
            "delivering" => Answer::Delivering {
                end: Offset(number(arguments, "end", 0)?),
                first: Offset(number(arguments, "first", 1)?),
            },
            "acknowledged" => Answer::Acknowledged {
                through: Offset(arguments.next_pos().ok_or("through where?")?.parse()?),
            },
            other => return Err(format!("no response `{other}`").into()),
        })
    }

    fn show(&mut self, effects: &[Effect]) -> String {
        let mut output = String::new();
        for effect in effects {
            let line = match effect {
                Effect::Connect(server) => format!("connect to server {}", server.0),
                Effect::HangUp => "hang up".to_owned(),
                Effect::Send(message) => {
                    let words = words::request(&message.request);
                    self.requests.push((message.id, words.clone()));
                    format!("request {}, view {}: {words}", message.id.0, message.view.0)
                }
                Effect::WakeAt(time) => format!("wake at {}", time.0),
                Effect::Report(report) => format!("  {}", self::report(report)),
            };
            let _ = writeln!(output, "{line}");
        }
        output
    }

    /// A server says something: in answer to a request, or of its own.
    fn receive(
        &mut self,
        name: &str,
        arguments: &mut ArgumentConsumer<'_>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Error> {
        let to = match (arguments.take_key("to"), name) {
            (Some(to), _) => to.to_owned(),
            (None, "welcome") => "hello".to_owned(),
            (None, "created") => "create".to_owned(),
            (None, "logged_in") => "log in".to_owned(),
            (None, "logged_out") => "log out".to_owned(),
            (None, "deleted") => "delete".to_owned(),
            (None, "delivering") => "deliver".to_owned(),
            (None, "acknowledged") => "acknowledge".to_owned(),
            (None, "pong") => "ping".to_owned(),
            _ => String::new(),
        };
        // The last request of these words; of its own, the server answers none.
        let mut requests = self.requests.iter().rev();
        let asked = requests.find(|(_, words)| !to.is_empty() && words.starts_with(&to));
        if asked.is_none() && !to.is_empty() {
            return Err(format!("`{to}` was not asked").into());
        }
        let id = asked.map_or(RequestId(0), |(id, _)| *id);
        let view = View(number(arguments, "view", self.view)?);
        let response = self.response(name, arguments)?;
        let message = ToClient { id, view, response };
        self.client.receive(self.time, message, effects);
        Ok(())
    }
}

fn settlement(settlement: &Settlement) -> String {
    match settlement {
        Settlement::Done(answer) => words::answer(answer),
        Settlement::Noticed(notice) => words::notice(notice),
        Settlement::Refused(refusal) => format!("refused: {refusal}"),
        Settlement::Gone => "gone".to_owned(),
        Settlement::NotDone => "not done".to_owned(),
        Settlement::Unknown => "unknown".to_owned(),
    }
}

fn report(report: &Report) -> String {
    match report {
        Report::Settled {
            operation,
            settlement,
        } => format!(
            "operation {}: {}",
            operation.0,
            self::settlement(settlement)
        ),
        Report::Delivered(message) => words::message(message),
        Report::Skipped { first, last } => format!("skipped {} to {}", first.0, last.0),
        Report::Rewound { seen, end } => format!("rewound from {} to {}", seen.0, end.0),
        Report::SessionEnded(end) => format!("session ended: {end:?}"),
        Report::TurnedAway(refusal) => format!("turned away: {refusal}"),
        Report::Connected(standing) => words::standing(standing),
        Report::Lost { server, view } => format!("lost server {} in view {}", server.0, view.0),
    }
}

impl Runner for Device {
    type Command = Command;

    fn run(&mut self, command: &Command, _context: &Context) -> Result<String, Error> {
        let mut arguments = command.consume_args();
        let mut effects = Vec::new();
        match command.name.as_str() {
            "client" => *self = Device::new(self.rules),
            "restore" => {
                let saved = self.client.saved().ok_or("nothing to restore")?;
                let chance = Stream::new(3, 0, Purpose::Plan);
                self.client = Client::restore(settings(), chance, saved);
            }
            "saved" => {
                let shown = match self.client.saved() {
                    None => "nothing".to_owned(),
                    Some(Saved { token, seen, view }) => {
                        let (token, seen, view) = (token.0[0], seen.0, view.0);
                        format!("token {token}, seen {seen}, view {view}")
                    }
                };
                return Ok(shown + "\n");
            }
            "view" => self.view = arguments.next_pos().ok_or("which view?")?.parse()?,
            "wake" => {
                self.time = TimeMs(arguments.next_pos().ok_or("when?")?.parse()?);
                self.client.wake(self.time, &mut effects);
            }
            "connected" => self.client.connected(self.time, &mut effects),
            "lost" => self.client.lost(self.time, &mut effects),
            "ask" => {
                let deadline = TimeMs(number(&mut arguments, "deadline", 100_000)?);
                let operation = self.operation(&mut arguments)?;
                let id = self
                    .client
                    .ask(self.time, operation, deadline, &mut effects);
                return Ok(format!("operation {}\n{}", id.0, self.show(&effects)));
            }
            name => self.receive(name, &mut arguments, &mut effects)?,
        }
        arguments.reject_next()?;
        Ok(self.show(&effects))
    }
}

#[test]
fn a_client_does_what_its_script_says() {
    golden::check(&mut Device::new(Rules::default()), "client");
}
