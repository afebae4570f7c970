//! The report as Markdown: the same tables as on the terminal, for pages and pull requests.

use crate::report::Report;
use crate::table::{self, Alignment, Table};

/// The report: its tables under their titles (see [`table::answer`]), then the verdict of the check.
pub fn report(report: &Report, all: bool) -> String {
    let mut text = String::new();
    for table in table::answer(report, all) {
        text += &format!("### {}\n\n{}\n", table.title, self::table(&table));
    }
    text + &format!("Check: {}\n", escaped(&report.check.to_string()))
}

/// A table and its caption. Columns are not padded: a changed cell changes one line.
pub fn table(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(table.headers.iter().map(|cell| escaped(cell)).collect());
    let rule = |alignment: &Alignment| match alignment {
        Alignment::Left => "---".to_owned(),
        Alignment::Right => "---:".to_owned(),
    };
    text += &line(table.alignments.iter().map(rule).collect());
    for row in &table.rows {
        text += &line(row.iter().map(|cell| escaped(cell)).collect());
    }
    match table.caption.as_str() {
        "" => text,
        caption => text + &format!("\n*{}*\n", escaped(caption)),
    }
}

/// Text that Markdown would take for its own is made plain.
pub(crate) fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '|' | '*' | '_' | '<' | '`' | '\\' => plain.extend(['\\', letter]),
            '\n' => plain.push(' '),
            _ => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_cannot_break_the_table() {
        let table = Table {
            title: "T".to_owned(),
            caption: "λ_i by *law*".to_owned(),
            headers: vec!["name".to_owned(), "size, B".to_owned()],
            rows: vec![vec!["a|b\nc".to_owned(), "1".to_owned()]],
            alignments: vec![Alignment::Left, Alignment::Right],
            keys: 1,
        };
        let expected =
            "| name | size, B |\n| --- | ---: |\n| a\\|b c | 1 |\n\n*λ\\_i by \\*law\\**\n";
        assert_eq!(super::table(&table), expected);
    }
}
