//! What a client does: it creates its account, logs in, sends, looks around, leaves and comes back.
//!
//! [`setup`] how much, and by whom · `plan` what, and when · `login` its account
//!
//! **Invariant.** What is asked for at a time is what the plan has for it, if the client is logged in or about to be.

mod login;
mod plan;
pub mod setup;

use chat::client::operation::{Operation, Settlement};
use chat::identity::Offset;
use chat::refusal::SessionEnd;
use machine::process::units::Time;

use crate::workload::login::Login;
use crate::workload::plan::{Deed, Plan, Planned, text_of};
use crate::workload::setup::{WorkloadSetup, absent_name, account_name, contested_name};

/// Accounts of a list, and messages of a history, that are asked for.
const PAGE: u32 = 20;

/// The work of one client, in one life.
#[derive(Debug)]
pub struct Workload {
    setup: WorkloadSetup,
    plan: Plan,
    /// The next thing in it.
    next: Option<Planned>,
    login: Login,
}

impl Workload {
    /// The work from this time on; what was to be done before is left out.
    pub(crate) fn begin(setup: WorkloadSetup, now: Time, has_session: bool) -> Workload {
        let mut plan = Plan::new(setup);
        let mut next = plan.next();
        let mut login = Login::new(setup.account(), setup.start, has_session);
        while let Some(past) = next.filter(|planned| planned.time < now) {
            if let Deed::LeaveUntil(time) = past.deed {
                login.stay_away(time);
            }
            next = plan.next();
        }
        Workload {
            setup,
            plan,
            next,
            login,
        }
    }

    /// Whether the load is over for this client, and it is logged in.
    pub fn is_done(&self) -> bool {
        self.next.is_none() && self.login.is_in()
    }

    /// When there is something to do.
    pub(crate) fn due(&self) -> Option<Time> {
        let planned = self.next.map(|planned| planned.time);
        planned.into_iter().chain(self.login.due()).min()
    }

    /// What is to be asked for now, and whether in haste.
    pub(crate) fn take(&mut self, now: Time) -> Vec<(Operation, bool)> {
        let login = self.login.take(now);
        let mut all: Vec<_> = login
            .map(|operation| (operation, false))
            .into_iter()
            .collect();
        let mut asked = Vec::new();
        while let Some(planned) = self.next.filter(|planned| planned.time <= now) {
            self.next = self.plan.next();
            self.ask(planned, &mut asked);
            let operations = asked.drain(..);
            all.extend(operations.map(|operation| (operation, planned.is_hasty)));
        }
        all
    }

    fn ask(&mut self, planned: Planned, asked: &mut Vec<Operation>) {
        let is_anonymous = matches!(planned.deed, Deed::Contest | Deed::Status);
        if !is_anonymous && !self.login.takes_operations() {
            return;
        }
        asked.push(match planned.deed {
            Deed::Send { to, count, text } => {
                return asked.extend((0..count).map(|part| Operation::Send {
                    to: account_name(to),
                    text: text_of(self.setup.client, planned.number, part, text),
                }));
            }
            Deed::SendAstray => Operation::Send {
                to: absent_name(),
                text: text_of(self.setup.client, planned.number, 0, plan::TextKind::Short),
            },
            Deed::Contest => Operation::Create {
                name: contested_name(),
                password: None,
            },
            Deed::List => Operation::List {
                pattern: "user-*".to_owned(),
                after: None,
                most: PAGE,
            },
            Deed::History => Operation::History {
                before: Offset(0),
                most: PAGE,
            },
            Deed::Who => Operation::Who {
                names: (0..self.setup.accounts().min(PAGE))
                    .map(account_name)
                    .collect(),
            },
            Deed::Status => Operation::Status,
            Deed::LeaveUntil(time) => {
                self.login.stay_away(time);
                Operation::LogOut
            }
            Deed::Delete => Operation::Delete,
        });
    }

    /// An operation has ended. Somebody is logged in now, or about to be, if `has_session`.
    pub(crate) fn settled(
        &mut self,
        now: Time,
        operation: &Operation,
        settlement: &Settlement,
        has_session: bool,
    ) {
        self.login.settled(now, operation, settlement, has_session);
    }

    /// The session has ended.
    pub(crate) fn session_ended(&mut self, now: Time, end: Option<SessionEnd>) {
        self.login.session_ended(now, end);
    }
}

