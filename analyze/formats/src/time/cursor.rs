//! Reading from left to right.

/// What is left of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8]) -> Cursor<'a> {
        Cursor { rest: text }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// A number of at least `min` and at most `max` digits, at most nine.
    #[inline]
    pub(super) fn number(&mut self, min: usize, max: usize) -> Option<u32> {
        let (mut value, mut at) = (0, 0);
        while at < max {
            match self.rest.get(at) {
                Some(&byte @ b'0'..=b'9') => value = value * 10 + u32::from(byte - b'0'),
                _ => break,
            }
            at += 1;
        }
        if at < min {
            return None;
        }
        self.rest = &self.rest[at..];
        Some(value)
    }

    /// One of these bytes.
    #[inline]
    pub(super) fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        if !bytes.contains(&first) {
            return None;
        }
        self.rest = rest;
        Some(first)
    }

    /// Blanks, if there are any.
    pub(super) fn blanks(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// The longest run of bytes of a kind.
    pub(super) fn run(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|&byte| !is(byte));
        let (run, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        run
    }

    /// A run of letters.
    pub(super) fn word(&mut self) -> &'a [u8] {
        self.run(|byte| byte.is_ascii_alphabetic())
    }

    /// Digits after a point, as nanoseconds; those below a nanosecond are cut off.
    #[inline]
    pub(super) fn fraction(&mut self) -> Option<u32> {
        let (mut nanos, mut unit, mut at) = (0, 100_000_000, 0);
        while let Some(&byte @ b'0'..=b'9') = self.rest.get(at) {
            nanos += u32::from(byte - b'0') * unit;
            unit /= 10;
            at += 1;
        }
        self.rest = &self.rest[at..];
        (at > 0).then_some(nanos)
    }

    /// `Z`, `+02:00`, `-0500` or `+02`, in seconds east of Greenwich.
    pub(super) fn offset(&mut self) -> Option<i32> {
        let sign = match self.one_of(b"Zz+-")? {
            b'-' => -1,
            b'+' => 1,
            _ => return Some(0),
        };
        let hours = self.number(2, 2)?;
        let separated = self.one_of(b":").is_some();
        let minutes = self.number(2, 2);
        if hours > 25 || minutes.is_some_and(|minutes| minutes > 59) {
            return None;
        }
        if separated && minutes.is_none() {
            return None;
        }
        i32::try_from(hours * 3600 + minutes.unwrap_or(0) * 60)
            .ok()
            .map(|seconds| sign * seconds)
    }
}
