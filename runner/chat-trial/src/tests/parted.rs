//! Trials in which servers go their own ways: what is lost by that is named.

use event_log::chat::{Tolerate, Verdict};

use super::trials::{campaign, default};
use crate::happened::Happening;

#[test]
fn a_server_apart_loses_what_it_acknowledged_alone_and_says_just_that() {
    let apart = r#"
        settle = "15s"
        [[fault]]
        at = "12s"
        do = "break"
        target = "link 0-all"
        for = "10s"
    "#;
    let crashes = default(Tolerate::Crashes);
    let majority = default(Tolerate::Partitions);
    let lost = campaign(&majority, apart, 2).sum(|trial| trial.lost + trial.discarded);
    assert_eq!(lost, 0, "a majority loses nothing");
    let campaign = campaign(&crashes, apart, 2);
    assert_eq!(campaign.sum(|trial| trial.lost), 0);
    assert!(campaign.sum(|trial| trial.discarded) > 0);
    assert_eq!(campaign.verdict(), Verdict::LostAsSaid);
    assert_eq!(campaign.happened.count(Happening::Divergence), 2);
}

#[test]
fn what_was_acknowledged_before_all_of_one_side_began_again_is_named() {
    let both_end = r#"
        settle = "15s"
        [[fault]]
        at = "12s"
        do = "break"
        target = "link 2-all"
        for = "10s"
        [[fault]]
        at = "20s"
        do = "power"
        target = "server 0"
        for = "1s"
        [[fault]]
        at = "20s"
        do = "power"
        target = "server 1"
        for = "1s"
    "#;
    let campaign = campaign(&default(Tolerate::Crashes), both_end, 5);
    assert_eq!(campaign.sum(|trial| trial.lost), 0);
    let discarded = campaign.sum(|trial| trial.discarded);
    assert!(discarded > 100, "{discarded}");
    assert_eq!(campaign.verdict(), Verdict::LostAsSaid);
    assert_eq!(campaign.happened.count(Happening::Divergence), 5);
}

/// Whoever was cut off may have begun again, stood still or been asked to end since.
#[test]
fn what_parted_servers_lose_is_named_whatever_befalls_them() {
    let parted = include_str!("../../../../notebook/experiments/chat/parted.toml");
    let campaign = campaign(&default(Tolerate::Crashes), parted, 3);
    assert_eq!(campaign.sum(|trial| trial.lost), 0);
    let discarded = campaign.sum(|trial| trial.discarded);
    assert!(discarded > 0, "{discarded}");
}
