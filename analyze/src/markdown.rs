//! Text as Markdown, and the report in it: the same tables as on the terminal, for pages and pull requests.
//!
//! What is quoted may be others': names of machines and folders, lines of logs. [`escaped`] is for a paragraph or what
//! follows on a line, [`inline`] for a cell or any other place in the middle of a line, [`code`] for `code`,
//! [`code_block`] for lines in a fence.
//!
//! **Invariant.** Nothing that is quoted ends the cell, line, fence or mark that it stands in, begins a heading, a list, a
//! link, a picture or HTML, or is obeyed by a terminal.

use crate::report::Report;
use crate::table::{self, Alignment, Table};
use crate::visible_text::visible;

/// The report: its tables under their titles (see [`table::answer`]), then the verdict of the check.
pub fn report(report: &Report, all: bool) -> String {
    let mut text = String::new();
    for table in table::answer(report, all) {
        text += &titled(&table);
    }
    text + &format!("Check: {}\n", inline(&report.check.to_string()))
}

/// A table under its title.
pub fn titled(table: &Table) -> String {
    format!("### {}\n\n{}\n", inline(&table.title), self::table(table))
}

/// A table and its caption. Columns are not padded: a changed cell changes one line.
pub fn table(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(table.headers.iter().map(|cell| inline(cell)).collect());
    let rule = |alignment: &Alignment| match alignment {
        Alignment::Left => "---".to_owned(),
        Alignment::Right => "---:".to_owned(),
    };
    text += &line(table.alignments.iter().map(rule).collect());
    for row in &table.rows {
        text += &line(row.iter().map(|cell| inline(cell)).collect());
    }
    match table.caption.as_str() {
        "" => text,
        caption => text + &format!("\n*{}*\n", inline(caption)),
    }
}

/// Text that begins a line: what Markdown would take for its own is made plain, also where that is only so at the
/// beginning, such as `#` and `1.`.
pub fn escaped(text: &str) -> String {
    let text = text.trim_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = text[digits..].chars();
    let (mark, behind) = (rest.next(), rest.next());
    match mark {
        Some('.' | ')') if digits > 0 && behind.is_none_or(char::is_whitespace) => {
            format!("{}\\{}", &text[..digits], inline(&text[digits..]))
        }
        Some('#' | '>' | '+' | '-' | '=') if digits == 0 => format!("\\{}", inline(text)),
        _ => inline(text),
    }
}

/// Text in the middle of a line.
pub fn inline(text: &str) -> String {
    let text = text.replace('\n', " ");
    let text = visible(&text);
    let mut plain = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        let begins_a_link = match letter {
            ':' => text[at..].starts_with("://"),
            '.' => text[..at].to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        match letter {
            '|' | '*' | '_' | '<' | '`' | '\\' | '[' | ']' | '!' | '&' | '~' => {
                plain.extend(['\\', letter]);
            }
            _ if begins_a_link => plain.extend(['\\', letter]),
            _ => plain.push(letter),
        }
    }
    plain
}

/// A word or two as code, inside a line that is no row of a table.
pub fn code(text: &str) -> String {
    let text = visible(text);
    let fence = "`".repeat(longest_fence(&text) + 1);
    // Blanks keep backticks at the ends apart from the marks; a pair of them is not shown.
    let apart = text.starts_with('`') || text.ends_with('`') || text.trim().is_empty();
    match apart {
        true => format!("{fence} {text} {fence}"),
        false => format!("{fence}{text}{fence}"),
    }
}

/// Lines in a fence that is longer than any in them.
pub fn code_block(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| visible(line)).collect();
    let longest = lines.iter().map(|line| longest_fence(line)).max();
    let fence = "`".repeat(longest.unwrap_or_default().max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", lines.join("\n"))
}

