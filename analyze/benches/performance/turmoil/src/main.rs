//! The scale model in turmoil: `turmoil-model MACHINES SECONDS`.
//!
//! Machines at 1, 2, .. 6, 1, .. ticks per second with random phases, a die of ten, one message a tick, as the bench of the
//! virtual driver runs it, and as turmoil wants it: a host for each machine, that talks UDP. Kind to turmoil: time moves in
//! steps of 10 ms, of which each costs a turn of every host, and a message takes one step instead of 100 us; nothing is
//! logged. Prints events (ticks) per second as one JSON object.

use std::cell::Cell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use turmoil::net::UdpSocket;

const STEP: Duration = Duration::from_millis(10);
const PORT: u16 = 9000;

fn main() -> turmoil::Result {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let &[machines, seconds] = numbers.as_slice() else {
        return Err("usage: turmoil-model MACHINES SECONDS".into());
    };
    let mut sim = turmoil::Builder::new()
        .tick_duration(STEP)
        .simulation_duration(Duration::from_secs(seconds + 2))
        .min_message_latency(STEP)
        .max_message_latency(STEP)
        .udp_capacity(1 << 20)
        .build();
    let (events, received) = (Rc::new(Cell::new(0u64)), Rc::new(Cell::new(0u64)));
    for number in 0..machines {
        let (events, received) = (Rc::clone(&events), Rc::clone(&received));
        sim.client(name(number), async move {
            machine(number, machines, Duration::from_secs(seconds), &events, &received).await
        });
    }
    let begun = Instant::now();
    sim.run()?;
    let took = begun.elapsed().as_secs_f64();
    println!(
        "{{\"events\": {}, \"received\": {}, \"seconds\": {took}, \"events_per_second\": {}}}",
        events.get(),
        received.get(),
        events.get() as f64 / took
    );
    Ok(())
}

fn name(number: u64) -> String {
    format!("machine-{number}")
}

async fn machine(
    number: u64,
    machines: u64,
    length: Duration,
    events: &Cell<u64>,
    received: &Cell<u64>,
) -> turmoil::Result {
    let mut chance = ChaCha8Rng::seed_from_u64(7_000_003 + number);
    let socket = UdpSocket::bind(("0.0.0.0", PORT)).await?;
    let everybody: Vec<SocketAddr> = (0..machines)
        .map(|other| (turmoil::lookup(name(other)), PORT).into())
        .collect();
    let period = Duration::from_secs(1).div_f64((number % 6 + 1) as f64);
    let start = tokio::time::Instant::now();
    let mut due = start + period.mul_f64(f64::from(chance.next_u32()) / 4_294_967_296.0);
    let mut queue: VecDeque<u64> = VecDeque::new();
    let mut clock = 0u64;
    let mut bytes = [0; 8];
    while due < start + length {
        tokio::select! {
            biased;
            arrived = socket.recv_from(&mut bytes) => {
                arrived?;
                queue.push_back(u64::from_be_bytes(bytes));
                continue;
            }
            () = tokio::time::sleep_until(due) => {}
        }
        due += period;
        events.set(events.get() + 1);
        clock += 1;
        if let Some(stamp) = queue.pop_front() {
            clock = clock.max(stamp + 1);
            received.set(received.get() + 1);
            continue;
        }
        let others = machines - 1;
        match chance.next_u32() % 10 {
            2 => {
                for other in (0..machines).filter(|&other| other != number) {
                    socket.send_to(&clock.to_be_bytes(), everybody[other as usize]).await?;
                }
            }
            face @ (0 | 1) => {
                let steps = match (others, face) {
                    (..=2, 0) => 1,
                    (..=2, _) => others,
                    _ => 1 + u64::from(chance.next_u32()) % others,
                };
                let other = everybody[((number + steps) % machines) as usize];
                socket.send_to(&clock.to_be_bytes(), other).await?;
            }
            _ => {}
        }
    }
    // The host that is done first must still be there for the others.
    tokio::time::sleep_until(start + length + STEP * 2).await;
    Ok(())
}
