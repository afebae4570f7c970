//! A moment in what a process does, at which a fault happens.
//!
//! **Invariant.** A point names one effect: the n-th of its kind by those whom it names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::span::Span;
use super::target::Target;

/// Just before or just after the n-th effect of a kind: `{ after = "send:install", by = "primary", nth = 2 }`; or the n-th from
/// a time on, with `from = "12s"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PointTable", into = "PointTable")]
pub struct Point {
    /// Whether the effect is performed first.
    pub is_after: bool,
    /// Which effects count.
    pub kind: EffectKind,
    /// Whose effects count, by the role in which they are done: not a link, nor `all`; `any` is everybody's.
    pub by: Target,
    /// Which of them, from 1.
    pub nth: u32,
    /// Since when they are counted, from the start of the trial.
    pub from: Span,
}

/// A kind of effect. Its text: `send`, `send:KIND`, `record`, `record:KIND`, `persist`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EffectKind {
    /// A message is sent; of this kind, if one is named.
    Send(Option<String>),
    /// An event is written to the log; of this kind, if one is named.
    Record(Option<String>),
    /// A change goes to the disk: before it is written, or after it is flushed.
    Persist,
}

impl FromStr for EffectKind {
    type Err = String;

    fn from_str(text: &str) -> Result<EffectKind, String> {
        let (effect, kind) = match text.split_once(':') {
            None => (text, None),
            Some((effect, kind)) => (effect, Some(kind.to_owned())),
        };
        let is_kind = kind.as_deref() != Some("");
        match effect {
            "send" if is_kind => Ok(EffectKind::Send(kind)),
            "record" if is_kind => Ok(EffectKind::Record(kind)),
            "persist" if kind.is_none() => Ok(EffectKind::Persist),
            _ => Err(format!(
                "`{text}`: expected send, send:KIND, record, record:KIND or persist"
            )),
        }
    }
}

impl fmt::Display for EffectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EffectKind::Send(None) => f.write_str("send"),
            EffectKind::Send(Some(kind)) => write!(f, "send:{kind}"),
            EffectKind::Record(None) => f.write_str("record"),
            EffectKind::Record(Some(kind)) => write!(f, "record:{kind}"),
            EffectKind::Persist => f.write_str("persist"),
        }
    }
}

impl TryFrom<String> for EffectKind {
    type Error = String;

    fn try_from(text: String) -> Result<EffectKind, String> {
        text.parse()
    }
}

impl From<EffectKind> for String {
    fn from(kind: EffectKind) -> String {
        kind.to_string()
    }
}

/// A point as a file has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PointTable {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<EffectKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<EffectKind>,
    #[serde(default = "anybody")]
    by: Target,
    #[serde(default = "first")]
    nth: u32,
    #[serde(default, skip_serializing_if = "is_start")]
    from: Span,
}

fn anybody() -> Target {
    Target::Any
}

fn first() -> u32 {
    1
}

fn is_start(from: &Span) -> bool {
    from.ns == 0
}

impl TryFrom<PointTable> for Point {
    type Error = String;

    fn try_from(table: PointTable) -> Result<Point, String> {
        let PointTable { by, nth, from, .. } = table;
        let (is_after, kind) = match (table.before, table.after) {
            (Some(kind), None) => (false, kind),
            (None, Some(kind)) => (true, kind),
            _ => return Err("on: give `before` or `after` an effect, and one of them".to_owned()),
        };
        if matches!(by, Target::All | Target::Link { .. }) {
            return Err(format!(
                "on: by = \"{by}\": expected whose effects count: primary, backup, any, any client, server 0 or client 2"
            ));
        }
        if nth == 0 {
            return Err("on: nth = 0: effects are counted from 1".to_owned());
        }
        Ok(Point {
            is_after,
            kind,
            by,
            nth,
            from,
        })
    }
}

impl From<Point> for PointTable {
    fn from(point: Point) -> PointTable {
        let (before, after) = match point.is_after {
            false => (Some(point.kind), None),
            true => (None, Some(point.kind)),
        };
        PointTable {
            before,
            after,
            by: point.by,
            nth: point.nth,
            from: point.from,
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = if self.is_after { "after" } else { "before" };
        write!(f, "{moment} {} no. {} by {}", self.kind, self.nth, self.by)?;
        match self.from.ns {
            0 => Ok(()),
            _ => write!(f, " from {}", self.from),
        }
    }
}

/// A kind of points, of which one is drawn: `persist`, and whether before or after is drawn too; `before persist`;
/// `after send:install`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PointKind {
    /// Whether the effect is performed first; none if that is drawn.
    pub is_after: Option<bool>,
    /// Which effects count.
    pub kind: EffectKind,
}

impl FromStr for PointKind {
    type Err = String;

    fn from_str(text: &str) -> Result<PointKind, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (is_after, kind) = match words[..] {
            ["before", kind] => (Some(false), kind),
            ["after", kind] => (Some(true), kind),
            _ => (None, text.trim()),
        };
        let kind = kind
            .parse()
            .map_err(|problem| format!("{problem}; or one of these behind `before` or `after`"))?;
        Ok(PointKind { is_after, kind })
    }
}

impl fmt::Display for PointKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_after {
            None => Ok(()),
            Some(false) => f.write_str("before "),
            Some(true) => f.write_str("after "),
        }?;
        self.kind.fmt(f)
    }
}

impl TryFrom<String> for PointKind {
    type Error = String;

    fn try_from(text: String) -> Result<PointKind, String> {
        text.parse()
    }
}

impl From<PointKind> for String {
    fn from(kind: PointKind) -> String {
        kind.to_string()
    }
}
