//! The place where messages for the machines of a process wait for the next tick.
//!
//! The network's thread posts messages from links; the machines' thread posts messages inside the process, and takes all of
//! them out before each tick. One mailbox serves all machines: messages come out in the order in which they went in, so
//! every channel keeps its order.
//!
//! A message between machines of one process differs from one over a socket only in its way: it is in the recipient's queue
//! at the next tick of any machine of the process, after no time to speak of instead of some tens of microseconds; it
//! cannot be lost while the process lives; and it is neither encoded nor counted by a link. The clock in it, its place in
//! the queue and the rows about it are the same.
//!
//! **Invariant.** Nothing is dropped and nothing overtakes. The machines' thread is woken to stop, never for a message: it
//! looks when a tick is due.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use event_log::MachineId;

/// A message on its last step, into its recipient's queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter<M> {
    /// Its sender.
    pub from: MachineId,
    /// Its recipient.
    pub to: MachineId,
    /// The message.
    pub message: M,
}

#[derive(Debug)]
struct Contents<M> {
    letters: Vec<Letter<M>>,
    stopped: bool,
}

/// The mailbox of a process.
#[derive(Debug)]
pub struct Mailbox<M> {
    contents: Mutex<Contents<M>>,
    stop: Condvar,
}

impl<M> Default for Mailbox<M> {
    fn default() -> Mailbox<M> {
        Mailbox {
            contents: Mutex::new(Contents {
                letters: Vec::new(),
                stopped: false,
            }),
            stop: Condvar::new(),
        }
    }
}

impl<M> Mailbox<M> {
    fn contents(&self) -> MutexGuard<'_, Contents<M>> {
        // A poisoned lock guards plain values, which are whole whatever its holder did.
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a letter in.
    pub fn post(&self, letter: Letter<M>) {
        self.contents().letters.push(letter);
    }

    /// Takes all letters out, in the order in which they were put in; `letters` must be empty, and its room is used again.
    pub fn take(&self, letters: &mut Vec<Letter<M>>) {
        debug_assert!(letters.is_empty(), "letters would be lost");
        std::mem::swap(&mut self.contents().letters, letters);
    }

    /// Tells the machines' thread to stop.
    pub fn stop(&self) {
        self.contents().stopped = true;
        self.stop.notify_all();
    }

    /// Waits for the order to stop, at most this long; returns whether it came.
    pub fn stopped_within(&self, time: Duration) -> bool {
        let contents = self.contents();
        if contents.stopped || time.is_zero() {
            return contents.stopped;
        }
        let waited = self.stop.wait_timeout_while(contents, time, |c| !c.stopped);
        let (contents, _) = waited.unwrap_or_else(PoisonError::into_inner);
        contents.stopped
    }
}
