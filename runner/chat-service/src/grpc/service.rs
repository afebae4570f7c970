//! The calls of gRPC: each becomes a request of the service, and its answer a reply.
//!
//! **Invariant.** A call ends with a reply, with a refusal of the service, or with a deadline: then it may have been done.

use std::sync::Arc;
use std::time::Duration;

use chat::answer::Answer;
use chat::identity::{Offset, Password, Sequence, View};
use chat::limits::{HISTORY_MESSAGES_MAX, LIST_ACCOUNTS_MAX};
use chat::refusal::Refusal;
use chat::wire::request::Request;
use chat::wire::response::{Notice, Response as Said, ToClient};
use tokio::time::timeout_at;
use tonic::{Request as Call, Response as Reply, Status};

use super::caller::{Caller, VIEW_METADATA, too_late};
use super::deliveries::Deliveries;
use super::generated as proto;
use super::refusals::status;
use super::sessions::Sessions;
use super::values;

/// The service, as gRPC calls it.
#[derive(Debug, Clone)]
pub(super) struct ChatService {
    pub(super) sessions: Arc<Sessions>,
    /// Addresses of all servers for gRPC.
    pub(super) addresses: Arc<[String]>,
    /// The longest that a call may take.
    pub(super) call_max: Duration,
}

fn reply<T>(view: View, message: T) -> Reply<T> {
    let mut reply = Reply::new(message);
    reply.metadata_mut().insert(VIEW_METADATA, view.0.into());
    reply
}

/// The answer, or the refusal, that was said.
fn answered(said: Said) -> Result<Said, Refusal> {
    match said {
        Said::Refused(refusal) => Err(refusal),
        said => Ok(said),
    }
}

impl ChatService {
    fn status(&self, refusal: &Refusal) -> Status {
        status(refusal, &self.addresses)
    }

    /// Asks for something in a session, and makes the answer a reply.
    async fn serve<T, R>(
        &self,
        call: Call<T>,
        request: impl FnOnce(T) -> Result<Request, Refusal>,
        make: impl FnOnce(Said) -> Option<R>,
    ) -> Result<Reply<R>, Status> {
        let caller = self.caller(&call)?;
        let asked = async {
            let token = caller.token()?;
            let request = request(call.into_inner())?;
            self.sessions.ask(caller.view, token, request).await
        };
        let said = self.within(&caller, asked).await?;
        caller.welcome();
        self.reply(said, make)
    }

    fn caller<T>(&self, call: &Call<T>) -> Result<Caller, Status> {
        Caller::of(call, self.call_max).map_err(|refusal| self.status(&refusal))
    }

    /// What is said until the deadline, unless it is a refusal.
    async fn within(
        &self,
        caller: &Caller,
        asked: impl Future<Output = Result<ToClient, Refusal>>,
    ) -> Result<ToClient, Status> {
        let said = timeout_at(caller.deadline, asked).await;
        let said = said.map_err(|_| too_late())?;
        let said = said.and_then(|said| {
            let response = answered(said.response)?;
            Ok(ToClient { response, ..said })
        });
        said.map_err(|refusal| self.status(&refusal))
    }

    fn reply<R>(
        &self,
        said: ToClient,
        make: impl FnOnce(Said) -> Option<R>,
    ) -> Result<Reply<R>, Status> {
        let view = said.view;
        let made = make(said.response);
        let made = made.ok_or_else(|| Status::internal("the server answered another question"))?;
        Ok(reply(view, made))
    }
}

#[tonic::async_trait]
impl proto::chat_server::Chat for ChatService {
    async fn create_account(
        &self,
        call: Call<proto::CreateAccountRequest>,
    ) -> Result<Reply<proto::CreateAccountReply>, Status> {
        let caller = self.caller(&call)?;
        let asked = async {
            let asked = call.into_inner();
            let request = Request::Create {
                name: values::name(&asked.name)?,
                password: asked.password.map(Password),
                nonce: values::nonce(&asked.nonce)?,
            };
            self.sessions.ask_as_stranger(caller.view, request).await
        };
        let said = self.within(&caller, asked).await?;
        self.reply(said, |said| match said {
            Said::Answered(Answer::Created { account }) => Some(values::create_reply(account)),
            _ => None,
        })
    }

    async fn open_session(
        &self,
        call: Call<proto::OpenSessionRequest>,
    ) -> Result<Reply<proto::OpenSessionReply>, Status> {
        let caller = self.caller(&call)?;
        let asked = async {
            if caller.token.is_some() {
                return Err(Refusal::LoggedIn);
            }
            let asked = call.into_inner();
            let name = values::name(&asked.name)?;
            let nonce = values::nonce(&asked.nonce)?;
            let login = (name, asked.password.map(Password), nonce);
            self.sessions.open(caller.view, login).await
        };
        let said = self.within(&caller, asked).await?;
        caller.welcome();
        self.reply(said, session_reply)
    }

    async fn resume_session(
        &self,
        call: Call<proto::ResumeSessionRequest>,
    ) -> Result<Reply<proto::OpenSessionReply>, Status> {
        let caller = self.caller(&call)?;
        let asked = async { self.sessions.resume(caller.view, caller.token()?).await };
        let said = self.within(&caller, asked).await?;
        caller.welcome();
        self.reply(said, session_reply)
    }

