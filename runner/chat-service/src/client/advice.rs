//! What to do about what a server refuses, for people.
//!
//! **Invariant.** Every refusal that a person can meet says what to do.

use chat::refusal::{Refusal, SessionEnd};

/// A refusal, with what to do.
pub fn refusal(refusal: &Refusal) -> String {
    let advice = match refusal {
        Refusal::NoAccount => "`/list` shows who there is, `/create NAME` makes an account",
        Refusal::WrongPassword => {
            "give the right one with --password-file FILE, or type it when asked"
        }
        Refusal::AccountsFull => "ask its operator for more ([limits] accounts)",
        Refusal::MailboxFull | Refusal::SenderQuota => "send it again when they have read some",
        Refusal::TextTooLong { .. } => "send it in parts",
        Refusal::LoginNeeded => "`/login NAME`",
        Refusal::LoggedIn => "`/logout` first",
        Refusal::Version { .. } => "use the release of `runner` that the servers run",
        Refusal::NoSession => "`/login NAME`",
        Refusal::SessionEnded { end, .. } => {
            return format!("the session has ended: {}", session_end(Some(*end)));
        }
        Refusal::RateLimited { retry_after_ms } => {
            let seconds = retry_after_ms.div_ceil(1000);
            return format!("too many requests: try again in {seconds} s");
        }
        Refusal::Malformed { .. } => "client and servers are of different releases",
        _ => return refusal.to_string(),
    };
    let refusal = match refusal {
        Refusal::LoginNeeded => "nobody is logged in".to_owned(),
        Refusal::NoSession => "the service knows no such session (any more)".to_owned(),
        other => other.to_string(),
    };
    format!("{refusal}; {advice}")
}

/// Why a session has ended, with what to do.
pub fn session_end(end: Option<SessionEnd>) -> &'static str {
    match end {
        Some(SessionEnd::LoggedOut) => "logged out",
        Some(SessionEnd::Deleted) => "the account was deleted",
        Some(SessionEnd::Evicted) => {
            "too many devices of this account have logged in since; `/login NAME` to come back, and `/logout` on devices that \
             are not used"
        }
        Some(SessionEnd::Idle) => "it was not used for too long; `/login NAME` to come back",
        None => "the service does not know it any more; `/login NAME` to come back",
    }
}

#[cfg(test)]
mod tests {
    use chat::identity::Sequence;

    use super::*;

    #[test]
    fn refusals_say_what_to_do() {
        let evicted = Refusal::SessionEnded {
            end: SessionEnd::Evicted,
            settled: Sequence(0),
        };
        for (what, words, advice) in [
            (Refusal::NoAccount, "no account", "/list"),
            (Refusal::NameTaken, "taken", "choose another"),
            (Refusal::LoginNeeded, "nobody is logged in", "/login"),
            (Refusal::WrongPassword, "password", "--password-file"),
            (
                Refusal::TextTooLong { bytes: 20_000 },
                "20000 bytes",
                "in parts",
            ),
            (Refusal::MailboxFull, "full", "again when"),
            (Refusal::SenderQuota, "not read", "again when"),
            (
                Refusal::RateLimited {
                    retry_after_ms: 1_200,
                },
                "too many",
                "in 2 s",
            ),
            (evicted, "too many devices", "/login"),
            (Refusal::AnotherDevice, "another device", "log out there"),
            (Refusal::Version { version: 2 }, "version 2", "release"),
        ] {
            let said = refusal(&what);
            assert!(said.contains(words) && said.contains(advice), "{said}");
        }
    }
}
