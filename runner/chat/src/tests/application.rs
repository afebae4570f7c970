//! The application does what the plain model does, whatever comes, and whenever it is restarted from a snapshot.

mod action;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

pub(crate) use self::action::cases;
use self::action::{Action, command, nearby};
use super::cases_at_least;
use super::model::Model;
use crate::application::Application;
use crate::application::command::Entry;
use crate::identity::{Offset, TimeMs};
use crate::limits::Settings;
use crate::rule::Rules;

/// Says where application and model part, if they do.
pub(crate) fn compare(
    settings: &Settings,
    actions: &[Action],
    rules: Rules,
) -> Result<(), TestCaseError> {
    let mut application = Application::with_rules(settings.clone(), rules);
    let mut model = Model::new(settings.clone());
    let (mut time, mut tokens) = (TimeMs(1000), 0);
    for action in actions {
        if let Action::Time { change_ms } = action {
            time = TimeMs(nearby(time.0, *change_ms));
        }
        if let Action::Restart = action {
            let restored = Application::restore_with_rules(&application.snapshot(), rules);
            let restored = restored.map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(&restored, &application);
            application = restored;
        }
        if let Some(command) = command(action, &model, &mut tokens) {
            let entry = Entry { time, command };
            let decoded = Entry::decode(&entry.encode());
            prop_assert_eq!(decoded.as_ref(), Ok(&entry));
            let got = application.apply(&entry);
            let expected = model.apply(&entry, &got);
            prop_assert_eq!(&got, &expected, "{:?}", entry);
        }
        for (account, messages) in model.mailboxes() {
            let found = application.messages_after(account, Offset(0));
            prop_assert!(found.eq(messages.iter()), "mailbox of {:?}", account);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases_at_least(600))]

    #[test]
    fn the_application_does_what_the_model_does((settings, actions) in cases()) {
        compare(&settings, &actions, Rules::default())?;
    }

    #[test]
    fn a_damaged_snapshot_is_an_error_or_another_state(
        (settings, actions) in cases(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut application = Application::new(settings.clone());
        let (model, mut tokens) = (Model::new(settings), 0);
        for action in &actions {
            if let Some(command) = command(action, &model, &mut tokens) {
                let _ = application.apply(&Entry { time: TimeMs(1000), command });
            }
        }
        let whole = application.snapshot();
        let at = at.index(whole.len());
        prop_assert!(Application::restore(&whole[..at]).is_err(), "a snapshot without its end");
        let mut damaged = whole;
        damaged[at] = byte;
        if let Ok(restored) = Application::restore(&damaged) {
            prop_assert_eq!(Application::restore(&restored.snapshot()), Ok(restored));
        }
    }
}

#[test]
fn bytes_that_are_no_snapshot_are_named() {
    let error = Application::restore(b"PK\x03\x04").expect_err("no snapshot");
    assert!(error.to_string().starts_with("no snapshot of this version"));
}
