//! What a block becomes: a function of its words and the page's logs.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use serde_json::Value;
use text::number::UNKNOWN;

use super::NotebookError;
use super::chain;
use super::page::{Block, Header};
use super::studies::{self, Studies, Study};
use super::value;
use crate::analysis::{Analysis, Wanted};
use crate::band;
use crate::compare::compare;
use crate::condition::driver_name;
use crate::figures;
use crate::figures::drawing::Drawing;
use crate::markdown;
use crate::report::{Report, TrialReport};
use crate::runner_process::EventBudget;
use crate::sources::Sources;
use crate::table::{Table, tables};
use files::note::Note;

/// Figures that are made of studies, by the names of their kinds.
const STUDY_FIGURES: [&str; 2] = [figures::COVERAGE, figures::POWER];

/// How much of an analysis these blocks take: digests only for figures of trials.
pub(super) fn wanted<'b>(mut blocks: impl Iterator<Item = &'b Block>) -> Wanted {
    let of_trials = |block: &Block| {
        let name = block.options.get("name").map_or("", String::as_str);
        block.kind == "figure"
            && !STUDY_FIGURES.contains(&name)
            && !figures::REPORT_NAMES.contains(&name)
    };
    match blocks.any(of_trials) {
        true => Wanted::Digests,
        false => Wanted::Report,
    }
}

/// All that a page's blocks are made of.
#[derive(Debug)]
pub struct Material {
    page: PathBuf,
    header: Header,
    analysis: Analysis,
    /// The report as an object, once a value of it is asked for: it takes many times the room of the report.
    json: OnceCell<Value>,
    studies: Studies,
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
    /// Reads a page's logs and analyses them as far as is `wanted`; what is run again for it has no more events than the
    /// budget allows.
    ///
    /// # Errors
    ///
    /// When the logs cannot be read, repeated or analysed.
    pub fn gather(
        page: &Path,
        header: &Header,
        wanted: Wanted,
        budget: &EventBudget,
    ) -> Result<Material, NotebookError> {
        let sources = Sources::resolve(folder_of(page), &header.logs)?;
        let mut analysis = sources.analyse(page, wanted, budget)?;
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
        Ok(Material {
            page: page.to_owned(),
            header: header.clone(),
            tables: tables(&analysis.report, false),
            analysis,
            json: OnceCell::new(),
            studies: Studies::default(),
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
            kind if studies::KINDS.contains(&kind) => {
                let answer = self.studies.of(kind, block, &self.analysis.report);
                answer.map(|answer| Content::lines(&answer.study.text()))
            }
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
        let (drawing, file) = if STUDY_FIGURES.contains(&name) {
            self.study_figure(name, block)?
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

    /// A figure of a study, and the name of its file.
    fn study_figure(
        &self,
        name: &str,
        block: &Block,
    ) -> Result<(Option<Drawing>, String), NotebookError> {
        let mut asked = block.clone();
        asked.options.remove("name");
        let answer = self.studies.of(name, &asked, &self.analysis.report);
        let answer = answer.map_err(|problem| self.wrong(block, problem))?;
        Ok(match &answer.study {
            Study::Coverage(coverage) => (figures::draw_coverage(coverage), format!("{name}.svg")),
            Study::Power(study) => (figures::draw_power(study), studies::power_file(block)),
            Study::Plan(_) | Study::Gap(_) => (None, format!("{name}.svg")),
        })
    }

    fn value(&self, block: &Block) -> Result<Content, String> {
        let at = option(block, "at")?;
        let written = |json: &Value, what: &str| {
            let value = json.pointer(at);
            let value = value.ok_or_else(|| format!("the {what} has nothing at `{at}`"))?;
            value::written(value, at, block)
        };
        let text = match block.options.get("of") {
            None => written(self.json()?, "report")?,
            Some(kind) => {
                let answer = self.studies.of(kind, block, &self.analysis.report)?;
                written(answer.json()?, "study")?
            }
        };
        Ok(Content { text, figure: None })
    }

    fn json(&self) -> Result<&Value, String> {
        if let Some(json) = self.json.get() {
            return Ok(json);
        }
        let json =
            serde_json::to_value(&self.analysis.report).map_err(|error| error.to_string())?;
        Ok(self.json.get_or_init(|| json))
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
