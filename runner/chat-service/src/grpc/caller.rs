//! What a call says besides its message: who calls, what it has seen, and how long it waits.
//!
//! **Invariant.** A token that is not one is refused as one that nobody has.

use std::time::Duration;

use chat::identity::{Token, View};
use chat::refusal::Refusal;
use tokio::time::Instant;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Request as Call, Status};

use super::refusals::DEFINITE_TRAILER;
use super::values;
use super::visitor::Visitor;

/// A stream that names a longer time has as much as it likes.
const STREAM_MAX: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The metadata with the highest view that its sender has seen.
pub const VIEW_METADATA: &str = "driftlab-view";

/// What a call says besides its message.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) token: Option<Token>,
    pub(super) view: View,
    /// When it must have its answer.
    pub(super) deadline: Instant,
    /// When its stream ends, if it says so.
    pub(super) stream_end: Option<Instant>,
    visitor: Option<Visitor>,
}

impl Caller {
    pub(super) fn of<T>(call: &Call<T>, call_max: Duration) -> Result<Caller, Refusal> {
        let metadata = call.metadata();
        let named = timeout(metadata);
        let now = Instant::now();
        Ok(Caller {
            token: token(metadata)?,
            view: view(metadata)?,
            deadline: now + named.unwrap_or(call_max).min(call_max),
            stream_end: named.map(|named| now + named.min(STREAM_MAX)),
            visitor: call.extensions().get::<Visitor>().cloned(),
        })
    }

    pub(super) fn token(&self) -> Result<&Token, Refusal> {
        self.token.as_ref().ok_or(Refusal::LoginNeeded)
    }

    /// Somebody is logged in at the other end.
    pub(super) fn welcome(&self) {
        if let Some(visitor) = &self.visitor {
            visitor.welcome();
        }
    }
}

/// The token of a call, if it has one.
pub(super) fn token(metadata: &MetadataMap) -> Result<Option<Token>, Refusal> {
    let Some(value) = metadata.get("authorization") else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let digits = text
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let token = digits.and_then(|(_, digits)| values::token(digits.trim()));
    token.map(Some).ok_or(Refusal::NoSession)
}

fn view(metadata: &MetadataMap) -> Result<View, Refusal> {
    let Some(value) = metadata.get(VIEW_METADATA) else {
        return Ok(View(0));
    };
    let view = value.to_str().ok().and_then(|text| text.parse().ok());
    let why = "driftlab-view: expected a whole number";
    view.map(View).ok_or_else(|| values::malformed(why))
}

/// The time that a call says it has: digits and a unit.
fn timeout(metadata: &MetadataMap) -> Option<Duration> {
    let text = metadata.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count: u64 = digits.parse().ok().filter(|_| digits.len() <= 8)?;
    let named = match unit {
        "H" => Duration::from_secs(count * 3600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    };
    // A little earlier: our word, and not the caller's clock, then says what happened.
    Some(named - (named / 10).min(Duration::from_millis(10)))
}

/// What is said when there is no answer in time.
pub(super) fn too_late() -> Status {
    let mut status = Status::deadline_exceeded(
        "no answer in time: it may have been done; ask again with the same sequence",
    );
    status
        .metadata_mut()
        .insert(DEFINITE_TRAILER, MetadataValue::from_static("false"));
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(key: &'static str, value: &'static str) -> MetadataMap {
        let mut metadata = MetadataMap::new();
        metadata.insert(key, MetadataValue::from_static(value));
        metadata
    }

    #[test]
    fn a_timeout_has_digits_and_a_unit() {
        let read = |value| timeout(&with("grpc-timeout", value));
        assert_eq!(read("2S"), Some(Duration::from_millis(1990)));
        assert_eq!(read("50m"), Some(Duration::from_millis(45)));
        assert_eq!(
            read("99999999H").map(|named| named.as_secs() > 3 << 36),
            Some(true)
        );
        for wrong in ["", "S", "1", "1s", "-1S", "100000000S", "1 "] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_no_token_is_nobodys() {
        assert!(matches!(token(&MetadataMap::new()), Ok(None)));
        for wrong in ["Bearer", "Bearer ", "Basic YTpi", "Bearer 12", ""] {
            let read = token(&with("authorization", wrong));
            assert!(matches!(read, Err(Refusal::NoSession)), "{wrong}");
        }
        let hex = "bearer 00000000000000000000000000000000000000000000000000000000000000ff";
        let read = token(&with("authorization", hex));
        assert!(matches!(read, Ok(Some(token)) if token.0[31] == 255));
    }
}
