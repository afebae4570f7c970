use std::io::Write as _;

use event_log::{ClockEvent, Row as _};

use super::*;
use files::input;

const LINES: [&str; 4] = [
    "0,1000,send,1,0,1,,\n",
    "1,2000,receive,4,12,1,1,3\n",
    "2,3000,broadcast,5,1,,,\n",
    "3,4000,internal,6,0,,,\n",
];

fn add(batch: &mut Batch, text: &str) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("it can be written");
    batch.add_file(input::open(file.path()).expect("it can be read"));
}

/// The ticks of each log of a batch; none of a faulty one.
fn ticks(batch: Batch) -> Vec<Option<Vec<u64>>> {
    let of = |log| match log {
        Log::Rows(pieces) => {
            let frame = Piece::join(pieces).expect("one frame");
            let ticks = frame.column("tick").expect("ticks").u64().expect("counts");
            Some(ticks.iter().flatten().collect())
        }
        Log::Faulty => None,
    };
    batch.finish().into_iter().map(of).collect()
}

fn log(lines: &[&str]) -> String {
    format!("{}\n{}", ClockEvent::HEADER, lines.concat())
}

#[test]
fn each_log_has_its_rows_and_a_faulty_one_spoils_no_other() {
    let mut batch = Batch::default();
    add(&mut batch, &log(&LINES[..2]));
    // As many cells as rows have, and no row.
    add(&mut batch, &log(&["0,1000,rest,1,0,1,,\n"]));
    add(&mut batch, &log(&LINES[2..]));
    batch.add_lines(LINES[1].as_bytes());
    batch.add_faulty();
    batch.add_lines(b"1,cut");
    batch.add_lines(LINES[3].as_bytes());
    let expected = [
        Some(vec![0, 1]),
        None,
        Some(vec![2, 3]),
        Some(vec![1]),
        None,
        None,
        Some(vec![3]),
    ];
    assert_eq!(ticks(batch), expected);
}

#[test]
fn of_a_log_with_a_fault_nothing_is_kept() {
    let lines = LINES.concat();
    let header = ClockEvent::HEADER;
    for text in [
        String::new(),
        header.to_owned(),
        format!("{header}\n"),
        lines.clone(),
        format!("{header}\n{lines}4,5000,int"),
        format!("{header}\n{lines}\n"),
        format!("{header}\n{lines}4,5000,rest,7,0,,,\n"),
    ] {
        let mut batch = Batch::default();
        add(&mut batch, &log(&LINES));
        add(&mut batch, &text);
        let ticks = ticks(batch);
        assert_eq!(ticks, [Some(vec![0, 1, 2, 3]), None], "{text:?}");
    }
}

/// A log of more than two stretches, and the number of its rows.
fn long() -> (String, u64) {
    let rows = 2 * TEXT_BYTES as u64 / 20;
    let lines =
        (0..rows).map(|tick| format!("{tick},{},internal,{},0,,,\n", 1_000_000 + tick, tick + 1));
    (log(&[]) + &lines.collect::<String>(), rows)
}

#[test]
fn a_log_in_stretches_is_the_log_as_a_whole() {
    let (text, rows) = long();
    let mut batch = Batch::default();
    add(&mut batch, &log(&LINES[..1]));
    add(&mut batch, &text);
    add(&mut batch, &log(&LINES[1..]));
    assert!(batch.is_full());
    let whole = (0..rows).collect();
    assert_eq!(
        ticks(batch),
        [Some(vec![0]), Some(whole), Some(vec![1, 2, 3])]
    );
}

#[test]
fn a_fault_in_the_last_stretch_of_a_log_leaves_nothing_of_it() {
    let (text, _) = long();
    for fault in ["7,8\n", "7,8,rest,1,0,,,\n", "7,8,internal,1,0,,"] {
        let mut batch = Batch::default();
        add(&mut batch, &log(&LINES[..1]));
        add(&mut batch, &(text.clone() + fault));
        add(&mut batch, &log(&LINES[1..]));
        assert_eq!(
            ticks(batch),
            [Some(vec![0]), None, Some(vec![1, 2, 3])],
            "{fault:?}"
        );
    }
}

#[test]
fn neighbours_in_a_frame_are_joined_without_a_copy() {
    let mut batch = Batch::default();
    add(&mut batch, &log(&LINES[..2]));
    add(&mut batch, &log(&LINES[2..]));
    let pieces = batch.finish().into_iter().flat_map(|log| match log {
        Log::Rows(pieces) => pieces,
        Log::Faulty => Vec::new(),
    });
    let pieces: Vec<Piece> = pieces.collect();
    let place = |frame: &DataFrame| {
        let ticks = frame.column("tick").expect("ticks").u64().expect("counts");
        ticks.cont_slice().expect("one chunk").as_ptr()
    };
    let first = place(&pieces[0].frame);
    assert_eq!(place(&Piece::join(pieces).expect("a frame")), first);
}
