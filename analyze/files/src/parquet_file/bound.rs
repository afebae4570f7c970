//! How much a table may take, checked in its metadata and in the headers of its pages before anything is unpacked.
//!
//! A table of a megabyte may claim fifty million rows, or unpack to one text of gigabytes; its reader makes room for what a
//! header claims. Page headers are in the compact protocol of Thrift; no more of it is read here than says how long
//! a header is and which sizes it claims.
//!
//! **Invariant.** No page is unpacked whose sizes were not checked; what a table takes is bounded by the size of its file.

use std::io::{self, Read};
use std::ops::Range;

/// Rows that a table may have for each byte of its file, …
const ROWS_OF_BYTE: u64 = 2;
/// … plus this number.
const ROWS_FLOOR: u64 = 1 << 20;
/// Bytes that a column of a row group, or all text of a table, may unpack to for each byte of the file, …
const UNPACKED_OF_BYTE: u64 = 64;
/// … plus this number.
const UNPACKED_FLOOR: u64 = 16 << 20;
/// The largest page, bytes unpacked; writers make pages of a mebibyte.
const PAGE_BYTES_MAX: u64 = 64 << 20;
/// The longest header of a page, bytes.
const HEADER_BYTES_MAX: usize = 1 << 20;
/// The longest text of a cell, bytes.
pub(super) const CELL_BYTES_MAX: usize = 16 << 20;

/// What a file of a given size may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    bytes: u64,
}

impl Bound {
    /// Of a file of this size, whose metadata claim no more rows than it can hold.
    pub(super) fn of(bytes: u64, claimed: impl Iterator<Item = usize>) -> io::Result<Bound> {
        let bound = Bound { bytes };
        let rows = claimed.fold(0, |rows: u64, of| rows.saturating_add(of as u64));
        if rows > bound.rows() {
            return Err(io::Error::other(format!(
                "{rows} rows in a file of {bytes} bytes: {ROWS_OF_BYTE} for each byte and {ROWS_FLOOR} more are read at most"
            )));
        }
        Ok(bound)
    }

    fn rows(self) -> u64 {
        let rows = self.bytes.saturating_mul(ROWS_OF_BYTE);
        rows.saturating_add(ROWS_FLOOR)
    }

    /// Bytes that all text of the table may take.
    pub(super) fn unpacked(self) -> u64 {
        let bytes = self.bytes.saturating_mul(UNPACKED_OF_BYTE);
        bytes.saturating_add(UNPACKED_FLOOR)
    }

    /// Where the pages of a column chunk are, by the offsets of its dictionary and its data, and its size.
    pub(super) fn place(
        self,
        (dictionary, data): (Option<i64>, i64),
        compressed: i64,
    ) -> io::Result<Range<usize>> {
        // Some writers say that a dictionary begins at 0 if there is none.
        let start = dictionary.filter(|&start| start > 0).unwrap_or(data);
        let wrong = |_| io::Error::other("a column that begins before its file does");
        let start = u64::try_from(start).map_err(wrong)?;
        let length = u64::try_from(compressed).map_err(wrong)?;
        let end = start.checked_add(length).filter(|end| *end <= self.bytes);
        let end = end.ok_or_else(|| io::Error::other("a column that ends behind its file"))?;
        Ok(start as usize..end as usize)
    }

    /// Checks what the headers of the pages of a column chunk claim.
    pub(super) fn check(self, mut pages: &[u8], is_text: bool) -> io::Result<()> {
        let mut unpacked = 0u64;
        while !pages.is_empty() {
            let most = pages.len().min(HEADER_BYTES_MAX);
            let mut header = Header::new(&pages[..most]);
            let page = header.page()?;
            unpacked = unpacked.saturating_add(page.unpacked);
            self.check_page(&page, unpacked, is_text)?;
            let length = header.read.saturating_add(page.packed);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            pages = pages.get(length..).unwrap_or_default();
        }
        Ok(())
    }

