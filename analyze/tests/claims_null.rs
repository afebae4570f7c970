//! How often a ledger errs: true claims refuted, and false ones supported, over a thousand replications of chance.
//!
//! Every claim but the last lies exactly on the boundary between true and false, where errors are most likely: it counts as
//! true when it is refuted and as false when it is supported. Values are symmetric, skewed, discrete or do not vary at all.
//! They go the way that measured values go, from [`Drawn`] to a verdict.

use std::path::Path;

use analyze::claims::assess::{Assessment, decide};
use analyze::claims::claim::Ledger;
use analyze::claims::draw::{Drawn, Part, Samples};
use analyze::claims::judge::Verdict;
use files::parallel;
use statistics::chance::Chance;

const REPLICATIONS: u64 = 1000;
/// Of these, so many are also looked at while they grow.
const REPLICATIONS_PEEKED: u64 = 100;
const SEED: u64 = 20_261_121;
const TRIALS: usize = 40;
const ALPHA: f64 = 0.05;

/// The relations of the claims, in the order of [`values`].
const RELATIONS: [&str; 14] = [
    "mean = { at_least = 10 }",
    "mean = { at_most = 10 }",
    "mean = { at_least = 10 }",
    "mean = { within = [10, 12] }",
    "difference = { at_most = 0 }",
    "difference = { at_least = 0 }",
    "ratio = { at_least = 0.5 }",
    "trend = { over = 'internal', goes = 'up' }",
    "trend = { over = 'internal', goes = 'up', every_step = true }",
    "share = { holds = { above = 0.2 }, at_least = 0.8 }",
    "share = { holds = { below = 0.3 }, at_most = 0.3 }",
    "share = { holds = { above = 0.1 }, blocks_of = 5, at_least = 0.59049 }",
    "mean = { at_most = 1 }",
    "mean = { above = 5 }",
];
/// The last claim is plainly true; the others are true and false alike.
const BOUNDARY: usize = RELATIONS.len() - 1;

fn ledger() -> Ledger {
    let mut text = format!("alpha = {ALPHA}\ntrials = {TRIALS}\n[sources]\nnobody = 'nobody'\n");
    for (index, relation) in RELATIONS.iter().enumerate() {
        let compared = relation.starts_with("difference") || relation.starts_with("ratio");
        let than = if compared {
            "than = { machine = 1 }"
        } else {
            ""
        };
        text += &format!(
            "[[claim]]\nid = 'claim-{index}'\nsentence = 'Chance.'\nsource = 'nobody'\nlogs = 'none'\n\
             machine = 0\nmetric = 'queue_max'\n{than}\n{relation}\n"
        );
    }
    Ledger::parse(Path::new("claims.toml"), text).expect("a ledger")
}

/// Twelve uniform numbers less their mean, twelve halves: standard deviation 1, and normal for all purposes here.
fn normal(chance: &mut Chance, mean: f64, deviation: f64) -> f64 {
    let sum: f64 = (0..12).map(|_| chance.unit()).sum();
    mean + deviation * (sum - 6.0)
}

fn exponential(chance: &mut Chance, mean: f64) -> f64 {
    -mean * (1.0 - chance.unit()).ln()
}

fn sample(chance: &mut Chance, draw: impl Fn(&mut Chance) -> f64) -> Vec<f64> {
    (0..TRIALS).map(|_| draw(chance)).collect()
}

/// The values of each claim.
fn values(chance: &mut Chance) -> Vec<Samples> {
    let sweep = |chance: &mut Chance| {
        let condition = |_| sample(chance, |chance| exponential(chance, 3.0));
        Samples::Sweep((0..5).map(condition).collect())
    };
    let one = Samples::One;
    let steady = sample(chance, |chance| exponential(chance, 4.0));
    vec![
        one(sample(chance, |chance| normal(chance, 10.0, 3.0))),
        one(sample(chance, |chance| exponential(chance, 10.0))),
        one(sample(chance, |chance| exponential(chance, 10.0))),
        one(sample(chance, |chance| normal(chance, 10.0, 1.0).round())),
        Samples::Two {
            a: sample(chance, |chance| normal(chance, 7.0, 1.0)),
            b: sample(chance, |chance| exponential(chance, 7.0)),
            paired: false,
        },
        Samples::Two {
            a: steady
                .iter()
                .map(|value| value + normal(chance, 0.0, 0.5))
                .collect(),
            b: steady,
            paired: true,
        },
        Samples::Two {
            a: sample(chance, |chance| exponential(chance, 5.0)),
            b: sample(chance, |chance| normal(chance, 10.0, 2.0)),
            paired: false,
        },
        sweep(chance),
        sweep(chance),
        one(sample(chance, Chance::unit)),
        one(sample(chance, Chance::unit)),
        one(sample(chance, Chance::unit)),
        one(vec![1.0; TRIALS]),
        one(sample(chance, |chance| normal(chance, 10.0, 3.0))),
    ]
}

