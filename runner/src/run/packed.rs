//! A run in packs, or a shard of one: shards have whole packs, pack p belongs to shard p mod n.

use std::fs::File;

use event_log::layout;
use event_log::pack::PACK_TRIALS;
use serde::Serialize;

use super::error::RunError;
use super::new_run::NewRun;
use super::shard_folder::share;
use crate::config::Config;
use crate::drive::virtual_time::packed::{run_packs, trials};
use crate::interrupt::Interrupt;
use crate::numerals::{counted, grouped};
use crate::outcome::{RunFolder, RunOutcome};
use crate::progress::Progress;
use crate::shard::Shard;

/// Carries out a packed run. Packs that a shard has already are kept; a pack that was interrupted is not there.
pub(super) fn run<C: Serialize>(
    config: &Config,
    new: &NewRun<'_, C>,
    shard: Option<Shard>,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<RunOutcome, RunError> {
    let mut packs: Vec<u64> = (0..config.count.div_ceil(PACK_TRIALS)).collect();
    packs.retain(|&pack| shard.is_none_or(|shard| shard.holds(pack)));
    let count = trials_in(&packs, config.count);
    let (folder, _held): (RunFolder, Option<File>) = match shard {
        None => (new.create()?, None),
        Some(shard) => {
            let (folder, held) = share(new, shard)?;
            (folder, Some(held))
        }
    };
    let whole = |pack| {
        folder
            .path
            .join(layout::pack_manifests_file(pack, config.count))
    };
    packs.retain(|&pack| !whole(pack).is_file());
    let left = trials_in(&packs, config.count);
    let part = shard.map_or_else(String::new, |shard| format!("shard {shard}, "));
    progress.announce(&format!(
        "{}: {part}{} of {} of {} in virtual time, in {}, seed {}",
        folder.path.display(),
        grouped(left),
        counted(config.count, "trial"),
        counted(config.machines.len() as u64, "machine"),
        counted(packs.len() as u64, "pack"),
        config.seed
    ));
    progress.batch_started(new.driver, left, None);
    let outcome = run_packs(config, &packs, &folder, progress, interrupt);
    progress.batch_ended();
    Ok(RunOutcome {
        folder: folder.path,
        driver: new.driver,
        per_process: None,
        seed: config.seed,
        shard,
        count,
        complete: count - left + outcome.complete,
        trials: outcome.failed,
    })
}

fn trials_in(packs: &[u64], count: u64) -> u64 {
    let sizes = packs.iter().map(|&pack| trials(pack, count));
    sizes.map(|trials| trials.end - trials.start).sum()
}
