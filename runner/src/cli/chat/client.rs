//! `runner chat client`, and the flags that `send` and `receive` share with it.

use std::path::PathBuf;

use chat_service::settings::{Address, Span};
use chat_service::terminal::conversation::Talk;
use chat_service::terminal::place::{Place, read_password};
use chat_service::terminal::{Deliver, Form, Name, Password, converse};
use clap::{Args, ValueEnum};

/// A person's client.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct ClientArgs {
    /// Who you are: logs in, and makes the account if there is none. Without it, /login NAME
    #[arg(long, value_name = "NAME", value_parser = Name::new)]
    name: Option<Name>,

    #[command(flatten)]
    where_: PlaceFlags,

    #[command(flatten)]
    device: DeviceFlags,

    /// When messages come: on-login, or on-request, after /deliver
    #[arg(long, value_enum, value_name = "WHEN", default_value = "on-login")]
    deliver: When,

    /// Leave the session open at the end: messages count as delivered meanwhile, and come when you are back; and no password is
    /// asked for then
    #[arg(long)]
    stay: bool,
}

const HELP: &str = "\
Examples:
  runner chat client --name ada                          a cluster in chat/, as `runner chat cluster` makes it
  runner chat client --name ada --server 10.0.0.7:4000,10.0.0.8:4000 --tls-authority authority.pem
  printf '@bob good day\\n/history\\n' | runner chat client --name ada --format json

In a terminal messages appear above the line that you type:
  @bob good day      a message to bob; it is said whether it is delivered or queued
  /help              all commands. Tab completes names and commands, Ctrl-D leaves
When a server dies nothing is lost: the client says that it is reconnecting, and goes on with another one.

Without a terminal each line is a command, carried out before the next one is read; what is shown is one line an event.
What this device has shown is kept in $XDG_STATE_HOME/driftlab-chat/CLUSTER/NAME.json (~/.local/state without it), so that nothing
is shown twice. One client at a time uses it; others need --state FILE or --ephemeral.

Exit code 0, or 1 if a message of yours is not confirmed (or, of a script, a command was refused), 2 if you could not be logged in.";

/// Which cluster.
#[derive(Debug, Args)]
pub(super) struct PlaceFlags {
    /// The folder of a cluster on this host [default: chat]
    #[arg(long, value_name = "FOLDER", conflicts_with = "servers")]
    folder: Option<PathBuf>,

    /// Or addresses of its servers, in any order
    #[arg(long = "server", value_name = "HOST:PORT,…", value_delimiter = ',')]
    servers: Vec<Address>,

    /// The certificate of the authority that vouches for the servers: connections are TLS then
    #[arg(long, alias = "authority", value_name = "FILE")]
    tls_authority: Option<PathBuf>,

    /// Speak to addresses other than loopback without TLS: whoever is on the way can read and change everything
    #[arg(long)]
    insecure: bool,

    /// How long an answer may take until it is said to be not confirmed
    #[arg(long, value_name = "SPAN", default_value = "30s")]
    pub(super) deadline: Span,

    /// What is written: text, or one JSON object a line
    #[arg(long, value_enum, value_name = "FORM", default_value = "text")]
    format: Format,

    /// A file whose first line is your password; otherwise it is asked for
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Which device.
#[derive(Debug, Args)]
pub(super) struct DeviceFlags {
    /// Keep what was shown, and the session, in this file
    #[arg(long, value_name = "FILE", conflicts_with = "ephemeral")]
    state: Option<PathBuf>,

    /// Keep nothing: a new device each time
    #[arg(long)]
    ephemeral: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum When {
    OnLogin,
    OnRequest,
}

impl DeviceFlags {
    /// A device that keeps nothing.
    pub(super) fn none() -> DeviceFlags {
        DeviceFlags {
            state: None,
            ephemeral: true,
        }
    }
}

impl PlaceFlags {
    pub(super) fn place(&self, device: &DeviceFlags) -> Place {
        Place {
            folder: self.folder.clone(),
            servers: self.servers.clone(),
            authority: self.tls_authority.clone(),
            is_insecure: self.insecure,
            state: device.state.clone(),
            is_ephemeral: device.ephemeral,
        }
    }

    pub(super) fn form(&self) -> Form {
        match self.format {
            Format::Text => Form::Text,
            Format::Json => Form::Json,
        }
    }

    pub(super) fn password(&self) -> anyhow::Result<Option<Password>> {
        self.password_file.as_deref().map(read_password).transpose()
    }
}

pub(super) fn execute(arguments: ClientArgs) -> anyhow::Result<u8> {
    let talk = Talk {
        place: arguments.where_.place(&arguments.device),
        password: arguments.where_.password()?,
        name: arguments.name,
        deliver: match arguments.deliver {
            When::OnLogin => Deliver::OnLogin,
            When::OnRequest => Deliver::OnRequest,
        },
        patience: arguments.where_.deadline.duration(),
        stays: arguments.stay,
        form: arguments.where_.form(),
    };
    converse(talk)
}
