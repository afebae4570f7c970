//! Values that words beside them do not explain, or explain wrongly: who else has them, and when, must.

use super::lines::{all_are_read, seconds, sentence};
use super::*;

/// What happened, with names of peers that have this before them.
fn told(of: &Happened, letter: &str) -> String {
    sentence(of, "internal step", letter, " AND ")
}

const PEOPLE: [&str; 3] = ["ada", "bob", "cyd"];

const EVIDENCE: &[Style] = &[
    Style {
        name: "a sender before the word of the queue",
        file: |trial, machine| format!("{trial}/Box{machine}.log"),
        head: |machine| format!("Box{machine} does {} ticks per second\n", RATES[machine]),
        line: |of| {
            let what = match of.kind {
                Kind::Receive => format!(
                    "Popped letter from Box{} off the queue, {} left",
                    of.peer, of.queue
                ),
                _ => told(of, "Box"),
            };
            format!(
                "{}|Box{}|{what}|clock={}\n",
                seconds(of),
                of.machine,
                of.clock
            )
        },
        says: "time clock queue from to rate",
    },
    Style {
        name: "all machines in a file, with the number of the process and a name that peers use",
        file: |trial, _| format!("all_{trial}.log"),
        head: |_| String::new(),
        line: |of| {
            let (first, second) = others(of.machine);
            let what = match of.kind {
                Kind::Internal => "INTERNAL {".to_owned(),
                Kind::Send => format!("SEND {{to: [:{}], ", PEOPLE[of.peer]),
                Kind::Broadcast => {
                    format!("SEND {{to: [:{}, :{}], ", PEOPLE[first], PEOPLE[second])
                }
                Kind::Receive => format!("RECEIVE {{from: :{}, ", PEOPLE[of.peer]),
            };
            let (process, name) = (410 + 2 * of.machine, PEOPLE[of.machine]);
            format!(
                "{} proc={process} {name} {what}clock: {}}}\n",
                day_time(of.ms),
                of.clock
            )
        },
        says: "time clock from to",
    },
    Style {
        name: "a send to all that names its writer, and lines about connections",
        file: |trial, machine| format!("{trial}/node{machine}_v{}.log", RATES[machine]),
        head: |machine| {
            let peer = others(machine).0;
            format!("N{machine} took an incoming connection from N{peer}\n")
        },
        line: |of| {
            let own = format!("N{}_v{}", of.machine, RATES[of.machine]);
            let what = match of.kind {
                Kind::Internal => format!("internal event, clock {}", of.clock),
                Kind::Send => format!("sends {own}:{} to N{}", of.clock, of.peer),
                Kind::Broadcast => format!("sends {own}:{} to both other nodes", of.clock),
                Kind::Receive => format!(
                    "receives N{}_v{}:{}, clock {}",
                    of.peer, RATES[of.peer], of.carried, of.clock
                ),
            };
            format!("{}: {own} {what}\n", seconds(of))
        },
        says: "time clock from to carried",
    },
    Style {
        name: "an object after tabs",
        file: |trial, machine| format!("{trial}/unit{machine}.log"),
        head: |machine| {
            format!(
                "{}\tDEBUG\tunit{machine}\tmain.rs:9\tup\t{{\"hz\": {}}}\n",
                day_time(0),
                RATES[machine]
            )
        },
        line: |of| {
            let (first, second) = others(of.machine);
            let (what, facts) = match of.kind {
                Kind::Internal => ("internal", String::new()),
                Kind::Send => ("sent", format!("\"to\": [\"unit{}\"], ", of.peer)),
                Kind::Broadcast => (
                    "sent",
                    format!("\"to\": [\"unit{first}\", \"unit{second}\"], "),
                ),
                Kind::Receive => (
                    "received",
                    format!("\"from\": \"unit{}\", \"stamp\": {}, ", of.peer, of.carried),
                ),
            };
            format!(
                "{}\tDEBUG\tunit{}\tstep.rs:{}\t{what}\t{{{facts}\"clock\": {}, \"queue\": {}}}\n",
                day_time(of.ms),
                of.machine,
                20 + what.len(),
                of.clock,
                of.queue
            )
        },
        says: "time clock queue from to carried rate",
    },
    Style {
        name: "remarks without a clock between the events",
        file: |trial, machine| format!("{trial}/out{machine}.txt"),
        head: |machine| format!("CLOCK SPEED: {}\n", RATES[machine]),
        line: |of| {
            let remark = match of.kind {
                Kind::Receive => "MAIL FIRST".to_owned(),
                _ => format!("DICE {}", of.ms % 4),
            };
            let (what, at) = (told(of, ""), seconds(of));
            format!("{remark}\n\n{what}: real time {at}, lamport {}\n", of.clock)
        },
        says: "time clock from to rate",
    },
    Style {
        name: "a printed table: rows that are counted, and peers with a fraction",
        file: |trial, machine| format!("{trial}/vm_{machine}.txt"),
        head: |machine| {
            format!(
                "vm {machine} at {} ticks per second\n      what                     when  lc  waiting  other\n",
                RATES[machine]
            )
        },
        line: |of| {
            let (what, other) = match of.kind {
                Kind::Internal => ("internal", "NaN".to_owned()),
                Kind::Send => ("send", format!("{}.0", of.peer)),
                Kind::Broadcast => ("broadcast", "NaN".to_owned()),
                Kind::Receive => ("receive", format!("{}.0", of.peer)),
            };
            let row = of.ms * RATES[of.machine] / 1000 - 1;
            format!(
                "{row:<3} {what:>9}  2024-02-11 {}  {:>4}  {:>4}  {other:>4}\n",
                day_time(of.ms),
                of.clock,
                of.queue
            )
        },
        says: "time clock queue from to rate",
    },
    Style {
        name: "nanoseconds from some start, after tabs",
        file: |trial, machine| format!("log{machine}_run{trial}.txt"),
        head: |_| String::new(),
        line: |of| {
            let ns = 7_301_000_000_000 + of.ms * 1_000_000;
            format!("{}\t{ns}\t{}\n", told(of, "").to_uppercase(), of.clock)
        },
        says: "time clock from to",
    },
    Style {
        name: "short words, explained at the head of each file",
        file: |trial, machine| format!("{trial}/m{machine}.txt"),
        head: |machine| {
            format!(
                "T [n]: took a message, received before; n are left\nG[id]: message sent to one\n\
                 GG: message sent to both\nN: internal step, nothing else\nspeed: {} Hz\n",
                RATES[machine]
            )
        },
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "N".to_owned(),
                Kind::Send => format!("G{}", of.peer),
                Kind::Broadcast => "GG".to_owned(),
                Kind::Receive => format!("T {}", of.queue),
            };
            format!("{} {} {what}\n", day_time(of.ms), of.clock)
        },
        says: "time clock to rate",
    },
    Style {
        name: "a column for each recipient",
        file: |trial, machine| format!("{trial}/{machine}.csv"),
        head: |_| "WHAT,TARGET1,TARGET2,LAMPORT,SECONDS\n".to_owned(),
        line: |of| {
            let (first, second) = others(of.machine);
            let (what, to) = match of.kind {
                Kind::Internal => ("internal", "-1,-1".to_owned()),
                Kind::Send => ("send", format!("{},-1", of.peer)),
                Kind::Broadcast => ("multisend", format!("{first},{second}")),
                Kind::Receive => ("received", "-1,-1".to_owned()),
            };
            format!("{what},{to},{},{}\n", of.clock, seconds(of))
        },
        says: "time clock to",
    },
];

#[test]
fn evidence_tells_what_values_mean() {
    all_are_read(EVIDENCE);
}
