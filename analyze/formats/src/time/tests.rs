//! Times in the spellings that logs have, against hand-made answers and against jiff.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

fn reader(format: TimeFormat, change: impl FnOnce(&mut Time)) -> TimeReader {
    let mut spec = Time {
        format,
        ..Time::default()
    };
    change(&mut spec);
    TimeReader::new(&spec, None).expect("a format of times")
}

fn pattern(pattern: &str) -> TimeReader {
    reader(TimeFormat::Strftime, |spec| {
        spec.pattern = Some(pattern.to_owned());
    })
}

/// 2023-03-07T20:38:18.148 in UTC.
const TIME_NS: i64 = 1_678_221_498_148_000_000;

#[test]
fn patterns_of_many_programs_read_the_same_time() {
    for (form, text) in [
        ("%Y-%m-%d %H:%M:%S,%f", "2023-03-07 20:38:18,148"),
        ("%Y-%m-%d %H:%M:%S.%f", "2023-03-07 20:38:18.148000"),
        ("%F %T.%3f", "2023-03-07 20:38:18.148"),
        ("%Y-%m-%dT%H:%M:%S%.fZ", "2023-03-07T20:38:18.148Z"),
        ("%Y-%m-%d:%H:%M:%S,%f", "2023-03-07:20:38:18,148"),
        ("%d/%b/%Y:%H:%M:%S.%f %z", "07/Mar/2023:20:38:18.148 +0000"),
        ("%m/%d/%Y %I:%M:%S.%f %p", "03/07/2023 08:38:18.148 PM"),
        ("%m/%d/%y %I:%M:%S.%f%p", "3/7/23 8:38:18.148pm"),
        ("%b %e %Y %k:%M:%S.%N", "Mar  7 2023 20:38:18.148"),
        (
            "%A, %B %d, %Y %l:%M:%S.%f %p",
            "tuesday, march 7, 2023  8:38:18.148 p.m.",
        ),
        ("%Y-%jT%T.%f", "2023-066T20:38:18.148"),
        ("%Y%m%d%H%M%S%f", "20230307203818148"),
        ("%s.%f", "1678221498.148"),
        (
            "%a %b %d %H:%M:%S.%f %Z %Y",
            "Tue Mar 07 15:38:18.148 EST 2023",
        ),
        ("%F %T.%f %Z", "2023-03-07 15:38:18.148 America/New_York"),
    ] {
        assert_eq!(pattern(form).read(text), Ok(TIME_NS), "{form} of {text}");
    }
}

#[test]
fn a_fraction_that_python_leaves_out_is_zero() {
    let mut times = pattern("%Y-%m-%d %H:%M:%S.%f");
    assert_eq!(times.read("2023-03-07 20:38:18"), Ok(TIME_NS - 148_000_000));
    assert_eq!(times.read("2023-03-07 20:38:18.148000"), Ok(TIME_NS));
}

#[test]
fn what_is_missing_is_taken_from_the_path_before_the_format() {
    let spec = Time {
        format: TimeFormat::Strftime,
        pattern: Some("%H:%M:%S.%f".to_owned()),
        date: Some("2001-01-01".to_owned()),
        ..Time::default()
    };
    let mut times = TimeReader::new(&spec, Some("run_20230307")).expect("a date");
    assert_eq!(times.read("20:38:18.148"), Ok(TIME_NS));
    times.set_date("Wed Mar  8 00:00:00 2023").expect("a date");
    assert_eq!(times.read("20:38:18.148"), Ok(TIME_NS + DAY_S * SECOND_NS));
    assert!(times.set_date("tomorrow").is_err());
    let mut syslog = reader(TimeFormat::Strftime, |spec| {
        spec.pattern = Some("%b %d %H:%M:%S.%f".to_owned());
        spec.year = Some(2023);
    });
    assert_eq!(syslog.read("Mar  7 20:38:18.148"), Ok(TIME_NS));
}

