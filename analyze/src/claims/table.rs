//! The table of a ledger's claims.

use text::number::{UNKNOWN, number, number_with_interval};

use super::assess::{Assessment, ClaimReport};
use crate::table::{Alignment, Table};

/// The longest part of a sentence that a row shows.
const SENTENCE_MAX: usize = 60;

/// One row for each of these claims.
pub fn table(claims: &[&ClaimReport], assessment: &Assessment) -> Table {
    let mut table = Table::new("Claims", caption(assessment))
        .column("claim", Alignment::Left)
        .end_of_keys()
        .column("verdict", Alignment::Left)
        .column("n", Alignment::Right)
        .column("estimate, 95 % interval", Alignment::Right)
        .column("expected", Alignment::Left)
        .column("p, Holm", Alignment::Right)
        .column("sentence", Alignment::Left);
    table.rows = claims.iter().map(|claim| row(claim)).collect();
    table
}

fn row(claim: &ClaimReport) -> Vec<String> {
    vec![
        claim.id.clone(),
        claim.verdict.to_string(),
        match (&claim.n, &claim.lacking) {
            (Some(n), _) => n.clone(),
            (None, Some(lacking)) => lacking.split(" of `").next().unwrap_or_default().to_owned(),
            (None, None) => UNKNOWN.to_owned(),
        },
        estimate_with_interval(claim),
        claim.expected.clone(),
        match claim.lacking {
            Some(_) => UNKNOWN.to_owned(),
            None => probability(claim.p_adjusted()),
        },
        shortened(&claim.sentence),
    ]
}

/// The beginning of a sentence, cut between words.
fn shortened(sentence: &str) -> String {
    if sentence.chars().count() <= SENTENCE_MAX {
        return sentence.to_owned();
    }
    let mut text = String::new();
    for word in sentence.split(' ') {
        if text.chars().count() + word.chars().count() + 2 > SENTENCE_MAX {
            break;
        }
        text += word;
        text.push(' ');
    }
    format!("{}…", text.trim_end())
}

/// The estimate alone, with its unit.
pub fn estimate(claim: &ClaimReport) -> String {
    with_unit(number(claim.estimate), claim.unit)
}

/// `37.4 (33.7 to 41.1) units`
pub fn estimate_with_interval(claim: &ClaimReport) -> String {
    let text = number_with_interval(claim.estimate, claim.low, claim.high);
    with_unit(text, claim.unit)
}

fn with_unit(text: String, unit: &str) -> String {
    match unit {
        _ if text == UNKNOWN => text,
        "" | "share" => text,
        unit => format!("{text} {unit}"),
    }
}

/// A probability; one that four decimals cannot tell from 0 is not written as 0.
pub fn probability(p: f64) -> String {
    match p < 0.0001 {
        true => "< 0.0001".to_owned(),
        false => number(Some(p)),
    }
}

fn caption(assessment: &Assessment) -> String {
    format!(
        "Interval: of the estimate alone. p: of the test that the verdict rests on, after Holm's correction over the {} \
         claims of the ledger. The chance that any true claim is refuted is at most {}, and so is the chance that any false \
         one is supported. The trial is the statistical unit, and how many decide was fixed beforehand. Undecided is not \
         equal to false.",
        assessment.claims.len(),
        assessment.alpha
    )
}
