//! `runner chat serve`.

use std::path::PathBuf;

use chat_service::log;
use chat_service::server::{self, Ending, Start};
use chat_service::settings::{Address, LogFormat, Passwords, Push, ServerSettings, Span, Tolerate};
use clap::Args;

/// One server, as an operator runs it.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct ServeArgs {
    /// The file of its settings; flags take the place of what it says
    #[arg(long, value_name = "FILE")]
    config: PathBuf,

    /// The first start of a server of a new cluster: make its folder, with nothing in it. Every server of the cluster is
    /// founded once. Without this flag a folder without state is an error, for it may be the wrong one
    #[arg(long)]
    found: bool,

    /// The disk of this server was lost: begin with an empty folder and fetch everything from the others, all of which
    /// must run. Never give it to more than one server at a time: what only they knew is lost then
    #[arg(long, conflicts_with = "found")]
    empty_disk: bool,

    #[command(flatten)]
    flags: SettingFlags,

    /// Where its state is kept
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,

    /// Where to listen for clients, if not at the address that the list of servers gives
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<Address>,

    /// Where to listen for the other servers
    #[arg(long, value_name = "HOST:PORT")]
    listen_peers: Option<Address>,

    /// Where to listen for gRPC clients
    #[arg(long, value_name = "HOST:PORT")]
    grpc: Option<Address>,

    /// Where to answer `GET /metrics`, `/healthz` and `/readyz`
    #[arg(long, value_name = "HOST:PORT")]
    metrics: Option<Address>,

    /// Use addresses other than loopback without TLS: whoever is on the way can read and change everything
    #[arg(long)]
    insecure: bool,

    /// The form of the lines on standard error: text or json
    #[arg(long, value_name = "FORM", default_value = "text")]
    log_format: LogFormat,

    /// End in order when standard input ends
    #[arg(long, hide = true)]
    until_input_ends: bool,
}

/// What all servers of a cluster have alike.
#[derive(Debug, Args)]
pub(super) struct SettingFlags {
    /// What the cluster survives: `crashes` of all servers but one, or `partitions` and the crash of a minority. The same for
    /// all servers
    #[arg(long, value_name = "WHAT")]
    tolerate: Option<Tolerate>,

    /// Time between two heartbeats. The same for all servers
    #[arg(long, value_name = "SPAN")]
    heartbeat: Option<Span>,

    /// Silence after which a server is taken for dead: at least three heartbeats. The same for all servers
    #[arg(long, value_name = "SPAN")]
    suspect: Option<Span>,

    /// Whether accounts have passwords: off, optional or required
    #[arg(long, value_name = "WHEN")]
    passwords: Option<Passwords>,

    /// When messages are pushed to a device: on-login, or on-request
    #[arg(long, value_name = "WHEN")]
    push: Option<Push>,

    /// Allow an account one device at a time. Holds from the founding of the cluster on
    #[arg(long)]
    one_device: bool,
}

const HELP: &str = "\
Examples:
  runner chat cluster --servers 3 --folder chat/         makes such files, and runs three servers of this host
  runner chat serve --config chat/server-0.toml          one of them, alone
  runner chat serve --config server.toml --found         the first start of a server of a new cluster

The file:
  cluster = \"c0ffee00-0000-4000-8000-000000000001\"   # a uuid; the same for all its servers
  server = 0                        # its place in the list of servers below
  folder = \"/var/lib/chat\"          # where its state is kept
  secret_file = \"secret\"            # 64 hex digits, mode 0600; the same for all its servers
  tolerate = \"crashes\"              # or \"partitions\"; the same for all, as are heartbeat and suspect
  heartbeat = \"1s\"
  suspect = \"3s\"
  passwords = \"optional\"            # or \"off\", \"required\"
  push = \"on-request\"               # or \"on-login\"
  listen = \"0.0.0.0:4000\"           # where to listen, where it is not what others connect to; also
                                    # listen_peers, listen_grpc, listen_metrics

  [tls]                             # needed for addresses other than loopback: runner chat keys --help
  certificate = \"keys/chat-0.pem\"
  key = \"keys/chat-0.key\"
  authority = \"keys/authority.pem\"

  [limits]                          # those of the cluster from its founding on; what is left out has its default
  accounts = 100000
  queued_messages = 10000           # of a mailbox

  [connections]                     # what one server takes; what is left out has its default
  most = 1024
  most_per_address = 128
  login = \"60s\"                     # how long a client has until its log-in

  [[servers]]                       # every server, this one too, in the same order everywhere
  name = \"chat-0\"
  client = \"chat-0.example.org:4000\"
  peer = \"chat-0.example.org:4001\"
  grpc = \"chat-0.example.org:4002\"  # leave it out for none
  metrics = \"127.0.0.1:4003\"

With an address for gRPC it takes clients of that too, and answers health checks (grpc.health.v1). Which calls there are,
and how to try them by hand with grpcurl, stands in runner/chat-service/proto/chat.proto.

It prints one line when it listens, and writes what happens to standard error. SIGTERM and Ctrl-C end it in order, a second one
at once. Exit code 0 when it ended in order, 2 when it could not begin or its disk failed.";

pub(super) fn execute(arguments: ServeArgs) -> anyhow::Result<u8> {
    let path = &arguments.config;
    let mut settings = ServerSettings::read(path)?;
    arguments.flags.over(&mut settings);
    settings.folder = arguments.folder.unwrap_or(settings.folder);
    settings.listen = arguments.listen.or(settings.listen);
    settings.listen_peers = arguments.listen_peers.or(settings.listen_peers);
    settings.listen_grpc = arguments.grpc.or(settings.listen_grpc);
    settings.listen_metrics = arguments.metrics.or(settings.listen_metrics);
    settings.insecure |= arguments.insecure;
    settings.check(path)?;
    log::start(arguments.log_format);
    let start = Start {
        founds: arguments.found,
        has_empty_disk: arguments.empty_disk,
        watches_input: arguments.until_input_ends,
    };
    Ok(match server::run(&settings, start)? {
        Ending::InOrder => 0,
        // As after the signal.
        Ending::AtOnce => 130,
    })
}

impl SettingFlags {
    /// Puts them in the place of what settings say.
    pub(super) fn over(&self, settings: &mut ServerSettings) {
        settings.tolerate = self.tolerate.unwrap_or(settings.tolerate);
        settings.heartbeat = self.heartbeat.unwrap_or(settings.heartbeat);
        settings.suspect = self.suspect.unwrap_or(settings.suspect);
        settings.passwords = self.passwords.unwrap_or(settings.passwords);
        settings.push = self.push.unwrap_or(settings.push);
        settings.one_device |= self.one_device;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_in_the_help_is_one() {
        let file = HELP.split_once("The file:\n").expect("a file").1;
        let file = file.split_once("\nWith an address").expect("its end").0;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("server.toml");
        std::fs::write(&path, file).expect("a file");
        let settings = ServerSettings::read(&path).expect("settings");
        settings
            .check(&path)
            .expect("settings that can go together");
        assert_eq!(settings.listens().len(), 4);
    }
}
