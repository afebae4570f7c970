//! The row of a server: one thing that it did.
//!
//! **Invariant.** As for clients: a row says what the server knew at that time.

use super::words::{cell, word, words};
use crate::record::{Fields, Row, RowError};

words! {
    /// What a server did. Where a column is said to hold something, others that have no meaning for the step are empty.
    ServerStep: "a step of a server, such as begin, active or commit", {
        /// A life begins; `count` is the life's number on its disk, which grows with each stall too.
        Begin = "begin",
        /// The disk is empty, and the server was not asked to recover: it does nothing.
        EmptyDisk = "empty_disk",
        /// The disk was empty, and all others have said what they promised; `view` is the highest promise.
        Recovered = "recovered",
        /// The server did not run for longer than the stall limit, for `took_ns`: it begins anew.
        Stall = "stall",
        /// It was asked to end, and has taken its leave of the others: this life does nothing more.
        Leave = "leave",
        /// `peer` is silent for too long, back in a new life, or has taken its leave.
        Suspect = "suspect",
        /// It proposes `view`.
        Campaign = "campaign",
        /// It has too few answers for `view`: `peer` must come first, a row for each.
        Wait = "wait",
        /// It has promised `view`.
        Promise = "promise",
        /// It has decided who is in `view`, `count` members, and that its log ends at `op`.
        Install = "install",
        /// All members have entered `view`: the server serves, and its log is committed up to `op`.
        Active = "active",
        /// It serves no more; `view` is the one that it has heard of.
        StepDown = "step_down",
        /// It has fetched the log up to `op`, without being a member.
        Stage = "stage",
        /// It is left out of `view`, and begins anew.
        Exclude = "exclude",
        /// Two groups have gone their own ways, and it gives way to the one of `view`.
        Diverge = "diverge",
        /// `count` commands that it knew to be committed are lost, the last of them at `op`.
        Discard = "discard",
        /// It gives up `count` commands, the last of them at `op`, that it held as a member of `view`, and of which it does not know
        /// whether they were committed; `peer` is a member too, a row for each. What all members have given up is lost: it was
        /// committed if all of them held it.
        Abandon = "abandon",
        /// A command is in its log at `op`. Detail.
        Append = "append",
        /// Its disk has taken what it was given, `count` changes, in `took_ns`.
        Flush = "flush",
        /// It has asked `peer` to store the log up to `op`. Detail.
        Prepare = "prepare",
        /// It has stored the log up to `op`, and says so to `peer`. Detail.
        PrepareOk = "prepare_ok",
        /// The log is committed up to `op`.
        Commit = "commit",
        /// It answers `peer`. Detail.
        Reply = "reply",
        /// It sends `peer` the message at offset `count` of its mailbox. Detail.
        Push = "push",
        /// After `op` the state of the service has the hash `count`.
        Digest = "digest",
        /// A snapshot has taken the place of the log up to `op`.
        Snapshot = "snapshot",
        /// A life ends; `count` changes on their way to the disk are lost.
        End = "end",
    }
}

/// One step of a server, without its system time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerRow {
    /// How often the server has begun, from 1.
    pub life: u32,
    /// What it did.
    pub step: ServerStep,
    /// The view; see [`super::view_number`].
    pub view: Option<u64>,
    /// A place in the replicated log, from 1.
    pub op: Option<u64>,
    /// Another process, by its number.
    pub peer: Option<u32>,
    /// How many, or which.
    pub count: Option<u64>,
    /// How long, nanoseconds.
    pub took_ns: Option<u64>,
}

impl ServerRow {
    /// A step that says nothing else.
    pub fn new(life: u32, step: ServerStep) -> ServerRow {
        ServerRow {
            life,
            step,
            view: None,
            op: None,
            peer: None,
            count: None,
            took_ns: None,
        }
    }
}

impl Row for ServerRow {
    const HEADER: &'static str = "time_ns,life,event,view,op,peer,count,took_ns";

    fn encode(&self, time_ns: u64, line: &mut Vec<u8>) {
        line.extend_from_slice(time_ns.to_string().as_bytes());
        cell(line, Some(self.life));
        cell(line, Some(self.step));
        cell(line, self.view);
        cell(line, self.op);
        cell(line, self.peer);
        cell(line, self.count);
        cell(line, self.took_ns);
    }

    fn decode(line: &str) -> Result<(u64, ServerRow), RowError> {
        let mut fields = Fields::new(line);
        let time_ns = fields.number("time_ns")?;
        let row = ServerRow {
            life: fields.number("life")?,
            step: word(&mut fields, "event")?,
            view: fields.optional("view")?,
            op: fields.optional("op")?,
            peer: fields.optional("peer")?,
            count: fields.optional("count")?,
            took_ns: fields.optional("took_ns")?,
        };
        fields.end_after_empty(&[])?;
        Ok((time_ns, row))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::Record;

    proptest! {
        #[test]
        fn a_row_written_equals_the_row_read(
            life: u32, step in select(ServerStep::ALL), peer: Option<u32>,
            [view, op, count, took_ns]: [Option<u64>; 4], time_ns: u64,
        ) {
            let row = ServerRow { life, step, view, op, peer, count, took_ns };
            let mut line = Vec::new();
            Record { time_ns, event: row }.encode_line(&mut line);
            let text = String::from_utf8(line).expect("rows are ASCII");
            prop_assert_eq!(text.matches(',').count(), ServerRow::HEADER.matches(',').count());
            prop_assert_eq!(Record::decode_line(&text), Ok(Record { time_ns, event: row }));
        }

        #[test]
        fn no_line_panics(line in "[0-9a-z_,-]{0,60}") {
            let _ = ServerRow::decode(&line);
        }
    }

    #[test]
    fn a_word_that_is_no_step_is_refused() {
        let error = ServerRow::decode("5,1,elected,,,,,").expect_err("no such step");
        assert_eq!(
            error.to_string(),
            "column `event`: expected a step of a server, such as begin, active or commit, found `elected`"
        );
    }
}
