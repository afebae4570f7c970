//! What asks a program to end: Ctrl-C, the signal that means the same, and the end of its input where it watches that.
//!
//! **Invariant.** Every one is heard, the second as well as the first.

use std::io::{self, Read};
use std::thread;

use tokio::sync::mpsc;

/// Requests to end, as they come.
#[derive(Debug)]
pub struct Requests {
    heard: mpsc::UnboundedReceiver<()>,
}

impl Requests {
    /// Listens for Ctrl-C and SIGTERM from now on. Needs a runtime.
    ///
    /// # Errors
    ///
    /// When the system does not tell this program of signals.
    pub fn listen() -> io::Result<Requests> {
        let (sender, heard) = mpsc::unbounded_channel();
        listen_for_signals(&sender)?;
        Ok(Requests { heard })
    }

    /// The same, and the end of standard input: whoever started this program and holds its input has gone.
    ///
    /// # Errors
    ///
    /// When the system has no thread left, or does not tell of signals.
    pub fn listen_with_input() -> io::Result<Requests> {
        let (sender, heard) = mpsc::unbounded_channel();
        listen_for_signals(&sender)?;
        thread::Builder::new()
            .name("input".to_owned())
            .spawn(move || {
                let mut input = io::stdin().lock();
                let mut ignored = [0; 64];
                while input.read(&mut ignored).is_ok_and(|count| count > 0) {}
                // Nobody listens any more: the program has ended.
                let _ = sender.send(());
            })?;
        Ok(Requests { heard })
    }

    /// The next one.
    pub async fn next(&mut self) {
        if self.heard.recv().await.is_none() {
            std::future::pending().await
        }
    }
}

#[cfg(unix)]
fn listen_for_signals(sender: &mpsc::UnboundedSender<()>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let mut signals = signal(kind)?;
        let sender = sender.clone();
        tokio::spawn(
            async move { while signals.recv().await.is_some() && sender.send(()).is_ok() {} },
        );
    }
    Ok(())
}

#[cfg(not(unix))]
fn listen_for_signals(sender: &mpsc::UnboundedSender<()>) -> io::Result<()> {
    let sender = sender.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() && sender.send(()).is_ok() {}
    });
    Ok(())
}