/// The most backticks in a row.
fn longest_fence(text: &str) -> usize {
    let rows = text.split(|letter| letter != '`');
    rows.map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;

    fn table_of(cells: &[&str]) -> Table {
        Table {
            title: "T".to_owned(),
            caption: "λ_i by *law*".to_owned(),
            headers: vec!["name".to_owned(), "size, B".to_owned()],
            rows: cells
                .iter()
                .map(|cell| vec![(*cell).to_owned(), "1".to_owned()])
                .collect(),
            alignments: vec![Alignment::Left, Alignment::Right],
            keys: 1,
        }
    }

    /// The tags of a text, the number of its pieces of HTML, and the text itself.
    fn parsed(markdown: &str) -> (Vec<String>, usize, String) {
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
        let (mut tags, mut html, mut text) = (Vec::new(), 0, String::new());
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Start(Tag::Table(_)) => tags.push("table".to_owned()),
                Event::Start(tag) => {
                    let name = format!("{tag:?}");
                    let name = name.split([' ', '(', '{']).next().unwrap_or_default();
                    tags.push(name.to_owned());
                }
                Event::Html(_) | Event::InlineHtml(_) => html += 1,
                Event::Text(part) | Event::Code(part) => text += &part,
                _ => {}
            }
        }
        (tags, html, text)
    }

    /// What somebody would write who wants to be somewhere else.
    fn hostile() -> impl Strategy<Value = String> {
        let parts = prop::sample::select(vec![
            "`",
            "```",
            "````",
            "|",
            "\n",
            "\r",
            "\t",
            " ",
            "    ",
            "#",
            "# ",
            ">",
            "-",
            "- ",
            "1.",
            "1) ",
            "+",
            "=",
            "===",
            "*",
            "**",
            "_",
            "~",
            "~~",
            "[",
            "]",
            "(",
            ")",
            "[a](b)",
            "![",
            "!",
            "<",
            ">",
            "<script>",
            "<!--",
            "-->",
            "<!-- analyze:end -->",
            "&lt;",
            "&#35;",
            "\\",
            "https://",
            "www.",
            "a",
            "é",
            "\u{1b}[31m",
            "\u{202e}",
            "$",
            "^",
        ]);
        prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
    }

    #[test]
    fn cells_cannot_break_the_table() {
        let expected =
            "| name | size, B |\n| --- | ---: |\n| a\\|b c | 1 |\n\n*λ\\_i by \\*law\\**\n";
        assert_eq!(super::table(&table_of(&["a|b\nc"])), expected);
    }

    #[test]
    fn a_line_begins_as_a_paragraph() {
        assert_eq!(escaped("# Grade 100 %"), "\\# Grade 100 %");
        assert_eq!(escaped("  1. first"), "1\\. first");
        assert_eq!(escaped("0.5 of the ticks"), "0.5 of the ticks");
        assert_eq!(inline("-2.5"), "-2.5");
        assert_eq!(
            inline("https://example.org www.example.org"),
            "https\\://example.org www\\.example.org"
        );
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        let lines = ["x", "```", "<script>alert(1)</script>"].map(str::to_owned);
        let expected = "````text\nx\n```\n<script>alert(1)</script>\n````\n";
        assert_eq!(code_block(&lines), expected);
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
    }

    proptest! {
        #[test]
        fn no_cell_changes_a_table(cell in prop_oneof![hostile(), any::<String>()]) {
            let plain = parsed(&super::table(&table_of(&["a", "b"])));
            let (tags, html, _) = parsed(&super::table(&table_of(&[&cell, "b"])));
            prop_assert_eq!((tags, html), (plain.0, 0));
        }

        #[test]
        fn no_text_leaves_its_paragraph(text in prop_oneof![hostile(), any::<String>()]) {
            let (tags, html, shown) = parsed(&format!("{}\n\nend\n", escaped(&text)));
            prop_assert_eq!(html, 0);
            prop_assert!(tags.iter().all(|tag| tag == "Paragraph") && tags.len() <= 2, "{:?}", tags);
            prop_assert!(shown.ends_with("end"));
            prop_assert!(!shown.chars().any(char::is_control));
        }

        #[test]
        fn no_title_leaves_its_heading(title in prop_oneof![hostile(), any::<String>()]) {
            let table = Table { title, ..table_of(&["a"]) };
            let (tags, html, _) = parsed(&titled(&table));
            let plain = parsed(&titled(&table_of(&["a"])));
            prop_assert_eq!((tags, html), (plain.0, 0));
        }

        #[test]
        fn no_line_leaves_its_fence(lines in prop::collection::vec(prop_oneof![hostile(), any::<String>()], 1..4)) {
            let (tags, html, text) = parsed(&format!("{}\nend\n", code_block(&lines)));
            prop_assert_eq!(tags, ["CodeBlock", "Paragraph"]);
            prop_assert_eq!(html, 0);
            prop_assert_eq!(text.lines().count(), lines.len() + 1);
        }

        #[test]
        fn no_word_leaves_its_code(word in prop_oneof![hostile(), any::<String>()]) {
            let (tags, html, text) = parsed(&format!("format {}, end\n", code(&word)));
            prop_assert_eq!(tags, ["Paragraph"]);
            prop_assert_eq!(html, 0);
            prop_assert!(text.starts_with("format ") && text.ends_with(", end"));
        }

        #[test]
        fn no_text_ends_the_block_of_a_page(text in hostile()) {
            prop_assert!(!inline(&text).contains("<!-- analyze:"));
        }
    }
}