    fn check_page(self, page: &Page, unpacked: u64, is_text: bool) -> io::Result<()> {
        let refuse = |found: String| Err(io::Error::other(found));
        if page.unpacked > PAGE_BYTES_MAX {
            return refuse(format!(
                "a page of {} bytes unpacked: {PAGE_BYTES_MAX} are read at most",
                page.unpacked
            ));
        }
        if unpacked > self.unpacked() {
            return refuse(format!(
                "a column that unpacks to more than {} bytes: {UNPACKED_OF_BYTE} times the size of the file and \
                 {UNPACKED_FLOOR} more are read at most",
                self.unpacked()
            ));
        }
        let values = if page.is_dictionary {
            page.unpacked
        } else {
            self.rows()
        };
        if page.values > values {
            return refuse(format!("a page that claims {} values", page.values));
        }
        // The lengths of such texts stand in the page, and room is made for as many as it claims.
        let is_delta = matches!(page.encoding, DELTA_LENGTH_BYTE_ARRAY | DELTA_BYTE_ARRAY);
        if is_text && is_delta {
            return refuse(
                "text as differences of lengths (DELTA_LENGTH_BYTE_ARRAY or DELTA_BYTE_ARRAY); write it plain or with a \
                 dictionary"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

/// Encodings by their numbers in the format.
const DELTA_LENGTH_BYTE_ARRAY: i64 = 6;
const DELTA_BYTE_ARRAY: i64 = 7;

/// What the header of a page claims.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Page {
    unpacked: u64,
    packed: u64,
    values: u64,
    encoding: i64,
    is_dictionary: bool,
}

/// A header of a page while it is read.
struct Header<R> {
    from: R,
    read: u64,
}

/// Structures inside each other at most: statistics in a page's header are two.
const DEPTH_MAX: usize = 8;

/// Types of the compact protocol.
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const WHOLE: std::ops::RangeInclusive<u8> = 4..=6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const STRUCT: u8 = 12;

impl<R: Read> Header<R> {
    fn new(from: R) -> Header<R> {
        Header { from, read: 0 }
    }

    /// The header of a page, from its first byte to its last.
    fn page(&mut self) -> io::Result<Page> {
        const UNPACKED: i64 = 2;
        const PACKED: i64 = 3;
        const DATA: i64 = 5;
        const DICTIONARY: i64 = 7;
        const DATA_V2: i64 = 8;
        let mut page = Page::default();
        let mut id = 0;
        while let Some(kind) = self.field(&mut id)? {
            match id {
                UNPACKED | PACKED if WHOLE.contains(&kind) => {
                    let bytes = u64::try_from(self.whole()?).map_err(|_| negative())?;
                    match id {
                        UNPACKED => page.unpacked = bytes,
                        _ => page.packed = bytes,
                    }
                }
                DATA | DICTIONARY | DATA_V2 if kind == STRUCT => {
                    page.is_dictionary |= id == DICTIONARY;
                    // Nulls and rows come between in version 2.
                    let encoding = if id == DATA_V2 { 4 } else { 2 };
                    self.values(&mut page, encoding)?;
                }
                _ => self.skip(kind, 0)?,
            }
        }
        Ok(page)
    }

    /// The part of a header that says how many values there are, and how they are written.
    fn values(&mut self, page: &mut Page, encoding: i64) -> io::Result<()> {
        let mut id = 0;
        while let Some(kind) = self.field(&mut id)? {
            if WHOLE.contains(&kind) && id == 1 {
                page.values = u64::try_from(self.whole()?).map_err(|_| negative())?;
            } else if WHOLE.contains(&kind) && id == encoding {
                page.encoding = self.whole()?;
            } else {
                self.skip(kind, 0)?;
            }
        }
        Ok(())
    }

    /// The type of the next field, whose number replaces that of the last; none at the end of a structure.
    fn field(&mut self, id: &mut i64) -> io::Result<Option<u8>> {
        let byte = self.byte()?;
        if byte == 0 {
            return Ok(None);
        }
        *id = match byte >> 4 {
            0 => self.whole()?,
            step => id.saturating_add(step.into()),
        };
        Ok(Some(byte & 0x0f))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> io::Result<()> {
        if depth > DEPTH_MAX {
            return Err(io::Error::other("a page whose header is no header"));
        }
        match kind {
            TRUE | FALSE => Ok(()),
            BYTE => self.byte().map(|_| ()),
            DOUBLE => self.over(8),
            BINARY => {
                let bytes = self.number()?;
                self.over(bytes)
            }
            LIST | SET => {
                let byte = self.byte()?;
                let count = match byte >> 4 {
                    15 => self.number()?,
                    count => count.into(),
                };
                // Booleans take a byte in a list.
                let kind = if byte & 0x0f <= FALSE {
                    BYTE
                } else {
                    byte & 0x0f
                };
                (0..count).try_for_each(|_| self.skip(kind, depth + 1))
            }
            STRUCT => {
                let mut id = 0;
                while let Some(kind) = self.field(&mut id)? {
                    self.skip(kind, depth + 1)?;
                }
                Ok(())
            }
            kind if WHOLE.contains(&kind) => self.whole().map(|_| ()),
            _ => Err(io::Error::other("a page whose header is no header")),
        }
    }

    fn over(&mut self, bytes: u64) -> io::Result<()> {
        let over = io::copy(&mut self.from.by_ref().take(bytes), &mut io::sink())?;
        self.read += over;
        match over == bytes {
            true => Ok(()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.from.read_exact(&mut byte)?;
        self.read += 1;
        Ok(byte[0])
    }

    /// A number of seven bits a byte.
    fn number(&mut self) -> io::Result<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(io::Error::other("a page whose header is no header"))
    }

    /// Such a number with its sign in the last bit.
    fn whole(&mut self) -> io::Result<i64> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }
}

fn negative() -> io::Error {
    io::Error::other("a page of a negative size")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_says_its_sizes_and_its_length() {
        // type 0, unpacked 100, packed 60, data page of 7 values with encoding 6 and statistics of two texts.
        let header = [
            0x15, 0x00, 0x15, 0xc8, 0x01, 0x15, 0x78, 0x2c, 0x15, 0x0e, 0x15, 0x0c, 0x3c, 0x58,
            0x02, b'a', b'b', 0x00, 0x00, 0x00, 0xff,
        ];
        let mut read = Header::new(header.as_slice());
        let page = read.page().expect("a header");
        let expected = Page {
            unpacked: 100,
            packed: 60,
            values: 7,
            encoding: DELTA_LENGTH_BYTE_ARRAY,
            is_dictionary: false,
        };
        assert_eq!((page, read.read), (expected, header.len() as u64 - 1));
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut header = Header::new(bytes.as_slice());
            let _ = header.page();
            prop_assert!(header.read <= bytes.len() as u64);
        }
    }
}
