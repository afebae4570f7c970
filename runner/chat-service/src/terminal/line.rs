//! What is typed.
//!
//! **Invariant.** A line that is nothing of this is refused with what was expected.

use chat::limits::{HISTORY_MESSAGES_MAX, LIST_ACCOUNTS_MAX};
use chat::name::Name;

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    Nothing,
    Send {
        to: Name,
        text: String,
    },
    List {
        pattern: String,
        after: Option<Name>,
    },
    Create(Name),
    LogIn(Name),
    LogOut,
    /// Of this account, named again so that no slip deletes it.
    Delete(Option<Name>),
    Deliver,
    History(u32),
    Who(Vec<Name>),
    Status,
    Help,
    Quit,
}

/// Commands, their arguments, and what they do.
pub(super) const COMMANDS: &[(&str, &str, &str)] = &[
    (
        "/list",
        "[PATTERN [NAME]]",
        "who has an account; * and ? stand for any; after NAME",
    ),
    ("/who", "NAME…", "whether they are there"),
    ("/history", "[COUNT]", "messages that you had before"),
    ("/deliver", "", "show what is queued, and what comes"),
    ("/create", "NAME", "make an account"),
    ("/login", "NAME", "be somebody else"),
    ("/logout", "", "from now on messages are queued for you"),
    (
        "/delete",
        "NAME",
        "delete your account, with all its messages",
    ),
    ("/status", "", "how the server is"),
    ("/help", "", "this"),
    ("/quit", "", "leave"),
];

/// Messages of a history that is asked for without a count.
const HISTORY_MESSAGES: u32 = 20;

/// What all commands are.
pub(super) fn help() -> String {
    let width = |(command, arguments, _): &(&str, &str, &str)| {
        command.chars().count() + 1 + arguments.chars().count()
    };
    let widest = COMMANDS.iter().map(width).max().unwrap_or(0);
    let mut help = format!("  {:widest$}  send a message\n", "@NAME TEXT");
    for command in COMMANDS {
        let (name, arguments, what) = command;
        help.push_str(&format!(
            "  {:widest$}  {what}\n",
            format!("{name} {arguments}")
        ));
    }
    help.push_str("  Tab completes names and commands; Ctrl-D leaves.");
    help
}

/// What a line is.
///
/// # Errors
///
/// What was expected.
pub(super) fn parse(text: &str) -> Result<Line, String> {
    let text = text.trim_start();
    if text.trim_end().is_empty() {
        return Ok(Line::Nothing);
    }
    if let Some(rest) = text.strip_prefix('@') {
        let (to, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let to = name(to)?;
        if text.trim().is_empty() {
            return Err(format!("what to say to {to}? `@{to} TEXT`"));
        }
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        return Ok(Line::Send { to, text });
    }
    let mut words = text.split_whitespace();
    let command = words.next().unwrap_or_default();
    if !command.starts_with('/') {
        return Err("`@NAME TEXT` sends a message, `/help` shows the commands".to_owned());
    }
    let words: Vec<&str> = words.collect();
    arguments(command, &words)
}

fn arguments(command: &str, words: &[&str]) -> Result<Line, String> {
    let line = match (command, words) {
        ("/list", []) => Line::List {
            pattern: "*".to_owned(),
            after: None,
        },
        ("/list", [pattern]) => Line::List {
            pattern: (*pattern).to_owned(),
            after: None,
        },
        ("/list", [pattern, after]) => Line::List {
            pattern: (*pattern).to_owned(),
            after: Some(name(after)?),
        },
        ("/create", [one]) => Line::Create(name(one)?),
        ("/login", [one]) => Line::LogIn(name(one)?),
        ("/logout", []) => Line::LogOut,
        ("/delete", []) => Line::Delete(None),
        ("/delete", [one]) => Line::Delete(Some(name(one)?)),
        ("/deliver", []) => Line::Deliver,
        ("/history", []) => Line::History(HISTORY_MESSAGES),
        ("/history", [count]) => match count.parse() {
            Ok(count) if (1..=HISTORY_MESSAGES_MAX as u32).contains(&count) => Line::History(count),
            _ => {
                return Err(format!(
                    "`/history {count}`: expected a number from 1 to {HISTORY_MESSAGES_MAX}"
                ));
            }
        },
        ("/who", [_, ..]) => Line::Who(
            words
                .iter()
                .map(|one| name(one))
                .collect::<Result<_, _>>()?,
        ),
        ("/status", []) => Line::Status,
        ("/help" | "/?", []) => Line::Help,
        ("/quit" | "/exit", []) => Line::Quit,
        _ => return Err(unknown(command)),
    };
    Ok(line)
}

fn unknown(command: &str) -> String {
    match COMMANDS.iter().find(|(known, ..)| *known == command) {
        Some((known, arguments, _)) => {
            format!("expected `{}`", format!("{known} {arguments}").trim_end())
        }
        None => format!("`{command}` is no command; `/help` shows those that there are"),
    }
}

fn name(text: &str) -> Result<Name, String> {
    let text = text.strip_prefix('@').unwrap_or(text);
    Name::new(text).map_err(|error| format!("`{text}` is no name: {error}"))
}

/// How many accounts a list shows at once.
pub(super) const LIST_ACCOUNTS: u32 = {
    assert!(LIST_ACCOUNTS_MAX >= 100);
    100
};

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Name {
        Name::new(text).expect("a name")
    }

    #[test]
    fn lines_are_messages_and_commands() {
        let send = |to: &str, text: &str| Line::Send {
            to: of(to),
            text: text.to_owned(),
        };
        let list = |pattern: &str, after: Option<&str>| Line::List {
            pattern: pattern.to_owned(),
            after: after.map(of),
        };
        for (text, expected) in [
            ("", Line::Nothing),
            ("   ", Line::Nothing),
            ("@bob hello", send("bob", "hello")),
            (" @Bob  two  spaces ", send("bob", " two  spaces ")),
            ("@bob /quit", send("bob", "/quit")),
            ("/list", list("*", None)),
            ("/list a*", list("a*", None)),
            ("/list a* ada", list("a*", Some("ada"))),
            ("/create ada", Line::Create(of("ada"))),
            ("/login @ada", Line::LogIn(of("ada"))),
            ("/delete", Line::Delete(None)),
            ("/delete ada", Line::Delete(Some(of("ada")))),
            ("/history", Line::History(20)),
            ("/history 100", Line::History(100)),
            ("/who bob ada", Line::Who(vec![of("bob"), of("ada")])),
            ("/quit", Line::Quit),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_neither_is_refused_with_what_was_expected() {
        for (text, expected) in [
            ("hello", "`@NAME TEXT` sends"),
            ("@bob", "what to say to bob"),
            ("@bob   ", "what to say to bob"),
            ("@b/b hi", "character 2 is '/'"),
            ("@ hi", "1 to 32 characters"),
            ("/lst", "`/lst` is no command"),
            ("/create", "expected `/create NAME`"),
            ("/logout now", "expected `/logout`"),
            ("/history 101", "from 1 to 100"),
            ("/history 0", "from 1 to 100"),
            ("/who", "expected `/who NAME…`"),
        ] {
            let error = parse(text).expect_err("it is refused");
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn help_has_every_command_in_narrow_lines() {
        let help = help();
        assert!(COMMANDS.iter().all(|(command, ..)| help.contains(command)));
        assert!(
            help.lines().all(|line| line.chars().count() <= 80),
            "{help}"
        );
    }
}
