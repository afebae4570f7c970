//! One connection: a task that carries frames.
//!
//! **Invariant.** What was said before a hang-up is written, if the server takes it. Nothing is heard after it.

use std::future::Future;
use std::time::Duration;

use chat::limits::FRAME_BYTES_MAX;
use chat::wire::frame::FrameReader;
use chat::wire::request::ToServer;
use chat::wire::response::ToClient;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::problem::{Problem, stranger};

/// Responses that wait for the core.
const HEARD_WAITING_MAX: usize = 64;
/// How long what was said before a hang-up may take to be written.
const FAREWELL: Duration = Duration::from_secs(5);
/// Bytes that tell what a listener is.
const FIRST_BYTES: usize = 5;

/// What happens on a connection.
#[derive(Debug)]
pub(super) enum LinkEvent {
    /// It is there.
    Up,
    /// The server says something.
    Heard(ToClient),
    /// It has ended, or could not be made.
    Down(Problem),
}

/// A connection. Dropped, it is hung up.
#[derive(Debug)]
pub(super) struct Link {
    output: mpsc::UnboundedSender<ToServer>,
    pub(super) events: mpsc::Receiver<LinkEvent>,
}

impl Link {
    /// Begins to connect.
    pub(super) fn start<S>(
        connect: impl Future<Output = Result<S, Problem>> + Send + 'static,
    ) -> Link
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (output, waiting) = mpsc::unbounded_channel();
        let (sender, events) = mpsc::channel(HEARD_WAITING_MAX);
        tokio::spawn(async move {
            let stream = tokio::select! {
                stream = connect => stream,
                () = sender.closed() => return,
            };
            let problem = match stream {
                Ok(stream) => talk(stream, waiting, &sender).await,
                Err(problem) => Some(problem),
            };
            if let Some(problem) = problem {
                // Whoever has hung up does not want to know.
                let _ = sender.send(LinkEvent::Down(problem)).await;
            }
        });
        Link { output, events }
    }

    /// Says something. What is said on a connection that has ended is lost, as it would be on the way.
    pub(super) fn say(&self, message: ToServer) {
        let _ = self.output.send(message);
    }
}

/// Carries frames until one end hangs up; why, if it was not this one.
async fn talk(
    stream: impl AsyncRead + AsyncWrite,
    waiting: mpsc::UnboundedReceiver<ToServer>,
    events: &mpsc::Sender<LinkEvent>,
) -> Option<Problem> {
    let (input, output) = tokio::io::split(stream);
    let _ = events.send(LinkEvent::Up).await;
    let reading = read(input, events);
    tokio::pin!(reading);
    tokio::select! {
        written = write(output, waiting) => match written {
            Ok(()) => None,
            // What the server said before it ended the connection still counts.
            Err(_) => reading.await,
        },
        problem = &mut reading => problem,
    }
}

async fn write(
    mut output: impl AsyncWrite + Unpin,
    mut waiting: mpsc::UnboundedReceiver<ToServer>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    while let Some(message) = waiting.recv().await {
        message.encode(&mut bytes);
        // All that waits leaves in one write.
        while bytes.len() < FRAME_BYTES_MAX
            && let Ok(message) = waiting.try_recv()
        {
            message.encode(&mut bytes);
        }
        output.write_all(&bytes).await?;
        output.flush().await?;
        bytes.clear();
    }
    output.shutdown().await
}

async fn read(
    mut input: impl AsyncRead + Unpin,
    events: &mpsc::Sender<LinkEvent>,
) -> Option<Problem> {
    let mut frames = FrameReader::new(FRAME_BYTES_MAX);
    let mut bytes = vec![0; 8192];
    let mut first = Vec::new();
    loop {
        let count = match input.read(&mut bytes).await {
            Ok(0) => return Some(stranger(&first).map_or(Problem::Ended, Problem::Stranger)),
            Ok(count) => count,
            Err(error) => return Some(Problem::Broken(error)),
        };
        let missing = FIRST_BYTES.saturating_sub(first.len()).min(count);
        first.extend_from_slice(&bytes[..missing]);
        frames.feed(&bytes[..count]);
        loop {
            let heard = match frames.take() {
                Ok(None) => break,
                Ok(Some(frame)) => ToClient::decode(&frame).map_err(Problem::Malformed),
                Err(error) => {
                    Err(stranger(&first).map_or(Problem::Frame(error), Problem::Stranger))
                }
            };
            let message = match heard {
                Ok(message) => message,
                Err(problem) => return Some(problem),
            };
            if events.send(LinkEvent::Heard(message)).await.is_err() {
                sleep(FAREWELL).await;
                return None;
            }
        }
    }
}
