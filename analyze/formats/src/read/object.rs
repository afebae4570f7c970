//! A JSON object taken apart, in the text where it stands.
//!
//! Numbers stay text, so that no digit is lost. What Python prints for a dictionary is read too: single quotes, tuples,
//! `None` and `True`.
//!
//! **Invariant.** Depth and length are bounded.

use std::borrow::Cow;
use std::fmt::Write;

/// Deepest nesting.
const DEPTH_MAX: usize = 64;

/// Why a text is no object, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoObject {
    /// Position in the text, in bytes.
    pub(super) at: usize,
    /// What should have been there.
    pub(super) expected: &'static str,
}

/// Takes apart the object at the start of a text: `said` is given the path (`outer.inner`, `list.0`) and the text of every
/// value, inner ones before those that hold them. Gives where the object ends.
///
/// # Errors
/// What is no object.
pub(super) fn take_apart<'t>(
    text: &'t str,
    said: &mut dyn FnMut(&str, Cow<'t, str>),
) -> Result<usize, NoObject> {
    let mut parser = Parser {
        text,
        at: 0,
        path: String::new(),
        said,
    };
    parser.object(0)?;
    Ok(parser.at)
}

struct Parser<'t, 's> {
    text: &'t str,
    at: usize,
    path: String,
    said: &'s mut dyn FnMut(&str, Cow<'t, str>),
}

impl<'t> Parser<'t, '_> {
    fn object(&mut self, depth: usize) -> Result<(), NoObject> {
        self.expect(b'{', "`{`")?;
        self.blanks();
        if self.eat(b'}') {
            return Ok(());
        }
        loop {
            self.blanks();
            let quoted = matches!(self.peek(), Some(b'"' | b'\''));
            let key = if quoted {
                self.string()?
            } else {
                Cow::Borrowed(self.word("a key")?)
            };
            self.blanks();
            self.expect(b':', "`:`")?;
            self.inner(depth, &key)?;
            self.blanks();
            if self.eat(b'}') {
                return Ok(());
            }
            self.expect(b',', "`,` or `}`")?;
            self.blanks();
            if self.eat(b'}') {
                return Ok(());
            }
        }
    }

    fn list(&mut self, depth: usize, end: u8) -> Result<(), NoObject> {
        self.at += 1;
        let mut index = String::new();
        for number in 0.. {
            self.blanks();
            if self.eat(end) {
                return Ok(());
            }
            index.clear();
            // Writing to a string cannot fail.
            let _ = write!(index, "{number}");
            self.inner(depth, &index)?;
            self.blanks();
            if self.eat(end) {
                return Ok(());
            }
            self.expect(b',', "`,` or the end of the list")?;
        }
        Ok(())
    }

    /// The value of a key or at an index.
    fn inner(&mut self, depth: usize, key: &str) -> Result<(), NoObject> {
        let before = self.path.len();
        if before > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        self.value(depth + 1)?;
        self.path.truncate(before);
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<(), NoObject> {
        self.blanks();
        if depth > DEPTH_MAX {
            return self.refuse("fewer levels");
        }
        let from = self.at;
        let value = match self.peek() {
            Some(b'"' | b'\'') => self.string()?,
            Some(b'{') => {
                self.object(depth)?;
                Cow::Borrowed(&self.text[from..self.at])
            }
            Some(open @ (b'[' | b'(')) => {
                self.list(depth, if open == b'[' { b']' } else { b')' })?;
                Cow::Borrowed(&self.text[from..self.at])
            }
            _ => Cow::Borrowed(self.word("a value")?),
        };
        (self.said)(&self.path, value);
        Ok(())
    }

    /// A number, or a word such as `true`.
    fn word(&mut self, expected: &'static str) -> Result<&'t str, NoObject> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '+' | '-' | '.' | '_')));
        let end = end.unwrap_or(rest.len());
        if end == 0 {
            return self.refuse(expected);
        }
        self.at += end;
        Ok(&rest[..end])
    }

    fn string(&mut self) -> Result<Cow<'t, str>, NoObject> {
        let bytes = self.text.as_bytes();
        let quote = bytes[self.at];
        let from = self.at + 1;
        let mut escapes = false;
        let mut at = from;
        loop {
            match bytes.get(at) {
                Some(&byte) if byte == quote => break,
                Some(b'\\') => {
                    escapes = true;
                    at += 2;
                }
                None | Some(b'\n' | b'\r') => {
                    self.at = at.min(bytes.len());
                    return self.refuse("the end of the text in quotes");
                }
                Some(_) => at += 1,
            }
        }
        self.at = at + 1;
        let inside = &self.text[from..at];
        Ok(if escapes {
            Cow::Owned(unescaped(inside))
        } else {
            Cow::Borrowed(inside)
        })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), NoObject> {
        if self.eat(byte) {
            Ok(())
        } else {
            self.refuse(expected)
        }
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn refuse<T>(&self, expected: &'static str) -> Result<T, NoObject> {
        Err(NoObject {
            at: self.at,
            expected,
        })
    }
}