fn judged(ledger: &Ledger, values: Vec<Samples>) -> Assessment {
    let drawn = values.into_iter().map(|samples| Drawn {
        parts: vec![Part {
            label: String::new(),
            samples,
        }],
        ..Drawn::default()
    });
    decide(ledger, drawn.collect())
}

/// The first values of each sample.
fn cut(samples: &Samples, count: usize) -> Samples {
    let first = |values: &Vec<f64>| values[..count].to_vec();
    match samples {
        Samples::One(values) => Samples::One(first(values)),
        Samples::Two { a, b, paired } => Samples::Two {
            a: first(a),
            b: first(b),
            paired: *paired,
        },
        Samples::Sweep(all) => Samples::Sweep(all.iter().map(first).collect()),
    }
}

/// What went wrong in a replication.
struct Errors {
    /// A true claim was refuted.
    refuted: bool,
    /// A false one was supported.
    supported: bool,
    /// A true claim was refuted at some look, by whoever looks after every five trials.
    peeked: bool,
}

fn replicate(ledger: &Ledger, replication: u64) -> Errors {
    let values = values(&mut Chance::new(SEED + replication));
    let look = |count: usize| {
        let first = values.iter().map(|samples| cut(samples, count)).collect();
        judged(ledger, first).refuted > 0
    };
    let peeked = replication < REPLICATIONS_PEEKED && (1..=TRIALS / 5).any(|looks| look(looks * 5));
    let assessment = judged(ledger, values);
    let mut boundary = assessment.claims[..BOUNDARY].iter();
    let plain = &assessment.claims[BOUNDARY];
    assert_eq!(plain.verdict, Verdict::Supported, "{plain:?}");
    Errors {
        refuted: assessment.refuted > 0,
        supported: boundary.any(|claim| claim.verdict == Verdict::Supported),
        peeked,
    }
}

#[test]
fn errors_are_as_rare_as_the_ledger_says() {
    let ledger = ledger();
    let replications: Vec<u64> = (0..REPLICATIONS).collect();
    let found = parallel::map(&replications, |&replication| {
        replicate(&ledger, replication)
    });
    let count = |error: fn(&Errors) -> bool| found.iter().filter(|errors| error(errors)).count();
    let share = |count: usize, of: u64| count as f64 / of as f64;
    let refuted = share(count(|errors| errors.refuted), REPLICATIONS);
    let supported = share(count(|errors| errors.supported), REPLICATIONS);
    let peeked = share(count(|errors| errors.peeked), REPLICATIONS_PEEKED);
    println!(
        "of {REPLICATIONS} replications with {} claims: {refuted:.3} refute a true claim, {supported:.3} support a false \
         one; with a look at every five trials {peeked:.3} of {REPLICATIONS_PEEKED} refute a true one",
        RELATIONS.len(),
    );
    // Three standard deviations of a binomial share above alpha: what chance does to a thousand replications.
    let tolerance = 3.0 * (ALPHA * (1.0 - ALPHA) / REPLICATIONS as f64).sqrt();
    assert!(refuted <= ALPHA + tolerance, "{refuted}");
    assert!(supported <= ALPHA + tolerance, "{supported}");
    // A ledger that never says anything would pass too: errors at the boundary are rare, and do occur.
    assert!(refuted > 0.0 && supported > 0.0);
    // And a fixed number of trials is what keeps them rare.
    assert!(peeked > ALPHA, "{peeked}");
}
