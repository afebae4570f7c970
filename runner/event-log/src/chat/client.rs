//! The row of a client: one step of one operation.
//!
//! **Invariant.** A row says what the client knew at that time, and nothing that it could not.

use super::words::{cell, optional_word, word, words};
use crate::record::{Fields, Row, RowError};

words! {
    /// A step of a client.
    ClientStep: "a step of a client, such as invoke, ok or deliver", {
        /// A life of the client begins.
        Begin = "begin",
        /// The client is asked to do something.
        Invoke = "invoke",
        /// It says so to a server, for the first time or again.
        Attempt = "attempt",
        /// It is done.
        Ok = "ok",
        /// It is not done and never will be.
        Fail = "fail",
        /// Nobody knows whether it was done. If the answer comes after all, an `ok` or `fail` follows.
        Unknown = "unknown",
        /// A message became visible to the client's person.
        Deliver = "deliver",
        /// The client says that it has the messages up to this offset.
        Acknowledge = "acknowledge",
        /// A server speaks with the client.
        Connected = "connected",
        /// The connection is gone.
        Lost = "lost",
        /// A server does not serve, and names another or none.
        Redirect = "redirect",
        /// The service has fewer messages than the client has seen: it lost some.
        Rewound = "rewound",
        /// Messages are gone for this device: another one acknowledged them, and they are beyond the retention.
        Skipped = "skipped",
        /// The session has ended.
        SessionEnd = "session_end",
        /// A life of the client ends.
        End = "end",
    }
}

words! {
    /// What a client is asked to do.
    OperationKind: "an operation, such as send or login", {
        /// List accounts.
        List = "list",
        /// Create an account.
        Create = "create",
        /// Log in.
        LogIn = "login",
        /// Log out.
        LogOut = "logout",
        /// Delete the account.
        Delete = "delete",
        /// Send a message.
        Send = "send",
        /// Take messages from now on.
        Deliver = "deliver",
        /// Acknowledge messages.
        Acknowledge = "acknowledge",
        /// Show earlier messages.
        History = "history",
        /// Who is there.
        Who = "who",
        /// How the server is.
        Status = "status",
    }
}

/// One step of a client, without its system time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientRow {
    /// How often the client has begun, from 1.
    pub life: u32,
    /// What happened.
    pub step: ClientStep,
    /// Which operation of the client.
    pub number: Option<u64>,
    /// What kind of operation.
    pub operation: Option<OperationKind>,
    /// Ordinal of the client's session.
    pub session: Option<u64>,
    /// Place of the operation in the session, from 1.
    pub sequence: Option<u64>,
    /// The server.
    pub server: Option<u32>,
    /// The view of the answer; see [`super::view_number`].
    pub view: Option<u64>,
    /// Ordinal of the account whose mailbox it is.
    pub mailbox: Option<u64>,
    /// Place in the mailbox, from 1.
    pub offset: Option<u64>,
    /// Ordinal of the account that sent the message.
    pub author: Option<u64>,
    /// Ordinal of the session that sent it.
    pub author_session: Option<u64>,
    /// Its place in that session.
    pub author_sequence: Option<u64>,
    /// Length of the text, bytes of UTF-8.
    pub bytes: Option<u64>,
    /// A hash of the text.
    pub text: Option<u64>,
}

impl ClientRow {
    /// A step that says nothing else.
    pub fn new(life: u32, step: ClientStep) -> ClientRow {
        ClientRow {
            life,
            step,
            number: None,
            operation: None,
            session: None,
            sequence: None,
            server: None,
            view: None,
            mailbox: None,
            offset: None,
            author: None,
            author_session: None,
            author_sequence: None,
            bytes: None,
            text: None,
        }
    }
}

impl Row for ClientRow {
    const HEADER: &'static str = "time_ns,life,event,number,operation,session,sequence,server,view,mailbox,offset,author,author_session,author_sequence,bytes,text";

    fn encode(&self, time_ns: u64, line: &mut Vec<u8>) {
        line.extend_from_slice(time_ns.to_string().as_bytes());
        cell(line, Some(self.life));
        cell(line, Some(self.step));
        cell(line, self.number);
        cell(line, self.operation);
        cell(line, self.session);
        cell(line, self.sequence);
        cell(line, self.server);
        cell(line, self.view);
        cell(line, self.mailbox);
        cell(line, self.offset);
        cell(line, self.author);
        cell(line, self.author_session);
        cell(line, self.author_sequence);
        cell(line, self.bytes);
        cell(line, self.text);
    }

    fn decode(line: &str) -> Result<(u64, ClientRow), RowError> {
        let mut fields = Fields::new(line);
        let time_ns = fields.number("time_ns")?;
        let row = ClientRow {
            life: fields.number("life")?,
            step: word(&mut fields, "event")?,
            number: fields.optional("number")?,
            operation: optional_word(&mut fields, "operation")?,
            session: fields.optional("session")?,
            sequence: fields.optional("sequence")?,
            server: fields.optional("server")?,
            view: fields.optional("view")?,
            mailbox: fields.optional("mailbox")?,
            offset: fields.optional("offset")?,
            author: fields.optional("author")?,
            author_session: fields.optional("author_session")?,
            author_sequence: fields.optional("author_sequence")?,
            bytes: fields.optional("bytes")?,
            text: fields.optional("text")?,
        };
        fields.end_after_empty(&[])?;
        Ok((time_ns, row))
    }
}

#[cfg(test)]
mod tests {
    use proptest::option::of;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::Record;

    prop_compose! {
        fn any_row()(
            life: u32, step in select(ClientStep::ALL), operation in of(select(OperationKind::ALL)), server: Option<u32>,
            [number, session, sequence, view, mailbox, offset]: [Option<u64>; 6],
            [author, author_session, author_sequence, bytes, text]: [Option<u64>; 5],
        ) -> ClientRow {
            ClientRow {
                life, step, number, operation, session, sequence, server, view, mailbox, offset, author, author_session,
                author_sequence, bytes, text,
            }
        }
    }

    proptest! {
        #[test]
        fn a_row_written_equals_the_row_read(row in any_row(), time_ns: u64) {
            let mut line = Vec::new();
            Record { time_ns, event: row }.encode_line(&mut line);
            let text = String::from_utf8(line).expect("rows are ASCII");
            prop_assert_eq!(text.matches(',').count(), ClientRow::HEADER.matches(',').count());
            prop_assert_eq!(Record::decode_line(&text), Ok(Record { time_ns, event: row }));
        }

        #[test]
        fn no_line_panics(line in "[0-9a-z_,-]{0,80}") {
            let _ = ClientRow::decode(&line);
        }
    }

    #[test]
    fn an_error_names_column_expected_and_found() {
        let refused = |line: &str| ClientRow::decode(line).expect_err(line).to_string();
        assert_eq!(
            refused("5,1,sent,,,,,,,,,,,,,"),
            "column `event`: expected a step of a client, such as invoke, ok or deliver, found `sent`"
        );
        assert_eq!(
            refused("5,1,ok,-1,,,,,,,,,,,,"),
            "column `number`: expected a whole number or nothing, found `-1`"
        );
        assert!(refused("5,1,ok,1,send").contains("`session`"));
        assert!(refused("5,1,ok,1,send,,,,,,,,,,,,9").contains("end of the line"));
    }
}
