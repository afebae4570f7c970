//! A class: all submissions, judged.
//!
//! # The CSV
//!
//! One line for each submission in the order in which they were given: `submission,folder,format,trials,grade_percent,points,
//! points_judged,points_possible,not_met,partly,cannot_tell,unreadable`, then for each criterion that is on two columns,
//! `KEY` with the verdict (`met`, `partly`, `not_met`, `cannot_tell`) and `KEY_points`. Empty: not known.
//! Text that a spreadsheet would take for a formula has `'` before it.
//!
//! # The JSON
//!
//! `{ grade_version, rubric, submissions: [ { submission, folder, unreadable, grade_percent, points, points_judged,
//! points_possible, format, trials, aborted, notes, unread_logs: [ { file, reason } ], judgements: [ { criterion, name, verdict, points, points_possible, short,
//! summary, advice, numbers: [ { what, found, expected } ], lines: [ { file, line, text, shows } ] } ] } ] }`. Of an unreadable
//! submission only the first three are there, of any other `unreadable` is null.

use std::path::PathBuf;

use super::criterion::Criterion;
use super::judgement::{Grade, Judgement, Verdict};
use super::rubric::Rubric;
use super::submission::Unreadable;
use formats::exchange::cells::cell;

/// Version of the JSON and of the CSV: raised when a field changes its meaning or goes away.
pub const GRADE_VERSION: u32 = 1;

/// A submission of the class.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its name in the class.
    pub submission: String,
    /// Its folder.
    pub folder: PathBuf,
    /// What became of it.
    pub outcome: Result<Grade, Unreadable>,
}

impl Row {
    /// Points as a share of what could be judged, 0 to 1.
    pub fn share(&self) -> Option<f64> {
        self.outcome.as_ref().ok()?.share()
    }

    fn judgement(&self, criterion: Criterion) -> Option<&Judgement> {
        let grade = self.outcome.as_ref().ok()?;
        grade
            .judgements
            .iter()
            .find(|one| one.criterion == criterion)
    }
}

/// All submissions, in the order in which they were given.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// By which they were judged.
    pub rubric: Rubric,
    /// The submissions.
    pub rows: Vec<Row>,
}

impl Class {
    /// The submissions as they need attention: unreadable ones, then by grade, the lowest first.
    pub fn by_need(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        let key = |row: &Row| row.share().unwrap_or(-1.0);
        rows.sort_by(|a, b| key(a).total_cmp(&key(b)));
        rows
    }

    /// 0 when all is met as far as anybody can tell, 1 when there is a finding or a log that was not read, 2 when a submission
    /// could not be read.
    pub fn exit_code(&self) -> u8 {
        let code = |row: &Row| match &row.outcome {
            Err(_) => 2,
            Ok(grade) if grade.findings().is_empty() && grade.unread_logs.is_empty() => 0,
            Ok(_) => 1,
        };
        self.rows.iter().map(code).max().unwrap_or(2)
    }

    /// Points that the rubric gives in all.
    pub fn points_possible(&self) -> f64 {
        Criterion::ALL
            .iter()
            .map(|&one| self.rubric.points(one))
            .sum()
    }

    /// How many submissions have a verdict on a criterion.
    pub fn count(&self, criterion: Criterion, verdict: Verdict) -> usize {
        let same = self.rows.iter().filter(|row| {
            row.judgement(criterion)
                .is_some_and(|one| one.verdict == verdict)
        });
        same.count()
    }

    /// The class as one JSON value.
    ///
    /// # Errors
    ///
    /// None that a rubric and grades could cause.
    pub fn json(&self) -> serde_json::Result<serde_json::Value> {
        let rows: Result<Vec<serde_json::Value>, _> =
            self.rows.iter().map(|row| self.row_json(row)).collect();
        Ok(serde_json::json!({
            "grade_version": GRADE_VERSION,
            "rubric": serde_json::to_value(&self.rubric)?,
            "submissions": rows?,
        }))
    }

    fn row_json(&self, row: &Row) -> serde_json::Result<serde_json::Value> {
        let grade = match &row.outcome {
            Err(unreadable) => {
                return Ok(serde_json::json!({
                    "submission": row.submission,
                    "folder": row.folder,
                    "unreadable": unreadable.0,
                }));
            }
            Ok(grade) => grade,
        };
        let mut value = serde_json::to_value(grade)?;
        value["unreadable"] = serde_json::Value::Null;
        value["grade_percent"] = serde_json::to_value(grade.share().map(tenths_of_percent))?;
        value["points"] = serde_json::to_value(tenths(grade.points()))?;
        value["points_judged"] = serde_json::to_value(grade.points_judged())?;
        value["points_possible"] = serde_json::to_value(self.points_possible())?;
        Ok(value)
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn tenths_of_percent(share: f64) -> f64 {
    tenths(share * 100.0)
}

/// The class as CSV.
///
/// # Errors
///
/// When memory is full.
pub fn csv(class: &Class) -> Result<Vec<u8>, csv::Error> {
    let on: Vec<Criterion> = Criterion::ALL
        .into_iter()
        .filter(|&one| class.rubric.is_on(one))
        .collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fixed = [
        "submission",
        "folder",
        "format",
        "trials",
        "grade_percent",
        "points",
        "points_judged",
        "points_possible",
        "not_met",
        "partly",
        "cannot_tell",
        "unreadable",
    ];
    let criteria = on
        .iter()
        .flat_map(|one| [one.key().to_owned(), format!("{}_points", one.key())]);
    writer.write_record(fixed.map(str::to_owned).into_iter().chain(criteria))?;
    for row in &class.rows {
        writer.write_record(record(class, row, &on))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

fn record(class: &Class, row: &Row, on: &[Criterion]) -> Vec<String> {
    let text = |text: &str| cell(text).into_owned();
    let mut cells = vec![
        text(&row.submission),
        text(&row.folder.display().to_string()),
    ];
    let possible = class.points_possible().to_string();
    match &row.outcome {
        Err(unreadable) => {
            cells.extend([const { String::new() }; 9]);
            cells.push(text(&unreadable.0));
            cells.extend(on.iter().flat_map(|_| [String::new(), String::new()]));
            return cells;
        }
        Ok(grade) => {
            let percent = grade
                .share()
                .map(|share| tenths_of_percent(share).to_string());
            cells.extend([
                text(&grade.format),
                grade.trials.to_string(),
                percent.unwrap_or_default(),
                tenths(grade.points()).to_string(),
                grade.points_judged().to_string(),
                possible,
                grade.count(Verdict::NotMet).to_string(),
                grade.count(Verdict::Partly).to_string(),
                grade.count(Verdict::CannotTell).to_string(),
                String::new(),
            ]);
        }
    }
    for &criterion in on {
        let judgement = row.judgement(criterion);
        cells.push(judgement.map_or(String::new(), |one| one.verdict.words().replace(' ', "_")));
        let points = judgement.and_then(|one| one.points);
        cells.push(points.map_or(String::new(), |points| points.to_string()));
    }
    cells
}
