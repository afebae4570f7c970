//! Output whose reader may leave before its end, as `head` does.
//!
//! **Invariant.** A reader that is gone is no error: what is left to write goes nowhere, and the writer goes on.

use std::io::{self, Write};

/// Passes over a reader that is gone.
#[derive(Debug)]
pub struct Pipe<W> {
    to: W,
    gone: bool,
}

impl<W: Write> Pipe<W> {
    /// On standard output, or whatever else may be a pipe.
    pub fn on(to: W) -> Pipe<W> {
        Pipe { to, gone: false }
    }

    fn unless_gone<T>(
        &mut self,
        instead: T,
        write: impl FnOnce(&mut W) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.gone {
            return Ok(instead);
        }
        match write(&mut self.to) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(instead)
            }
            written => written,
        }
    }
}

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_gone(bytes.len(), |to| to.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_gone((), Write::flush)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes this number of bytes, then fails for this reason.
    struct Ending(usize, io::ErrorKind);

    impl Write for Ending {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            match taken {
                0 => Err(self.1.into()),
                _ => Ok(taken),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_is_gone_is_no_error_and_a_full_disk_is_one() {
        let write = |why| Pipe::on(Ending(3, why)).write_all(b"a longer text");
        write(io::ErrorKind::BrokenPipe).expect("no error");
        let full = write(io::ErrorKind::StorageFull).expect_err("an error");
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    }
}
