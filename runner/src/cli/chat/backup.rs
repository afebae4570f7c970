//! `runner chat backup`.

use std::path::PathBuf;

use chat_service::offline::backup;
use clap::Args;

use crate::terminal::say;

/// What to keep, and where.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct BackupArgs {
    /// The new file
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The folder of a cluster, or of one server of it
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
}

const HELP: &str = "\
Examples:
  runner chat backup monday.backup --folder chat/           of a cluster of this host
  runner chat backup monday.backup --folder chat/server-1   of one server
  runner chat restore monday.backup --folder new/           a new cluster from it

The file has accounts, hashes of passwords, sessions and all messages that are kept, and is readable by its owner alone. It is
never written over another, and is there whole or not at all.
The servers must not run: end them all, or end one and keep its disk while the others serve. What the others take meanwhile
is not in that file; the server fetches it when it starts again.
Exit code 0 when the file is written, 1 when it is and may lack something, 2 when it is not.";

pub(super) fn execute(arguments: &BackupArgs) -> anyhow::Result<u8> {
    let made = backup::make(&arguments.folder, &arguments.file)?;
    for warning in &made.warnings {
        say(&format!("warning: {warning}"));
    }
    say(&format!(
        "{}: {} bytes: all through command {} of {}",
        arguments.file.display(),
        made.bytes,
        made.mark.op,
        made.source.display()
    ));
    Ok(u8::from(!made.warnings.is_empty()))
}
