//! Accounts and sessions of the model.

use crate::answer::{Answer, Listed, Opened};
use crate::application::Outcome;
use crate::identity::{Nonce, Offset, PasswordHash, Sequence, TokenDigest};
use crate::name::Name;
use crate::refusal::{Refusal, SessionEnd};

use super::state::{Account, Limit, Model, Session};

impl Model {
    pub(crate) fn opened(&mut self, session: usize) -> Answer {
        self.sessions[session].used = self.now;
        let session = &self.sessions[session];
        let account = &self.accounts[session.account];
        let opened = Opened {
            account: account.id,
            session: session.id,
            next: Sequence(session.answers.len() as u64 + 1),
            acknowledged: Offset(session.acknowledged),
            end: Offset(account.messages.len() as u64),
        };
        Answer::LoggedIn {
            opened,
            token: None,
        }
    }

    pub(crate) fn create(
        &mut self,
        name: &Name,
        password: Option<PasswordHash>,
        nonce: Nonce,
        got: &Outcome,
    ) -> Outcome {
        if let Some(owner) = self.account(name) {
            let owner = &self.accounts[owner];
            return match owner.nonce == nonce {
                true => Ok(Answer::Created { account: owner.id }),
                false => Err(Refusal::NameTaken),
            };
        }
        if self.mailboxes().count() as u64 >= self.settings.accounts_max {
            return Err(Refusal::AccountsFull);
        }
        let Ok(Answer::Created { account }) = *got else {
            panic!("an account is created, and the answer is {got:?}");
        };
        assert!(self.uuids.insert(account.0), "{account:?} is not new");
        self.accounts.push(Account {
            id: account,
            name: name.clone(),
            nonce,
            password,
            is_deleted: false,
            sends: Limit::default(),
            guesses: Limit::default(),
            messages: Vec::new(),
            gone: 0,
            acknowledged: 0,
        });
        Ok(Answer::Created { account })
    }

    pub(crate) fn log_in(
        &mut self,
        name: &Name,
        proof: Option<[u8; 32]>,
        nonce: Nonce,
        token: TokenDigest,
        got: &Outcome,
    ) -> Outcome {
        let index = self.account(name).ok_or(Refusal::NoAccount)?;
        let (now, burst) = (self.now, self.settings.guesses_burst);
        let account = &mut self.accounts[index];
        if let Some(password) = &account.password {
            let wait_ms = account.guesses.wait_ms(now, 10_000, burst);
            if wait_ms > 0 {
                return Err(Refusal::RateLimited {
                    retry_after_ms: wait_ms as u32,
                });
            }
            if proof != Some(password.digest) {
                account.guesses.take(now, 10_000, burst)?;
                return Err(Refusal::WrongPassword);
            }
        }
        let acknowledged = account.acknowledged as u64;
        let mut open = self.open_sessions(index);
        if let Some(&session) = open
            .iter()
            .find(|&&open| self.sessions[open].nonce == nonce)
        {
            self.sessions[session].token = token;
            return Ok(self.opened(session));
        }
        if self.settings.one_device && !open.is_empty() {
            return Err(Refusal::AnotherDevice);
        }
        if open.len() as u64 >= self.settings.sessions_max {
            open.sort_by_key(|&open| self.sessions[open].used);
            self.end(open[0], SessionEnd::Evicted);
        }
        let Ok(Answer::LoggedIn { opened, .. }) = got else {
            panic!("a session is opened, and the answer is {got:?}");
        };
        let id = opened.session;
        assert!(self.uuids.insert(id.0), "{id:?} is not new");
        self.sessions.push(Session {
            id,
            account: index,
            token,
            nonce,
            used: now,
            acknowledged,
            answers: Vec::new(),
            confirmed: 0,
            end: None,
            is_forgotten: false,
        });
        Ok(self.opened(self.sessions.len() - 1))
    }

    pub(crate) fn delete(&mut self, session: usize) -> Answer {
        let account = self.sessions[session].account;
        // The deletion has a place in its session too.
        let placement = Err(Refusal::NoAccount);
        self.sessions[session].answers.push(placement);
        for open in self.open_sessions(account) {
            self.end(open, SessionEnd::Deleted);
        }
        let account = &mut self.accounts[account];
        account.is_deleted = true;
        Answer::Deleted {
            dropped: (account.messages.len() - account.acknowledged) as u64,
        }
    }

    pub(crate) fn list(&self, pattern: &str, after: Option<&Name>, most: usize) -> Answer {
        let accounts = self.accounts.iter().enumerate();
        let there = accounts.filter(|(_, account)| !account.is_deleted);
        let after = after.map_or("", Name::as_str);
        let mut matching: Vec<Listed> = there
            .filter(|(_, account)| account.name.as_str() > after)
            .filter(|(_, account)| matches(pattern.as_bytes(), account.name.as_str().as_bytes()))
            .map(|(index, account)| Listed {
                name: account.name.clone(),
                account: account.id,
                is_logged_in: !self.open_sessions(index).is_empty(),
            })
            .collect();
        matching.sort_by(|one, other| one.name.cmp(&other.name));
        let more = matching.len() > most;
        matching.truncate(most);
        Answer::Listed {
            accounts: matching,
            more,
        }
    }

    pub(crate) fn expire(&mut self) -> Answer {
        let (now, idle_ms) = (self.now, self.settings.session_idle_ms);
        for session in 0..self.sessions.len() {
            let is_idle = now.since(self.sessions[session].used) > idle_ms;
            if self.sessions[session].end.is_none() && is_idle {
                self.end(session, SessionEnd::Idle);
            }
        }
        for session in &mut self.sessions {
            let end = session.end;
            session.is_forgotten |= end.is_some_and(|(_, _, time)| now.since(time) > idle_ms);
        }
        (0..self.accounts.len()).for_each(|account| self.retain(account));
        Answer::Expired
    }
}

/// Whether a text matches a pattern with `*` and `?`; an empty pattern matches all.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    fn rest(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', after)), _) => {
                (0..=text.len()).any(|skipped| rest(after, &text[skipped..]))
            }
            (Some((b'?', after)), Some((_, text))) => rest(after, text),
            (Some((expected, after)), Some((found, text))) => {
                expected.to_ascii_lowercase() == *found && rest(after, text)
            }
            _ => false,
        }
    }
    pattern.is_empty() || rest(pattern, text)
}
