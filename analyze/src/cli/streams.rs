//! Standard output and standard error: the mouth of the program.
//!
//! What is said to people goes through [`Text`], which shows signs that a terminal would obey instead of sending them: most
//! of it quotes logs of others. What is said to programs (JSON, CSV, Markdown, exports) goes through [`Pipe`], as it is.
//!
//! **Invariant.** A reader that has seen enough, such as `head`, is no error: the command goes on to its end in silence and
//! keeps its exit code. Standard error can fail in no way at all, because nobody is left to read it.

use std::io::{self, StderrLock, StdoutLock, Write};

use crate::pipe::Pipe;
use crate::table::Table;
use crate::table::terminal::{self, Style};
use crate::visible_text::visible_lines;

/// Standard output for people.
pub(super) fn stdout() -> Text<Pipe<StdoutLock<'static>>> {
    Text { to: bytes() }
}

/// Standard output for programs.
pub(super) fn bytes() -> Pipe<StdoutLock<'static>> {
    Pipe::on(io::stdout().lock())
}

/// Standard error.
pub(super) fn stderr() -> Text<Deaf<StderrLock<'static>>> {
    Text {
        to: Deaf {
            to: io::stderr().lock(),
        },
    }
}

/// Shows what would be obeyed. Each write is whole characters, as those of `write!` are.
pub(super) struct Text<W> {
    to: W,
}

impl<W: Write> Text<W> {
    /// A table; its cells show what would be obeyed, and its lines may have attributes.
    pub(super) fn table(&mut self, table: &Table) -> io::Result<()> {
        let text = terminal::render(table, Style::of_stdout());
        self.to.write_all(text.as_bytes())
    }
}

impl<W: Write> Write for Text<W> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let lines = String::from_utf8_lossy(text);
        self.to.write_all(visible_lines(&lines).as_bytes())?;
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Takes every error for success.
pub(super) struct Deaf<W> {
    to: W,
}

impl<W: Write> Write for Deaf<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.to.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.to.flush();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_error_cannot_fail() {
        let full: &mut [u8] = &mut [0; 3];
        Deaf { to: full }
            .write_all(b"a longer text")
            .expect("no error");
    }

    #[test]
    fn people_see_what_a_terminal_would_obey() {
        let mut to = Text { to: Vec::new() };
        let name = "\u{1b}]0;x\u{7}\u{9b}";
        writeln!(to, "machine {name}: 3 ticks").expect("room");
        assert_eq!(to.to, "machine ·]0;x··: 3 ticks\n".as_bytes());
    }
}