#[test]
fn midnight_is_passed_and_small_falls_are_kept() {
    let mut times = pattern("%H:%M:%S");
    let mut read = |text: &str| times.read(text).expect("a time") / SECOND_NS;
    assert_eq!(read("23:59:58"), DAY_S - 2);
    assert_eq!(read("23:59:57"), DAY_S - 3);
    assert_eq!(read("00:00:01"), DAY_S + 1);
    // A line of another machine, written late.
    assert_eq!(read("23:59:59"), DAY_S - 1);
    assert_eq!(read("00:00:02"), DAY_S + 2);
    assert_eq!(read("12:00:00"), DAY_S + DAY_S / 2);
    assert_eq!(read("22:00:00"), DAY_S + DAY_S * 22 / 24);
    assert_eq!(read("00:30:00"), 2 * DAY_S + 1800);
}

#[test]
fn noon_is_passed_where_halves_of_the_day_are_not_told() {
    let mut times = pattern("%I:%M:%S");
    let mut read = |text: &str| times.read(text).expect("a time") / SECOND_NS;
    assert_eq!(read("11:59:59"), DAY_S / 2 - 1);
    assert_eq!(read("12:00:00"), DAY_S / 2);
    assert_eq!(read("12:59:59"), DAY_S / 2 + 3599);
    assert_eq!(read("01:00:00"), DAY_S / 2 + 3600);
}

#[test]
fn new_year_is_passed_where_the_year_is_not_told() {
    let mut times = reader(TimeFormat::Strftime, |spec| {
        spec.pattern = Some("%b %d %H:%M:%S".to_owned());
        spec.year = Some(2023);
    });
    let old = times.read("Dec 31 23:59:59").expect("a time");
    let new = times.read("Jan  1 00:00:00").expect("a time");
    assert_eq!(new - old, SECOND_NS);
}

#[test]
fn local_times_that_name_no_instant_or_two_are_noted() {
    let mut times = reader(TimeFormat::Rfc3339, |spec| {
        spec.zone = Some("America/New_York".to_owned());
    });
    let mut read = |text: &str| times.read(text).expect("a time") / SECOND_NS;
    assert_eq!(read("2023-11-05 00:30:00"), 1_699_158_600);
    // Twice: at -4 h and, an hour later, at -5 h.
    assert_eq!(read("2023-11-05 01:30:00"), 1_699_162_200);
    assert_eq!(read("2023-11-05 02:30:00"), 1_699_169_400);
    // Never: the clock went from 02:00 at -5 h to 03:00 at -4 h.
    assert_eq!(read("2023-03-12 02:30:00"), 1_678_602_600);
    assert_eq!(
        times.notes(),
        [
            "1 times are in an hour that the local clock went through twice (the first: 2023-11-05 01:30:00); the \
             earlier instant was taken",
            "1 times are in an hour that the local clock leapt over (the first: 2023-03-12 02:30:00); the earlier \
             instant was taken",
        ]
    );
}

#[test]
fn granularity_is_measured() {
    let mut times = reader(TimeFormat::EpochS, |_| {});
    assert_eq!(times.resolution_ns(), None);
    for (text, resolution_ns) in [
        ("1678221480", MINUTE_NS),
        ("1678221498.000", SECOND_NS),
        ("1678221498.1", SECOND_NS / 10),
        ("1678221498.148", 1_000_000),
        ("1678221499", 1_000_000),
        ("1678221499 secs 7000 usecs", 1_000_000),
        ("1678221498.1481234", 100),
    ] {
        times.read(text).expect("a time");
        assert_eq!(times.resolution_ns(), Some(resolution_ns), "{text}");
    }
}

