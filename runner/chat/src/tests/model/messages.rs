//! Messages of the model.

use crate::answer::{Answer, Delivery, Message, Placement};
use crate::application::Outcome;
use crate::identity::{Offset, Sequence, SessionId};
use crate::limits::WINDOW_MAX;
use crate::name::Name;
use crate::refusal::Refusal;

use super::state::Model;

impl Model {
    pub(crate) fn settled(
        &mut self,
        session: usize,
        sequence: Sequence,
        confirmed: u64,
    ) -> Result<Option<Outcome>, Refusal> {
        let session = &mut self.sessions[session];
        session.used = self.now;
        let settled = session.answers.len() as u64;
        session.confirmed = session.confirmed.max(confirmed.min(settled));
        if sequence.0 > settled + 1 {
            let expected = Sequence(settled + 1);
            return Err(Refusal::OutOfOrder { expected });
        }
        if sequence.0 == settled + 1 {
            return Ok(None);
        }
        let first = match sequence.0 > session.confirmed {
            true => Some(session.answers[sequence.0 as usize - 1].clone()),
            false => None,
        };
        Ok(Some(first.transpose().map(|placement| Answer::Sent {
            sequence,
            is_repeated: true,
            placement,
        })))
    }

    pub(crate) fn send(
        &mut self,
        index: usize,
        sequence: Sequence,
        to: &Name,
        text: &str,
    ) -> Outcome {
        let session = &self.sessions[index];
        if session.answers.len() as u64 - session.confirmed >= WINDOW_MAX as u64 {
            return Err(Refusal::WindowFull);
        }
        let now = self.now;
        let author = self.sessions[index].account;
        let period_ms = 1000_u64.div_ceil(self.settings.sends_per_second);
        let burst = self.settings.sends_burst;
        self.accounts[author].sends.take(now, period_ms, burst)?;
        let outcome = self.place(index, sequence, to, text);
        self.sessions[index].answers.push(outcome.clone());
        Ok(Answer::Sent {
            sequence,
            is_repeated: false,
            placement: Some(outcome?),
        })
    }

    pub(crate) fn place(
        &mut self,
        index: usize,
        sequence: Sequence,
        to: &Name,
        text: &str,
    ) -> Result<Placement, Refusal> {
        let session = &self.sessions[index];
        let author = &self.accounts[session.account];
        let to = self.account(to).ok_or(Refusal::NoAccount)?;
        let mailbox = &self.accounts[to];
        let queued = &mailbox.messages[mailbox.acknowledged..];
        let bytes: usize = queued.iter().map(|message| message.text.len()).sum();
        let of_author = queued.iter().filter(|message| message.author == author.id);
        if queued.len() as u64 >= self.settings.queued_messages_max
            || (bytes + text.len()) as u64 > self.settings.queued_bytes_max
        {
            return Err(Refusal::MailboxFull);
        }
        if of_author.count() as u64 >= self.settings.queued_sender_messages_max {
            return Err(Refusal::SenderQuota);
        }
        let offset = Offset(mailbox.messages.len() as u64 + 1);
        let message = Message {
            offset,
            session: session.id,
            sequence,
            author: author.id,
            from: author.name.clone(),
            accepted: self.now,
            text: text.to_owned(),
        };
        self.accounts[to].messages.push(message);
        self.retain(to);
        let delivery = match self.open_sessions(to).is_empty() {
            true => Delivery::Queued,
            false => Delivery::AtOnce,
        };
        Ok(Placement {
            to: self.accounts[to].id,
            offset,
            delivery,
        })
    }

    pub(crate) fn acknowledge(&mut self, session: SessionId, through: u64) -> Outcome {
        let session = self.open(session)?;
        let now = self.now;
        let session = &mut self.sessions[session];
        let index = session.account;
        let account = &mut self.accounts[index];
        let end = account.messages.len() as u64;
        if through > end {
            return Err(Refusal::BeyondMailbox { end });
        }
        session.used = now;
        session.acknowledged = session.acknowledged.max(through);
        account.acknowledged = account.acknowledged.max(session.acknowledged as usize);
        let through = Offset(session.acknowledged);
        self.retain(index);
        Ok(Answer::Acknowledged { through })
    }

    pub(crate) fn history(&self, session: usize, before: u64, most: usize) -> Answer {
        let account = &self.accounts[self.sessions[session].account];
        let is_before = |message: &&Message| before == 0 || message.offset.0 < before;
        let messages = account.messages[account.gone..].iter();
        let all: Vec<Message> = messages.filter(is_before).cloned().collect();
        let skipped = all.len().saturating_sub(most);
        Answer::History {
            messages: all[skipped..].to_vec(),
            more: skipped > 0,
        }
    }
}
