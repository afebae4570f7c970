//! People who talk: each with a client of its own.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chat::client::operation::{ClientSettings, Operation, Settlement};
use chat::name::Name;
use chat::refusal::Refusal;
use chat_service::client::entry::{Entry, Step};
use chat_service::client::{ClientSetup, Device, Directory, Handle, News, start};
use machine::chance::{Purpose, Stream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::PATIENCE;
use super::cluster::connector;
use super::ledger::{End, Ledger};

/// One of them.
pub(crate) struct Person {
    pub(crate) number: usize,
    pub(crate) others: usize,
    /// Between two messages, on average.
    pub(crate) pause: Duration,
    pub(crate) directory: Directory,
    pub(crate) ledger: Arc<Mutex<Ledger>>,
    pub(crate) talking: watch::Receiver<bool>,
}

fn name(number: usize) -> Name {
    Name::new(&format!("person-{number}")).expect("a name")
}

fn end_of(settlement: &Settlement) -> End {
    match settlement {
        Settlement::Done(_) => End::Acknowledged,
        Settlement::NotDone => End::NotDone,
        // Whom it is for has not come yet.
        Settlement::Refused(Refusal::NoAccount) => End::NotDone,
        Settlement::Unknown => End::Unknown,
        other => panic!("a send ended so: {other:?}"),
    }
}

impl Person {
    /// Talks until told to stop, then waits until all that was acknowledged has come.
    pub(crate) async fn talk(mut self) {
        let (handle, mut news) = start(ClientSetup {
            directory: self.directory.clone(),
            device: Device::ephemeral(),
            connector: connector(),
            most: None,
            settings: ClientSettings::default(),
        })
        .expect("a client");
        self.enter(&handle).await;
        handle.listen();
        let mut chance = Stream::new(7, self.number as u64, Purpose::ClientLife(0, 0));
        let mut under_way = JoinSet::new();
        let mut sent = 0;
        while *self.talking.borrow() {
            let pause = self.pause.mul_f64(chance.exponential().min(5.0));
            tokio::select! {
                _ = self.talking.changed() => {}
                heard = news.recv() => self.hear(&handle, heard),
                () = tokio::time::sleep(pause) => {
                    sent += 1;
                    let to = (self.number + 1 + chance.below(self.others as u64 - 1) as usize) % self.others;
                    self.ledger.lock().expect("no panic").send(self.number, sent, to);
                    let text = format!("{} {sent}", self.number);
                    let asked = handle.ask(Operation::Send { to: name(to), text }, PATIENCE);
                    let (ledger, number, sequence) = (self.ledger.clone(), self.number, sent);
                    under_way.spawn(async move {
                        let end = end_of(&asked.settled().await);
                        ledger.lock().expect("no panic").end(number, sequence, end);
                    });
                }
            }
        }
        self.hear_all_out(&handle, &mut news, under_way).await;
        handle.close(PATIENCE).await;
    }

    async fn enter(&self, handle: &Handle) {
        let mut entry = Entry::new(name(self.number), None);
        let mut operation = entry.begin();
        loop {
            let settlement = handle.ask(operation, PATIENCE).settled().await;
            operation = match entry.settled(settlement) {
                Step::Ask(operation) => operation,
                Step::Wait(milliseconds) => {
                    tokio::time::sleep(Duration::from_millis(milliseconds.into())).await;
                    entry.begin()
                }
                Step::Entered { .. } => return,
                other => panic!("no way in: {other:?}"),
            };
        }
    }

    fn hear(&self, handle: &Handle, heard: Option<News>) {
        match heard.expect("the client runs") {
            News::Message { message, receipt } => {
                let numbers = message.text.split_once(' ').expect("author and number");
                let author = numbers.0.parse().expect("an author");
                let number = numbers.1.parse().expect("a number");
                let mut ledger = self.ledger.lock().expect("no panic");
                ledger.come(self.number, author, number);
                handle.shown(receipt);
            }
            News::SessionEnded(why) => panic!("person {}: the session ended: {why:?}", self.number),
            News::Rewound { count } => panic!("the service lost {count} messages"),
            News::Failed(error) => panic!("{error}"),
            _ => {}
        }
    }

    /// Until each of its messages has an end, and what was acknowledged for it has come.
    async fn hear_all_out(
        &self,
        handle: &Handle,
        news: &mut mpsc::UnboundedReceiver<News>,
        mut under_way: JoinSet<()>,
    ) {
        let begin = Instant::now();
        let mut calm_since = None;
        while begin.elapsed() < PATIENCE {
            tokio::select! {
                heard = news.recv() => self.hear(handle, heard),
                Some(ended) = under_way.join_next() => ended.expect("no panic"),
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
            let ledger = self.ledger.lock().expect("no panic");
            let is_calm = under_way.is_empty() && ledger.all_ended() && ledger.has_all(self.number);
            // What comes twice comes after it came.
            let since: &mut Option<Instant> = &mut calm_since;
            match is_calm {
                true if since.is_some_and(|since| since.elapsed() > Duration::from_millis(500)) => {
                    return;
                }
                true => drop(since.get_or_insert_with(Instant::now)),
                false => *since = None,
            }
        }
        // The ledger says what is missing.
    }
}
