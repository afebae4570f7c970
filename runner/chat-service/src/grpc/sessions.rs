//! The sessions that gRPC clients have on this server, by their tokens.
//!
//! **Invariant.** A token has one connection of the hub at a time, however many calls bring it. Tokens are known by their
//! digests alone. How many are kept, and how many log in at once, is bounded.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chat::answer::Answer;
use chat::identity::{Nonce, Offset, Password, RequestId, Token, TokenDigest, View};
use chat::name::Name;
use chat::refusal::Refusal;
use chat::wire::request::{Login, Request, ToServer};
use chat::wire::response::{Response, ToClient};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio::time::Instant;

use super::session::{Pushed, Session, Unanswered};
use crate::hub::{Connection, Hub};

/// Calls that log in, or need nobody to, at once. Further ones wait for their turn, until their deadlines.
const STRANGERS_AT_ONCE: usize = 64;

/// A connection that ended under a call is made again, this often.
const ATTEMPTS: usize = 3;

/// What is known of a token.
#[derive(Debug)]
struct Known {
    /// The session, unless it is idle.
    session: tokio::sync::Mutex<Option<Session>>,
    /// Whether the service has said that the token is good.
    is_proven: AtomicBool,
    used: Mutex<Instant>,
}

/// The sessions of all gRPC clients.
#[derive(Debug)]
pub(super) struct Sessions {
    /// None once they have ended.
    hub: Mutex<Option<Hub>>,
    known: Mutex<BTreeMap<TokenDigest, Arc<Known>>>,
    sessions_max: usize,
    idle: Duration,
    strangers: Semaphore,
}

impl Sessions {
    pub(super) fn new(hub: Hub, sessions_max: usize, idle: Duration) -> Sessions {
        Sessions {
            hub: Mutex::new(Some(hub)),
            known: Mutex::default(),
            sessions_max,
            idle,
            strangers: Semaphore::new(STRANGERS_AT_ONCE),
        }
    }

    /// Whether a token has had a session on this server.
    pub(super) fn is_known(&self, token: &Token) -> bool {
        let known = lock(&self.known).get(&token.digest()).cloned();
        known.is_some_and(|known| known.is_proven.load(Ordering::Relaxed))
    }

    /// Ends all sessions and their streams; there will be no others.
    pub(super) fn end(&self) {
        lock(&self.hub).take();
        lock(&self.known).clear();
    }

    /// Asks for something that needs nobody to be logged in.
    pub(super) async fn ask_as_stranger(
        &self,
        view: View,
        request: Request,
    ) -> Result<ToClient, Refusal> {
        let _turn = self.turn().await?;
        let (_, answer) = self.begin(view, request).await?;
        Ok(answer)
    }

    /// Logs in.
    pub(super) async fn open(
        &self,
        view: View,
        (name, password, nonce): (Name, Option<Password>, Nonce),
    ) -> Result<ToClient, Refusal> {
        let _turn = self.turn().await?;
        let login = Login::New {
            name,
            password,
            nonce,
        };
        let (connection, answer) = self.begin(view, Request::LogIn { login }).await?;
        if let Some(token) = logged_in(&answer).flatten() {
            let known = self.known(&token)?;
            let mut session = known.session.lock().await;
            *session = Some(self.start(&known, connection));
        }
        Ok(answer)
    }

    /// Goes on with a session, on a connection of its own.
    pub(super) async fn resume(&self, view: View, token: &Token) -> Result<ToClient, Refusal> {
        let _turn = self.turn().await?;
        let known = self.known(token)?;
        let mut session = known.session.lock().await;
        let (resumed, answer) = self.take_up(&known, view, token).await?;
        *session = resumed;
        Ok(answer)
    }

    /// Asks for something in a session.
    pub(super) async fn ask(
        &self,
        view: View,
        token: &Token,
        request: Request,
    ) -> Result<ToClient, Refusal> {
        for _ in 0..ATTEMPTS {
            let session = self.session(view, token).await?;
            match session.ask(view, request.clone()).await {
                Ok(answer) => {
                    self.forget_if_over(token, &answer);
                    return Ok(answer);
                }
                Err(Unanswered::Unsaid) => {}
                Err(Unanswered::Lost) => return Err(Refusal::Unsettled),
            }
        }
        Err(Refusal::NotPrimary { hint: None })
    }

    /// Asks for the messages of a session.
    pub(super) async fn listen(
        &self,
        view: View,
        token: &Token,
        after: Offset,
    ) -> Result<(ToClient, mpsc::Receiver<Pushed>), Refusal> {
        for _ in 0..ATTEMPTS {
            let session = self.session(view, token).await?;
            match session.listen(view, after).await {
                Ok(stream) => return Ok(stream),
                Err(Unanswered::Unsaid) => {}
                Err(Unanswered::Lost) => return Err(Refusal::Unsettled),
            }
        }
        Err(Refusal::NotPrimary { hint: None })
    }

