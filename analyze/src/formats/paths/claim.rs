//! Which files a format claims, and what its regex reads in their paths.

use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;

use super::search::{self, Candidate};
use super::{Captures, PathsError};
use crate::formats::spec::Files;

/// What the regex on paths may name.
const GROUPS: [&str; 6] = ["run", "trial", "machine", "rate", "rates", "date"];
/// Folders above the path given that patterns may name, too: the format says `logs/*.txt`, and `logs` was asked for.
const FOLDERS_ABOVE: usize = 4;

/// The globs and the regex of a format.
pub(super) struct Claims {
    include: Vec<GlobMatcher>,
    exclude: Vec<GlobMatcher>,
    path: Option<Regex>,
}

/// What a format says of a file that it claims.
pub(super) struct Claim {
    pub(super) captures: Captures,
    /// Folders between the root and the file that may tell trials apart.
    pub(super) folders: Vec<String>,
}

impl Claims {
    pub(super) fn new(files: &Files) -> Result<Claims, PathsError> {
        let globs = |globs: &[String]| -> Result<Vec<GlobMatcher>, PathsError> {
            globs.iter().map(|glob| matcher(glob)).collect()
        };
        Ok(Claims {
            include: globs(&files.include)?,
            exclude: globs(&files.exclude)?,
            path: files.path.as_deref().map(regex).transpose()?,
        })
    }

    /// Whether the regex names trials.
    pub(super) fn tell_trials(&self) -> bool {
        self.names("trial")
    }

    /// Whether the regex names machines.
    pub(super) fn tell_machines(&self) -> bool {
        self.names("machine")
    }

    fn names(&self, group: &str) -> bool {
        let mut groups = self.path.iter().flat_map(|path| path.capture_names());
        groups.any(|name| name == Some(group))
    }

    /// What the format says of a file, or why it is not read.
    pub(super) fn claim(&self, root: &Path, candidate: &Candidate) -> Result<Claim, String> {
        let spellings = spellings(root, candidate);
        let excluded = |glob: &&GlobMatcher| glob.is_match(&candidate.relative);
        if let Some(glob) = self.exclude.iter().find(excluded) {
            return Err(format!("excluded by {}", glob.glob().glob()));
        }
        if self.include.is_empty() {
            if let Some(reason) = search::no_log_by_name(&candidate.path) {
                return Err(reason.to_owned());
            }
        } else if !spellings
            .iter()
            .any(|path| self.include.iter().any(|glob| glob.is_match(path)))
        {
            return Err("no file pattern of the format matches".to_owned());
        }
        let claim = match &self.path {
            None => Claim {
                captures: Captures::default(),
                folders: folders(&candidate.relative),
            },
            Some(path) => spellings
                .iter()
                .find_map(|spelling| read(path, spelling, &candidate.relative))
                .ok_or("the format's `path` does not match")?,
        };
        match search::no_text(&candidate.path) {
            Some(reason) => Err(reason),
            None => Ok(claim),
        }
    }
}

fn matcher(glob: &str) -> Result<GlobMatcher, PathsError> {
    // `*.log` means files in any folder.
    let anywhere = if glob.contains('/') {
        glob.to_owned()
    } else {
        format!("**/{glob}")
    };
    let built = GlobBuilder::new(anywhere.trim_start_matches("./"))
        .literal_separator(true)
        .build();
    let glob = built.map_err(|error| PathsError::Glob {
        glob: glob.to_owned(),
        why: error.kind().to_string(),
    })?;
    Ok(glob.compile_matcher())
}

fn regex(pattern: &str) -> Result<Regex, PathsError> {
    let refuse = |why: String| PathsError::Regex {
        pattern: pattern.to_owned(),
        why,
    };
    let regex = Regex::new(pattern).map_err(|error| refuse(error.to_string()))?;
    let unknown = regex
        .capture_names()
        .flatten()
        .find(|name| !GROUPS.contains(name));
    match unknown {
        Some(name) => Err(refuse(format!(
            "expected the groups {}, found `{name}`",
            GROUPS.join(", ")
        ))),
        None => Ok(regex),
    }
}

/// The path relative to the one given, and with some of the folders above before it.
fn spellings(root: &Path, candidate: &Candidate) -> Vec<String> {
    let mut spellings = vec![candidate.relative.clone()];
    let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let folder = if real.is_file() {
        real.parent()
    } else {
        Some(&*real)
    };
    let above = folder
        .map(Path::ancestors)
        .into_iter()
        .flatten()
        .take(FOLDERS_ABOVE);
    for name in above.filter_map(Path::file_name) {
        let before = spellings.last().map_or("", String::as_str);
        spellings.push(format!("{}/{before}", name.to_string_lossy()));
    }
    spellings
}

/// The folders that a relative path names.
fn folders(relative: &str) -> Vec<String> {
    let mut parts: Vec<String> = relative.split('/').map(str::to_owned).collect();
    parts.pop();
    parts
}

/// What the regex reads in one spelling of a path. Folders that it takes a name from do not tell trials apart any more.
fn read(path: &Regex, spelling: &str, relative: &str) -> Option<Claim> {
    let found = path.captures(spelling)?;
    let text = |name: &str| found.name(name).map(|group| group.as_str().to_owned());
    let captures = Captures {
        run: text("run"),
        trial: text("trial"),
        machine: text("machine"),
        rate: text("rate"),
        rates: text("rates"),
        date: text("date"),
    };
    let above = spelling.len() - relative.len();
    // Rates of all machines are the trial's: its folder still tells it from others.
    let named: Vec<usize> = GROUPS
        .iter()
        .filter(|name| **name != "rates")
        .filter_map(|name| found.name(name))
        // The folder that a group ends in.
        .filter_map(|group| Some(spelling.get(above..group.end())?.matches('/').count()))
        .collect();
    let folders = folders(relative).into_iter().enumerate();
    let left = folders.filter(|(at, _)| !named.contains(at));
    Some(Claim {
        captures,
        folders: left.map(|(_, folder)| folder).collect(),
    })
}
