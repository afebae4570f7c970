//! What servers make of the log: what each has in it, what it commits, and what its state is then.
//!
//! **Invariant.** Of each server only what is new is looked at.

use std::collections::{BTreeMap, VecDeque};

use chat::identity::{AccountId, Offset, SessionId};
use cluster::service::{Digest, Service};
use event_log::chat::Property;
use replica::log::Log;
use replica::replica::Replica;
use replica::units::{Ballot, Mark, OpNumber};

use super::finding::Finding;
use super::giving::GivenUp;
use super::holdings::Holdings;
use super::oracle::{LineageId, Oracle};
use crate::node::LogEntry;

/// What was seen of a server in its life.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerTrack {
    /// Whether it runs.
    is_up: bool,
    /// The end of its log.
    pub(super) end: Mark,
    /// The view that it has installed.
    view: Ballot,
    /// How far it has committed.
    pub(crate) committed: Mark,
    /// The history that it follows.
    pub(crate) lineage: LineageId,
    /// How far its mailboxes were read.
    pub(super) read: BTreeMap<AccountId, Offset>,
    /// The last view that it served in.
    pub(crate) served: Ballot,
    /// What it had, and its new log does not have: it has yet to name it. In which order it will.
    pub(super) given_up: VecDeque<GivenUp>,
}

impl ServerTrack {
    /// It follows another log: what it had committed of the one before says nothing any more.
    pub(super) fn forget_what_was_committed(&mut self) {
        (self.committed, self.read) = (Mark::default(), BTreeMap::new());
    }

    /// A new life has begun: it knows only what its disk has.
    pub(crate) fn begin(&mut self) {
        *self = ServerTrack {
            is_up: true,
            lineage: self.lineage,
            served: self.served,
            ..ServerTrack::default()
        };
    }
}

/// What all servers have made of the log.
#[derive(Debug)]
pub(crate) struct Servers {
    pub(crate) oracle: Oracle,
    pub(super) holdings: Holdings,
    pub(crate) tracks: Vec<ServerTrack>,
    /// The latest view that has served, and where its log ended then.
    pub(super) latest: (Ballot, OpNumber),
    /// What the state was at places, and at whom it was seen first.
    digests: BTreeMap<OpNumber, (usize, [u8; 32])>,
    /// Acknowledgements of devices that were committed, and that nobody has looked at.
    pub(super) acknowledgements: Vec<(SessionId, Offset)>,
    /// Whether servers may go different ways.
    pub(super) may_part: bool,
    /// Whether servers name also what they held without knowing whether it was committed.
    pub(super) names_what_it_held: bool,
}

impl Servers {
    pub(crate) fn new(servers: u32, may_part: bool, names_what_it_held: bool) -> Servers {
        Servers {
            oracle: Oracle::new(),
            holdings: Holdings::default(),
            tracks: vec![ServerTrack::default(); servers as usize],
            latest: (Ballot::ZERO, OpNumber(0)),
            digests: BTreeMap::new(),
            acknowledgements: Vec::new(),
            may_part,
            names_what_it_held,
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
        let ballot = replica.disk().view.ballot;
        let track = &mut self.tracks[at];
        let before = std::mem::replace(&mut track.end, log.end());
        let view = std::mem::replace(&mut track.view, ballot);
        if (before, view) != (log.end(), ballot) {
            self.see(log.base(), log.end(), log.entries().rev())?;
            self.see(before, log.end(), alone.iter().rev())?;
            self.give_up(at, (before, view), log.end());
            if self.names_what_it_held {
                let id = replica.setup().id;
                self.holdings.see(id, &replica.disk().view, log.end());
            }
        }
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

    /// The life of a server has ended: what it alone took for committed, and said to nobody, is gone. Who lives and has committed
    /// more may stand still with its words behind a flush: it says so yet.
    pub(crate) fn ended(&mut self, at: usize, replica: &Replica<Service>) {
        self.tracks[at].is_up = false;
        if replica.is_serving() {
            let lineage = self.tracks[at].lineage;
            let firm = self.oracle.lineages[lineage].firm;
            let alike = self
                .tracks
                .iter()
                .filter(|track| track.is_up && track.lineage == lineage);
            let kept = alike
                .map(|track| track.committed.op)
                .fold(firm, OpNumber::max);
            self.oracle.end_at(lineage, kept);
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
}
