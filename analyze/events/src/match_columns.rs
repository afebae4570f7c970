//! The columns of the frame that say which receive took which message.
//!
//! **Invariant.** A value is there exactly where the match of its row has it.

use polars::prelude::{Column, IntoColumn as _, Series};
use polars_arrow::array::{ParameterFreeDtypeStaticArray, PrimitiveArray};
use polars_arrow::bitmap::{Bitmap, BitmapBuilder};
use polars_arrow::types::NativeType;

use crate::matching::{AMBIGUOUS, Evidence, MISSING, Match, SENT};
use crate::schema::{self, ColumnSchema};

/// The columns, row by row.
pub(crate) struct MatchColumns {
    matched: Vec<u8>,
    machines: Vec<u32>,
    rows: Vec<u32>,
    /// None as long as every evidence is the strongest.
    evidence: Option<Vec<u8>>,
    receives: BitmapBuilder,
    sent: BitmapBuilder,
    /// Rows whose number means something: of a send, or of candidates.
    numbered: BitmapBuilder,
}

impl MatchColumns {
    /// Columns with room for this number of rows.
    pub(crate) fn with_capacity(rows: usize) -> MatchColumns {
        MatchColumns {
            matched: Vec::with_capacity(rows),
            machines: Vec::with_capacity(rows),
            rows: Vec::with_capacity(rows),
            evidence: None,
            receives: BitmapBuilder::with_capacity(rows),
            sent: BitmapBuilder::with_capacity(rows),
            numbered: BitmapBuilder::with_capacity(rows),
        }
    }

    /// Adds what is known of the next row.
    #[inline]
    pub(crate) fn push(&mut self, of: Match, evidence: Option<Evidence>) {
        let (code, machine, row) = match of {
            Match::NoReceive => (SENT, 0, 0),
            Match::Sent { machine, event } => (SENT, machine as u32, event as u32),
            Match::Ambiguous { candidates } => (AMBIGUOUS, 0, candidates),
            Match::Missing => (MISSING, 0, 0),
        };
        let is_sent = matches!(of, Match::Sent { .. });
        self.receives.push(of != Match::NoReceive);
        self.sent.push(is_sent);
        self.numbered
            .push(is_sent || matches!(of, Match::Ambiguous { .. }));
        self.matched.push(code);
        self.machines.push(machine);
        self.rows.push(row);
        let evidence = evidence.unwrap_or(Evidence::Message);
        match &mut self.evidence {
            Some(all) => all.push(evidence.code()),
            None if evidence != Evidence::Message => {
                let mut all = vec![Evidence::Message.code(); self.rows.len()];
                all[self.rows.len() - 1] = evidence.code();
                self.evidence = Some(all);
            }
            None => {}
        }
    }

    /// The columns.
    pub(crate) fn finish(self) -> Vec<Column> {
        let sent = self.sent.freeze();
        let evidence = self
            .evidence
            .map(|all| column(&schema::EVIDENCE, all, sent.clone()));
        let mut columns = vec![
            column(&schema::MATCHED, self.matched, self.receives.freeze()),
            column(&schema::SENT_MACHINE, self.machines, sent),
            column(&schema::SENT_ROW, self.rows, self.numbered.freeze()),
        ];
        columns.extend(evidence);
        columns
    }
}

fn column<T: NativeType>(of: &ColumnSchema, values: Vec<T>, there: Bitmap) -> Column
where
    PrimitiveArray<T>: ParameterFreeDtypeStaticArray,
{
    let values = PrimitiveArray::from_vec(values).with_validity(Some(there));
    Series::from_array(of.name.into(), values).into_column()
}
