//! What is shown, in words and in JSON.
//!
//! In words a message is `HH:MM NAME: TEXT`; the lines after the first of a text are indented behind a bar, so that no text looks
//! like somebody else's message. In JSON each is one object a line with its kind as `event`.
//!
//! **Invariant.** Words and JSON are of the same values. What others have written is escaped in both.

use serde::Serialize;

use super::clock::time_of_day;
use super::escape::{lines, visible};

/// How a message that was sent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    /// A device of the recipient is logged in.
    Delivered,
    /// The recipient is not logged in.
    Queued,
    /// It was accepted before; where it went was said then.
    Accepted,
    /// It is not sent, and will not be.
    Refused,
    /// It never left.
    NotSent,
    /// Nobody knows.
    NotConfirmed,
}

/// A message that was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Received {
    pub(super) from: String,
    pub(super) text: String,
    /// When the service accepted it, milliseconds since 1970.
    pub(super) accepted_ms: u64,
    /// Its place in the mailbox.
    pub(super) offset: u64,
}

impl From<chat::answer::Message> for Received {
    fn from(message: chat::answer::Message) -> Received {
        Received {
            from: message.from.to_string(),
            accepted_ms: message.accepted.0,
            offset: message.offset.0,
            text: message.text,
        }
    }
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Person {
    pub(super) name: String,
    /// `here`, `away`, `out` or `nobody`.
    pub(super) presence: &'static str,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Said {
    LoggedIn {
        name: String,
        server: u32,
        is_new: bool,
        /// Messages that wait to be asked for.
        queued: u64,
    },
    LoggedOut {
        name: String,
    },
    Created {
        name: String,
    },
    Deleted {
        name: String,
        /// Messages that are gone with it; none where the service cannot say.
        dropped: Option<u64>,
    },
    Message(Received),
    Sent {
        to: String,
        outcome: Outcome,
        text: String,
        /// Why, or what to do.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    Accounts {
        accounts: Vec<Person>,
        /// What shows the next ones.
        #[serde(skip_serializing_if = "Option::is_none")]
        more: Option<String>,
    },
    History {
        messages: Vec<Received>,
        more: bool,
    },
    Present {
        people: Vec<Person>,
    },
    Status {
        server: u32,
        is_serving: bool,
        primary: Option<u32>,
        /// The servers that serve together.
        members: Vec<u32>,
    },
    /// What happens to the connection, and other things that are no problem.
    Note {
        text: String,
    },
    Problem {
        text: String,
    },
    Help,
}

/// How words look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    /// Whether colours are wanted.
    pub(super) has_color: bool,
    /// Whether a text may have several lines: on a terminal. In a pipe each event is a line.
    pub(super) has_lines: bool,
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const YELLOW: &str = "33";

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        match self.has_color {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }

    fn received(self, message: &Received) -> String {
        let time = self.paint(DIM, &time_of_day(message.accepted_ms));
        let from = self.paint(BOLD, &visible(&message.from));
        if !self.has_lines {
            return format!("{time} {from}: {}", visible(&message.text));
        }
        let bar = format!("\n{}", self.paint(DIM, "    | "));
        format!("{time} {from}: {}", lines(&message.text).join(&bar))
    }

    fn sent(self, to: &str, outcome: Outcome, text: &str, reason: Option<&str>) -> String {
        let said = format!("\"{}\"", short(&visible(text)));
        let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
        let (color, words) = match outcome {
            Outcome::Delivered => (DIM, format!("delivered to {to}")),
            Outcome::Queued => (DIM, format!("queued for {to}, who is not logged in")),
            Outcome::Accepted => (DIM, format!("sent to {to}")),
            Outcome::Refused => (RED, format!("not sent to {to}, {said}{reason}")),
            Outcome::NotSent => (RED, format!("not sent to {to}, {said}{reason}")),
            Outcome::NotConfirmed => (YELLOW, format!("not confirmed to {to}, {said}{reason}")),
        };
        self.paint(color, &format!("  {words}"))
    }
}

