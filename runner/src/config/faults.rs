//! Faults of a configuration: from a file, and whether the driver can carry them out.
//!
//! **Invariant.** A schedule that no trial could carry out is refused before the first begins, with file and line where it is
//! from a file of its own.

mod place;

use std::path::{Path, PathBuf};

use driver::faults::limits::{Item, Limits};
use driver::world_trial::limits;
use event_log::{Condition, Design, Driver, Faults};
use thiserror::Error;

use self::place::{explain, line, with_meant};
use super::error::{ConfigError, wrong};

/// Why a file of faults cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {problem}", path.display())]
pub struct FaultsFileError {
    path: PathBuf,
    problem: String,
}

/// A file of faults, and its text to point into.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultsFile {
    path: PathBuf,
    text: String,
    /// What it says.
    pub faults: Faults,
}

impl FaultsFile {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`FaultsFileError`], with the line where the parser knows it.
    pub fn read(path: &Path) -> Result<FaultsFile, FaultsFileError> {
        let fail = |problem: String| FaultsFileError {
            path: path.to_owned(),
            problem,
        };
        let text = std::fs::read_to_string(path).map_err(|error| {
            fail(format!(
                "cannot be read ({error}); check the path after --faults"
            ))
        })?;
        let faults = toml::from_str(&text).map_err(|error| fail(explain(&text, &error)))?;
        Ok(FaultsFile {
            path: path.to_owned(),
            text,
            faults,
        })
    }

    /// Whether the file says when faults are over.
    pub fn says_settle(&self) -> bool {
        let table = self.text.parse::<toml::Table>();
        table.is_ok_and(|table| table.contains_key("settle"))
    }

    /// Looks whether a trial with these limits can carry it out.
    ///
    /// # Errors
    ///
    /// [`FaultsFileError`] with the line of what it cannot.
    pub fn admit(&self, limits: &Limits) -> Result<(), FaultsFileError> {
        limits.admit(&self.faults).map_err(|refusal| {
            let at = match line(&self.text, refusal.item, &refusal.problem) {
                Some(line) => format!("line {line}: "),
                None => which(refusal.item),
            };
            let problem = with_meant(&format!("{at}{refusal}"), &refusal.problem);
            FaultsFileError {
                path: self.path.clone(),
                problem,
            }
        })
    }
}

/// What a problem is about, before it, where there is no file to point into.
fn which(item: Item) -> String {
    match item {
        Item::Settle => String::new(),
        Item::Fault(place) => format!("fault {place}, counted from 0: "),
        Item::Storm(place) => format!("storm {place}, counted from 0: "),
    }
}

