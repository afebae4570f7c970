//! The driver of a client's core: its effects, in order.
//!
//! **Invariant.** An acknowledgement leaves when its messages were shown and that is kept. Only what comes on the connection that
//! the core asked for last reaches it.

use std::collections::HashMap;
use std::future::pending;
use std::io;
use std::time::Duration;

use chat::answer::Answer;
use chat::client::Client as Core;
use chat::client::operation::{ClientSettings, Effect, Operation, OperationId, Report, Settlement};
use chat::identity::{AccountId, Offset, ServerId, TimeMs};
use chat::name::Name;
use chat::wire::request::{Request, ToServer};
use chat::wire::response::{Notice, Response};
use machine::chance::{Purpose, Stream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::device::{Device, DeviceError};
use super::directory::Directory;
use super::handle::{Handle, News, Order, Ticket};
use super::link::{Link, LinkEvent};
use super::problem::{Problem, Troubles};
use crate::transport::Connector;

/// How long a server may take to greet a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// Messages that were not shown yet; no more is read while so many wait.
const UNSHOWN_MAX: u64 = 512;

/// What a client needs to begin.
pub struct ClientSetup {
    /// Where servers are.
    pub directory: Directory,
    /// What it has kept.
    pub device: Device,
    /// How it reaches them.
    pub connector: Connector,
    /// How many messages it takes; the others stay queued. None for all.
    pub most: Option<u64>,
    /// How it does things; the number of servers is that of the directory.
    pub settings: ClientSettings,
}

/// Begins a client, in the background of the tokio runtime of the caller.
///
/// # Errors
///
/// When the system has no chance to draw from.
pub fn start(setup: ClientSetup) -> io::Result<(Handle, mpsc::UnboundedReceiver<News>)> {
    let (handle, orders) = Handle::new();
    let (news, receiver) = mpsc::unbounded_channel();
    let seed = || getrandom::u64().map_err(io::Error::other);
    let chance = Stream::new(seed()?, seed()?, Purpose::ClientLife(0, 0));
    let settings = ClientSettings {
        servers: setup.directory.len(),
        ..setup.settings
    };
    let device = setup.device;
    let mut core = match device.saved() {
        Some(saved) => Core::restore(settings, chance, saved),
        None => Core::new(settings, chance),
    };
    if let Some((owner, shown)) = device.owner() {
        core.remember(owner, shown);
    }
    let name = device.name().and_then(|name| Name::new(name).ok());
    let driver = Driver {
        core,
        directory: setup.directory,
        account: device.account(),
        name,
        device,
        orders,
        news,
        connector: setup.connector,
        link: None,
        place: ServerId(0),
        elsewhere: None,
        held: Vec::new(),
        unshown: 0,
        taken: 0,
        most: setup.most,
        rewinds: 0,
        acknowledged: Offset(0),
        open: HashMap::new(),
        troubles: Troubles::default(),
        began: Instant::now(),
        wake: None,
        closed: None,
    };
    tokio::spawn(driver.run());
    Ok((handle, receiver))
}

/// A client that runs.
pub(super) struct Driver {
    pub(super) core: Core,
    pub(super) directory: Directory,
    pub(super) device: Device,
    orders: mpsc::UnboundedReceiver<Order>,
    pub(super) news: mpsc::UnboundedSender<News>,
    connector: Connector,
    link: Option<Link>,
    /// Where the core is connected, or was.
    pub(super) place: ServerId,
    /// The server that serves, as the last one says whose address is not known.
    pub(super) elsewhere: Option<ServerId>,
    /// Acknowledgements of messages that are not kept as shown yet.
    held: Vec<ToServer>,
    pub(super) unshown: u64,
    /// Messages that the program has been told of.
    pub(super) taken: u64,
    most: Option<u64>,
    pub(super) rewinds: u64,
    /// The last message whose acknowledgement the service has.
    acknowledged: Offset,
    pub(super) open: HashMap<OperationId, Open>,
    /// Who is logged in, or is to be.
    name: Option<Name>,
    pub(super) account: Option<AccountId>,
    pub(super) troubles: Troubles,
    began: Instant,
    wake: Option<TimeMs>,
    closed: Option<oneshot::Sender<()>>,
}

/// An operation without an end.
pub(super) struct Open {
    pub(super) ticket: Ticket,
    /// None when it was said that nobody knows.
    pub(super) settlement: Option<oneshot::Sender<Settlement>>,
}

impl Driver {
    async fn run(mut self) {
        if let Err(error) = self.drive().await {
            self.tell(News::Failed(error));
        }
    }

    async fn drive(&mut self) -> Result<(), DeviceError> {
        let mut effects = Vec::new();
        self.core.wake(self.now(), &mut effects);
        loop {
            self.keep()?;
            for effect in effects.drain(..) {
                self.perform(effect);
            }
            if self.device.is_changed() {
                continue;
            }
            if self.closed.is_some() && self.is_settled() {
                return Ok(());
            }
            let is_reading = self.unshown < UNSHOWN_MAX;
            tokio::select! {
                biased;
                order = self.orders.recv() => {
                    let Some(order) = order else { return Ok(()) };
                    self.take(order, &mut effects);
                    // Receipts that wait are kept together.
                    while let Ok(order) = self.orders.try_recv() {
                        self.take(order, &mut effects);
                    }
                }
                event = next_event(&mut self.link), if is_reading => {
                    self.hear(event, &mut effects);
                }
                () = wait_until(self.began, self.wake) => {
                    self.wake = None;
                    self.core.wake(self.now(), &mut effects);
                }
            }
        }
    }

    fn now(&self) -> TimeMs {
        let elapsed = self.began.elapsed().as_millis();
        TimeMs(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }

    pub(super) fn tell(&self, news: News) {
        // A program that does not listen any more does not want to know.
        let _ = self.news.send(news);
    }

    /// Whether all that was shown is acknowledged, or was never to be.
    fn is_settled(&self) -> bool {
        let shown = self.account.map(|account| self.device.shown(account));
        self.core.saved().is_none() || shown.is_none_or(|shown| shown <= self.acknowledged)
    }

    fn take(&mut self, order: Order, effects: &mut Vec<Effect>) {
        let now = self.now();
        match order {
            Order::Ask {
                ticket,
                operation,
                patience,
                settlement,
            } => {
                let patience_ms = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
                let name = match &operation {
                    Operation::LogIn { name, .. } => Some(name.clone()),
                    _ => None,
                };
                let deadline = now.plus(patience_ms);
                let id = self.core.ask(now, operation, deadline, effects);
                let settlement = Some(settlement);
                self.open.insert(id, Open { ticket, settlement });
                // One that is refused at once logs in nobody.
                let is_under_way = !effects.iter().any(|effect| settles(effect, id));
                self.name = name.filter(|_| is_under_way).or(self.name.take());
            }
            Order::Listen => self.core.listen(now, effects),
            Order::Shown(receipt) => {
                self.unshown = self.unshown.saturating_sub(1);
                let is_newer = receipt.offset > self.device.shown(receipt.account);
                if is_newer && receipt.rewinds == self.rewinds {
                    self.device.show(receipt.account, receipt.offset);
                }
            }
            Order::Close { closed } => self.closed = Some(closed),
        }
    }

    /// Keeps the session before anything is said in it, and what was shown before it is acknowledged.
    fn keep(&mut self) -> Result<(), DeviceError> {
        let session = self.name.as_ref().zip(self.account).zip(self.core.saved());
        let session = session.map(|((name, account), saved)| (name, account, saved));
        self.device.set_session(session);
        self.device.keep()?;
        for message in std::mem::take(&mut self.held) {
            self.say(message);
        }
        Ok(())
    }

    fn hear(&mut self, event: LinkEvent, effects: &mut Vec<Effect>) {
        let now = self.now();
        match event {
            LinkEvent::Up => self.core.connected(now, effects),
            LinkEvent::Down(problem) => {
                self.note(problem.to_string());
                self.link = None;
                self.core.lost(now, effects);
            }
            LinkEvent::Heard(mut message) => {
                if self.is_beyond_most(&message.response) {
                    return;
                }
                self.elsewhere = self.directory.translate(self.place, &mut message);
                let view = message.view;
                let news = match message.response {
                    _ if view < self.core.view() => None,
                    Response::Answered(Answer::LoggedIn { opened, .. }) => {
                        self.account = Some(opened.account);
                        self.acknowledged = opened.acknowledged;
                        let server = self.directory.server(self.place).unwrap_or(self.place);
                        Some(News::LoggedIn { opened, server })
                    }
                    Response::Answered(Answer::Delivering { end, .. }) => {
                        Some(News::Listening { end })
                    }
                    Response::Answered(Answer::Acknowledged { through }) => {
                        self.acknowledged = self.acknowledged.max(through);
                        Some(News::Acknowledged { through })
                    }
                    _ => None,
                };
                self.core.receive(now, message, effects);
                let is_logged_in = self.core.saved().is_some();
                if let Some(news) = news.filter(|_| is_logged_in) {
                    self.tell(news);
                }
            }
        }
    }

    /// Whether a message comes after the last one that is wanted: it stays where it is.
    fn is_beyond_most(&self, response: &Response) -> bool {
        let is_message = matches!(response, Response::Noticed(Notice::Message { .. }));
        is_message && self.most.is_some_and(|most| self.taken >= most)
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Connect(place) => {
                self.place = place;
                let address = self.directory.address(place).cloned();
                self.link = address.map(|address| {
                    let connector = self.connector.clone();
                    Link::start(async move {
                        let stream = connector.connect(&address, CONNECT_WITHIN).await;
                        stream.map_err(Problem::Connect)
                    })
                });
            }
            Effect::HangUp => {
                self.link = None;
                self.held.clear();
            }
            Effect::Send(message) => self.say(message),
            // The core counts milliseconds: what is due in this one was done.
            Effect::WakeAt(time) => self.wake = Some(time.max(self.now().plus(1))),
            Effect::Report(report) => self.report(report),
        }
    }

    /// Says something now; acknowledgements of what is not kept, later. At the end of a client what will not be shown any more is
    /// left out of them.
    fn say(&mut self, mut message: ToServer) {
        if let (Request::Acknowledge { through }, Some(account)) =
            (&mut message.request, self.account)
        {
            let shown = self.device.shown(account);
            if self.closed.is_some() {
                *through = shown.min(*through);
            }
            if self.device.is_changed() || *through > shown {
                return self.held.push(message);
            }
        }
        if let Some(link) = &self.link {
            link.say(message);
        }
    }
}

fn settles(effect: &Effect, id: OperationId) -> bool {
    matches!(effect, Effect::Report(Report::Settled { operation, .. }) if *operation == id)
}

async fn next_event(link: &mut Option<Link>) -> LinkEvent {
    let Some(link) = link else {
        return pending().await;
    };
    let event = link.events.recv().await;
    event.unwrap_or(LinkEvent::Down(Problem::Ended))
}

async fn wait_until(began: Instant, time: Option<TimeMs>) {
    match time {
        Some(time) => sleep_until(began + Duration::from_millis(time.0)).await,
        None => pending().await,
    }
}
