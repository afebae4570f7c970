//! What became of a message that was sent.
//!
//! **Invariant.** What nobody knows is not called failed.

use chat::answer::{Answer, Delivery};
use chat::client::operation::Settlement;
use chat::name::Name;
use chat::refusal::Refusal;

use super::said::Outcome;
use crate::client::advice;

/// Why nobody knows.
pub(super) const UNKNOWN: &str = "no answer in time; it may have arrived, or may still";
/// Why nothing was done.
pub(super) const NOT_DONE: &str = "no server has answered in time, and nothing was done";

/// What became of a message, and why or what to do.
pub(super) fn outcome(to: &Name, settlement: &Settlement) -> (Outcome, Option<String>) {
    match settlement {
        Settlement::Done(Answer::Sent { placement, .. }) => {
            let delivery = placement.map(|placement| placement.delivery);
            let outcome = match delivery {
                Some(Delivery::AtOnce) => Outcome::Delivered,
                Some(Delivery::Queued) => Outcome::Queued,
                None => Outcome::Accepted,
            };
            (outcome, None)
        }
        Settlement::Refused(Refusal::NoAccount) => {
            let why = format!("no account is called {to}; `/list` shows who there is");
            (Outcome::Refused, Some(why))
        }
        Settlement::Refused(refusal) if refusal.is_definite() => {
            (Outcome::Refused, Some(advice::refusal(refusal)))
        }
        Settlement::Gone => (Outcome::Refused, Some("the account is gone".to_owned())),
        Settlement::NotDone => (Outcome::NotSent, Some(NOT_DONE.to_owned())),
        _ => (Outcome::NotConfirmed, Some(UNKNOWN.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use chat::answer::Placement;
    use chat::identity::{AccountId, Offset, Sequence};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn settlements_are_outcomes() {
        let bob = Name::new("bob").expect("a name");
        let sent = |delivery: Option<Delivery>| {
            let placement = delivery.map(|delivery| Placement {
                to: AccountId(Uuid::nil()),
                offset: Offset(1),
                delivery,
            });
            let (sequence, is_repeated) = (Sequence(1), false);
            Settlement::Done(Answer::Sent {
                sequence,
                is_repeated,
                placement,
            })
        };
        for (settlement, expected) in [
            (sent(Some(Delivery::AtOnce)), Outcome::Delivered),
            (sent(Some(Delivery::Queued)), Outcome::Queued),
            (sent(None), Outcome::Accepted),
            (Settlement::Refused(Refusal::NoAccount), Outcome::Refused),
            (
                Settlement::Refused(Refusal::Unsettled),
                Outcome::NotConfirmed,
            ),
            (Settlement::Unknown, Outcome::NotConfirmed),
            (Settlement::NotDone, Outcome::NotSent),
            (Settlement::Gone, Outcome::Refused),
        ] {
            let (outcome, reason) = outcome(&bob, &settlement);
            assert_eq!(outcome, expected);
            let is_good = matches!(
                outcome,
                Outcome::Delivered | Outcome::Queued | Outcome::Accepted
            );
            assert_eq!(reason.is_none(), is_good, "{settlement:?}");
        }
    }
}
