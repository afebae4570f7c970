//! Which files there are to read, and which of them are one trial.
//!
//! [`Inventory`] the files there are · `natural` their order · `claim` the globs and the regex of a format · `names` and `infer`
//! what names of files say where the format does not.
//!
//! **Invariant.** Every file below the paths is read or counted among the others with a reason, and those of them that may
//! yet be logs are suspects; the same files give the same plan, in the same order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::error::PathsError;
use super::inventory::{Content, Entry, Inventory, Root};
use super::line_stats::UnreadLog;
use super::natural;
use super::source::{LogFile, TrialFiles};
use super::spec::Files;

mod captures;
mod claim;
mod infer;
mod names;

use captures::Captures;
use claim::{Claim, Claims, Suspicion};

/// What to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Trials in natural order of group and name. The group is the captured run, the folder above the trial's, or the
    /// folder that was asked for.
    pub trials: Vec<TrialFiles>,
    /// Files that are not read, by reason; as [`super::line_stats::Account::other_files`] has them.
    pub other_files: BTreeMap<String, Vec<String>>,
    /// Those of them that are called as the logs are, and cannot be read; and empty ones among the files that are read.
    pub unread_logs: Vec<UnreadLog>,
    /// Those whose lines may decide: the format does not claim them by their names.
    pub(super) suspects: Vec<Suspect>,
}

/// A file that the format does not claim, and whose lines may be events all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suspect {
    pub(super) path: PathBuf,
    pub(super) content: Content,
    pub(super) reason: String,
}

/// Plans the reading of what an inventory lists.
///
/// Hidden files, folders of build products, links, pictures and files that are not text are left out; so are programs and
/// documents, unless the format names its files.
///
/// # Errors
///
/// [`PathsError`] when the format's globs or its regex are none.
pub fn plan(inventory: &Inventory, files: &Files) -> Result<Plan, PathsError> {
    let claims = Claims::new(files)?;
    let mut plan = Plan::default();
    let mut claimed: Vec<Claimed> = Vec::new();
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    // Two paths may lead to one file, but one does not lead there twice.
    let several = inventory.roots.len() > 1;
    for root in &inventory.roots {
        for entry in &root.entries {
            match claims.claim(root, entry) {
                Ok(claim) => {
                    let real =
                        |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
                    if !several || seen.insert(real(&entry.path)) {
                        plan.unread_logs.extend(claim.empty(entry));
                        claimed.push(Claimed::new(root, entry, claim));
                    }
                }
                Err(left_out) => plan.leave_out(entry, left_out),
            }
        }
    }
    if !claims.tell_trials() {
        infer_in_folders(&mut claimed, claims.tell_machines());
    }
    plan.trials = group(claimed);
    Ok(plan)
}

impl Plan {
    fn leave_out(&mut self, entry: &Entry, left_out: claim::LeftOut) {
        let claim::LeftOut { reason, suspicion } = left_out;
        let pieces = entry.earlier.iter().cloned();
        for (path, content) in pieces.chain([(entry.path.clone(), entry.content.clone())]) {
            let file = path.display().to_string();
            match suspicion {
                Suspicion::None => {}
                Suspicion::Name => self.unread_logs.push(UnreadLog {
                    file: file.clone(),
                    reason: reason.clone(),
                }),
                Suspicion::Lines => self.suspects.push(Suspect {
                    path,
                    content,
                    reason: reason.clone(),
                }),
            }
            self.other_files
                .entry(reason.clone())
                .or_default()
                .push(file);
        }
    }
}

/// A file that is read.
struct Claimed {
    entry: Entry,
    captures: Captures,
    /// The folder that was asked for, by name.
    root: String,
    /// Folders between the root and the file, without those that name the machine.
    folders: Vec<String>,
}

impl Claimed {
    fn new(root: &Root, entry: &Entry, claim: Claim) -> Claimed {
        Claimed {
            root: root.name.clone(),
            captures: claim.captures,
            folders: claim.folders,
            entry: entry.clone(),
        }
    }

    /// The file with what its path says, and before it the pieces that were rotated away from it.
    fn files(self) -> impl Iterator<Item = LogFile> {
        let Claimed {
            entry, captures, ..
        } = self;
        let pieces = entry.earlier.into_iter();
        pieces
            .chain([(entry.path, entry.content)])
            .map(move |(path, content)| LogFile {
                path,
                content,
                machine: captures.machine.clone(),
                rate: captures.rate.clone(),
                date: captures.date.clone(),
            })
    }

    /// The folder that was asked for.
    fn top(&self) -> &Path {
        let depth = self.entry.relative.matches('/').count() + 1;
        let top = self.entry.path.ancestors().nth(depth);
        top.unwrap_or(Path::new(""))
    }
}

