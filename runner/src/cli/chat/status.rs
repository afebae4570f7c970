//! `runner chat status`.

use std::path::PathBuf;

use chat_service::settings::{Address, ClusterFile};
use chat_service::status::{self, Asked};
use chat_service::terminal::place::USUAL_FOLDER;
use chat_service::transport::{Purpose, Security};
use clap::Args;

use crate::cli::flags::print;
use crate::summary::chat_status;

/// Which servers.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct StatusArgs {
    /// The folder of a cluster on this host
    #[arg(long, value_name = "FOLDER", default_value = USUAL_FOLDER, conflicts_with = "server")]
    folder: PathBuf,

    /// Or where its servers listen for clients
    #[arg(long, value_name = "HOST:PORT,…", value_delimiter = ',')]
    server: Vec<Address>,

    /// The certificate of the authority that vouches for the servers: connections are TLS then
    #[arg(long, alias = "authority", value_name = "FILE")]
    tls_authority: Option<PathBuf>,

    /// Speak to addresses other than loopback without TLS
    #[arg(long, conflicts_with = "tls_authority")]
    insecure: bool,

    /// One object on standard output, with every figure
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Examples:
  runner chat status --folder chat/
  runner chat status --server chat-0.example.org:4000,chat-1.example.org:4000 --tls-authority authority.pem
  runner chat status --folder chat/ --json | jq '.servers[] | {name, role, lag}'

Roles: `primary` serves; a `backup` has all that was acknowledged on its disk; who is `joining` does not, yet.
Lag: operations that the primary has in its log and this member not on its disk, as far as the primary knows.
Queued: messages that their recipients have not acknowledged, and how many of them are in one mailbox at most.
Flush: how long the last flush of the disk took, and when it was.
Exit code 0 when every server answers and one serves, 1 when not, 2 when nobody could be asked.";

pub(super) fn execute(arguments: StatusArgs) -> anyhow::Result<u8> {
    let StatusArgs {
        folder,
        server,
        tls_authority: mut authority,
        insecure,
        json,
    } = arguments;
    let servers = match server.is_empty() {
        true => {
            let file = ClusterFile::read(&folder)?;
            authority = authority.or(file.authority);
            let entries = file.servers.into_iter();
            entries
                .map(|entry| (Some(entry.name), entry.client))
                .collect()
        }
        false => server.into_iter().map(|address| (None, address)).collect(),
    };
    let security = match authority {
        Some(authority) => Security::of_client(&authority)?,
        None => Security::bare(insecure),
    };
    let connector = security.connector(Purpose::Clients)?;
    let asked = status::ask(servers, &connector)?;
    match json {
        true => print(&format!("{:#}\n", status::as_json(&asked)))?,
        false => print(&chat_status::text(&asked))?,
    }
    Ok(u8::from(!is_well(&asked)))
}

fn is_well(asked: &[Asked]) -> bool {
    status::primary(asked).is_some() && asked.iter().all(|asked| asked.answer.is_ok())
}
