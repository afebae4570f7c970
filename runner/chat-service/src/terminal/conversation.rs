//! What is typed, asked, answered and shown: one person's client.
//!
//! `answers` how operations ended · `news` what happens by itself · `leaving` the way out
//!
//! **Invariant.** A message is given back as shown after it was shown. Every message that was typed is said to be delivered,
//! queued, refused, not sent, or not confirmed.

mod answers;
mod leaving;
mod news;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::time::Duration;

use chat::client::operation::{ClientSettings, Operation, Settlement};
use chat::identity::{Offset, Password};
use chat::name::Name;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::editor::{Desk, LineEditor};
use super::input::{Input, read_lines};
use super::line::{LIST_ACCOUNTS, Line, parse};
use super::place::{Place, Reach, settings};
use super::said::{Outcome, Said};
use super::screen::{Form, Screen};
use crate::client::entry::{Entry, Step};
use crate::client::{Handle, News, Ticket, Unserved, start};
use crate::signals::Requests;

/// When messages come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deliver {
    /// From the log-in on.
    OnLogin,
    /// Once they are asked for.
    OnRequest,
}

/// What a client is started with.
#[derive(Debug, Clone)]
pub struct Talk {
    /// Which cluster, and which device.
    pub place: Place,
    /// Who talks.
    pub name: Option<Name>,
    /// That one's password.
    pub password: Option<Password>,
    /// When messages come.
    pub deliver: Deliver,
    /// How long an answer may take.
    pub patience: Duration,
    /// Whether the session stays open at the end.
    pub stays: bool,
    /// What is written. JSON is for programs: there is no prompt then.
    pub form: Form,
}

/// Talks until the person leaves. The exit code: 1 if a message is not confirmed, or a command of a script was refused.
///
/// # Errors
///
/// When there is no cluster, no device or no terminal; and for scripts when nobody can be logged in.
pub fn converse(talk: Talk) -> anyhow::Result<u8> {
    let settings = ClientSettings {
        listens: talk.deliver == Deliver::OnLogin,
        ..settings()
    };
    let reach = talk.place.open(talk.name.as_ref(), settings)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
        let desk = Desk::default();
        let editor = match is_terminal && talk.form == Form::Text {
            true => LineEditor::open(desk.clone(), reach.history.clone()),
            false => None,
        };
        let Some((editor, printer)) = editor else {
            let screen = Screen::output(talk.form);
            let conversation = Conversation::begin(talk, reach, screen, read_lines()?, None)?;
            return conversation.run().await;
        };
        let mut screen = Screen::above(printer);
        screen.show(&Said::Note {
            text: "@NAME TEXT sends a message, /help shows the commands, Ctrl-D leaves".to_owned(),
        })?;
        desk.set_prompt(prompt(talk.name.as_ref()));
        let (input, terminal) = editor.run(|line| parse(line) == Ok(Line::Quit))?;
        let code = match Conversation::begin(talk, reach, screen, input, Some(desk)) {
            Ok(conversation) => conversation.run().await,
            Err(error) => Err(error),
        };
        terminal.restore();
        code
    })
}

fn prompt(name: Option<&Name>) -> String {
    name.map_or_else(|| "> ".to_owned(), |name| format!("{name}> "))
}

/// What an answer is awaited for.
#[derive(Debug, Clone)]
enum Doing {
    Enter,
    Create { name: Name, has_password: bool },
    Send { to: Name, text: String },
    List { pattern: String },
    History,
    Who(Vec<Name>),
    Status,
    LogOut,
    Delete,
}

/// How the connection is, as the person knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Connection {
    /// Never was there a session.
    New,
    Up,
    /// It was said that another server is sought.
    Lost,
}

/// How far a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Talking,
    /// The person wants to leave; what is under way ends.
    Settling,
    LoggingOut,
    Over,
}

struct Conversation {
    talk: Talk,
    advice: String,
    handle: Handle,
    news: mpsc::UnboundedReceiver<News>,
    input: mpsc::Receiver<Input>,
    screen: Screen,
    /// The line that is typed; none for scripts.
    desk: Option<Desk>,
    settled: mpsc::UnboundedReceiver<(Ticket, Settlement)>,
    settler: mpsc::UnboundedSender<(Ticket, Settlement)>,
    doing: BTreeMap<Ticket, Doing>,
    /// Messages that nobody knows of, or that never left.
    unconfirmed: BTreeMap<Ticket, (Name, String, Outcome)>,
    /// Who is logged in.
    name: Option<Name>,
    /// Whether anybody ever was.
    was_in: bool,
    entry: Option<Entry>,
    /// When the entry is tried again.
    again: Option<Instant>,
    /// For what the next line is a password.
    secret: Option<Secret>,
    connection: Connection,
    unserved: Option<Unserved>,
    /// The server of the last log-in, and how many messages were queued then.
    server: u32,
    queued: u64,
    /// Whether messages were asked for, and how far the mailbox went when they began to come.
    listens: bool,
    listens_through: Option<Offset>,
    shown: Offset,
    was_refused: bool,
    stage: Stage,
    /// When waiting ends, once the person wants to leave.
    gives_up: Option<Instant>,
}

