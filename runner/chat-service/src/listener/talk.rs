//! A connection until it ends.
//!
//! **Invariant.** While a client has as many requests without an answer as it may, has sent as fast as it may, or does not read
//! what it is told, it is not read.

use std::future::pending;
use std::io;
use std::time::Duration;

use chat::field::Malformed;
use chat::identity::RequestId;
use chat::limits::{FRAME_BYTES_BEFORE_LOGIN_MAX, FRAME_BYTES_MAX};
use chat::refusal::Refusal;
use chat::wire::frame::{Frame, FrameReader, FrameTooLong};
use chat::wire::request::{Request, ToServer};
use chat::wire::response::{Notice, Response, ToClient};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::bucket::Bucket;
use super::counters::login_after;
use super::settings::ListenerSettings;
use crate::hub::{Connection, Hub};
use crate::transport::Stream;

/// Bytes that are read at once before a log-in.
const READ_BYTES_BEFORE_LOGIN: usize = 4 << 10;
/// And after it.
const READ_BYTES: usize = 16 << 10;
/// Bytes of responses that leave in one write; a response more may begin before that.
const WRITE_BYTES: usize = 64 << 10;
/// How long a client that is refused may take to read that.
const FAREWELL: Duration = Duration::from_secs(1);
/// Bytes that it may still send meanwhile.
const FAREWELL_BYTES_MAX: u64 = 256 << 10;

/// Why a connection ends. The client's going is none of the server's business.
enum End {
    /// It is gone, or the server has hung up.
    Gone,
    /// A time is over.
    Late(Wait),
    /// It does not read.
    SlowReader,
    /// Nothing behind this frame can be trusted.
    TooLong(FrameTooLong),
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> End {
        End::Gone
    }
}

/// What a connection waits for.
#[derive(Clone, Copy)]
enum Wait {
    Hello,
    Login,
    Word,
}

/// Talks with a client until one of both ends it.
pub(super) async fn talk(connection: TcpStream, hub: Hub, settings: &ListenerSettings) {
    let counters = &settings.counters;
    let hello_until = Instant::now() + settings.limits.hello;
    let stream = match timeout_at(hello_until, settings.acceptor.accept(connection)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(_)) => return counters.without_tls.increase(),
        Err(_) => return counters.silent.increase(),
    };
    let mut input = Input {
        stream,
        frames: FrameReader::new(FRAME_BYTES_BEFORE_LOGIN_MAX),
        buffer: vec![0; READ_BYTES_BEFORE_LOGIN],
        settings,
    };
    // Whoever says nothing is nobody's client yet.
    let first = timeout_at(hello_until, input.first_frame()).await;
    let first = first.unwrap_or(Err(End::Late(Wait::Hello)));
    let end = match (first, hub.connect().await) {
        (_, None) | (Err(End::Gone), _) => return,
        (Err(End::TooLong(error)), Some(connection)) => {
            let mut talk = Talk::new(input, connection);
            return talk.refuse(&error).await;
        }
        (Err(end), _) => end,
        (Ok(frame), Some(connection)) => {
            let mut talk = Talk::new(input, connection);
            // The hub is needed no more: the server ends when nobody has it.
            drop(hub);
            match talk.run(frame).await {
                End::TooLong(error) => return talk.refuse(&error).await,
                end => {
                    if matches!(end, End::Gone) {
                        talk.hang_up().await;
                    }
                    end
                }
            }
        }
    };
    match end {
        End::Gone | End::TooLong(_) => {}
        End::Late(Wait::Hello) => counters.silent.increase(),
        End::Late(Wait::Login) => counters.without_login.increase(),
        End::Late(Wait::Word) => counters.idle.increase(),
        End::SlowReader => counters.slow_readers.increase(),
    }
}

/// What comes from a client.
struct Input<'a> {
    stream: Stream,
    frames: FrameReader,
    buffer: Vec<u8>,
    settings: &'a ListenerSettings,
}

impl Input<'_> {
    /// Reads what is there; it may be dropped while it waits.
    async fn read(&mut self) -> Result<(), End> {
        let count = self.stream.read(&mut self.buffer).await?;
        if count == 0 {
            return Err(End::Gone);
        }
        self.settings.counters.bytes_received.add(count as u64);
        self.frames.feed(&self.buffer[..count]);
        Ok(())
    }

    async fn first_frame(&mut self) -> Result<Frame, End> {
        loop {
            if let Some(frame) = self.frames.take().map_err(End::TooLong)? {
                return Ok(frame);
            }
            self.read().await?;
        }
    }
}

struct Talk<'a> {
    input: Input<'a>,
    connection: Connection,
    bucket: Bucket,
    /// When frames may be taken again, if they came too fast.
    held_until: Option<Instant>,
    unanswered: usize,
    is_logged_in: bool,
    /// When something must have happened: a log-in, or a word.
    until: Instant,
}

