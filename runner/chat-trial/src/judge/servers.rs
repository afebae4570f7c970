//! What servers make of the log: what each has in it, what it commits, and what its state is then.
//!
//! **Invariant.** Of each server only what is new is looked at.

use std::collections::BTreeMap;

use chat::application::Application;
use chat::application::command::{Command, Entry};
use chat::identity::{AccountId, Offset};
use chat::name::Name;
use cluster::service::{Digest, Service};
use event_log::chat::Property;
use replica::log::Log;
use replica::replica::Replica;
use replica::units::{Ballot, Mark, OpNumber};

use super::mail::MessageName;
use super::oracle::{LineageId, Oracle};
use super::tail::Tail;
use super::{Finding, Ledger};

/// A command in the log of a server.
pub(crate) type LogEntry = replica::log::Entry<Entry>;

/// What was seen of a server in its life.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerTrack {
    /// The end of its log.
    tail: Tail,
    /// How far it has committed.
    pub(crate) committed: Mark,
    /// The history that it follows.
    pub(crate) lineage: LineageId,
    /// How far its mailboxes were read.
    read: BTreeMap<AccountId, Offset>,
    /// The last view that it served in.
    pub(crate) served: Ballot,
}

impl ServerTrack {
    /// A new life has begun: it knows only what its disk has.
    pub(crate) fn begin(&mut self) {
        *self = ServerTrack {
            lineage: self.lineage,
            served: self.served,
            ..ServerTrack::default()
        };
    }
}

/// What came with commands that were committed.
#[derive(Debug, Default)]
struct Batch {
    /// Whose mailboxes may have grown.
    recipients: Vec<Name>,
    /// Sends that nobody had committed before.
    sends: Vec<MessageName>,
    created: Vec<Name>,
    deletions: usize,
}

/// What all servers have made of the log.
#[derive(Debug)]
pub(crate) struct Servers {
    pub(crate) oracle: Oracle,
    pub(crate) tracks: Vec<ServerTrack>,
    /// The latest view that has served, and where its log ended then.
    latest: (Ballot, OpNumber),
    /// What the state was at places, and at whom it was seen first.
    digests: BTreeMap<OpNumber, (usize, [u8; 32])>,
    /// Whether servers may go different ways.
    may_part: bool,
}

impl Servers {
    pub(crate) fn new(servers: u32, may_part: bool) -> Servers {
        Servers {
            oracle: Oracle::new(),
            tracks: vec![ServerTrack::default(); servers as usize],
            latest: (Ballot::ZERO, OpNumber(0)),
            digests: BTreeMap::new(),
            may_part,
        }
    }

    /// Whether servers have gone different ways.
    pub(crate) fn have_parted(&self) -> bool {
        self.oracle.lineages.len() > 1
    }

    /// A server was called; `alone` are commands that it has put in its log in this call, as the only member of its view.
    /// Whether it has committed something.
    pub(crate) fn called(
        &mut self,
        at: usize,
        replica: &Replica<Service>,
        alone: &[LogEntry],
        ledger: &mut Ledger,
    ) -> Result<bool, Finding> {
        let log = &replica.disk().log;
        let track = &mut self.tracks[at];
        if track.tail.is_behind(log) {
            track.tail.follow(log, track.committed.op, alone);
            self.see(log.end(), log.entries().rev())?;
            self.see(log.end(), alone.iter().rev())?;
        }
        let ballot = replica.disk().view.ballot;
        if replica.is_serving() && ballot != self.tracks[at].served {
            self.serves(at, ballot, log)?;
        }
        if replica.committed() == self.tracks[at].committed {
            return Ok(false);
        }
        self.commits(at, replica, ledger)?;
        Ok(true)
    }

