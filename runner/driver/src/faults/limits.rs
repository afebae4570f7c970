//! What a driver can do to a trial, and what is asked of it in vain.
//!
//! **Invariant.** A schedule that is not refused can be carried out to its last fault.

use event_log::faults::{Deed, EffectKind, End, Fault, Faults, Span, Storm, Target, When};
use thiserror::Error;

/// The most faults that a storm may bring, about: they are all in memory, and in the files of a trial.
const BLOWS_MAX: u64 = 100_000;

/// What there is to strike in a trial, and how.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The driver and the system, as part of a sentence.
    pub of: &'static str,
    /// Servers; of the scale model the machines.
    pub servers: u32,
    /// Clients.
    pub clients: u32,
    /// Whether one of the servers is primary.
    pub has_roles: bool,
    /// Length of the trial, nanoseconds.
    pub length_ns: u64,
    /// What it can do.
    pub deeds: &'static [Deed],
    /// Kinds of effects that it knows: the words after `send:` and `record:`.
    pub kinds: &'static [&'static str],
    /// Whether processes change their disks.
    pub has_disks: bool,
}

/// What a problem is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// `settle`.
    Settle,
    /// A fault, by its place in the file from 0.
    Fault(usize),
    /// A storm, by its place in the file from 0.
    Storm(usize),
}

/// Why a schedule cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{problem}")]
pub struct Refusal {
    /// What it is about.
    pub item: Item,
    /// What was expected, what was found, and what to do.
    pub problem: String,
}

impl Limits {
    /// When all faults are over, counted from the start, nanoseconds; the end of the trial if they may last.
    pub fn calm_ns(&self, faults: &Faults) -> u64 {
        self.length_ns.saturating_sub(faults.settle.ns)
    }

    /// Looks whether all of a schedule can be carried out.
    ///
    /// # Errors
    ///
    /// [`Refusal`] of the first that cannot.
    pub fn admit(&self, faults: &Faults) -> Result<(), Refusal> {
        let at = |item| move |problem| Refusal { item, problem };
        let length = Span { ns: self.length_ns };
        if faults.settle >= length {
            let settle = faults.settle;
            let problem =
                format!("settle = \"{settle}\": the whole trial lasts {length}: give less");
            return Err(at(Item::Settle)(problem));
        }
        let calm_ns = self.calm_ns(faults);
        for (place, fault) in faults.faults.iter().enumerate() {
            self.admit_fault(fault, calm_ns)
                .map_err(at(Item::Fault(place)))?;
        }
        for (place, storm) in faults.storms.iter().enumerate() {
            self.admit_storm(storm, calm_ns)
                .map_err(at(Item::Storm(place)))?;
        }
        Ok(())
    }

    fn admit_storm(&self, storm: &Storm, calm_ns: u64) -> Result<(), String> {
        let deeds = storm.deeds.iter();
        deeds.copied().try_for_each(|deed| self.admit_deed(deed))?;
        self.admit_target(storm.target)?;
        let blows = calm_ns / storm.every.ns.max(1);
        match blows <= BLOWS_MAX {
            true => Ok(()),
            false => Err(format!(
                "every = \"{}\": about {blows} faults in each trial: expected at most {BLOWS_MAX}, so give a longer time",
                storm.every
            )),
        }
    }

    fn admit_fault(&self, fault: &Fault, calm_ns: u64) -> Result<(), String> {
        self.admit_deed(fault.deed)?;
        self.admit_target(fault.target)?;
        match &fault.when {
            When::At(at) if at.ns >= calm_ns => Err(format!(
                "at = \"{at}\": expected a time before the trial is to be calm, {}: give an earlier one, a longer --duration or a shorter `settle`",
                Span { ns: calm_ns }
            )),
            When::At(_) => Ok(()),
            When::On(point) => {
                self.admit_target(point.by)?;
                self.admit_kind(&point.kind)
            }
        }
    }

    fn admit_deed(&self, deed: Deed) -> Result<(), String> {
        if self.deeds.contains(&deed) {
            return Ok(());
        }
        let known: Vec<&str> = self.deeds.iter().map(|deed| deed.name()).collect();
        Err(format!(
            "do = \"{deed}\": {} cannot do that; it can {}",
            self.of,
            known.join(", ")
        ))
    }

    fn admit_target(&self, target: Target) -> Result<(), String> {
        let missing = match target {
            Target::Primary | Target::Backup if !self.has_roles => {
                return Err(format!(
                    "\"{target}\": nobody has a role in {}: write any, all or machine 0",
                    self.of
                ));
            }
            Target::Server(number) => number >= self.servers,
            Target::Client(number) => number >= self.clients,
            Target::Link { from, to, .. } => [from, to].into_iter().any(|end| match end {
                End::Server(number) => number >= self.servers,
                End::Client(number) => number >= self.clients,
                End::Any | End::All => false,
            }),
            _ => false,
        };
        match missing {
            false => Ok(()),
            true => Err(format!(
                "\"{target}\": there are {} of them, counted from 0, and {} clients",
                self.servers, self.clients
            )),
        }
    }

    fn admit_kind(&self, kind: &EffectKind) -> Result<(), String> {
        let name = match kind {
            EffectKind::Persist if !self.has_disks => {
                return Err(format!("\"{kind}\": nothing goes to a disk in {}", self.of));
            }
            EffectKind::Send(Some(name)) | EffectKind::Record(Some(name)) => name,
            _ => return Ok(()),
        };
        match self.kinds.contains(&name.as_str()) {
            true => Ok(()),
            false => Err(format!(
                "\"{kind}\": {} has no such kind; it has {}",
                self.of,
                self.kinds.join(", ")
            )),
        }
    }
}
