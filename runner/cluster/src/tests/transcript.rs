//! Golden scripts of a cluster: what befalls it, and below `---` what logs say of it. A change of what is said shows here.
//!
//! `UPDATE_GOLDENFILES=1 cargo test -p cluster` rewrites the outputs; read the difference before committing it.

use std::path::PathBuf;

use chat::client::operation::{Operation, Settlement};
use chat::identity::{Sequence, ServerId};
use goldenscript::{Command, Context, Runner};

use super::network::Network;
use super::place::Said;
use super::trials::Trial;
use crate::client::event::{ClientEvent, operation_kind};
use crate::server::event::ServerEvent;

type Error = Box<dyn std::error::Error>;

/// A cluster of a script, and how much of its log was printed.
struct Script {
    network: Network,
    printed: usize,
}

impl Script {
    fn process(&self, name: &str) -> Result<u32, Error> {
        match (name, name.strip_prefix("client-")) {
            ("primary", _) => Ok(self.network.primary().ok_or("nobody serves")?),
            (_, Some(client)) => Ok(self.network.servers + client.parse::<u32>()?),
            _ => {
                let server = name
                    .strip_prefix("server-")
                    .ok_or("server-N, client-N, primary")?;
                Ok(server.parse()?)
            }
        }
    }

    fn new_lines(&mut self) -> String {
        let log = &self.network.log[self.printed..];
        self.printed = self.network.log.len();
        let lines = log.iter().filter_map(|(time, who, said)| {
            let who = match who.checked_sub(self.network.servers) {
                Some(client) => format!("client-{client}"),
                None => format!("server-{who}"),
            };
            Some(format!("{} {who} {}\n", time.0 / 1_000_000, phrase(said)?))
        });
        lines.collect()
    }
}

impl Runner for Script {
    type Command = Command;

    fn run(&mut self, command: &Command, _context: &Context) -> Result<String, Error> {
        let mut arguments = command.consume_args();
        let argument = arguments
            .next_pos()
            .ok_or("an argument is missing")?
            .to_owned();
        arguments.reject_next()?;
        match command.name.as_str() {
            "run" => {
                let ms: u64 = argument.trim_end_matches("ms").parse()?;
                let until = self.network.now.after_ns(ms * 1_000_000);
                self.network.run(until);
            }
            "kill" => {
                let who = self.process(&argument)?;
                self.network.kill(who);
            }
            "begin" => {
                let who = self.process(&argument)?;
                self.network.begin(who);
            }
            other => return Err(format!("run, kill or begin, not {other}").into()),
        }
        Ok(self.new_lines())
    }
}

/// What an event says, in short; none for what comes with each heartbeat of a client that seeks a server.
fn phrase(said: &Said) -> Option<String> {
    Some(match said {
        Said::Server(ServerEvent::Replica(event)) => {
            use replica::message::Event;
            let kind = ServerEvent::Replica(event.clone()).kind();
            match event {
                Event::Begun(life) => format!("{kind} life {life}"),
                Event::Suspected(id) => format!("{kind} {id}"),
                Event::Campaigned(ballot) | Event::SteppedDown(ballot) => {
                    format!("{kind} {ballot}")
                }
                Event::Decided { view, end } | Event::Serving { view, end } => {
                    format!("{kind} {view} from {end}")
                }
                Event::Committed { through, .. } => format!("{kind} {through}"),
                other => format!("{kind} {other:?}"),
            }
        }
        Said::Server(ServerEvent::Digest(digest)) => format!("digest {}", digest.op),
        Said::Server(ServerEvent::Replied { to, kind, view, .. }) => {
            format!("says {kind} to {to} in view {}", view.0)
        }
        Said::Server(ServerEvent::Pushed { to, offset, .. }) => {
            format!("pushes {} to {to}", offset.0)
        }
        Said::Client(event) => format!("{} {}", event.kind(), client_phrase(event)?),
    })
}

fn client_phrase(event: &ClientEvent) -> Option<String> {
    let place = |sequence: &Option<Sequence>| {
        sequence.map_or(String::new(), |sequence| {
            format!(" sequence {}", sequence.0)
        })
    };
    let hint = |hint: &Option<ServerId>| {
        hint.map_or(String::new(), |hint| format!(", perhaps {} does", hint.0))
    };
    Some(match event {
        ClientEvent::Begun { life } => format!("life {life}"),
        ClientEvent::Invoked { operation, asked } => {
            let what = match asked {
                Operation::Send { to, text } => format!(" {text} to {to}"),
                _ => String::new(),
            };
            format!("{} {}{what}", operation.0, operation_kind(asked))
        }
        ClientEvent::Attempted {
            operation,
            kind,
            sequence,
            server,
            ..
        } => {
            let operation = operation.map_or("-".to_owned(), |operation| operation.0.to_string());
            format!("{operation} {kind}{} at {}", place(sequence), server.0)
        }
        ClientEvent::Settled {
            operation,
            kind,
            sequence,
            settlement,
            ..
        } => {
            let why = match settlement {
                Settlement::Refused(refusal) => format!(": {refusal}"),
                _ => String::new(),
            };
            format!("{} {kind}{}{why}", operation.0, place(sequence))
        }
        ClientEvent::Delivered { message, .. } => {
            format!(
                "{} from {}: {}",
                message.offset.0, message.from, message.text
            )
        }
        ClientEvent::Acknowledged { through } => format!("through {}", through.0),
        ClientEvent::LoggedIn { opened, server, .. } => {
            format!("at {}, sequence {} is due", server.0, opened.next.0)
        }
        ClientEvent::SessionEnded { end } => format!("{end:?}"),
        ClientEvent::Connected { server, .. } => format!("to {}", server.0),
        ClientEvent::Lost { server, .. } => format!("{}", server.0),
        ClientEvent::Redirected { server, hint: to } => {
            format!("{} does not serve{}", server.0, hint(to))
        }
        ClientEvent::Skipped { .. } | ClientEvent::Rewound { .. } => format!("{event:?}"),
        ClientEvent::TurnedAway { server, refusal } => format!("by {}: {refusal}", server.0),
    })
}

#[test]
fn a_primary_ends_and_a_client_ends() {
    let trial = Trial {
        seed: 11,
        clients: 2,
        rate_per_s: 2.0,
        load_s: 14,
    };
    let mut script = Script {
        network: trial.network(),
        printed: 0,
    };
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scripts/failover");
    goldenscript::run(&mut script, path).expect("the script");
}
