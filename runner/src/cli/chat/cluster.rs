//! `runner chat cluster`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chat_service::local_cluster::folder::Founding;
use chat_service::local_cluster::{Ending, LocalCluster};
use chat_service::settings::cluster_file::CLUSTER_FILE;
use chat_service::settings::server::SERVERS_MAX;
use chat_service::settings::{ClusterFile, ServerSettings};
use clap::Args;

use super::serve::SettingFlags;
use crate::terminal::say;

/// Servers of this host.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct ClusterArgs {
    /// How many servers a new cluster has [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=SERVERS_MAX as i64))]
    servers: Option<u32>,

    /// The folder of the cluster; made if it is not there, started again as it is if it is
    #[arg(long, value_name = "FOLDER", default_value = "chat")]
    folder: PathBuf,

    #[command(flatten)]
    flags: SettingFlags,
}

const HELP: &str = "\
Examples:
  runner chat cluster --servers 3 --folder chat/
  runner chat client --folder chat/ --name ada           in another terminal
  runner chat cluster --folder chat/                     later: the same servers with all that they knew

Each server is a process of its own, with its state in chat/server-N and its log in chat/server-N.log. Kill them as you like:
one that ends is named with the command that starts it again. Ctrl-C ends all of them in order.
Exit code 0 when they ended in order, 1 when they did not, 2 when they could not begin.";

pub(super) fn execute(arguments: ClusterArgs) -> anyhow::Result<u8> {
    let ClusterArgs {
        servers,
        folder,
        flags,
    } = arguments;
    if folder.join(CLUSTER_FILE).exists() {
        check_same(&folder, servers, &flags)?;
    }
    let none = Default::default();
    let mut pattern = ServerSettings::new(none, 0, PathBuf::new(), PathBuf::new(), Vec::new());
    flags.over(&mut pattern);
    let cluster = LocalCluster {
        folder,
        founding: Founding {
            servers: servers.unwrap_or(3),
            pattern,
        },
        executable: std::env::current_exe().context("the path of this program")?,
        say,
    };
    Ok(match cluster.run()? {
        Ending::InOrder => 0,
        Ending::Otherwise => 1,
    })
}

/// A cluster that exists is started as it was made: what was asked for must be what it has.
fn check_same(folder: &Path, servers: Option<u32>, flags: &SettingFlags) -> anyhow::Result<()> {
    let advice = "this cluster exists, and is started as it was made: leave the flag out, or give another --folder";
    let is = ClusterFile::read(folder)?.servers.len();
    if let Some(asked) = servers.filter(|&asked| asked as usize != is) {
        bail!(
            "{}: --servers {asked}, and it has {is}; {advice}",
            folder.display()
        );
    }
    let path = folder.join("server-0.toml");
    let settings = ServerSettings::read(&path)?;
    let mut asked = settings.clone();
    flags.over(&mut asked);
    if asked != settings {
        bail!(
            "{}: not what is asked for; {advice}, or edit the files server-N.toml (tolerate, heartbeat and suspect also \
             in {CLUSTER_FILE})",
            path.display()
        );
    }
    Ok(())
}