    /// The session of a token: the one that is open, or the one that is taken up now.
    async fn session(&self, view: View, token: &Token) -> Result<Session, Refusal> {
        if let Some(open) = self.open_session(token).await {
            return Ok(open);
        }
        let _turn = self.turn().await?;
        let known = self.known(token)?;
        let mut session = known.session.lock().await;
        // Another call may have taken it up while this one waited.
        if let Some(open) = session.as_ref().filter(|open| !open.is_over()) {
            return Ok(open.clone());
        }
        let (resumed, answer) = self.take_up(&known, view, token).await?;
        session.clone_from(&resumed);
        match (resumed, answer.response) {
            (Some(resumed), _) => Ok(resumed),
            (None, Response::Refused(refusal)) => Err(refusal),
            (None, _) => Err(Refusal::Unsettled),
        }
    }

    async fn open_session(&self, token: &Token) -> Option<Session> {
        let known = lock(&self.known).get(&token.digest()).cloned()?;
        *lock(&known.used) = Instant::now();
        let session = known.session.lock().await;
        session.clone().filter(|session| !session.is_over())
    }

    /// Logs in with a token, on a new connection. A token with which that does not succeed is forgotten.
    async fn take_up(
        &self,
        known: &Known,
        view: View,
        token: &Token,
    ) -> Result<(Option<Session>, ToClient), Refusal> {
        let login = Login::Again { token: *token };
        let begun = self.begin(view, Request::LogIn { login }).await;
        let (connection, answer) = begun.inspect_err(|_| self.forget(token))?;
        if logged_in(&answer).is_some() {
            return Ok((Some(self.start(known, connection)), answer));
        }
        self.forget(token);
        Ok((None, answer))
    }

    fn start(&self, known: &Known, connection: Connection) -> Session {
        known.is_proven.store(true, Ordering::Relaxed);
        Session::start(connection, self.idle)
    }

    /// The turn of a call that costs a connection of the hub.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        let turn = self.strangers.acquire().await;
        turn.map_err(|_| Refusal::NotPrimary { hint: None })
    }

    /// A new connection, and the answer to its first request.
    async fn begin(&self, view: View, request: Request) -> Result<(Connection, ToClient), Refusal> {
        let gone = Refusal::NotPrimary { hint: None };
        let hub = lock(&self.hub).clone().ok_or_else(|| gone.clone())?;
        let mut connection = hub.connect().await.ok_or_else(|| gone.clone())?;
        // Far from those that the session counts from 1.
        let id = RequestId(u32::MAX);
        if !connection.say(ToServer { id, view, request }) {
            return Err(gone);
        }
        loop {
            let heard = connection.hear().await.ok_or(Refusal::Unsettled)?;
            if heard.id == id {
                return Ok((connection, heard));
            }
        }
    }

    /// What is known of a token; a place for it, if nothing is.
    fn known(&self, token: &Token) -> Result<Arc<Known>, Refusal> {
        let mut known = lock(&self.known);
        let digest = token.digest();
        if let Some(known) = known.get(&digest) {
            *lock(&known.used) = Instant::now();
            return Ok(Arc::clone(known));
        }
        if known.len() >= self.sessions_max {
            let idle = known.iter().filter(|(_, known)| is_idle(known));
            let oldest = idle.min_by_key(|(_, known)| *lock(&known.used));
            let oldest = oldest.map(|(&digest, _)| digest);
            let allowed = u32::try_from(self.sessions_max).unwrap_or(u32::MAX);
            known.remove(&oldest.ok_or(Refusal::TooMany { allowed })?);
        }
        let one = Arc::new(Known {
            session: tokio::sync::Mutex::default(),
            is_proven: AtomicBool::new(false),
            used: Mutex::new(Instant::now()),
        });
        known.insert(digest, Arc::clone(&one));
        Ok(one)
    }

    fn forget(&self, token: &Token) {
        lock(&self.known).remove(&token.digest());
    }

    fn forget_if_over(&self, token: &Token, answer: &ToClient) {
        let is_over = matches!(
            answer.response,
            Response::Answered(Answer::LoggedOut | Answer::Deleted { .. })
        );
        if is_over {
            self.forget(token);
        }
    }
}

/// Whether an answer is that somebody is logged in, and the token that is given then.
fn logged_in(answer: &ToClient) -> Option<Option<Token>> {
    match answer.response {
        Response::Answered(Answer::LoggedIn { token, .. }) => Some(token),
        _ => None,
    }
}

fn is_idle(known: &Known) -> bool {
    let session = known.session.try_lock();
    session.is_ok_and(|session| session.as_ref().is_none_or(Session::is_over))
}

/// A lock whose holder has panicked is as good as any: what is in it is whole after each step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
