//! `analyze claims`: a ledger of sentences, put to the test.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::budget::Budget;
use crate::claims::LEDGER_FILE;
use crate::claims::assess::{Assessment, ClaimReport, assess};
use crate::claims::claim::Ledger;
use crate::claims::record::recorded;
use crate::notebook::reports::Reports;
use crate::table;
use crate::table::terminal::{self, Style};

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
        let ledger = Ledger::read(&file)?;
        let assessment = assess(&ledger, &mut Reports::within(self.budget.events()))?;
        let json = || serde_json::to_string_pretty(&assessment).map(|json| json + "\n");
        match self.json.as_deref() {
            Some(to) if to == Path::new("-") => io::stdout().write_all(json()?.as_bytes())?,
            Some(to) => {
                fs::write(to, json()?).with_context(|| format!("cannot write {}", to.display()))?;
                show(&mut io::stdout().lock(), &assessment)?;
            }
            None => show(&mut io::stdout().lock(), &assessment)?,
        }
        let mut stderr = io::stderr().lock();
        if self.record {
            fs::write(&file, recorded(&ledger, &assessment))
                .with_context(|| format!("cannot write {}", file.display()))?;
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

fn show(to: &mut impl Write, assessment: &Assessment) -> io::Result<()> {
    let all: Vec<&ClaimReport> = assessment.claims.iter().collect();
    let table = table::claims::table(&all, assessment);
    writeln!(to, "{}", terminal::render(&table, Style::of_stdout()))?;
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
