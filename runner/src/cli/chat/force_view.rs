//! `runner chat force-view`.

use std::path::PathBuf;

use chat_service::offline::force_view::{ForcedView, force_view};
use clap::Args;

use crate::terminal::say;

/// Which server goes on alone.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct ForceViewArgs {
    /// The folder of that server
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,

    /// Do it. Without this flag it is only said what would be done
    #[arg(long)]
    yes: bool,
}

const HELP: &str = "\
Examples:
  runner chat force-view --folder chat/server-1          what would be done, and what may be lost
  runner chat force-view --folder chat/server-1 --yes    does it

A server that starts waits for the others as long as one of them may know more. That is right while they can come back. If
their disks are gone for good nobody serves until somebody says so: this command makes the server of the folder the only member
of a view that is later than all that its disk knows of. Started again, it serves.

What may be lost: everything that the others acknowledged while this server was not one of them. Take the server with the
latest view, and of several the longest log: `runner chat verify` shows both.
Never do this while another server of the cluster runs, or may: both would serve, and what one of them took is lost.
A server whose disk is lost joins again with `runner chat serve --empty-disk` only if all others run. If two or more are lost,
make a new cluster of the last disk instead: `runner chat backup`, then `runner chat restore`.
Exit code 0 when it is done, 2 when it is not.";

pub(super) fn execute(arguments: &ForceViewArgs) -> anyhow::Result<u8> {
    let forced = force_view(&arguments.folder, arguments.yes)?;
    explain(&forced, arguments.yes);
    Ok(match arguments.yes {
        true => 0,
        false => 2,
    })
}

fn explain(forced: &ForcedView, is_done: bool) {
    let ForcedView {
        server,
        before,
        after,
        end,
        fetched,
    } = forced;
    let members: Vec<String> = before.members.keys().map(ToString::to_string).collect();
    say(&format!(
        "server {server} was in view {} with the servers {}; its log ends at command {}",
        before.ballot,
        members.join(" "),
        end.op
    ));
    if let Some(fetched) = fetched {
        say(&format!(
            "WARNING: the others went on without it: it was fetching their log, through command {} at least. \
             All of it that is not in its own log is lost",
            fetched.op
        ));
    }
    say(&format!(
        "WARNING: what other servers acknowledged in views after {} is lost for good; if one of them still runs both serve, \
         and what one of the two takes is lost too",
        before.ballot
    ));
    say(&match is_done {
        true => format!(
            "server {server} is the only member of view {}; start it",
            after.ballot
        ),
        false => {
            "nothing was done; if the others will never come back, say it with --yes".to_owned()
        }
    });
}
