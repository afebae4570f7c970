//! Logs whose format nobody named.
//!
//! The format made for the very logs comes first: a built-in one may explain every line and yet mean something else by it,
//! such as a send to one where the program wrote a send to all. Built-in formats are tried where that leaves lines open.
//!
//! What `analyze export` wrote is known by itself, and nothing is guessed of it.
//!
//! **Invariant.** The reading is of the format that is returned, and is not taken for whole where lines are unexplained.

use super::account::Account;
use super::builtin::builtin;
use super::compile::Compiled;
use super::exported;
use super::guess::{Doubt, GuessError, guess};
use super::inventory::Inventory;
use super::load::{Reading, read_all};
use super::spec::Format;

/// The name of a format that was made for the very logs.
pub const GUESSED: &str = "guessed";

/// Logs, read in a format that was told from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// [`GUESSED`], or the built-in format's.
    pub name: String,
    /// The format.
    pub format: Format,
    /// What the logs say by it.
    pub reading: Reading,
    /// What of the format the logs do not prove; empty of a built-in one.
    pub doubts: Vec<Doubt>,
}

/// Reads logs in the format that is told from them: a guessed one if it explains every line, else the built-in one that
/// does, else the guessed one with what it leaves open.
///
/// # Errors
///
/// When no line looks like an event in any format.
pub fn told(inventory: &Inventory) -> Result<Told, GuessError> {
    if exported::are_exports(inventory) {
        return exports(inventory);
    }
    let guessed = guessed(inventory);
    if let Ok(told) = &guessed
        && unexplained(&told.reading.account) == 0
    {
        return guessed;
    }
    match built_in(inventory) {
        Some(told) => Ok(told),
        None => guessed,
    }
}

/// Exports say themselves what they are.
fn exports(inventory: &Inventory) -> Result<Told, GuessError> {
    let format = exported::format();
    let reading = read_all(inventory, &Compiled::new(&format)?)?;
    Ok(Told {
        name: format.name.clone(),
        format,
        reading,
        doubts: Vec::new(),
    })
}

fn guessed(inventory: &Inventory) -> Result<Told, GuessError> {
    let guess = guess(inventory)?;
    let reading = read_all(inventory, &Compiled::new(&guess.format)?)?;
    Ok(Told {
        name: GUESSED.to_owned(),
        format: guess.format,
        reading,
        doubts: guess.doubts,
    })
}

/// The built-in format that explains every line of every file, the one that reads most events of several.
fn built_in(inventory: &Inventory) -> Option<Told> {
    let whole = builtin().iter().filter_map(|format| {
        let reading = read_all(inventory, &Compiled::new(format).ok()?).ok()?;
        let whole = unexplained(&reading.account) == 0 && reading.account.other_files.is_empty();
        (whole && events(&reading.account) > 0).then(|| Told {
            name: format.name.clone(),
            format: format.clone(),
            reading,
            doubts: Vec::new(),
        })
    });
    whole.max_by_key(|told| events(&told.reading.account))
}

/// Lines that are events.
pub fn events(account: &Account) -> u64 {
    account.files.iter().map(|file| file.events).sum()
}

/// Lines that nothing explains.
pub fn unexplained(account: &Account) -> u64 {
    account.files.iter().map(|file| file.unexplained).sum()
}
