//! Which event a line tells of, by its words.
//!
//! **Invariant.** Words for who takes part (`sender`, `recipients`) say nothing of what happened.

use super::lists::{is_one_of, split};
use events::Kind;

/// Which event a line of these words tells of, and how sure that is (1 a hint, 3 and more plain words).
pub(crate) fn kind_of(words: &[String]) -> Option<(Kind, u32)> {
    let mut best: Option<(Kind, u32)> = None;
    for (at, word) in words.iter().enumerate() {
        if let Some((kind, weight)) = kind_word(word, &words[at + 1..])
            && best.is_none_or(|(_, weight_before)| weight > weight_before)
        {
            best = Some((kind, weight));
        }
    }
    match best {
        Some((Kind::Send, weight)) if words.iter().any(|word| many(word) || is_plural(word)) => {
            Some((Kind::Broadcast, weight))
        }
        best => best,
    }
}

/// Whether a word belongs to an event: such words are never names.
pub(crate) fn is_kind_word(word: &str) -> bool {
    split(word).iter().any(|word| {
        kind_word(word, &[]).is_some_and(|(_, weight)| weight > 1) || many(word) || is_plural(word)
    })
}

/// Kinds by words and stems, the surest first: weight, kind, whole words, beginnings of words.
const KINDS: &[(u32, Kind, &str, &str)] = &[
    (
        5,
        Kind::Broadcast,
        "",
        "broadcast bcast multicast sendall sendboth multisend",
    ),
    (4, Kind::Internal, "intern int", "internal interne interno"),
    (
        4,
        Kind::Receive,
        "reçu reçoit recu rec recd rx",
        "receiv reciev recv rcv recei empfang recib ricev",
    ),
    (
        4,
        Kind::Send,
        "send sent sends sending snd tx unicast",
        "envoi envoy gesend sende envia invia",
    ),
    (
        3,
        Kind::Receive,
        "got gets pop popped pops",
        "dequeu incoming deliver arriv consum inbound",
    ),
    (
        3,
        Kind::Send,
        "",
        "transmi dispatch emit outgoing outbound messaged",
    ),
    (
        2,
        Kind::Internal,
        "local idle noop nop compute computed computing nothing",
        "",
    ),
    (
        2,
        Kind::Receive,
        "processed processing handled handling read reads took",
        "fetch pull",
    ),
    (2, Kind::Send, "wrote posted pushed pinged ping", ""),
    (
        1,
        Kind::Internal,
        "work worked working tick ticked step self own",
        "",
    ),
];

fn kind_word(word: &str, after: &[String]) -> Option<(Kind, u32)> {
    if is_one_of(
        "sender senders receiver receivers recipient recipients",
        word,
    ) {
        return None;
    }
    // `wrote` at the end of a line tells of a file.
    let whole = |weight: u32, kind: Kind| !(weight == 2 && kind == Kind::Send && after.is_empty());
    let found = KINDS.iter().find(|(weight, kind, words, stems)| {
        let begins = stems
            .split_ascii_whitespace()
            .any(|stem| word.starts_with(stem));
        (begins || is_one_of(words, word)) && whole(*weight, *kind)
    });
    found.map(|&(weight, kind, ..)| (kind, weight))
}

/// Words that make a send a send to all.
fn many(word: &str) -> bool {
    is_one_of(
        "all both everyone everybody others two multi multiple each every tous alle beide todos tutti double many group",
        word,
    )
}

/// Words that make a send a send to all, unless names or a number beside them say how many.
pub(crate) fn is_plural(word: &str) -> bool {
    is_one_of(
        "messages msgs peers machines vms processes nodes recipients receivers servers replicas",
        word,
    )
}

/// Whether a recipient's text means everybody else, without naming them.
pub(crate) fn means_all(text: &str) -> bool {
    text.trim() == "*"
        || split(text)
            .iter()
            .any(|word| many(word) || word.starts_with("broadcast"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_hands_write_the_four_events() {
        let kind = |line: &str| kind_of(&split(line)).map(|(kind, _)| kind);
        for (line, expected) in [
            ("Got a message from B", Kind::Receive),
            ("recieved msg", Kind::Receive),
            ("RECV", Kind::Receive),
            ("message received that was sent by", Kind::Receive),
            ("took next message off the queue", Kind::Receive),
            ("SendMessage", Kind::Send),
            ("transmitting", Kind::Send),
            ("sent to both other machines", Kind::Broadcast),
            ("SEND_ALL", Kind::Broadcast),
            ("Sent two messages", Kind::Broadcast),
            ("multicast", Kind::Broadcast),
            ("internal event", Kind::Internal),
            ("local step", Kind::Internal),
        ] {
            assert_eq!(kind(line), Some(expected), "{line}");
        }
        assert_eq!(kind("connection established"), None);
        assert_eq!(kind("sender"), None);
    }
}
