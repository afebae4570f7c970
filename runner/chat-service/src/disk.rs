//! The thread that writes, and what it writes to.
//!
//! All changes that wait are written together and flushed once (group commit); while they are written the next ones gather.
//!
//! **Invariant.** Changes are written in the order in which they were made, and are called written once they survive a loss of
//! power. After an error nothing is written any more: a flush that failed is never tried again, because what it left is unknown.

use std::thread;
use std::time::{Duration, Instant};

use cluster::service::Service;
use replica::durable::Change;
use thiserror::Error;
use tokio::sync::mpsc;

/// Something that keeps the changes of a server.
pub trait Disk: Send + 'static {
    /// Writes changes, the oldest first, and returns once they survive a loss of power.
    ///
    /// # Errors
    ///
    /// [`DiskError`] when that is not known. Then nothing may be written any more.
    fn write(&mut self, changes: Vec<Change<Service>>) -> Result<(), DiskError>;
}

/// Changes could not be written.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct DiskError(pub String);

/// A disk that forgets: for tests of everything else.
#[derive(Debug, Default)]
pub struct NoDisk;

impl Disk for NoDisk {
    fn write(&mut self, _changes: Vec<Change<Service>>) -> Result<(), DiskError> {
        Ok(())
    }
}

/// A disk and its thread, as the core sees them.
#[derive(Debug)]
pub(crate) struct DiskThread {
    changes: Option<mpsc::UnboundedSender<Vec<Change<Service>>>>,
    /// What more is written, or why no more will be.
    pub(crate) written: mpsc::UnboundedReceiver<Result<Written, DiskError>>,
}

/// Changes that were written and flushed together.
#[derive(Debug)]
pub(crate) struct Written {
    /// How many.
    pub(crate) changes: usize,
    /// How long it took.
    pub(crate) took: Duration,
}

impl DiskThread {
    /// Starts the thread. It ends when this value is dropped.
    ///
    /// # Errors
    ///
    /// When the system has no thread left.
    pub(crate) fn start(mut disk: impl Disk) -> std::io::Result<DiskThread> {
        let (changes, mut waiting) = mpsc::unbounded_channel::<Vec<Change<Service>>>();
        let (sender, written) = mpsc::unbounded_channel();
        thread::Builder::new()
            .name("disk".to_owned())
            .spawn(move || {
                while let Some(mut changes) = waiting.blocking_recv() {
                    while let Ok(more) = waiting.try_recv() {
                        changes.extend(more);
                    }
                    let count = changes.len();
                    let began = Instant::now();
                    let result = disk.write(changes).map(|()| Written {
                        changes: count,
                        took: began.elapsed(),
                    });
                    let is_over = result.is_err();
                    if sender.send(result).is_err() || is_over {
                        return;
                    }
                }
            })?;
        let changes = Some(changes);
        Ok(DiskThread { changes, written })
    }

    pub(crate) fn write(&self, changes: Vec<Change<Service>>) {
        if let Some(thread) = &self.changes {
            // A thread that has ended has said why.
            let _ = thread.send(changes);
        }
    }

    /// Nothing more is to be written. Once all is, `written` ends, and the disk is closed.
    pub(crate) fn close(&mut self) {
        self.changes = None;
    }
}
