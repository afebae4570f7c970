//! Golden scripts: the same steps twice, with all rules and without one. With the rule everything that was acknowledged is
//! kept; without it, it is lost. They read as the reasons for the rules. Others, without a rule that could be missing, say what a
//! group does after something rare.
//!
//! Each group begins with replica 0 serving all three; with `clocks=real` all goes by the clocks, while `run` says. `UPDATE_GOLDENFILES=1 cargo test -p replica --test scripts` rewrites
//! the outputs; read the difference before committing it.

mod world;

use std::error::Error;
use std::path::Path;

use goldenscript::{Command, Context, Runner};
use replica::rules::{Rule, Rules, Tolerance};
use replica::timing::Timing;
use replica::units::{Ballot, ReplicaId};
use world::action::Action;
use world::{Plan, World};

/// What one group went through.
struct Section {
    without: Option<Rule>,
    steps: Vec<String>,
    violation: Option<String>,
}

#[derive(Default)]
struct Script {
    world: Option<World>,
    sections: Vec<Section>,
}

impl Script {
    fn group(&mut self, command: &Command) -> Result<(), Box<dyn Error>> {
        let mut arguments = command.consume_args();
        let tolerance = match arguments.take_key("tolerate") {
            Some("crashes") => Tolerance::Crashes,
            Some("partitions") => Tolerance::Partitions,
            other => return Err(format!("tolerate={other:?}").into()),
        };
        let without = match arguments.take_key("without") {
            None => None,
            Some(name) => {
                let mut rules = Rule::ALL.into_iter();
                let rule = rules.find(|rule| format!("{rule:?}") == name);
                Some(rule.ok_or_else(|| format!("no rule `{name}`"))?)
            }
        };
        let mut plan = Plan {
            tolerance,
            rules: without.map_or(Rules::ALL, Rules::without),
            ..Plan::default()
        };
        match arguments.take_key("clocks") {
            None => {}
            Some("real") => plan.timing = Timing::default(),
            Some(other) => return Err(format!("clocks={other}: expected `real`").into()),
        }
        for (key, limit) in [
            ("log", &mut plan.limits.log_max),
            ("message", &mut plan.limits.message_max),
            ("gap", &mut plan.limits.joiner_gap_max),
        ] {
            if let Some(value) = arguments.take_key(key) {
                *limit = value.parse()?;
            }
        }
        arguments.reject_next()?;
        self.world = Some(World::new(plan));
        self.sections.push(Section {
            without,
            steps: Vec::new(),
            violation: None,
        });
        Ok(())
    }

    /// Takes one step; what scripts write as one may be many.
    fn step(&mut self, command: &Command) -> Result<String, Box<dyn Error>> {
        let world = self.world.as_mut().ok_or("begin with `group`")?;
        let word = command.name.as_str();
        let arguments: Vec<String> = command.args.iter().map(ToString::to_string).collect();
        let step = format!("{word} {}", arguments.join(" "));
        let section = self.sections.last_mut().ok_or("begin with `group`")?;
        match word {
            "settle" => world.deliver_all(),
            "run" => {
                let [milliseconds] = &arguments[..] else {
                    return Err("run MILLISECONDS".into());
                };
                world.run_for(milliseconds.parse()?);
            }
            "apart" => world.cut_off(one(&arguments)?, true),
            "back" => world.cut_off(one(&arguments)?, false),
            "verdict" => {
                let said = &world.oracle.acknowledged;
                section.violation = world.oracle.violation.clone();
                let verdict = section.violation.as_deref().unwrap_or("all is kept");
                return Ok(format!("acknowledged {said:?}; {verdict}\n"));
            }
            "ask" => {
                let [to, command, seen] = &arguments[..] else {
                    return Err("ask REPLICA COMMAND NUMBER.PROPOSER".into());
                };
                let (number, proposer) = seen.split_once('.').ok_or("a view is 2.1")?;
                let proposer = ReplicaId(proposer.parse()?);
                let number = number.parse()?;
                let seen = Ballot { number, proposer };
                world.ask(to.parse()?, command.parse()?, seen);
            }
            _ => {
                let numbers: Result<Vec<u32>, _> =
                    arguments.iter().map(|number| number.parse()).collect();
                let action = Action::read(word, &numbers?);
                world.step(action.ok_or_else(|| format!("no step `{step}`"))?);
            }
        }
        section.steps.push(step);
        Ok(world
            .take_lines()
            .iter()
            .map(|line| format!("{line}\n"))
            .collect())
    }
}

/// The replica that a step is about.
fn one(arguments: &[String]) -> Result<u32, Box<dyn Error>> {
    match arguments {
        [id] => Ok(id.parse()?),
        _ => Err("expected one replica".into()),
    }
}

impl Runner for Script {
    type Command = Command;

