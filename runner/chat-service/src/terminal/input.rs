//! What comes from whoever uses a client: lines, from an editor or a pipe.
//!
//! **Invariant.** The end of the input is told once, and is the last thing told.

use std::io::{self, BufRead, Read};
use std::thread;

use tokio::sync::mpsc;

/// Bytes of the longest line of a pipe: no text may be longer, and a pipe may have no ends of lines at all.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// What comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    /// A line, without its end.
    Line(String),
    /// A line that is no text, or too long; why.
    Unusable(String),
    /// Ctrl-C.
    Interrupt,
    /// There is no more.
    End,
}

/// Reads lines of standard input, in a thread of its own.
///
/// # Errors
///
/// When the system has no thread left.
pub(super) fn read_lines() -> io::Result<mpsc::Receiver<Input>> {
    // Whoever writes faster than commands are carried out waits.
    let (sender, receiver) = mpsc::channel(1);
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || {
            let mut input = io::stdin().lock();
            loop {
                let next = next_line(&mut input);
                let is_over = next == Input::End;
                if sender.blocking_send(next).is_err() || is_over {
                    return;
                }
            }
        })?;
    Ok(receiver)
}

fn next_line(input: &mut impl BufRead) -> Input {
    let mut line = Vec::new();
    match input.take(LINE_BYTES_MAX).read_until(b'\n', &mut line) {
        Ok(0) => return Input::End,
        Ok(_) => {}
        Err(error) => return Input::Unusable(format!("standard input: {error}")),
    }
    if line.len() as u64 == LINE_BYTES_MAX && line.last() != Some(&b'\n') {
        let _ = input.skip_until(b'\n');
        return Input::Unusable(format!(
            "a line of more than {LINE_BYTES_MAX} bytes: no text may be that long"
        ));
    }
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match str::from_utf8(line) {
        Ok(line) => Input::Line(line.to_owned()),
        Err(error) => Input::Unusable(format!(
            "a line is not UTF-8 from its byte {} on: nothing of it is sent",
            error.valid_up_to() + 1
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_pipe_are_bounded_and_text() {
        let long = "x".repeat(LINE_BYTES_MAX as usize + 5);
        let mut bytes = b"one\r\ntwo\n".to_vec();
        bytes.extend_from_slice(long.as_bytes());
        bytes.extend_from_slice(b"\nb\xff\n\nlast");
        let mut input = &bytes[..];
        let line = |text: &str| Input::Line(text.to_owned());
        assert_eq!(next_line(&mut input), line("one"));
        assert_eq!(next_line(&mut input), line("two"));
        assert!(matches!(next_line(&mut input), Input::Unusable(why) if why.contains("65536")));
        assert!(matches!(next_line(&mut input), Input::Unusable(why) if why.contains("byte 2")));
        assert_eq!(next_line(&mut input), line(""));
        assert_eq!(next_line(&mut input), line("last"));
        assert_eq!(next_line(&mut input), Input::End);
    }
}
