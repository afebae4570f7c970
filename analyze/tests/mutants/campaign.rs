//! Cases by number: made, run, judged, counted.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Instant;

use files::parallel;

use super::change::mutate;
use super::program::{self, End, Program};
use super::samples::{self, Sample};
use super::verdict::faults;
use crate::chance::Chance;

/// Cases of a campaign, all of whose chance derives from a seed.
pub(crate) struct Campaign {
    /// The program on trial.
    pub(crate) analyze: Program,
    /// The seed.
    pub(crate) seed: u64,
    /// Numbers of the cases.
    pub(crate) cases: Range<u64>,
    /// Where inputs are kept that a program failed at.
    pub(crate) kept: PathBuf,
}

/// What a campaign found.
#[derive(Default)]
pub(crate) struct Findings {
    /// Cases and ends by reader.
    readers: BTreeMap<&'static str, (u64, BTreeMap<End, u64>)>,
    /// Each failure: the case, what is wrong, and how to see it again.
    pub(crate) failures: Vec<String>,
}

/// What came of a case.
struct Case {
    reader: &'static str,
    ends: Vec<End>,
    failure: Option<String>,
}

impl Campaign {
    /// Runs all cases, on all processors, and prints what came of them.
    pub(crate) fn run(&self) -> Findings {
        let started = Instant::now();
        let samples = samples::all(&self.analyze.path);
        let numbers: Vec<u64> = self.cases.clone().collect();
        let mut findings = Findings::default();
        for case in parallel::map(&numbers, |number| self.case(*number, &samples)) {
            let (cases, counts) = findings.readers.entry(case.reader).or_default();
            *cases += 1;
            for end in case.ends {
                *counts.entry(end).or_default() += 1;
            }
            findings.failures.extend(case.failure);
        }
        println!("{}", findings.table());
        println!("{} cases in {:.0?}", numbers.len(), started.elapsed());
        findings
    }

    /// Gives the program the samples as they are; what it does not read, or reads with a fault.
    pub(crate) fn sound(&self) -> Vec<String> {
        let failures = parallel::map(&samples::all(&self.analyze.path), |sample| {
            let scratch = tempfile::tempdir().expect("a temporary folder");
            let folder = scratch.path().join("input");
            sample.input.write(&folder);
            let mut failures = Vec::new();
            for command in &sample.commands {
                let arguments: Vec<&str> = command.split(' ').collect();
                let outcome = program::run(&self.analyze, &arguments, &folder, scratch.path());
                let mut faults = faults(&arguments, &outcome);
                if !matches!(outcome.end, End::Code(0 | 1)) {
                    faults.push(String::from_utf8_lossy(&outcome.stderr).into_owned());
                }
                failures.extend(faults.iter().map(|fault| format!("{command}: {fault}")));
            }
            failures
        });
        failures.concat()
    }

    /// Makes the mutant of this number, and runs one or several commands on it.
    fn case(&self, number: u64, samples: &[Sample]) -> Case {
        let sample = &samples[(number % samples.len() as u64) as usize];
        // Far apart, so that the chances of two cases share nothing.
        let mut chance = Chance::new(self.seed ^ (number + 1).wrapping_mul(0xd134_2543_de82_ef95));
        let mut input = sample.input.clone();
        let changes = mutate(&mut input, &mut chance);
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let folder = scratch.path().join("input");
        fs::create_dir(&folder).expect("a folder can be made");
        input.write(&folder);
        let mut ends = Vec::new();
        let mut failed = Vec::new();
        for _ in 0..chance.between(1, 2) {
            let command = chance.pick(&sample.commands);
            let arguments: Vec<&str> = command.split(' ').collect();
            let outcome = program::run(&self.analyze, &arguments, &folder, scratch.path());
            ends.push(outcome.end);
            let faults = faults(&arguments, &outcome);
            if !faults.is_empty() {
                let stderr = String::from_utf8_lossy(&outcome.stderr);
                let said: String = stderr
                    .chars()
                    .flat_map(char::escape_debug)
                    .take(300)
                    .collect();
                failed.push(format!(
                    "{}\n  {}\n  {said}",
                    faults.join("; "),
                    self.again(number, command)
                ));
            }
        }
        let failure = (!failed.is_empty()).then(|| {
            self.keep(number, &folder);
            let head = format!("case {number}, {}: {}", sample.reader, changes.join(", "));
            let told = head + "\n  " + &failed.join("\n  ");
            // At once: a campaign takes long.
            println!("{told}");
            told
        });
        Case {
            reader: sample.reader,
            ends,
            failure,
        }
    }

    fn place(&self, number: u64) -> PathBuf {
        self.kept.join(format!("seed-{}-case-{number}", self.seed))
    }

    /// The command that shows a failure again.
    fn again(&self, number: u64, command: &str) -> String {
        let (folder, program) = (self.place(number), self.analyze.path.display());
        format!("cd {} && {program} {command}", folder.display())
    }

    fn keep(&self, number: u64, folder: &Path) {
        let place = self.place(number);
        // From an earlier campaign.
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&self.kept).expect("a folder can be made");
        let copied = std::process::Command::new("cp")
            .args(["-a", "--"])
            .args([folder, &place])
            .status();
        assert!(copied.expect("cp starts").success(), "{place:?}");
    }
}

impl Findings {
    /// Cases and exit codes by reader.
    fn table(&self) -> String {
        let mut text = format!(
            "{:<18}{:>7}{:>7}{:>7}{:>7}{:>7}\n",
            "reader", "cases", "0", "1", "2", "other"
        );
        let mut all = (0, [0; 4]);
        for (reader, (cases, ends)) in &self.readers {
            let code = |code| ends.get(&End::Code(code)).copied().unwrap_or(0);
            let known = [code(0), code(1), code(2)];
            let other = ends.values().sum::<u64>() - known.iter().sum::<u64>();
            let counts = [known[0], known[1], known[2], other];
            text += &line(reader, *cases, counts);
            all.0 += cases;
            all.1 = std::array::from_fn(|at| all.1[at] + counts[at]);
        }
        text + &line("all", all.0, all.1)
    }
}

fn line(reader: &str, cases: u64, [zero, one, two, other]: [u64; 4]) -> String {
    format!("{reader:<18}{cases:>7}{zero:>7}{one:>7}{two:>7}{other:>7}\n")
}
