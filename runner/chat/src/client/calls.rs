//! Operations without sequences: they are asked again on each connection, until an answer or their deadline.

use crate::client::operation::{OperationId, Settlement};
use crate::identity::{RequestId, TimeMs};
use crate::rule::{Rule, Rules};
use crate::wire::request::Request;

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) operation: OperationId,
    pub(crate) request: Request,
    pub(crate) deadline: TimeMs,
    /// The request that carries it on this connection.
    pub(crate) carried_by: Option<RequestId>,
    /// Whether it ever left.
    pub(crate) has_left: bool,
}

impl Call {
    /// Whether somebody must be logged in for it.
    pub(crate) fn needs_login(&self) -> bool {
        !matches!(self.request, Request::Create { .. } | Request::Status)
    }

    /// What is said of it when its deadline has passed.
    pub(crate) fn expired(&self, rules: Rules) -> Settlement {
        let changes = matches!(self.request, Request::Create { .. } | Request::LogOut);
        match changes && self.has_left && rules.hold(Rule::UnknownIsNotFailed) {
            true => Settlement::Unknown,
            false => Settlement::NotDone,
        }
    }
}
