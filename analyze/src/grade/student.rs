//! The report on one submission, as Markdown, for the one who wrote the program.

use super::judgement::{Grade, Judgement, Verdict};
use crate::markdown::{code, code_block, escaped, inline};

/// The report.
pub fn report(grade: &Grade, rubric_name: &str) -> String {
    let mut text = format!("# {}\n\n", inline(&grade.submission));
    text += &opening(grade, rubric_name);
    text += &overview(grade);
    let findings = grade.findings();
    if !findings.is_empty() {
        text += "## What to look at\n\n";
        findings.iter().for_each(|one| text += &finding(one));
    }
    text += &others(grade, Verdict::CannotTell, "What the logs do not tell");
    text += &others(grade, Verdict::Met, "What is right");
    text
}

fn opening(grade: &Grade, rubric_name: &str) -> String {
    let percent = grade
        .share()
        .map_or("–".to_owned(), |share| format!("{:.0} %", share * 100.0));
    let mut text = format!(
        "**{percent}**: {:.1} of {} points that could be judged, by the rubric \"{}\". {} judged, format {}.\n\n",
        grade.points(),
        grade.points_judged(),
        inline(rubric_name),
        super::facts::counted(grade.trials as usize, "trial"),
        code(&grade.format),
    );
    for note in &grade.notes {
        text += &format!("> {}\n\n", escaped(note));
    }
    text
}

fn overview(grade: &Grade) -> String {
    let mut text = "| criterion | verdict | points |\n| --- | --- | ---: |\n".to_owned();
    for one in &grade.judgements {
        let points = match one.points {
            Some(points) => format!("{points} / {}", one.points_possible),
            None => "–".to_owned(),
        };
        let verdict = match one.verdict.is_finding() {
            true => format!("**{}**", one.verdict.words()),
            false => one.verdict.words().to_owned(),
        };
        text += &format!("| {} | {verdict} | {points} |\n", inline(&one.name));
    }
    text + "\n"
}

fn finding(one: &Judgement) -> String {
    let points = one.points.unwrap_or_default();
    let mut text = format!(
        "### {}: {} ({points} / {})\n\n",
        inline(&one.name),
        one.verdict.words(),
        one.points_possible
    );
    text += &format!("{}\n\n", escaped(&one.summary));
    if !one.numbers.is_empty() {
        text += "| measured | found | expected |\n| --- | --- | --- |\n";
        for number in &one.numbers {
            text += &format!(
                "| {} | {} | {} |\n",
                inline(&number.what),
                inline(&number.found),
                inline(&number.expected)
            );
        }
        text.push('\n');
    }
    if !one.lines.is_empty() {
        let lines = one.lines.iter().flat_map(|line| {
            let place = format!("{}:{}: {}", line.file.display(), line.line, line.shows);
            [place, format!("    {}", line.text)]
        });
        text += &code_block(&lines.collect::<Vec<String>>());
        text.push('\n');
    }
    if !one.advice.is_empty() {
        text += &format!("What to look at: {}\n\n", inline(&one.advice));
    }
    text
}

fn others(grade: &Grade, verdict: Verdict, title: &str) -> String {
    let same: Vec<&Judgement> = grade
        .judgements
        .iter()
        .filter(|one| one.verdict == verdict)
        .collect();
    if same.is_empty() {
        return String::new();
    }
    let mut text = format!("## {title}\n\n");
    for one in same {
        text += &format!("- **{}.** {}", inline(&one.name), inline(&one.summary));
        let told = one
            .numbers
            .iter()
            .map(|number| match number.expected.is_empty() {
                true => format!("{}: {}", number.what, number.found),
                false => format!(
                    "{}: {} (expected {})",
                    number.what, number.found, number.expected
                ),
            });
        let told: Vec<String> = told.collect();
        if !told.is_empty() {
            text += &format!(" *{}.*", inline(&told.join("; ")));
        }
        text.push('\n');
    }
    text + "\n"
}
