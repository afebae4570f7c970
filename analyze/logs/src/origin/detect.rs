//! Logs whose format nobody named.
//!
//! The format made for the very logs comes first: a built-in one may explain every line and yet mean something else by it,
//! such as a send to one where the program wrote a send to all. Built-in formats are tried where that leaves lines open.
//!
//! What `analyze export` wrote is known by itself, and nothing is guessed of it.
//!
//! **Invariant.** The reading is of the format that is returned, and is not taken for whole where lines are unexplained.

use std::path::Path;

use super::error::OriginError;
use crate::scan::{self, Found, ScanError};
use formats::builtin::builtin;
use formats::compile::Compiled;
use formats::exported;
use formats::inventory::Inventory;
use formats::load::{Reading, read_all};
use formats::spec::Format;
use guess::{Doubt, GuessError, guess};

/// The name of a format that was made for the very logs.
pub const GUESSED: &str = "guessed";

/// Logs, and the format that they were found to be in.
#[derive(Debug, Clone, PartialEq)]
pub struct Detected {
    /// [`GUESSED`], or the built-in format's.
    pub name: String,
    /// The format.
    pub format: Format,
    /// What the logs say by it.
    pub reading: Reading,
    /// What of the format the logs do not prove; empty of a built-in one.
    pub doubts: Vec<Doubt>,
}

/// The logs of one folder.
#[derive(Debug)]
pub enum FolderLogs {
    /// Ours.
    Ours(Found),
    /// Of another program; lines may be left that nothing explains.
    Others(Box<Detected>),
}

/// Decides whose the logs of a folder are: another program's if their format is named or none of them is ours.
///
/// # Errors
///
/// When there is nothing to read, or no line looks like an event in any format.
pub fn of_folder(folder: &Path, named: Option<&Compiled>) -> Result<FolderLogs, OriginError> {
    let paths = [folder.to_owned()];
    if let Some(compiled) = named {
        let format = compiled.format().clone();
        return Ok(FolderLogs::Others(Box::new(Detected {
            name: format.name.clone(),
            reading: read_all(&Inventory::of(&paths)?, compiled)?,
            format,
            doubts: Vec::new(),
        })));
    }
    match scan::find(&paths) {
        Ok(found) => Ok(FolderLogs::Ours(found)),
        Err(ScanError::Nothing { .. }) => {
            let detected = detect(&Inventory::of(&paths)?)?;
            Ok(FolderLogs::Others(Box::new(detected)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads logs in the format that they seem to be in: a guessed one if it explains every line, else the built-in one that
/// does, else the guessed one with what it leaves open.
///
/// # Errors
///
/// When no line looks like an event in any format.
pub fn detect(inventory: &Inventory) -> Result<Detected, GuessError> {
    if exported::are_exports(inventory) {
        return exports(inventory);
    }
    let guessed = guessed(inventory);
    if let Ok(detected) = &guessed
        && detected.reading.account.unexplained() == 0
    {
        return guessed;
    }
    match built_in(inventory) {
        Some(detected) => Ok(detected),
        None => guessed,
    }
}

/// Exports say themselves what they are.
fn exports(inventory: &Inventory) -> Result<Detected, GuessError> {
    let format = exported::format();
    let reading = read_all(inventory, &Compiled::new(&format)?)?;
    Ok(Detected {
        name: format.name.clone(),
        format,
        reading,
        doubts: Vec::new(),
    })
}

fn guessed(inventory: &Inventory) -> Result<Detected, GuessError> {
    let guess = guess(inventory)?;
    let reading = read_all(inventory, &Compiled::new(&guess.format)?)?;
    Ok(Detected {
        name: GUESSED.to_owned(),
        format: guess.format,
        reading,
        doubts: guess.doubts,
    })
}

/// The built-in format that explains every line of every file, the one that reads most events of several.
fn built_in(inventory: &Inventory) -> Option<Detected> {
    let whole = builtin().iter().filter_map(|format| {
        let reading = read_all(inventory, &Compiled::new(format).ok()?).ok()?;
        let whole = reading.account.unexplained() == 0 && reading.account.other_files.is_empty();
        (whole && reading.account.events() > 0).then(|| Detected {
            name: format.name.clone(),
            format: format.clone(),
            reading,
            doubts: Vec::new(),
        })
    });
    whole.max_by_key(|detected| detected.reading.account.events())
}
