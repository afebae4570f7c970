//! A trial: servers, clients, and the lines between them.

use std::collections::{BTreeMap, VecDeque};

use crate::answer::Message;
use crate::application::Application;
use crate::application::command::Command;
use crate::client::Client;
use crate::client::operation::{OperationId, Settlement};
use crate::door::{ConnectionId, Door, DoorSettings, Ticket};
use crate::identity::{ServerId, TimeMs, View};
use crate::name::Name;
use crate::rule::Rules;
use crate::wire::request::ToServer;
use crate::wire::response::{Standing, ToClient};

pub(crate) const SERVERS: u32 = 3;
pub(crate) const CLIENTS: usize = 3;

#[derive(Debug, Clone)]
pub(crate) enum Up {
    Open,
    Say(ToServer),
    Close,
}

#[derive(Debug, Clone)]
pub(crate) enum Down {
    Opened,
    Say(ToClient),
    Closed,
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) client: usize,
    pub(crate) server: usize,
    pub(crate) up: VecDeque<Up>,
    pub(crate) down: VecDeque<Down>,
}

pub(crate) struct Server {
    pub(crate) door: Door,
    pub(crate) application: Application,
    pub(crate) proposals: VecDeque<(Ticket, Command)>,
}

pub(crate) struct Sent {
    pub(crate) to: usize,
    pub(crate) text: String,
    pub(crate) settlements: Vec<Settlement>,
}

pub(crate) struct Party {
    pub(crate) client: Client,
    pub(crate) line: Option<ConnectionId>,
    pub(crate) wake: TimeMs,
    pub(crate) sends: BTreeMap<OperationId, Sent>,
    pub(crate) others: BTreeMap<OperationId, Option<Settlement>>,
    pub(crate) shown: Vec<Message>,
    /// Whether nobody is logged in, nor is to be.
    pub(crate) is_out: bool,
    /// The last attempt to log in.
    pub(crate) login: Option<OperationId>,
}

pub(crate) struct World {
    pub(crate) rules: Rules,
    pub(crate) time: TimeMs,
    pub(crate) view: View,
    pub(crate) primary: usize,
    pub(crate) servers: Vec<Server>,
    pub(crate) parties: Vec<Party>,
    pub(crate) lines: BTreeMap<ConnectionId, Line>,
    pub(crate) opened: u64,
    pub(crate) drawn: u64,
    /// What is wrong, as soon as something is.
    pub(crate) fault: Option<String>,
    /// What has happened, and how often.
    pub(crate) happened: BTreeMap<&'static str, u64>,
}

pub(crate) fn name(client: usize) -> Name {
    Name::new(["ada", "bob", "cyd"][client]).expect("a name")
}

pub(crate) fn standing(server: usize, primary: usize, is_known: bool) -> Standing {
    Standing {
        server: ServerId(server as u32),
        is_serving: server == primary,
        primary: is_known.then_some(ServerId(primary as u32)),
    }
}

pub(crate) fn door_settings(rules: Rules) -> DoorSettings {
    DoorSettings {
        rules,
        ..DoorSettings::default()
    }
}
