//! Who owns a name, and which accounts there are, in one history.
//!
//! Commands that create and delete are noted where they are committed. What they have done is read off the state of a server that
//! has come so far, which may be some places later: a history that then ends before that place is read again.
//!
//! **Invariant.** A command that was committed and is not read is read by the next server that comes so far.

use std::collections::{BTreeMap, BTreeSet};

use chat::application::Application;
use chat::identity::AccountId;
use chat::name::Name;
use event_log::chat::Property;
use replica::units::OpNumber;

use super::finding::{Finding, ordinal};

/// An account.
#[derive(Debug, Clone)]
struct Account {
    name: Name,
    /// The place at which a server was seen to have it.
    made: OpNumber,
    /// The place at which a server was seen to have it no more.
    gone: Option<OpNumber>,
}

/// A committed command that creates an account or deletes one.
#[derive(Debug, Clone)]
struct Change {
    op: OpNumber,
    /// The name that is asked for; none if an account is to go.
    created: Option<Name>,
    /// The place of the state off which its effect was read.
    read: Option<OpNumber>,
}

/// Names and accounts of one history.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    owners: BTreeMap<Name, AccountId>,
    /// Every account that there ever was.
    accounts: BTreeMap<AccountId, Account>,
    /// By place; those that were read come first.
    changes: Vec<Change>,
}

impl Names {
    /// As they were when the history ended at a place.
    pub(crate) fn until(&self, after: OpNumber) -> Names {
        let mut accounts = self.accounts.clone();
        accounts.retain(|_, account| account.made <= after);
        let mut owners = BTreeMap::new();
        for (&id, account) in &mut accounts {
            account.gone = account.gone.filter(|&gone| gone <= after);
            if account.gone.is_none() {
                owners.insert(account.name.clone(), id);
            }
        }
        let changes = self.changes.iter().filter(|change| change.op <= after);
        let changes = changes.map(|change| Change {
            read: change.read.filter(|&read| read <= after),
            ..change.clone()
        });
        Names {
            owners,
            accounts,
            changes: changes.collect(),
        }
    }

    /// The creation of an account is committed.
    pub(crate) fn create(&mut self, op: OpNumber, name: Name) {
        self.note(op, Some(name));
    }

    /// The deletion of an account is committed.
    pub(crate) fn delete(&mut self, op: OpNumber) {
        self.note(op, None);
    }

    fn note(&mut self, op: OpNumber, created: Option<Name>) {
        let read = None;
        self.changes.push(Change { op, created, read });
    }

    /// Reads what a server that has come to a place makes of the changes up to there (S9).
    pub(crate) fn read(&mut self, application: &Application, op: OpNumber) -> Result<(), Finding> {
        let from = self.changes.partition_point(|change| change.read.is_some());
        let news = self.changes[from..].iter_mut();
        let (mut created, mut deletions) = (Vec::new(), 0);
        for change in news.take_while(|change| change.op <= op) {
            change.read = Some(op);
            match &change.created {
                Some(name) => created.push(name.clone()),
                None => deletions += 1,
            }
        }
        if deletions > 0 {
            self.read_deletions(application, op, deletions)?;
        }
        created.into_iter().try_for_each(|name| {
            let owner = application.account(&name);
            owner.map_or(Ok(()), |owner| self.own(op, name, owner))
        })
    }

    fn read_deletions(
        &mut self,
        application: &Application,
        op: OpNumber,
        mut deletions: usize,
    ) -> Result<(), Finding> {
        let owners = self.owners.iter();
        let gone = owners.filter(|&(name, &owner)| application.account(name) != Some(owner));
        let gone: Vec<Name> = gone.map(|(name, _)| name.clone()).collect();
        for name in gone {
            let account = self.owners.remove(&name);
            if let Some(account) = account.and_then(|id| self.accounts.get_mut(&id)) {
                account.gone = Some(op);
                deletions = deletions.checked_sub(1).ok_or_else(|| {
                    let finding = format!("{name} is gone at {op}, and nobody deleted it");
                    Finding::of(Property::S9, finding)
                })?;
            }
        }
        Ok(())
    }

    /// A server has an owner for a name that was asked for.
    fn own(&mut self, op: OpNumber, name: Name, owner: AccountId) -> Result<(), Finding> {
        let finding = match self.owners.insert(name.clone(), owner) {
            Some(before) if before == owner => return Ok(()),
            Some(before) => {
                let (before, owner) = (ordinal(before.0), ordinal(owner.0));
                format!("{name} is of account {owner}, and was of {before}")
            }
            None if self.accounts.contains_key(&owner) => {
                let owner = ordinal(owner.0);
                format!("{name} is of account {owner}, which there was before")
            }
            None => {
                let (made, gone) = (op, None);
                self.accounts.insert(owner, Account { name, made, gone });
                return Ok(());
            }
        };
        Err(Finding::of(Property::S9, finding))
    }

