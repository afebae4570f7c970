//! Golden scripts of conversations with the application: commands of devices, and what it answers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use goldenscript::{ArgumentConsumer, Command, Context, Runner};
use sha2::{Digest as _, Sha256};

use super::golden;
use crate::answer::{Answer, Delivery, Listed, Message};
use crate::application::command::{Command as Asked, Entry};
use crate::application::{Application, Outcome};
use crate::identity::{AccountId, Nonce, Offset, PasswordHash, Sequence, SessionId, TimeMs, Token};
use crate::limits::Settings;
use crate::name::Name;
use crate::rule::Rules;

type Error = Box<dyn std::error::Error>;

/// A service, and the devices of a script.
pub(crate) struct Conversation {
    rules: Rules,
    application: Application,
    time: TimeMs,
    nonces: u8,
    tokens: u8,
    /// Session and token of each device.
    devices: BTreeMap<String, (SessionId, Token)>,
    /// Accounts in the order of their creation.
    accounts: Vec<AccountId>,
}

impl Conversation {
    pub(crate) fn new(rules: Rules) -> Conversation {
        Conversation {
            rules,
            application: Application::with_rules(Settings::default(), rules),
            time: TimeMs(0),
            nonces: 0,
            tokens: 0,
            devices: BTreeMap::new(),
            accounts: Vec::new(),
        }
    }

    fn service(&mut self, arguments: &mut ArgumentConsumer<'_>) -> Result<(), Error> {
        let mut settings = Settings::default();
        let mut set = |key, field: &mut u64| -> Result<(), Error> {
            if let Some(value) = arguments.take_key(key) {
                *field = value.parse()?;
            }
            Ok(())
        };
        set("accounts", &mut settings.accounts_max)?;
        set("sessions", &mut settings.sessions_max)?;
        set("queued", &mut settings.queued_messages_max)?;
        set("queued_bytes", &mut settings.queued_bytes_max)?;
        set("queued_of_sender", &mut settings.queued_sender_messages_max)?;
        set("kept", &mut settings.kept_messages_max)?;
        set("kept_ms", &mut settings.kept_ms)?;
        set("idle_ms", &mut settings.session_idle_ms)?;
        set("per_second", &mut settings.sends_per_second)?;
        set("burst", &mut settings.sends_burst)?;
        set("guesses", &mut settings.guesses_burst)?;
        settings.one_device = arguments.take_key("one_device").is_some();
        *self = Conversation::new(self.rules);
        self.application = Application::with_rules(settings, self.rules);
        Ok(())
    }

    fn nonce(&mut self, arguments: &mut ArgumentConsumer<'_>) -> Result<Nonce, Error> {
        if let Some(nonce) = arguments.take_key("nonce") {
            return Ok(Nonce([nonce.parse()?; 16]));
        }
        self.nonces += 1;
        Ok(Nonce([100 + self.nonces; 16]))
    }

    fn device(&self, arguments: &mut ArgumentConsumer<'_>) -> Result<SessionId, Error> {
        let name = arguments.next_pos().ok_or("which device?")?;
        let device = self.devices.get(name);
        Ok(device.ok_or_else(|| format!("no device {name}"))?.0)
    }

    fn apply(&mut self, command: Asked) -> Outcome {
        let time = self.time;
        self.application.apply(&Entry { time, command })
    }

    fn log_in(&mut self, arguments: &mut ArgumentConsumer<'_>) -> Result<Outcome, Error> {
        let name = Name::new(arguments.next_pos().ok_or("who?")?)?;
        let device = arguments.take_key("device").ok_or("device= is missing")?;
        let nonce = self.nonce(arguments)?;
        let password = arguments.take_key("password");
        let salt = self.application.salt(&name).unwrap_or(Nonce([0; 16]));
        self.tokens += 1;
        let token = Token([self.tokens; 32]);
        let outcome = self.apply(Asked::LogIn {
            name,
            proof: password.map(|password| digest(salt, password)),
            nonce,
            token: token.digest(),
            chance: Nonce([0; 16]),
        });
        if let Ok(Answer::LoggedIn { opened, .. }) = outcome {
            self.devices
                .insert(device.to_owned(), (opened.session, token));
        }
        Ok(outcome)
    }

    fn asked(
        &mut self,
        name: &str,
        arguments: &mut ArgumentConsumer<'_>,
    ) -> Result<Outcome, Error> {
        let command = match name {
            "create" => {
                let name = Name::new(arguments.next_pos().ok_or("who?")?)?;
                let nonce = self.nonce(arguments)?;
                let salt = Nonce([7; 16]);
                let password = arguments.take_key("password").map(|password| PasswordHash {
                    salt,
                    digest: digest(salt, password),
                });
                // Chance is always the same: what is unique must be so without it.
                let chance = Nonce([0; 16]);
                Asked::Create {
                    name,
                    password,
                    nonce,
                    chance,
                }
            }
            "login" => return self.log_in(arguments),
            "resume" => {
                let name = arguments.next_pos().ok_or("which device?")?;
                let device = self.devices.get(name).ok_or("no such device")?;
                Asked::Resume {
                    token: device.1.digest(),
                }
            }
            "logout" => Asked::LogOut {
                session: self.device(arguments)?,
            },
            "delete" => Asked::Delete {
                session: self.device(arguments)?,
                sequence: Sequence(arguments.next_pos().ok_or("which sequence?")?.parse()?),
            },
            "send" => Asked::Send {
                session: self.device(arguments)?,
                sequence: Sequence(arguments.next_pos().ok_or("which sequence?")?.parse()?),
                confirmed: Sequence(arguments.take_key("confirmed").unwrap_or("0").parse()?),
                to: Name::new(arguments.next_pos().ok_or("to whom?")?)?,
                text: match arguments.take_key("bytes") {
                    Some(bytes) => "x".repeat(bytes.parse()?),
                    None => arguments.next_pos().ok_or("what?")?.to_owned(),
                },
            },
            "acknowledge" => Asked::Acknowledge {
                session: self.device(arguments)?,
                through: Offset(arguments.next_pos().ok_or("through where?")?.parse()?),
            },
            "list" => Asked::List {
                session: self.device(arguments)?,
                pattern: arguments.next_pos().unwrap_or("*").to_owned(),
                after: arguments.take_key("after").map(Name::new).transpose()?,
                most: arguments.take_key("most").unwrap_or("100").parse()?,
            },
            "history" => Asked::History {
                session: self.device(arguments)?,
                before: Offset(arguments.take_key("before").unwrap_or("0").parse()?),
                most: arguments.take_key("most").unwrap_or("100").parse()?,
            },
            "expire" => Asked::Expire,
            other => return Err(format!("no command `{other}`").into()),
        };
        Ok(self.apply(command))
    }

