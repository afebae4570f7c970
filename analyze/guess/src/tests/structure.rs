//! Which files, which trials, which machines: logs whose structure no word tells.

use super::lines::{all_are_read, by_kind, seconds, sentence};
use super::*;

fn kind(of: &Happened) -> &'static str {
    by_kind(of, ["internal", "send", "send to both", "receive"])
}

/// What happened, with names of peers that have this letter before them.
fn told(of: &Happened, letter: &str) -> String {
    sentence(of, "internal event", letter, ", ")
}

fn stamped(of: &Happened) -> String {
    format!("{} {} -> {}\n", seconds(of), told(of, "VM "), of.clock)
}

fn bare(of: &Happened, mark: &str) -> String {
    of.vector.map(|component| component.to_string()).join(mark)
}

const PEOPLE: [&str; 3] = ["anna", "bert", "cleo"];

const STRUCTURES: &[Style] = &[
    Style {
        name: "a vector clock with commas and no brackets",
        file: |trial, machine| format!("run_{trial}_process_{machine}.log"),
        head: |_| String::new(),
        line: |of| format!("<{}> # {} # {}\n", seconds(of), bare(of, ","), kind(of)),
        says: "time vector",
    },
    Style {
        name: "a vector clock between bars, after a number and a bar",
        file: |_, machine| format!("p{machine}.log"),
        head: |machine| format!("--- on, rate {} Hz\n", RATES[machine]),
        line: |of| {
            format!(
                "{} {} | {} | q\n",
                seconds(of),
                told(of, "p"),
                bare(of, ",")
            )
        },
        says: "time vector from to",
    },
    Style {
        name: "a folder for each machine, times from the start",
        file: |trial, machine| format!("vm{machine}/run{trial}.txt"),
        head: |_| String::new(),
        line: |of| {
            let ms = of.ms % BETWEEN_TRIALS_MS;
            format!(
                "{}.{:03} {} clock {}\n",
                ms / 1000,
                ms % 1000,
                told(of, "vm"),
                of.clock
            )
        },
        says: "time clock from to",
    },
    Style {
        name: "a vector clock with blanks, between numbers",
        file: |trial, machine| format!("{trial}/p{machine}.txt"),
        head: |_| String::new(),
        line: |of| {
            format!(
                "{} {} {} {}\n",
                kind(of),
                seconds(of),
                bare(of, " "),
                of.queue
            )
        },
        says: "time vector queue",
    },
    Style {
        name: "a vector clock of three columns",
        file: |trial, machine| format!("{trial}/p{machine}.csv"),
        head: |_| String::new(),
        line: |of| format!("{},{},{}\n", kind(of), bare(of, ","), seconds(of)),
        says: "time vector",
    },
    Style {
        name: "trials appended, each begun by a line with the rate",
        file: |_, machine| format!("machine{machine}.log"),
        head: |machine| format!("ready, {} ticks per second\n", RATES[machine]),
        line: stamped,
        says: "time clock from to",
    },
    Style {
        name: "trials appended, with nothing between them",
        file: |_, machine| format!("machine{machine}.log"),
        head: |_| String::new(),
        line: stamped,
        says: "time clock from to",
    },
    Style {
        name: "all machines in a file, named in brackets",
        file: |trial, _| format!("trial{trial}.log"),
        head: |machine| format!("[N{machine}] runs at {} Hz\n", RATES[machine]),
        line: |of| {
            format!(
                "{} [N{}] {}, clock {}\n",
                seconds(of),
                of.machine,
                told(of, "N"),
                of.clock
            )
        },
        says: "time clock from to",
    },
    Style {
        name: "all machines in a file, named at the end, of a vector clock",
        file: |trial, _| format!("{trial}.log"),
        head: |_| String::new(),
        line: |of| {
            format!(
                "{} {} {} K-{}\n",
                day_time(of.ms),
                told(of, "K-"),
                bare(of, " "),
                of.machine
            )
        },
        says: "time vector from to",
    },
    Style {
        name: "all machines in a file, called by words",
        file: |trial, _| format!("run{trial}.txt"),
        head: |machine| format!("speed is {} Hz ({})\n", RATES[machine], PEOPLE[machine]),
        line: |of| {
            let (first, second) = others(of.machine);
            let what = match of.kind {
                Kind::Internal => "internal".to_owned(),
                Kind::Send => format!("sent to {}", PEOPLE[of.peer]),
                Kind::Broadcast => format!("sent to {} and {}", PEOPLE[first], PEOPLE[second]),
                Kind::Receive => format!("received from {}", PEOPLE[of.peer]),
            };
            format!(
                "{} {what}, clock {} ({})\n",
                seconds(of),
                of.clock,
                PEOPLE[of.machine]
            )
        },
        says: "time clock from to",
    },
    Style {
        name: "all machines in a file, by ports of one host",
        file: |trial, _| format!("run{trial}.txt"),
        head: |_| String::new(),
        line: |of| {
            let host = |machine: usize| format!("192.168.1.5:{}", 6001 + machine);
            let (first, second) = others(of.machine);
            let what = match of.kind {
                Kind::Internal => "internal".to_owned(),
                Kind::Send => format!("sent to {}", host(of.peer)),
                Kind::Broadcast => format!("sent to {} and {}", host(first), host(second)),
                Kind::Receive => format!("received from {}", host(of.peer)),
            };
            format!(
                "{} {} {what}; clock {}\n",
                seconds(of),
                host(of.machine),
                of.clock
            )
        },
        says: "time clock from to",
    },
    Style {
        name: "an array of JSON objects over several lines",
        file: |trial, machine| format!("{trial}/m{machine}.json"),
        head: |_| "[\n".to_owned(),
        line: |of| {
            format!(
                "  {{\n    \"what\": \"{}\",\n    \"at\": {},\n    \"vc\": {{\"m0\": {}, \"m1\": {}, \"m2\": {}}}\n  }},\n",
                kind(of),
                seconds(of),
                of.vector[0],
                of.vector[1],
                of.vector[2]
            )
        },
        says: "time vector",
    },
    Style {
        name: "a vector clock in quotes in a column",
        file: |trial, machine| format!("{trial}/m{machine}.csv"),
        head: |_| "what,when,vector\n".to_owned(),
        line: |of| format!("{},{},\"{}\"\n", kind(of), seconds(of), bare(of, ", ")),
        says: "time vector",
    },
    Style {
        name: "vector clocks between slashes, of the message and of its receiver",
        file: |trial, machine| format!("{trial}/m{machine}.log"),
        head: |_| String::new(),
        line: |of| {
            let what = match of.kind {
                Kind::Receive => {
                    let brought = of.brought.map(|component| component.to_string());
                    format!("received {}/", brought.join("/"))
                }
                _ => kind(of).to_owned(),
            };
            format!("{what}; {}; {}\n", seconds(of), bare(of, "/"))
        },
        says: "time vector brought",
    },
    Style {
        name: "a folder for each machine, a file in it for each trial",
        file: |trial, machine| format!("lab/vm{machine}/round{trial}.txt"),
        head: |_| String::new(),
        line: stamped,
        says: "time clock from to",
    },
    Style {
        name: "a folder for each machine, with other words after its number, and a date in the names of files",
        file: |trial, machine| {
            format!(
                "svr{machine}_out/s{machine}_04-1{trial}_rate_{}.txt",
                RATES[machine]
            )
        },
        head: |_| String::new(),
        line: stamped,
        says: "time clock from to",
    },
    Style {
        name: "bare numbers, the machine before the trial",
        file: |trial, machine| format!("{machine}_{trial}.log"),
        head: |_| String::new(),
        line: stamped,
        says: "time clock from to",
    },
    Style {
        name: "a sender without a word before it",
        file: |trial, machine| format!("{trial}/vm{machine}.log"),
        head: |_| String::new(),
        line: |of| match of.kind {
            Kind::Receive => format!(
                "received message {} {} at {} with clock {}\n",
                of.peer,
                of.carried,
                seconds(of),
                of.clock
            ),
            _ => stamped(of).replace("->", "with clock"),
        },
        says: "time clock from carried",
    },
    Style {
        name: "a machine's number before each line, and other numbers with names",
        file: |trial, machine| format!("{trial}/process_{machine}.log"),
        head: |_| String::new(),
        line: |of| {
            format!(
                "{}> {} | at {} | clock {} | queue length {}\n",
                of.machine,
                told(of, "machine "),
                seconds(of),
                of.clock,
                of.queue
            )
        },
        says: "time clock queue from to",
    },
];

#[test]
fn structure_is_told_by_what_the_logs_prove() {
    all_are_read(STRUCTURES);
}