#[test]
fn errors_say_what_was_expected_and_found() {
    let error = |mut times: TimeReader, text: &str| times.read(text).expect_err("no time");
    assert_eq!(
        error(pattern("%H:%M:%S"), "12:3x:10"),
        "time: expected a time like %H:%M:%S, found `12:3x:10`: expected `:`, found `x:10`"
    );
    assert_eq!(
        error(reader(TimeFormat::EpochS, |_| {}), "yesterday"),
        "time: expected seconds since the epoch, found `yesterday`"
    );
    assert_eq!(
        error(pattern("%F %T %Z"), "2023-03-07 20:38:18 Moon"),
        "time: expected a time like %F %T %Z, found `2023-03-07 20:38:18 Moon`: the time zone `Moon` is not known"
    );
    assert!(error(pattern("%Y-%m-%d"), "2023-02-29").contains("found `2023-02-29`"));
    let refused = |change: fn(&mut Time)| {
        let mut spec = Time {
            format: TimeFormat::Strftime,
            ..Time::default()
        };
        change(&mut spec);
        TimeReader::new(&spec, None).expect_err("no format")
    };
    assert!(refused(|_| {}).contains("`pattern`"));
    assert!(refused(|spec| spec.pattern = Some("yyyy-MM-dd".to_owned())).contains("strftime"));
    assert!(refused(|spec| spec.pattern = Some("%Y-%K".to_owned())).contains("%K is not known"));
    assert!(refused(|spec| spec.pattern = Some("%H%".to_owned())).contains("middle of a %"));
    assert!(refused(|spec| spec.zone = Some("Mars/North".to_owned())).contains("time zone"));
}

/// Instants of the years 1900 to 2200.
fn any_instant_ns() -> impl Strategy<Value = i64> {
    -2_208_988_800_000_000_000..7_258_118_400_000_000_000_i64
}

fn any_zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "UTC",
        "America/New_York",
        "Europe/Berlin",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    ])
}

proptest! {
    #[test]
    fn rfc_3339_is_read_as_jiff_reads_it(time_ns in any_instant_ns(), zone in any_zone()) {
        let zone = TimeZone::get(zone).expect("a zone of the database");
        let timestamp = jiff::Timestamp::from_nanosecond(time_ns.into()).expect("an instant");
        let offset = zone.to_offset(timestamp);
        // Offsets of seconds, before zones were agreed on, cannot be written.
        prop_assume!(offset.seconds() % 60 == 0);
        let text = timestamp.display_with_offset(offset).to_string();
        prop_assert_eq!(reader(TimeFormat::Rfc3339, |_| {}).read(&text), Ok(time_ns), "{}", text);
    }

    #[test]
    fn local_times_are_those_of_jiff(times_ns in prop::collection::vec(any_instant_ns(), 1..5), zone in any_zone()) {
        let database = TimeZone::get(zone).expect("a zone of the database");
        let mut times = reader(TimeFormat::Strftime, |spec| {
            spec.pattern = Some("%Y-%m-%d %H:%M:%S.%f".to_owned());
            spec.zone = Some(zone.to_owned());
        });
        // Neighbours of the same day and of transitions, too: what is cached of a day must not leak.
        for time_ns in times_ns.iter().flat_map(|&time| [time, time + 7_200_000_000_000, time - 86_400_000_000_000]) {
            let timestamp = jiff::Timestamp::from_nanosecond(time_ns.into()).expect("an instant");
            let local = database.to_datetime(timestamp);
            let expected = database.to_ambiguous_timestamp(local).earlier().expect("an instant").as_nanosecond();
            let text = local.strftime("%Y-%m-%d %H:%M:%S.%9f").to_string();
            prop_assert_eq!(times.read(&text).map(i128::from), Ok(expected), "{}", text);
        }
    }

    #[test]
    fn no_text_is_too_much(text in "\\PC*", form in "[%A-Za-z0-9.,: -]*", digits in "[0-9.eE+:TZ-]{0,40}") {
        let formats = [TimeFormat::EpochS, TimeFormat::EpochNs, TimeFormat::Rfc3339, TimeFormat::Elapsed];
        for mut times in formats.map(|format| reader(format, |_| {})) {
            for text in [&text, &digits] {
                if let Err(error) = times.read(text) {
                    prop_assert!(error.starts_with("time: expected"), "{}", error);
                }
            }
        }
        let spec = Time { format: TimeFormat::Strftime, pattern: Some(form), date: Some(text.clone()), ..Time::default() };
        if let Ok(mut times) = TimeReader::new(&spec, Some("2023-03-07")) {
            for text in [&text, &digits] {
                let once = times.clone().read(text);
                prop_assert_eq!(times.read(text), once);
            }
        }
    }
}
