//! As many timers as a trial has machines, and nothing else: what lateness an asynchronous timer has by itself.
//!
//! `tokio_timers N HZ SECONDS` runs N timers of HZ ticks per second, spread over a period, on one thread, and prints the
//! lateness of all ticks against their absolute times as one JSON object. `analyze/benches/performance/sockets.py` puts it beside
//! the lateness of machines on sockets.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

fn main() {
    let numbers: Vec<f64> = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    let &[timers, hertz, seconds] = numbers.as_slice() else {
        eprintln!("usage: tokio_timers N HZ SECONDS");
        std::process::exit(2);
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(measure(timers as u32, hertz, (hertz * seconds) as u32)),
        Err(error) => eprintln!("no event loop: {error}"),
    }
}

async fn measure(timers: u32, hertz: f64, ticks: u32) {
    let start = Instant::now() + Duration::from_millis(100);
    let period = Duration::from_secs_f64(1.0 / hertz);
    let mut all = JoinSet::new();
    for number in 0..timers {
        // The golden ratio spreads any number of phases evenly.
        let phase = period.mul_f64((f64::from(number) * 0.618_033_988_749_895).fract());
        all.spawn(async move {
            let mut late = Vec::with_capacity(ticks as usize);
            for tick in 0..ticks {
                let due = start + phase + period * tick;
                sleep_until(due).await;
                late.push(due.elapsed());
            }
            late
        });
    }
    let mut late: Vec<f64> = all
        .join_all()
        .await
        .concat()
        .into_iter()
        .map(|late| late.as_secs_f64() * 1e3)
        .collect();
    late.sort_by(f64::total_cmp);
    let at = |share: f64| late[((late.len() as f64 * share) as usize).min(late.len() - 1)];
    println!(
        "{{\"ticks\": {}, \"p50_ms\": {}, \"p99_ms\": {}, \"max_ms\": {}}}",
        late.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}
