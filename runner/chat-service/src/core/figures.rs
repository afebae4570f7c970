//! What a server counts: shown by `runner chat status`, and to readers of metrics.
//!
//! **Invariant.** A figure whose name ends in `_total` never goes back while the process runs; all others are what is now.

use std::fmt;
use std::time::{Duration, Instant};

use cluster::server::event::ServerEvent;
use replica::message::Event;

use crate::counter::Figure;
use crate::disk::Written;

/// Figures that somebody else counts: the ports, the links, the store.
pub struct Source(Box<dyn Fn() -> Vec<Figure> + Send>);

impl Source {
    /// Asks this for its figures.
    pub fn new(ask: impl Fn() -> Vec<Figure> + Send + 'static) -> Source {
        Source(Box::new(ask))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Source")
    }
}

/// What a core counts.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Requests of clients.
    pub(super) requests: u64,
    /// What clients were told.
    pub(super) responses: u64,
    /// Clients that did not read, and were left.
    pub(super) slow_clients: u64,
    flushes: u64,
    changes: u64,
    flushing: Duration,
    /// How long the last flush took, and when it ended.
    last_flush: Option<(Duration, Instant)>,
    views: u64,
    suspicions: u64,
    stalls: u64,
    discards: u64,
    sources: Vec<Source>,
}

impl Figures {
    pub(super) fn add(&mut self, source: Source) {
        self.sources.push(source);
    }

    pub(super) fn flushed(&mut self, written: &Written) {
        self.flushes += 1;
        self.changes += written.changes as u64;
        self.flushing += written.took;
        self.last_flush = Some((written.took, Instant::now()));
    }

    pub(super) fn happened(&mut self, event: &ServerEvent) {
        match event {
            ServerEvent::Replica(Event::Serving { .. }) => self.views += 1,
            ServerEvent::Replica(Event::Suspected(_)) => self.suspicions += 1,
            ServerEvent::Replica(Event::Stalled { .. }) => self.stalls += 1,
            ServerEvent::Replica(Event::Discarded { after, through }) => {
                self.discards += through.op.0.saturating_sub(after.0);
            }
            _ => {}
        }
    }

    /// All of them.
    pub(super) fn all(&self, hashes: (u64, u64)) -> Vec<(String, u64)> {
        let us = |span: Duration| u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        let mut all = vec![
            ("requests_total", self.requests),
            ("responses_total", self.responses),
            ("clients_slow_total", self.slow_clients),
            ("passwords_waiting", hashes.0),
            ("passwords_refused_total", hashes.1),
            ("flushes_total", self.flushes),
            ("flushed_changes_total", self.changes),
            ("flush_us_total", us(self.flushing)),
            ("views_served_total", self.views),
            ("suspicions_total", self.suspicions),
            ("stalls_total", self.stalls),
            ("commands_discarded_total", self.discards),
        ];
        if let Some((took, ended)) = self.last_flush {
            all.push(("last_flush_us", us(took)));
            all.push(("last_flush_age_us", us(ended.elapsed())));
        }
        all.extend(self.sources.iter().flat_map(|source| (source.0)()));
        all.into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}
