//! Logs of many hands.

use std::path::Path;

use super::*;

/// Development: what is proposed for a folder.
#[test]
#[ignore = "shows what is proposed for a folder, for people"]
fn show() {
    let Ok(folder) = std::env::var("GUESS") else {
        return;
    };
    let sample = sample::take(&[Path::new(&folder).to_owned()]).expect("a folder");
    let Some(proposal) = infer::infer(&sample) else {
        println!("nothing");
        return;
    };
    println!("{}", toml::to_string(&proposal.format).expect("TOML"));
    for doubt in &proposal.doubts {
        println!("doubt: {doubt:?}");
    }
    println!("{} of {} lines are events", proposal.events, proposal.lines);
}
