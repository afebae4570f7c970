//! What words say: which event a line tells of, and what the number beside a word is.
//!
//! Logs of this kind are written by many hands; the lists hold the spellings that people use, stems where a stem is enough,
//! and a weight that says how sure a word is. `got` is a receive unless `sent` stands in the same line.
//!
//! **Invariant.** Words are lower case here; [`split`] makes them so.

use super::meaning::Role;
use crate::history::Kind;

/// Words of a token: `SendAll`, `SEND_ALL` and `send-all` are all `send`, `all`.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut lower = false;
    for letter in text.chars() {
        let ends = !letter.is_alphabetic() || (letter.is_uppercase() && lower);
        if ends && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphabetic() {
            word.extend(letter.to_lowercase());
        }
        lower = letter.is_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Which event a line of these words tells of, and how sure that is (1 a hint, 3 and more plain words).
pub(super) fn kind_of(words: &[String]) -> Option<(Kind, u32)> {
    let mut best: Option<(Kind, u32)> = None;
    for (at, word) in words.iter().enumerate() {
        if let Some((kind, weight)) = kind_word(word, &words[at + 1..])
            && best.is_none_or(|(_, weight_before)| weight > weight_before)
        {
            best = Some((kind, weight));
        }
    }
    match best {
        Some((Kind::Send, weight)) if words.iter().any(|word| many(word)) => {
            Some((Kind::Broadcast, weight))
        }
        best => best,
    }
}

/// Whether a word belongs to an event: such words are never names.
pub(super) fn is_kind_word(word: &str) -> bool {
    split(word)
        .iter()
        .any(|word| kind_word(word, &[]).is_some_and(|(_, weight)| weight > 1) || many(word))
}

fn kind_word(word: &str, after: &[String]) -> Option<(Kind, u32)> {
    let begins = |stems: &[&str]| stems.iter().any(|stem| word.starts_with(stem));
    let is = |words: &[&str]| words.contains(&word);
    let found = if is(&[
        "sender",
        "senders",
        "receiver",
        "receivers",
        "recipient",
        "recipients",
    ]) {
        return None;
    } else if begins(&[
        "broadcast",
        "bcast",
        "multicast",
        "sendall",
        "sendboth",
        "multisend",
    ]) {
        (Kind::Broadcast, 5)
    } else if begins(&["internal", "interne", "interno"]) || is(&["intern", "int"]) {
        (Kind::Internal, 4)
    } else if begins(&[
        "receiv", "reciev", "recv", "rcv", "recei", "empfang", "recib", "ricev",
    ]) || is(&["reçu", "reçoit", "recu", "rec", "recd", "rx"])
    {
        (Kind::Receive, 4)
    } else if is(&["send", "sent", "sends", "sending", "snd", "tx", "unicast"])
        || begins(&["envoi", "envoy", "gesend", "sende", "envia", "invia"])
    {
        (Kind::Send, 4)
    } else if begins(&[
        "dequeu", "incoming", "deliver", "arriv", "consum", "inbound",
    ]) || is(&["got", "gets", "pop", "popped", "pops"])
    {
        (Kind::Receive, 3)
    } else if begins(&[
        "transmi", "dispatch", "emit", "outgoing", "outbound", "messaged",
    ]) {
        (Kind::Send, 3)
    } else if is(&[
        "local",
        "idle",
        "noop",
        "nop",
        "compute",
        "computed",
        "computing",
        "nothing",
    ]) {
        (Kind::Internal, 2)
    } else if is(&[
        "processed",
        "processing",
        "handled",
        "handling",
        "read",
        "reads",
        "took",
    ]) || begins(&["fetch", "pull"])
    {
        (Kind::Receive, 2)
    } else if is(&["wrote", "posted", "pushed", "pinged", "ping"]) && !after.is_empty() {
        (Kind::Send, 2)
    } else if is(&[
        "work", "worked", "working", "tick", "ticked", "step", "self", "own",
    ]) {
        (Kind::Internal, 1)
    } else {
        return None;
    };
    Some(found)
}

/// Words that make a send a send to all.
fn many(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "all",
        "both",
        "everyone",
        "everybody",
        "others",
        "two",
        "multi",
        "multiple",
        "each",
        "every",
        "peers",
        "machines",
        "processes",
        "nodes",
        "messages",
        "recipients",
        "tous",
        "alle",
        "beide",
        "todos",
        "tutti",
        "double",
        "many",
        "group",
    ];
    WORDS.contains(&word)
}

/// Whether a log calls a machine by such a word.
pub(super) fn is_machine_word(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "machine",
        "vm",
        "process",
        "proc",
        "node",
        "server",
        "host",
        "replica",
        "client",
        "peer",
        "id",
        "pid",
        "port",
        "mach",
        "instance",
        "worker",
        "site",
        "agent",
        "actor",
        "machineid",
        "vmid",
        "nodeid",
        "processid",
        "virtualmachine",
        "name",
        "computer",
        "processus",
        "maschine",
    ];
    WORDS.contains(&word)
}

/// Whether a log calls a trial by such a word.
pub(super) fn is_trial_word(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "trial",
        "trials",
        "experiment",
        "exp",
        "run",
        "runs",
        "test",
        "round",
        "iteration",
        "iter",
        "expt",
        "simulation",
        "sim",
        "attempt",
        "session",
        "essai",
        "versuch",
    ];
    WORDS.contains(&word)
}

