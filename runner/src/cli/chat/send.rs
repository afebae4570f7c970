//! `runner chat send`.

use chat_service::terminal::Name;
use chat_service::terminal::script::{Errand, send, text_of};
use clap::Args;

use super::client::{DeviceFlags, PlaceFlags};

/// One message.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct SendArgs {
    /// Who sends it: logs in, and makes the account if there is none
    #[arg(long, value_name = "NAME", value_parser = Name::new)]
    name: Name,

    /// Who gets it
    #[arg(long, value_name = "NAME", value_parser = Name::new)]
    to: Name,

    /// What it says; `-` for standard input, without its last end of line
    #[arg(value_name = "TEXT")]
    text: String,

    #[command(flatten)]
    place: PlaceFlags,
}

const HELP: &str = "\
Examples:
  runner chat send --name ada --to bob 'good day'        a cluster in chat/
  make 2>&1 | tail -n 5 | runner chat send --name builder --to ada --folder /srv/chat -

It logs in as a device of its own, sends, says whether the message is delivered or queued, and logs out.
Exit code 0 when the service has it, 1 when that is not confirmed (it may have it, or may not), 2 when it is not sent.";

pub(super) fn execute(arguments: SendArgs) -> anyhow::Result<u8> {
    let place = &arguments.place;
    let text = text_of(&arguments.text)?;
    let errand = Errand {
        place: place.place(&DeviceFlags::none()),
        name: arguments.name,
        password: place.password()?,
        patience: place.deadline.duration(),
        form: place.form(),
    };
    send(&errand, &arguments.to, text)
}
