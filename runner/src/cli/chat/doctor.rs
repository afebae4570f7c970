//! `runner chat doctor`.

use std::path::PathBuf;

use chat_service::doctor::{self, Finding};
use clap::Args;

use crate::cli::flags::print;

/// Where to look.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct DoctorArgs {
    /// The folder whose disk is measured: where servers are to keep what they know
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,

    /// One object on standard output
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Examples:
  runner chat doctor
  runner chat doctor --folder /var/lib/chat
  runner chat doctor --json | jq -r '.findings[] | select(.verdict != \"good\") | .advice'

It writes a small file there a hundred times and removes it, watches its own turns for a second, starts and stops a child,
and makes a network namespace if it may. Nothing is left behind.
Exit code: 0 the service can be run here, 1 not well: something is `bad`, 2 it could not be found out.";

pub(super) fn execute(arguments: &DoctorArgs) -> anyhow::Result<u8> {
    let findings = doctor::examine(&arguments.folder);
    let is_well = doctor::is_well(&findings);
    match arguments.json {
        true => {
            let all = serde_json::json!({ "well": is_well, "findings": findings });
            print(&format!("{all:#}\n"))?;
        }
        false => print(&text(&findings))?,
    }
    Ok(u8::from(!is_well))
}

fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let (verdict, subject) = (finding.verdict.word(), finding.subject);
        text += &format!("{verdict:8}{subject}: {}\n", finding.found);
        text += &format!("        {}\n", finding.meaning);
        if let Some(advice) = &finding.advice {
            text += &format!("        → {advice}\n");
        }
    }
    text
}
