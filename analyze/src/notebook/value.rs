//! A value of a JSON object as a sentence cites it.

use serde_json::Value;
use statistics::Estimate;
use text::number::{estimate, number};

use super::page::Block;
use crate::markdown;

/// The value at `at` in the form that the block's options ask for: `decimals=N`, `as=percent`, `as=signed`,
/// `as=millions` or `as=interval`.
///
/// # Errors
///
/// What cannot be written so, in words.
pub(super) fn written(value: &Value, at: &str, block: &Block) -> Result<String, String> {
    let text = match (value, block.options.get("as").map(String::as_str)) {
        (Value::String(text), None) => markdown::inline(text),
        (Value::Number(_), None) => plain(value, block, 1.0)?,
        (Value::Number(_), Some("signed")) => {
            let text = plain(value, block, 1.0)?;
            if text.starts_with('-') {
                text
            } else {
                format!("+{text}")
            }
        }
        (Value::Number(_), Some("percent")) => format!("{} %", plain(value, block, 100.0)?),
        (Value::Number(_), Some("millions")) => {
            format!("{} million", plain(value, block, 1e-6)?)
        }
        (Value::Object(_), Some("interval")) => {
            let of = |name: &str| value.get(name).and_then(Value::as_f64);
            let mut known = Estimate::new(0, of("mean"), None);
            (known.low, known.high) = (of("low"), of("high"));
            known
                .mean
                .ok_or_else(|| format!("`{at}` is no estimate, or an unknown one"))?;
            estimate(&known)
        }
        (_, form) => {
            return Err(format!(
                "`{at}` is {value}: that cannot be written as {}",
                form.unwrap_or("a number or text")
            ));
        }
    };
    Ok(text)
}

fn plain(value: &Value, block: &Block, factor: f64) -> Result<String, String> {
    let value = value.as_f64().ok_or("expected a number")? * factor;
    match block.options.get("decimals") {
        None => Ok(number(Some(value))),
        Some(decimals) => {
            let decimals: usize = decimals
                .parse()
                .ok()
                .filter(|&decimals| decimals <= 9)
                .ok_or_else(|| format!("decimals={decimals}: expected 0 to 9"))?;
            Ok(format!("{value:.decimals$}"))
        }
    }
}
