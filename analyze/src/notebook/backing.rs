//! What a page argues from: logs, or measurements.

use std::path::Path;

use super::NotebookError;
use super::block::{Content, Material};
use super::measured::Measured;
use super::page::{Block, Header};
use crate::note::Note;
use crate::report::Report;
use crate::runner_process::EventBudget;

/// What the blocks of a page are made of.
#[derive(Debug)]
pub enum Backing {
    /// Logs.
    Logs(Box<Material>),
    /// Measurements of programs.
    Measures(Measured),
}

impl Backing {
    /// Reads what a page names; what is run again for it has no more events than the budget allows.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or logs cannot be analysed.
    pub fn gather(
        page: &Path,
        header: &Header,
        budget: &EventBudget,
    ) -> Result<Backing, NotebookError> {
        match &header.measures {
            Some(folder) => Measured::gather(page, header, folder).map(Backing::Measures),
            None => {
                Material::gather(page, header, budget).map(|logs| Backing::Logs(Box::new(logs)))
            }
        }
    }

    /// The kind of block that a page must have: it binds the page to the files behind it.
    pub fn binding(&self) -> &'static str {
        match self {
            Backing::Logs(_) => "logs",
            Backing::Measures(_) => "measurements",
        }
    }

    /// Computes a block.
    ///
    /// # Errors
    ///
    /// [`NotebookError::Page`] at the block's line when its words name nothing there is.
    pub fn render(&self, block: &Block) -> Result<Content, NotebookError> {
        match self {
            Backing::Logs(material) => material.render(block),
            Backing::Measures(measured) => measured.render(block),
        }
    }

    /// What is wrong with the logs.
    pub fn notes(&self) -> &[Note] {
        match self {
            Backing::Logs(material) => material.notes(),
            Backing::Measures(_) => &[],
        }
    }

    /// How often the logs break a law.
    pub fn violated(&self) -> u64 {
        match self {
            Backing::Logs(material) => material.violated(),
            Backing::Measures(_) => 0,
        }
    }

    /// The report of the logs.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Backing::Logs(material) => Some(material.report()),
            Backing::Measures(_) => None,
        }
    }

    /// The report alone.
    pub fn into_report(self) -> Option<Report> {
        match self {
            Backing::Logs(material) => Some(material.into_report()),
            Backing::Measures(_) => None,
        }
    }
}
