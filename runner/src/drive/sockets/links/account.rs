//! The fate of the messages for one peer, over all connections to it.
//!
//! A message is *unsent* if it found no connection, or its connection ended before the last byte of it had left. A message
//! that has left may still be lost, if the connection ends before the peer has read it. The peer knows how many it has
//! received, and says so when the two are connected again: the rest of those that had left is *lost*. A message that has
//! left and is neither lost nor *confirmed* may still be on its way.
//!
//! **Invariant.** Each message handed over is unsent, lost, confirmed or unconfirmed, and only one of them.

use thiserror::Error;

/// The messages for one peer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Account {
    /// Given to connections, less those that did not leave.
    sent: u64,
    unsent: u64,
    lost: u64,
    confirmed: u64,
    /// Messages sent before the present connection, until the peer has said how many of them it has received.
    before: Option<u64>,
    /// How many undelivered ones have been reported.
    reported: u64,
}

/// A peer that has received more than was sent is not the one of the connection before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it says that it has received {received} messages, of {sent} that were sent to it")]
pub(super) struct Overcount {
    received: u64,
    sent: u64,
}

impl Account {
    /// A message was handed over, and there was a connection to give it to or none.
    pub(super) fn hand_over(&mut self, connected: bool) {
        if connected {
            self.sent += 1;
        } else {
            self.unsent += 1;
        }
    }

    /// A connection begins.
    pub(super) fn connected(&mut self) {
        self.before = Some(self.sent);
    }

    /// A connection has ended before this number of the messages given to it had left.
    pub(super) fn disconnected(&mut self, unsent: u64) {
        self.sent = self.sent.saturating_sub(unsent);
        self.unsent += unsent;
    }

    /// The peer says how many messages it has received, over all connections.
    ///
    /// # Errors
    ///
    /// [`Overcount`] when it cannot have received this number.
    pub(super) fn confirm(&mut self, received: u64) -> Result<(), Overcount> {
        let sent = self.before.unwrap_or(self.sent.saturating_sub(self.lost));
        let on_the_way = sent.checked_sub(received);
        let on_the_way = on_the_way.ok_or(Overcount { received, sent })?;
        if self.before.take().is_some() {
            self.lost = on_the_way;
        }
        self.confirmed = received;
        Ok(())
    }

    /// Messages that the peer has not received and never will.
    pub(super) fn undelivered(&self) -> u64 {
        self.unsent + self.lost
    }

    /// Undelivered ones that have not been reported; afterwards they count as reported.
    pub(super) fn report_undelivered(&mut self) -> u64 {
        let fresh = self.undelivered().saturating_sub(self.reported);
        self.reported += fresh;
        fresh
    }

    /// Messages that have left and that the peer has not confirmed.
    pub(super) fn unconfirmed(&self) -> u64 {
        self.sent.saturating_sub(self.lost + self.confirmed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_in_flight_when_a_connection_ended_is_counted_when_the_next_begins() {
        let mut account = Account::default();
        account.connected();
        account.confirm(0).expect("a beginning");
        (0..10).for_each(|_| account.hand_over(true));
        account.confirm(4).expect("four of ten");
        assert_eq!((account.undelivered(), account.unconfirmed()), (0, 6));
        account.disconnected(1);
        account.hand_over(false);
        assert_eq!(
            (account.report_undelivered(), account.unconfirmed()),
            (2, 5)
        );
        account.connected();
        // Handed over before the peer has spoken: not of those that it speaks of.
        account.hand_over(true);
        account.confirm(6).expect("two more came through");
        assert_eq!(
            (account.report_undelivered(), account.unconfirmed()),
            (3, 1)
        );
        account.confirm(7).expect("the newest");
        assert_eq!((account.undelivered(), account.unconfirmed()), (5, 0));
        assert_eq!(account.report_undelivered(), 0);
    }

    #[test]
    fn a_peer_that_counts_too_many_is_not_believed() {
        let mut account = Account::default();
        account.connected();
        account.hand_over(true);
        let overcount = account.confirm(1).expect_err("sent after it began");
        assert_eq!(
            overcount.to_string(),
            "it says that it has received 1 messages, of 0 that were sent to it"
        );
        account.confirm(0).expect("a beginning");
        assert!(account.confirm(2).is_err());
        account.confirm(1).expect("what was sent");
    }

    /// A step of a network that loses messages with connections only.
    #[derive(Debug, Clone)]
    enum Step {
        Send,
        Arrive,
        Tally,
        Break { unsent: u64 },
        Connect,
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => Just(Step::Send),
            4 => Just(Step::Arrive),
            2 => Just(Step::Tally),
            1 => (0u64..3).prop_map(|unsent| Step::Break { unsent }),
            2 => Just(Step::Connect),
        ]
    }

    proptest! {
        #[test]
        fn the_account_says_what_the_network_did(steps in proptest::collection::vec(any_step(), 0..200)) {
            let mut account = Account::default();
            let (mut handed, mut received, mut missing) = (0u64, 0u64, 0u64);
            let (mut connected, mut on_the_way) = (false, 0u64);
            for step in steps {
                match step {
                    Step::Send => {
                        account.hand_over(connected);
                        handed += 1;
                        if connected { on_the_way += 1 } else { missing += 1 }
                    }
                    Step::Arrive if connected && on_the_way > 0 => {
                        on_the_way -= 1;
                        received += 1;
                    }
                    Step::Tally if connected => account.confirm(received).expect("the truth"),
                    Step::Break { unsent } if connected => {
                        account.disconnected(unsent.min(on_the_way));
                        missing += on_the_way;
                        (connected, on_the_way) = (false, 0);
                    }
                    Step::Connect if !connected => {
                        account.connected();
                        account.confirm(received).expect("the truth");
                        connected = true;
                        prop_assert_eq!(account.undelivered(), missing);
                        prop_assert_eq!(account.unconfirmed(), 0);
                    }
                    _ => {}
                }
                prop_assert!(account.undelivered() <= missing);
                prop_assert!(account.undelivered() + account.unconfirmed() >= missing + on_the_way);
                prop_assert_eq!(account.undelivered() + account.unconfirmed() + account.confirmed, handed);
            }
        }
    }
}