impl<'a> Talk<'a> {
    fn new(input: Input<'a>, connection: Connection) -> Talk<'a> {
        let (limits, now) = (&input.settings.limits, Instant::now());
        Talk {
            bucket: Bucket::new(limits.frames_per_second, limits.frames_burst, now),
            until: now + limits.login,
            input,
            connection,
            held_until: None,
            unanswered: 0,
            is_logged_in: false,
        }
    }

    async fn run(&mut self, first: Frame) -> End {
        match self.turns(first).await {
            Ok(never) => never,
            Err(end) => end,
        }
    }

    async fn turns(&mut self, first: Frame) -> Result<End, End> {
        // The first frame has its token too.
        let _ = self.bucket.take(Instant::now());
        self.say(&first);
        loop {
            let is_read = self.take_frames()?;
            tokio::select! {
                heard = self.connection.hear() => match heard {
                    Some(message) => self.tell(message).await?,
                    None => return Err(End::Gone),
                },
                read = self.input.read(), if is_read => {
                    read?;
                    if self.is_logged_in {
                        self.until = Instant::now() + self.input.settings.limits.idle;
                    }
                }
                () = at(self.held_until) => self.held_until = None,
                () = sleep_until(self.until) => return Err(End::Late(match self.is_logged_in {
                    true => Wait::Word,
                    false => Wait::Login,
                })),
            }
        }
    }

    /// Passes on the frames that are there, as far as the client may; whether it is to be read further.
    fn take_frames(&mut self) -> Result<bool, End> {
        let limits = &self.input.settings.limits;
        let unanswered_max = match self.is_logged_in {
            true => limits.unanswered_max,
            false => limits.unanswered_before_login_max,
        };
        while self.held_until.is_none() && self.unanswered < unanswered_max {
            // A token is for a frame that is there.
            let Some(frame) = self.input.frames.take().map_err(End::TooLong)? else {
                return Ok(true);
            };
            self.say(&frame);
            if let Err(until) = self.bucket.take(Instant::now()) {
                self.input.settings.counters.floods.increase();
                self.held_until = Some(until);
            }
        }
        Ok(false)
    }

    fn say(&mut self, frame: &Frame) {
        let counters = &self.input.settings.counters;
        self.unanswered += 1;
        match ToServer::decode(frame) {
            Ok(message) => {
                counters.requests.increase();
                // What a hello finds open ends without an answer.
                if matches!(message.request, Request::Hello { .. }) {
                    self.unanswered = 1;
                }
                self.connection.say(message);
            }
            Err((id, error)) => {
                counters.malformed.increase();
                self.connection.malformed(id, error);
            }
        }
    }

    /// Tells the client this and all else that waits, in one write.
    async fn tell(&mut self, first: ToClient) -> Result<(), End> {
        let mut output = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            self.note(&message);
            message.encode(&mut output);
            next = match output.len() < WRITE_BYTES {
                true => self.connection.hear_now(),
                false => None,
            };
        }
        self.write(&output).await
    }

    async fn write(&mut self, output: &[u8]) -> Result<(), End> {
        let stream = &mut self.input.stream;
        let write = async {
            stream.write_all(output).await?;
            stream.flush().await
        };
        let written = timeout(self.input.settings.limits.write, write).await;
        written.map_err(|_| End::SlowReader)??;
        let counters = &self.input.settings.counters;
        counters.bytes_sent.add(output.len() as u64);
        counters.writes.increase();
        Ok(())
    }

    /// What follows for this connection from what the client is told.
    fn note(&mut self, message: &ToClient) {
        self.input.settings.counters.told(message);
        if is_answer(message) {
            self.unanswered = self.unanswered.saturating_sub(1);
        }
        let Some(is_logged_in) = login_after(message) else {
            return;
        };
        let limits = &self.input.settings.limits;
        let (frame, read, within) = match is_logged_in {
            true => (FRAME_BYTES_MAX, READ_BYTES, limits.idle),
            false => (
                FRAME_BYTES_BEFORE_LOGIN_MAX,
                READ_BYTES_BEFORE_LOGIN,
                limits.login,
            ),
        };
        self.is_logged_in = is_logged_in;
        self.input.frames.allow(frame);
        self.input.buffer = vec![0; read];
        self.until = Instant::now() + within;
    }

    /// Says that a frame was too long, and ends the connection.
    async fn refuse(&mut self, error: &FrameTooLong) {
        self.input.settings.counters.oversized.increase();
        let rule = error.to_string();
        self.connection
            .malformed(RequestId(0), Malformed::Invalid { rule });
        let farewell = async {
            while let Some(message) = self.connection.hear().await {
                let is_last = message.id == RequestId(0)
                    && matches!(
                        message.response,
                        Response::Refused(Refusal::Malformed { .. })
                    );
                self.tell(message).await?;
                if is_last {
                    break;
                }
            }
            Ok::<_, End>(())
        };
        // Whoever does not listen does not learn it.
        let _ = timeout(FAREWELL, farewell).await;
        self.hang_up().await;
    }

    /// Ends the stream so that what was said last arrives: a connection that is closed with unread input is reset.
    async fn hang_up(&mut self) {
        let stream = &mut self.input.stream;
        let farewell = async {
            stream.shutdown().await?;
            let mut rest = stream.take(FAREWELL_BYTES_MAX);
            tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
        };
        // Whoever does not listen does not learn it.
        let _ = timeout(FAREWELL, farewell).await;
    }
}

/// Whether it answers a request; the server says some things of its own.
fn is_answer(message: &ToClient) -> bool {
    !matches!(
        message.response,
        Response::Noticed(Notice::Message { .. } | Notice::GoingAway { .. })
    )
}

async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}
