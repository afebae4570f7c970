//! All words for kinds of messages and events, for faults that wait for one.
//!
//! **Invariant.** Every kind that a message or an event has is here, once.

/// Kinds of messages, as in `send:KIND`, and of events, as in `record:KIND`. Some words are both.
pub const KINDS: &[&str] = &[
    // What servers say to servers.
    "heartbeat",
    "farewell",
    "prepare-view",
    "gathering",
    "promise",
    "refuse",
    "install",
    "installed",
    "lack",
    "prepare",
    "prepare-ok",
    "fetch",
    "supply",
    "recover",
    "recall",
    // What clients say, and what it is called at their ends.
    "list",
    "create",
    "log-in",
    "log-out",
    "delete",
    "send",
    "deliver",
    "acknowledge",
    "history",
    "who",
    "status",
    "hello",
    "ping",
    // What servers say to clients.
    "list-reply",
    "create-reply",
    "log-in-reply",
    "log-out-reply",
    "delete-reply",
    "send-reply",
    "deliver-reply",
    "acknowledge-reply",
    "history-reply",
    "who-reply",
    "status-reply",
    "hello-reply",
    "ping-reply",
    "refusal",
    "message",
    "going-away",
    // What logs of servers say.
    "begin",
    "empty-disk",
    "leave",
    "stall",
    "suspect",
    "campaign",
    "wait",
    "decide",
    "serve",
    "step-down",
    "commit",
    "stage",
    "snapshot",
    "exclude",
    "diverge",
    "discard",
    "abandon",
    "digest",
    "reply",
    "push",
    // What logs of clients say.
    "invoke",
    "attempt",
    "ok",
    "fail",
    "unknown",
    "session-end",
    "skip",
    "rewind",
    "connected",
    "redirect",
    "turned-away",
    "lost",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_word_is_there_twice() {
        let all: BTreeSet<&str> = KINDS.iter().copied().collect();
        assert_eq!(all.len(), KINDS.len());
    }

    #[test]
    fn every_word_of_the_sources_is_there_and_no_other() {
        let sources = [
            include_str!("message.rs"),
            include_str!("server/event.rs"),
            include_str!("client/event.rs"),
            include_str!("../../replica/src/message.rs"),
        ];
        let lines = sources.iter().flat_map(|source| source.lines());
        let words = lines.filter_map(|line| {
            let (_, word) = line.split_once("=> \"")?;
            Some(word.split_once('"')?.0)
        });
        let mut words: BTreeSet<&str> = words.collect();
        // Of the messages of a replica's own server, which is none here, and of an answer that is on no wire.
        for word in ["request", "answer", "redirect", "expire-reply"] {
            assert!(words.remove(word), "{word} is gone: mend this test");
        }
        words.insert("redirect");
        let known: BTreeSet<&str> = KINDS.iter().copied().collect();
        assert_eq!(known, words);
    }
}
