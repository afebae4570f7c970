//! Clocks taken apart: both splits sum exactly, the second agrees with vectors passed along with the messages, and logs
//! with rows missing say what they cannot tell.

mod fixtures;
#[path = "common/log.rs"]
mod log;
mod programs;

use std::collections::{BTreeMap, HashMap};
use std::process::Command;

use analyze::causal_chain::{Break, Lineage};
use analyze::metrics::clock_sources::{self, AccountMetrics};
use events::{At, Trial};
use fixtures::Copy;
use log::{EventKind, TrialLog};
use logs::scan::{self, Loaded};
use programs::runner;
use proptest::prelude::*;

fn measure(trial: &Trial) -> Vec<AccountMetrics> {
    clock_sources::measure(trial)
}

/// Trials run by these options.
fn run(options: &[String]) -> Vec<Loaded> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(runner())
        .args(["trial", "--virtual", "--out"])
        .arg(folder.path())
        .args(options)
        .output()
        .expect("the runner starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", options.join(" "));
    load(folder.path())
}

fn load(folder: &std::path::Path) -> Vec<Loaded> {
    let found = scan::find(&[folder.to_owned()]).expect("there are trials");
    let places = found.places.iter();
    places
        .map(|place| scan::load(place).expect("the manifest is whole"))
        .collect()
}

/// Who minted each machine's last clock, by passing vectors of counts along with the messages: the definition, which
/// the code under test does not follow.
fn minted_by_vectors(log: &TrialLog) -> Vec<BTreeMap<u32, u64>> {
    let count = log.machines.len();
    let mut vectors = vec![vec![0u64; count]; count];
    let mut carried: HashMap<(usize, u64), Vec<u64>> = HashMap::new();
    let mut next = vec![0; count];
    let left = |next: &[usize]| (0..count).any(|m| next[m] < log.machines[m].rows.len());
    while left(&next) {
        let before = next.clone();
        for machine in 0..count {
            let rows = &log.machines[machine].rows;
            while next[machine] < rows.len() {
                let row = next[machine];
                if rows.event[row] == EventKind::Receive {
                    let sender = rows.peer[row].expect("receives name a sender").index();
                    let Some(vector) = carried.get(&(sender, rows.sent_tick[row])) else {
                        break;
                    };
                    assert_eq!(vector.iter().sum::<u64>(), rows.sent_clock[row]);
                    if rows.sent_clock[row] > vectors[machine].iter().sum() {
                        vectors[machine].clone_from(vector);
                    }
                }
                vectors[machine][machine] += 1;
                carried.insert((machine, rows.tick[row]), vectors[machine].clone());
                next[machine] += 1;
            }
        }
        assert_ne!(next, before, "messages received before they were sent");
    }
    let by_id = |vector: Vec<u64>| (0u32..).zip(vector).collect();
    vectors.into_iter().map(by_id).collect()
}

/// Whether both splits sum to the last clock.
fn is_exact(account: &AccountMetrics, clock: u64) -> bool {
    let inherited: u64 = account.inherited_from.values().sum();
    let minted: u64 = account.minted_by.values().sum();
    let by_sender = account.own_ticks.map_or(0, |own| own + inherited) as i64;
    account.inherited == Some(inherited)
        && by_sender + account.unexplained.unwrap_or(0) == clock as i64
        && minted + account.minted_unknown.unwrap_or(0) == clock
}

