//! Jumps traced back: the whole chain of a small trial by hand, chains that break, questions that cannot be answered.

mod fixtures;

use std::path::PathBuf;

use analyze::causal_chain::Break;
use analyze::metrics::units::Units;
use analyze::table::chain::table;
use analyze::table::terminal::{Style, render};
use analyze::trace::find::{Question, Traces, trace};
use assert_cmd::Command;
use fixtures::{Copy, two_machines};
use logs::origin;

fn ask(path: PathBuf, question: Question) -> Result<Traces, String> {
    let origins = origin::find(&[path], None).map_err(|error| error.to_string())?;
    let places = origins.places().map_err(|error| error.to_string())?;
    trace(&places, &question).map_err(|error| error.to_string())
}

const LARGEST: Question = Question {
    machine: None,
    trial: None,
    tick: None,
    top: 1,
};

fn tick(tick: u64) -> Question {
    Question {
        machine: Some(0),
        trial: Some(0),
        tick: Some(tick),
        top: 1,
    }
}

#[test]
fn the_largest_jump_goes_back_to_its_minter() {
    let traces = ask(two_machines(), LARGEST).expect("there is a jump");
    assert_eq!(traces.never_raised, [1]);
    let [jump] = traces.jumps.as_slice() else {
        panic!("one machine jumps: {:?}", traces.jumps);
    };
    assert_eq!((jump.trial, jump.broken, jump.unknown), (0, None, 0));
    let style = Style {
        width: 120,
        bold: false,
    };
    insta::assert_snapshot!(render(&table(jump, false), style), @r"
    M0 · 1 Hz: a jump of 3, from 1 to 4 at tick 1, 1.000 s · trial 0 of two-machines
    ────────────────────────────────────────────────────────────────────────────────────────────
     machine    tick   time  clock  own  carried  row              raised    at  in
                          s                                        by      tick  row
    ════════════════════════════════════════════════════════════════════════════════════════════
     M0 · 1 Hz     1  1.000      4    1        3  machine-0.csv:3  M1         1  machine-0.csv:3
     M1 · 2 Hz     1  0.750      3    2        1  machine-1.csv:3  M0         0  machine-1.csv:2
     M0 · 1 Hz     0  0.000      1    1        –  machine-0.csv:2  –          –  –
    ────────────────────────────────────────────────────────────────────────────────────────────
    Clock 4 = 2 minted by M0 + 2 minted by M1. From the jump (first line) back to the minter (last line). Clock = own +
    carried: the machine's own ticks since the row on the right, where a message with a larger clock raised it; the next
    line is the row that sent that message.
    ");
}

#[test]
fn a_tick_that_does_not_jump_has_a_chain_too() {
    let traces = ask(two_machines(), tick(3)).expect("a row");
    let jump = &traces.jumps[0];
    assert_eq!((jump.jump, jump.clock), (Units(1.0), Units(6.0)));
    assert_eq!(jump.minted_by.values().sum::<u64>(), 6);
    let title = table(jump, false).title;
    assert!(title.contains("an ordinary tick, from 5 to 6"), "{title}");
    let first = ask(two_machines(), tick(0)).expect("a row").jumps.remove(0);
    assert_eq!(
        (first.clock_before, first.clock, first.hops.len()),
        (Units(0.0), Units(1.0), 1)
    );
}

#[test]
fn a_chain_that_lost_its_send_says_so_and_ends() {
    let copy = Copy::new();
    let text = copy.read("trial-000/machine-1.csv");
    let kept: String = text.split_inclusive('\n').take(2).collect();
    copy.write("trial-000/machine-1.csv", kept.as_bytes());
    let jump = ask(copy.file(""), tick(1)).expect("a row").jumps.remove(0);
    assert_eq!((jump.broken, jump.unknown), (Some(Break::Send), 3));
    let caption = table(&jump, false).caption;
    assert!(
        caption.starts_with("Clock 4 = 1 minted by M0 + 3 untraced: no log has the row by which M1 sent to M0 at tick 1"),
        "{caption}"
    );
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let trial = |trial| Question {
        trial: Some(trial),
        ..LARGEST
    };
    let machine = |machine| Question {
        machine: Some(machine),
        ..LARGEST
    };
    let many = Question {
        trial: None,
        ..tick(1)
    };
    for (question, expected) in [
        (trial(7), "no trial 7 that can be read: there are 0, 1"),
        (machine(9), "no machine 9 in these trials: there are M0, M1"),
        (many, "a tick is one row of one trial, and 2 trials match"),
        (tick(4), "no tick 4 in "),
        (tick(4), "its rows are of ticks 0, 1, 2, 3"),
    ] {
        let error = ask(two_machines(), question).expect_err("it is not there");
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_long_chain_is_cut_in_the_middle_unless_all_is_asked_for() {
    let mut jump = ask(two_machines(), LARGEST)
        .expect("a jump")
        .jumps
        .remove(0);
    let more = vec![jump.hops[0].clone(); 30];
    jump.hops.splice(1..1, more);
    let cut = table(&jump, false);
    assert_eq!((cut.rows.len(), cut.rows[12][0].as_str()), (16, "18 more"));
    assert_eq!(cut.rows.last(), table(&jump, true).rows.last());
    assert_eq!(table(&jump, true).rows.len(), 33);
}

#[test]
fn the_program_answers_with_tables_or_json() {
    let run = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("analyze").expect("the program is built");
        let output = command
            .arg("trace")
            .arg(two_machines())
            .args(arguments)
            .output();
        let output = output.expect("the program runs");
        let text = String::from_utf8(output.stdout).expect("output is text");
        (output.status.code(), text)
    };
    let (code, text) = run(&["--machine", "M0"]);
    assert_eq!(code, Some(0));
    assert!(
        text.starts_with("M0 · 1 Hz: a jump of 3, from 1 to 4"),
        "{text}"
    );
    let (code, text) = run(&["--json", "-"]);
    let json: serde_json::Value = serde_json::from_str(&text).expect("one JSON object");
    assert_eq!(code, Some(0));
    assert_eq!(json["jumps"][0]["hops"][0]["raised"]["carried"], 3);
    assert_eq!(json["jumps"][0]["hops"][1]["row"]["line"], 3);
    assert_eq!(run(&["--machine", "12"]).0, Some(2));
    assert_eq!(run(&["--tick", "1"]).0, Some(2));
}

#[test]
fn a_message_with_another_clock_than_its_senders_ends_the_chain() {
    let copy = Copy::new();
    let (from, to) = (",receive,4,0,1,1,3", ",receive,8,0,1,1,7");
    copy.replace("trial-000/machine-0.csv", from, to);
    let traces = ask(copy.file(""), tick(1)).expect("a row");
    let jump = &traces.jumps[0];
    assert_eq!((jump.broken, jump.unknown), (Some(Break::Stamp), 7));
}
