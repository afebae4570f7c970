//! Entries, snapshots and tails of logs as bytes.
//!
//! **Invariant.** A state is read back with its last digest, so that who got it reports the same as who made it.

use std::sync::Arc;

use chat::Malformed;
use chat::application::Application;
use chat::application::command::Entry as Proposed;
use chat::field::Field;
use chat::rule::Rules;
use replica::log::{Entry, Snapshot, Tail};

use crate::codec::coded::{Coded, coded_struct, put_length};
use crate::service::{Digest, Service};

impl Coded for Arc<Proposed> {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.write(bytes);
    }

    fn take(bytes: &mut &[u8], _rules: Rules) -> Result<Self, Malformed> {
        Field::read(bytes)
    }
}

coded_struct!(Entry<Arc<Proposed>> { ballot, command });
coded_struct!(Digest { op, sha256 });
coded_struct!(Snapshot<Service> { mark, lineage, state });
coded_struct!(Tail<Service> { after, snapshot, entries });

impl Coded for Arc<Service> {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.last_digest().put(bytes);
        let state = self.application().snapshot();
        put_length(state.len(), bytes);
        bytes.extend_from_slice(&state);
    }

    fn take(bytes: &mut &[u8], rules: Rules) -> Result<Self, Malformed> {
        let digest = Coded::take(bytes, rules)?;
        let length = u32::take(bytes, rules)? as usize;
        let Some((state, rest)) = bytes.split_at_checked(length) else {
            let missing = length - bytes.len();
            return Err(Malformed::Short { missing });
        };
        *bytes = rest;
        let application = Application::restore_with_rules(state, rules);
        let application = application.map_err(|error| Malformed::Invalid {
            rule: error.to_string(),
        })?;
        Ok(Arc::new(Service::restored(application, digest)))
    }
}
