//! One message sent, or messages received: for scripts.
//!
//! **Invariant.** A message that was received is acknowledged after it was written to standard output. What is not confirmed is
//! neither called sent nor failed.

use std::io::{self, Read};
use std::time::Duration;

use anyhow::{Context, bail};
use chat::client::operation::{ClientSettings, Operation, Settlement};
use chat::identity::{Offset, Password};
use chat::limits::TEXT_BYTES_MAX;
use chat::name::Name;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::outcome::outcome;
use super::place::{Place, Reach, settings};
use super::said::{Outcome, Said};
use super::screen::{Form, Screen};
use crate::client::entry::{Entry, Step};
use crate::client::{Handle, News, Unserved, start};
use crate::signals::Requests;

/// How long a log-out may take.
const LOGGING_OUT: Duration = Duration::from_secs(5);

/// Who does something where.
#[derive(Debug, Clone)]
pub struct Errand {
    /// Which cluster, and which device.
    pub place: Place,
    /// Who.
    pub name: Name,
    /// That one's password.
    pub password: Option<Password>,
    /// How long the log-in, and each answer, may take.
    pub patience: Duration,
    /// What is written.
    pub form: Form,
}

/// What is received.
#[derive(Debug, Clone, Copy, Default)]
pub struct Receipts {
    /// Whether later messages are waited for.
    pub follows: bool,
    /// How many at most.
    pub most: Option<u64>,
    /// How long they are waited for.
    pub wait: Option<Duration>,
}

/// The text of a message: what was given, or standard input for `-`.
///
/// # Errors
///
/// When standard input is no text, or longer than a message may be.
pub fn text_of(given: &str) -> anyhow::Result<String> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut bytes = Vec::new();
    let most = TEXT_BYTES_MAX as u64;
    io::stdin()
        .lock()
        .take(most + 2)
        .read_to_end(&mut bytes)
        .context("standard input")?;
    let text = String::from_utf8(bytes).context("standard input: a message is UTF-8")?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    if text.len() > TEXT_BYTES_MAX {
        bail!("standard input: a message has at most {TEXT_BYTES_MAX} bytes; send it in parts");
    }
    Ok(text.to_owned())
}

/// Sends one message. The exit code: 0 it is accepted, 1 that is not confirmed.
///
/// # Errors
///
/// When it is not sent.
pub fn send(errand: &Errand, to: &Name, text: String) -> anyhow::Result<u8> {
    if text.is_empty() {
        bail!("an empty text is no message");
    }
    let settings = ClientSettings {
        listens: false,
        ..settings()
    };
    errand.carry_out(settings, None, async |visit: &mut Visit| {
        let operation = Operation::Send {
            to: to.clone(),
            text: text.clone(),
        };
        let settlement = visit.ask(operation, errand.patience).await?;
        let (outcome, reason) = outcome(to, &settlement);
        if let (Outcome::Refused | Outcome::NotSent, Some(reason)) = (outcome, &reason) {
            visit.log_out().await?;
            bail!("not sent to {to}: {reason}");
        }
        let code = u8::from(outcome == Outcome::NotConfirmed);
        Screen::output(errand.form).show(&Said::Sent {
            to: to.to_string(),
            outcome,
            text,
            reason,
        })?;
        visit.log_out().await?;
        Ok(code)
    })
}

/// Receives messages. The exit code: 1 if fewer came than were waited for, or that they were received is not confirmed.
///
/// # Errors
///
/// When nobody can be logged in, or nothing can be written.
pub fn receive(errand: &Errand, receipts: Receipts) -> anyhow::Result<u8> {
    let settings = settings();
    errand.carry_out(settings, receipts.most, async |visit: &mut Visit| {
        let mut requests = Requests::listen()?;
        let mut screen = Screen::output(errand.form);
        let until = receipts.wait.map(|wait| Instant::now() + wait);
        let (mut count, mut shown, mut through) = (0, visit.acknowledged, None);
        let is_over = |count, shown: Offset, through: Option<Offset>| {
            let is_all = !receipts.follows && through.is_some_and(|through| shown >= through);
            is_all || receipts.most.is_some_and(|most| count >= most)
        };
        while !is_over(count, shown, through) {
            let news = tokio::select! {
                biased;
                () = requests.next() => break,
                news = visit.next() => news?,
                () = wait_until(until) => break,
            };
            match news {
                News::Message { message, receipt } => {
                    shown = message.offset;
                    screen.show(&Said::Message(message.into()))?;
                    visit.handle.shown(receipt);
                    count += 1;
                }
                News::Skipped { receipt, .. } => visit.handle.shown(receipt),
                News::Listening { end } => through = Some(end),
                News::SessionEnded(end) => {
                    bail!(
                        "the session has ended: {}",
                        crate::client::advice::session_end(end)
                    );
                }
                _ => {}
            }
        }
        let is_short =
            receipts.wait.is_some() && receipts.most.map_or(count == 0, |most| count < most);
        let is_acknowledged = visit.log_out().await?;
        if !is_acknowledged && count > 0 {
            // Not to be mixed with what was received.
            eprintln!("not confirmed that the last messages were received: they may come again");
        }
        Ok(u8::from(is_short || (count > 0 && !is_acknowledged)))
    })
}