/// What a password is typed for.
#[derive(Debug, Clone)]
enum Secret {
    Entry,
    Create(Name),
}

impl Conversation {
    fn begin(
        talk: Talk,
        reach: Reach,
        screen: Screen,
        input: mpsc::Receiver<Input>,
        desk: Option<Desk>,
    ) -> anyhow::Result<Conversation> {
        let mut setup = reach.setup;
        let is_ours = |kept: &str| talk.name.as_ref().is_some_and(|name| name.as_str() == kept);
        if setup.device.name().is_some_and(|kept| !is_ours(kept)) {
            // Somebody else was logged in here: that session is not this person's.
            setup.device.forget_session();
        }
        let goes_on = setup.device.name().is_some();
        let (handle, news) = start(setup)?;
        let (settler, settled) = mpsc::unbounded_channel();
        let mut conversation = Conversation {
            advice: reach.advice,
            handle,
            news,
            input,
            screen,
            desk,
            settled,
            settler,
            doing: BTreeMap::new(),
            unconfirmed: BTreeMap::new(),
            name: None,
            was_in: false,
            entry: None,
            again: None,
            secret: None,
            connection: Connection::New,
            unserved: None,
            server: 0,
            queued: 0,
            listens: talk.deliver == Deliver::OnLogin,
            listens_through: None,
            shown: Offset(0),
            was_refused: false,
            stage: Stage::Talking,
            gives_up: None,
            talk,
        };
        conversation.entry = conversation.own_entry();
        if !goes_on {
            conversation.enter();
        }
        Ok(conversation)
    }

    async fn run(mut self) -> anyhow::Result<u8> {
        let mut requests = Requests::listen()?;
        let began = Instant::now();
        while self.stage != Stage::Over {
            let takes_input = self.takes_input();
            // Whoever types is told why nothing happens; a script does not wait for ever.
            let is_late = self.is_entering() && !self.was_in && self.desk.is_none();
            let late = is_late.then(|| began + self.talk.patience);
            tokio::select! {
                biased;
                () = requests.next() => self.interrupt(),
                news = self.news.recv() => match news {
                    Some(news) => self.hear(news)?,
                    None => anyhow::bail!("the client has ended"),
                },
                Some((ticket, settlement)) = self.settled.recv() => self.settle(ticket, settlement)?,
                input = self.input.recv(), if takes_input => self.take(input.unwrap_or(Input::End))?,
                () = wait_until(self.again) => {
                    self.again = None;
                    self.enter();
                }
                () = wait_until(late) => return Err(self.not_entered("no server has answered in time")),
                () = wait_until(self.gives_up) => self.give_up(),
            }
            self.move_on();
        }
        self.end().await
    }

    fn show(&mut self, said: &Said) -> io::Result<()> {
        self.screen.show(said)
    }

    fn problem(&mut self, text: impl Into<String>) -> io::Result<()> {
        self.was_refused = true;
        let text = text.into();
        self.show(&Said::Problem { text })
    }

    fn note(&mut self, text: impl Into<String>) -> io::Result<()> {
        let text = text.into();
        self.show(&Said::Note { text })
    }

    fn ask(&mut self, operation: Operation, doing: Doing, patience: Duration) {
        let asked = self.handle.ask(operation, patience);
        let ticket = asked.ticket;
        self.doing.insert(ticket, doing);
        let settler = self.settler.clone();
        tokio::spawn(async move {
            // A conversation that is over does not want to know.
            let _ = settler.send((ticket, asked.settled().await));
        });
    }

    /// The way in of whoever this client is for.
    fn own_entry(&self) -> Option<Entry> {
        let name = self.talk.name.clone()?;
        Some(Entry::new(name, self.talk.password.clone()))
    }

    fn is_entering(&self) -> bool {
        self.entry.is_some()
    }

    fn enter(&mut self) {
        if let Some(entry) = &self.entry {
            // A person can wait as long as they like, and leave when they do not.
            let patience = match self.desk.is_some() {
                true => Duration::from_secs(24 * 60 * 60),
                false => self.talk.patience,
            };
            let operation = entry.begin();
            self.ask(operation, Doing::Enter, patience);
        }
    }

