//! Which peer a message to one peer goes to: either alike.
//!
//! Each machine is tested by itself over all trials, since a program that always writes to the lower name, to the next one
//! or to the first connection shows in each machine differently. The smallest p counts, times the number of tests.

use statistics::multinomial::p_value;

use super::dice::scientific;
use super::facts::{Facts, Trial, counted, rolled};
use super::judgement::{Line, Outcome};
use super::lines::line;
use super::rubric::PeersLimits;
use events::{Kind, Machine, Reach};

/// Lines of a finding that are shown.
const SHOWN: usize = 3;

/// The sends of a machine, over all trials.
struct Sends {
    name: String,
    /// By position of the recipient.
    counts: Vec<u64>,
    /// Names of the recipients.
    peers: Vec<String>,
    own: usize,
}

impl Sends {
    /// Counts of the others alone.
    fn to_others(&self) -> Vec<u64> {
        let others = self
            .counts
            .iter()
            .enumerate()
            .filter(|&(at, _)| at != self.own);
        others.map(|(_, &count)| count).collect()
    }

    fn p(&self) -> f64 {
        let others = self.to_others();
        p_value(&others, &vec![1.0 / others.len() as f64; others.len()])
    }

    fn told(&self) -> String {
        let others = (0..self.counts.len()).filter(|&at| at != self.own);
        let told: Vec<String> = others
            .map(|at| format!("{} to {}", self.counts[at], self.peers[at]))
            .collect();
        told.join(", ")
    }
}

/// Do messages to one peer go to either alike?
pub(super) fn judge(facts: &Facts<'_>, limits: &PeersLimits) -> Outcome {
    if !facts.broadcasts_are_told() {
        return Outcome::cannot_tell(
            "The logs do not tell a send to one peer from a line of a send to all.",
        );
    }
    let sends = gather(facts);
    let (mut tested, all) = (
        Vec::new(),
        sends
            .iter()
            .map(|sends| sends.to_others().iter().sum::<u64>())
            .sum::<u64>(),
    );
    for sends in &sends {
        let others = sends.to_others();
        if others.len() > 1 && others.iter().sum::<u64>() >= limits.sends_at_least {
            tested.push((sends, sends.p()));
        }
    }
    let Some(&(worst, p)) = tested.iter().min_by(|a, b| a.1.total_cmp(&b.1)) else {
        return Outcome::cannot_tell(match all {
            0 => "The logs do not tell which peer a message was sent to.".to_owned(),
            _ => format!("{all} sends with a known recipient are too few to tell."),
        });
    };
    let adjusted = (p * tested.len() as f64).min(1.0);
    let expected = format!("at least {}", limits.alpha);
    let what = format!(
        "smallest p of {}, times their number",
        counted(tested.len(), "exact test")
    );
    let outcome = if adjusted >= limits.alpha {
        Outcome::met("Messages to one peer go to either alike.")
    } else {
        let uneven = tested
            .iter()
            .filter(|(_, p)| p * (tested.len() as f64) < limits.alpha)
            .count();
        let share = 1.0 - uneven as f64 / tested.len() as f64;
        Outcome::finding(
            if share < 0.5 { 0.0 } else { share },
            "sends favour a peer",
            format!(
                "Machine {} sends {}: too uneven for a choice between them at even odds.",
                worst.name,
                worst.told()
            ),
        )
        .advise("Do 1 and 2 of the die send to different peers?")
        .proven_by(example(facts, worst))
    };
    tested.iter().fold(
        outcome.number(what, scientific(adjusted), expected),
        |outcome, (sends, _)| {
            outcome.number(
                format!("sends of machine {}", sends.name),
                sends.told(),
                "even",
            )
        },
    )
}

/// Machines of the same name and position over all trials; trials with other machines apart.
fn gather(facts: &Facts<'_>) -> Vec<Sends> {
    let mut gathered: Vec<Sends> = Vec::new();
    for trial in &facts.trials {
        let machines = &trial.table.machines;
        let peers: Vec<String> = machines
            .iter()
            .map(|machine| machine.name.clone())
            .collect();
        for (own, machine) in machines.iter().enumerate() {
            let known = gathered
                .iter_mut()
                .find(|sends| sends.own == own && sends.peers == peers);
            let sends = match known {
                Some(sends) => sends,
                None => {
                    gathered.push(Sends {
                        name: machine.name.clone(),
                        counts: vec![0; peers.len()],
                        peers: peers.clone(),
                        own,
                    });
                    gathered.last_mut().expect("it was pushed")
                }
            };
            for (_, to) in single_sends(trial, machine) {
                if let Some(count) = sends.counts.get_mut(to) {
                    *count += 1;
                }
            }
        }
    }
    gathered
}

/// The first sends of the machine.
fn example(facts: &Facts<'_>, worst: &Sends) -> Vec<Line> {
    let trials = facts.trials.iter();
    let machines = trials.filter_map(|trial| Some((trial, trial.table.machines.get(worst.own)?)));
    let Some((trial, machine)) = machines
        .into_iter()
        .find(|(_, machine)| machine.name == worst.name)
    else {
        return Vec::new();
    };
    single_sends(trial, machine)
        .take(SHOWN)
        .filter_map(|(at, to)| line(machine, at, format!("a send to {}", worst.peers.get(to)?)))
        .collect()
}

/// The sends of a machine to one peer that the log names. What was inferred of positions among connections does not count:
/// it rests on the sends that could be matched, and these may favour a peer where the program does not.
fn single_sends<'a>(
    trial: &'a Trial<'_>,
    machine: &'a Machine,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let named = trial.names_recipients();
    let rows = &machine.rows;
    let rolled = rolled(rows).into_iter().enumerate();
    let singles = rolled.filter(move |&(_, kind)| named && kind == Some(Kind::Send));
    singles.filter_map(move |(row, _)| match rows.reach(row) {
        Reach::One(to) => Some((row, to)),
        _ => None,
    })
}