    async fn close_session(
        &self,
        call: Call<proto::CloseSessionRequest>,
    ) -> Result<Reply<proto::CloseSessionReply>, Status> {
        let asked = |_| Ok(Request::LogOut);
        self.serve(call, asked, |said| {
            let is_out = matches!(said, Said::Answered(Answer::LoggedOut));
            is_out.then_some(proto::CloseSessionReply {})
        })
        .await
    }

    async fn delete_account(
        &self,
        call: Call<proto::DeleteAccountRequest>,
    ) -> Result<Reply<proto::DeleteAccountReply>, Status> {
        let asked = |asked: proto::DeleteAccountRequest| {
            let sequence = Sequence(asked.sequence);
            Ok(Request::Delete { sequence })
        };
        self.serve(call, asked, |said| match said {
            Said::Answered(Answer::Deleted { dropped }) => {
                Some(proto::DeleteAccountReply { dropped })
            }
            _ => None,
        })
        .await
    }

    async fn list_accounts(
        &self,
        call: Call<proto::ListAccountsRequest>,
    ) -> Result<Reply<proto::ListAccountsReply>, Status> {
        let asked = |asked: proto::ListAccountsRequest| {
            let after = asked.after.as_deref().map(values::name).transpose()?;
            Ok(Request::List {
                pattern: asked.pattern,
                after,
                most: asked.limit.unwrap_or(LIST_ACCOUNTS_MAX as u32),
            })
        };
        self.serve(call, asked, |said| match said {
            Said::Answered(Answer::Listed { accounts, more }) => {
                Some(values::list_reply(&accounts, more))
            }
            _ => None,
        })
        .await
    }

    async fn send(
        &self,
        call: Call<proto::SendRequest>,
    ) -> Result<Reply<proto::SendReply>, Status> {
        let asked = |asked: proto::SendRequest| {
            Ok(Request::Send {
                sequence: Sequence(asked.sequence),
                confirmed: Sequence(asked.confirmed_through),
                to: values::name(&asked.to)?,
                text: asked.text,
            })
        };
        self.serve(call, asked, |said| match said {
            Said::Answered(Answer::Sent {
                sequence,
                is_repeated,
                placement,
            }) => Some(values::send_reply(sequence, is_repeated, placement)),
            _ => None,
        })
        .await
    }

    type DeliverStream = Deliveries;

    async fn deliver(
        &self,
        call: Call<proto::DeliverRequest>,
    ) -> Result<Reply<Deliveries>, Status> {
        let caller = self.caller(&call)?;
        let after = Offset(call.into_inner().after);
        let mut pushed = None;
        let asked = async {
            let sessions = &self.sessions;
            let (said, stream) = sessions.listen(caller.view, caller.token()?, after).await?;
            pushed = Some(stream);
            Ok(said)
        };
        let said = self.within(&caller, asked).await?;
        caller.welcome();
        let view = said.view;
        let pushed = pushed.ok_or_else(too_late)?;
        let addresses = Arc::clone(&self.addresses);
        let deliveries = Deliveries::new(said, pushed, caller.stream_end, addresses);
        Ok(reply(view, deliveries))
    }

    async fn acknowledge(
        &self,
        call: Call<proto::AcknowledgeRequest>,
    ) -> Result<Reply<proto::AcknowledgeReply>, Status> {
        let asked = |asked: proto::AcknowledgeRequest| {
            let through = Offset(asked.through);
            Ok(Request::Acknowledge { through })
        };
        self.serve(call, asked, |said| match said {
            Said::Answered(Answer::Acknowledged { through }) => {
                let through = through.0;
                Some(proto::AcknowledgeReply { through })
            }
            _ => None,
        })
        .await
    }

    async fn history(
        &self,
        call: Call<proto::HistoryRequest>,
    ) -> Result<Reply<proto::HistoryReply>, Status> {
        let asked = |asked: proto::HistoryRequest| {
            Ok(Request::History {
                before: Offset(asked.before),
                most: asked.limit.unwrap_or(HISTORY_MESSAGES_MAX as u32),
            })
        };
        self.serve(call, asked, |said| match said {
            Said::Answered(Answer::History { messages, more }) => {
                let messages = messages.into_iter().map(values::message).collect();
                Some(proto::HistoryReply { messages, more })
            }
            _ => None,
        })
        .await
    }

    async fn who(&self, call: Call<proto::WhoRequest>) -> Result<Reply<proto::WhoReply>, Status> {
        let asked = |asked: proto::WhoRequest| {
            let names = asked.names.iter().map(|name| values::name(name));
            let names = names.collect::<Result<_, _>>()?;
            Ok(Request::Who { names })
        };
        self.serve(call, asked, |said| match said {
            Said::Noticed(Notice::Present { presence }) => {
                let presence = presence.into_iter();
                let presence = presence.map(|one| values::presence(one).into()).collect();
                Some(proto::WhoReply { presence })
            }
            _ => None,
        })
        .await
    }

    async fn status(
        &self,
        call: Call<proto::StatusRequest>,
    ) -> Result<Reply<proto::StatusReply>, Status> {
        let caller = self.caller(&call)?;
        let asked = self.sessions.ask_as_stranger(caller.view, Request::Status);
        let said = self.within(&caller, asked).await?;
        self.reply(said, |said| match said {
            Said::Noticed(Notice::Status { status }) => Some(values::status_reply(status)),
            _ => None,
        })
    }
}

fn session_reply(said: Said) -> Option<proto::OpenSessionReply> {
    match said {
        Said::Answered(Answer::LoggedIn { opened, token }) => {
            Some(values::session_reply(&opened, token))
        }
        _ => None,
    }
}
