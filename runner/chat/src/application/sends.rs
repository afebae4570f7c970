//! Messages: sending them, each sequence once, and acknowledging them.

use crate::answer::{Answer, Delivery, Message, Placement};
use crate::application::bucket::Rate;
use crate::application::sessions::rate_limited;
use crate::application::state::{Session, State};
use crate::identity::{Offset, Sequence, SessionId};
use crate::limits::{TEXT_BYTES_MAX, WINDOW_MAX};
use crate::name::Name;
use crate::refusal::Refusal;
use crate::rule::{Rule, Rules};

/// Whose turn a sequence is.
pub(crate) enum Turn {
    /// It is due.
    Due,
    /// It was settled: this is the answer that it got, none if the client has confirmed it.
    Settled(Option<Result<Placement, Refusal>>),
}

/// Says whether a sequence is due in a session, was settled before, or comes too early.
pub(crate) fn turn(
    state: &mut State,
    session: SessionId,
    sequence: Sequence,
    confirmed: Sequence,
) -> Result<Turn, Refusal> {
    let (now, rules) = (state.now, state.rules);
    let session = state.session_mut(session)?;
    session.used = now;
    while unconfirmed(session).is_some_and(|first| first <= confirmed) {
        session.answers.pop_front();
    }
    let due = session.settled.next();
    if sequence < due && rules.hold(Rule::SettleOnce) {
        return Ok(Turn::Settled(answer(session, sequence, rules)));
    }
    if sequence > due && rules.hold(Rule::InOrder) {
        return Err(Refusal::OutOfOrder { expected: due });
    }
    Ok(Turn::Due)
}

/// The first sequence whose answer the client has not confirmed.
fn unconfirmed(session: &Session) -> Option<Sequence> {
    let count = session.answers.len() as u64;
    (count > 0).then(|| Sequence(session.settled.0 + 1 - count))
}

fn answer(
    session: &Session,
    sequence: Sequence,
    rules: Rules,
) -> Option<Result<Placement, Refusal>> {
    if !rules.hold(Rule::FirstAnswer) {
        return None;
    }
    let place = sequence.0.checked_sub(unconfirmed(session)?.0)?;
    session.answers.get(usize::try_from(place).ok()?).cloned()
}

/// Sends a message, once.
pub(crate) fn send(
    state: &mut State,
    id: SessionId,
    sequence: Sequence,
    to: &Name,
    text: &str,
) -> Result<Answer, Refusal> {
    if state.session(id)?.answers.len() >= WINDOW_MAX {
        return Err(Refusal::WindowFull);
    }
    let outcome = place(state, id, sequence, to, text);
    let rules = state.rules;
    let settles = match &outcome {
        Ok(_) => true,
        Err(refusal) => refusal.is_final() || !rules.hold(Rule::RateLimitSettlesNothing),
    };
    if settles {
        let session = state.session_mut(id)?;
        session.settled = session.settled.max(sequence);
        session.answers.push_back(outcome.clone());
    }
    outcome.map(|placement| Answer::Sent {
        sequence,
        is_repeated: false,
        placement: Some(placement),
    })
}

fn place(
    state: &mut State,
    session: SessionId,
    sequence: Sequence,
    to: &Name,
    text: &str,
) -> Result<Placement, Refusal> {
    let rate = Rate {
        period_ms: 1000_u64.div_ceil(state.settings.sends_per_second.max(1)),
        burst: state.settings.sends_burst,
    };
    let author = state.session(session)?.account;
    let account = state.accounts.get_mut(&author).ok_or(Refusal::NoAccount)?;
    account.sends.take(state.now, rate).map_err(rate_limited)?;
    let bytes = text.len() as u64;
    if text.len() > TEXT_BYTES_MAX {
        return Err(Refusal::TextTooLong { bytes });
    }
    let message = Message {
        offset: Offset(0),
        session,
        sequence,
        author,
        from: account.name.clone(),
        accepted: state.now,
        text: text.to_owned(),
    };
    let &to = state.names.get(to).ok_or(Refusal::NoAccount)?;
    let recipient = state.accounts.get_mut(&to).ok_or(Refusal::NoAccount)?;
    if let Err(refusal) = recipient.mailbox.room(author, bytes, &state.settings) {
        if state.rules.hold(Rule::RefuseWhenFull) {
            return Err(refusal);
        }
        recipient.mailbox.drop_oldest();
    }
    let offset = recipient.mailbox.queue(message);
    let is_there = !recipient.sessions.is_empty() || !state.rules.hold(Rule::SayQueued);
    let delivery = match is_there {
        true => Delivery::AtOnce,
        false => Delivery::Queued,
    };
    recipient
        .mailbox
        .retain(state.now, &state.settings, state.rules);
    Ok(Placement {
        to,
        offset,
        delivery,
    })
}

/// The answer to a sequence that was settled before.
pub(crate) fn again(
    sequence: Sequence,
    first: Option<Result<Placement, Refusal>>,
) -> Result<Answer, Refusal> {
    let placement = first.transpose()?;
    Ok(Answer::Sent {
        sequence,
        is_repeated: true,
        placement,
    })
}

/// A device has the messages through an offset.
pub(crate) fn acknowledge(
    state: &mut State,
    id: SessionId,
    through: Offset,
) -> Result<Answer, Refusal> {
    let (account, owner) = state.account_of(id)?;
    let end = owner.mailbox.end();
    if through > end {
        return Err(Refusal::BeyondMailbox { end: end.0 });
    }
    let (now, goes_back) = (state.now, !state.rules.hold(Rule::AcknowledgeForward));
    let session = state.session_mut(id)?;
    session.used = now;
    if goes_back || through > session.acknowledged {
        session.acknowledged = through;
    }
    let through = session.acknowledged;
    let owner = state.accounts.get_mut(&account).ok_or(Refusal::NoAccount)?;
    owner.mailbox.acknowledge(through);
    owner.mailbox.retain(now, &state.settings, state.rules);
    Ok(Answer::Acknowledged { through })
}
