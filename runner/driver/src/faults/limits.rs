//! What a driver can do to a trial, and what is asked of it in vain.
//!
//! **Invariant.** A schedule that is not refused can be carried out to its last fault.

use event_log::faults::{Deed, EffectKind, End, Fault, Faults, Pace, Span, Storm, Target, When};
use thiserror::Error;

/// The most faults that a storm may bring, about: they are all in memory, and in the files of a trial.
const BLOWS_MAX: u64 = 100_000;

/// The most points that a storm may wait for, about: each effect of a trial is compared with all of them.
const POINTS_MAX: u64 = 1000;

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
    /// Kinds of effects that it knows: the words after `send:` and `record:`.
    pub kinds: &'static [&'static str],
    /// Whether processes change their disks.
    pub has_disks: bool,
    /// Whether servers read a calendar.
    pub has_calendar: bool,
    /// Whether messages have lengths.
    pub has_sizes: bool,
    /// Whether links are datagram-like.
    pub has_packets: bool,
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

/// Why a schedule cannot be carried out. The problem begins with the key that it is about, as a file has it: `at = …`, `on: …`.
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

    /// Why it cannot do this, as part of a sentence; none if it can.
    pub fn obstacle(&self, deed: Deed) -> Option<&'static str> {
        let (is_possible, obstacle) = match deed {
            Deed::SlowDisk | Deed::FailFlush | Deed::FullDisk | Deed::Wipe => {
                (self.has_disks, "nothing goes to a disk")
            }
            Deed::Clock => (self.has_calendar, "nobody reads a calendar"),
            Deed::Slow => (self.has_sizes, "messages have no length"),
            Deed::Duplicate => (self.has_packets, "connections repeat no message"),
            _ => (true, ""),
        };
        (!is_possible).then_some(obstacle)
    }

    fn admit_storm(&self, storm: &Storm, calm_ns: u64) -> Result<(), String> {
        for &target in &storm.targets {
            self.admit_target("target", target)?;
            for &deed in &storm.deeds {
                self.admit_deed(deed, target)?;
            }
        }
        if let Some(moments) = &storm.moments {
            let mut kinds = moments.kinds.iter();
            kinds.try_for_each(|kind| self.admit_kind(&kind.kind))?;
        }
        let (most, what) = match storm.moments {
            Some(_) => (POINTS_MAX, "points are waited for"),
            None => (BLOWS_MAX, "faults"),
        };
        match storm.pace {
            Pace::Every(every) if calm_ns / every.ns.max(1) > most => Err(format!(
                "every = \"{every}\": about {} {what} in each trial: expected at most {most}, so give a longer time",
                calm_ns / every.ns.max(1)
            )),
            Pace::Count(count) if u64::from(count.max.0) > most => Err(format!(
                "count = \"{count}\": expected at most {most}, for each effect of a trial is compared with all of them"
            )),
            _ => Ok(()),
        }
    }

    fn admit_fault(&self, fault: &Fault, calm_ns: u64) -> Result<(), String> {
        self.admit_target("target", fault.target)?;
        self.admit_deed(fault.deed, fault.target)?;
        let (name, time) = match &fault.when {
            When::At(at) => ("at", *at),
            When::On(point) => {
                self.admit_target("on: by", point.by)?;
                self.admit_kind(&point.kind)?;
                ("on: from", point.from)
            }
        };
        match time.ns >= calm_ns {
            false => Ok(()),
            true => Err(format!(
                "{name} = \"{time}\": expected a time before the trial is to be calm, {}: give an earlier one, a longer --duration or a shorter `settle`",
                Span { ns: calm_ns }
            )),
        }
    }

    fn admit_deed(&self, deed: Deed, target: Target) -> Result<(), String> {
        if let Some(obstacle) = self.obstacle(deed) {
            let can = |deed: &Deed| self.obstacle(*deed).is_none();
            let known: Vec<&str> = Deed::ALL
                .iter()
                .filter(|deed| can(deed))
                .map(|deed| deed.name())
                .collect();
            return Err(format!(
                "do = \"{deed}\": {obstacle} in {}, so it cannot do that; it can {}",
                self.of,
                known.join(", ")
            ));
        }
        let is_client = matches!(target, Target::Client(_) | Target::AnyClient);
        match deed {
            Deed::Wipe if is_client => Err(format!(
                "do = \"wipe\", target = \"{target}\": a client with an empty disk is another client, who could vouch for nothing: kill it, or wipe a server"
            )),
            Deed::Clock if is_client => Err(format!(
                "do = \"clock\", target = \"{target}\": only servers read a calendar"
            )),
            _ => Ok(()),
        }
    }

    fn admit_target(&self, key: &str, target: Target) -> Result<(), String> {
        let missing = match target {
            Target::Primary | Target::Backup if !self.has_roles => {
                return Err(format!(
                    "{key} = \"{target}\": nobody has a role in {}: write any, all or machine 0",
                    self.of
                ));
            }
            Target::Server(number) => number >= self.servers,
            Target::Client(number) => number >= self.clients,
            Target::AnyClient => self.clients == 0,
            Target::Link { from, to, .. } => {
                let (servers, clients) = self.needed(from, to);
                servers > self.servers || clients > self.clients
            }
            _ => false,
        };
        match missing {
            false => Ok(()),
            true => Err(format!(
                "{key} = \"{target}\": it is not there: expected one of {}",
                self.present()
            )),
        }
    }

    /// Whom there is to strike, in words.
    fn present(&self) -> String {
        let servers = match self.has_roles {
            true => "servers",
            false => "machines",
        };
        let last = |count: u32| count.saturating_sub(1);
        let clients = match self.clients {
            0 => ", and no client".to_owned(),
            1 => " and client 0".to_owned(),
            count => format!(" and clients 0 to {}", last(count)),
        };
        format!("{servers} 0 to {}{clients}", last(self.servers))
    }

    /// How many servers and clients a link with these ends needs.
    fn needed(&self, from: End, to: End) -> (u32, u32) {
        // For each how many ends there are, and the highest number counted from 1.
        let (mut servers, mut clients) = ((0u32, 0u32), (0u32, 0u32));
        for end in [from, to] {
            let ((ends, highest), number) = match end {
                End::Any | End::All => (&mut servers, 0),
                End::Server(number) => (&mut servers, number.saturating_add(1)),
                End::AnyClient => (&mut clients, 0),
                End::Client(number) => (&mut clients, number.saturating_add(1)),
            };
            *ends += 1;
            *highest = number.max(*highest);
        }
        (servers.0.max(servers.1), clients.0.max(clients.1))
    }

    fn admit_kind(&self, kind: &EffectKind) -> Result<(), String> {
        let name = match kind {
            EffectKind::Persist if !self.has_disks => {
                return Err(format!(
                    "on: `{kind}`: nothing goes to a disk in {}",
                    self.of
                ));
            }
            EffectKind::Send(Some(name)) | EffectKind::Record(Some(name)) => name,
            _ => return Ok(()),
        };
        match self.kinds.contains(&name.as_str()) {
            true => Ok(()),
            false => Err(format!(
                "on: `{kind}`: {} has no such kind: expected one of {}",
                self.of,
                self.kinds.join(", ")
            )),
        }
    }
}
