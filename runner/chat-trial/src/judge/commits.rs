//! What servers commit: whether it is what others have at that place, and what their state is then.
//!
//! **Invariant.** Of what is committed only what is new in its history is looked at.

use std::sync::Arc;

use chat::application::Application;
use chat::application::command::Command;
use chat::identity::AccountId;
use chat::name::Name;
use cluster::service::Service;
use event_log::chat::Property;
use replica::replica::Replica;
use replica::units::{Mark, OpNumber};

use super::finding::Finding;
use super::mail::MessageName;
use super::oracle::LineageId;
use super::servers::Servers;

/// What came with commands that were committed.
#[derive(Debug, Default)]
struct Batch {
    /// Whose mailboxes may have grown.
    recipients: Vec<Name>,
    /// Sends that nobody had committed before.
    sends: Vec<MessageName>,
}

impl Servers {
    /// A server has committed more, or less.
    pub(super) fn commits(&mut self, at: usize, replica: &Replica<Service>) -> Result<(), Finding> {
        let (committed, log) = (replica.committed(), &replica.disk().log);
        if !self.goes_on(at, committed) {
            if !self.may_part {
                let known = self.tracks[at].committed;
                let finding = format!(
                    "it has committed {committed}, and had committed {known}: not the same log"
                );
                return Err(Finding::of(Property::S8, finding));
            }
            self.tracks[at].forget_what_was_committed();
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
        if lineage.end() < mark.op
            && self.have_parted()
            && let Some(other) = self.oracle.with(mark, own)
        {
            // It goes the way of others, who were there before it.
            self.tracks[at].lineage = other;
            return Ok(Vec::new());
        }
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
