//! The processes of one trial, held by the coordinator.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use driver::storage::{TOO_MANY_OPEN, out_of_descriptors};
use event_log::Party;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};

use super::control::{Order, Report};

/// How long the processes of a trial may take to end after the order to, beyond the time to take leave of each other;
/// then they are killed.
pub(super) const STOP_TIME_MAX: Duration = Duration::from_secs(5);
/// How long a process may take to read an order.
const ORDER_TIME_MAX: Duration = Duration::from_secs(5);

/// News of a process.
#[derive(Debug)]
pub(super) enum Heard {
    /// A report.
    Report(Report),
    /// Its output has ended: the process is gone or going.
    Gone,
}

/// How a process ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Exit {
    /// By itself, or by a signal of somebody else.
    Status(ExitStatus),
    /// It did not obey the order to end in this time, so it was killed.
    Killed(Duration),
    /// The system does not say.
    Unknown,
}

impl Exit {
    /// Whether something went wrong.
    pub(super) fn failed(self) -> bool {
        match self {
            Exit::Status(status) => !status.success(),
            Exit::Killed(_) => true,
            Exit::Unknown => false,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Status(status) => status.fmt(f),
            Exit::Killed(after) => write!(
                f,
                "the coordinator's SIGKILL: it did not end within {} s of the order to",
                after.as_secs()
            ),
            Exit::Unknown => f.write_str("unknown"),
        }
    }
}

/// The process of a machine, or of the hub.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    orders: Option<ChildStdin>,
}

impl Process {
    /// Starts `runner machine` for a machine, `runner hub` for the hub; its reports go to `ears`.
    pub(super) fn start(
        party: Party,
        ears: mpsc::UnboundedSender<(Party, Heard)>,
    ) -> Result<Process, String> {
        let program = this_program()
            .map_err(|error| format!("cannot find this program's own file: {error}"))?;
        let mut command = Command::new(&program);
        command
            .arg(match party {
                Party::Machine(_) => "machine",
                Party::Hub => "hub",
                Party::Client(_) => return Err(format!("{party} is no process of this system")),
            })
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        // A group of its own, so that Ctrl-C reaches the coordinator alone and the others stop in order.
        #[cfg(unix)]
        command.process_group(0).arg0("runner");
        let mut child = command.spawn().map_err(|error| {
            let advice = match error.kind() {
                _ if out_of_descriptors(&error) => TOO_MANY_OPEN,
                io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => {
                    "was the program replaced or moved during the run?"
                }
                _ => "fewer --jobs, or more machines in each with --per-process, need fewer processes",
            };
            format!(
                "cannot start {party} as {}: {error}; {advice}",
                program.display()
            )
        })?;
        let orders = child.stdin.take();
        if let Some(output) = child.stdout.take() {
            tokio::spawn(listen(party, output, ears));
        }
        Ok(Process { child, orders })
    }

    /// Sends an order. An order to a process that is gone is dropped; its end is heard elsewhere.
    pub(super) async fn order(&mut self, order: &Order) {
        let Ok(mut line) = serde_json::to_vec(order) else {
            return;
        };
        line.push(b'\n');
        if let Some(orders) = &mut self.orders {
            // One that does not read is as good as gone: the code that waits for its report notices.
            let _ = timeout(ORDER_TIME_MAX, orders.write_all(&line)).await;
        }
    }

    /// Closes its orders, which is the order to end.
    pub(super) fn dismiss(&mut self) {
        self.orders = None;
    }

    /// Waits until `deadline` for the end of a process that has the order to stop, and leaves it alone if it has not come.
    pub(super) async fn ended_by(&mut self, deadline: Instant) {
        let _ = timeout_at(deadline, self.child.wait()).await;
    }

    /// Waits until `deadline` for the end of a process that has the order to stop; none if it had to be killed.
    pub(super) async fn end(&mut self, deadline: Instant) -> Option<Exit> {
        match timeout_at(deadline, self.child.wait()).await {
            Ok(status) => Some(status.map_or(Exit::Unknown, Exit::Status)),
            Err(_) => {
                // Waits for the end as well.
                let _ = self.child.kill().await;
                None
            }
        }
    }
}

/// The running program itself, even if its file has been replaced since: all processes of a trial are of one build.
fn this_program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        Ok(PathBuf::from("/proc/self/exe"))
    } else {
        std::env::current_exe()
    }
}

async fn listen(party: Party, output: ChildStdout, ears: mpsc::UnboundedSender<(Party, Heard)>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(report) => drop(ears.send((party, Heard::Report(report)))),
            // Nothing but reports is written there; a line cut by a crash is followed by the end.
            Err(_) => continue,
        }
    }
    let _ = ears.send((party, Heard::Gone));
}
