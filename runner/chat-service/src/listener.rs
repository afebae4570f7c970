//! Wire clients: frames on a stream, each connection a task.
//!
//! **Invariant.** What a client sends is bounded before it is kept.

use std::io;

use chat::answer::Answer;
use chat::limits::{FRAME_BYTES_BEFORE_LOGIN_MAX, FRAME_BYTES_MAX};
use chat::wire::frame::FrameReader;
use chat::wire::request::ToServer;
use chat::wire::response::{Response, ToClient};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::hub::{Connection, Hub};

/// Takes clients until it is dropped.
///
/// # Errors
///
/// When the socket fails.
pub async fn listen(listener: TcpListener, hub: Hub) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let hub = hub.clone();
        tokio::spawn(async move {
            if let Some(connection) = hub.connect().await {
                // A client that breaks the protocol, or goes, ends its own connection.
                let _ = talk(stream, connection).await;
            }
        });
    }
}

async fn talk(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    mut connection: Connection,
) -> io::Result<()> {
    let mut frames = FrameReader::new(FRAME_BYTES_BEFORE_LOGIN_MAX);
    let mut input = vec![0; 4096];
    let mut output = Vec::new();
    loop {
        tokio::select! {
            read = stream.read(&mut input) => {
                let count = read?;
                if count == 0 {
                    return Ok(());
                }
                frames.feed(&input[..count]);
                while let Some(frame) = frames.take().map_err(io::Error::other)? {
                    let message = ToServer::decode(&frame).map_err(|(_, error)| io::Error::other(error))?;
                    connection.say(message);
                }
            }
            heard = connection.hear() => {
                let Some(message) = heard else {
                    return stream.shutdown().await;
                };
                if is_login(&message) {
                    frames.allow(FRAME_BYTES_MAX);
                }
                output.clear();
                message.encode(&mut output);
                stream.write_all(&output).await?;
            }
        }
    }
}

fn is_login(message: &ToClient) -> bool {
    matches!(
        message.response,
        Response::Answered(Answer::LoggedIn { .. })
    )
}
