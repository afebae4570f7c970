//! What a history makes of messages, step by step.

use chat::identity::TimeMs;
use uuid::Uuid;

use super::*;

const SESSION: SessionId = SessionId(Uuid::from_u128(9));
const ACCOUNT: AccountId = AccountId(Uuid::from_u128(8));

fn name(sequence: u64) -> MessageName {
    (SESSION, Sequence(sequence))
}

fn entry(sequence: u64, time: u64) -> Arc<Entry> {
    let command = Command::Send {
        session: SESSION,
        sequence: Sequence(sequence),
        confirmed: Sequence(0),
        to: chat::name::Name::new("ada").expect("a name"),
        text: format!("text {sequence}"),
    };
    let time = TimeMs(time);
    Arc::new(Entry { time, command })
}

fn message(sequence: u64, offset: u64) -> Message {
    Message {
        offset: Offset(offset),
        accepted: TimeMs(1),
        author: AccountId(Uuid::from_u128(7)),
        from: chat::name::Name::new("bob").expect("a name"),
        session: SESSION,
        sequence: Sequence(sequence),
        text: format!("text {sequence}"),
    }
}

/// Sends are committed in this order, and then all of these are in the mailbox.
fn mail(commands: &[u64], placed: &[u64]) -> Mail {
    let mut mail = Mail::default();
    for (op, &sequence) in (1..).zip(commands) {
        assert!(mail.commit(OpNumber(op), name(sequence), &entry(sequence, op)));
    }
    for (offset, &sequence) in (1..).zip(placed) {
        let found = mail.place(ACCOUNT, &message(sequence, offset));
        found.expect("it was sent");
    }
    mail
}

fn follows(commands: &[u64]) -> bool {
    let names: Vec<MessageName> = commands.iter().map(|&of| name(of)).collect();
    mail(commands, &[1, 2, 3]).follow(&names).is_ok()
}

#[test]
fn messages_stand_in_the_order_of_their_sequences_as_far_as_it_is_known() {
    assert!(follows(&[1, 2, 3]));
    assert!(!follows(&[1, 3, 2]));
    // All were refused at first, and the history is read from the middle on.
    assert!(follows(&[3, 1, 2, 3]));
    assert!(
        !follows(&[3, 1, 3, 2]),
        "3 was accepted before 2 was asked for"
    );
}

#[test]
fn a_message_whose_last_command_is_beyond_the_end_is_in_doubt() {
    let whole = mail(&[1, 2, 3, 2], &[1, 2, 3]);
    let mut cut = whole.until(OpNumber(3));
    assert_eq!(
        cut.end(ACCOUNT),
        Offset(1),
        "2 may have been refused before"
    );
    let sent = cut.sent(name(2)).expect("it was asked for");
    assert_eq!((sent.op, sent.placed), (OpNumber(2), None));
    assert!(!cut.take_doubt(OpNumber(2)), "a server that knows no more");
    assert!(cut.take_doubt(OpNumber(3)) && !cut.take_doubt(OpNumber(3)));
    let found = cut.place(ACCOUNT, &message(2, 2));
    found.expect("it is there after all");
    assert_eq!(cut.at(ACCOUNT, Offset(2)), Some(name(2)));
    let short = whole.until(OpNumber(1));
    assert!(short.sent(name(2)).is_none());
    assert!(whole.doubt.is_none() && mail(&[1, 2], &[1, 2]).until(OpNumber(2)).doubt.is_none());
}
