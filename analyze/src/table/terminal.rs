//! Tables as lines of a terminal; the only user of comfy-table.
//!
//! A table that is too wide is split by columns, the ones that name a row repeated, rather than broken inside cells.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, LineStyle};

use super::cells::{Alignment, REFUTED, SUPPORTED, Table};
use crate::visible_text::{cut, visible};

/// How wide a line may be, and whether it may have attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether headings are set in bold, and verdicts in colour.
    pub bold: bool,
}

impl Style {
    /// For standard output: the terminal's width, or 120 where there is no terminal; plain without a terminal or with
    /// `NO_COLOR` set.
    pub fn of_stdout() -> Style {
        let probe = comfy_table::Table::new();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Style {
            width: probe.width().map_or(120, usize::from).max(40),
            bold: probe.is_tty() && !no_color,
        }
    }
}

/// A table with its title above and its caption below. Signs in it that a terminal would obey are shown.
pub fn render(table: &Table, style: Style) -> String {
    let table = &shown(table);
    let mut text = if style.bold {
        format!("\u{1b}[1m{}\u{1b}[0m\n", table.title)
    } else {
        format!("{}\n", table.title)
    };
    for columns in split(table, style.width) {
        text.push_str(&part(table, &columns, style));
        text.push('\n');
    }
    for line in wrap(&table.caption, style.width) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// The longest text of a cell, characters: to lay out one of a name of megabytes would take minutes.
const CELL_LENGTH_MAX: usize = 200;

fn shown(table: &Table) -> Table {
    let all = |cells: &[String]| {
        cells
            .iter()
            .map(|cell| cut(visible(cell).into_owned(), CELL_LENGTH_MAX))
            .collect()
    };
    Table {
        title: visible(&table.title).into_owned(),
        caption: visible(&table.caption).into_owned(),
        headers: all(&table.headers),
        rows: table.rows.iter().map(|row| all(row)).collect(),
        alignments: table.alignments.clone(),
        keys: table.keys,
    }
}

/// Groups of columns that each fit the width, every group led by the columns that name a row. No more groups than
/// needed, and those about equally wide.
fn split(table: &Table, width: usize) -> Vec<Vec<usize>> {
    let columns = 0..table.headers.len();
    let widths: Vec<usize> = columns.map(|column| column_width(table, column)).collect();
    let (keys, rest) = widths.split_at(table.keys);
    let room = width.saturating_sub(keys.iter().sum());
    let needed = fill(rest, room).len();
    // The narrowest room that needs no more groups spreads the columns evenly.
    let even = (0..=room).find(|&room| fill(rest, room).len() <= needed);
    fill(rest, even.unwrap_or(room))
        .into_iter()
        .map(|group| {
            (0..table.keys)
                .chain(group.map(|column| column + table.keys))
                .collect()
        })
        .collect()
}

/// Ranges of columns that each fit a room, filled from the left; a column wider than the room has a range to itself.
fn fill(widths: &[usize], room: usize) -> Vec<std::ops::Range<usize>> {
    let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
    let mut used = 0;
    for (column, &width) in widths.iter().enumerate() {
        match ranges.last_mut() {
            Some(range) if used + width <= room => {
                range.end = column + 1;
                used += width;
            }
            _ => {
                ranges.push(column..column + 1);
                used = width;
            }
        }
    }
    ranges
}

/// Width of a column with the space around it, in characters.
fn column_width(table: &Table, column: usize) -> usize {
    let cells = table.rows.iter().map(|row| row[column].chars().count());
    let header = header_lines(&table.headers[column]).map(|line| line.chars().count());
    cells.chain(header).max().unwrap_or_default() + 2
}

/// A header on up to two lines: name above, unit or last word below.
fn header_lines(header: &str) -> impl Iterator<Item = &str> {
    let split = header.split_once(", ").or_else(|| header.rsplit_once(' '));
    let (name, rest) = split.unwrap_or((header, ""));
    [name, rest].into_iter().filter(|line| !line.is_empty())
}

fn part(table: &Table, columns: &[usize], style: Style) -> String {
    let mut lines = comfy_table::Table::new();
    lines.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    // Cells are never broken, unless a single column is wider than the terminal.
    lines.set_content_arrangement(ContentArrangement::Dynamic);
    lines.set_width(u16::try_from(style.width).unwrap_or(u16::MAX));
    if style.bold {
        lines.enforce_styling();
    } else {
        lines.force_no_tty();
    }
    lines.set_header(columns.iter().map(|&column| {
        let header: Vec<&str> = header_lines(&table.headers[column]).collect();
        let cell = Cell::new(header.join("\n")).set_alignment(side(table.alignments[column]));
        if style.bold {
            cell.add_attribute(Attribute::Bold)
        } else {
            cell
        }
    }));
    for row in &table.rows {
        lines.add_row(columns.iter().map(|&column| {
            let cell = Cell::new(&row[column]).set_alignment(side(table.alignments[column]));
            match verdict_color(&row[column]).filter(|_| style.bold) {
                Some(color) => cell.fg(color),
                None => cell,
            }
        }));
    }
    for column in lines.column_iter_mut() {
        column.set_padding((1, 0));
    }
    lines.trim_fmt()
}

/// The colour of a cell that is a claim's verdict.
fn verdict_color(cell: &str) -> Option<Color> {
    if cell == SUPPORTED {
        return Some(Color::Green);
    }
    (cell == REFUTED).then_some(Color::Red)
}

fn side(alignment: Alignment) -> CellAlignment {
    match alignment {
        Alignment::Left => CellAlignment::Left,
        Alignment::Right => CellAlignment::Right,
    }
}

/// Lines of at most this many characters, broken between words.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(cell: &str, bold: bool) -> Vec<String> {
        let table = Table::new(cell, cell)
            .column(cell, Alignment::Left)
            .end_of_keys()
            .column("number", Alignment::Right);
        let rows = vec![vec![cell.to_owned(), "1".to_owned()]; 2];
        let table = Table { rows, ..table };
        let style = Style { width: 4000, bold };
        render(&table, style).lines().map(str::to_owned).collect()
    }

    proptest! {
        #[test]
        fn no_cell_makes_another_row_or_is_obeyed(cell in "\\PC{0,9}[\u{0}-\u{9f}\u{202e}\u{2028}]{0,3}[a-z]{0,3}") {
            let plain = lines("a", false);
            let found = lines(&cell, false);
            // A header may be split at its last blank, and a caption or title of blanks is none.
            prop_assert!(found.len().abs_diff(plain.len()) <= 2, "{found:#?}");
            let rows = found.iter().filter(|line| line.trim_end().ends_with(" 1"));
            prop_assert!(rows.count() >= 2, "{found:#?}");
            prop_assert!(!found.concat().chars().any(char::is_control));
        }
    }

    #[test]
    fn attributes_are_ours_alone() {
        let found = lines("\u{1b}[31mred\u{1b}[0m", true).concat();
        assert!(found.contains("\u{1b}[1m"), "headings are bold");
        assert!(
            found.contains("·[31mred·[0m") && !found.contains("\u{1b}[31m"),
            "{found}"
        );
    }
}
