//! Golden scripts of a door: what connections say, what is committed, and what the door wants done.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use goldenscript::{ArgumentConsumer, Command, Context, Runner};

use super::{golden, words};
use crate::application::Application;
use crate::application::command::{Command as Asked, Entry};
use crate::door::{ConnectionId, Door, DoorSettings, Effect, Passwords, Ticket};
use crate::identity::{
    Nonce, Offset, Password, RequestId, Sequence, ServerId, TimeMs, Token, View,
};
use crate::limits::Settings;
use crate::name::Name;
use crate::rule::Rules;
use crate::wire::frame::Frame;
use crate::wire::request::{Login, Request, ToServer};
use crate::wire::response::Standing;

type Error = Box<dyn std::error::Error>;

/// A server of a script: its door, its application, and what was proposed.
pub(crate) struct Server {
    door: Door,
    application: Application,
    proposals: Vec<(Ticket, Asked)>,
    hashes: Vec<Ticket>,
    requests: u32,
    drawn: u8,
    /// The view that clients have seen.
    view: View,
}

impl Server {
    pub(crate) fn new(rules: Rules) -> Server {
        Server::with(settings(), false, rules)
    }

    fn with(settings: Settings, pushes_from_login: bool, rules: Rules) -> Server {
        let settings_of_door = DoorSettings {
            pushes_from_login,
            passwords: Passwords::Optional,
            rules,
        };
        Server {
            door: Door::new(standing(true, None), View(1), settings_of_door),
            application: Application::with_rules(settings, rules),
            proposals: Vec::new(),
            hashes: Vec::new(),
            requests: 0,
            drawn: 0,
            view: View(1),
        }
    }

    fn request(&mut self, arguments: &mut ArgumentConsumer<'_>) -> Result<Request, Error> {
        let what = arguments.next_pos().ok_or("what?")?;
        let mut next = || arguments.next_pos().ok_or("an argument is missing");
        Ok(match what {
            "hello" => Request::Hello {
                lowest: next()?.parse()?,
                highest: next()?.parse()?,
            },
            "create" => Request::Create {
                name: Name::new(next()?)?,
                password: arguments.take_key("password").map(password),
                nonce: Nonce([1; 16]),
            },
            "login" => {
                let name = Name::new(next()?)?;
                let nonce = arguments.take_key("nonce").unwrap_or("1").parse()?;
                let login = Login::New {
                    name,
                    password: arguments.take_key("password").map(password),
                    nonce: Nonce([nonce; 16]),
                };
                Request::LogIn { login }
            }
            "resume" => {
                let token = Token([next()?.parse()?; 32]);
                let login = Login::Again { token };
                Request::LogIn { login }
            }
            "logout" => Request::LogOut,
            "delete" => Request::Delete {
                sequence: Sequence(next()?.parse()?),
            },
            "send" => Request::Send {
                sequence: Sequence(next()?.parse()?),
                to: Name::new(next()?)?,
                text: next()?.to_owned(),
                confirmed: Sequence(0),
            },
            "deliver" => Request::Deliver {
                after: Offset(next()?.parse()?),
            },
            "acknowledge" => Request::Acknowledge {
                through: Offset(next()?.parse()?),
            },
            "list" => Request::List {
                pattern: String::new(),
                after: None,
                most: 100,
            },
            "history" => Request::History {
                before: Offset(0),
                most: 100,
            },
            "who" => Request::Who {
                names: next()?
                    .split(',')
                    .map(Name::new)
                    .collect::<Result<_, _>>()?,
            },
            "status" => Request::Status,
            "ping" => Request::Ping,
            other => return Err(format!("no request `{other}`").into()),
        })
    }

    fn ask(&mut self, arguments: &mut ArgumentConsumer<'_>) -> Result<Vec<Effect>, Error> {
        let from = connection(arguments)?;
        let view = arguments.take_key("view").map(str::parse).transpose()?;
        let request = self.request(arguments)?;
        self.requests += 1;
        let message = ToServer {
            id: RequestId(self.requests),
            view: view.map_or(self.view, View),
            request,
        };
        let mut effects = Vec::new();
        let mut draw = || {
            self.drawn += 1;
            [self.drawn; 32]
        };
        let door = &mut self.door;
        door.receive(from, message, &self.application, &mut draw, &mut effects);
        Ok(effects)
    }

    fn commit(&mut self, count: usize) -> Vec<Effect> {
        let mut effects = Vec::new();
        let count = count.min(self.proposals.len());
        for (ticket, command) in self.proposals.drain(..count).collect::<Vec<_>>() {
            let time = TimeMs(0);
            let outcome = self.application.apply(&Entry { time, command });
            let door = &mut self.door;
            door.applied(Some(ticket), &outcome, &self.application, &mut effects);
        }
        effects
    }

    /// Sends and commits many messages, and says where they went.
    fn fill(&mut self, arguments: &mut ArgumentConsumer<'_>) -> Result<String, Error> {
        let from = connection(arguments)?;
        let first: u64 = arguments
            .next_pos()
            .ok_or("from which sequence?")?
            .parse()?;
        let last: u64 = arguments.next_pos().ok_or("to which sequence?")?.parse()?;
        let to = Name::new(arguments.next_pos().ok_or("to whom?")?)?;
        let mut counts = BTreeMap::new();
        for sequence in first..=last {
            let request = Request::Send {
                sequence: Sequence(sequence),
                confirmed: Sequence(sequence - 1),
                to: to.clone(),
                text: "x".to_owned(),
            };
            let (id, view) = (RequestId(0), self.view);
            let message = ToServer { id, view, request };
            let mut effects = Vec::new();
            let (door, application) = (&mut self.door, &self.application);
            let mut draw = || [0; 32];
            door.receive(from, message, application, &mut draw, &mut effects);
            self.show(effects);
            for effect in self.commit(usize::MAX) {
                if let Effect::Send { to, .. } = effect {
                    *counts.entry(to).or_insert(0) += 1;
                }
            }
        }
        let counts = counts.iter();
        let lines = counts.map(|(to, count)| format!("to {}: {count} times\n", to.0));
        Ok(lines.collect())
    }

