//! `runner chat restore`.

use std::path::PathBuf;

use anyhow::bail;
use chat_service::local_cluster::folder::Founding;
use chat_service::offline::restore::restore;
use chat_service::settings::ServerSettings;
use chat_service::settings::server::SERVERS_MAX;
use clap::Args;

use super::serve::SettingFlags;
use crate::terminal::say;

/// Which backup, and where its cluster is made.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct RestoreArgs {
    /// A file that `runner chat backup` has written
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The folder of the new cluster: new, or empty
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,

    /// How many servers it has
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=SERVERS_MAX as i64))]
    servers: u32,

    #[command(flatten)]
    flags: SettingFlags,
}

const HELP: &str = "\
Examples:
  runner chat restore monday.backup --folder new/
  runner chat cluster --folder new/                      starts it
  runner chat verify new/                                looks at its disks

It is a new cluster, with an id and a secret of its own. Clients begin as new devices there, so what they have shown before may be
shown again: the cluster knows nothing of what happened after the backup. Bounds, and whether an account may have several
devices, are those of the backup. For servers of several hosts copy server-N.toml, server-N/ and secret to each, and change the
addresses in every file.
Exit code 0 when the cluster is made, 2 when it is not.";

pub(super) fn execute(arguments: &RestoreArgs) -> anyhow::Result<u8> {
    let RestoreArgs {
        file,
        folder,
        servers,
        flags,
    } = arguments;
    let none = Default::default();
    let mut pattern = ServerSettings::new(none, 0, PathBuf::new(), PathBuf::new(), Vec::new());
    flags.over(&mut pattern);
    if pattern.one_device {
        bail!(
            "--one-device: holds from the founding of a cluster on, and the backup has what was said then; leave it out"
        );
    }
    let founding = Founding {
        servers: *servers,
        pattern,
    };
    let backup = restore(file, folder, founding)?;
    let totals = backup.application.totals();
    say(&format!(
        "{}: a new cluster of {servers} from cluster {}, all through its command {}: {} accounts, {} queued messages\n\
         start it: runner chat cluster --folder {}",
        folder.display(),
        backup.cluster,
        backup.mark.op,
        totals.accounts,
        totals.queued_messages,
        folder.display()
    ));
    Ok(0)
}
