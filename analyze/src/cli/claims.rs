//! `analyze claims`: a ledger of sentences, put to the test.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::budget::Budget;
use super::outputs::{self, Outputs, is_stdout};
use super::streams::{self, Text};
use crate::claims::LEDGER_FILE;
use crate::claims::assess::{Assessment, ClaimReport, assess};
use crate::claims::claim::Ledger;
use crate::claims::record::recorded;
use crate::claims::table;
use crate::sources::reports::Reports;

#[derive(Debug, Args)]
#[command(after_help = "\
A ledger says of each sentence which trials decide it; its head in
notebook/claims.toml shows how. Verdicts are Holm's over all claims.

Exit code: 0; 1 a verdict is not the recorded one (a claim that is refuted, and
recorded so, is no finding); 2 no ledger, an error in it, or no trials.")]
pub(super) struct Claims {
    /// The ledger, or the folder of pages that it lies in
    #[arg(value_name = "LEDGER", default_value = "notebook")]
    ledger: PathBuf,
    /// Write the verdicts as one JSON object to this file, or instead of the table to standard output with `-`
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
    /// Record the verdicts in the ledger
    #[arg(long)]
    record: bool,
    #[command(flatten)]
    budget: Budget,
}

impl Claims {
    /// The exit code is 1 when a verdict is not the one that the ledger records. That a claim is refuted is no finding: it
    /// is what the ledger is for.
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let file = match self.ledger.is_dir() {
            true => self.ledger.join(LEDGER_FILE),
            false => self.ledger.clone(),
        };
        let record = self.record.then_some(file.as_path());
        Outputs::default()
            .file("--json", self.json.as_deref())
            .file("--record", record)
            .check()?;
        let ledger = Ledger::read(&file)?;
        let assessment = assess(&ledger, &mut Reports::within(self.budget.events()))?;
        if let Some(to) = &self.json {
            outputs::json(&assessment, to)?;
        }
        if !self.json.as_deref().is_some_and(is_stdout) {
            show(&mut streams::stdout(), &assessment)?;
        }
        let mut stderr = streams::stderr();
        if self.record {
            outputs::write(&file, recorded(&ledger, &assessment).as_bytes())?;
            writeln!(stderr, "{}: verdicts recorded", file.display())?;
            return Ok(0);
        }
        for claim in &assessment.claims {
            if let Some(problem) = claim.disagreement() {
                writeln!(stderr, "{}:{}: {problem}", file.display(), claim.line)?;
            }
        }
        let differs = |claim: &ClaimReport| {
            claim
                .recorded
                .is_some_and(|recorded| recorded != claim.verdict)
        };
        Ok(u8::from(assessment.claims.iter().any(differs)))
    }
}

fn show(to: &mut Text<impl Write>, assessment: &Assessment) -> io::Result<()> {
    let all: Vec<&ClaimReport> = assessment.claims.iter().collect();
    let table = table::table(&all, assessment);
    to.table(&table)?;
    writeln!(to)?;
    for claim in &assessment.claims {
        if let Some(lacking) = &claim.lacking {
            writeln!(to, "claim `{}` cannot be decided: {lacking}", claim.id)?;
        }
    }
    writeln!(
        to,
        "claims: {} supported, {} refuted, {} undecided",
        assessment.supported, assessment.refuted, assessment.undecided
    )
}
