//! What a program may never do, whatever it is given.

use super::program::{End, Outcome};

/// Whether control characters in the output count as a fault.
const CONTROL_CHARACTERS_COUNT: bool = true;
/// More than a program should say on standard error of inputs as small as these.
const STDERR_MAX: usize = 64 * 1024;

/// The faults of a program that was given a mutant; none if it did what it should.
pub(crate) fn faults(arguments: &[&str], outcome: &Outcome) -> Vec<String> {
    let mut faults = Vec::new();
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    let stdout = String::from_utf8_lossy(&outcome.stdout);
    match outcome.end {
        End::Code(0..=2) => {}
        End::Code(code) => faults.push(format!("exit code {code}")),
        End::Signal(signal) => faults.push(format!("ended by signal {signal}")),
        End::Asleep => faults.push("sleeps for ever".to_owned()),
    }
    if stderr.contains("panicked") || stderr.contains("RUST_BACKTRACE") {
        faults.push("panicked".to_owned());
    }
    // Of a submission that cannot be read the table of `grade` says why.
    let said = [&stderr, &stdout]
        .iter()
        .any(|text| !text.trim().is_empty());
    if outcome.end == End::Code(2) && !said {
        faults.push("exit code 2 without a word".to_owned());
    }
    if outcome.stderr.len() > STDERR_MAX {
        faults.push(format!("{} bytes on standard error", outcome.stderr.len()));
    }
    let is_json = arguments.ends_with(&["--json", "-"]);
    // What it was given may be logs of our own after all: then `guess` says so, and guesses nothing.
    let guesses = arguments.first() == Some(&"guess");
    let answered = matches!(outcome.end, End::Code(0 | 1));
    if is_json && answered && !guesses {
        let parsed = serde_json::from_slice::<serde_json::Value>(&outcome.stdout);
        if let Err(error) = parsed {
            faults.push(format!("no JSON on standard output: {error}"));
        }
    }
    if CONTROL_CHARACTERS_COUNT {
        for (name, text) in [("error", &stderr), ("output", &stdout)] {
            // The line ends of CSV.
            let text = text.replace("\r\n", "\n");
            if let Some(found) = text.chars().find(|&character| harms(character)) {
                faults.push(format!("{found:?} on standard {name}"));
            }
        }
    }
    faults
}

/// Whether a character makes a terminal do something else than show it.
fn harms(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
}
