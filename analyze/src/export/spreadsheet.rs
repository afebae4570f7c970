//! The table of events as CSV (RFC 4180): a header, commas, quotes where need be, CRLF between records.
//!
//! **Invariant.** A null is an empty field; a number is written so that it reads back as the same number.

use std::io::{self, Write};

use csv::{Terminator, Writer, WriterBuilder};

use super::columns::{self, COLUMNS, Of};
use super::{Exporter, Trial};

/// Writes CSV.
pub struct Spreadsheet<W: Write> {
    to: Writer<W>,
}

impl<W: Write> Spreadsheet<W> {
    /// Begins with the header.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn new(to: W) -> io::Result<Spreadsheet<W>> {
        let mut to = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(to);
        to.write_record(COLUMNS.iter().map(|column| column.name))?;
        Ok(Spreadsheet { to })
    }
}

impl<W: Write> Exporter for Spreadsheet<W> {
    fn add(&mut self, trial: &Trial) -> io::Result<()> {
        for row in columns::rows(trial) {
            for column in COLUMNS {
                match column.of {
                    Of::Text(of) => {
                        let text = of(&row).unwrap_or_default();
                        self.to.write_field(text.as_bytes())?;
                    }
                    Of::Whole(of) => self.to.write_field(text(of(&row)))?,
                    Of::Real(of) => self.to.write_field(text(of(&row)))?,
                }
            }
            self.to.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<String>> {
        self.to.flush()?;
        Ok(Vec::new())
    }
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
