//! A text that every match of a pattern holds, so that most lines are refused without the regex.
//!
//! Only what stands outside groups and classes is looked at. Of patterns with alternatives, or with flags that change
//! what a letter means, nothing is said.
//!
//! **Invariant.** A text that a pattern matches holds the literal of the pattern.

/// The longest text that every match of a pattern must hold; `None` if none is found.
pub(super) fn required(pattern: &str) -> Option<String> {
    let mut scan = Scan {
        rest: pattern.chars(),
        run: String::new(),
        longest: String::new(),
    };
    scan.whole()?;
    scan.end_run();
    (scan.longest.len() > 1).then_some(scan.longest)
}

struct Scan<'p> {
    rest: std::str::Chars<'p>,
    run: String,
    longest: String,
}

impl Scan<'_> {
    fn whole(&mut self) -> Option<()> {
        while let Some(sign) = self.rest.next() {
            match sign {
                // Alternatives, or the end of a group that was not begun.
                '|' | ')' => return None,
                '(' => {
                    self.end_run();
                    self.group()?;
                    self.quantified();
                }
                '[' => {
                    self.end_run();
                    self.class()?;
                    self.quantified();
                }
                '.' | '^' | '$' => {
                    self.end_run();
                    self.quantified();
                }
                '\\' => match self.rest.next()? {
                    sign if sign.is_ascii_punctuation() && !matches!(sign, '<' | '>') => {
                        self.letter(sign);
                    }
                    'd' | 'D' | 's' | 'S' | 'w' | 'W' => {
                        self.end_run();
                        self.quantified();
                    }
                    _ => return None,
                },
                letter => self.letter(letter),
            }
        }
        Some(())
    }

    /// A letter that stands for itself; with a quantifier after it, it may be missing or there again.
    fn letter(&mut self, letter: char) {
        if self.quantified() {
            self.end_run();
        } else {
            self.run.push(letter);
        }
    }

    fn end_run(&mut self) {
        if self.run.len() > self.longest.len() {
            self.longest.clone_from(&self.run);
        }
        self.run.clear();
    }

    /// Whether there is a quantifier here; it is passed over.
    fn quantified(&mut self) -> bool {
        let before = self.rest.as_str().len();
        while let Some(sign) = self.rest.as_str().chars().next() {
            match sign {
                '*' | '+' | '?' => drop(self.rest.next()),
                '{' => drop(self.rest.find(|sign| *sign == '}')),
                _ => break,
            }
        }
        self.rest.as_str().len() < before
    }

    /// Passes over the rest of a group.
    fn group(&mut self) -> Option<()> {
        let inside = self.rest.as_str();
        let flags = inside.starts_with('?')
            && !["?<", "?P<", "?:"]
                .iter()
                .any(|plain| inside.starts_with(plain));
        if flags {
            return None;
        }
        loop {
            match self.rest.next()? {
                ')' => return Some(()),
                '(' => self.group()?,
                '[' => self.class()?,
                '\\' => drop(self.rest.next()?),
                _ => {}
            }
        }
    }

    /// Passes over the rest of a class of characters, if it has no other within it.
    fn class(&mut self) -> Option<()> {
        let mut first = true;
        loop {
            match self.rest.next()? {
                ']' if !first => return Some(()),
                '^' if first => continue,
                '[' => return None,
                '\\' => drop(self.rest.next()?),
                _ => {}
            }
            first = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    #[test]
    fn the_longest_text_outside_groups() {
        for (pattern, expected) in [
            (
                r"^\[(?<time>[0-9.]+)\] recv from (?<from>\d+) \| lc",
                Some("] recv from "),
            ),
            ("ab+cde?f", Some("cd")),
            ("abc{0,3}de", Some("ab")),
            ("[^]a-z]xyz(?:lo(ng|er))*", Some("xyz")),
            ("a|bcd", None),
            ("(?i)send", None),
            ("x(?i:y)zz", None),
            (r"\bsend", None),
            (".*", None),
        ] {
            assert_eq!(required(pattern).as_deref(), expected, "{pattern}");
        }
    }

    /// What patterns are made of here.
    const PIECES: [&str; 22] = [
        "a", "b", "ab", "ba", ".", r"\.", "[ab]", "[^a]", "[]a]", "(a)", "(a|b)", "(?:ab)", "*",
        "?", "+", "{0,2}", "{2}", "|", "(?i)", r"\d", "^", "$",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn every_match_holds_it(
            pieces in prop::collection::vec(prop::sample::select(&PIECES), 0..10),
            text in "[abAB.1]{0,12}",
        ) {
            let pattern = pieces.concat();
            if let (Ok(regex), Some(literal)) = (Regex::new(&pattern), required(&pattern)) {
                prop_assert!(!regex.is_match(&text) || text.contains(&literal), "{literal}");
            }
        }
    }
}
