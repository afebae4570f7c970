//! Prints the rows of one process of one trial.
use std::error::Error;
use std::sync::atomic::AtomicBool;

use chat_trial::{Detail, run};
use event_log::chat::{ChatCondition, Tolerate};
use event_log::faults::Faults;
use event_log::Row;

fn main() -> Result<(), Box<dyn Error>> {
    let a: Vec<String> = std::env::args().collect();
    let faults: Faults = toml::from_str(&std::fs::read_to_string(&a[1])?)?;
    let tolerate = if a[2] == "crashes" { Tolerate::Crashes } else { Tolerate::Partitions };
    let trial: u64 = a[3].parse()?;
    let condition = match std::env::var("QUICK") { Ok(_) => ChatCondition { clients: 5, duration_ns: 40_000_000_000, heartbeat_ns: 100_000_000, suspect_ns: 500_000_000, tolerate, ..ChatCondition::default() }, Err(_) => ChatCondition { tolerate, ..ChatCondition::default() } };
    let stop = AtomicBool::new(false);
    let outcome = run(&condition, 7, trial, &faults, Detail::Everything, &stop)?;
    for v in &outcome.violations { println!("{} {} {:?} {}", v.time_ns, v.property, v.process, v.finding); }
    let logs = outcome.logs.unwrap();
    let mut lines: Vec<(u64, String)> = Vec::new();
    for who in &a[4..] {
        if who == "f" {
            for e in &outcome.fault_log { lines.push((e.time_ns, format!("F {:?} {} {} {:?} {:?} {}", e.step, e.deed, e.target, e.machine, e.peer, e.evidence))); }
            continue;
        }
        let n: usize = who[1..].parse()?;
        let mut push = |t: u64, enc: &dyn Fn(&mut Vec<u8>)| { let mut l = Vec::new(); enc(&mut l); lines.push((t, format!("{who} {}", String::from_utf8_lossy(&l)))); };
        if who.starts_with('c') { for r in &logs.clients[n] { push(r.time_ns, &|l| r.event.encode(r.time_ns, l)); } }
        else { for r in &logs.servers[n] { push(r.time_ns, &|l| r.event.encode(r.time_ns, l)); } }
    }
    lines.sort_by_key(|l| l.0);
    for l in lines { println!("{:>12.6} {}", (l.0 - 1_000_000_000_000_000_000) as f64 / 1e9, l.1); }
    Ok(())
}
