//! What a block becomes: a function of its words and the page's logs.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::NotebookError;
use super::chain;
use super::page::{Block, Header};
use super::source::Sources;
use super::studies::{self, Study};
use super::value;
use crate::analysis::{Analysis, Wanted};
use crate::band;
use crate::compare::compare;
use crate::condition::driver_name;
use crate::figures::{self, Drawing};
use crate::markdown;
use crate::note::Note;
use crate::report::{Report, TrialReport};
use crate::runner_process::EventBudget;
use crate::table::number::UNKNOWN;
use crate::table::{Table, tables};

/// All that a page's blocks are made of.
#[derive(Debug)]
pub struct Material {
    page: PathBuf,
    header: Header,
    analysis: Analysis,
    json: Value,
    tables: Vec<Table>,
    fingerprint: String,
    /// For blocks that read rows.
    sources: Sources,
    /// The most events of what is made for them: of each a part of what the page may have in all.
    events_max: u64,
}

/// A block's new content, and the figure it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The text between the marks.
    pub text: String,
    /// File and drawing of the figure, if it is one.
    pub figure: Option<(PathBuf, Drawing)>,
}

impl Content {
    pub(super) fn lines(text: &str) -> Content {
        Content {
            text: format!("\n{}\n", text.trim_end()),
            figure: None,
        }
    }

    /// A figure and its caption; `figures` is the page's folder for them, relative to the page.
    pub(super) fn picture(page: &Path, figures: &str, file: &str, drawing: Drawing) -> Content {
        let link = format!("{figures}/{file}");
        let [title, caption] =
            [&drawing.title, &drawing.caption].map(|text| markdown::inline(text));
        let text = format!("![{title}]({link})\n\n*{caption}*");
        Content {
            figure: Some((folder_of(page).join(link), drawing)),
            ..Content::lines(&text)
        }
    }
}

impl Material {
    /// Reads and analyses a page's logs; what is run again for it has no more events than the budget allows.
    ///
    /// # Errors
    ///
    /// When the logs cannot be read, repeated or analysed.
    pub fn gather(
        page: &Path,
        header: &Header,
        budget: &EventBudget,
    ) -> Result<Material, NotebookError> {
        let sources = Sources::resolve(folder_of(page), &header.logs)?;
        let mut analysis = sources.analyse(page, Wanted::Digests, budget)?;
        let fingerprint = sources.fingerprint(&analysis.fingerprints)?;
        if let Some([a, b]) = &header.compare {
            let comparison = compare(&analysis.report, a, b, &[]);
            let comparison = comparison.map_err(|error| NotebookError::Page {
                page: page.to_owned(),
                line: 1,
                problem: format!("compare=\"{a} {b}\": {error}"),
            })?;
            analysis.report.comparison = Some(comparison);
        }
        if let Some(trials) = header.band {
            band::add(&mut analysis, trials, budget).map_err(|cause| NotebookError::Band {
                page: page.to_owned(),
                cause,
            })?;
        }
        let json = serde_json::to_value(&analysis.report)
            .map_err(|error| NotebookError::file(page)(error.into()))?;
        Ok(Material {
            page: page.to_owned(),
            header: header.clone(),
            tables: tables(&analysis.report, false),
            analysis,
            json,
            fingerprint,
            sources,
            events_max: budget.max(),
        })
    }

    /// The report.
    pub fn report(&self) -> &Report {
        &self.analysis.report
    }

    /// The report alone.
    pub fn into_report(self) -> Report {
        self.analysis.report
    }

    /// What is wrong with the logs.
    pub fn notes(&self) -> &[Note] {
        &self.analysis.report.notes
    }

    /// How often the logs break a law.
    pub fn violated(&self) -> u64 {
        self.analysis.report.check.violated()
    }

    /// Computes a block.
    ///
    /// # Errors
    ///
    /// [`NotebookError::Page`] at the block's line when its words name nothing there is.
    pub fn render(&self, block: &Block) -> Result<Content, NotebookError> {
        let content = match block.kind.as_str() {
            "logs" => Ok(Content::lines(&self.logs())),
            "check" => Ok(Content::lines(&self.check())),
            "table" => self.table(block),
            "chain" => {
                let read = |trial: &TrialReport| {
                    let budget = EventBudget::new(self.events_max);
                    let dir = Path::new(&trial.dir);
                    self.sources.trial(&trial.run, trial.trial, dir, &budget)
                };
                chain::text(block, &self.analysis.report, read).map(|text| Content::lines(&text))
            }
            kind if studies::KINDS.contains(&kind) => Study::of(kind, block, &self.analysis.report)
                .map(|study| Content::lines(&study.text())),
            "figure" => return self.figure(block),
            "value" => self.value(block),
            other => Err(format!(
                "`{other}` is no kind of block: expected logs, table, figure, chain, coverage, plan, power, gap, check or value"
            )),
        };
        content.map_err(|problem| self.wrong(block, problem))
    }

