//! `analyze grade`: submissions against the assignment.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::outputs::{self, Outputs, is_stdout};
use super::{logs, streams};
use crate::grade::table;
use crate::grade::{self, Class, Row, Rubric, Submission, Unreadable, rubric, student};
use crate::markdown;
use crate::visible_text::visible;
use ::logs::origin;
use ::logs::scan;

mod progress;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  analyze grade class/*                   who needs attention, and why
  analyze grade class/* --out reports/    and a report for each student
  analyze grade ada/ --markdown -         the report on one submission
  analyze grade class/* --csv grades.csv  for a spreadsheet; --json for programs
  analyze grade --print-rubric > my.toml  the rubric: points, thresholds, names
  analyze grade class/* --rubric my.toml  a rubric of your own; what it leaves out
                                          is as in the default
  analyze grade RUN --split 5             how often the grade is wrong: each five
                                          trials of a run are one submission

A criterion that the logs cannot answer is \"cannot tell\", and takes no points.

Exit code: 0 all is met, as far as the logs can tell; 1 there is a finding, or a log
was not read; 2 a submission could not be read (the others are judged all the same),
or a wrong option.")]
pub(super) struct GradeArgs {
    /// Folders of logs, each of them one submission
    #[arg(value_name = "FOLDER", required_unless_present = "print_rubric")]
    folders: Vec<PathBuf>,
    /// What to judge by: a TOML file that changes the default rubric
    #[arg(long, value_name = "FILE")]
    rubric: Option<PathBuf>,
    /// Print the default rubric and do nothing else
    #[arg(long)]
    print_rubric: bool,
    /// Write a report for each submission into this folder, NAME.md
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write all as one JSON object to this file, or with `-` to standard output instead of the tables
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
    /// Write the tables, or of one submission its report, as Markdown to this file or with `-` to standard output
    #[arg(long, value_name = "FILE|-")]
    markdown: Option<PathBuf>,
    /// Write one line for each submission as CSV to this file, or with `-` to standard output instead of the tables. Text
    /// that a spreadsheet would take for a formula has ' before it
    #[arg(long, value_name = "FILE|-")]
    csv: Option<PathBuf>,
    /// Read logs of other programs in this format: a TOML file, or a built-in format by name (see `analyze formats`);
    /// without it each folder's format is told from its logs
    #[arg(long, value_name = "FILE|NAME")]
    log_format: Option<String>,
    /// Take each N trials of a run of ours for one submission; trials that are left over are left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    split: Option<u64>,
}

impl GradeArgs {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        if self.print_rubric {
            streams::bytes().write_all(rubric::DEFAULT.as_bytes())?;
            return Ok(0);
        }
        Outputs::default()
            .folder("--out", self.out.as_deref())
            .file("--json", self.json.as_deref())
            .file("--csv", self.csv.as_deref())
            .file("--markdown", self.markdown.as_deref())
            .check()?;
        let rubric = match &self.rubric {
            Some(file) => Rubric::read(file)?,
            None => Rubric::default(),
        };
        logs::refuse_summaries(&self.folders)?;
        let rows = match self.split {
            Some(size) => self.split_runs(size as usize, &rubric)?,
            None => self.read_folders(&rubric)?,
        };
        let class = Class { rubric, rows };
        self.write(&class)?;
        let mut files = [&self.json, &self.markdown, &self.csv]
            .into_iter()
            .flatten();
        if !files.any(|file| is_stdout(file)) {
            self.show(&class)?;
        }
        Ok(class.exit_code())
    }

    fn read_folders(&self, rubric: &Rubric) -> anyhow::Result<Vec<Row>> {
        let format = self.log_format.as_deref().map(origin::format).transpose()?;
        let names = grade::names(&self.folders);
        let submissions: Vec<(&PathBuf, String)> = self.folders.iter().zip(names).collect();
        Ok(progress::map(
            &submissions,
            "submissions",
            |(folder, name)| Row {
                submission: name.clone(),
                folder: (*folder).clone(),
                outcome: grade::isolated(|| {
                    let read = Submission::read(folder, name, format.as_ref())?;
                    Ok(grade::grade(&read, rubric))
                }),
            },
        ))
    }

    /// Every `size` trials of a run as one submission.
    fn split_runs(&self, size: usize, rubric: &Rubric) -> anyhow::Result<Vec<Row>> {
        let places = scan::find(&self.folders)?.places;
        let mut blocks = Vec::new();
        for run in places.chunk_by(|a, b| a.run == b.run) {
            for (number, block) in run.chunks_exact(size).enumerate() {
                blocks.push((format!("{}-{:04}", block[0].run, number * size), block));
            }
        }
        if blocks.is_empty() {
            bail!("no run has {size} trials; pass a smaller number with --split");
        }
        Ok(progress::map(&blocks, "submissions", |(name, block)| {
            let folder = block[0].dir.parent().unwrap_or(&block[0].dir).to_owned();
            Row {
                submission: name.clone(),
                outcome: grade::isolated(|| {
                    let read = Submission::of_ours(&folder, name, block)?;
                    Ok(grade::grade(&read, rubric))
                }),
                folder,
            }
        }))
    }

    fn write(&self, class: &Class) -> anyhow::Result<()> {
        if let Some(folder) = &self.out {
            reports(class, folder)?;
        }
        if let Some(file) = &self.json {
            outputs::json(&class.json()?, file)?;
        }
        if let Some(file) = &self.csv {
            outputs::write(file, &grade::csv(class)?)?;
        }
        if let Some(file) = &self.markdown {
            outputs::write(file, markdown_of(class).as_bytes())?;
        }
        Ok(())
    }

    fn show(&self, class: &Class) -> io::Result<()> {
        let mut to = streams::stdout();
        if let [
            Row {
                outcome: Ok(grade), ..
            },
        ] = class.rows.as_slice()
        {
            return writeln!(to, "{}", student::report(grade, &class.rubric.name));
        }
        to.table(&table::class(class))?;
        writeln!(to)?;
        if class.rows.len() > 1 {
            to.table(&table::criteria(class))?;
            writeln!(to)?;
        }
        for row in &class.rows {
            if let Err(Unreadable(why)) = &row.outcome {
                let folder = row.folder.display().to_string();
                writeln!(to, "{}: {why}", visible(&folder))?;
            }
        }
        Ok(())
    }
}

/// Of one submission its report, of several the tables.
fn markdown_of(class: &Class) -> String {
    if let [
        Row {
            outcome: Ok(grade), ..
        },
    ] = class.rows.as_slice()
    {
        return student::report(grade, &class.rubric.name);
    }
    let tables = [table::class(class), table::criteria(class)];
    tables.iter().map(markdown::titled).collect()
}

/// A report for each submission that could be read.
fn reports(class: &Class, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for row in &class.rows {
        let text = match &row.outcome {
            Ok(grade) => student::report(grade, &class.rubric.name),
            Err(Unreadable(why)) => format!(
                "# {}\n\nThe logs could not be read: {}\n",
                markdown::inline(&row.submission),
                markdown::inline(why)
            ),
        };
        let file = folder.join(format!("{}.md", row.submission));
        outputs::write(&file, text.as_bytes())?;
    }
    Ok(())
}
