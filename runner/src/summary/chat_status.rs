//! How the servers of a cluster are, as a table: a column for each server.
//!
//! **Invariant.** What a server did not say is a dash.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chat_service::status::{self, Answer, Asked};

use super::new_table;

/// A value of a server that answers, given the primary.
type Value = fn(&Answer, Option<&Answer>) -> Option<String>;

/// What is shown of each.
const ROWS: &[(&str, Value)] = &[
    ("role", |answer, _| Some(answer.role().word().to_owned())),
    ("view", |answer, _| Some(answer.view.0.to_string())),
    ("members", |answer, _| {
        let members = answer.status.replica.members.iter();
        let members: Vec<String> = members.map(|id| id.0.to_string()).collect();
        Some(members.join(" "))
    }),
    ("committed", |answer, _| {
        Some(answer.status.replica.committed.to_string())
    }),
    ("lag", |answer, primary| {
        let lag = primary?.lag_of(answer.status.standing.server)?;
        Some(lag.to_string())
    }),
    ("connections", |answer, _| {
        Some(answer.status.connections.to_string())
    }),
    ("operations waiting", |answer, _| {
        Some(answer.status.pending.to_string())
    }),
    ("accounts", |answer, _| {
        Some(answer.status.totals.accounts.to_string())
    }),
    ("sessions", |answer, _| {
        Some(answer.status.totals.sessions.to_string())
    }),
    ("queued messages", |answer, _| {
        Some(answer.status.totals.queued_messages.to_string())
    }),
    ("most in a mailbox", |answer, _| {
        Some(answer.status.totals.queued_messages_most.to_string())
    }),
    ("last flush took", |answer, _| {
        let us = answer.figure("last_flush_us")?;
        Some(format!("{:.1} ms", us as f64 / 1000.0))
    }),
    ("and was", |answer, _| {
        let us = answer.figure("last_flush_age_us")?;
        Some(format!("{:.1} s ago", us as f64 / 1e6))
    }),
];

/// Counters of what should not happen have one of these words in their names.
const TROUBLES: &[&str] = &[
    "refused",
    "malformed",
    "slow",
    "flood",
    "stalls",
    "discarded",
    "suspicions",
    "dropped",
    "insecure",
];

/// A table of all servers, and a line for each that did not answer.
pub(crate) fn text(servers: &[Asked]) -> String {
    let primary = status::primary(servers);
    let mut table = new_table();
    let labels = servers.iter().map(|asked| match &asked.name {
        Some(name) => name.clone(),
        None => asked.address.to_string(),
    });
    table.set_header([String::new()].into_iter().chain(labels));
    let answers: Vec<Option<&Answer>> = servers
        .iter()
        .map(|asked| asked.answer.as_ref().ok())
        .collect();
    let mut add = |name: &str, value: &dyn Fn(&Answer) -> Option<String>| {
        let values = answers.iter().map(|answer| match answer {
            None if name == ROWS[0].0 => "no answer".to_owned(),
            answer => answer.and_then(value).unwrap_or_else(|| "–".to_owned()),
        });
        table.add_row([name.to_owned()].into_iter().chain(values));
    };
    for (name, value) in ROWS {
        add(name, &|answer| value(answer, primary));
    }
    for trouble in troubles(&answers) {
        let name = trouble.trim_end_matches("_total").replace('_', " ");
        add(&name, &|answer| Some(answer.figure(trouble)?.to_string()));
    }
    let mut text = format!("{table}\n");
    for asked in servers {
        if let Err(error) = &asked.answer {
            let name = asked
                .name
                .clone()
                .unwrap_or_else(|| asked.address.to_string());
            // Nothing that is written to a String fails.
            let _ = writeln!(text, "{name} does not answer: {error:#}");
        }
    }
    match (answers.iter().flatten().count(), primary) {
        (0, _) => text.push_str("Nobody answers: are these servers started?\n"),
        (_, None) => text.push_str("Nobody serves. What was acknowledged is kept; the servers' logs say whom they wait for\n"),
        (_, Some(_)) => {}
    }
    text
}

/// Names of counters that tell of trouble on some server.
fn troubles<'a>(answers: &[Option<&'a Answer>]) -> BTreeSet<&'a str> {
    let figures = answers
        .iter()
        .flatten()
        .flat_map(|answer| &answer.status.figures);
    let of_trouble = figures
        .filter(|(name, value)| *value > 0 && TROUBLES.iter().any(|word| name.contains(word)));
    of_trouble.map(|(name, _)| name.as_str()).collect()
}
