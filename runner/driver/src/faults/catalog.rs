//! Every deed: what it does, what it needs, and which driver can do it.
//!
//! **Invariant.** Each deed has a row, and each cell is yes or says why not.

use event_log::faults::deed::OF_BYTES;
use event_log::faults::{Deed, Need};

use super::limits::Limits;

/// What is said of a deed that no driver of values can do.
const NO_BYTES: &str = "messages and changes are values, of which none is there in part";

/// A deed as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The word in a file.
    pub word: &'static str,
    /// What it does.
    pub does: &'static str,
    /// What it strikes: a process or a link.
    pub strikes: &'static str,
    /// What it needs beside a target, as a file has it.
    pub needs: Option<&'static str>,
    /// For each driver why it cannot do it; none where it can.
    pub obstacles: Vec<Option<&'static str>>,
}

/// All deeds, with what these drivers can do.
pub fn rows(drivers: &[Limits]) -> Vec<Row> {
    let deeds = Deed::ALL.into_iter().map(|deed| Row {
        word: deed.name(),
        does: deed.does(),
        strikes: deed.sphere().words().0,
        needs: deed.need().map(Need::example),
        obstacles: drivers.iter().map(|limits| limits.obstacle(deed)).collect(),
    });
    let of_bytes = OF_BYTES.into_iter().map(|(word, does, strikes)| Row {
        word,
        does,
        strikes: strikes.words().0,
        needs: None,
        obstacles: vec![Some(NO_BYTES); drivers.len()],
    });
    deeds.chain(of_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_has_a_row_with_a_cell_for_each_driver() {
        let driver = |can| Limits {
            of: "a test",
            servers: 3,
            clients: 0,
            has_roles: false,
            length_ns: 1,
            kinds: &[],
            has_disks: can,
            has_calendar: can,
            has_sizes: can,
            has_packets: can,
        };
        let rows = rows(&[driver(false), driver(true)]);
        assert_eq!(rows.len(), Deed::ALL.len() + OF_BYTES.len());
        let row = |word| rows.iter().find(|row| row.word == word).expect(word);
        assert_eq!(row("kill").obstacles, [None, None]);
        assert_eq!(
            row("wipe").obstacles,
            [Some("nothing goes to a disk"), None]
        );
        assert_eq!(row("torn").obstacles, [Some(NO_BYTES); 2]);
        assert_eq!(row("slow").needs, Some("rate = \"64 KiB/s\""));
    }
}
