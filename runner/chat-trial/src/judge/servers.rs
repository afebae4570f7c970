//! What servers make of the log: what each has in it, what it commits, and what its state is then.
//!
//! **Invariant.** Of each server only what is new is looked at.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chat::application::Application;
use chat::application::command::Command;
use chat::identity::{AccountId, Offset, SessionId};
use chat::name::Name;
use cluster::service::{Digest, Service};
use event_log::chat::Property;
use replica::log::Log;
use replica::replica::Replica;
use replica::units::{Ballot, Mark, OpNumber};

use super::finding::Finding;
use super::losses::Discarded;
use super::mail::MessageName;
use super::oracle::{LineageId, Oracle};
use crate::node::LogEntry;

/// What was seen of a server in its life.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerTrack {
    /// The end of its log.
    end: Mark,
    /// How far it has committed.
    pub(crate) committed: Mark,
    /// The history that it follows.
    pub(crate) lineage: LineageId,
    /// How far its mailboxes were read.
    read: BTreeMap<AccountId, Offset>,
    /// The last view that it served in.
    pub(crate) served: Ballot,
    /// What it had committed, and its new log does not have: it has yet to name it. In which order it will.
    given_up: VecDeque<Discarded>,
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
    /// Acknowledgements of devices that were committed, and that nobody has looked at.
    acknowledgements: Vec<(SessionId, Offset)>,
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
            acknowledgements: Vec::new(),
            may_part,
        }
    }

    /// Acknowledgements of devices that were committed since this was called.
    pub(crate) fn take_acknowledgements(&mut self) -> Vec<(SessionId, Offset)> {
        std::mem::take(&mut self.acknowledgements)
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
    ) -> Result<bool, Finding> {
        let log = &replica.disk().log;
        let track = &mut self.tracks[at];
        let before = std::mem::replace(&mut track.end, log.end());
        if before != log.end() {
            self.see(log.base(), log.end(), log.entries().rev())?;
            self.see(before, log.end(), alone.iter().rev())?;
            self.give_up(at, log.end());
        }
        let ballot = replica.disk().view.ballot;
        if replica.is_serving() && ballot != self.tracks[at].served {
            self.serves(at, ballot, log)?;
        }
        if replica.committed() == self.tracks[at].committed {
            return Ok(false);
        }
        self.commits(at, replica)?;
        if !replica.is_serving() {
            // Who follows hears of it when the primary has it on its disk.
            self.firm(at, replica.committed().op);
        }
        Ok(true)
    }

    /// A server has what is committed up to a place on its disk, and so have all others of its view.
    pub(crate) fn firm(&mut self, at: usize, through: OpNumber) {
        let lineage = &mut self.oracle.lineages[self.tracks[at].lineage];
        lineage.firm = lineage.firm.max(through.min(lineage.end()));
    }

    /// A server has another log than before: what it had committed and the log does not have, it gives up.
    fn give_up(&mut self, at: usize, end: Mark) {
        let through = self.tracks[at].committed;
        let after = self.oracle.common(through, end);
        if let Some(after) = after.filter(|&after| after < through.op) {
            let given_up = &mut self.tracks[at].given_up;
            given_up.push_back(Discarded { after, through });
        }
    }

    /// A server gives way to others, and names what is lost by that: just what it has given up (S13). Up to which place another
    /// server has it in its log: that one may go on in the end.
    pub(crate) fn gives_way(&mut self, at: usize, named: Discarded) -> Result<OpNumber, Finding> {
        let sentence =
            |of: Discarded| format!("what is after {}, through {}", of.after, of.through);
        let finding = match self.tracks[at].given_up.pop_front() {
            Some(given_up) if given_up == named => return Ok(self.kept(at, named.through)),
            None => format!("it names {} as lost, and has it", sentence(named)),
            Some(given_up) => format!(
                "it names {} as lost, and has given up {}",
                sentence(named),
                sentence(given_up)
            ),
        };
        Err(Finding::of(Property::S13, finding))
    }

    /// The last place up to which a server other than this one has a log that ends at a mark.
    fn kept(&self, at: usize, through: Mark) -> OpNumber {
        let others = self.tracks.iter().enumerate();
        let others = others.filter(|&(other, _)| other != at);
        let kept = others.filter_map(|(_, track)| self.oracle.common(through, track.end));
        kept.max().unwrap_or_default()
    }

    /// Servers have named all that they have given up (S13).
    pub(crate) fn all_is_named(&self) -> Result<(), Finding> {
        let tracks = self.tracks.iter().enumerate();
        let mut unnamed = tracks.filter_map(|(at, track)| Some((at, track.given_up.front()?)));
        match unnamed.next() {
            None => Ok(()),
            Some((at, Discarded { after, through })) => Err(Finding::of(
                Property::S13,
                format!(
                    "server {at} has given up what is after {after}, through {through}, and does not name it"
                ),
            )),
        }
    }

    /// The life of a server has ended: what it alone took for committed, and said to nobody, is gone.
    pub(crate) fn ended(&mut self, at: usize, replica: &Replica<Service>) {
        if replica.is_serving() {
            let lineage = self.tracks[at].lineage;
            let firm = self.oracle.lineages[lineage].firm;
            self.oracle.end_at(lineage, firm);
        }
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

    /// Takes note of what a log has at its end, the last command first; `base` is a mark before all of them.
    fn see<'a>(
        &mut self,
        base: Mark,
        end: Mark,
        entries: impl Iterator<Item = &'a LogEntry>,
    ) -> Result<(), Finding> {
        let mut entries = entries.peekable();
        let mut op = end.op;
        while let Some(entry) = entries.next() {
            let before = match entries.peek() {
                Some(before) => Some(before.ballot),
                None => (base.op.plus(1) == op).then_some(base.ballot),
            };
            let mark = Mark {
                op,
                ballot: entry.ballot,
            };
            let known = self.oracle.log(mark, before, &entry.command);
            if known.map_err(|finding| Finding::of(Property::S3, finding))? {
                break;
            }
            op = OpNumber(op.0.saturating_sub(1));
        }
        Ok(())
    }

    /// A view begins to serve: its log must have all that was committed (S1).
    fn serves(&mut self, at: usize, ballot: Ballot, log: &Log<Service>) -> Result<(), Finding> {
        self.tracks[at].served = ballot;
        let (lineage, common) = self.nearest(at, log);
        let (end, firm) = (
            self.oracle.lineages[lineage].end(),
            self.oracle.lineages[lineage].firm,
        );
        if self.may_part {
            // What goes beyond may be the other side's, which is still at it.
            self.tracks[at].lineage = match common == end {
                true => lineage,
                false => self.oracle.part(lineage, common),
            };
        } else if common >= firm {
            // What goes beyond was said to nobody.
            self.oracle.end_at(lineage, common);
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
        let own = self.tracks[at].lineage;
        let common = |id: LineageId| {
            let lineage = &self.oracle.lineages[id];
            let mut back = std::iter::successors(Some(log.end()), |&mark| self.oracle.before(mark));
            let last = back.find(|&mark| lineage.has(mark));
            last.map_or(OpNumber(0), |mark| mark.op)
        };
        let all = 0..self.oracle.lineages.len();
        let of = |id: LineageId| (common(id), id == own, self.oracle.lineages[id].end(), id);
        let (common, _, _, id) = all.map(of).max().unwrap_or_default();
        (id, common)
    }

    /// A server has committed more, or less.
    fn commits(&mut self, at: usize, replica: &Replica<Service>) -> Result<(), Finding> {
        let (committed, log) = (replica.committed(), &replica.disk().log);
        if !self.goes_on(at, committed) {
            if !self.may_part {
                let known = self.tracks[at].committed;
                let finding = format!(
                    "it has committed {committed}, and had committed {known}: not the same log"
                );
                return Err(Finding::of(Property::S8, finding));
            }
            let given_up = std::mem::take(&mut self.tracks[at].given_up);
            self.tracks[at].begin();
            self.tracks[at].given_up = given_up;
        }
        let from = self.tracks[at].committed.op;
        let (back, jumps) = self.back(committed, from, log.base());
        if jumps {
            self.jump(at, log.base())?;
        }
        let mut batch = Batch::default();
        for &mark in back.iter().rev() {
            self.commit(at, mark, &mut batch)?;
        }
        self.tracks[at].committed = committed;
        if let Some(service) = replica.state() {
            self.read(at, service.application(), &batch, jumps)?;
        }
        Ok(())
    }

    /// Whether a log that is committed up to a mark goes on where the server had committed before, as far as that is known.
    fn goes_on(&self, at: usize, committed: Mark) -> bool {
        let before = self.tracks[at].committed;
        let mut back = std::iter::successors(Some(committed), |&mark| self.oracle.before(mark));
        let meeting = back.find(|mark| mark.op <= before.op);
        committed.op >= before.op && meeting.is_none_or(|mark| mark == before)
    }

    /// The marks after a place up to one, the last first; if not all are known, those after a snapshot, and true.
    fn back(&self, last: Mark, from: OpNumber, base: Mark) -> (Vec<Mark>, bool) {
        let mut back = Vec::new();
        let mut next = Some(last).filter(|mark| mark.op > from);
        while let Some(mark) = next {
            back.push(mark);
            if mark.op == from.plus(1) {
                return (back, false);
            }
            next = self.oracle.before(mark);
        }
        let is_whole = back.is_empty();
        back.retain(|mark| mark.op > base.op);
        (back, !is_whole)
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

    /// A server has committed a command.
    fn commit(&mut self, at: usize, mark: Mark, batch: &mut Batch) -> Result<(), Finding> {
        let firsts = self.place(at, mark)?;
        let lineage = self.tracks[at].lineage;
        for &first in &firsts {
            self.commit_first(lineage, first, batch);
        }
        let place = self.oracle.lineages[lineage].place(mark.op);
        if let Some(Command::Send { to, .. }) = place.map(|place| &place.entry.command)
            && !batch.recipients.contains(to)
        {
            batch.recipients.push(to.clone());
        }
        Ok(())
    }

    /// A command is committed that was not before, in this history.
    fn commit_first(&mut self, lineage: LineageId, op: OpNumber, batch: &mut Batch) {
        let lineage = &mut self.oracle.lineages[lineage];
        let Some(entry) = lineage.place(op).map(|place| Arc::clone(&place.entry)) else {
            return;
        };
        match entry.command {
            Command::Send {
                session, sequence, ..
            } => {
                let name = (session, sequence);
                if lineage.mail.commit(op, name, &entry) {
                    batch.sends.push(name);
                }
            }
            Command::Create { ref name, .. } => lineage.mail.names.create(op, name.clone()),
            Command::Delete { .. } => lineage.mail.names.delete(op),
            Command::Acknowledge { session, through } => {
                self.acknowledgements.push((session, through));
            }
            _ => {}
        }
    }

    /// Gives a committed command its place, and those before it that the history lacks; these are new there (S2, S3).
    fn place(&mut self, at: usize, mark: Mark) -> Result<Vec<OpNumber>, Finding> {
        let own = self.tracks[at].lineage;
        let lineage = &self.oracle.lineages[own];
        let before = self.oracle.before(mark);
        let fits = before.is_none_or(|before| lineage.has(before));
        let is_stale = mark.ballot < self.latest.0 && mark.op > self.latest.1;
        let finding = match lineage.ballot(mark.op) {
            Some(ballot) if ballot == mark.ballot => return Ok(Vec::new()),
            None if fits && (!is_stale || self.have_parted()) => {
                return match self.oracle.commit(own, mark.ballot) {
                    true => Ok(vec![mark.op]),
                    false => Err(Finding::of(
                        Property::S3,
                        format!("{mark} is committed, and was in no log"),
                    )),
                };
            }
            _ if self.may_part => return Ok(self.part(at, mark)),
            None if fits => {
                let (view, end) = self.latest;
                let finding =
                    format!("{mark} is committed, and view {view} serves whose log ended at {end}");
                Finding::of(Property::S2, finding)
            }
            None => Finding::of(
                Property::S3,
                format!("{mark} is committed behind what was never committed"),
            ),
            Some(other) => {
                let op = mark.op;
                let finding = format!("{mark} is committed, and {op}@{other} was before");
                Finding::of(Property::S3, finding)
            }
        };
        Err(finding)
    }

    /// A server leaves the history that it followed for another one, or for a new one; the commands that are new there.
    fn part(&mut self, at: usize, mark: Mark) -> Vec<OpNumber> {
        let own = self.tracks[at].lineage;
        let mut news = Vec::new();
        let mut last = Some(mark);
        let known = loop {
            let Some(mark) = last else {
                break (own, OpNumber(0));
            };
            if let Some(lineage) = self.oracle.with(mark, own) {
                break (lineage, mark.op);
            }
            news.push(mark);
            last = self.oracle.before(mark);
        };
        let (from, common) = known;
        self.tracks[at].lineage =
            match news.is_empty() || self.oracle.lineages[from].end() == common {
                true => from,
                false => self.oracle.part(from, common),
            };
        let lineage = self.tracks[at].lineage;
        news.reverse();
        for mark in &news {
            self.oracle.commit(lineage, mark.ballot);
        }
        news.into_iter().map(|mark| mark.op).collect()
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
        if reads_all || mail.take_doubt(track.committed.op) {
            accounts.extend(mail.names.alive());
        }
        for account in accounts {
            let after = track.read.get(&account).copied().unwrap_or_default();
            let last = mail.read(application, account, after)?;
            track.read.insert(account, last);
        }
        mail.follow(&batch.sends)?;
        mail.names.read(application, track.committed.op)
    }
}
