//! What a word beside a value says of it.
//!
//! **Invariant.** A word that is in no list says nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::lists::{MACHINE_WORDS, TRIAL_WORDS};
use crate::meaning::Role;

/// Weights, and the words that have them.
type Weights = &'static [(f64, &'static str)];

const CLOCK: Weights = &[
    (
        4.0,
        "logical lamport lc lclock logic lamportclock logicalclock lclk vc vclock vector logique",
    ),
    (3.0, "clock clk horloge uhr"),
    (1.0, "counter ts timestamp c l new updated now current lt"),
    (0.5, "time"),
    (
        -4.0,
        "rate speed hz freq frequency queue system global wall real old previous prev",
    ),
];

const CLOCK_BEFORE: Weights = &[(4.0, "old previous prev before was prior")];

const QUEUE: Weights = &[
    (
        4.0,
        "queue queued qlen qsize queuelen queuelength queuesize backlog inbox mailbox file",
    ),
    (
        3.0,
        "remaining pending left unread waiting outstanding q buffer buffered mq",
    ),
    (2.0, "length len size depth"),
    (0.5, "messages msgs"),
];

const TIME: Weights = &[
    (
        3.0,
        "system global wall real elapsed epoch unix physical sys walltime systime systemtime utc",
    ),
    (
        2.0,
        "time timestamp ts t at date datetime heure zeit sec secs seconds ms millis s",
    ),
    (-4.0, "logical lamport clock lc vector"),
];

const RATE: Weights = &[
    (
        4.0,
        "rate rates speed speeds hz frequency frequencies freq tps ops operations ticks vitesse frequenz cps tickrate clockrate",
    ),
    (1.0, "per second cycles instructions sec tick"),
];

const CARRIED: Weights = &[
    (
        4.0,
        "carried carries carrying sender's its their theirs remote attached stamped",
    ),
    (
        2.0,
        "message msg received sent sender payload content contents body containing value senders data",
    ),
    (0.5, "with timestamp stamp"),
];

const TO: Weights = &[
    (
        4.0,
        "to recipient recipients dest destination destinations receiver receivers target targets dst towards à an into",
    ),
    (2.0, "peer peers party partner"),
];

const FROM: Weights = &[
    (4.0, "from sender src source origin by de von da"),
    (2.0, "peer party partner"),
];

const TICK: Weights = &[(3.0, "tick step cycle iteration row seq index no event")];

const MESSAGE: Weights = &[(3.0, "uuid mid msgid")];

/// All weights of a role, by word: they are asked for again and again.
static BY_WORD: LazyLock<BTreeMap<Role, HashMap<&'static str, f64>>> = LazyLock::new(|| {
    let lists: [(Role, Weights); 12] = [
        (Role::Clock, CLOCK),
        (Role::ClockBefore, CLOCK_BEFORE),
        (Role::Queue, QUEUE),
        (Role::Time, TIME),
        (Role::Rate, RATE),
        (Role::Carried, CARRIED),
        (Role::To, TO),
        (Role::From, FROM),
        (Role::Tick, TICK),
        (Role::Message, MESSAGE),
        (Role::Machine, &[(3.0, MACHINE_WORDS)]),
        (Role::Trial, &[(3.0, TRIAL_WORDS)]),
    ];
    let by_word = |weights: Weights| {
        // The first weight of a word counts.
        let pairs = weights.iter().rev();
        let pairs = pairs.flat_map(|(weight, words)| {
            words
                .split_ascii_whitespace()
                .map(move |word| (word, *weight))
        });
        pairs.collect()
    };
    lists
        .into_iter()
        .map(|(role, weights)| (role, by_word(weights)))
        .collect()
});

/// How much a word beside a value says that the value has this role; 0 says nothing.
pub(crate) fn role_weight(role: Role, word: &str) -> f64 {
    let words = BY_WORD.get(&role);
    words
        .and_then(|words| words.get(word).copied())
        .unwrap_or(0.0)
}