#[cfg(test)]
mod tests {
    use chat::answer::Answer;
    use chat::refusal::Refusal;

    use super::login::RETRY_NS;
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    fn setup() -> WorkloadSetup {
        WorkloadSetup {
            seed: 7,
            trial: 0,
            client: 0,
            clients: 3,
            rate_per_s: 10.0,
            start: Time(0),
            end: Time(60 * SECOND_NS),
        }
    }

    fn asked(work: &mut Workload, now: Time) -> Vec<Operation> {
        let asked = work.take(now).into_iter();
        asked.map(|(operation, _)| operation).collect()
    }

    #[test]
    fn a_client_creates_its_account_then_logs_in_then_works() {
        let mut work = Workload::begin(setup(), Time(0), false);
        let first = asked(&mut work, Time(0));
        assert!(matches!(&first[..], [Operation::Create { name, .. }] if *name == account_name(0)));
        // What needs a log-in is left out until then.
        let now = Time(SECOND_NS);
        for operation in asked(&mut work, now) {
            let anonymous = matches!(operation, Operation::Create { .. } | Operation::Status);
            assert!(anonymous, "{operation:?}");
        }
        work.settled(
            now,
            &first[0],
            &Settlement::Refused(Refusal::NameTaken),
            false,
        );
        assert_eq!(work.due(), Some(now));
        let second = asked(&mut work, now);
        assert!(
            matches!(&second[..], [Operation::LogIn { .. }]),
            "{second:?}"
        );
        let work_asked = asked(&mut work, Time(2 * SECOND_NS));
        assert!(!work_asked.is_empty());
    }

    #[test]
    fn a_log_in_that_fails_is_tried_again_and_a_lost_account_is_created_anew() {
        let mut work = Workload::begin(setup(), Time(0), true);
        work.session_ended(Time(0), Some(SessionEnd::Evicted));
        let now = Time(RETRY_NS);
        assert!(
            !work
                .take(Time(0))
                .iter()
                .any(|(one, _)| matches!(one, Operation::LogIn { .. }))
        );
        let log_in = asked(&mut work, now).swap_remove(0);
        assert!(matches!(log_in, Operation::LogIn { .. }), "{log_in:?}");
        work.settled(now, &log_in, &Settlement::Refused(Refusal::LoggedIn), false);
        let now = now.after_ns(RETRY_NS);
        assert!(matches!(asked(&mut work, now)[0], Operation::LogIn { .. }));
        work.settled(
            now,
            &log_in,
            &Settlement::Refused(Refusal::NoAccount),
            false,
        );
        let now = now.after_ns(RETRY_NS);
        assert!(matches!(asked(&mut work, now)[0], Operation::Create { .. }));
    }

    #[test]
    fn a_client_that_begins_again_leaves_out_what_is_past_and_does_the_same_then() {
        let begin_ns = 30 * SECOND_NS;
        let mut whole = Workload::begin(setup(), Time(0), true);
        let mut late = Workload::begin(setup(), Time(begin_ns), true);
        let _ = whole.take(Time(begin_ns - 1));
        for step in 0..300 {
            let now = Time(begin_ns + step * SECOND_NS / 10);
            assert_eq!(whole.take(now), late.take(now), "{now:?}");
        }
        assert!(whole.is_done() && late.is_done());
    }

    #[test]
    fn a_client_that_leaves_stays_away_as_planned() {
        let mut work = Workload::begin(setup(), Time(0), true);
        let leaves = Plan::new(setup()).find_map(|planned| match planned.deed {
            Deed::LeaveUntil(until) => Some((planned.time, until)),
            _ => None,
        });
        let (leaves, returns) = leaves.expect("it leaves once a minute");
        assert_eq!(
            work.take(leaves).pop().map(|(one, _)| one),
            Some(Operation::LogOut)
        );
        let settlement = Settlement::Done(Answer::LoggedOut);
        work.settled(leaves, &Operation::LogOut, &settlement, false);
        work.session_ended(leaves, Some(SessionEnd::LoggedOut));
        assert_eq!(work.due(), Some(returns));
        let first = asked(&mut work, returns).swap_remove(0);
        assert!(matches!(first, Operation::LogIn { .. }));
    }
}
