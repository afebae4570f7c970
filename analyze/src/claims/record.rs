//! Verdicts written into a ledger, and nothing else of it changed.

use super::assess::Assessment;
use super::claim::Ledger;

/// The ledger's text with the verdicts of an assessment of it. A claim without one gets it on a line after its id.
pub fn recorded(ledger: &Ledger, assessment: &Assessment) -> String {
    let mut text = ledger.text.clone();
    let claims = ledger.claims.iter().zip(&assessment.claims);
    let mut edits: Vec<_> = claims
        .map(|(claim, found)| match &claim.places.1 {
            Some(place) => (place.clone(), format!("\"{}\"", found.verdict)),
            None => {
                let end = claim.places.0.end;
                let line_end = ledger.text[end..]
                    .find('\n')
                    .map_or(ledger.text.len(), |rest| end + rest);
                (
                    line_end..line_end,
                    format!("\nverdict = \"{}\"", found.verdict),
                )
            }
        })
        .collect();
    // From the back, so that places further up stay where they are.
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    for (place, words) in edits {
        text.replace_range(place, &words);
    }
    text
}