    /// The place at which an account was seen to be gone.
    pub(crate) fn gone(&self, account: AccountId) -> Option<OpNumber> {
        self.accounts.get(&account)?.gone
    }

    /// Whether an account was made, and is not deleted.
    pub(crate) fn is_alive(&self, account: AccountId) -> bool {
        let account = self.accounts.get(&account);
        account.is_some_and(|account| account.gone.is_none())
    }

    /// Whether an account ever was.
    pub(crate) fn was_made(&self, account: AccountId) -> bool {
        self.accounts.contains_key(&account)
    }

    /// Accounts that are there.
    pub(crate) fn alive(&self) -> BTreeSet<AccountId> {
        self.owners.values().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use chat::answer::Answer;
    use chat::application::command::{Command, Entry};
    use chat::identity::{Nonce, Sequence, TimeMs, TokenDigest};
    use chat::limits::Settings;

    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).expect("a name")
    }

    fn apply(application: &mut Application, command: Command) -> Answer {
        let time = TimeMs(1);
        let outcome = application.apply(&Entry { time, command });
        outcome.expect("it is done")
    }

    fn create(application: &mut Application, number: u8, text: &str) {
        let (nonce, chance) = (Nonce([number; 16]), Nonce([number; 16]));
        let (name, password) = (name(text), None);
        let command = Command::Create {
            name,
            password,
            nonce,
            chance,
        };
        apply(application, command);
    }

    fn delete(application: &mut Application, number: u8, text: &str) {
        let (nonce, chance) = (Nonce([number; 16]), Nonce([number; 16]));
        let log_in = Command::LogIn {
            name: name(text),
            proof: None,
            nonce,
            token: TokenDigest([number; 32]),
            chance,
        };
        let Answer::LoggedIn { opened, .. } = apply(application, log_in) else {
            panic!("no session");
        };
        let (session, sequence) = (opened.session, Sequence(1));
        apply(application, Command::Delete { session, sequence });
    }

    #[test]
    fn what_was_read_beyond_the_end_of_a_history_is_read_again() {
        let mut before = Application::new(Settings::default());
        create(&mut before, 1, "ada");
        let mut after = before.clone();
        delete(&mut after, 2, "ada");
        create(&mut after, 3, "bob");
        let ada = before.account(&name("ada")).expect("ada");
        let bob = after.account(&name("bob")).expect("bob");

        let mut names = Names::default();
        names.create(OpNumber(1), name("ada"));
        names.read(&before, OpNumber(1)).expect("a new account");
        names.delete(OpNumber(3));
        names.create(OpNumber(4), name("bob"));
        names.read(&after, OpNumber(5)).expect("both are asked for");
        assert_eq!(names.gone(ada), Some(OpNumber(5)));
        assert!(!names.is_alive(ada) && names.is_alive(bob));

        // Nobody heard of the fifth command, and its server has ended.
        let mut names = names.until(OpNumber(4));
        assert!(names.is_alive(ada) && !names.was_made(bob));
        names.read(&before, OpNumber(2)).expect("nothing is new");
        assert!(names.is_alive(ada), "this server has not come so far");
        names.read(&after, OpNumber(4)).expect("both again");
        assert_eq!(names.gone(ada), Some(OpNumber(4)));
        assert_eq!(names.alive(), BTreeSet::from([bob]));
        // What is before the end was read there, and stays.
        assert!(names.until(OpNumber(4)).was_made(bob));
    }

    #[test]
    fn an_account_that_nobody_deleted_is_there() {
        let mut full = Application::new(Settings::default());
        create(&mut full, 1, "ada");
        create(&mut full, 2, "bob");
        let mut names = Names::default();
        names.create(OpNumber(1), name("ada"));
        names.create(OpNumber(2), name("bob"));
        names.read(&full, OpNumber(2)).expect("new accounts");
        names.delete(OpNumber(3));
        let empty = Application::new(Settings::default());
        let finding = names.read(&empty, OpNumber(3)).expect_err("both are gone");
        assert_eq!(finding.property, Property::S9);
        assert!(finding.finding.contains("bob is gone at 3"), "{finding:?}");
    }
}