    /// The place of an account in the order of creation: its uuid for people.
    fn ordinal(&mut self, account: AccountId) -> String {
        let accounts = &mut self.accounts;
        let place = accounts.iter().position(|known| *known == account);
        let place = place.unwrap_or_else(|| {
            accounts.push(account);
            accounts.len() - 1
        });
        format!("account {}", place + 1)
    }

    fn device_of(&self, session: SessionId) -> &str {
        let mut devices = self.devices.iter();
        let device = devices.find(|(_, (known, _))| *known == session);
        device.map_or("another device", |(name, _)| name.as_str())
    }

    fn message(&self, message: &Message) -> String {
        let Message {
            offset,
            sequence,
            from,
            text,
            accepted,
            ..
        } = message;
        let device = self.device_of(message.session);
        let (offset, sequence, time) = (offset.0, sequence.0, accepted.0);
        format!("\n  {offset} {from} ({device} {sequence}, {time} ms): {text}")
    }

    fn describe(&mut self, outcome: &Outcome) -> String {
        let answer = match outcome {
            Ok(answer) => answer,
            Err(refusal) => return format!("refused: {refusal}\n"),
        };
        let mut output = match answer {
            Answer::Created { account } => format!("created {}", self.ordinal(*account)),
            Answer::LoggedIn { opened, .. } => format!(
                "{} logged in: {}, next {}, acknowledged {}, end {}",
                self.ordinal(opened.account),
                self.device_of(opened.session),
                opened.next.0,
                opened.acknowledged.0,
                opened.end.0
            ),
            Answer::LoggedOut => "logged out".to_owned(),
            Answer::Deleted { dropped } => format!("deleted, {dropped} messages dropped"),
            Answer::Sent {
                sequence,
                is_repeated,
                placement,
            } => {
                let repeated = if *is_repeated { " before" } else { "" };
                match placement {
                    None => format!("sent {}{repeated}, as was confirmed", sequence.0),
                    Some(placement) => {
                        let when = match placement.delivery {
                            Delivery::AtOnce => "at once",
                            Delivery::Queued => "queued",
                        };
                        let to = self.ordinal(placement.to);
                        let offset = placement.offset.0;
                        format!("sent {}{repeated}: {to}, {offset}, {when}", sequence.0)
                    }
                }
            }
            Answer::Delivering { .. } => "delivering".to_owned(),
            Answer::Acknowledged { through } => format!("acknowledged through {}", through.0),
            Answer::Listed { accounts, more } => {
                let mut output = String::from(if *more { "more follow:" } else { "all:" });
                for Listed {
                    name,
                    account,
                    is_logged_in,
                } in accounts
                {
                    let at = if *is_logged_in { ", logged in" } else { "" };
                    let _ = write!(output, " {name} ({}{at})", self.ordinal(*account));
                }
                output
            }
            Answer::History { messages, more } => {
                let output = if *more {
                    "earlier ones are kept:"
                } else {
                    "all:"
                };
                let messages = messages.iter().map(|message| self.message(message));
                output.to_owned() + &messages.collect::<String>()
            }
            Answer::Expired => "expired".to_owned(),
        };
        output.push('\n');
        output
    }
}

fn digest(salt: Nonce, password: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(salt.0)
        .chain_update(password)
        .finalize()
        .into()
}

impl Runner for Conversation {
    type Command = Command;

    fn run(&mut self, command: &Command, _context: &Context) -> Result<String, Error> {
        let mut arguments = command.consume_args();
        let output = match command.name.as_str() {
            "service" => {
                self.service(&mut arguments)?;
                String::new()
            }
            "time" => {
                self.time = TimeMs(arguments.next_pos().ok_or("when?")?.parse()?);
                String::new()
            }
            "restart" => {
                let bytes = self.application.snapshot();
                self.application = Application::restore_with_rules(&bytes, self.rules)?;
                String::new()
            }
            name => {
                let outcome = self.asked(name, &mut arguments)?;
                self.describe(&outcome)
            }
        };
        arguments.reject_next()?;
        Ok(output)
    }
}

/// The scripts of conversations.
pub(crate) const SCRIPTS: [&str; 5] = ["accounts", "devices", "sends", "mailboxes", "limits"];

#[test]
fn conversations_go_as_their_scripts_say() {
    for script in SCRIPTS {
        golden::check(&mut Conversation::new(Rules::default()), script);
    }
}