/// How much a word beside a value says that the value has this role; 0 says nothing.
pub(super) fn role_weight(role: Role, word: &str) -> f64 {
    let is = |words: &[&str]| words.contains(&word);
    let any = |pairs: &[(&[&str], f64)]| {
        let found = pairs.iter().find(|(words, _)| words.contains(&word));
        found.map_or(0.0, |(_, weight)| *weight)
    };
    match role {
        Role::Clock => any(&[
            (
                &[
                    "logical",
                    "lamport",
                    "lc",
                    "lclock",
                    "logic",
                    "lamportclock",
                    "logicalclock",
                    "lclk",
                    "vc",
                    "vclock",
                    "vector",
                    "logique",
                ],
                4.0,
            ),
            (&["clock", "clk", "horloge", "uhr"], 3.0),
            (
                &[
                    "counter",
                    "ts",
                    "timestamp",
                    "c",
                    "l",
                    "new",
                    "updated",
                    "now",
                    "current",
                    "lt",
                ],
                1.0,
            ),
            (&["time"], 0.5),
            (
                &[
                    "rate",
                    "speed",
                    "hz",
                    "freq",
                    "frequency",
                    "queue",
                    "system",
                    "global",
                    "wall",
                    "real",
                    "old",
                    "previous",
                    "prev",
                ],
                -4.0,
            ),
        ]),
        Role::ClockBefore => any(&[(&["old", "previous", "prev", "before", "was", "prior"], 4.0)]),
        Role::Queue => any(&[
            (
                &[
                    "queue",
                    "queued",
                    "qlen",
                    "qsize",
                    "queuelen",
                    "queuelength",
                    "queuesize",
                    "backlog",
                    "inbox",
                    "mailbox",
                    "file",
                ],
                4.0,
            ),
            (
                &[
                    "remaining",
                    "pending",
                    "left",
                    "unread",
                    "waiting",
                    "outstanding",
                    "q",
                    "buffer",
                    "buffered",
                    "mq",
                ],
                3.0,
            ),
            (&["length", "len", "size", "depth"], 2.0),
            (&["messages", "msgs"], 0.5),
        ]),
        Role::Time => any(&[
            (
                &[
                    "system",
                    "global",
                    "wall",
                    "real",
                    "elapsed",
                    "epoch",
                    "unix",
                    "physical",
                    "sys",
                    "walltime",
                    "systime",
                    "systemtime",
                    "utc",
                ],
                3.0,
            ),
            (
                &[
                    "time",
                    "timestamp",
                    "ts",
                    "t",
                    "at",
                    "date",
                    "datetime",
                    "heure",
                    "zeit",
                    "sec",
                    "secs",
                    "seconds",
                    "ms",
                    "millis",
                    "s",
                ],
                2.0,
            ),
            (&["logical", "lamport", "clock", "lc", "vector"], -4.0),
        ]),
        Role::Rate => any(&[
            (
                &[
                    "rate",
                    "speed",
                    "hz",
                    "frequency",
                    "freq",
                    "tps",
                    "ops",
                    "operations",
                    "ticks",
                    "vitesse",
                    "frequenz",
                    "cps",
                    "tickrate",
                    "clockrate",
                ],
                4.0,
            ),
            (
                &["per", "second", "cycles", "instructions", "sec", "tick"],
                1.0,
            ),
        ]),
        Role::Carried => any(&[
            (
                &[
                    "carried", "sender's", "their", "theirs", "remote", "attached", "stamped",
                ],
                4.0,
            ),
            (
                &[
                    "message",
                    "msg",
                    "received",
                    "sent",
                    "sender",
                    "payload",
                    "content",
                    "contents",
                    "body",
                    "containing",
                    "value",
                    "senders",
                    "data",
                ],
                2.0,
            ),
            (&["with", "timestamp", "stamp", "carrying"], 0.5),
        ]),
        Role::To => any(&[
            (
                &[
                    "to",
                    "recipient",
                    "recipients",
                    "dest",
                    "destination",
                    "destinations",
                    "receiver",
                    "receivers",
                    "target",
                    "targets",
                    "dst",
                    "towards",
                    "à",
                    "an",
                    "into",
                ],
                4.0,
            ),
            (&["peer", "peers", "party", "partner"], 2.0),
        ]),
        Role::From => any(&[
            (
                &[
                    "from", "sender", "src", "source", "origin", "by", "de", "von", "da",
                ],
                4.0,
            ),
            (&["peer", "party", "partner"], 2.0),
        ]),
        Role::Machine => {
            if is_machine_word(word) {
                3.0
            } else {
                0.0
            }
        }
        Role::Trial => {
            if is_trial_word(word) {
                3.0
            } else {
                0.0
            }
        }
        Role::Tick => any(&[(
            &[
                "tick",
                "step",
                "cycle",
                "iteration",
                "row",
                "seq",
                "index",
                "no",
                "event",
            ],
            3.0,
        )]),
        Role::Message => {
            if is(&["uuid", "mid", "msgid"]) {
                3.0
            } else {
                0.0
            }
        }
        Role::None => 0.0,
    }
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
