//! One peer: the frames that wait for it, and the account of its messages.
//!
//! **Invariant.** Messages given to a connection are in its bytes that wait, in those that are leaving, or have left; the
//! account counts them from the first of these on.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;
use tokio::sync::Notify;
use tokio_util::codec::Encoder;

use super::super::quota::Quota;
use super::super::wire::{Frame, FrameCodec};
use super::account::{Account, Overcount};

/// Frames for a connection that have not left yet, as bytes.
struct Outgoing {
    codec: FrameCodec,
    bytes: BytesMut,
    /// Messages in these bytes.
    messages: u64,
    /// Whether bytes taken before these are still being written.
    leaving: bool,
    /// Whether nothing follows these.
    closing: bool,
    /// Frames so far.
    said: u64,
}

impl Outgoing {
    /// False for a frame that is too long.
    fn put(&mut self, frame: Frame) -> bool {
        let message = frame.carries_message();
        if self.codec.encode(frame, &mut self.bytes).is_err() {
            return false;
        }
        self.messages += u64::from(message);
        self.said += 1;
        true
    }
}

/// The frames to write.
pub(super) enum Waiting {
    /// Bytes, now taken.
    Bytes,
    /// Nothing yet.
    Nothing,
    /// Nothing will follow.
    End,
}

/// A peer's place: a connection, or none.
#[derive(Default)]
struct Place {
    connection: Option<Outgoing>,
    account: Account,
    /// Whether the peer has said, on the newest connection, that no message follows.
    farewell: bool,
    /// Whether this end has said so; it repeats it on each new connection.
    left: bool,
    /// Whether the connection is silent.
    silent: bool,
}

/// A peer, with a link or without.
#[derive(Default)]
pub(super) struct Peer {
    place: Mutex<Place>,
    /// Wakes the writer.
    pub(super) waiting: Notify,
    /// Messages received from it, over all connections.
    pub(super) received: AtomicU64,
    /// Connections so far.
    pub(super) connections: Quota,
    /// How often it was silent.
    pub(super) silences: Quota,
}

impl Peer {
    fn place(&self) -> MutexGuard<'_, Place> {
        // A poisoned lock guards bytes and counts; its holder had put in whole frames or none.
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a frame; returns false without a connection.
    fn put(&self, place: &mut Place, frame: Frame) -> bool {
        let Some(outgoing) = place.connection.as_mut().filter(|o| !o.closing) else {
            return false;
        };
        let first = outgoing.bytes.is_empty();
        let put = outgoing.put(frame);
        if first {
            self.waiting.notify_one();
        }
        put
    }

    /// Hands a message over.
    pub(super) fn send(&self, message: Frame) {
        let mut place = self.place();
        let put = self.put(&mut place, message);
        place.account.hand_over(put);
    }

    /// Says that no message follows, on this connection and on later ones.
    pub(super) fn say_farewell(&self) {
        let mut place = self.place();
        place.left = true;
        self.put(&mut place, Frame::Farewell);
    }

    /// The peer has said that no message follows: answers with the number of messages received.
    pub(super) fn farewell(&self) {
        let mut place = self.place();
        place.farewell = true;
        self.put(&mut place, self.tally());
    }

    /// Says that this end lives, unless it has sent a frame since there were `said`; returns their number.
    pub(super) fn beat(&self, said: u64) -> u64 {
        let mut place = self.place();
        let frames = |place: &Place| place.connection.as_ref().map_or(0, |o| o.said);
        if frames(&place) == said {
            self.put(&mut place, self.tally());
        }
        frames(&place)
    }

    fn tally(&self) -> Frame {
        Frame::Tally {
            received: self.received.load(Ordering::Relaxed),
        }
    }

    /// Takes the place for a connection, if it is free; returns whether it was. Its first frame says how many messages have
    /// come before; from now on messages wait for it.
    pub(super) fn claim(&self, codec: FrameCodec, first: impl FnOnce(u64) -> Frame) -> bool {
        let mut place = self.place();
        if place.connection.is_some() {
            return false;
        }
        (place.farewell, place.silent) = (false, false);
        place.account.connected();
        place.connection = Some(Outgoing {
            codec,
            bytes: BytesMut::new(),
            messages: 0,
            leaving: false,
            closing: false,
            said: 0,
        });
        // The connection before has ended, so that nothing is added to this count any more.
        let put = self.put(&mut place, first(self.received.load(Ordering::Relaxed)));
        if place.left {
            self.put(&mut place, Frame::Farewell);
        }
        put
    }

    /// Frees the place: the messages that wait there, and this number of those taken, have not left. Returns whether the peer
    /// had said farewell.
    pub(super) fn release(&self, unsent: u64) -> bool {
        let mut place = self.place();
        let left = place.connection.take().map_or(0, |o| o.messages);
        place.account.disconnected(unsent + left);
        place.farewell
    }

    /// Takes all that waits into `bytes`, which must be empty; its room is used again.
    pub(super) fn take(&self, bytes: &mut BytesMut) -> Waiting {
        let Some(outgoing) = &mut self.place().connection else {
            return Waiting::Nothing;
        };
        std::mem::swap(&mut outgoing.bytes, bytes);
        outgoing.messages = 0;
        outgoing.leaving = !bytes.is_empty();
        match (outgoing.leaving, outgoing.closing) {
            (true, _) => Waiting::Bytes,
            (false, false) => Waiting::Nothing,
            (false, true) => Waiting::End,
        }
    }

    /// Ends the writing; the reading goes on to its end.
    pub(super) fn close(&self) {
        if let Some(outgoing) = &mut self.place().connection {
            outgoing.closing = true;
            self.waiting.notify_one();
        }
    }

    /// Whether nothing more can come from it.
    pub(super) fn is_gone(&self) -> bool {
        let place = self.place();
        place.silent || place.connection.is_none()
    }

    /// The peer says how many messages it has received; how many lost ones the journal lists now, if any.
    pub(super) fn confirm(&self, received: u64, report: bool) -> Result<u64, Overcount> {
        let mut place = self.place();
        place.account.confirm(received)?;
        Ok(match report {
            true => place.account.report_undelivered(),
            false => 0,
        })
    }

    pub(super) fn set_silent(&self, silent: bool) {
        self.place().silent = silent;
    }

    pub(super) fn undelivered(&self) -> u64 {
        self.place().account.undelivered()
    }

    pub(super) fn report_undelivered(&self) -> u64 {
        self.place().account.report_undelivered()
    }

    /// Messages that it may or may not have received; none if both ends know of all.
    pub(super) fn unsettled(&self) -> Option<u64> {
        let place = self.place();
        let unconfirmed = place.account.unconfirmed();
        (!place.farewell || unconfirmed > 0).then_some(unconfirmed)
    }

    /// Whether nothing more can come from it: it has said farewell, or it cannot be heard.
    pub(super) fn has_finished(&self) -> bool {
        let place = self.place();
        place.farewell || place.silent || place.connection.is_none()
    }

    /// Whether the link is done: all has left and is confirmed, or the peer cannot be heard.
    pub(super) fn is_settled(&self) -> bool {
        let place = self.place();
        let Some(outgoing) = &place.connection else {
            return true;
        };
        let written = !outgoing.leaving && outgoing.bytes.is_empty();
        place.silent || (place.farewell && written && place.account.unconfirmed() == 0)
    }
}