    /// What the entry says next.
    fn step(&mut self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::Ask(_) => self.enter(),
            Step::Wait(wait_ms) => {
                let wait = Duration::from_millis(wait_ms.into());
                self.note(format!(
                    "too many attempts: the next one is in {} s",
                    wait.as_secs() + 1
                ))?;
                self.again = Some(Instant::now() + wait);
            }
            Step::Password => {
                let Some(entry) = &self.entry else {
                    return Ok(());
                };
                let (name, is_new) = (entry.name().clone(), entry.is_creating());
                self.ask_password(&name, is_new, Secret::Entry)?;
            }
            Step::Entered { is_new } => {
                if let Some(entry) = self.entry.take() {
                    self.entered(entry.name().clone(), is_new)?;
                }
            }
            Step::Failed(why) => {
                let error = self.not_entered(&why);
                self.entry = None;
                if self.desk.is_none() && !self.was_in {
                    return Err(error);
                }
                self.problem(error.to_string())?;
            }
        }
        Ok(())
    }

    /// That nobody is logged in, and all that is known of it.
    fn not_entered(&self, why: &str) -> anyhow::Error {
        let name = self.entry.as_ref().map(Entry::name);
        let name = name.map_or_else(String::new, Name::to_string);
        match &self.unserved {
            Some(unserved) => {
                anyhow::anyhow!("{name} is not logged in: {unserved}; {}", self.advice)
            }
            None => anyhow::anyhow!("{name} is not logged in: {why}"),
        }
    }

    fn ask_password(&mut self, name: &Name, is_new: bool, secret: Secret) -> anyhow::Result<()> {
        let Some(desk) = &self.desk else {
            anyhow::bail!(
                "{name}: the password is missing or wrong; give it with --password-file FILE"
            );
        };
        desk.set_secret(true);
        self.secret = Some(secret);
        let what = match is_new {
            true => format!("choose a password for {name}, and press Enter; it is not shown"),
            false => format!("the password of {name}, and Enter; it is not shown"),
        };
        self.note(what)?;
        Ok(())
    }

    /// Whether a line is read now: scripts wait for the end of each command.
    fn takes_input(&self) -> bool {
        let is_idle = self.doing.is_empty() && !self.is_entering();
        self.stage == Stage::Talking && (self.desk.is_some() || is_idle)
    }

    fn take(&mut self, input: Input) -> anyhow::Result<()> {
        match input {
            Input::Line(line) => match self.secret.take() {
                Some(secret) => self.take_password(secret, line),
                None => match parse(&line) {
                    Ok(line) => self.carry_out(line)?,
                    Err(expected) => self.problem(expected)?,
                },
            },
            Input::Unusable(why) => self.problem(why)?,
            Input::Interrupt => self.note("Ctrl-C again, or Ctrl-D, to leave")?,
            Input::End => self.leave(),
        }
        Ok(())
    }

    fn take_password(&mut self, secret: Secret, line: String) {
        if let Some(desk) = &self.desk {
            desk.set_secret(false);
        }
        let password = Password(line);
        match secret {
            Secret::Entry => {
                if let Some(entry) = &mut self.entry {
                    entry.set_password(password);
                }
                self.enter();
            }
            Secret::Create(name) => self.create(name, Some(password)),
        }
    }

    fn create(&mut self, name: Name, password: Option<Password>) {
        let doing = Doing::Create {
            name: name.clone(),
            has_password: password.is_some(),
        };
        let patience = self.talk.patience;
        self.ask(Operation::Create { name, password }, doing, patience);
    }

    fn carry_out(&mut self, line: Line) -> anyhow::Result<()> {
        let patience = self.talk.patience;
        match line {
            Line::Nothing => {}
            Line::Send { to, text } => {
                let operation = Operation::Send {
                    to: to.clone(),
                    text: text.clone(),
                };
                self.ask(operation, Doing::Send { to, text }, patience);
            }
            Line::List { pattern, after } => {
                let operation = Operation::List {
                    pattern: pattern.clone(),
                    after,
                    most: LIST_ACCOUNTS,
                };
                self.ask(operation, Doing::List { pattern }, patience);
            }
            Line::Create(name) => self.create(name, None),
            Line::LogIn(name) => match &self.name {
                Some(own) => {
                    let text = format!("{own} is logged in; `/logout` first");
                    self.problem(text)?;
                }
                None => {
                    let is_own = self.talk.name.as_ref() == Some(&name);
                    let password = self.talk.password.clone().filter(|_| is_own);
                    self.entry = Some(Entry::of_account(name, password));
                    self.enter();
                }
            },
            Line::LogOut => self.ask(Operation::LogOut, Doing::LogOut, patience),
            Line::Delete(name) => match (&self.name, name) {
                (Some(own), Some(name)) if *own == name => {
                    self.ask(Operation::Delete, Doing::Delete, patience);
                }
                (Some(own), _) => {
                    let text = format!(
                        "`/delete {own}` deletes the account {own} for ever, with all its messages"
                    );
                    self.problem(text)?;
                }
                (None, _) => self.problem("nobody is logged in; `/login NAME`")?,
            },
            Line::Deliver => {
                self.listens = true;
                self.handle.listen();
            }
            Line::History(most) => {
                let operation = Operation::History {
                    before: Offset(0),
                    most,
                };
                self.ask(operation, Doing::History, patience);
            }
            Line::Who(names) => {
                let operation = Operation::Who {
                    names: names.clone(),
                };
                self.ask(operation, Doing::Who(names), patience);
            }
            Line::Status => self.ask(Operation::Status, Doing::Status, patience),
            Line::Help => self.show(&Said::Help)?,
            Line::Quit => self.leave(),
        }
        Ok(())
    }
}

async fn wait_until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
