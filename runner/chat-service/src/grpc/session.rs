//! One session: a connection of the hub, kept for its token, and the task that shares it between calls.
//!
//! **Invariant.** A call gets the answer to its own request, or hears that it was never said, or that nobody knows. What is
//! pushed goes to the last stream alone; a stream that is gone, or does not read, gets nothing more.

use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;

use chat::answer::Answer;
use chat::door::PUSH_WINDOW_MAX;
use chat::identity::{Offset, RequestId, View};
use chat::refusal::Refusal;
use chat::wire::request::{Request, ToServer};
use chat::wire::response::{Notice, Response, ToClient};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::hub::Connection;

/// Orders that wait for the task.
const ORDERS_WAITING_MAX: usize = 64;

/// What waits for a stream to be read: all that the door pushes without an acknowledgement, the first word and the last.
const PUSHES_WAITING_MAX: usize = PUSH_WINDOW_MAX as usize + 2;

/// Why a call has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// The server was not asked: the connection had ended.
    Unsaid,
    /// The connection ended before the answer came.
    Lost,
}

/// What a stream of deliveries is told.
#[derive(Debug)]
pub(super) enum Pushed {
    /// The server says something.
    Said(ToClient),
    /// It ends for a reason.
    Ended(StreamEnd),
}

/// Why a stream of deliveries ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StreamEnd {
    /// The service says so.
    Refused(Refusal),
    /// Its reader is too slow.
    TooSlow,
    /// Another stream of the session took its place.
    Replaced,
}

#[derive(Debug)]
struct Order {
    view: View,
    request: Request,
    answer: oneshot::Sender<Result<ToClient, Unanswered>>,
    /// Where pushes go from the answer on.
    stream: Option<mpsc::Sender<Pushed>>,
}

/// A session, as calls see it. Clones lead to the same; it ends when all are dropped, when it is idle, and with its
/// connection.
#[derive(Debug, Clone)]
pub(super) struct Session {
    orders: mpsc::Sender<Order>,
}

impl Session {
    /// The session of a connection that has logged in. It ends when nothing is asked for this time.
    pub(super) fn start(connection: Connection, idle: Duration) -> Session {
        let (orders, receiver) = mpsc::channel(ORDERS_WAITING_MAX);
        let line = Line {
            connection,
            orders: receiver,
            asked: BTreeMap::new(),
            last_id: 0,
            stream: None,
        };
        tokio::spawn(line.run(idle));
        Session { orders }
    }

    /// Whether it has ended.
    pub(super) fn is_over(&self) -> bool {
        self.orders.is_closed()
    }

    /// Asks for something.
    pub(super) async fn ask(&self, view: View, request: Request) -> Result<ToClient, Unanswered> {
        self.order(view, request, None).await
    }

    /// Asks for messages: the answer, and what comes then.
    pub(super) async fn listen(
        &self,
        view: View,
        after: Offset,
    ) -> Result<(ToClient, mpsc::Receiver<Pushed>), Unanswered> {
        let (stream, pushed) = mpsc::channel(PUSHES_WAITING_MAX);
        let request = Request::Deliver { after };
        let answer = self.order(view, request, Some(stream)).await?;
        Ok((answer, pushed))
    }

    async fn order(
        &self,
        view: View,
        request: Request,
        stream: Option<mpsc::Sender<Pushed>>,
    ) -> Result<ToClient, Unanswered> {
        let (answer, receiver) = oneshot::channel();
        let order = Order {
            view,
            request,
            answer,
            stream,
        };
        let sent = self.orders.send(order).await;
        sent.map_err(|_| Unanswered::Unsaid)?;
        receiver.await.unwrap_or(Err(Unanswered::Lost))
    }
}

/// A request that has no answer yet.
#[derive(Debug)]
struct Asked {
    answer: oneshot::Sender<Result<ToClient, Unanswered>>,
    stream: Option<mpsc::Sender<Pushed>>,
}

/// What the task has.
#[derive(Debug)]
struct Line {
    connection: Connection,
    orders: mpsc::Receiver<Order>,
    asked: BTreeMap<RequestId, Asked>,
    last_id: u32,
    stream: Option<mpsc::Sender<Pushed>>,
}

impl Line {
    async fn run(mut self, idle: Duration) {
        let mut used = Instant::now();
        let mut end = Refusal::NotPrimary { hint: None };
        loop {
            let is_idle = self.asked.is_empty() && self.stream.is_none();
            tokio::select! {
                heard = self.connection.hear() => match heard {
                    None => break,
                    Some(ToClient { id: RequestId(0), response: Response::Refused(refusal), .. }) => end = refusal,
                    Some(message) => self.hear(message),
                },
                order = self.orders.recv() => match order {
                    None => break,
                    Some(order) => {
                        used = Instant::now();
                        self.say(order);
                    }
                },
                () = gone(self.stream.as_ref()) => {
                    used = Instant::now();
                    self.stream = None;
                }
                () = sleep_until(used + idle), if is_idle => break,
            }
        }
        self.end_stream(StreamEnd::Refused(end));
        self.orders.close();
        while let Some(order) = self.orders.recv().await {
            // Who has left needs no answer.
            let _ = order.answer.send(Err(Unanswered::Unsaid));
        }
    }

    fn say(&mut self, order: Order) {
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        let id = RequestId(self.last_id);
        let Order {
            view,
            request,
            answer,
            stream,
        } = order;
        if self.connection.say(ToServer { id, view, request }) {
            self.asked.insert(id, Asked { answer, stream });
        } else {
            let _ = answer.send(Err(Unanswered::Unsaid));
        }
    }

    fn hear(&mut self, message: ToClient) {
        if message.id == RequestId(0) {
            let is_pushed = matches!(
                message.response,
                Response::Noticed(Notice::Message { .. } | Notice::GoingAway { .. })
            );
            if is_pushed {
                self.push(Pushed::Said(message));
            }
            return;
        }
        let Some(Asked { answer, stream }) = self.asked.remove(&message.id) else {
            return;
        };
        let delivers = matches!(
            message.response,
            Response::Answered(Answer::Delivering { .. })
        );
        if let Some(stream) = stream.filter(|_| delivers) {
            self.end_stream(StreamEnd::Replaced);
            self.stream = Some(stream);
        }
        let _ = answer.send(Ok(message));
    }

    fn push(&mut self, pushed: Pushed) {
        let Some(stream) = &self.stream else {
            return;
        };
        // One place is kept for the last word.
        if stream.capacity() > 1 {
            let _ = stream.try_send(pushed);
        } else {
            self.end_stream(StreamEnd::TooSlow);
        }
    }

    fn end_stream(&mut self, end: StreamEnd) {
        if let Some(stream) = self.stream.take() {
            let _ = stream.try_send(Pushed::Ended(end));
        }
    }
}

/// Waits until nobody listens any more.
async fn gone(stream: Option<&mpsc::Sender<Pushed>>) {
    match stream {
        Some(stream) => stream.closed().await,
        None => pending().await,
    }
}
