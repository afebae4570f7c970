//! Names of machines: as lines and paths write them, and which machine of a trial they mean.
//!
//! **Invariant.** A name means a machine only if it is its name, an alias of it, or ends in the same word or number as
//! no other machine's name does.

use std::collections::HashMap;
use std::net::Ipv4Addr;

/// A text that occurs in a trial, by number.
pub(crate) type Name = u32;

/// Texts, each stored once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    numbers: HashMap<Box<str>, Name>,
    texts: Vec<Box<str>>,
}

impl Names {
    /// The number of a text.
    pub(crate) fn id(&mut self, text: &str) -> Name {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.texts.len() as Name;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    /// The text of a number.
    pub(crate) fn text(&self, name: Name) -> &str {
        &self.texts[name as usize]
    }
}

/// Who is meant by a recipient's text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Meant {
    /// Everybody but the sender.
    pub(crate) all_others: bool,
    /// These machines, each once.
    pub(crate) machines: Vec<usize>,
    /// Names of no machine of the trial.
    pub(crate) strangers: Vec<String>,
}

/// Which machine of a trial a name means.
#[derive(Debug)]
pub(crate) struct Directory<'n> {
    alias: &'n std::collections::BTreeMap<String, String>,
    exact: HashMap<&'n str, usize>,
    by_ending: HashMap<String, Option<usize>>,
}

impl<'n> Directory<'n> {
    /// The machines of a trial, in their order.
    pub(crate) fn new(
        machines: &'n [String],
        alias: &'n std::collections::BTreeMap<String, String>,
    ) -> Directory<'n> {
        let mut by_ending = HashMap::new();
        for (position, name) in machines.iter().enumerate() {
            let entry = by_ending.entry(ending(name));
            entry
                .and_modify(|machine| *machine = None)
                .or_insert(Some(position));
        }
        let exact = machines.iter().enumerate();
        Directory {
            alias,
            exact: exact
                .map(|(position, name)| (name.as_str(), position))
                .collect(),
            by_ending,
        }
    }

    /// The machine that one name means.
    pub(crate) fn machine(&self, name: &str) -> Option<usize> {
        let name = name.trim();
        let name = self.alias.get(name).map_or(name, String::as_str);
        if let Some(&machine) = self.exact.get(name) {
            return Some(machine);
        }
        if name.parse::<Ipv4Addr>().is_ok() {
            return None;
        }
        let ending = ending(name);
        let aliased = self.alias.get(&ending).map(String::as_str);
        let aliased = aliased.and_then(|name| self.exact.get(name).copied());
        aliased.or_else(|| self.by_ending.get(&ending).copied().flatten())
    }

    /// The machines that a text with one name or several means.
    pub(crate) fn machines(&self, text: &str) -> Meant {
        let mut meant = Meant::default();
        let text = text.trim();
        if self.alias.contains_key(text) || self.exact.contains_key(text) {
            meant.machines.extend(self.machine(text));
            return meant;
        }
        if means_all(text) {
            meant.all_others = true;
            return meant;
        }
        for part in text.split(|c: char| LIST_SIGNS.contains(c)) {
            self.part(part.trim(), &mut meant);
        }
        meant
    }

    /// One name, or several with blanks between them.
    fn part(&self, part: &str, meant: &mut Meant) {
        let mut add = |machine| {
            if !meant.machines.contains(&machine) {
                meant.machines.push(machine);
            }
        };
        if self.alias.contains_key(part) || self.exact.contains_key(part) {
            self.machine(part).into_iter().for_each(add);
            return;
        }
        let alone = !part.contains(char::is_whitespace);
        let words = part.split([' ', '\t', '\n', '/', '@', ':']);
        for word in words.filter(|word| !word.is_empty()) {
            if let Some(machine) = self.machine(word) {
                add(machine);
            } else if is_name(word, alone) {
                meant.strangers.push(word.to_owned());
            }
        }
    }
}