/// Tells trials, and machines if the format is silent on them, from the names of files.
fn infer_in_folders(claimed: &mut [Claimed], machines_told: bool) {
    if !machines_told {
        for file in claimed.iter_mut() {
            leave_folder_of_machine(file);
        }
    }
    let mut folders: BTreeMap<PathBuf, Vec<usize>> = BTreeMap::new();
    for (at, file) in claimed.iter().enumerate() {
        // Folders that name the machine do not tell trials apart.
        let mut folder = file.top().to_owned();
        folder.extend(&file.folders);
        folders.entry(folder).or_default().push(at);
    }
    for files in folders.into_values() {
        let names: Vec<&str> = files
            .iter()
            .map(|&at| claimed[at].entry.file_name())
            .collect();
        let machines: Vec<Option<String>> = files
            .iter()
            .map(|&at| claimed[at].captures.machine.clone())
            .collect();
        let inferred = infer::infer(&names, &machines);
        for (&at, said) in files.iter().zip(inferred) {
            let file = &mut claimed[at];
            let captures = &mut file.captures;
            captures.trial = captures.trial.take().or(said.trial);
            captures.rate = captures.rate.take().or(said.rate);
            captures.date = captures.date.take().or(said.date);
            if !machines_told {
                captures.machine = captures.machine.take().or(said.machine);
            }
        }
    }
}

/// `machine_1/trial_2.log` is machine 1 of a trial above its folder.
fn leave_folder_of_machine(file: &mut Claimed) {
    let machine = file
        .folders
        .last()
        .and_then(|folder| names::machine_of_folder(folder));
    if let Some(machine) = machine {
        file.folders.pop();
        file.captures.machine = Some(machine);
    }
}

/// Puts files together that are of one trial.
fn group(claimed: Vec<Claimed>) -> Vec<TrialFiles> {
    let mut roots: Vec<PathBuf> = Vec::new();
    let mut trials: BTreeMap<TrialKey, Vec<LogFile>> = BTreeMap::new();
    let mut rates: BTreeMap<TrialKey, String> = BTreeMap::new();
    for file in claimed {
        let key = TrialKey::of(&file);
        if let Some(said) = &file.captures.rates {
            rates.entry(key.clone()).or_insert_with(|| said.clone());
        }
        if !roots.contains(&key.root) {
            roots.push(key.root.clone());
        }
        trials.entry(key).or_default().extend(file.files());
    }
    for (key, said) in rates {
        if let Some(files) = trials.get_mut(&key) {
            share_rates(files, &said);
        }
    }
    let mut groups: BTreeMap<String, BTreeMap<PathBuf, usize>> = BTreeMap::new();
    for key in trials.keys() {
        let trials = groups.entry(key.group.clone()).or_default();
        *trials.entry(key.root.clone()).or_default() += 1;
    }
    let named = trials.into_iter().map(|(key, files)| {
        let of_name = &groups[&key.group];
        let lonely = of_name[&key.root] == 1;
        let trial = TrialFiles {
            dir: common_folder(&files),
            group: if of_name.len() > 1 {
                key.in_full()
            } else {
                key.group
            },
            trial: if key.trial.is_empty() && !lonely {
                ".".to_owned()
            } else {
                key.trial
            },
            files,
            logs_missing: false,
        };
        (roots.iter().position(|root| *root == key.root), trial)
    });
    let mut named: Vec<(Option<usize>, TrialFiles)> = named.collect();
    named.sort_by(|(root_a, a), (root_b, b)| {
        let order = root_a
            .cmp(root_b)
            .then_with(|| natural::compare(&a.group, &b.group));
        order.then_with(|| natural::compare(&a.trial, &b.trial))
    });
    named.into_iter().map(|(_, trial)| trial).collect()
}

/// Gives each file the rate of its machine, of those of all machines in the natural order of their names. If they are not
/// as many, each file gets all of them, which the reader refuses and tells.
fn share_rates(files: &mut [LogFile], said: &str) {
    let mut machines: Vec<String> = files
        .iter()
        .filter_map(|file| file.machine.clone())
        .collect();
    machines.sort_by(|a, b| natural::compare(a, b));
    machines.dedup();
    let parts = said.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    let rates: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    for file in files.iter_mut().filter(|file| file.rate.is_none()) {
        let named = file.machine.as_ref();
        let position = named.and_then(|name| machines.iter().position(|known| known == name));
        let rate = position.filter(|_| rates.len() == machines.len());
        file.rate = Some(rate.map_or(said, |position| rates[position]).to_owned());
    }
}

/// What the files of a trial have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct TrialKey {
    /// The folder that was asked for: trials of two of them are never one.
    root: PathBuf,
    group: String,
    trial: String,
}

impl TrialKey {
    fn of(file: &Claimed) -> TrialKey {
        let root = file.top();
        let (trial, above) = match (&file.captures.trial, file.folders.split_last()) {
            (Some(trial), _) => (trial.clone(), &file.folders[..]),
            (None, Some((last, above))) => (last.clone(), above),
            (None, None) => (String::new(), &[][..]),
        };
        let group = match (&file.captures.run, above) {
            (Some(run), _) => run.clone(),
            (None, []) => file.root.clone(),
            (None, above) => above.join("/"),
        };
        TrialKey {
            root: root.to_owned(),
            group,
            trial,
        }
    }

    /// The group's name where folders of different places have groups of the same name.
    fn in_full(&self) -> String {
        let root = self.root.display().to_string();
        if root.ends_with(&self.group) {
            root
        } else {
            format!("{root}/{}", self.group)
        }
    }
}

/// The deepest folder that all files are in.
fn common_folder(files: &[LogFile]) -> PathBuf {
    let mut parents = files.iter().filter_map(|file| file.path.parent());
    let mut common = parents.next().unwrap_or(Path::new("")).to_owned();
    for parent in parents {
        while !parent.starts_with(&common) && common.pop() {}
    }
    common
}

#[cfg(test)]
mod tests;
