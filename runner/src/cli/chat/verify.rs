//! `runner chat verify`.

use std::path::PathBuf;

use chat_service::offline::verify::verify;
use clap::Args;

use crate::cli::flags::print;
use crate::summary::chat_disks;

/// The disks of servers.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct VerifyArgs {
    /// The folder of a cluster, or of one server of it
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,

    /// One object on standard output, with every figure
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Examples:
  runner chat verify chat/                      all servers of a cluster of this host, and whether they agree
  runner chat verify chat/server-1              the disk of one
  runner chat verify chat/ --json | jq .findings

Every record is read, its sum checked, and the log played to its end. Of several disks of a cluster, those in the same view
must have the same log, and all the same state wherever their logs are the same. A server that was killed may have left the
last flush half done: that is put right first, as it would be when the server starts.
The servers must not run: a disk in use is refused. `runner chat status` asks servers that run.
Exit code 0 when all is well, 1 when something is wrong, 2 when the disks could not be looked at.";

pub(super) fn execute(arguments: &VerifyArgs) -> anyhow::Result<u8> {
    let report = verify(&arguments.folder)?;
    match arguments.json {
        true => print(&format!("{}\n", serde_json::to_string_pretty(&report)?))?,
        false => print(&chat_disks::text(&report))?,
    }
    Ok(u8::from(!report.findings.is_empty()))
}
