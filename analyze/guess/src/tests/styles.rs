//! Ways in which people write logs.

use super::*;

pub(super) const STYLES: &[Style] = &[
    Style {
        name: "root logger of Python",
        file: |trial, machine| format!("run{trial}/vm_{machine}.log"),
        head: |machine| {
            format!(
                "INFO:root:VM {machine} initialised, tick rate = {} Hz\n",
                RATES[machine]
            )
        },
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "internal event".to_owned(),
                Kind::Send => format!("sent to VM {}", of.peer),
                Kind::Broadcast => "sent to all".to_owned(),
                Kind::Receive => format!("received from VM {}, queue length {}", of.peer, of.queue),
            };
            format!(
                "INFO:root:{}.{:03} | {what} | logical clock = {}\n",
                1_700_000_000 + of.ms / 1000,
                of.ms % 1000,
                of.clock
            )
        },
        says: "time clock queue from to",
    },
    Style {
        name: "brackets",
        file: |trial, machine| format!("trial{trial}_machine{}.log", machine + 1),
        head: |_| String::new(),
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "Internal".to_owned(),
                Kind::Send => format!("Send -> VM{}", of.peer + 1),
                Kind::Broadcast => "Broadcast".to_owned(),
                Kind::Receive => format!(
                    "Recv <- VM{} (ts={}) [{} left]",
                    of.peer + 1,
                    of.carried,
                    of.queue
                ),
            };
            format!(
                "[{}] VM{} LC={} {what}\n",
                day_time(of.ms),
                of.machine + 1,
                of.clock
            )
        },
        says: "time clock queue from to carried",
    },
    Style {
        name: "java.util.logging in two lines",
        file: |trial, machine| format!("exp_{trial}/process{machine}.txt"),
        head: |_| String::new(),
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "Internal event.".to_owned(),
                Kind::Send => format!("Message sent to process {}.", of.peer),
                Kind::Broadcast => "Message sent to both processes.".to_owned(),
                Kind::Receive => format!(
                    "Message received from process {}. Messages remaining: {}.",
                    of.peer, of.queue
                ),
            };
            format!(
                "Mar 07, 2023 8:{:02}:{:02} PM lab.Clock log\nINFO: {what} Lamport time: {}\n",
                38 + of.ms / 60_000,
                of.ms / 1000 % 60,
                of.clock
            )
        },
        says: "clock queue from to",
    },
    Style {
        name: "log of Go",
        file: |trial, machine| format!("{trial}/node-{}.log", [8081, 8082, 8083][machine]),
        head: |machine| {
            format!(
                "2023/03/07 12:00:00 listening on :{}\n2023/03/07 12:00:00 clock speed: {} ticks per second\n",
                8081 + machine,
                RATES[machine]
            )
        },
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "INTERNAL".to_owned(),
                Kind::Send => format!("SEND to={}", 8081 + of.peer),
                Kind::Broadcast => "SEND to=all".to_owned(),
                Kind::Receive => format!(
                    "RECV from={} msgclock={} qlen={}",
                    8081 + of.peer,
                    of.carried,
                    of.queue
                ),
            };
            format!(
                "2023/03/07 12:{:02}:{:02}.{:06} {what} clock={}\n",
                of.ms / 60_000,
                of.ms / 1000 % 60,
                of.ms % 1000 * 1000,
                of.clock
            )
        },
        says: "time clock queue from to carried",
    },
    Style {
        name: "JSON lines",
        file: |trial, machine| format!("out/t{trial}/m{machine}.jsonl"),
        head: |machine| {
            format!(
                "{{\"type\":\"init\",\"node\":{machine},\"hz\":{}}}\n",
                RATES[machine]
            )
        },
        line: |of| {
            let (type_, more) = match of.kind {
                Kind::Internal => ("local_event", String::new()),
                Kind::Send => ("message_sent", format!(",\"dest\":{}", of.peer)),
                Kind::Broadcast => ("message_sent", ",\"dest\":\"all\"".to_owned()),
                Kind::Receive => (
                    "message_received",
                    format!(
                        ",\"src\":{},\"backlog\":{},\"msg_time\":{}",
                        of.peer, of.queue, of.carried
                    ),
                ),
            };
            format!(
                "{{\"ts\":{},\"type\":\"{type_}\",\"node\":{},\"lamport\":{}{more}}}\n",
                1_700_000_000_000 + of.ms,
                of.machine,
                of.clock
            )
        },
        says: "time clock queue from to carried",
    },
    Style {
        name: "CSV with a header in other words",
        file: |trial, machine| format!("trial-{trial}/machine-{machine}-log.csv"),
        head: |_| "WallTime,LogicalTime,EventType,Destination,Source,PendingMessages\n".to_owned(),
        line: |of| {
            let (kind, to, from, queue) = match of.kind {
                Kind::Internal => ("Internal", String::new(), String::new(), String::new()),
                Kind::Send => ("Send", of.peer.to_string(), String::new(), String::new()),
                Kind::Broadcast => ("SendAll", String::new(), String::new(), String::new()),
                Kind::Receive => (
                    "Receive",
                    String::new(),
                    of.peer.to_string(),
                    of.queue.to_string(),
                ),
            };
            format!(
                "2023-03-07T20:{:02}:{:02}.{:03}Z,{},{kind},{to},{from},{queue}\n",
                of.ms / 60_000,
                of.ms / 1000 % 60,
                of.ms % 1000,
                of.clock
            )
        },
        says: "time clock queue from to",
    },
    Style {
        name: "CSV without a header",
        file: |trial, machine| format!("{}{trial}.csv", ["X", "Y", "Z"][machine]),
        head: |_| String::new(),
        line: |of| {
            let kind = ["INTERNAL", "SEND", "SEND_BOTH", "RECEIVE"][of.kind as usize];
            format!(
                "{kind},{}.{:03},{}\n",
                1_700_000_000 + of.ms / 1000,
                of.ms % 1000,
                of.clock
            )
        },
        says: "time clock",
    },
    Style {
        name: "tabs",
        file: |trial, machine| format!("r{trial}/p{machine}.tsv"),
        head: |_| "event\tsystem time (s)\tlogical clock\tqueue length\n".to_owned(),
        line: |of| {
            let kind = ["internal", "sent one", "sent two", "received"][of.kind as usize];
            format!(
                "{kind}\t{}.{:03}\t{}\t{}\n",
                of.ms / 1000,
                of.ms % 1000,
                of.clock,
                of.queue
            )
        },
        says: "time clock queue",
    },
    Style {
        name: "keys and values",
        file: |trial, machine| format!("logs/{trial}/{machine}.logfmt"),
        head: |_| String::new(),
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "event=internal".to_owned(),
                Kind::Send => format!("event=send to={}", of.peer),
                Kind::Broadcast => "event=broadcast".to_owned(),
                Kind::Receive => format!(
                    "event=receive from={} sent_clock={} queue={}",
                    of.peer, of.carried, of.queue
                ),
            };
            format!(
                "time=2023-03-07T20:{:02}:{:02}.{:03}+01:00 level=info machine={} {what} clock={}\n",
                of.ms / 60_000,
                of.ms / 1000 % 60,
                of.ms % 1000,
                of.machine,
                of.clock
            )
        },
        says: "time clock queue from to carried",
    },
    Style {
        name: "records with separators",
        file: |trial, machine| format!("trial{trial}/Machine {machine}.txt"),
        head: |machine| {
            format!(
                "Machine {machine}\nClock rate: {}\n==========\n",
                RATES[machine]
            )
        },
        line: |of| {
            let kind = ["Internal", "Send", "Broadcast", "Receive"][of.kind as usize];
            let queue = if of.kind == Kind::Receive {
                format!("Queue length: {}\n", of.queue)
            } else {
                String::new()
            };
            format!(
                "Event: {kind}\nSystem time: {}.{:03}\nLogical clock: {}\n{queue}----------\n",
                1_700_000_000 + of.ms / 1000,
                of.ms % 1000,
                of.clock
            )
        },
        says: "time clock queue",
    },
    Style {
        name: "named vectors",
        file: |trial, machine| format!("{trial}/{}.log", ["A", "B", "C"][machine]),
        head: |_| String::new(),
        line: |of| {
            let name = |machine: usize| ["A", "B", "C"][machine];
            let what = match of.kind {
                Kind::Internal => "internal event".to_owned(),
                Kind::Send => format!("send to {}", name(of.peer)),
                Kind::Broadcast => "broadcast".to_owned(),
                Kind::Receive => format!("receive from {}", name(of.peer)),
            };
            let [a, b, c] = of.vector;
            format!(
                "{} {} {what} {{A:{a}, B:{b}, C:{c}}}\n",
                day_time(of.ms),
                name(of.machine)
            )
        },
        says: "time vector from to",
    },
    Style {
        name: "colours and pictures",
        file: |trial, machine| format!("{trial}/vm{machine}.out"),
        head: |machine| {
            format!(
                "🚀 VM {machine} starting at {} ticks/sec\n\n",
                RATES[machine]
            )
        },
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "\x1b[33m⚙ INTERNAL\x1b[0m".to_owned(),
                Kind::Send => format!("\x1b[32m📤 SENT\x1b[0m to VM {}", of.peer),
                Kind::Broadcast => "\x1b[32m📢 BROADCAST\x1b[0m".to_owned(),
                Kind::Receive => format!(
                    "\x1b[34m📥 RECEIVED\x1b[0m from VM {} (queue: {})",
                    of.peer, of.queue
                ),
            };
            format!("{} {what} clock: {}\n", day_time(of.ms), of.clock)
        },
        says: "time clock queue from to",
    },
    Style {
        name: "all machines in one file",
        file: |trial, _| format!("run_{trial}.log"),
        head: |_| String::new(),
        line: |of| {
            let name = |machine: usize| ["Alpha", "Beta", "Gamma"][machine];
            let what = match of.kind {
                Kind::Internal => "did an internal event".to_owned(),
                Kind::Send => format!("sent a message to {}", name(of.peer)),
                Kind::Broadcast => "sent a message to everyone".to_owned(),
                Kind::Receive => format!(
                    "got a message from {}; {} still in queue",
                    name(of.peer),
                    of.queue
                ),
            };
            format!(
                "{}.{:03}s {}: {what}; its logical clock is {}\n",
                of.ms / 1000,
                of.ms % 1000,
                name(of.machine),
                of.clock
            )
        },
        says: "time clock queue from to",
    },
    Style {
        name: "elapsed milliseconds first",
        file: |trial, machine| {
            format!(
                "trial_{trial}_rate_{}_machine_{machine}.txt",
                RATES[machine]
            )
        },
        head: |_| "elapsed_ms lamport what\n".to_owned(),
        line: |of| {
            let what = match of.kind {
                Kind::Internal => "I did something by myself: internal".to_owned(),
                Kind::Send => format!("I sent to machine {}", of.peer),
                Kind::Broadcast => "I sent to both others".to_owned(),
                Kind::Receive => format!(
                    "I received from machine {}, {} messages pending",
                    of.peer, of.queue
                ),
            };
            format!("elapsed {} ms, lamport {}: {what}\n", of.ms, of.clock)
        },
        says: "time clock queue from to",
    },
    Style {
        name: "old and new clock",
        file: |trial, machine| format!("T{trial}/server_{machine}.log"),
        head: |_| String::new(),
        line: |of| {
            let what = ["Internal", "Sent", "Sent to both", "Received"][of.kind as usize];
            format!(
                "03/17/2023 02:{:02}:{:02} PM - {what}: updated clock {} (queue size {})\n",
                of.ms / 60_000,
                of.ms / 1000 % 60,
                of.clock,
                of.queue
            )
        },
        says: "clock queue",
    },
    Style {
        name: "several recipients by name",
        file: |trial, machine| format!("t{trial}/port_{}.log", 5000 + machine),
        head: |_| String::new(),
        line: |of| {
            let (a, b) = others(of.machine);
            let what = match of.kind {
                Kind::Internal => "Internal event".to_owned(),
                Kind::Send => format!("Sent message to [{}]", 5000 + of.peer),
                Kind::Broadcast => format!("Sent message to [{}, {}]", 5000 + a, 5000 + b),
                Kind::Receive => {
                    format!("Received message from {}: {}", 5000 + of.peer, of.carried)
                }
            };
            format!(
                "{}.{:06},{:>5}, {what}\n",
                1_700_000_000 + of.ms / 1000,
                of.ms % 1000 * 1000,
                of.clock
            )
        },
        says: "time clock from to carried",
    },
    Style {
        name: "records in records, the name of the computer in each",
        file: |trial, machine| format!("round-{trial}/node-{}.jsonl", ["A", "B", "C"][machine]),
        head: |machine| {
            format!(
                "{{\"at\":1700000000000,\"job\":{},\"computer\":\"desk.local\",\"node\":{{\"id\":\"{}\",\"ticksPerSecond\":{}}},\"note\":\"up\"}}\n",
                800 + machine,
                ["A", "B", "C"][machine],
                RATES[machine]
            )
        },
        line: |of| {
            let (a, b) = others(of.machine);
            let what = match of.kind {
                Kind::Internal => "\"kind\":\"INTERNAL\"".to_owned(),
                Kind::Send => format!(
                    "\"kind\":\"SEND\",\"peers\":[\"{}\"]",
                    ["A", "B", "C"][of.peer]
                ),
                Kind::Broadcast => format!(
                    "\"kind\":\"SEND\",\"peers\":[\"{}\",\"{}\"]",
                    ["A", "B", "C"][a],
                    ["A", "B", "C"][b]
                ),
                Kind::Receive => format!(
                    "\"kind\":\"RECEIVE\",\"peer\":\"{}\"",
                    ["A", "B", "C"][of.peer]
                ),
            };
            format!(
                "{{\"at\":{},\"job\":{},\"computer\":\"desk.local\",\"node\":{{\"id\":\"{}\",\"ticksPerSecond\":{}}},\"event\":{{{what}}},\"clock\":{},\"inbox\":{{\"length\":{}}}}}\n",
                1_700_000_000_000 + of.ms,
                800 + of.machine,
                ["A", "B", "C"][of.machine],
                RATES[of.machine],
                of.clock,
                of.queue
            )
        },
        says: "time clock queue from to",
    },
];
