//! How clients are taken.
//!
//! **Invariant.** Keys and certificates that do not go together take nobody.

use std::sync::Arc;

use super::counters::ListenerCounters;
use crate::settings::ConnectionLimits;
use crate::transport::certificates::CertificateError;
use crate::transport::{Acceptor, Purpose, Security};

/// How clients are taken; by default without TLS.
#[derive(Clone, Default)]
pub struct ListenerSettings {
    pub(super) acceptor: Acceptor,
    pub(super) limits: ConnectionLimits,
    pub(super) counters: Arc<ListenerCounters>,
}

impl ListenerSettings {
    /// Those of a server.
    ///
    /// # Errors
    ///
    /// When keys and certificates do not go together.
    pub fn new(
        security: &Security,
        limits: ConnectionLimits,
        counters: Arc<ListenerCounters>,
    ) -> Result<ListenerSettings, CertificateError> {
        Ok(ListenerSettings {
            acceptor: security.acceptor(Purpose::Clients)?,
            limits,
            counters,
        })
    }
}
