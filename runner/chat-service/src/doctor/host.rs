//! What the system allows: files, ports, addresses, signals, namespaces.
//!
//! **Invariant.** A means that only trials need is never called bad: the service runs without it.

use std::fs::OpenOptions;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::process::{Command, Stdio};

use super::finding::{Finding, Verdict};

/// Files that a server may have open at its usual bounds: twice 1024 connections, its database, its links.
const FILES_WANTED: u64 = 4096;
/// With fewer than these it turns clients away at once.
const FILES_NEEDED: u64 = 256;
/// Ports that a cluster of three servers on this host takes.
const PORTS_WANTED: usize = 12;

/// How many files a process may have open.
#[cfg(unix)]
pub fn open_files() -> Finding {
    use rustix::process::{Resource, getrlimit};
    let subject = "open files";
    let limit = getrlimit(Resource::Nofile).current;
    let found = match limit {
        Some(limit) => format!("at most {limit} a process"),
        None => "no bound".to_owned(),
    };
    let meaning = "each connection of a client is one";
    let advice = format!(
        "raise it to {FILES_WANTED}: `ulimit -n {FILES_WANTED}`, or LimitNOFILE= of a systemd unit"
    );
    match limit {
        Some(limit) if limit < FILES_NEEDED => {
            Finding::new(subject, Verdict::Bad, found, meaning).advise(advice)
        }
        Some(limit) if limit < FILES_WANTED => {
            Finding::new(subject, Verdict::Fair, found, meaning).advise(advice)
        }
        _ => Finding::new(subject, Verdict::Good, found, meaning),
    }
}

/// How many files a process may have open.
#[cfg(not(unix))]
pub fn open_files() -> Finding {
    let meaning = "each connection of a client is one";
    Finding::new(
        "open files",
        Verdict::Unknown,
        "not to be asked on this system",
        meaning,
    )
}

/// Whether there are free ports.
pub fn ports() -> Finding {
    let subject = "free ports";
    let listen = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listeners: io::Result<Vec<TcpListener>> = (0..PORTS_WANTED).map(listen).collect();
    let meaning = "three servers for trying out take that many";
    match listeners {
        Ok(listeners) => {
            let found = format!("{} of 127.0.0.1 at once", listeners.len());
            Finding::new(subject, Verdict::Good, found, meaning)
        }
        Err(error) => Finding::new(subject, Verdict::Bad, error.to_string(), meaning)
            .advise("see what holds them (`ss -ltn`), and whether this process may listen at all"),
    }
}

/// Whether there is IPv6.
pub fn ipv6() -> Finding {
    let subject = "IPv6";
    match TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) {
        Ok(_) => Finding::new(
            subject,
            Verdict::Good,
            "[::1] can be listened at",
            "addresses may be of either kind",
        ),
        Err(error) => Finding::new(
            subject,
            Verdict::Fair,
            error.to_string(),
            "only addresses of IPv4 can be named",
        )
        .advise("nothing, unless your clients have IPv6 alone"),
    }
}

/// Whether a process can be stopped and go on.
#[cfg(unix)]
pub fn signals() -> Finding {
    let subject = "signals";
    let meaning = "trials pause servers with SIGSTOP and SIGCONT";
    match signal::stop_and_go_on() {
        Ok(()) => Finding::new(
            subject,
            Verdict::Good,
            "a child was stopped and went on",
            meaning,
        ),
        Err(problem) => Finding::new(subject, Verdict::Fair, problem, meaning)
            .advise("trials on this host cannot pause servers; killing them works everywhere"),
    }
}

/// Whether a process can be stopped and go on.
#[cfg(not(unix))]
pub fn signals() -> Finding {
    let meaning = "trials pause servers with SIGSTOP and SIGCONT";
    Finding::new(
        "signals",
        Verdict::Unknown,
        "this system has no such signals",
        meaning,
    )
}

#[cfg(unix)]
mod signal {
    use std::process::{Child, Command, Stdio};
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, waitpid};

    /// How long a signal may take.
    const PATIENCE: Duration = Duration::from_secs(5);

    pub(super) fn stop_and_go_on() -> Result<(), String> {
        let child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn();
        let mut child = child.map_err(|error| format!("`sleep` does not start: {error}"))?;
        let tried = attempt(&child);
        // A stopped process can be killed too.
        let ended = child.kill().and_then(|()| child.wait());
        tried.and(ended.map(|_| ()).map_err(|error| error.to_string()))
    }

    fn attempt(child: &Child) -> Result<(), String> {
        let pid = Pid::from_child(child);
        let send = |signal| kill_process(pid, signal).map_err(|error| error.to_string());
        send(Signal::STOP)?;
        until(pid, WaitOptions::UNTRACED, WaitStatus::stopped, "SIGSTOP")?;
        send(Signal::CONT)?;
        until(
            pid,
            WaitOptions::CONTINUED,
            WaitStatus::continued,
            "SIGCONT",
        )
    }

    fn until(
        pid: Pid,
        options: WaitOptions,
        is_there: impl Fn(WaitStatus) -> bool,
        name: &str,
    ) -> Result<(), String> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let status = waitpid(Some(pid), options | WaitOptions::NOHANG);
            match status.map_err(|error| error.to_string())? {
                Some((_, status)) if is_there(status) => return Ok(()),
                Some(_) => return Err(format!("the child ended at {name}")),
                None => sleep(Duration::from_millis(1)),
            }
        }
        Err(format!("{name} did nothing within {PATIENCE:?}"))
    }
}

/// Whether networks of one's own can be made without rights.
pub fn namespaces() -> Finding {
    let subject = "network namespaces";
    let meaning = "trials put servers into networks of their own, and cut these, without rights";
    if !cfg!(target_os = "linux") {
        return Finding::new(subject, Verdict::Unknown, "they are Linux's", meaning);
    }
    let arguments = [
        "--user",
        "--map-root-user",
        "--net",
        "--mount",
        "ip",
        "link",
        "set",
        "lo",
        "up",
    ];
    let ran = Command::new("unshare")
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let problem = match ran {
        Ok(output) if output.status.success() => {
            let found = "a namespace was made, and its loopback came up";
            return Finding::new(subject, Verdict::Good, found, meaning);
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            said.lines()
                .next()
                .unwrap_or("`unshare` failed without a word")
                .to_owned()
        }
        Err(error) => format!("`unshare` does not start: {error}"),
    };
    Finding::new(subject, Verdict::Fair, problem, meaning).advise(
        "trials cut connections by a relay instead; to have namespaces install util-linux and iproute2, and see sysctl \
         kernel.unprivileged_userns_clone=1, user.max_user_namespaces and, on Ubuntu, \
         kernel.apparmor_restrict_unprivileged_userns=0",
    )
}

/// Whether packets can be taken in hand.
pub fn tun() -> Finding {
    let subject = "TUN device";
    let meaning = "trials delay and lose packets between namespaces by it";
    if !cfg!(target_os = "linux") {
        return Finding::new(subject, Verdict::Unknown, "it is Linux's", meaning);
    }
    let path = "/dev/net/tun";
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(_) => Finding::new(subject, Verdict::Good, format!("{path} opens"), meaning),
        Err(error) => Finding::new(subject, Verdict::Fair, format!("{path}: {error}"), meaning)
            .advise("trials do without delays of packets; `modprobe tun`, or a container that is given the device, has it"),
    }
}