impl Errand {
    /// Logs in, does something, and ends the client.
    fn carry_out(
        &self,
        settings: ClientSettings,
        most: Option<u64>,
        work: impl AsyncFnOnce(&mut Visit) -> anyhow::Result<u8>,
    ) -> anyhow::Result<u8> {
        let mut reach = self.place.open(Some(&self.name), settings)?;
        reach.setup.most = most;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let mut visit = Visit::begin(self, reach).await?;
            let code = work(&mut visit).await?;
            visit.handle.close(LOGGING_OUT).await;
            Ok(code)
        })
    }
}

/// Somebody who is logged in.
struct Visit {
    handle: Handle,
    news: mpsc::UnboundedReceiver<News>,
    /// What came while an answer was awaited.
    waiting: Vec<News>,
    unserved: Option<Unserved>,
    /// The last message that this device had acknowledged at the log-in.
    acknowledged: Offset,
}

impl Visit {
    async fn begin(errand: &Errand, reach: Reach) -> anyhow::Result<Visit> {
        let mut setup = reach.setup;
        let name = errand.name.as_str();
        if setup.device.name().is_some_and(|kept| kept != name) {
            setup.device.forget_session();
        }
        let goes_on = setup.device.name().is_some();
        let (handle, news) = start(setup)?;
        let mut visit = Visit {
            handle,
            news,
            waiting: Vec::new(),
            unserved: None,
            acknowledged: Offset(0),
        };
        let entered = timeout(errand.patience, visit.enter(errand, goes_on)).await;
        let error = match entered {
            Ok(Ok(())) => return Ok(visit),
            Ok(Err(error)) => error,
            Err(_) => anyhow::anyhow!(
                "no server has answered within {:?}; {}",
                errand.patience,
                reach.advice
            ),
        };
        Err(match visit.unserved {
            Some(unserved) => {
                anyhow::anyhow!("{name} is not logged in: {unserved}; {}", reach.advice)
            }
            None => error.context(format!("{name} is not logged in")),
        })
    }

    async fn enter(&mut self, errand: &Errand, goes_on: bool) -> anyhow::Result<()> {
        if goes_on && self.goes_on().await? {
            return Ok(());
        }
        let mut entry = Entry::new(errand.name.clone(), errand.password.clone());
        loop {
            let settlement = self.ask(entry.begin(), errand.patience).await?;
            match entry.settled(settlement) {
                Step::Ask(_) => {}
                Step::Wait(wait_ms) => sleep(Duration::from_millis(wait_ms.into())).await,
                Step::Password => {
                    bail!("the password is missing or wrong; give it with --password-file FILE")
                }
                Step::Failed(why) => bail!(why),
                Step::Entered { .. } => break,
            }
        }
        // The log-in is told before its answer.
        while !self.note_log_in() {
            let news = self.hear().await?;
            self.waiting.push(news);
        }
        Ok(())
    }

    /// Whether the session that the device had kept goes on.
    async fn goes_on(&mut self) -> anyhow::Result<bool> {
        loop {
            let news = self.hear().await?;
            match news {
                News::SessionEnded(_) => return Ok(false),
                news => self.waiting.push(news),
            }
            if self.note_log_in() {
                return Ok(true);
            }
        }
    }

    /// Takes what a log-in said from what came.
    fn note_log_in(&mut self) -> bool {
        let is_log_in = |news: &News| matches!(news, News::LoggedIn { .. });
        let Some(place) = self.waiting.iter().position(is_log_in) else {
            return false;
        };
        if let News::LoggedIn { opened, .. } = self.waiting.remove(place) {
            self.acknowledged = opened.acknowledged;
        }
        true
    }

    /// Asks, and keeps what comes meanwhile for later.
    async fn ask(
        &mut self,
        operation: Operation,
        patience: Duration,
    ) -> anyhow::Result<Settlement> {
        let asked = self.handle.ask(operation, patience);
        let settled = asked.settled();
        tokio::pin!(settled);
        loop {
            tokio::select! {
                biased;
                news = self.news.recv() => {
                    let news = self.take(news)?;
                    self.waiting.push(news);
                }
                settlement = &mut settled => return Ok(settlement),
            }
        }
    }

    /// What happens next.
    async fn next(&mut self) -> anyhow::Result<News> {
        match self.waiting.is_empty() {
            true => self.hear().await,
            false => Ok(self.waiting.remove(0)),
        }
    }

    async fn hear(&mut self) -> anyhow::Result<News> {
        let news = self.news.recv().await;
        self.take(news)
    }

    fn take(&mut self, news: Option<News>) -> anyhow::Result<News> {
        let news = news.context("the client has ended")?;
        match &news {
            News::Unserved(unserved) => self.unserved = Some(unserved.clone()),
            News::Served => self.unserved = None,
            _ => {}
        }
        match news {
            News::Failed(error) => Err(error.into()),
            news => Ok(news),
        }
    }

    /// Ends the session; whether the service has confirmed that, and with it all acknowledgements before.
    async fn log_out(&mut self) -> anyhow::Result<bool> {
        let settlement = self.ask(Operation::LogOut, LOGGING_OUT).await?;
        Ok(matches!(settlement, Settlement::Done(_)))
    }
}

async fn wait_until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
