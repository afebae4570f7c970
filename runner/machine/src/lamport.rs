//! The Lamport clock.
//!
//! Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21(7), 1978, rules IR1 and IR2.
//! They give the clock condition: if a happens before b then C(a) < C(b).

use event_log::LamportTime;

/// A logical clock that starts at 0.
///
/// ```
/// use event_log::LamportTime;
/// use machine::lamport::LamportClock;
///
/// let mut clock = LamportClock::new();
/// assert_eq!(clock.advance(), LamportTime(1));               // an event of our own
/// assert_eq!(clock.merge(LamportTime(9)), LamportTime(10));  // a message from ahead of us
/// assert_eq!(clock.merge(LamportTime(2)), LamportTime(11));  // a message from behind us
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LamportClock {
    now: LamportTime,
}

impl LamportClock {
    /// A clock at 0.
    pub fn new() -> LamportClock {
        LamportClock::default()
    }

    /// Reads the clock.
    #[inline]
    pub fn now(&self) -> LamportTime {
        self.now
    }

    /// IR1: an event of the machine itself, a send included. A message carries the value returned here, after the
    /// increment; carrying the one before it would break C(send) < C(receive).
    #[inline]
    pub fn advance(&mut self) -> LamportTime {
        self.now = LamportTime(self.now.0 + 1);
        self.now
    }

    /// IR2: the receipt of a message that carries `sent`: the larger of both clocks, plus one.
    #[inline]
    pub fn merge(&mut self, sent: LamportTime) -> LamportTime {
        self.now = LamportTime(self.now.max(sent).0 + 1);
        self.now
    }
}
