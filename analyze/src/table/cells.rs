//! A table as a value.

/// The cell of a claim that holds, which a terminal shows in green.
pub(crate) const SUPPORTED: &str = "supported";
/// The cell of a claim that does not, which a terminal shows in red.
pub(crate) const REFUTED: &str = "refuted";

/// Which side of its column a cell stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alignment {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it is about.
    pub title: String,
    /// How to read it.
    pub caption: String,
    /// Names of the columns, units after a comma.
    pub headers: Vec<String>,
    /// Cells, row by row; as many in each as there are headers.
    pub rows: Vec<Vec<String>>,
    /// One for each column.
    pub alignments: Vec<Alignment>,
    /// How many columns on the left name a row; they are repeated where a table has to be split.
    pub keys: usize,
}

impl Table {
    /// Without columns yet.
    pub(crate) fn new(title: impl Into<String>, caption: impl Into<String>) -> Table {
        Table {
            title: title.into(),
            caption: caption.into(),
            headers: Vec::new(),
            rows: Vec::new(),
            alignments: Vec::new(),
            keys: 0,
        }
    }

    /// Adds a column.
    pub(crate) fn column(mut self, header: impl Into<String>, alignment: Alignment) -> Table {
        self.headers.push(header.into());
        self.alignments.push(alignment);
        self
    }

    /// Declares the columns so far to be the ones that name a row.
    pub(crate) fn end_of_keys(mut self) -> Table {
        self.keys = self.headers.len();
        self
    }
}