/// Whether a word that no machine has may be a name: words with numbers are, but for addresses, and others if they stand
/// alone.
fn is_name(word: &str, alone: bool) -> bool {
    const NO_NAMES: [&str; 12] = [
        "and",
        "or",
        "localhost",
        "machine",
        "machines",
        "process",
        "node",
        "vm",
        "server",
        "peer",
        "port",
        "id",
    ];
    let numbered = word.contains(|c: char| c.is_ascii_digit());
    let known = NO_NAMES.contains(&word.to_ascii_lowercase().as_str());
    if numbered {
        word.parse::<Ipv4Addr>().is_err()
    } else {
        alone && !known
    }
}

/// What stands around and between names in a list.
const LIST_SIGNS: &str = ",;|&[](){}<>\"'";

/// Whether a text means everybody else.
fn means_all(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "all",
        "both",
        "everyone",
        "everybody",
        "every",
        "others",
        "broadcast",
        "*",
        "multicast",
        "multi",
        "peers",
        "two",
        "rest",
        "each",
        "two_machines",
        "both_machines",
    ];
    let mut words = text
        .split(|c: char| c.is_whitespace() || c == '-')
        .map(|word| word.to_ascii_lowercase());
    !text.contains(|c: char| c.is_ascii_digit())
        && words.any(|word| WORDS.contains(&word.trim_matches(['"', '\'', '.', '[', ']'])))
}

/// What a name ends in: its last number, or its last word in lower case.
fn ending(name: &str) -> String {
    let name = name.trim_end_matches(|c: char| !c.is_alphanumeric());
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    if digits > 0 {
        let number = name[name.len() - digits..].trim_start_matches('0');
        return if number.is_empty() {
            "0".to_owned()
        } else {
            number.to_owned()
        };
    }
    let word = name.rsplit(|c: char| !c.is_alphanumeric()).next();
    word.unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_name_means_the_machine_of_the_same_ending() {
        let machines = names(&["VM 1", "VM 2", "VM 3"]);
        let alias = BTreeMap::from([("5002".to_owned(), "VM 2".to_owned())]);
        let directory = Directory::new(&machines, &alias);
        for name in ["VM 2", "2", "machine_2", "5002", "Machine 02"] {
            assert_eq!(directory.machine(name), Some(1), "{name}");
        }
        assert_eq!(directory.machine("4"), None);
        let letters = names(&["node A", "node B"]);
        assert_eq!(Directory::new(&letters, &alias).machine("b"), Some(1));
    }

    #[test]
    fn endings_that_two_machines_share_mean_neither() {
        let machines = names(&["a-1", "b-1"]);
        let alias = BTreeMap::new();
        let directory = Directory::new(&machines, &alias);
        assert_eq!(directory.machine("1"), None);
        assert_eq!(directory.machine("b-1"), Some(1));
    }

    #[test]
    fn several_names_with_anything_between() {
        let machines = names(&["1", "2", "3"]);
        let alias = BTreeMap::from([
            ("5002".to_owned(), "2".to_owned()),
            ("5003".to_owned(), "3".to_owned()),
        ]);
        let directory = Directory::new(&machines, &alias);
        for text in [
            "2, 3",
            "2 and 3",
            "[2,3]",
            "machine 2 & machine 3",
            r#"[["localhost", 5002], ["localhost", 5003]]"#,
            "2/3",
            "2 3",
            "127.0.0.1:5002 and 127.0.0.1:5003",
        ] {
            assert_eq!(directory.machines(text).machines, [1, 2], "{text}");
        }
        let meant = directory.machines("2, 9");
        assert_eq!((meant.machines, meant.strangers), (vec![1], names(&["9"])));
    }

    #[test]
    fn words_for_everybody() {
        let machines = names(&["1", "2", "3"]);
        let alias = BTreeMap::new();
        let directory = Directory::new(&machines, &alias);
        for text in [
            "both",
            "all",
            "both other machines",
            "Everyone",
            "ALL",
            "*",
            "broadcast",
        ] {
            assert!(directory.machines(text).all_others, "{text}");
        }
        assert!(!directory.machines("2").all_others);
        assert!(!directory.machines("someone").all_others);
    }
}
