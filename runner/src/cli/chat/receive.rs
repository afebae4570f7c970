//! `runner chat receive`.

use chat_service::settings::Span;
use chat_service::terminal::Name;
use chat_service::terminal::script::{Errand, Receipts, receive};
use clap::Args;

use super::client::{DeviceFlags, PlaceFlags};

/// Messages that are queued, and those that come.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct ReceiveArgs {
    /// Whose messages: logs in, and makes the account if there is none
    #[arg(long, value_name = "NAME", value_parser = Name::new)]
    name: Name,

    /// Wait for later ones too, until Ctrl-C
    #[arg(long)]
    follow: bool,

    /// End after this number of messages; the others stay queued
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    most: Option<u64>,

    /// Wait no longer than this for later ones
    #[arg(long, value_name = "SPAN", requires = "follow")]
    wait: Option<Span>,

    #[command(flatten)]
    place: PlaceFlags,

    #[command(flatten)]
    device: DeviceFlags,
}

const HELP: &str = "\
Examples:
  runner chat receive --name ada                         what is queued for ada, a message a line
  runner chat receive --name ada --follow --format json | jq -r .text
  runner chat receive --name ada --follow --most 1 --wait 1m && echo it came

A message is acknowledged after it was written to standard output: one that was not written stays queued.
Exit code 0; 1 if with --wait none came, or fewer than --most, or that they were received is not confirmed; 2 on an error.";

pub(super) fn execute(arguments: ReceiveArgs) -> anyhow::Result<u8> {
    let place = &arguments.place;
    let errand = Errand {
        place: place.place(&arguments.device),
        name: arguments.name,
        password: place.password()?,
        patience: place.deadline.duration(),
        form: place.form(),
    };
    let receipts = Receipts {
        follows: arguments.follow,
        most: arguments.most,
        wait: arguments.wait.map(Span::duration),
    };
    receive(&errand, receipts)
}
