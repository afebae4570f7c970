//! The wire protocol between clients and servers.
//!
//! A frame is `u32 length | u8 op | body`: the length is that of the body, at most [`FRAME_BYTES_BEFORE_LOGIN_MAX`] before
//! a log-in and [`FRAME_BYTES_MAX`] after it. All numbers are unsigned and big-endian. Text is UTF-8 with its length (4)
//! before it; a list has the number of its elements (4) before it; what may be absent has a byte 0 or 1 before it.
//!
//! Each body begins with the number of the request (4; 0 where nothing was asked) and a view (8): the highest that the client
//! has seen, or the one in which the server serves. Then:
//!
//! | op | request | fields | reply (op + 128) |
//! |---|---|---|---|
//! | 0 | list | pattern, name to go on after (optional), most (4) | accounts: name, uuid (16), logged in (1); more (1) |
//! | 1 | create | name, password (optional), nonce (16) | uuid (16) |
//! | 2 | log in | 1, name, password (optional), nonce (16); or 2, token (32) | account (16), session (16), next sequence (8), acknowledged (8), end (8), token (optional) |
//! | 3 | log out | | |
//! | 4 | delete | sequence (8) | messages dropped (8) |
//! | 5 | send | sequence (8), confirmed through (8), name, text | sequence (8), repeated (1), placement (optional): account (16), offset (8), at once 0 or queued 1 |
//! | 6 | deliver | after (8) | end (8), first (8) |
//! | 7 | acknowledge | through (8) | through (8) |
//! | 8 | history | before (8), most (4) | messages; more (1) |
//! | 9 | who | names | for each: 0 no account, 1 offline, 2 unknown, 3 online |
//! | 10 | status | | server (4), serving (1), primary (4, optional), connections (4), operations (8), members, live (1), end (8), committed (8), for each member: server (4), stored through (8); accounts (8), sessions (8), queued messages (8), most of one mailbox (8); for each figure: name, value (8) |
//! | 16 | hello | versions: lowest (2), highest (2) | 17 welcome: version (2), server (4), serving (1), primary (4, optional), bytes of a text (4), operations under way (4) |
//! | 20 | ping | | |
//!
//! The server says of its own: 70 (6 + 64) a message: offset (8), session (16), sequence (8), account (16), name, time in
//! milliseconds since 1970 (8), text; 19 going away: time within which clients spread their return, in milliseconds (4).
//! Any request may be answered by 18, a refusal: code (1), fields of the code, definite (1), retry after milliseconds (4),
//! and a sentence for people.
//!
//! A partial frame is an ordinary value: the reader waits for the rest. A frame that is too long ends the connection, for
//! nothing behind it can be trusted; a body that is not what its op code says is refused, and the next frame counts.
//!
//! [`frame`] frames in a stream of bytes · [`request`] what clients say · [`response`] what servers say · [`status`] how a
//! server is
//!
//! [`FRAME_BYTES_BEFORE_LOGIN_MAX`]: crate::limits::FRAME_BYTES_BEFORE_LOGIN_MAX
//! [`FRAME_BYTES_MAX`]: crate::limits::FRAME_BYTES_MAX

pub mod frame;
pub mod request;
pub mod response;
pub mod status;