    /// The blocks of a page that shows everything, in the order of reading.
    pub fn all_words(&self) -> Vec<(String, String)> {
        let mut words = vec![("Logs".to_owned(), "logs".to_owned())];
        words.push(("Laws".to_owned(), "check".to_owned()));
        for table in &self.tables {
            words.push((
                table.title.clone(),
                format!("table name={}", slug(&table.title)),
            ));
        }
        let digests = &self.analysis.digests;
        for name in figures::REPORT_NAMES {
            if matches!(
                figures::draw_report(name, &self.analysis.report),
                Ok(Some(_))
            ) {
                words.push((String::new(), format!("figure name={name}")));
            }
        }
        for name in figures::COMPARED_NAMES {
            if matches!(figures::draw_compared(name, digests), Ok(Some(_))) {
                words.push((String::new(), format!("figure name={name}")));
            }
        }
        for (index, digest) in digests.iter().enumerate() {
            for name in figures::NAMES {
                if matches!(figures::draw(name, digest), Ok(Some(_))) {
                    let condition = match digests.len() {
                        1 => String::new(),
                        _ => format!(" condition={}", index + 1),
                    };
                    words.push((String::new(), format!("figure name={name}{condition}")));
                }
            }
        }
        words
    }

    fn wrong(&self, block: &Block, problem: String) -> NotebookError {
        block.wrong(&self.page, problem)
    }

    fn logs(&self) -> String {
        let mut text =
            "| run | driver | seed | trials | complete |\n| --- | --- | ---: | ---: | ---: |\n"
                .to_owned();
        let trials = &self.analysis.report.trials;
        for run in trials.chunk_by(|a, b| a.run == b.run) {
            let complete = run.iter().filter(|trial| trial.is_whole()).count();
            let driver = run[0].driver.map_or(UNKNOWN, driver_name);
            let seed = run[0]
                .seed
                .map_or(UNKNOWN.to_owned(), |seed| seed.to_string());
            text += &format!(
                "| {} | {driver} | {seed} | {} | {complete} |\n",
                markdown::inline(&run[0].run),
                run.len()
            );
        }
        text + &format!("\nSHA-256 of all logs begins with `{}`.", self.fingerprint)
    }

    fn check(&self) -> String {
        format!(
            "Check: {}",
            markdown::inline(&self.analysis.report.check.to_string())
        )
    }

    fn table(&self, block: &Block) -> Result<Content, String> {
        let name = option(block, "name")?;
        let table = self.tables.iter().find(|table| slug(&table.title) == name);
        let table = table.ok_or_else(|| {
            let names: Vec<String> = self.tables.iter().map(|table| slug(&table.title)).collect();
            format!(
                "no table is called `{name}`: expected one of {}",
                names.join(", ")
            )
        })?;
        Ok(Content::lines(&markdown::table(table)))
    }

    fn figure(&self, block: &Block) -> Result<Content, NotebookError> {
        let wrong = |problem: String| self.wrong(block, problem);
        let name = option(block, "name").map_err(wrong)?;
        let digests = &self.analysis.digests;
        let (drawing, file) = if name == figures::COVERAGE {
            let coverage = studies::covered(block, &self.analysis.report).map_err(wrong)?;
            (figures::draw_coverage(&coverage)?, format!("{name}.svg"))
        } else if name == figures::POWER {
            let study = studies::powered(block, &self.analysis.report).map_err(wrong)?;
            (figures::draw_power(&study)?, studies::power_file(block))
        } else if figures::REPORT_NAMES.contains(&name) {
            let drawing = figures::draw_report(name, &self.analysis.report)?;
            (drawing, format!("{name}.svg"))
        } else if figures::COMPARED_NAMES.contains(&name) {
            (
                figures::draw_compared(name, digests)?,
                format!("{name}.svg"),
            )
        } else {
            let number: usize = match block.options.get("condition") {
                None => 1,
                Some(number) => number
                    .parse()
                    .map_err(|_| wrong(format!("condition={number}: expected a number")))?,
            };
            let digest = number
                .checked_sub(1)
                .and_then(|index| digests.get(index))
                .ok_or_else(|| wrong(format!("condition={number}: there are {}", digests.len())))?;
            let file = match digests.len() {
                1 => format!("{name}.svg"),
                _ => format!("{name}-{number}.svg"),
            };
            (figures::draw(name, digest)?, file)
        };
        let drawing =
            drawing.ok_or_else(|| wrong(format!("the logs have nothing for figure `{name}`")))?;
        Ok(Content::picture(
            &self.page,
            &self.header.figures,
            &file,
            drawing,
        ))
    }

    fn value(&self, block: &Block) -> Result<Content, String> {
        let at = option(block, "at")?;
        let study = match block.options.get("of") {
            None => None,
            Some(kind) => Some(Study::of(kind, block, &self.analysis.report)?.json()?),
        };
        let value = study.as_ref().unwrap_or(&self.json).pointer(at);
        let value = value.ok_or_else(|| match &study {
            None => format!("the report has nothing at `{at}`"),
            Some(_) => format!("the study has nothing at `{at}`"),
        })?;
        let text = value::written(value, at, block)?;
        Ok(Content { text, figure: None })
    }
}

pub(super) fn option<'a>(block: &'a Block, name: &str) -> Result<&'a str, String> {
    let value = block.options.get(name);
    value
        .map(String::as_str)
        .ok_or_else(|| format!("a {} block needs {name}=…", block.kind))
}

/// The folder that a page's links start from.
pub(super) fn folder_of(page: &Path) -> &Path {
    match page.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A title as a name: lower case, dashes for all else.
pub(super) fn slug(title: &str) -> String {
    let mut name = String::new();
    for letter in title.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            name.push(letter);
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    name.trim_end_matches('-').to_owned()
}
