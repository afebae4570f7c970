//! How the times of a log are written, from all of them together.
//!
//! **Invariant.** Nothing is said of a date, a zone or an origin that the times do not show; what is missing is a doubt.

use super::answer::Doubt;
use super::durations::Written;
use super::meaning::{Meaning, Role};
use super::roles::is_epoch;
use super::shape::Shape;
use super::table::Table;
use super::times;
use super::tokens::Class;
use events::TimeOrigin;
use formats::spec::{Time, TimeFormat};

/// How times are written, a regex for them if they are no numbers, and what they count from if that is known.
#[derive(Debug, Clone, Default)]
pub(super) struct When {
    pub(super) time: Time,
    pub(super) regex: Option<String>,
    pub(super) origin: Option<TimeOrigin>,
}

/// Seconds between two events that such machines can have.
const GAP_S: std::ops::RangeInclusive<f64> = 0.02..=5.0;

/// How the times of these shapes are written.
pub(super) fn of(shapes: &[Shape], meanings: &[Meaning], doubts: &mut Vec<Doubt>) -> When {
    let slots: Vec<(usize, usize)> = (0..shapes.len())
        .filter_map(|at| Some((at, meanings[at].slot(Role::Time)?)))
        .collect();
    let written: Vec<(usize, usize)> = slots
        .iter()
        .copied()
        .filter(|&(at, slot)| shapes[at].slots[slot].class == Class::Time)
        .collect();
    if written.is_empty() {
        return numeric(shapes, meanings, &slots, doubts);
    }
    let mut examples: Vec<&str> = written
        .iter()
        .flat_map(|&(at, slot)| shapes[at].column(slot))
        .collect();
    examples.sort_unstable();
    examples.dedup();
    let Some(found) = times::describe(&examples) else {
        return When::default();
    };
    let mut time = found.time.clone();
    let mut origin = Some(TimeOrigin::Epoch);
    let mut doubt = |why: &str| {
        doubts.push(Doubt {
            what: "time".to_owned(),
            why: why.to_owned(),
            evidence: examples
                .first()
                .map(|text| (*text).to_owned())
                .unwrap_or_default(),
        });
    };
    if found.time_of_day
        && (found.time.format == TimeFormat::Elapsed || begins_at_zero(shapes, meanings))
    {
        time = Time {
            format: TimeFormat::Elapsed,
            ..Time::default()
        };
        origin = None;
        doubt("times count from a start; whether of the trial or of each machine, they do not say");
    } else {
        open(&found, &mut doubt);
    }
    When {
        time,
        regex: Some(found.regex),
        origin,
    }
}

/// What a written time leaves open.
fn open(found: &Written, doubt: &mut impl FnMut(&str)) {
    if !found.has_date {
        doubt(
            "times have no date; differences are right, dates are of 1970 unless `date` says otherwise",
        );
    } else if !found.has_year {
        doubt("dates have no year; set `year`");
    }
    if found.day_or_month {
        doubt("day and month could stand the other way round: no value is above 12");
    }
}

/// Whether the first time of day of every machine is within the first minute after midnight: then it is no time of day.
fn begins_at_zero(shapes: &[Shape], meanings: &[Meaning]) -> bool {
    let table = Table::new(shapes, meanings);
    let first = |track: &Vec<(usize, usize)>| {
        let &(shape, row) = track.first()?;
        let slot = meanings[shape].slot(Role::Time)?;
        Some(shapes[shape].rows[row].values[slot].as_str())
    };
    let zero = |time: &str| time.starts_with("0:00:") || time.starts_with("00:00:");
    let mut firsts = table.tracks.iter().filter_map(first).peekable();
    firsts.peek().is_some() && firsts.all(zero)
}

/// Numbers: of the size of an epoch, or counted from a start in a unit that the distance of events tells.
fn numeric(
    shapes: &[Shape],
    meanings: &[Meaning],
    slots: &[(usize, usize)],
    doubts: &mut Vec<Doubt>,
) -> When {
    let events = || {
        slots
            .iter()
            .copied()
            .filter(|&(at, _)| meanings[at].kind().is_some())
    };
    let Some((at, slot)) = events().next().or_else(|| slots.first().copied()) else {
        return When::default();
    };
    if is_epoch(&shapes[at], slot) {
        let digits = shapes[at]
            .column(slot)
            .find(|value| !value.is_empty())
            .map_or(0, |value| value.split('.').next().unwrap_or(value).len());
        let format = match digits {
            10 => TimeFormat::EpochS,
            13 => TimeFormat::EpochMs,
            16 => TimeFormat::EpochUs,
            _ => TimeFormat::EpochNs,
        };
        return When {
            time: Time {
                format,
                ..Time::default()
            },
            origin: Some(TimeOrigin::Epoch),
            regex: None,
        };
    }
    let gap = gap(shapes, meanings);
    let named = unit_by_name(&shapes[at], slot);
    let units = [
        (TimeFormat::EpochS, 1.0),
        (TimeFormat::EpochMs, 1e3),
        (TimeFormat::EpochUs, 1e6),
        (TimeFormat::EpochNs, 1e9),
    ];
    let by_gap = gap.and_then(|gap| {
        units
            .iter()
            .find(|(_, unit)| GAP_S.contains(&(gap / unit)))
            .map(|(format, _)| *format)
    });
    let format = named.or(by_gap).unwrap_or(TimeFormat::EpochS);
    let why = if named.is_none() {
        format!(
            "times are numbers from a start; that their unit is {} was taken from the distance of events; whether they count from the start of the trial or of each machine, they do not say",
            unit_name(format)
        )
    } else {
        "times count from a start; whether of the trial or of each machine, they do not say"
            .to_owned()
    };
    doubts.push(Doubt {
        what: "time".to_owned(),
        why,
        evidence: super::shape::example(&shapes[at]),
    });
    When {
        time: Time {
            format,
            ..Time::default()
        },
        ..When::default()
    }
}

/// Mean distance of two events of a machine.
fn gap(shapes: &[Shape], meanings: &[Meaning]) -> Option<f64> {
    let table = Table::new(shapes, meanings);
    let (mut sum, mut count) = (0.0, 0_u32);
    for track in &table.tracks {
        let time = |&(shape, row): &(usize, usize)| {
            table.number(shape, meanings[shape].slot(Role::Time)?, row)
        };
        let times: Vec<f64> = track.iter().filter_map(time).collect();
        if let (Some(first), Some(last)) = (times.first(), times.last()) {
            sum += last - first;
            count += times.len() as u32 - 1;
        }
    }
    (count > 0).then(|| sum / f64::from(count))
}

fn unit_by_name(shape: &Shape, slot: usize) -> Option<TimeFormat> {
    let of = &shape.slots[slot];
    let mut near = of.left.iter().take(4).chain(of.right.iter().take(1));
    near.find_map(|word| {
        Some(match word.as_str() {
            "ms" | "millis" | "milliseconds" | "msec" => TimeFormat::EpochMs,
            "us" | "micros" | "microseconds" | "usec" | "µs" => TimeFormat::EpochUs,
            "ns" | "nanos" | "nanoseconds" | "nsec" => TimeFormat::EpochNs,
            "s" | "sec" | "secs" | "seconds" => TimeFormat::EpochS,
            _ => return None,
        })
    })
}

/// A unit in words.
pub(super) fn unit_name(format: TimeFormat) -> &'static str {
    match format {
        TimeFormat::EpochMs => "milliseconds",
        TimeFormat::EpochUs => "microseconds",
        TimeFormat::EpochNs => "nanoseconds",
        _ => "seconds",
    }
}