    /// What the state of a server is at a place: the same as that of others (S3).
    pub(crate) fn digest(&mut self, at: usize, digest: &Digest) -> Result<(), Finding> {
        if self.have_parted() {
            return Ok(());
        }
        let (first, sha256) = self.digests.entry(digest.op).or_insert((at, digest.sha256));
        match *sha256 == digest.sha256 {
            true => Ok(()),
            false => {
                let op = digest.op;
                let finding = format!("its state after {op} is not that of server {first}");
                Err(Finding::of(Property::S3, finding))
            }
        }
    }

    /// Takes note of what a log has at its end, the last command first.
    fn see<'a>(
        &mut self,
        end: Mark,
        entries: impl Iterator<Item = &'a LogEntry>,
    ) -> Result<(), Finding> {
        let ops = (1..=end.op.0).rev().map(OpNumber);
        for (op, entry) in ops.zip(entries) {
            let mark = Mark {
                op,
                ballot: entry.ballot,
            };
            let known = self.oracle.log(mark, &entry.command);
            if known.map_err(|finding| Finding::of(Property::S3, finding))? {
                break;
            }
        }
        Ok(())
    }

    /// A view begins to serve: its log must have all that was committed (S1).
    fn serves(&mut self, at: usize, ballot: Ballot, log: &Log<Service>) -> Result<(), Finding> {
        self.tracks[at].served = ballot;
        let (lineage, common) = self.nearest(at, log);
        let end = self.oracle.lineages[lineage].end();
        if common == end {
            self.tracks[at].lineage = lineage;
        } else if self.may_part {
            self.tracks[at].lineage = self.oracle.part(lineage, common);
        } else {
            let lost = common.plus(1);
            let place = self.oracle.lineages[lineage].place(lost);
            let command = place.map(|place| &place.entry.command);
            let finding = format!(
                "view {ballot} serves with a log up to {} that is the same up to {common} alone; committed were {end}; the \
                 first that is lost: {command:?}",
                log.end()
            );
            return Err(Finding::of(Property::S1, finding));
        }
        if ballot > self.latest.0 {
            self.latest = (ballot, log.end().op);
        }
        Ok(())
    }

    /// The history that a log has most of, and how much.
    fn nearest(&self, at: usize, log: &Log<Service>) -> (LineageId, OpNumber) {
        let common = |id: LineageId| {
            let lineage = &self.oracle.lineages[id];
            let most = lineage.end().min(log.end().op);
            let down = (log.base().op.0..=most.0).rev().map(OpNumber);
            let mut shared = down.filter_map(|op| log.mark_at(op));
            let last = shared.find(|&mark| lineage.has(mark));
            last.map_or(OpNumber(0), |mark| mark.op)
        };
        let own = self.tracks[at].lineage;
        let all = 0..self.oracle.lineages.len();
        let of = |id: LineageId| (common(id), id == own, self.oracle.lineages[id].end(), id);
        let (common, _, _, id) = all.map(of).max().unwrap_or_default();
        (id, common)
    }

    /// A server has committed more, or less.
    fn commits(
        &mut self,
        at: usize,
        replica: &Replica<Service>,
        ledger: &mut Ledger,
    ) -> Result<(), Finding> {
        let (committed, log) = (replica.committed(), &replica.disk().log);
        if committed.op < self.tracks[at].committed.op {
            if !self.may_part {
                let known = self.tracks[at].committed;
                let finding = format!("it has committed {committed}, and had committed {known}");
                return Err(Finding::of(Property::S8, finding));
            }
            let track = &mut self.tracks[at];
            track.begin();
            track.tail.follow(log, OpNumber(0), &[]);
        }
        let mut batch = Batch::default();
        let mut jumps = false;
        let mut op = self.tracks[at].committed.op;
        while op < committed.op {
            op = op.plus(1);
            if let Some(mark) = self.tracks[at].tail.take(op) {
                self.commit(at, mark, &mut batch, ledger)?;
            } else if log.base().op >= op {
                op = log.base().op;
                jumps = true;
                self.jump(at, log.base())?;
            } else {
                let finding = format!("{op} is committed and not in its log");
                return Err(Finding::of(Property::S3, finding));
            }
        }
        self.tracks[at].committed = committed;
        if let Some(service) = replica.state() {
            self.read(at, service.application(), &batch, jumps)?;
        }
        Ok(())
    }

    /// A snapshot has swallowed what lies between: it must end where a history was (S3).
    fn jump(&mut self, at: usize, base: Mark) -> Result<(), Finding> {
        let own = self.tracks[at].lineage;
        if let Some(lineage) = self.oracle.with(base, own) {
            self.tracks[at].lineage = lineage;
            return Ok(());
        }
        let finding = format!("a snapshot ends at {base}, which was never committed");
        Err(Finding::of(Property::S3, finding))
    }

    /// A server has committed a command: the first to do so, or the same as those before it (S2, S3).
    fn commit(
        &mut self,
        at: usize,
        mark: Mark,
        batch: &mut Batch,
        ledger: &mut Ledger,
    ) -> Result<(), Finding> {
        let own = self.tracks[at].lineage;
        let known = self.oracle.lineages[own].ballot(mark.op);
        let is_stale = mark.ballot < self.latest.0 && mark.op > self.latest.1;
        match known {
            Some(ballot) if ballot == mark.ballot => {}
            None if !is_stale || self.have_parted() => {
                if !self.oracle.commit(own, mark.ballot) {
                    let finding = format!("{mark} is committed, and was in no log");
                    return Err(Finding::of(Property::S3, finding));
                }
            }
            None if !self.may_part => {
                let finding = format!(
                    "{mark} is committed, and view {} serves whose log ended at {}",
                    self.latest.0, self.latest.1
                );
                return Err(Finding::of(Property::S2, finding));
            }
            Some(other) if !self.may_part => {
                let op = mark.op;
                let finding = format!("{mark} is committed, and {op}@{other} was before");
                return Err(Finding::of(Property::S3, finding));
            }
            _ => {
                let found = self.oracle.with(mark, own);
                let before = OpNumber(mark.op.0 - 1);
                self.tracks[at].lineage = match found {
                    Some(lineage) => lineage,
                    None => {
                        let lineage = self.oracle.part(own, before);
                        self.oracle.commit(lineage, mark.ballot);
                        lineage
                    }
                };
            }
        }
        let own = self.tracks[at].lineage;
        let lineage = &mut self.oracle.lineages[own];
        let Some(place) = lineage.place(mark.op).cloned() else {
            return Ok(());
        };
        let is_first = known.is_none();
        match &place.entry.command {
            &Command::Send {
                session,
                sequence,
                ref to,
                ..
            } => {
                if is_first {
                    let name = (session, sequence);
                    lineage.mail.commit(mark.op, name, &place.entry);
                    batch.sends.push(name);
                }
                if !batch.recipients.contains(to) {
                    batch.recipients.push(to.clone());
                }
            }
            Command::Create { name, .. } if is_first => batch.created.push(name.clone()),
            Command::Delete { .. } if is_first => batch.deletions += 1,
            &Command::Acknowledge { session, through } if is_first => {
                ledger.acknowledged(session, through)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Reads what the commands have made of the state.
    fn read(
        &mut self,
        at: usize,
        application: &Application,
        batch: &Batch,
        reads_all: bool,
    ) -> Result<(), Finding> {
        let track = &mut self.tracks[at];
        let mail = &mut self.oracle.lineages[track.lineage].mail;
        let recipients = batch.recipients.iter();
        let mut accounts: Vec<AccountId> = recipients
            .filter_map(|name| application.account(name))
            .collect();
        if reads_all {
            accounts.extend(mail.alive());
        }
        for account in accounts {
            let after = track.read.get(&account).copied().unwrap_or_default();
            let last = mail.read(application, account, after)?;
            track.read.insert(account, last);
        }
        mail.follow(&batch.sends)?;
        if batch.deletions > 0 || !batch.created.is_empty() {
            let op = track.committed.op;
            mail.read_names(application, op, &batch.created, batch.deletions)?;
        }
        Ok(())
    }
}
