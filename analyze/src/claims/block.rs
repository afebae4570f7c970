//! Claims on a page: the sentence, its source and its verdict; and the table of many.

use std::collections::BTreeMap;

use super::assess::{Assessment, ClaimReport};
use super::table;
use crate::markdown;

/// Kinds of blocks that show claims.
pub const KINDS: [&str; 2] = ["claim", "claims"];

/// What a block of one of [`KINDS`] becomes: the text between its marks, and the claims that it shows.
///
/// # Errors
///
/// In words, when its options name nothing there is.
pub fn render(
    kind: &str,
    options: &BTreeMap<String, String>,
    assessment: &Assessment,
) -> Result<(String, Vec<String>), String> {
    if kind == "claims" {
        return many(options, assessment);
    }
    let id = options.get("id").ok_or("a claim block needs id=…")?;
    let claim = assessment.claims.iter().find(|claim| claim.id == *id);
    let claim = claim.ok_or_else(|| {
        let ids: Vec<&str> = assessment
            .claims
            .iter()
            .map(|claim| claim.id.as_str())
            .collect();
        format!(
            "the ledger has no claim `{id}`: expected one of {}",
            ids.join(", ")
        )
    })?;
    let text = match options.get("as").map(String::as_str) {
        None => format!("\n{}\n", whole(claim, assessment)),
        Some("verdict") => claim.verdict.to_string(),
        Some("estimate") => table::estimate(claim),
        Some("n") => claim.n.clone().unwrap_or_else(|| "none".to_owned()),
        Some(other) => return Err(format!("as={other}: expected verdict, estimate or n")),
    };
    Ok((text, vec![id.clone()]))
}

fn many(
    options: &BTreeMap<String, String>,
    assessment: &Assessment,
) -> Result<(String, Vec<String>), String> {
    let page = options.get("page");
    let on_page = |claim: &&ClaimReport| page.is_none() || claim.page.as_ref() == page;
    let chosen: Vec<&ClaimReport> = assessment.claims.iter().filter(on_page).collect();
    if chosen.is_empty() {
        let page = page.map_or("", String::as_str);
        return Err(format!("no claim of the ledger names page = \"{page}\""));
    }
    let ids = chosen.iter().map(|claim| claim.id.clone()).collect();
    let text = markdown::table(&table::table(&chosen, assessment));
    Ok((format!("\n{text}"), ids))
}

/// The sentence as a quotation, and below it what its trials say.
fn whole(claim: &ClaimReport, assessment: &Assessment) -> String {
    let quoted = markdown::inline(&format!("“{}”", claim.sentence));
    let source = markdown::inline(&claim.source);
    let verdict = claim.verdict.name();
    let mut text = format!("> {quoted}\n>\n> — {source}\n\n**Claim {verdict}:** ");
    if let Some(reading) = &claim.reading {
        text += &format!("{} ", markdown::inline(reading));
    }
    text += &markdown::inline(&sentence(claim, assessment));
    text
}

/// What was measured, found and expected, and how sure it is.
fn sentence(claim: &ClaimReport, assessment: &Assessment) -> String {
    let mut found = match &claim.lacking {
        Some(lacking) => format!("cannot be decided: {lacking}"),
        None => format!("is {}", table::estimate_with_interval(claim)),
    };
    if claim.parts.len() > 1 {
        let label = super::weigh::weakest(&claim.parts).map_or("", |part| part.label.as_str());
        found += &format!(" where it is least so ({label})");
    }
    let n = claim.n.as_deref().unwrap_or("none");
    let decides = match claim.lacking {
        Some(_) => String::new(),
        None => format!(
            " Trials: {n}; p = {} after Holm's correction over {} claims, alpha {}.",
            table::probability(claim.p_adjusted()),
            assessment.claims.len(),
            claim.alpha
        ),
    };
    format!(
        "{} {found}; expected {}.{decides}",
        capital(&claim.statement),
        claim.expected
    )
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        // The name of a metric is written as it is.
        Some(first)
            if !text
                .split(' ')
                .next()
                .is_some_and(|word| word.contains('_')) =>
        {
            first.to_uppercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}
