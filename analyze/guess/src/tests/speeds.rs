//! Rates that no header of the machine's own log states: columns, paths and files beside the logs do.

use super::lines::{all_are_read, by_kind, seconds};
use super::*;

fn word(of: &Happened) -> &'static str {
    by_kind(of, ["internal", "send", "broadcast", "receive"])
}

fn plain(of: &Happened) -> String {
    format!("{} {}, lamport {}\n", seconds(of), word(of), of.clock)
}

const SPEEDS: &[Style] = &[
    Style {
        name: "rates of all machines in the name of the folder, and recipients in the column of events",
        file: |trial, machine| format!("day{trial}-at-2-3-5/vm_{}.csv", ["A", "B", "C"][machine]),
        head: |_| "what,seconds,waiting,logical clock\n".to_owned(),
        line: |of| {
            let name = |machine: usize| ["A", "B", "C"][machine];
            let row = |what: &str| format!("{what},{},{},{}\n", seconds(of), of.queue, of.clock);
            let (first, second) = others(of.machine);
            match of.kind {
                Kind::Internal => row("INTERNAL"),
                Kind::Send => row(&format!("SENT TO {}", name(of.peer))),
                Kind::Broadcast => {
                    let to = |machine| row(&format!("SENT TO {}", name(machine)));
                    to(first) + &to(second)
                }
                Kind::Receive => row("TOOK FROM QUEUE"),
            }
        },
        says: "time clock queue to rate",
    },
    Style {
        name: "a rate in the name of the file, without a word",
        file: |trial, machine| format!("trial{trial}/node{machine}-{}-final.log", RATES[machine]),
        head: |_| String::new(),
        line: plain,
        says: "time clock rate",
    },
    Style {
        name: "the time between ticks in a column",
        file: |trial, machine| format!("{trial}/log_{machine}.tsv"),
        head: |_| "EVENT\tLAMPORT\tREAL\tSELF_INTERVAL\n".to_owned(),
        line: |of| {
            let interval = ["0.5", "0.333", "0.2"][of.machine];
            format!("{}\t{}\t{}\t{interval}\n", word(of), of.clock, seconds(of))
        },
        says: "time clock rate",
    },
    Style {
        name: "a row of a table that states the rate in a phrase",
        file: |trial, machine| format!("{trial}/{machine}.csv"),
        head: |machine| {
            format!(
                "{machine},1700000000.000,0,NEW,(process: 77{machine}4) - (speed: {}) - (host: here)\n",
                RATES[machine]
            )
        },
        line: |of| {
            let roll = of.ms % 9;
            let (at, what) = (seconds(of), word(of).to_uppercase());
            format!("{},{at},{},{what},{roll}\n", of.machine, of.clock)
        },
        says: "time clock rate",
    },
    Style {
        name: "letters for the first peer, the second and both",
        file: |trial, machine| format!("{trial}/m{machine}.log"),
        head: |machine| format!("speed: {} ticks per second and 9 faces\n", RATES[machine]),
        line: |of| {
            let to = match of.kind {
                Kind::Send if of.peer == others(of.machine).0 => " X",
                Kind::Send => " Y",
                Kind::Broadcast => " XY",
                _ => "",
            };
            let what = match of.kind {
                Kind::Broadcast => "send",
                _ => word(of),
            };
            format!("[{what}] {} {}{to}\n", day_time(of.ms), of.clock)
        },
        says: "time clock rate",
    },
];

#[test]
fn rates_are_found_where_they_stand() {
    all_are_read(SPEEDS);
}

const BESIDE: Style = Style {
    name: "a file beside the logs",
    file: |trial, machine| format!("try{trial}/unit{machine}.log"),
    head: |_| String::new(),
    line: plain,
    says: "time clock rate",
};

#[test]
fn rates_are_read_from_a_file_beside_the_logs() {
    let list = "Length: 9 seconds\nUnit speeds: [2, 3, 5]\n";
    let each =
        "Unit 0: 2 ticks per second\nUnit 1: 3 ticks per second\nUnit 2: 5 ticks per second\n";
    for (name, text) in [("setup.txt", list), ("config", each)] {
        let dir = tempfile::tempdir().expect("a folder");
        let trials = write(&BESIDE, dir.path(), 1);
        for trial in 1..=2 {
            let path = dir.path().join(format!("try{trial}/{name}"));
            std::fs::write(path, text).expect("a file");
        }
        let faults = faults_of(&BESIDE, dir.path(), &trials);
        assert!(faults.is_empty(), "{name}: {}", faults.join("; "));
    }
}