    fn show(&mut self, effects: Vec<Effect>) -> String {
        let mut output = String::new();
        for effect in effects {
            let line = match effect {
                Effect::Send { to, message } => {
                    let words = words::response(&message.response);
                    match message.id {
                        RequestId(0) => format!("to {}: {words}", to.0),
                        RequestId(id) => format!("to {}, request {id}: {words}", to.0),
                    }
                }
                Effect::HangUp { connection } => format!("hang up {}", connection.0),
                Effect::Propose { ticket, command } => {
                    let command_words = proposal(&command);
                    self.proposals.push((ticket, command));
                    format!("propose {command_words}")
                }
                Effect::Hash { ticket, .. } => {
                    self.hashes.push(ticket);
                    "hash a password".to_owned()
                }
                Effect::StepDown { view } => format!("step down, for view {}", view.0),
            };
            let _ = writeln!(output, "{line}");
        }
        output
    }
}

/// Scripts are not about rates.
fn settings() -> Settings {
    Settings {
        sends_burst: 1000,
        ..Settings::default()
    }
}

fn password(text: &str) -> Password {
    Password(text.to_owned())
}

/// What is proposed, in a word.
fn proposal(command: &Asked) -> &'static str {
    match command {
        Asked::Create { .. } => "create",
        Asked::LogIn { .. } => "log in",
        Asked::Resume { .. } => "resume",
        Asked::LogOut { .. } => "log out",
        Asked::Delete { .. } => "delete",
        Asked::Send { .. } => "send",
        Asked::Acknowledge { .. } => "acknowledge",
        Asked::List { .. } => "list",
        Asked::History { .. } => "history",
        Asked::Expire => "expire",
    }
}

fn connection(arguments: &mut ArgumentConsumer<'_>) -> Result<ConnectionId, Error> {
    let connection = arguments.next_pos().ok_or("which connection?")?;
    Ok(ConnectionId(connection.parse()?))
}

fn standing(is_serving: bool, primary: Option<u32>) -> Standing {
    Standing {
        server: ServerId(0),
        is_serving,
        primary: primary.map(ServerId),
    }
}

impl Runner for Server {
    type Command = Command;

    fn run(&mut self, command: &Command, _context: &Context) -> Result<String, Error> {
        let mut arguments = command.consume_args();
        let mut effects = Vec::new();
        match command.name.as_str() {
            "server" => {
                let pushes_from_login = arguments.take_key("pushes_from_login").is_some();
                let mut settings = settings();
                if let Some(sessions) = arguments.take_key("sessions") {
                    settings.sessions_max = sessions.parse()?;
                }
                let rules = self.application.rules();
                *self = Server::with(settings, pushes_from_login, rules);
            }
            "open" => self.door.open(connection(&mut arguments)?),
            "close" => self.door.close(connection(&mut arguments)?),
            "ask" => effects = self.ask(&mut arguments)?,
            "bytes" => {
                let from = connection(&mut arguments)?;
                let op = arguments.take_key("op").ok_or("which op?")?.parse()?;
                let body = vec![0; arguments.take_key("zeros").unwrap_or("0").parse()?];
                let Err((id, error)) = ToServer::decode(&Frame { op, body }) else {
                    return Err("that is a request".into());
                };
                self.door.malformed(from, id, &error, &mut effects);
            }
            "hashed" => {
                let ticket = self.hashes.remove(0);
                let digest = arguments.next_pos().ok_or("which digest?")?.parse()?;
                self.door.hashed(ticket, [digest; 32], &mut effects);
            }
            "commit" => {
                let count = arguments.next_pos().map(str::parse).transpose()?;
                effects = self.commit(count.unwrap_or(usize::MAX));
            }
            "lose" => self.proposals.clear(),
            "expire" => {
                let time = TimeMs(arguments.next_pos().ok_or("when?")?.parse()?);
                let command = Asked::Expire;
                let outcome = self.application.apply(&Entry { time, command });
                let door = &mut self.door;
                door.applied(None, &outcome, &self.application, &mut effects);
            }
            "stand" => {
                let primary = arguments.take_key("primary").map(str::parse).transpose()?;
                let is_serving = arguments.take_key("serves") == Some("yes");
                let view = View(arguments.take_key("view").ok_or("which view?")?.parse()?);
                self.view = view;
                let standing = standing(is_serving, primary);
                self.door.stand(standing, view, &mut effects);
            }
            "leave" => self.door.leave(5000, &mut effects),
            "fill" => return self.fill(&mut arguments),
            "limit" => {
                let bytes = self.door.frame_bytes_max(connection(&mut arguments)?);
                return Ok(format!("frames of {bytes} bytes\n"));
            }
            other => return Err(format!("no command `{other}`").into()),
        }
        arguments.reject_next()?;
        Ok(self.show(effects))
    }
}

#[test]
fn a_door_does_what_its_script_says() {
    golden::check(&mut Server::new(Rules::default()), "door");
}
