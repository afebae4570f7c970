//! How fast trials run: events and trials a processor second, on one thread.
//!
//! ```text
//! cargo run --release -p chat-trial --example throughput [FAULTS.toml] [TRIALS] [SEED]
//! ```

use std::error::Error;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use chat_trial::{Campaign, Detail, run};
use event_log::chat::{ChatCondition, Tolerate};
use event_log::faults::Faults;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let faults: Faults = match arguments.next().filter(|path| path != "-") {
        Some(path) => toml::from_str(&std::fs::read_to_string(path)?)?,
        None => Faults::default(),
    };
    let trials: u64 = arguments.next().map_or(Ok(100), |text| text.parse())?;
    let seed: u64 = arguments.next().map_or(Ok(7), |text| text.parse())?;
    for tolerate in [Tolerate::Crashes, Tolerate::Partitions] {
        let condition = ChatCondition {
            tolerate,
            ..ChatCondition::default()
        };
        let (mut campaign, start) = (Campaign::default(), Instant::now());
        let stop = AtomicBool::new(false);
        for trial in 0..trials {
            let outcome = run(&condition, seed, trial, &faults, Detail::Summary, &stop)?;
            for violation in &outcome.violations {
                println!("trial {trial}: {violation:?}");
            }
            for reason in &outcome.undecided {
                println!("trial {trial}: {reason}");
            }
            campaign.add(&outcome);
        }
        let elapsed_s = start.elapsed().as_secs_f64();
        let events = campaign.sum(|trial| trial.events) as f64;
        let acknowledged = campaign.sum(|trial| trial.acknowledged);
        println!(
            "{tolerate}: {trials} trials, {:.0} trials/s, {:.0} events/s, {:.1} events for each of {acknowledged} messages\n  {:?}",
            trials as f64 / elapsed_s,
            events / elapsed_s,
            events / acknowledged.max(1) as f64,
            campaign.verdict()
        );
        let (gaps, failovers) = (campaign.gaps_ns(), campaign.failovers_ns());
        for (what, sorted) in [("gap", gaps), ("failover", failovers)] {
            if let (Some(median), Some(most)) = (sorted.get(sorted.len() / 2), sorted.last()) {
                let s = |ns: u64| ns as f64 / 1e9;
                println!(
                    "  {what}: median {:.3} s, most {:.3} s",
                    s(*median),
                    s(*most)
                );
            }
        }
        for (what, count) in campaign.happened.iter() {
            println!("  {count:>9} {what}");
        }
        for reason in campaign.undecided() {
            println!("  undecided: {reason}");
        }
    }
    Ok(())
}
