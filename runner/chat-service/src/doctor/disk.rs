//! How long it takes until something survives a loss of power.
//!
//! **Invariant.** What is measured is what a server does: it writes a little, and flushes it.

use std::fs::{self, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use super::finding::{Finding, Verdict};

/// Flushes that are measured.
const FLUSHES: usize = 100;
/// Bytes that are written before each: those of some messages.
const BYTES: usize = 4096;
/// A disk that has not flushed so often by then is slow enough to be called so.
const TIME_MAX: Duration = Duration::from_secs(20);

/// Measures flushes of a file in this folder.
pub fn flush(folder: &Path) -> Finding {
    let subject = "flush of the disk";
    match measure(folder) {
        Ok(times) => judge(subject, times),
        Err(error) => Finding::new(
            subject,
            Verdict::Bad,
            format!("{}: {error}", folder.display()),
            "a server cannot keep anything there",
        )
        .advise("give the folder that is to hold the servers' folders with --folder; it must exist and be writable"),
    }
}

fn measure(folder: &Path) -> io::Result<Vec<Duration>> {
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).open(&path)?;
    let began = Instant::now();
    let measured = (|| {
        let block = [0x5a; BYTES];
        file.write_all(&block)?;
        file.sync_all()?;
        let mut times = Vec::new();
        while times.len() < FLUSHES && (times.is_empty() || began.elapsed() < TIME_MAX) {
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&block)?;
            let start = Instant::now();
            file.sync_data()?;
            times.push(start.elapsed());
        }
        Ok(times)
    })();
    let removed = fs::remove_file(&path);
    measured.and_then(|times| removed.map(|()| times))
}

/// The value below which this share of sorted times lies.
fn quantile(times: &[Duration], percent: usize) -> Duration {
    let place = (times.len() * percent).div_ceil(100).max(1) - 1;
    times.get(place).copied().unwrap_or_default()
}

fn judge(subject: &'static str, mut times: Vec<Duration>) -> Finding {
    times.sort_unstable();
    let (middle, slow) = (quantile(&times, 50), quantile(&times, 99));
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let found = format!(
        "p50 {:.2} ms, p99 {:.2} ms, of {} flushes of {BYTES} bytes",
        ms(middle),
        ms(slow),
        times.len()
    );
    let each_second = 1.0 / middle.as_secs_f64().max(1e-9);
    let meaning = format!(
        "sent one after the other, at most about {each_second:.0} messages a second are acknowledged, whatever the network \
         adds; messages sent side by side share a flush"
    );
    match () {
        () if middle > Duration::from_millis(200) => {
            Finding::new(subject, Verdict::Bad, found, meaning)
                .advise("people wait for each message: use another disk, one of this host and not of a network")
        }
        () if slow > Duration::from_millis(500) => {
            Finding::new(subject, Verdict::Fair, found, meaning).advise(
                "some flushes take long: see what else writes there, and keep --suspect well above a second",
            )
        }
        () if middle < Duration::from_micros(20) => {
            Finding::new(subject, Verdict::Fair, found, meaning).advise(
                "no disk is so fast: this is memory (tmpfs), or flushes are ignored, and a loss of power takes \
                 acknowledged messages of all servers that it strikes; choose another folder for what must last",
            )
        }
        () => Finding::new(subject, Verdict::Good, found, meaning),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(fast_us: u64, slow_us: u64) -> Verdict {
        let times = (0..100).map(|place| if place < 98 { fast_us } else { slow_us });
        judge("flush", times.map(Duration::from_micros).collect()).verdict
    }

    #[test]
    fn slow_and_incredible_disks_are_told() {
        assert_eq!(verdict(200, 4_000), Verdict::Good);
        assert_eq!(verdict(200, 600_000), Verdict::Fair);
        assert_eq!(verdict(5, 5), Verdict::Fair);
        assert_eq!(verdict(250_000, 600_000), Verdict::Bad);
    }

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let times: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(quantile(&times, 50), Duration::from_millis(50));
        assert_eq!(quantile(&times, 99), Duration::from_millis(99));
        assert_eq!(quantile(&times[..1], 99), Duration::from_millis(1));
    }
}