/// The text that one with escapes stands for; an escape that is none stays as it is.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (character, length) = escape(after);
        match character {
            Some(character) => plain.push(character),
            None => plain.push_str(&rest[at..at + 1 + length]),
        }
        rest = &after[length..];
    }
    plain.push_str(rest);
    plain
}

/// The character that an escape stands for, and the length of the escape after its backslash.
fn escape(after: &str) -> (Option<char>, usize) {
    let hex = |from: usize, length: usize| {
        let digits = after.get(from..from + length)?;
        u32::from_str_radix(digits, 16).ok()
    };
    let first = after.chars().next();
    let simple = match first {
        Some('n') => Some('\n'),
        Some('t') => Some('\t'),
        Some('r') => Some('\r'),
        Some('b') => Some('\u{8}'),
        Some('f') => Some('\u{c}'),
        Some(same @ ('"' | '\'' | '\\' | '/')) => Some(same),
        _ => None,
    };
    if simple.is_some() {
        return (simple, 1);
    }
    let length = first.map_or(0, char::len_utf8);
    match (first, hex(1, 4)) {
        (Some('u'), Some(high @ 0xd800..0xdc00)) if after.get(5..7) == Some("\\u") => {
            let low = hex(7, 4).filter(|low| (0xdc00..0xe000).contains(low));
            let joined = low.map(|low| 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00));
            joined.map_or((None, length), |joined| (char::from_u32(joined), 11))
        }
        (Some('u'), Some(unit)) => (
            Some(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
            5,
        ),
        _ => (None, length),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(text: &str) -> Result<(Vec<(String, String)>, usize), NoObject> {
        let mut values = Vec::new();
        let end = take_apart(text, &mut |path, value| {
            values.push((path.to_owned(), value.into_owned()))
        })?;
        Ok((values, end))
    }

    fn value(text: &str, path: &str) -> Option<String> {
        let (values, _) = values(text).ok()?;
        values
            .into_iter()
            .find(|(known, _)| known == path)
            .map(|(_, value)| value)
    }

    #[test]
    fn inner_values_have_paths_and_numbers_keep_their_digits() {
        let text = r#"{"at": 1700000000.123456789, "who": {"id": 3, "peers": [[1, "b"], 2]}, "x": null} rest"#;
        assert_eq!(value(text, "at").as_deref(), Some("1700000000.123456789"));
        assert_eq!(value(text, "who.id").as_deref(), Some("3"));
        assert_eq!(
            value(text, "who.peers").as_deref(),
            Some(r#"[[1, "b"], 2]"#)
        );
        assert_eq!(value(text, "who.peers.0.1").as_deref(), Some("b"));
        assert_eq!(value(text, "x").as_deref(), Some("null"));
        assert_eq!(values(text).map(|(_, end)| &text[end..]), Ok(" rest"));
    }

    #[test]
    fn what_python_prints_is_read() {
        let text = "{'kind': 'send', 'to': (1, 2), 'late': False, 'none': None,}";
        assert_eq!(value(text, "kind").as_deref(), Some("send"));
        assert_eq!(value(text, "to").as_deref(), Some("(1, 2)"));
    }

    #[test]
    fn escapes_are_resolved() {
        let text = r#"{"a": "x\n\"\u00e9\ud83d\ude00\q"}"#;
        assert_eq!(value(text, "a").as_deref(), Some("x\n\"é😀\\q"));
    }

    #[test]
    fn what_is_no_object_says_where() {
        assert_eq!(
            values(r#"{"a": }"#),
            Err(NoObject {
                at: 6,
                expected: "a value"
            })
        );
        assert!(values(r#"{"a": "x"#).is_err());
        assert!(values(&format!("{}{}", r#"{"a":"#.repeat(100), "}".repeat(100))).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart_or_refused(text in r#"\{[\{\}\[\]",:\\a1u'\n ]{0,60}"#) {
            if let Ok((_, end)) = values(&text) {
                prop_assert!(text[..end].ends_with('}'), "end at {end}");
            }
        }

        #[test]
        fn what_serde_writes_is_read(key in "[a-z]{1,5}", text in "\\PC{0,20}", number in any::<i64>()) {
            let object = serde_json::json!({ key.clone(): text, "n": { "m": number } }).to_string();
            prop_assume!(key != "n");
            prop_assert_eq!(value(&object, &key), Some(text));
            prop_assert_eq!(value(&object, "n.m"), Some(number.to_string()));
        }
    }
}
