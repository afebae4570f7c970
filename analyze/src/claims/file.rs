//! The words of a ledger file, as they stand; [`super::claim`] makes sense of them.
//!
//! What each key means stands in the documentation of [`crate::claims`].

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::bound::BoundKeys;
use super::options::Options;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LedgerFile {
    pub(super) alpha: f64,
    pub(super) trials: Option<u64>,
    #[serde(default)]
    pub(super) sources: BTreeMap<String, String>,
    #[serde(default, rename = "claim")]
    pub(super) claims: Vec<ClaimFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimFile {
    pub(super) id: Spanned<String>,
    pub(super) sentence: String,
    pub(super) source: String,
    pub(super) reading: Option<String>,
    pub(super) page: Option<String>,
    pub(super) logs: String,
    #[serde(default, rename = "where")]
    pub(super) conditions: Options,
    #[serde(default)]
    pub(super) each: bool,
    pub(super) machine: Option<Value>,
    pub(super) combine: Option<String>,
    pub(super) metric: String,
    pub(super) than: Option<ThanFile>,
    pub(super) mean: Option<BoundKeys>,
    pub(super) difference: Option<BoundKeys>,
    pub(super) ratio: Option<BoundKeys>,
    pub(super) trend: Option<TrendFile>,
    pub(super) share: Option<ShareFile>,
    pub(super) trials: Option<u64>,
    pub(super) alpha: Option<f64>,
    pub(super) verdict: Option<Spanned<String>>,
}

/// The other side of a comparison: what it does not say is as in the claim.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ThanFile {
    pub(super) logs: Option<String>,
    #[serde(default, rename = "where")]
    pub(super) conditions: Options,
    pub(super) machine: Option<Value>,
    pub(super) combine: Option<String>,
    pub(super) metric: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrendFile {
    pub(super) over: String,
    pub(super) goes: Option<String>,
    pub(super) per_step: Option<BoundKeys>,
    #[serde(default)]
    pub(super) every_step: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShareFile {
    pub(super) holds: BoundKeys,
    pub(super) blocks_of: Option<u64>,
    pub(super) above: Option<f64>,
    pub(super) below: Option<f64>,
    pub(super) at_least: Option<f64>,
    pub(super) at_most: Option<f64>,
    pub(super) within: Option<[f64; 2]>,
}

impl ShareFile {
    /// How large the share is to be.
    pub(super) fn size(&self) -> BoundKeys {
        BoundKeys {
            above: self.above,
            below: self.below,
            at_least: self.at_least,
            at_most: self.at_most,
            within: self.within,
        }
    }
}
