//! How the link to a server of a smaller number is made, and made again.
//!
//! The pause before each attempt is drawn evenly between nothing and a bound that doubles (full jitter): servers that lost one
//! another at the same time do not come back at the same time.
//!
//! **Invariant.** While the table is there, there is a link, or an attempt follows within [`PAUSE_MAX`] after the last.

use std::sync::Arc;
use std::time::Duration;

use chat::identity::ServerId;
use tokio::time::{sleep, timeout};

use super::handshake::{self, Refusal};
use super::link::{Table, confirm};

/// The bound of the first pause.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
/// The largest bound.
const PAUSE_MAX: Duration = Duration::from_secs(1);

pub(super) async fn dial(table: Arc<Table>, to: ServerId) {
    let mut bound = PAUSE_FIRST;
    loop {
        match attempt(&table, to).await {
            Ok(()) => bound = PAUSE_FIRST,
            Err(problem) => {
                table.fail(to, &problem);
                bound = (bound * 2).min(PAUSE_MAX);
            }
        }
        sleep(jitter(bound)).await;
    }
}

/// Makes a link and carries it until it ends; or says why there is none.
async fn attempt(table: &Table, to: ServerId) -> Result<(), String> {
    let settings = &table.settings;
    let address = settings.addresses.get(to.0 as usize);
    let address = address.ok_or("it has no address in the list of servers")?;
    let within = settings.handshake;
    let stream = settings.connector.connect(address, within).await;
    let mut stream = stream.map_err(|error| error.to_string())?;
    let proof = async {
        let mut seals = handshake::dial(&mut stream, &settings.membership, to).await?;
        confirm(&mut stream, &mut seals).await?;
        Ok(seals)
    };
    let seals = timeout(within, proof).await.unwrap_or(Err(Refusal::Late));
    let seals = seals.map_err(|refusal| format!("{address}: {refusal}"))?;
    table.carry(to, stream, seals).await;
    Ok(())
}

/// A time between nothing and a bound, evenly.
fn jitter(bound: Duration) -> Duration {
    let mut chance = [0; 4];
    // Without chance the whole pause serves as well.
    match getrandom::fill(&mut chance) {
        Ok(()) => bound.mul_f64(f64::from(u32::from_be_bytes(chance)) / f64::from(u32::MAX)),
        Err(_) => bound,
    }
}