/// The faults of a condition, checked against all else in it.
pub(super) fn faults(
    faults: Option<Faults>,
    condition: &Condition,
    packed: bool,
) -> Result<Option<Faults>, ConfigError> {
    let fail = |problem: String| wrong("--faults", problem);
    let Some(faults) = faults else {
        return Ok(None);
    };
    if condition.driver == Driver::Sockets {
        let problem = "on sockets nothing can be done to machines and links yet: add --virtual";
        return Err(fail(problem.to_owned()));
    }
    if condition.design == Design::Hub {
        let problem = "design hub has no links between machines to strike: use mesh or timekeeper";
        return Err(fail(problem.to_owned()));
    }
    if packed {
        let problem = "a pack has no room for what was done to each trial: drop --packed";
        return Err(fail(problem.to_owned()));
    }
    limits(condition)
        .admit(&faults)
        .map_err(|refusal| fail(format!("{}{refusal}", which(refusal.item))))?;
    Ok(Some(faults))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::options::TrialOptions;

    fn config(text: &str) -> Result<Config, String> {
        let options: TrialOptions = toml::from_str(text).map_err(|error| error.to_string())?;
        Config::new(options, 1, 1).map_err(|error| error.to_string())
    }

    #[test]
    fn a_configuration_with_faults_is_repeated_from_its_record() {
        let text = "virtual = true\n[faults]\nsettle = '5s'\n[[faults.fault]]\nat = '1s'\ndo = 'kill'\ntarget = 'any'\nfor = '1s..2s'";
        let config = config(text).expect("valid");
        assert!(config.condition.faults.is_some());
        let record = serde_json::to_string(&config.to_options()).expect("plain data");
        let options: TrialOptions = serde_json::from_str(&record).expect("options");
        assert_eq!(Config::new(options, 9, 1), Ok(config));
    }

    #[test]
    fn what_cannot_be_done_is_refused_before_a_trial() {
        let fault = "[[faults.fault]]\nat = '1s'\ndo = 'kill'\ntarget = 'server 0'";
        for (text, words) in [
            (fault.to_owned(), "add --virtual"),
            (
                format!("virtual = true\ndesign = 'hub'\n{fault}"),
                "design hub",
            ),
            (
                format!("virtual = true\npacked = true\n{fault}"),
                "drop --packed",
            ),
            (
                format!("virtual = true\nduration = '1s'\n{fault}"),
                "before the trial is to be calm",
            ),
            (
                "virtual = true\n[faults]\nsettle = '60s'".to_owned(),
                "the whole trial lasts 60s",
            ),
            (
                format!("virtual = true\n{}", fault.replace("server 0", "server 3")),
                "expected one of machines 0 to 2",
            ),
            (
                format!("virtual = true\n{}", fault.replace("server 0", "primary")),
                "nobody has a role",
            ),
            (
                format!("virtual = true\n{}", fault.replace("kill", "wipe")),
                "cannot do that; it can kill",
            ),
            (
                "virtual = true\n[[faults.storm]]\ndo = ['kill']\ntarget = 'any'\nevery = '1us'\nfor = '1s'".to_owned(),
                "about 60000000 faults",
            ),
            (
                "virtual = true\nfaults = 'faults.toml'".to_owned(),
                "a table of faults",
            ),
        ] {
            let error = config(&text).expect_err(&text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn a_file_is_pointed_into() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("faults.toml");
        let condition = config("virtual = true").expect("valid").condition;
        let refused = |text: &str| {
            std::fs::write(&path, text).expect("a file");
            let read = FaultsFile::read(&path);
            let error = read
                .and_then(|file| file.admit(&limits(&condition)))
                .expect_err(text);
            error.to_string()
        };
        let first = "# two\n[[fault]]\nat = '1s'\ndo = 'kill'\ntarget = 'any'\n\n[[fault]]\n";
        for (second, words) in [
            (
                "at = '90s'\ndo = 'kill'\ntarget = 'any'",
                "line 8: at = \"90s\"",
            ),
            (
                "at = '1s'\ndo = 'lose'\ntarget = 'link 0-1'",
                "line 9: do = \"lose\": it needs the chance",
            ),
            ("at = '1s'\ndo = 'kill'\ntarget = 'king'", "line 10"),
            (
                "at = '1s'\ndo = 'kill'\ntarget = 'machine 3'",
                "line 10: target = \"server 3\": it is not there: expected one of machines 0 to 2",
            ),
            (
                "at = '1s'\ndo = 'kill'\ntarget = 'any'\nby = '1s'",
                "line 11: by: it is for delay",
            ),
            (
                "at = '1s'\ndo = 'wipe'\ntarget = 'any'",
                "line 9: do = \"wipe\": nothing goes to a disk",
            ),
            (
                "on = { after = 'send:sent' }\ndo = 'kill'\ntarget = 'any'",
                "line 8: on: `send:sent`",
            ),
            (
                "do = 'kill'\ntarget = 'any'",
                "line 7: a fault happens `at` a time",
            ),
            (
                "at = '1s'\ndo = 'kil'\ntarget = 'any'",
                "did you mean `kill`?",
            ),
            (
                "at = '1s'\ndo = 'kill'\ntagret = 'any'",
                "did you mean `target`?",
            ),
            (
                "at = '1s'\ndo = 'kill'\ntarget = 'any'\n[[storm]]\ndo = ['kill']\ntarget = ['any']\nevery = '1us'\nfor = '1s'",
                "line 14: every = \"1us\": about",
            ),
            (
                "at = '1s'\ndo = 'kill'\ntarget = 'any'\n[[storm]]\ndo = ['kill']\ntarget = ['any']\nevery = '1s'\nnth = 3\nfor = '1s'",
                "line 15: nth: it is for faults at effects",
            ),
        ] {
            let error = refused(&format!("{first}{second}"));
            assert!(
                error.contains("faults.toml: ") && error.contains(words),
                "{second}: {error}"
            );
        }
        let error = refused("\nsettle = '60s'");
        assert!(error.contains("line 2: settle = \"60s\""), "{error}");
        let inline = "fault = [\n{ at = '1s', do = 'kill', target = 'any' },\n{ at = '90s', do = 'kill', target = 'any' },\n]";
        let error = refused(inline);
        assert!(error.contains("line 3: at = \"90s\""), "{error}");
    }
}