/// The beginning of a text.
fn short(text: &str) -> String {
    const CHARACTERS: usize = 40;
    match text.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Said {
    /// In words, without the end of the last line.
    pub(super) fn words(&self, style: Style) -> String {
        match self {
            Said::LoggedIn {
                name,
                server,
                is_new,
                queued,
            } => {
                let new = if *is_new { " (a new account)" } else { "" };
                let queued = match queued {
                    0 => String::new(),
                    1 => "; 1 message is queued: /deliver".to_owned(),
                    count => format!("; {count} messages are queued: /deliver"),
                };
                format!("logged in as {name}{new}, server {server}{queued}")
            }
            Said::LoggedOut { name } => format!("{name} is logged out"),
            Said::Created { name } => format!("account {name} is made; `/login {name}` to be it"),
            Said::Deleted { name, dropped } => match dropped {
                Some(0) | None => format!("account {name} is gone"),
                Some(count) => {
                    format!(
                        "account {name} is gone, and with it messages that nobody has read: {count}"
                    )
                }
            },
            Said::Message(message) => style.received(message),
            Said::Sent {
                to,
                outcome,
                text,
                reason,
            } => style.sent(to, *outcome, text, reason.as_deref()),
            Said::Accounts { accounts, more } => {
                let more = more.iter().map(|more| format!("  more: {more}"));
                let none = accounts.is_empty().then(|| "  nobody".to_owned());
                let lines = people(accounts).chain(none).chain(more);
                lines.collect::<Vec<_>>().join("\n")
            }
            Said::Present { people: present } => people(present).collect::<Vec<_>>().join("\n"),
            Said::History { messages, more } => {
                let earlier = more.then(|| style.paint(DIM, "  there are earlier ones"));
                let none = messages.is_empty().then(|| "  no messages".to_owned());
                let messages = messages.iter().map(|message| style.received(message));
                let lines = earlier.into_iter().chain(messages).chain(none);
                lines.collect::<Vec<_>>().join("\n")
            }
            Said::Status {
                server,
                is_serving,
                primary,
                members,
            } => match (is_serving, primary) {
                (true, _) => {
                    let members: Vec<String> = members.iter().map(u32::to_string).collect();
                    format!("server {server} serves, of servers {}", members.join(", "))
                }
                (false, Some(primary)) => {
                    format!("server {server} does not serve, server {primary} does")
                }
                (false, None) => {
                    format!("server {server} does not serve; nobody does as far as it knows")
                }
            },
            Said::Note { text } => style.paint(DIM, &format!("({text})")),
            Said::Problem { text } => style.paint(RED, &visible(text)),
            Said::Help => super::line::help(),
        }
    }

    /// As a JSON object in one line.
    pub(super) fn json(&self) -> String {
        match serde_json::to_string(self) {
            Ok(json) => super::escape::json(&json),
            Err(error) => unreachable!("what is shown is strings and numbers: {error}"),
        }
    }
}

fn people(all: &[Person]) -> impl Iterator<Item = String> {
    let widest = all
        .iter()
        .map(|person| person.name.len())
        .max()
        .unwrap_or(0);
    all.iter()
        .map(move |person| format!("  {:widest$}  {}", visible(&person.name), person.presence))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style {
        has_color: false,
        has_lines: false,
    };
    const LINES: Style = Style {
        has_lines: true,
        ..PLAIN
    };

    fn message(text: &str) -> Said {
        Said::Message(Received {
            from: "bob".to_owned(),
            text: text.to_owned(),
            accepted_ms: 0,
            offset: 7,
        })
    }

    #[test]
    fn no_text_looks_like_another_message() {
        let forged = message("hi\n1970-01-01 00:00 eve: forged\u{1b}[A");
        let words = forged.words(LINES);
        assert!(
            words.ends_with("bob: hi\n    | 1970-01-01 00:00 eve: forged\\u{1b}[A"),
            "{words}"
        );
        // In a pipe it is one line.
        assert!(!forged.words(PLAIN).contains('\n'));
    }

    #[test]
    fn json_is_one_line_with_the_text_as_it_was() {
        let json = message("a\nb\u{202e}\u{7f}").json();
        assert_eq!(
            json,
            r#"{"event":"message","from":"bob","text":"a\nb\u202e\u007f","accepted_ms":0,"offset":7}"#
        );
    }

    #[test]
    fn what_nobody_knows_is_not_called_failed() {
        let sent = |outcome| {
            let said = Said::Sent {
                to: "bob".to_owned(),
                outcome,
                text: "x".repeat(100),
                reason: Some("no answer".to_owned()),
            };
            said.words(PLAIN)
        };
        let unknown = sent(Outcome::NotConfirmed);
        assert!(
            unknown.starts_with("  not confirmed to bob, \"xxx"),
            "{unknown}"
        );
        assert!(unknown.ends_with("…\": no answer"), "{unknown}");
        assert_eq!(sent(Outcome::Delivered), "  delivered to bob");
        assert_eq!(
            sent(Outcome::Queued),
            "  queued for bob, who is not logged in"
        );
    }

    #[test]
    fn colours_are_there_only_when_they_are_wanted() {
        let note = Said::Note {
            text: "reconnecting…".to_owned(),
        };
        assert_eq!(note.words(PLAIN), "(reconnecting…)");
        let colored = Style {
            has_color: true,
            ..LINES
        };
        assert_eq!(note.words(colored), "\u{1b}[2m(reconnecting…)\u{1b}[0m");
    }
}
