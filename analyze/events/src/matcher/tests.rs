use super::*;
use crate::fixtures::trial;

/// The matches of a machine's receives: `machine:event`, `n?` for n candidates, `-` for none.
fn matches(trial: &Trial, machine: usize) -> Vec<String> {
    let matching = find(trial);
    let words = matching.receives[machine]
        .iter()
        .filter_map(|found| match found {
            Match::NoReceive => None,
            Match::Sent { machine, event } => Some(format!("{machine}:{event}")),
            Match::Ambiguous { candidates } => Some(format!("{candidates}?")),
            Match::Missing => Some("-".to_owned()),
        });
    words.collect()
}

#[test]
fn an_id_decides_and_a_message_may_come_twice() {
    let trial = trial(
        2,
        "0 send 1 id=a
         0 send 2 id=b
         1 receive 3 id=b
         1 receive 4 id=a
         1 receive 5 id=a
         1 receive 6 id=c",
    );
    assert_eq!(matches(&trial, 1), ["0:1", "0:0", "0:0", "-"]);
}

#[test]
fn two_sends_of_one_clock_are_ambiguous_until_something_else_decides() {
    let lines = "0 broadcast 1 time=1
         1 broadcast 1 time=2
         2 receive 2 carried=1 time=5
         2 receive 3 carried=1 time=6";
    assert_eq!(matches(&trial(3, lines), 2), ["2?", "2?"]);
    let named = lines.replace("3 carried=1", "3 from=0 carried=1");
    assert_eq!(matches(&trial(3, &named), 2), ["1:0", "0:0"]);
}

#[test]
fn a_message_to_someone_has_one_recipient() {
    // Both others claim the only send with clock 1: one of them is wrong, and nothing says which.
    let trial = trial(
        3,
        "0 send 1
         1 receive 2 carried=1
         2 receive 2 carried=1",
    );
    assert_eq!(matches(&trial, 1), ["1?"]);
    assert_eq!(matches(&trial, 2), ["1?"]);
}

#[test]
fn a_sender_whose_log_is_empty_may_have_sent_anything() {
    let lines = "0 broadcast 1
         1 receive 2 carried=1";
    assert_eq!(matches(&trial(2, lines), 1), ["0:0"]);
    assert_eq!(matches(&trial(3, lines), 1), ["1?"]);
}

#[test]
fn the_stamp_is_the_one_that_explains_the_receives() {
    let sends =
        |machine: usize| (1..=9).map(move |clock| format!("{machine} send {} to=1\n", 3 * clock));
    let receives = (1..=9).map(|clock| {
        format!(
            "1 receive {} from=0 carried={}\n",
            40 + clock,
            3 * clock - 1
        )
    });
    let lines: String = sends(0).chain(receives).collect();
    let trial = trial(2, &lines);
    let matching = find(&trial);
    assert_eq!(matching.inferred.stamp, Some(SentStamp::BeforeIncrement));
    assert_eq!(matching.send_of(1, 8), Some((0, 8)));
}

#[test]
fn positions_mean_what_all_receives_agree_on() {
    // Machine 0 calls machine 1 its connection 0, and machine 2 its connection 1; but by these names it sends to itself.
    let send = |at: usize| format!("0 send {} to={}\n", 3 * at, at % 2);
    let receive = |at: usize| format!("{} receive {} carried={}\n", 1 + at % 2, 3 * at + 1, 3 * at);
    let lines: String = (1..=12).map(send).chain((1..=12).map(receive)).collect();
    let inferred = find(&trial(3, &lines)).inferred;
    assert!(inferred.names_are_positions);
    assert_eq!(inferred.positions[0], BTreeMap::from([(0, 1), (1, 2)]));
    let crossed = lines.replace("2 receive 34 carried=33", "1 receive 34 carried=33");
    let inferred = find(&trial(3, &crossed)).inferred;
    assert_eq!(inferred.positions[0], BTreeMap::new());
}

#[test]
fn without_clocks_a_channel_is_matched_in_order_as_far_as_times_allow() {
    let lines = "0 send - to=1 time=10
         0 send - to=1 time=20
         1 receive - from=0 time=15
         1 receive - from=0 time=25";
    assert_eq!(matches(&trial(2, lines), 1), ["0:0", "0:1"]);
}

#[test]
fn vectors_name_the_message_that_was_merged() {
    // Machine 2 learns of 0 through 1, and later takes the message of 0 itself.
    let trial = trial(
        3,
        "0 send [1,0,0] to=1
         1 receive [1,1,0]
         1 send [1,2,0] to=2
         0 broadcast [2,0,0]
         2 receive [1,2,1]
         2 receive [2,2,2]",
    );
    assert_eq!(matches(&trial, 1), ["0:0"]);
    assert_eq!(matches(&trial, 2), ["1:1", "0:1"]);
}