fn options() -> impl Strategy<Value = Vec<String>> {
    let rates = prop::collection::vec(1u32..8, 2..9).prop_map(|rates| {
        let rates: Vec<String> = rates.iter().map(ToString::to_string).collect();
        rates.join(",")
    });
    let internal = (0.0f64..=1.0).prop_map(|internal| internal.to_string());
    let drain = prop_oneof![Just("one"), Just("all")];
    let latency = (0u32..400).prop_map(|millis| format!("{millis}ms"));
    let seed = 0u64..1 << 53;
    (rates, internal, drain, latency, seed).prop_map(|(rates, internal, drain, latency, seed)| {
        let seed = seed.to_string();
        let words = [
            ["--rates", &rates],
            ["--internal", &internal],
            ["--drain", drain],
            ["--latency", &latency],
            ["--seed", &seed],
            ["--count", "2"],
            ["--duration", "30s"],
        ];
        words.concat().into_iter().map(str::to_owned).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn clocks_split_exactly(options in options()) {
        for loaded in run(&options) {
            let vectors = minted_by_vectors(&TrialLog::of(&loaded.trial));
            for ((machine, account), minted) in loaded.trial.machines.iter().zip(measure(&loaded.trial)).zip(vectors) {
                let clock = machine.rows.clock.values().last().expect("a tick in 30 s").cast_unsigned();
                prop_assert!(is_exact(&account, clock), "{clock}: {account:?}");
                prop_assert_eq!((account.unexplained, account.minted_unknown), (Some(0), Some(0)));
                prop_assert_eq!(account.minted_by, minted, "{}", options.join(" "));
            }
        }
    }
}

/// The spoilt first trial, its accounts, and whether the scan said that it is damaged.
fn spoilt(copy: &Copy) -> (Trial, Vec<AccountMetrics>, bool) {
    let loaded = load(&copy.file("trial-000")).remove(0);
    let accounts = measure(&loaded.trial);
    for (machine, account) in loaded.trial.machines.iter().zip(&accounts) {
        let clocks = machine.rows.clock.values();
        let clock = clocks.last().expect("some rows are left").cast_unsigned();
        assert!(is_exact(account, clock), "{clock}: {account:?}");
    }
    (loaded.trial, accounts, loaded.damaged)
}

fn without_lines(copy: &Copy, name: &str, gone: impl Fn(usize) -> bool) {
    let text = copy.read(name);
    let lines = text.lines().enumerate().filter(|(line, _)| !gone(*line));
    let text: String = lines.map(|(_, line)| format!("{line}\n")).collect();
    copy.write(name, text.as_bytes());
}

#[test]
fn a_send_that_is_cut_off_ends_the_chain() {
    let copy = Copy::new();
    without_lines(&copy, "trial-000/machine-1.csv", |line| line > 1);
    let (log, accounts, _) = spoilt(&copy);
    // Machine 0 was raised to 4 by a message with clock 3 whose send is gone; its ticks since are its own.
    assert_eq!(accounts[0].minted_unknown, Some(3));
    assert_eq!(accounts[0].minted_by, BTreeMap::from([(0, 3), (1, 0)]));
    assert_eq!(accounts[0].inherited_from, BTreeMap::from([(1, 2)]));
    let chain = Lineage::of(&log).chain(At { machine: 0, row: 3 });
    assert_eq!(chain.lost, Some((3, Break::Send)));
}

#[test]
fn a_row_that_is_missing_leaves_units_unexplained() {
    let copy = Copy::new();
    copy.replace("trial-000/machine-1.csv", "4,1000000002254000000", "x,1");
    let (log, accounts, damaged) = spoilt(&copy);
    assert!(damaged);
    assert_eq!(accounts[1].unexplained, Some(1));
    assert_eq!(accounts[1].minted_unknown, Some(9));
    let lineage = Lineage::of(&log);
    let last = lineage.chain(At { machine: 1, row: 6 });
    assert_eq!(last.lost, Some((9, Break::Clock)));
    let before = lineage.chain(At { machine: 1, row: 3 });
    assert_eq!(before.lost, None, "what stands before the gap is known");
}

#[test]
fn a_message_stamped_before_its_increment_is_traced_and_a_wrong_stamp_is_not() {
    for (stamp, unknown, why) in [(2, 0, None), (7, 7, Some((7, Break::Stamp)))] {
        let copy = Copy::new();
        let raised = format!(",receive,{},0,1,1,{stamp}", stamp + 1);
        copy.replace("trial-000/machine-0.csv", ",receive,4,0,1,1,3", &raised);
        without_lines(&copy, "trial-000/machine-0.csv", |line| line > 2);
        let (log, accounts, _) = spoilt(&copy);
        assert_eq!(accounts[0].minted_unknown, Some(unknown));
        let chain = Lineage::of(&log).chain(At { machine: 0, row: 1 });
        assert_eq!(chain.lost, why);
    }
}

#[test]
fn clocks_beyond_all_measure_do_not_overflow() {
    let loaded = load(&fixtures::two_machines().join("trial-000")).remove(0);
    let mut log = TrialLog::of(&loaded.trial);
    let rows = &mut log.machines[0].rows;
    rows.event = vec![EventKind::Receive; 4];
    rows.peer = vec![rows.peer[1]; 4];
    // The largest clock that the table holds; as an `f64` it is 2⁶³, and twice that is more than a `u64` holds.
    let most = i64::MAX.cast_unsigned();
    rows.clock = vec![0, most, 0, most];
    rows.sent_clock = vec![0, most, 0, most];
    let account = measure(&log.table()).remove(0);
    assert_eq!(account.inherited, Some(u64::MAX));
    assert_eq!(account.unexplained, Some(i64::MIN));
    assert_eq!(account.minted_unknown, Some(1 << 63));
}
