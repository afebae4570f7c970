//! What a reader of others' logs has to know before trusting what is measured on them.

use events::column::Column;
use events::{ClockKind, Match, Trial};

use files::note::{Note, Severity};

/// Fewest rows that show that times have no fractions.
const TIMES_MIN: usize = 10;
/// Machines that begin further apart than this many nanoseconds did not begin together.
const APART_NS: i64 = 60_000_000_000;
const SECOND_NS: i64 = 1_000_000_000;

/// Remarks on one trial: nothing that was left out, only what its numbers mean.
pub fn remarks(trial: &Trial) -> Vec<Note> {
    let mut found = Vec::new();
    let mut remark = |(expected, found_instead, advice): (&str, String, &str)| {
        let note = Note::new(
            Severity::Info,
            &trial.info.dir,
            expected,
            found_instead,
            advice,
        );
        found.push(match trial.label() {
            None => note,
            Some(called) => Note {
                file: format!("{} ({called})", note.file),
                ..note
            },
        });
    };
    clock(trial).into_iter().for_each(&mut remark);
    times(trial).into_iter().for_each(&mut remark);
    receives(trial).into_iter().for_each(&mut remark);
    absent(trial).into_iter().for_each(&mut remark);
    found
}

type Remark = (&'static str, String, &'static str);

fn clock(trial: &Trial) -> Option<Remark> {
    match trial.clock_kind()? {
        ClockKind::Lamport => None,
        ClockKind::Vector => Some((
            "a Lamport clock",
            "a vector clock".to_owned(),
            "metrics take each machine's own component, which messages never raise: it makes no jumps, and what others \
             handed over is not recorded",
        )),
        ClockKind::Fractional => Some((
            "a clock of whole numbers",
            "a clock with fractions".to_owned(),
            "metrics take it as it stands; what it is made of is not recorded",
        )),
    }
}

fn times(trial: &Trial) -> Vec<Remark> {
    let columns = || trial.machines.iter().map(|of| &of.rows.time_ns);
    let all = || columns().flat_map(Column::iter).flatten();
    let mut remarks = Vec::new();
    if all().count() >= TIMES_MIN && all().all(|time| time % SECOND_NS == 0) {
        remarks.push((
            "times finer than a second",
            "whole seconds".to_owned(),
            "rates, waits and lags are known to a second only",
        ));
    }
    let backwards: usize = columns().map(falls).sum();
    if backwards > 0 {
        remarks.push((
            "times in order",
            format!("{backwards} rows with a time before that of the row before"),
            "times are taken as they stand",
        ));
    }
    let firsts = columns().filter_map(|times| times.iter().flatten().next());
    let apart = firsts.clone().max().zip(firsts.min());
    let apart_ns = apart.map_or(0, |(last, first)| last.saturating_sub(first));
    if !trial.one_time() {
        remarks.push((
            "times that all machines share",
            "times that each machine counts from its own start".to_owned(),
            "lags, waits and pictures of messages are not recorded; if the machines started together, say `time = \
             \"trial\"` in [dialect]",
        ));
    } else if apart_ns > APART_NS {
        remarks.push((
            "machines that start together",
            format!("first rows {} s apart", apart_ns / SECOND_NS),
            "times are taken as they stand: lags and waits hold only if the machines' clocks agree",
        ));
    }
    remarks
}

fn falls(times: &Column<i64>) -> usize {
    let mut before = i64::MIN;
    let timed = times.iter().flatten();
    timed
        .filter(|&time| time < std::mem::replace(&mut before, time))
        .count()
}

fn receives(trial: &Trial) -> Option<Remark> {
    let rows = trial.machines.iter().map(|of| &of.rows);
    let matches = rows.flat_map(|rows| (0..rows.len()).map(|row| rows.matched(row)));
    let (mut receives, mut ambiguous, mut missing) = (0, 0, 0);
    for of in matches {
        receives += usize::from(of != Match::NoReceive);
        ambiguous += usize::from(matches!(of, Match::Ambiguous { .. }));
        missing += usize::from(of == Match::Missing);
    }
    (ambiguous + missing > 0).then(|| {
        (
            "the send of every receive",
            format!(
                "of {receives} receives {ambiguous} that could be of several sends and {missing} that are of none"
            ),
            "these have no wait, and no chain leads through them",
        )
    })
}

/// What only some rows carry.
fn absent(trial: &Trial) -> Vec<Remark> {
    let rows = || trial.machines.iter().map(|of| &of.rows);
    let all = trial.len();
    let timed: usize = rows()
        .map(|of| of.time_ns.len() - of.time_ns.missing())
        .sum();
    let clocks = rows().flat_map(|of| (0..of.len()).filter_map(|row| of.clock_value(row)));
    let clocked = clocks.count();
    let partly = |count: usize| count < all;
    let mut remarks = Vec::new();
    if partly(timed) {
        remarks.push((
            "a time on every row",
            format!("one on {timed} of {all}"),
            "what needs a time is measured on these rows, or not recorded",
        ));
    }
    if partly(clocked) {
        remarks.push((
            "a logical clock on every row",
            format!("one on {clocked} of {all}"),
            "jumps are taken between neighbouring rows that carry it",
        ));
    }
    remarks
}

/// Why a trial cannot stand beside others in statistics; none if it can. Every machine must have two events at least, and
/// be there for half of the trial at least.
pub fn left_out(trial: &Trial, unexplained: u64) -> Option<&'static str> {
    let spans = trial.machines.iter().map(|of| {
        let times = of.rows.time_ns.iter().flatten();
        times.clone().min().zip(times.max())
    });
    let spans: Vec<(i64, i64)> = spans.flatten().collect();
    let first = spans.iter().map(|span| span.0).min().unwrap_or_default();
    let last = spans.iter().map(|span| span.1).max().unwrap_or_default();
    let longest = spans
        .iter()
        .map(|(from, to)| to.saturating_sub(*from))
        .max();
    let whole = match trial.one_time() {
        true => last.saturating_sub(first),
        false => longest.unwrap_or_default(),
    };
    let half = |(from, to): &(i64, i64)| to.saturating_sub(*from) >= whole / 2;
    if unexplained > 0 {
        Some("unexplained lines")
    } else if trial.machines.iter().any(|of| of.rows.len() < 2) {
        Some("a machine with fewer than two events")
    } else if !spans.iter().all(half) {
        Some("a machine that is there for less than half of the trial")
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
