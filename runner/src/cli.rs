//! The command line: one module for each subcommand, with its arguments, and what it does with them.

use clap::{Parser, Subcommand};

use crate::drive::sockets::{hub_process, machine_process};

mod chat;
mod experiment;
mod flags;
mod trial;

/// Repeated trials of asynchronous machines, on real sockets or in virtual time.
#[derive(Debug, Parser)]
#[command(name = "runner", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run trials of the scale model and log every event
    ///
    /// Machines of different speeds, each a process with a Lamport clock and a network queue (many machines share processes),
    /// send each other messages over TCP on loopback. At each tick a machine takes a message from its queue or, if there is none, rolls a die: 1
    /// sends to one peer, 2 to another, 3 to all, anything else is an internal event. Every event becomes a row in a
    /// new folder.
    Trial(Box<trial::TrialArgs>),
    /// Run trials of several conditions, interleaved, from a file; resumable
    ///
    /// Everything goes into one new folder. The order is shuffled by the seed in blocks of one trial of each condition,
    /// so that an interruption leaves as many trials of each, and whatever drifts on the host meets all alike.
    Experiment(experiment::ExperimentArgs),
    /// Trials of a replicated chat service, to find out whether it loses anything
    #[command(subcommand)]
    Chat(chat::ChatCommand),
    /// One machine of a trial; started by `trial`, not by hand
    #[command(hide = true)]
    Machine,
    /// The hub of a trial; started by `trial`, not by hand
    #[command(hide = true)]
    Hub,
}

impl Cli {
    /// Does what was asked; returns the exit code.
    ///
    /// # Errors
    ///
    /// When it cannot be done at all: the message says what to do.
    pub fn run(self) -> anyhow::Result<u8> {
        match self.command {
            Command::Trial(arguments) => trial::execute(*arguments),
            Command::Experiment(arguments) => experiment::execute(arguments),
            Command::Chat(command) => chat::execute(command),
            Command::Machine => {
                machine_process::run();
                Ok(0)
            }
            Command::Hub => {
                hub_process::run();
                Ok(0)
            }
        }
    }
}