    fn run(&mut self, command: &Command, _context: &Context) -> Result<String, Box<dyn Error>> {
        match command.name.as_str() {
            "group" => {
                self.group(command)?;
                let world = self.world.as_mut().ok_or("a world")?;
                let lines = world.take_lines();
                Ok(lines
                    .last()
                    .map_or(String::new(), |line| format!("{line}\n")))
            }
            _ => self.step(command),
        }
    }
}

/// Runs a script.
fn sections(script: &str) -> Vec<Section> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/scripts")
        .join(script);
    let mut runner = Script::default();
    goldenscript::run(&mut runner, path).expect(script);
    runner.sections
}

/// Runs a script that takes the same steps with all rules and without this one.
fn run(script: &str, rule: Rule) -> [Section; 2] {
    let sections: Result<[Section; 2], _> = self::sections(script).try_into();
    let sections = sections.unwrap_or_else(|_| panic!("{script} is not about two groups"));
    assert_eq!(sections[0].without, None, "{script} begins with all rules");
    assert_eq!(sections[1].without, Some(rule), "{script}");
    assert_eq!(
        sections[0].steps, sections[1].steps,
        "{script}: other steps"
    );
    assert!(!sections[0].steps.is_empty(), "{script} has steps");
    sections
}

/// With the rule all is kept, without it something is lost.
fn is_lost_without(script: &str, rule: Rule) {
    let [with, without] = run(script, rule);
    assert_eq!(with.violation, None, "{script}");
    let violation = without.violation.expect(script);
    assert!(violation.starts_with("lost"), "{script}: {violation}");
}

macro_rules! scripts {
    ($($name:ident: $rule:ident,)*) => {
        $(#[test] fn $name() { is_lost_without(stringify!($name), Rule::$rule); })*

        /// All scripts that are run.
        const SCRIPTS: &[(&str, Rule)] = &[$((stringify!($name), Rule::$rule),)*];
    };
}

scripts! {
    r01_fence: Fence,
    r02_authority: LiveAuthority,
    r03_last_to_fail: LastToFail,
    r04_majority: Majority,
    r05_newest_view: NewestView,
    r06_authority_first: AuthorityFirst,
    r06_all_live_first: AllLiveFirst,
    r07_write_all: WriteAll,
    r07_write_to_disk: WriteToDisk,
    r08_stall: StallIsCrash,
    r10_empty_disk: RecoverFirst,
    r11_client_fence: ClientFence,
    r12_exclusion: ExcludedIsDead,
    lives: Incarnations,
}

/// Nothing is lost without it, but all wait for one.
#[test]
fn r09_joining() {
    let [with, without] = run("r09_joining", Rule::CatchUpFirst);
    assert_eq!((with.violation, without.violation), (None, None));
}

/// Nothing is lost without it, but who was away once never serves again.
#[test]
fn r09_rejoining() {
    let [with, without] = run("r09_rejoining", Rule::Rejoin);
    assert_eq!((with.violation, without.violation), (None, None));
}

/// Scripts of what a group does after something rare, with all rules.
const EVENTS: &[&str] = &[
    "primary_wiped",
    "alone_restarted",
    "both_restarted",
    "farewell",
];

/// A primary whose disk is lost does not halt those who are there, under either policy.
#[test]
fn primary_wiped() {
    for section in sections("primary_wiped") {
        assert_eq!((section.without, section.violation), (None, None));
    }
}

/// Who ends in order is followed at once, and what it has taken is answered first.
#[test]
fn farewell() {
    for section in sections("farewell") {
        assert_eq!((section.without, section.violation), (None, None));
    }
}

/// Who served alone, ended and gives way names what it had acknowledged: the two sides contradict each other.
#[test]
fn alone_restarted() {
    for section in sections("alone_restarted") {
        assert_eq!(section.without, None);
        let violation = section.violation.expect("both sides have served");
        assert!(violation.starts_with("stale: r0 has [7]"), "{violation}");
    }
}

/// Of a side all of whose members ended, each says what it held in which view.
#[test]
fn both_restarted() {
    for section in sections("both_restarted") {
        assert_eq!(section.without, None);
        let violation = section.violation.expect("both sides have served");
        assert!(violation.contains("was acknowledged"), "{violation}");
    }
}

#[test]
fn every_rule_has_a_script_and_every_script_is_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let entries = std::fs::read_dir(folder).expect("the scripts");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut found: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    found.sort();
    let scripts = SCRIPTS.iter().chain(&[
        ("r09_joining", Rule::CatchUpFirst),
        ("r09_rejoining", Rule::Rejoin),
    ]);
    let of_rules = scripts.clone().map(|&(name, _)| name);
    let mut run: Vec<&str> = of_rules.chain(EVENTS.iter().copied()).collect();
    run.sort_unstable();
    assert_eq!(found, run);
    for rule in Rule::ALL {
        assert!(scripts.clone().any(|&(_, of)| of == rule), "{rule:?}");
    }
}
