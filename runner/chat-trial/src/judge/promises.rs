//! What the service has promised with an answer, and whether it is so.
//!
//! **Invariant.** Where histories have parted, what holds in one of them holds.

use std::collections::{BTreeMap, BTreeSet};

use chat::answer::Placement;
use chat::application::Application;
use chat::identity::{AccountId, Offset};
use event_log::chat::Property;

use super::finding::{Finding, ordinal};
use super::mail::{Mail, MessageName};
use super::servers::Servers;

/// What clients have heard that it is done, but for sends.
#[derive(Debug, Default)]
pub(super) struct Promised {
    pub(super) made: BTreeSet<AccountId>,
    pub(super) gone: BTreeSet<AccountId>,
    /// How far the service has said that it has acknowledgements.
    pub(super) acknowledged: BTreeMap<AccountId, Offset>,
}

impl Promised {
    /// All of it is so in the end, in the history that goes on and in the state of who serves (S9, S11).
    pub(super) fn hold(&self, mail: &Mail, state: Option<&Application>) -> Result<(), Finding> {
        let names = &mail.names;
        let lost = self.made.iter().find(|&&account| !names.was_made(account));
        if let Some(account) = lost {
            let account = ordinal(account.0);
            let finding = format!("account {account} was said to be made, and is in no history");
            return Err(Finding::of(Property::S11, finding));
        }
        let back = self.gone.iter().find(|&&account| names.is_alive(account));
        if let Some(account) = back {
            let account = ordinal(account.0);
            let finding = format!("account {account} was said to be deleted, and is there");
            return Err(Finding::of(Property::S9, finding));
        }
        for (&account, &through) in &self.acknowledged {
            let kept = state.and_then(|state| state.acknowledged(account));
            if let Some(kept) = kept.filter(|&kept| kept < through) {
                let finding = format!(
                    "account {} has acknowledged offset {}, and the service has {}",
                    ordinal(account.0),
                    through.0,
                    kept.0
                );
                return Err(Finding::of(Property::S11, finding));
            }
        }
        Ok(())
    }
}

/// A send was acknowledged: it is committed, and where the answer says (S1, S4).
pub(super) fn accepted(
    servers: &Servers,
    name: MessageName,
    text: Option<&str>,
    placement: Option<Placement>,
) -> Result<(), Finding> {
    let (session, sequence) = (ordinal(name.0.0), name.1.0);
    let (mut other, mut is_another) = (None, false);
    for lineage in &servers.oracle.lineages {
        let Some(sent) = lineage.mail.sent(name) else {
            continue;
        };
        let is_other = |text| lineage.mail.name_of(text) != Some(name);
        if sent.placed.is_some() && text.is_some_and(is_other) {
            // Another history may have another message under the same name.
            is_another = true;
            continue;
        }
        let said = placement.map(|placement| (placement.to, placement.offset));
        match (said, sent.placed) {
            (None, Some(_)) => return Ok(()),
            (Some(said), Some(placed)) if said == placed => return Ok(()),
            // The mailbox is gone with its account, before anybody looked.
            (Some((account, _)), None) if !lineage.mail.names.is_alive(account) => return Ok(()),
            (said, placed) => other = Some((said, placed)),
        }
    }
    let (property, finding) = match other {
        Some((said, placed)) => (
            Property::S4,
            format!(
                "message {sequence} of session {session} is acknowledged at {said:?}, and is at {placed:?}"
            ),
        ),
        None if is_another => (
            Property::S4,
            format!(
                "message {sequence} of session {session} is acknowledged, and is not what was asked for, {text:?}"
            ),
        ),
        None => (
            Property::S1,
            format!("message {sequence} of session {session} is acknowledged, and not committed"),
        ),
    };
    Err(Finding::of(property, finding))
}

/// A send was refused for good: it is in no mailbox (S4).
pub(super) fn refused(servers: &Servers, name: Option<MessageName>) -> Result<(), Finding> {
    let Some(name) = name.filter(|_| !servers.have_parted()) else {
        return Ok(());
    };
    let lineages = servers.oracle.lineages.iter();
    let mut placed = lineages.filter_map(|lineage| lineage.mail.sent(name)?.placed);
    match placed.next() {
        None => Ok(()),
        Some((account, offset)) => Err(Finding::of(
            Property::S4,
            format!(
                "message {} of session {} has failed, and is at offset {} of account {}",
                name.1.0,
                ordinal(name.0.0),
                offset.0,
                ordinal(account.0)
            ),
        )),
    }
}

/// The deletion of an account was acknowledged (S9).
pub(super) fn gone(servers: &Servers, account: AccountId) -> Result<(), Finding> {
    let mut lineages = servers.oracle.lineages.iter();
    match lineages.all(|lineage| lineage.mail.names.is_alive(account)) {
        false => Ok(()),
        true => {
            let account = ordinal(account.0);
            let finding = format!("account {account} is said to be deleted, and is there");
            Err(Finding::of(Property::S9, finding))
        }
    }
}

/// The creation of an account was acknowledged (S1).
pub(super) fn created(servers: &Servers, account: AccountId) -> Result<(), Finding> {
    let mut lineages = servers.oracle.lineages.iter();
    match lineages.any(|lineage| lineage.mail.names.was_made(account)) {
        true => Ok(()),
        false => {
            let account = ordinal(account.0);
            let finding = format!("account {account} is said to be made, and nobody committed it");
            Err(Finding::of(Property::S1, finding))
        }
    }
}

#[cfg(test)]
mod tests {
    use chat::application::command::{Command, Entry};
    use chat::identity::{Nonce, TimeMs};
    use chat::limits::Settings;
    use chat::name::Name;
    use replica::units::OpNumber;

    use super::*;

    /// A service with one account, and what a history says of it.
    fn service() -> (Application, AccountId, Mail) {
        let (mut application, mut mail) = (Application::new(Settings::default()), Mail::default());
        let name = Name::new("ada").expect("a name");
        let command = Command::Create {
            name: name.clone(),
            password: None,
            nonce: Nonce([1; 16]),
            chance: Nonce([2; 16]),
        };
        let time = TimeMs(1);
        let made = application.apply(&Entry { time, command });
        made.expect("the first of its name");
        mail.names.create(OpNumber(1), name.clone());
        let read = mail.names.read(&application, OpNumber(1));
        read.map_err(|found| found.finding).expect("it is there");
        let account = application.account(&name).expect("it was made");
        (application, account, mail)
    }

    fn broken(promised: &Promised, mail: &Mail, state: &Application) -> Option<Property> {
        let found = promised.hold(mail, Some(state)).err();
        found.map(|found| found.property)
    }

    #[test]
    fn what_was_promised_is_looked_at_again_in_the_end() {
        let (state, account, mail) = service();
        let mut promised = Promised::default();
        promised.made.insert(account);
        promised.acknowledged.insert(account, Offset(0));
        assert_eq!(broken(&promised, &mail, &state), None);
        // The history that goes on does not have the account.
        let other = Mail::default();
        assert_eq!(broken(&promised, &other, &state), Some(Property::S11));
        // It has fewer acknowledgements than it said.
        promised.acknowledged.insert(account, Offset(1));
        assert_eq!(broken(&promised, &mail, &state), Some(Property::S11));
        // The account was said to be deleted, and is there.
        let gone = Promised {
            gone: BTreeSet::from([account]),
            ..Promised::default()
        };
        assert_eq!(broken(&gone, &mail, &state), Some(Property::S9));
        assert_eq!(broken(&gone, &other, &state), None);
    }
}
