//! Which scenario runs where, the run, and what it says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use tokio::time::timeout;

use crate::device::Device;
use crate::grpc::GrpcDevice;
use crate::wire::WireDevice;
use crate::{accounts, bounds, mailboxes, sends, sessions};

/// What no scenario takes, however busy the host is.
const SCENARIO_MAX: Duration = Duration::from_secs(300);

/// Scenarios side by side.
const AT_ONCE: usize = 8;

type Scenario = fn() -> Pin<Box<dyn Future<Output = ()>>>;

/// All scenarios over one transport.
macro_rules! scenarios {
    ($($module:ident: $($name:ident),* $(,)?;)*) => {
        fn scenarios<D: Device + 'static>() -> Vec<(&'static str, Scenario)> {
            vec![$($((
                concat!(stringify!($module), " ", stringify!($name)),
                (|| Box::pin($module::$name::<D>())) as Scenario,
            ),)*)*]
        }
    };
}

scenarios! {
    accounts: create, create_without_a_name, accounts_full, passwords, password_where_none_is_needed, list, presence,
        delete, login_twice_with_one_nonce, status, not_primary;
    sessions: login_needed, logged_in_already, login_without_account, resume, unknown_token, token_after_log_out,
        login_after_log_out, one_device, evicted, two_devices;
    sends: at_once_or_queued, what_a_message_says, empty_text_to_oneself, repeated_send, repeated_refusal, out_of_order,
        window, rate;
    mailboxes: offline_queue, acknowledged_once, beyond_mailbox, push_window, listen_again, push_from_login,
        history_pages, retention, sender_quota, mailbox_full;
    bounds: text, password, names, pattern, who, list_page, history_page;
}

/// Runs a scenario; why it failed, if it did.
fn run(scenario: Scenario) -> Result<(), String> {
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().expect("a runtime");
        runtime.block_on(async { timeout(SCENARIO_MAX, scenario()).await })
    }));
    match ran {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err("it did not come to its end".to_owned()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()));
            Err(text.unwrap_or_else(|| "a panic without words".to_owned()))
        }
    }
}

/// What came of a scenario.
struct Row {
    name: String,
    /// Over the wire, and over gRPC.
    problems: [Option<String>; 2],
}

/// Runs all scenarios, some side by side: most of the time they wait.
fn rows() -> Vec<Row> {
    let over_grpc = scenarios::<GrpcDevice>().into_iter();
    let pairs = scenarios::<WireDevice>().into_iter().zip(over_grpc);
    let waiting = Mutex::new(pairs.enumerate());
    let rows = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("no panic").next();
                    let Some((place, ((name, over_wire), (_, over_grpc)))) = next else {
                        return;
                    };
                    let row = Row {
                        name: name.replace('_', " "),
                        problems: [over_wire, over_grpc].map(|scenario| run(scenario).err()),
                    };
                    rows.lock().expect("no panic").insert(place, row);
                }
            });
        }
    });
    rows.into_inner().expect("no panic").into_values().collect()
}

#[test]
fn both_transports_are_one_service() {
    let transports = [WireDevice::TRANSPORT, GrpcDevice::TRANSPORT];
    let mut table = format!("{:40} {:5} {}\n", "scenario", transports[0], transports[1]);
    let mut failures = Vec::new();
    for Row { name, problems } in rows() {
        let cells = problems
            .each_ref()
            .map(|problem| if problem.is_none() { "yes" } else { "NO" });
        let _ = writeln!(table, "{name:40} {:5} {}", cells[0], cells[1]);
        for (transport, problem) in transports.into_iter().zip(problems) {
            failures.extend(problem.map(|problem| format!("{name}, {transport}: {problem}")));
        }
    }
    println!("{table}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
