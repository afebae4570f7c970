//! How the servers of a cluster are: each is asked, all at once, and one that does not answer is named with the reason.
//!
//! **Invariant.** It takes no longer than [`ANSWER_MAX`] a step, whatever servers do. What a server does not say is missing,
//! and is not 0.

use std::time::Duration;

use anyhow::{Context, bail};
use chat::identity::{RequestId, ServerId, View};
use chat::limits::FRAME_BYTES_MAX;
use chat::wire::frame::FrameReader;
use chat::wire::request::{PROTOCOL_VERSION, Request, ToServer};
use chat::wire::response::{Notice, Response, ToClient};
use chat::wire::status::Status;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::settings::Address;
use crate::transport::Connector;

/// How long a server has for each answer.
pub const ANSWER_MAX: Duration = Duration::from_secs(3);

/// What a server says of itself.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The view in which it says it.
    pub view: View,
    /// How it is.
    pub status: Status,
}

/// What one server said, or why it said nothing.
#[derive(Debug)]
pub struct Asked {
    /// What people call it, if that is known.
    pub name: Option<String>,
    /// Where it was asked.
    pub address: Address,
    /// What it said.
    pub answer: anyhow::Result<Answer>,
}

/// What a server is to its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It serves.
    Primary,
    /// It keeps everything that is acknowledged, and can serve next.
    Backup,
    /// It is not in the view, or not yet again: what is acknowledged now it does not have.
    Joining,
}

impl Role {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Role::Primary => "primary",
            Role::Backup => "backup",
            Role::Joining => "joining",
        }
    }
}

impl Answer {
    /// Its role.
    pub fn role(&self) -> Role {
        let standing = self.status.standing;
        let is_known = standing.primary.is_some() && self.status.replica.is_live;
        match standing.is_serving {
            true => Role::Primary,
            false if is_known => Role::Backup,
            false => Role::Joining,
        }
    }

    /// A figure that it has.
    pub fn figure(&self, name: &str) -> Option<u64> {
        let mut figures = self.status.figures.iter();
        figures.find_map(|(of, value)| (of == name).then_some(*value))
    }

    /// How many commands a server lacks, if this is the primary and that one a member.
    pub fn lag_of(&self, server: ServerId) -> Option<u64> {
        let replica = &self.status.replica;
        let stored = replica.stored.iter().find(|(of, _)| *of == server);
        stored.map(|(_, through)| replica.end.saturating_sub(*through))
    }
}

/// Asks all these servers, by names and addresses, from outside of a runtime.
///
/// # Errors
///
/// When the system gives no runtime.
pub fn ask(
    servers: Vec<(Option<String>, Address)>,
    connector: &Connector,
) -> anyhow::Result<Vec<Asked>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot start")?;
    Ok(runtime.block_on(ask_all(servers, connector)))
}

/// Asks all these servers at once.
pub async fn ask_all(servers: Vec<(Option<String>, Address)>, connector: &Connector) -> Vec<Asked> {
    let asking: Vec<_> = (servers.into_iter())
        .map(|(name, address)| {
            let connector = connector.clone();
            let task = {
                let address = address.clone();
                tokio::spawn(async move { ask_one(&address, &connector).await })
            };
            (name, address, task)
        })
        .collect();
    let mut all = Vec::new();
    for (name, address, task) in asking {
        let answer = task.await.unwrap_or_else(|error| Err(error.into()));
        all.push(Asked {
            name,
            address,
            answer,
        });
    }
    all
}

/// Asks one server.
///
/// # Errors
///
/// When it is not reached, or answers something else.
pub async fn ask_one(address: &Address, connector: &Connector) -> anyhow::Result<Answer> {
    let mut stream = connector.connect(address, ANSWER_MAX).await?;
    let mut output = Vec::new();
    let hello = Request::Hello {
        lowest: PROTOCOL_VERSION,
        highest: PROTOCOL_VERSION,
    };
    for (id, request) in [(RequestId(1), hello), (RequestId(2), Request::Status)] {
        let view = View(0);
        ToServer { id, view, request }.encode(&mut output);
    }
    let answer = timeout(ANSWER_MAX, async {
        stream.write_all(&output).await?;
        let mut frames = FrameReader::new(FRAME_BYTES_MAX);
        let mut input = [0; 4096];
        loop {
            while let Some(frame) = frames.take()? {
                let ToClient { view, response, .. } = ToClient::decode(&frame)?;
                match response {
                    Response::Noticed(Notice::Status { status }) => {
                        return anyhow::Ok(Answer { view, status });
                    }
                    Response::Refused(refusal) => bail!("it refuses: {refusal}"),
                    _ => {}
                }
            }
            let count = stream.read(&mut input).await?;
            if count == 0 {
                bail!("it has closed the connection");
            }
            frames.feed(&input[..count]);
        }
    });
    let answer = answer
        .await
        .context("it is connected, and does not answer: it may be paused")?;
    answer.context("expected the status of a chat server")
}

/// All of it as one object.
pub fn as_json(servers: &[Asked]) -> Value {
    let primary = primary(servers);
    let servers: Vec<Value> = servers
        .iter()
        .map(|asked| one_as_json(asked, primary))
        .collect();
    json!({ "is_served": primary.is_some(), "servers": servers })
}

/// The server that serves, the one of the latest view where several think so.
pub fn primary(servers: &[Asked]) -> Option<&Answer> {
    let answers = servers
        .iter()
        .filter_map(|asked| asked.answer.as_ref().ok());
    let serving = answers.filter(|answer| answer.status.standing.is_serving);
    serving.max_by_key(|answer| answer.view)
}

fn one_as_json(asked: &Asked, primary: Option<&Answer>) -> Value {
    let (name, address) = (&asked.name, asked.address.to_string());
    let answer = match &asked.answer {
        Ok(answer) => answer,
        Err(error) => {
            let error = format!("{error:#}");
            return json!({ "name": name, "address": address, "is_reachable": false, "error": error });
        }
    };
    let Status {
        standing,
        connections,
        pending,
        replica,
        totals,
        figures,
    } = &answer.status;
    let members: Vec<u32> = replica.members.iter().map(|id| id.0).collect();
    let figures: serde_json::Map<String, Value> = figures
        .iter()
        .map(|(name, value)| (name.clone(), (*value).into()))
        .collect();
    json!({
        "name": name,
        "address": address,
        "is_reachable": true,
        "server": standing.server.0,
        "role": answer.role().word(),
        "primary": standing.primary.map(|id| id.0),
        "view": answer.view.0,
        "members": members,
        "committed": replica.committed,
        "log_end": replica.end,
        "lag": primary.and_then(|primary| primary.lag_of(standing.server)),
        "connections": connections,
        "operations_pending": pending,
        "accounts": totals.accounts,
        "sessions": totals.sessions,
        "queued_messages": totals.queued_messages,
        "queued_messages_most": totals.queued_messages_most,
        "figures": figures,
    })
}
