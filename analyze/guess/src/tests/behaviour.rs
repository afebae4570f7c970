//! What happened, to whom and how fast, where words say little or nothing: behaviour must.

use super::lines::{all_are_read, both, by_kind, seconds};
use super::*;

/// A die with this many faces that send, and others that do not.
fn roll(of: &Happened) -> u64 {
    match of.kind {
        Kind::Receive => 0,
        Kind::Send => 1 + u64::from(of.peer == others(of.machine).0),
        Kind::Broadcast => 3,
        Kind::Internal => 4 + of.ms % 5,
    }
}

const BEHAVIOURS: &[Style] = &[
    Style {
        name: "letters for events, and numbers without names",
        file: |trial, machine| format!("t{trial}/m{machine}.txt"),
        head: |machine| format!("speed {}\n", RATES[machine]),
        line: |of| {
            let letter = by_kind(of, ["I", "S", "B", "R"]);
            format!("{letter} {} {} {}\n", seconds(of), of.clock, of.queue)
        },
        says: "time clock queue rate",
    },
    Style {
        name: "numbers for events, by the face of a die",
        file: |trial, machine| format!("{trial}/node{machine}.csv"),
        head: |_| "at,face,lamport,waiting\n".to_owned(),
        line: |of| format!("{},{},{},{}\n", seconds(of), roll(of), of.clock, of.queue),
        says: "time clock queue",
    },
    Style {
        name: "words that nobody here knows",
        file: |trial, machine| format!("{trial}/node{machine}.log"),
        head: |machine| format!("node {machine} ({})\n", RATES[machine]),
        line: |of| {
            let peer = match of.kind {
                Kind::Send | Kind::Receive => format!(" #{}", of.peer),
                _ => String::new(),
            };
            let word = by_kind(of, ["belso", "kuldes", "mindenki", "erkezes"]);
            format!("{} {word}{peer} ora={}\n", day_time(of.ms), of.clock)
        },
        says: "time clock from to rate",
    },
    Style {
        name: "columns of yes and no",
        file: |trial, machine| format!("{trial}/vm{machine}_{}hz.csv", RATES[machine]),
        head: |_| "got message;sent to A;sent to B;clock;when\n".to_owned(),
        line: |of| {
            let flags = by_kind(of, [";;", ";x;", ";x;x", "x;;"]);
            format!("{flags};{};{}\n", of.clock, seconds(of))
        },
        says: "time clock rate",
    },
    Style {
        name: "arrows, and a queue in brackets",
        file: |trial, machine| format!("{trial}/M{machine}.log"),
        head: |machine| {
            format!(
                "M{machine} beats, 1 tick every {} ms\n",
                1000 / RATES[machine]
            )
        },
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "IDLE".to_owned(),
                Kind::Send => format!("SEND -> {}", of.peer),
                Kind::Broadcast => format!("SEND -> {}", both(of, "", ",")),
                Kind::Receive => format!("RECV <- {} [queue length] {}", of.peer, of.queue),
            };
            format!("{} {what} | LC {}\n", seconds(of), of.clock)
        },
        says: "time clock queue from to",
    },
    Style {
        name: "a dash between names and values, and recipients in brackets",
        file: |trial, machine| format!("{trial}/{machine}.log"),
        head: |machine| format!("rate - {} ticks/s\n", RATES[machine]),
        line: |of| {
            let to = match of.kind {
                Kind::Internal => "INTERNAL".to_owned(),
                Kind::Send => format!("SENT | Recipient(s) - [{}]", of.peer),
                Kind::Broadcast => format!("SENT | Recipient(s) - [{}]", both(of, "", ", ")),
                Kind::Receive => format!("RECEIVED | Backlog - {}", of.queue),
            };
            format!("{to} | Time - {} | Lamport - {}\n", seconds(of), of.clock)
        },
        says: "time clock queue to rate",
    },
    Style {
        name: "minus one for everybody",
        file: |trial, machine| format!("{trial}/p{machine}.csv"),
        head: |_| "kind,to,clock,time\n".to_owned(),
        line: |of| {
            let to = match of.kind {
                Kind::Send => of.peer.to_string(),
                Kind::Broadcast => "-1".to_owned(),
                _ => String::new(),
            };
            let kind = by_kind(of, ["internal", "send", "send", "receive"]);
            format!("{kind},{to},{},{}\n", of.clock, seconds(of))
        },
        says: "time clock to",
    },
];

#[test]
fn behaviour_tells_what_words_do_not() {
    all_are_read(BEHAVIOURS);
}
