//! `runner chat keys`: certificates of a private authority.

use std::path::PathBuf;

use anyhow::Context;
use chat_service::keys::make_keys;
use clap::Args;

use crate::terminal::say;

/// Certificates and keys of hosts.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  runner chat keys --out keys/ --host 10.0.0.1 --host 10.0.0.2 --host 10.0.0.3
  runner chat keys --out keys/ --host chat-4.example.org     # later, by the same authority

Then each server's server.toml says

  [tls]
  certificate = \"10.0.0.1.pem\"
  key = \"10.0.0.1.key\"
  authority = \"authority.pem\"

and clients connect with `--authority authority.pem`.")]
pub(in crate::cli) struct KeysArgs {
    /// The folder for the files; made if there is none
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// A host that gets a certificate: the name or number by which clients and other servers dial it
    #[arg(long, value_name = "NAME_OR_IP", required = true, num_args = 1..)]
    host: Vec<String>,
}

pub(super) fn execute(arguments: &KeysArgs) -> anyhow::Result<u8> {
    let made = make_keys(&arguments.out, &arguments.host).context("no keys were made")?;
    let authority = made.authority.display();
    say(&match made.authority_existed {
        true => format!("{authority}: the authority that was there"),
        false => {
            format!("{authority}: a new authority; copy it to every server and every client")
        }
    });
    for keys in &made.hosts {
        let (certificate, key) = (keys.certificate.display(), keys.key.display());
        let host = &keys.host;
        say(&format!(
            "{certificate}, {key}: copy both to {host}, and nowhere else"
        ));
    }
    let key = made.authority_key.display();
    say(&format!(
        "{key}: keep it here, or offline; whoever has it can pass for any server"
    ));
    Ok(0)
}
