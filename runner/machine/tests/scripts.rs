//! Golden scripts: calls to a machine, and below `---` what it pushed. They read as the rules of the machine.
//!
//! `UPDATE_GOLDENFILES=1 cargo test -p machine` rewrites the outputs; read the difference before committing it.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::Path;

use event_log::{Drain, Event, LamportTime, MachineId, Stamp, Tick};
use goldenscript::{Command, Context, Runner};
use machine::scale_model::{Dice, Message, Outcome, ScaleModel, Settings};
use machine::{Effect, Machine};

/// Dice that fall as the script says; without a word from it, on an internal event.
#[derive(Default)]
struct ScriptedDice {
    outcomes: VecDeque<Outcome>,
}

impl Dice for ScriptedDice {
    fn roll(&mut self, _settings: &Settings) -> Outcome {
        self.outcomes.pop_front().unwrap_or(Outcome::Internal)
    }
}

#[derive(Default)]
struct Script {
    settings: Option<Settings>,
    machine: Option<ScaleModel<ScriptedDice>>,
}

fn number<N>(
    arguments: &mut goldenscript::ArgumentConsumer<'_>,
    key: &str,
) -> Result<Option<N>, Box<dyn std::error::Error>>
where
    N: std::str::FromStr<Err: std::error::Error + 'static>,
{
    Ok(arguments.take_key(key).map(str::parse).transpose()?)
}

impl Script {
    fn machine(&mut self) -> Result<&mut ScaleModel<ScriptedDice>, String> {
        self.machine
            .as_mut()
            .ok_or_else(|| "begin with `machine`".to_owned())
    }

    fn create(&mut self, command: &Command) -> Result<String, Box<dyn std::error::Error>> {
        let mut arguments = command.consume_args();
        let settings = Settings {
            id: MachineId(number(&mut arguments, "id")?.unwrap_or(0)),
            machines: number(&mut arguments, "machines")?.unwrap_or(3),
            drain: match arguments.take_key("drain") {
                Some("all") => Drain::All,
                _ => Drain::One,
            },
            stamp: match arguments.take_key("stamp") {
                Some("before") => Stamp::Before,
                _ => Stamp::After,
            },
            timekeeper: number(&mut arguments, "timekeeper")?.map(MachineId),
        };
        arguments.reject_next()?;
        self.settings = Some(settings);
        self.machine = Some(ScaleModel::new(settings, ScriptedDice::default()));
        Ok(String::new())
    }

    fn receive(&mut self, command: &Command) -> Result<String, Box<dyn std::error::Error>> {
        let mut arguments = command.consume_args();
        let from = MachineId(number(&mut arguments, "from")?.ok_or("from= is missing")?);
        let message = Message {
            sent_tick: Tick(number(&mut arguments, "tick")?.unwrap_or(0)),
            sent_clock: LamportTime(number(&mut arguments, "clock")?.ok_or("clock= is missing")?),
        };
        arguments.reject_next()?;
        let machine = self.machine()?;
        machine.receive(from, message);
        Ok(format!("backlog {}\n", machine.backlog()))
    }

    /// Ticks once for each outcome named; `any` is for ticks that must not roll.
    fn tick(&mut self, command: &Command) -> Result<String, Box<dyn std::error::Error>> {
        let mut output = String::new();
        for argument in &command.args {
            let outcome = match argument.to_string().as_str() {
                "internal" => Some(Outcome::Internal),
                "all" => Some(Outcome::SendToAll),
                "any" => None,
                other => match other.strip_prefix("to=") {
                    Some(peer) => Some(Outcome::SendTo(MachineId(peer.parse()?))),
                    None => return Err(format!("no outcome `{other}`").into()),
                },
            };
            output += &self.tick_once(outcome)?;
        }
        Ok(output)
    }

    fn tick_once(
        &mut self,
        outcome: Option<Outcome>,
    ) -> Result<String, Box<dyn std::error::Error>> {
        let settings = self.settings.ok_or("begin with `machine`")?;
        let machine = self.machine()?;
        // A fresh copy with these dice: what the dice hold must not outlive the tick they are meant for.
        let mut dice = ScriptedDice::default();
        dice.outcomes.extend(outcome);
        machine.swap_dice(&mut dice);
        let mut effects = Vec::new();
        machine.tick(&mut effects);
        let mut output = String::new();
        for effect in effects {
            match effect {
                Effect::Record(row) => {
                    let what = match row.event {
                        Event::Send { to } => format!("send to {to}"),
                        Event::Receive {
                            from,
                            sent_tick,
                            sent_clock,
                        } => {
                            format!(
                                "receive from {from} (its tick {}, clock {})",
                                sent_tick.0, sent_clock.0
                            )
                        }
                        event => event.name().to_owned(),
                    };
                    let (tick, clock) = (row.tick.0, row.clock.0);
                    writeln!(
                        output,
                        "m{}@{tick} {what} ⇨ clock {clock}, queue {}",
                        settings.id, row.queue
                    )?;
                }
                Effect::Send { to, message } => {
                    writeln!(output, "      → m{to} clock {}", message.sent_clock.0)?;
                }
                Effect::SendToAll { message } => {
                    let everybody = (0..settings.machines).map(MachineId);
                    for to in everybody.filter(|&to| to != settings.id) {
                        writeln!(output, "      → m{to} clock {}", message.sent_clock.0)?;
                    }
                }
            }
        }
        Ok(output)
    }
}

impl Runner for Script {
    type Command = Command;

    fn run(
        &mut self,
        command: &Command,
        _context: &Context,
    ) -> Result<String, Box<dyn std::error::Error>> {
        match command.name.as_str() {
            "machine" => self.create(command),
            "receive" => self.receive(command),
            "tick" => self.tick(command),
            other => Err(format!("no command `{other}`").into()),
        }
    }
}

fn check(script: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/scripts")
        .join(script);
    goldenscript::run(&mut Script::default(), path).expect(script);
}

#[test]
fn idle() {
    check("idle");
}

#[test]
fn receive() {
    check("receive");
}

#[test]
fn drain_all() {
    check("drain_all");
}

#[test]
fn stamp_before() {
    check("stamp_before");
}

#[test]
fn timekeeper() {
    check("timekeeper");
}

#[test]
fn every_script_is_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut scripts: Vec<String> = std::fs::read_dir(folder)
        .expect("the scripts")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    scripts.sort();
    assert_eq!(
        scripts,
        ["drain_all", "idle", "receive", "stamp_before", "timekeeper"]
    );
}
