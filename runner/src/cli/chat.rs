//! `runner chat`: one module for each of its subcommands.

use clap::Subcommand;

mod backup;
mod client;
mod cluster;
mod doctor;
mod faults;
mod force_view;
mod keys;
mod receive;
mod restore;
mod send;
mod serve;
mod shrink;
mod status;
mod trial;
mod verify;

#[derive(Debug, Subcommand)]
pub(super) enum ChatCommand {
    /// Run the servers of a cluster on this host, for trying out
    Cluster(Box<cluster::ClusterArgs>),
    /// Talk: a client in a terminal, or a script's
    Client(Box<client::ClientArgs>),
    /// Send one message, for scripts
    Send(Box<send::SendArgs>),
    /// Receive messages, for scripts
    Receive(Box<receive::ReceiveArgs>),
    /// Run one server of a cluster
    Serve(Box<serve::ServeArgs>),
    /// Make certificates and keys for servers that others can reach: a private authority, and what each host needs
    Keys(keys::KeysArgs),
    /// Ask the servers of a cluster how they are
    Status(Box<status::StatusArgs>),
    /// Look what this host can do for servers and for trials, and say it in words
    Doctor(doctor::DoctorArgs),
    /// Read the disks of servers that do not run: every record, and whether the servers agree
    Verify(verify::VerifyArgs),
    /// Keep the state of servers that do not run in one file
    Backup(backup::BackupArgs),
    /// Make a new cluster from a backup
    Restore(Box<restore::RestoreArgs>),
    /// Let the last server of a cluster go on alone, when the others will never come back
    ForceView(force_view::ForceViewArgs),
    /// Run trials of a cluster and its clients in virtual time, and look whether anything was lost
    ///
    /// Three servers replicate the state of a chat service; clients create accounts, log in and out, and send each other
    /// messages. Faults strike servers, clients, links and disks. Every event is checked against what must hold: what was
    /// acknowledged is never lost, comes once and in order, all servers agree, and once the faults are over all are
    /// served again. Trials run on all processors, and the first that finds something ends the run.
    Trial(Box<trial::TrialArgs>),
    /// Print the faults of one trial, with nothing left to chance; or what faults there are
    Faults(Box<faults::FaultsArgs>),
    /// Look for a smaller trial that finds the same: fewer faults, fewer clients, a shorter time
    Shrink(Box<shrink::ShrinkArgs>),
}

pub(super) fn execute(command: ChatCommand) -> anyhow::Result<u8> {
    match command {
        ChatCommand::Cluster(arguments) => cluster::execute(*arguments),
        ChatCommand::Client(arguments) => client::execute(*arguments),
        ChatCommand::Send(arguments) => send::execute(*arguments),
        ChatCommand::Receive(arguments) => receive::execute(*arguments),
        ChatCommand::Serve(arguments) => serve::execute(*arguments),
        ChatCommand::Keys(arguments) => keys::execute(&arguments),
        ChatCommand::Status(arguments) => status::execute(*arguments),
        ChatCommand::Doctor(arguments) => doctor::execute(&arguments),
        ChatCommand::Verify(arguments) => verify::execute(&arguments),
        ChatCommand::Backup(arguments) => backup::execute(&arguments),
        ChatCommand::Restore(arguments) => restore::execute(&arguments),
        ChatCommand::ForceView(arguments) => force_view::execute(&arguments),
        ChatCommand::Trial(arguments) => trial::execute(*arguments),
        ChatCommand::Faults(arguments) => faults::execute(*arguments),
        ChatCommand::Shrink(arguments) => shrink::execute(*arguments),
    }
}
