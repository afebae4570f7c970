//! What the core reports, as news for the program.
//!
//! **Invariant.** A message is told with the receipt of its place; what the service has lost is told as lost.

use std::collections::hash_map::Entry;

use chat::client::operation::{Report, Settlement};
use chat::identity::{Offset, ServerId};

use super::driver::Driver;
use super::handle::{News, Receipt};

impl Driver {
    /// What the core reports.
    pub(super) fn report(&mut self, report: Report) {
        match report {
            Report::Settled {
                operation,
                settlement,
            } => {
                let Entry::Occupied(mut entry) = self.open.entry(operation) else {
                    return;
                };
                let is_known = settlement != Settlement::Unknown;
                match entry.get_mut().settlement.take() {
                    // Whoever has left does not want to know.
                    Some(sender) => drop(sender.send(settlement)),
                    None => {
                        let ticket = entry.get().ticket;
                        let news = News::SettledAfterAll { ticket, settlement };
                        // A program that has ended.
                        let _ = self.news.send(news);
                    }
                }
                if is_known {
                    entry.remove();
                }
            }
            Report::Delivered(message) => {
                if let Some(receipt) = self.receipt(message.offset) {
                    self.taken += 1;
                    self.tell(News::Message { message, receipt });
                }
            }
            Report::Skipped { first, last } => {
                let count = last.0 + 1 - first.0;
                if let Some(receipt) = self.receipt(last) {
                    self.tell(News::Skipped { count, receipt });
                }
            }
            Report::Rewound { seen, end } => {
                self.rewinds += 1;
                if let Some(account) = self.account {
                    self.device.show(account, end);
                }
                let count = seen.0.saturating_sub(end.0);
                self.tell(News::Rewound { count });
            }
            Report::SessionEnded(end) => {
                self.account = None;
                self.tell(News::SessionEnded(end));
            }
            Report::Connected(standing) if standing.is_serving => {
                self.troubles.clear();
                self.tell(News::Served);
            }
            Report::Connected(_) => {
                let why = match self.elsewhere.take() {
                    Some(ServerId(server)) => format!(
                        "it does not serve, and server {server} does: add that one's address"
                    ),
                    None => "it does not serve now".to_owned(),
                };
                self.note(why);
            }
            Report::TurnedAway(refusal) => {
                self.note(super::advice::refusal(&refusal));
            }
            Report::Lost { .. } => {
                if !self.troubles.knows(self.place) {
                    self.note("no answer".to_owned());
                }
                self.tell(News::Lost);
            }
        }
    }

    /// The receipt of the next thing to show. A server that pushes to whom it has not logged in breaks the protocol: what it
    /// pushes has no mailbox.
    fn receipt(&mut self, offset: Offset) -> Option<Receipt> {
        let account = self.account?;
        self.unshown += 1;
        Some(Receipt {
            account,
            offset,
            rewinds: self.rewinds,
        })
    }

    /// Something is wrong with the server where the core is.
    pub(super) fn note(&mut self, why: String) {
        self.troubles.note(self.place, why);
        if let Some(unserved) = self.troubles.take(&self.directory) {
            self.tell(News::Unserved(unserved));
        }
    }
}
