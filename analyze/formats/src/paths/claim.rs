//! Which files a format claims, and what its regex reads in their paths.

use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;

use super::captures::Captures;
use crate::decode::is_binary;
use crate::error::PathsError;
use crate::inventory::{Entry, Is, Root, is_called_as_a_log, packed_otherwise, unlike_a_log};
use crate::line_stats::UnreadLog;
use crate::spec::Files;
use files::input::HEAD_BYTES;
use files::note::FOUND_MAX;
use text::visible_text::cut;

/// What the regex on paths may name.
const GROUPS: [&str; 6] = ["run", "trial", "machine", "rate", "rates", "date"];
/// The longest glob, in characters.
const GLOB_LENGTH_MAX: usize = 1000;
/// How many braces of a glob may stand inside each other.
const GLOB_DEPTH_MAX: usize = 8;

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
    /// Whether it has no byte, and the name of a log.
    is_empty: bool,
}

impl Claim {
    /// An empty file says that its machine did nothing, or that its log is lost.
    pub(super) fn empty(&self, entry: &Entry) -> Option<UnreadLog> {
        self.is_empty.then(|| UnreadLog {
            file: entry.path.display().to_string(),
            reason: "an empty file".to_owned(),
        })
    }
}

/// Why a file is not read.
pub(super) struct LeftOut {
    pub(super) reason: String,
    pub(super) suspicion: Suspicion,
}

/// Whether a file that is not read may be a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suspicion {
    /// It is none, or the format leaves it out.
    None,
    /// By its name it is, and it cannot be read.
    Name,
    /// Its lines tell.
    Lines,
}

impl LeftOut {
    fn because(reason: impl Into<String>, suspicion: Suspicion) -> LeftOut {
        LeftOut {
            reason: reason.into(),
            suspicion,
        }
    }
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
    pub(super) fn claim(&self, root: &Root, entry: &Entry) -> Result<Claim, LeftOut> {
        let none = |reason: &str| LeftOut::because(reason, Suspicion::None);
        let spellings = spellings(root, &entry.relative);
        let by_name = match self.wants(&spellings, &entry.relative) {
            true => Suspicion::Name,
            false => Suspicion::None,
        };
        match &entry.is {
            Is::NoLog(reason) => return Err(none(reason)),
            Is::Closed(reason) => return Err(LeftOut::because(reason, by_name)),
            Is::File => {}
        }
        let excluded = |glob: &&GlobMatcher| glob.is_match(&entry.relative);
        if let Some(glob) = self.exclude.iter().find(excluded) {
            return Err(none(&format!("excluded by {}", glob.glob().glob())));
        }
        let unlike = unlike_a_log(&entry.relative);
        if self.include.is_empty() || !self.includes(&spellings) {
            if let Some(reason) = unlike {
                let unpacked = packed_otherwise(&entry.relative);
                let is_log = |name| self.wants(&self::spellings(root, name), name);
                return Err(match unpacked.is_some_and(is_log) {
                    true => LeftOut::because("compressed, and not by gzip", Suspicion::Name),
                    false => none(reason),
                });
            }
            if !self.include.is_empty() {
                let reason = "no file pattern of the format matches";
                return Err(LeftOut::because(reason, Suspicion::Lines));
            }
        }
        let mut claim = self.of_path(&spellings, entry)?;
        if let Some(reason) = unlike.filter(|reason| reason.contains("picture")) {
            return Err(none(reason));
        }
        match entry.content.head(&entry.path, HEAD_BYTES as usize) {
            Err(error) => Err(LeftOut::because(
                format!("cannot be read: {error}"),
                by_name,
            )),
            Ok(head) if is_binary(&head) => {
                Err(LeftOut::because("not text: it holds zero bytes", by_name))
            }
            Ok(head) if head.is_empty() && self.path.is_none() => {
                Err(LeftOut::because("an empty file", by_name))
            }
            Ok(head) => {
                claim.is_empty = head.is_empty() && by_name == Suspicion::Name;
                Ok(claim)
            }
        }
    }

    /// What the regex reads in the path of a file.
    fn of_path(&self, spellings: &[String], entry: &Entry) -> Result<Claim, LeftOut> {
        let Some(path) = &self.path else {
            return Ok(Claim {
                captures: Captures::default(),
                folders: folders(&entry.relative),
                is_empty: false,
            });
        };
        let mut said = spellings.iter();
        let said = said.find_map(|spelling| read(path, spelling, &entry.relative));
        said.ok_or_else(|| LeftOut::because("the format's `path` does not match", Suspicion::Lines))
    }

    fn includes(&self, spellings: &[String]) -> bool {
        let matches = |path: &String| self.include.iter().any(|glob| glob.is_match(path));
        spellings.iter().any(matches)
    }

    /// Whether a file is a log by its name: as the format says, or of a format that does not say as logs are called.
    fn wants(&self, spellings: &[String], relative: &str) -> bool {
        match self.include.is_empty() {
            true => is_called_as_a_log(relative),
            false => {
                let excluded = self.exclude.iter().any(|glob| glob.is_match(relative));
                !excluded && self.includes(spellings)
            }
        }
    }
}

fn matcher(glob: &str) -> Result<GlobMatcher, PathsError> {
    let refuse = |why: String| PathsError::Glob {
        glob: shortened(glob),
        why,
    };
    if glob.chars().count() > GLOB_LENGTH_MAX {
        let why =
            format!("it has more than {GLOB_LENGTH_MAX} characters; write several shorter ones");
        return Err(refuse(why));
    }
    if depth(glob) > GLOB_DEPTH_MAX {
        let why = format!(
            "more than {GLOB_DEPTH_MAX} braces stand inside each other; write several simpler ones"
        );
        return Err(refuse(why));
    }
    // `*.log` means files in any folder.
    let anywhere = if glob.contains('/') {
        glob.to_owned()
    } else {
        format!("**/{glob}")
    };
    let built = GlobBuilder::new(anywhere.trim_start_matches("./"))
        .literal_separator(true)
        .build();
    let built = built.map_err(|error| refuse(error.kind().to_string()))?;
    Ok(built.compile_matcher())
}

/// How many braces of a glob stand inside each other at most.
fn depth(glob: &str) -> usize {
    let (mut open, mut deepest) = (0usize, 0);
    for letter in glob.chars() {
        match letter {
            '{' => open += 1,
            '}' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

/// A text of a format, cut to a readable length.
fn shortened(text: &str) -> String {
    const SHOWN_MAX: usize = 80;
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn regex(pattern: &str) -> Result<Regex, PathsError> {
    let refuse = |why: String| PathsError::Regex {
        pattern: shortened(pattern),
        why,
    };
    let wrong = |error: regex::Error| refuse(cut(error.to_string(), FOUND_MAX));
    let regex = Regex::new(pattern).map_err(wrong)?;
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
fn spellings(root: &Root, relative: &str) -> Vec<String> {
    let mut spellings = vec![relative.to_owned()];
    for name in &root.above {
        let before = spellings.last().map_or("", String::as_str);
        spellings.push(format!("{name}/{before}"));
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
        is_empty: false,
    })
}
