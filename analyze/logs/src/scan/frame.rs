//! A whole, well-formed log to a frame, by polars.
//!
//! polars is lenient where a log must not be: a line that is cut after a cell, an empty line or a blank before a number is
//! a row to it. So what it reads counts as whole only by what is checked here: its bytes before, its cells after.
//!
//! **Invariant.** All or nothing: if one line is not exactly a row there is no frame. What is read here, the
//! reader of single lines reads the same.

use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use event_log::{ClockEvent, Row as _};
use events::schema::{self, COLUMNS, ColumnSchema};
use events::{EventsBuilder, Kind};
use polars::prelude::{
    Column, CsvReadOptions, DataFrame, DataType, Field, PolarsResult, Schema, SchemaRef,
    SerReader as _,
};

use super::lines::IMPLAUSIBLE;

/// Bytes that are looked at together, so few that they stay in a processor's nearest cache.
const BLOCK: usize = 4096;
/// Columns that have a value in every row.
const ALWAYS: [ColumnSchema; 5] = [
    schema::TICK,
    schema::TIME_NS,
    schema::KIND,
    schema::CLOCK,
    schema::QUEUE,
];

/// The columns of a log of ours, in the order of its header: those of the table that have these names.
pub(super) static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let names = ClockEvent::HEADER.split(',');
    let columns = names.filter_map(|name| COLUMNS.iter().find(|column| column.name == name));
    let fields = columns.map(|column| Field::new(column.name.into(), column.data_type()));
    Arc::new(Schema::from_iter(fields))
});

/// The rows of so many lines, which are [plain](plain_lines), in as many chunks as polars likes. None where one is no row,
/// or where there is none.
pub(super) fn of_lines(text: &[u8], lines: usize) -> Option<DataFrame> {
    if lines == 0 {
        return None;
    }
    let options = CsvReadOptions::default()
        .with_has_header(false)
        .with_schema(Some(SCHEMA.clone()))
        .with_infer_schema_length(Some(0))
        .with_n_threads(Some(1))
        .with_rechunk(false)
        .map_parse_options(|options| options.with_quote_char(None));
    let reader = options.into_reader_with_file_handle(Cursor::new(text));
    let frame = reader.finish().ok()?;
    (frame.height() == lines && is_whole(&frame)).then_some(frame)
}

/// How many lines there are. None unless they have as many cells as rows have, and no byte that rows do not have: a sign, a
/// blank, a quote.
pub(super) fn plain_lines(text: &[u8]) -> Option<usize> {
    let (mut lines, mut commas) = (0, 0);
    for block in text.chunks(BLOCK) {
        let count = |byte: u8| block.iter().map(|&of| u32::from(of == byte)).sum::<u32>();
        lines += count(b'\n') as usize;
        commas += count(b',') as usize;
        let is_other = |byte: u8| {
            let is_cell = byte.wrapping_sub(b'0') < 10 || byte.wrapping_sub(b'a') < 26;
            !(is_cell | (byte == b',') | (byte == b'\n'))
        };
        let others = block.iter().map(|&byte| u8::from(is_other(byte)));
        if others.fold(0, |all, other| all | other) > 0 {
            return None;
        }
    }
    let is_whole = text.last() == Some(&b'\n') && commas == (SCHEMA.len() - 1) * lines;
    is_whole.then_some(lines)
}

/// Whether each row has the cells that its kind has and no other, and no count is beyond all measure.
pub(super) fn is_whole(frame: &DataFrame) -> bool {
    let complete = |of: &ColumnSchema| frame.column(of.name).is_ok_and(|of| of.null_count() == 0);
    ALWAYS.iter().all(complete)
        && counts_are_plausible(frame)
        && cells_are_of_kinds(frame) == Some(true)
}

fn counts_are_plausible(frame: &DataFrame) -> bool {
    let below = |of: &ColumnSchema| {
        let series = frame.column(of.name).ok()?.as_materialized_series();
        // What stands in the place of a missing cell is 0, and looking at it is faster than asking.
        Some(match series.dtype() {
            DataType::Int64 => {
                let mut counts = series.i64().ok()?.downcast_iter();
                counts.all(|of| {
                    of.values()
                        .iter()
                        .all(|&count| count.cast_unsigned() < IMPLAUSIBLE)
                })
            }
            _ => {
                let mut counts = series.u64().ok()?.downcast_iter();
                counts.all(|of| of.values().iter().all(|&count| count < IMPLAUSIBLE))
            }
        })
    };
    let counts = [
        schema::TICK,
        schema::CLOCK,
        schema::QUEUE,
        schema::SENT_TICK,
        schema::CARRIED,
    ];
    counts.iter().all(|of| below(of) == Some(true))
}

/// Whether a send and a receive name a peer, a receive a message, and no other row anything. None if there are not all of
/// these columns, in chunks of the same rows.
fn cells_are_of_kinds(frame: &DataFrame) -> Option<bool> {
    let series = |of: &ColumnSchema| Some(frame.column(of.name).ok()?.as_materialized_series());
    let receives = |kind| kind == Kind::Receive;
    let kinds = series(&schema::KIND)?.cat8().ok()?.physical();
    for (chunk, kinds) in kinds.downcast_iter().enumerate() {
        let kinds = kinds.values();
        let has = |of: &ColumnSchema, expected: fn(Kind) -> bool| {
            let cells = series(of)?.chunks().get(chunk)?;
            if cells.len() != kinds.len() {
                return None;
            }
            let mut kinds = kinds.iter().map(|&code| expected(Kind::of_code(code)));
            Some(match cells.validity() {
                None => kinds.all(|expected| expected),
                Some(there) => kinds.eq(there.iter()),
            })
        };
        let named = has(&schema::PEER, |kind| {
            matches!(kind, Kind::Send | Kind::Receive)
        })?;
        if !named || !has(&schema::SENT_TICK, receives)? || !has(&schema::CARRIED, receives)? {
            return Some(false);
        }
    }
    Some(true)
}

/// The rows of events with all columns of a log, and the line of each.
///
/// # Panics
///
/// When polars cannot make columns of one builder a frame, which is a bug.
pub(super) fn of_events(events: EventsBuilder) -> (DataFrame, Vec<u32>) {
    let height = events.len();
    let made = events.finish().and_then(|frame| {
        let lines = frame.column(schema::LINE.name)?.u32()?;
        let lines = lines.iter().flatten().collect();
        // A column without a value is absent in what the builder makes.
        let columns = SCHEMA.iter().map(|(name, of)| match frame.column(name) {
            Ok(column) => column.clone(),
            Err(_) => Column::full_null(name.clone(), height, of),
        });
        Ok((DataFrame::new(height, columns.collect())?, lines))
    });
    made.expect("columns of one builder are a frame")
}

/// The rows of some frames of the same columns, one after another, each column in one chunk.
pub(super) fn concatenated(first: DataFrame, others: Vec<DataFrame>) -> PolarsResult<DataFrame> {
    let height = others.iter().map(DataFrame::height).sum::<usize>() + first.height();
    let mut others: Vec<_> = others
        .into_iter()
        .map(|of| of.into_columns().into_iter())
        .collect();
    // Column by column, so that none is in memory twice but the one at hand.
    let columns = first.into_columns().into_iter().map(|mut whole| {
        for part in others.iter_mut().filter_map(Iterator::next) {
            whole.append_owned(part)?;
        }
        Ok(whole.rechunk())
    });
    DataFrame::new(height, columns.collect::<PolarsResult<_>>()?)
}

#[cfg(test)]
mod tests;
