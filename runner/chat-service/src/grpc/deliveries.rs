//! The stream of a Deliver: the answer, then what is pushed, then why it ends.
//!
//! **Invariant.** It ends with a status that says what to do; its messages are in the order of the mailbox.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use chat::answer::Answer;
use chat::refusal::Refusal;
use chat::wire::response::{Notice, Response as Said, ToClient};
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_stream::Stream;
use tonic::Status;

use super::generated as proto;
use super::refusals::status;
use super::session::{Pushed, StreamEnd};
use super::values;

/// The stream of a Deliver.
#[derive(Debug)]
pub(super) struct Deliveries {
    /// The answer, which comes first.
    first: Option<ToClient>,
    /// What is pushed; none once the stream has ended.
    pushed: Option<mpsc::Receiver<Pushed>>,
    /// When it ends, if its caller said so.
    deadline: Option<Pin<Box<Sleep>>>,
    addresses: Arc<[String]>,
}

impl Deliveries {
    pub(super) fn new(
        first: ToClient,
        pushed: mpsc::Receiver<Pushed>,
        deadline: Option<Instant>,
        addresses: Arc<[String]>,
    ) -> Deliveries {
        Deliveries {
            first: Some(first),
            pushed: Some(pushed),
            deadline: deadline.map(|deadline| Box::pin(sleep_until(deadline))),
            addresses,
        }
    }

    fn end(&mut self, status: Status) -> Poll<Option<Result<proto::Delivery, Status>>> {
        self.pushed = None;
        Poll::Ready(Some(Err(status)))
    }
}

impl Stream for Deliveries {
    type Item = Result<proto::Delivery, Status>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = self.get_mut();
        let Some(pushed) = &mut stream.pushed else {
            return Poll::Ready(None);
        };
        if let Some(said) = stream.first.take() {
            return Poll::Ready(delivery(said).map(Ok));
        }
        let heard = match pushed.poll_recv(context) {
            Poll::Ready(heard) => heard,
            Poll::Pending => {
                let deadline = stream.deadline.as_mut();
                return match deadline.map(|deadline| deadline.as_mut().poll(context)) {
                    Some(Poll::Ready(())) => {
                        stream.end(Status::deadline_exceeded("the stream has had its time"))
                    }
                    _ => Poll::Pending,
                };
            }
        };
        match heard {
            Some(Pushed::Said(said)) => match delivery(said) {
                Some(delivery) => Poll::Ready(Some(Ok(delivery))),
                None => stream.end(Status::internal("the server pushed something else")),
            },
            Some(Pushed::Ended(StreamEnd::Refused(refusal))) => {
                let status = status(&refusal, &stream.addresses);
                stream.end(status)
            }
            Some(Pushed::Ended(StreamEnd::TooSlow)) => stream.end(Status::resource_exhausted(
                "deliveries were not read in time: call Deliver again, after the last one that you have",
            )),
            Some(Pushed::Ended(StreamEnd::Replaced)) => {
                stream.end(Status::aborted("another Deliver of this session has taken over"))
            }
            None => {
                let status = status(&Refusal::NotPrimary { hint: None }, &stream.addresses);
                stream.end(status)
            }
        }
    }
}

fn delivery(said: ToClient) -> Option<proto::Delivery> {
    use proto::delivery::Event;
    let event = match said.response {
        Said::Answered(Answer::Delivering { end, first }) => Event::Began(proto::Began {
            end: end.0,
            first: first.0,
        }),
        Said::Noticed(Notice::Message { message }) => Event::Message(values::message(message)),
        Said::Noticed(Notice::GoingAway { spread_ms }) => {
            Event::GoingAway(proto::GoingAway { spread_ms })
        }
        _ => return None,
    };
    Some(proto::Delivery {
        event: Some(event),
        view: said.view.0,
    })
}
