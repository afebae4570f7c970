//! A scratch run: logs that another program wants for a while, in a temporary folder that this process keeps.
//!
//! The program that asks holds the other end of standard input. This process makes the run, says on standard output where
//! it lies and how many events it may have, and then waits. When standard input closes, for whatever reason, the run
//! stops, the folder is removed and the process ends: the kernel closes the pipe of a program that was killed, too.
//!
//! **Invariant.** Nothing of a scratch run outlives the program that asked for it, unless this process is killed first; then
//! the program that asked removes it. It is in virtual time, so it opens no socket whatever its configuration says, and it
//! does not begin when it may have more events than it is allowed.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};

use driver::StorageError;
use event_log::Driver;
use serde::Serialize;
use tempfile::TempDir;
use thiserror::Error;

use crate::config::Config;
use crate::interrupt::{Interrupt, on_signal};

/// Why a scratch run is refused.
#[derive(Debug, Error)]
pub enum ScratchError {
    /// It would open sockets.
    #[error("{what}: on sockets; a scratch run is in virtual time and opens none")]
    Sockets {
        /// The run, or the condition of an experiment.
        what: String,
    },
    /// It may be larger than allowed.
    #[error(
        "it may have {events} events (every tick at the highest rates, and a receive for every message), more than the {max} allowed"
    )]
    Events {
        /// How many it may have.
        events: u64,
        /// What is allowed.
        max: u64,
    },
}

/// The temporary folder, and whether the program that asked is still there.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    interrupt: Interrupt,
    ended: Receiver<()>,
}

/// What standard output says on one line.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    /// Where the run lies; none if it is too large to be made.
    folder: Option<&'a Path>,
    /// How many events it may have.
    events: u64,
}

fn answer(folder: Option<&Path>, events: u64) -> io::Result<()> {
    let line = serde_json::to_string(&Answer { folder, events })? + "\n";
    let mut stdout = io::stdout().lock();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}

impl Scratch {
    /// Creates the folder, and listens for the end of standard input. Signals that ask this process to end mean the same.
    ///
    /// # Errors
    ///
    /// When there is no place for temporary folders.
    pub fn new() -> Result<Scratch, StorageError> {
        let builder = tempfile::Builder::new().prefix("driftlab-").tempdir();
        let folder = builder.map_err(StorageError::at(&std::env::temp_dir()))?;
        let interrupt = Interrupt::default();
        let (sender, ended) = mpsc::channel();
        let end = {
            let interrupt = interrupt.clone();
            move || {
                interrupt.set();
                // Nobody waits any more once the folder is being removed.
                let _ = sender.send(());
            }
        };
        on_signal(end.clone());
        std::thread::spawn(move || {
            // An error is an end, too: nobody can be heard.
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            end();
        });
        Ok(Scratch {
            folder,
            interrupt,
            ended,
        })
    }

    /// The folder that receives the run's folder.
    pub fn out(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Set when the program that asked is gone.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Checks a run before it begins: how many events may it have? Each configuration comes with its
    /// name and number of trials. Standard output reports a run that is too large, so that the program that asked can say
    /// what to do.
    ///
    /// # Errors
    ///
    /// [`ScratchError`] when one is on sockets, or all together may have more than `max` events.
    pub fn admit<'a>(
        &self,
        configs: impl IntoIterator<Item = (&'a str, &'a Config, u64)>,
        max: Option<u64>,
    ) -> Result<u64, ScratchError> {
        let mut events: u64 = 0;
        for (what, config, count) in configs {
            if config.condition.driver == Driver::Sockets {
                let what = what.to_owned();
                return Err(ScratchError::Sockets { what });
            }
            events = events.saturating_add(config.events_of_a_trial().saturating_mul(count));
        }
        let Some(max) = max.filter(|&max| events > max) else {
            return Ok(events);
        };
        // If nobody reads it, the error still goes to standard error.
        let _ = answer(None, events);
        Err(ScratchError::Events { events, max })
    }

    /// Says where the run lies, and keeps it until standard input closes.
    ///
    /// # Errors
    ///
    /// When standard output cannot be written, or the folder cannot be removed.
    pub fn keep(self, run: &Path, events: u64) -> io::Result<()> {
        answer(Some(run), events)?;
        // No sender is dropped before it has sent.
        let _ = self.ended.recv();
        self.folder.close()
    }
}
