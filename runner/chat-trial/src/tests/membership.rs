//! Trials about who is in a view: slow links, and servers that are asked to end.

use event_log::chat::Tolerate;

use super::trials::{campaign, default};

/// A link whose answers take longer than a candidate waits at first: its server is left out once, and then waited for.
#[test]
fn a_slow_link_settles_in_one_view_and_serves() {
    for (tolerate, by) in [
        (Tolerate::Crashes, "300ms"),
        (Tolerate::Partitions, "500ms"),
        (Tolerate::Crashes, "800ms"),
    ] {
        let slow = format!(
            r#"
            settle = "20s"
            [[fault]]
            at = "5s"
            do = "delay"
            target = "link 2-all"
            by = "{by}"
            for = "50s"
            [[fault]]
            at = "10s"
            do = "stop"
            target = "primary"
            for = "1s"
            "#
        );
        let campaign = campaign(&default(tolerate), &slow, 2);
        // The first, that of those who stay, and with who is back; the slow one left out, and back.
        let views = campaign.sum(|trial| trial.views);
        assert!(views <= 2 * 5, "{by}: {views} views");
    }
}

/// Servers that are asked to end hand over: no client waits for a suspicion, whoever they are and whatever is under way.
#[test]
fn who_is_asked_to_end_hands_over_at_once() {
    let in_turn = r#"
        settle = "12s"
        [[fault]]
        at = "8s"
        do = "stop"
        target = "primary"
        for = "3s"
        [[fault]]
        at = "18s"
        do = "stop"
        target = "backup"
        for = "3s"
        [[fault]]
        at = "28s"
        do = "stop"
        target = "primary"
        for = "3s"
    "#;
    for tolerate in [Tolerate::Crashes, Tolerate::Partitions] {
        let condition = default(tolerate);
        let campaign = campaign(&condition, in_turn, 6);
        let lost = campaign.sum(|trial| trial.lost + trial.discarded);
        assert_eq!((lost, campaign.sum(|trial| trial.faults)), (0, 18));
        let failovers = campaign.failovers_ns();
        assert_eq!(failovers.len(), 6);
        let longest_ns = failovers.last().copied().unwrap_or_default();
        assert!(longest_ns < condition.suspect_ns / 2, "{longest_ns}");
    }
}
