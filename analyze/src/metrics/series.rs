//! Columns of one machine as series of polars, cut from the trial's frame without a copy.
//!
//! **Invariant.** A row that lacks a value is null, so that positions are rows. An error of polars here is a bug of ours: the
//! types are those of the schema, which [`Trial`] holds its frame to, and shares are from 0 to 1.

use events::schema::{self, ColumnSchema};
use events::{Kind, Trial};
use polars::prelude::{
    AnyValue, BooleanChunked, ChunkAgg as _, ChunkCompareEq as _, Float64Chunked, IntoSeries as _,
    NewChunkedArray as _, QuantileMethod, Series, UInt8Chunked,
};

/// Up to here every whole number is an `f64`, and the difference of two is an `i64`.
const EXACT: i64 = 1 << 53;

/// A column of a machine's rows; of nulls where the log does not record it.
pub(super) fn column(trial: &Trial, machine: usize, of: &ColumnSchema) -> Series {
    let rows = trial.machines[machine].rows.len();
    let none = || Series::full_null(of.name.into(), rows, &of.data_type());
    trial.series(machine, of.name).unwrap_or_else(none)
}

/// The logical clocks: whole numbers where all are, and else `f64`.
pub(super) fn clocks(trial: &Trial, machine: usize) -> Series {
    let rows = &trial.machines[machine].rows;
    let whole = column(trial, machine, &schema::CLOCK);
    let ends = whole.i64().expect("whole clocks").min_max();
    let exact = ends.is_none_or(|(low, high)| low >= -EXACT && high <= EXACT);
    if exact && !rows.has_fractions() {
        return whole;
    }
    let clocks = (0..rows.len()).map(|row| rows.clock_value(row));
    Float64Chunked::from_iter_options(schema::CLOCK.name.into(), clocks).into_series()
}

/// Which rows are of a kind.
pub(super) fn of_kind(trial: &Trial, machine: usize, kind: Kind) -> BooleanChunked {
    kinds(trial, machine).equal(kind.code())
}

/// The kinds of the rows by their codes.
pub(super) fn kinds(trial: &Trial, machine: usize) -> UInt8Chunked {
    let kinds = column(trial, machine, &schema::KIND);
    let kinds = kinds.cat8().expect("kinds are categories");
    kinds.physical().clone()
}

/// Which rows take no time message, if any do: [`Trial::takes_time`].
pub(super) fn own_rows(trial: &Trial, machine: usize) -> Option<BooleanChunked> {
    let timekeeper = trial.timekeeper().filter(|&of| of != machine)?;
    let peers = column(trial, machine, &schema::PEER);
    let peers = peers.u32().expect("peers are positions");
    let takes_time =
        of_kind(trial, machine, Kind::Receive) & peers.equal_missing(timekeeper as u32);
    Some(!takes_time)
}

/// The rows of a series that a mask keeps.
pub(super) fn filtered(series: &Series, mask: &BooleanChunked) -> Series {
    series
        .filter(mask)
        .expect("a mask has an entry for each row")
}

/// Numbers as a series, in the memory that they stand in.
pub(super) fn of_numbers(numbers: Vec<f64>) -> Series {
    Float64Chunked::from_vec("".into(), numbers).into_series()
}

/// The largest value; none of none.
pub(super) fn max(values: &Series) -> Option<f64> {
    values.max().expect("numbers")
}

/// The smallest value; none of none.
pub(super) fn min(values: &Series) -> Option<f64> {
    values.min().expect("numbers")
}

/// The standard deviation (divisor n − 1); none of fewer than two values.
pub(super) fn deviation(values: &Series) -> Option<f64> {
    values.std(1)
}

/// A quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, the default of numpy and R).
/// The series has no nulls.
pub(super) fn quantile(values: &Series, share: f64) -> Option<f64> {
    let found = values.quantile_reduce(share, QuantileMethod::Linear);
    found.expect("a share from 0 to 1").value().extract()
}

/// Quantiles, sorted for once.
pub(super) fn quantiles<const N: usize>(values: &Series, shares: [f64; N]) -> [Option<f64>; N] {
    let found = values.quantiles_reduce(&shares, QuantileMethod::Linear);
    match found.expect("shares from 0 to 1").value() {
        AnyValue::List(found) => {
            let found = found.f64().expect("quantiles are numbers");
            std::array::from_fn(|place| found.get(place))
        }
        other => unreachable!("quantiles are a list, not {other}"),
    }
}
