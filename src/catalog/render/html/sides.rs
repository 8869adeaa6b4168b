use std::fmt::Write;

use crate::catalog::render::lines::{Line, compared};
use crate::catalog::render::page::escaped;

/// A row of the two sides.
enum Row<'a> {
    Same(&'a str, &'a str),
    /// What stands in place of what.
    Other(Option<&'a str>, Option<&'a str>),
}

/// So many unchanged lines stay around a change; a longer run is folded.
const CONTEXT: usize = 3;
const SHORTEST_FOLD: usize = 4;

/// Two texts side by side with what differs marked, or the one that there is.
pub(super) fn sides(page: &mut String, names: [&str; 2], texts: [&str; 2]) {
    match texts {
        ["", text] => alone(page, "ins", names[1], text),
        [text, ""] => alone(page, "del", names[0], text),
        [from, to] => {
            let _ = write!(
                page,
                "<table class=\"sides\">\n<caption class=\"unseen\">The definition on both sides</caption>\n<thead><tr><th scope=\"col\">{}\
                 </th><th scope=\"col\">{}</th></tr></thead>\n",
                escaped(names[0]),
                escaped(names[1])
            );
            body(page, &rows(&compared(from, to)));
            page.push_str("</table>\n");
        }
    }
}

/// A text that the other side has not.
fn alone(page: &mut String, class: &str, name: &str, text: &str) {
    let _ = write!(
        page,
        "<table class=\"sides alone\">\n<thead><tr><th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
        escaped(name)
    );
    for line in text.lines() {
        let _ = writeln!(page, "<tr>{}</tr>", cell(class, &escaped(line)));
    }
    page.push_str("</tbody>\n</table>\n");
}

fn body(page: &mut String, rows: &[Row<'_>]) {
    let runs: Vec<&[Row<'_>]> = rows.chunk_by(|one, other| is_same(one) && is_same(other)).collect();
    let mut open = false;
    for (number, run) in runs.iter().enumerate() {
        let (before, after) =
            (if number == 0 { 0 } else { CONTEXT }, if number + 1 == runs.len() { 0 } else { CONTEXT });
        if !is_same(&run[0]) || run.len() < before + after + SHORTEST_FOLD {
            run.iter().for_each(|row| group(page, &mut open, row));
            continue;
        }
        let (first, rest) = run.split_at(before);
        let (folded, last) = rest.split_at(rest.len() - after);
        first.iter().for_each(|row| group(page, &mut open, row));
        end(page, &mut open);
        let _ = writeln!(
            page,
            "<tbody class=\"fold\"><tr><td colspan=\"2\"><label><input type=\"checkbox\"> {} unchanged lines</label></td></tr></tbody>",
            folded.len()
        );
        page.push_str("<tbody class=\"folded\">\n");
        folded.iter().for_each(|one| row(page, one));
        page.push_str("</tbody>\n");
        last.iter().for_each(|row| group(page, &mut open, row));
    }
    end(page, &mut open);
}

fn group(page: &mut String, open: &mut bool, one: &Row<'_>) {
    if !*open {
        page.push_str("<tbody>\n");
        *open = true;
    }
    row(page, one);
}

fn end(page: &mut String, open: &mut bool) {
    if std::mem::take(open) {
        page.push_str("</tbody>\n");
    }
}

fn row(page: &mut String, row: &Row<'_>) {
    let (class, from, to) = match row {
        Row::Same(from, to) => (" class=\"same\"", cell("same", &escaped(from)), cell("same", &escaped(to))),
        Row::Other(Some(from), Some(to)) => {
            let (from, to) = marked(from, to);
            ("", cell("del", &from), cell("ins", &to))
        }
        Row::Other(from, to) => {
            let side = |text: &Option<&str>, class| {
                text.map_or("<td class=\"none\"></td>".to_owned(), |text| cell(class, &escaped(text)))
            };
            ("", side(from, "del"), side(to, "ins"))
        }
    };
    let _ = writeln!(page, "<tr{class}>{from}{to}</tr>");
}

/// A line; what is new or gone says so to those who do not see its colour and sign.
fn cell(class: &str, line: &str) -> String {
    let said = match class {
        "ins" => "<span class=\"unseen\">added: </span>",
        "del" => "<span class=\"unseen\">removed: </span>",
        _ => "",
    };
    format!("<td class=\"{class}\">{said}<code>{line}</code></td>")
}

fn is_same(row: &Row<'_>) -> bool {
    matches!(row, Row::Same(..))
}

/// Puts what was removed beside what was added in its place: lines that begin with the same word, such as a column's name.
fn rows<'a>(lines: &[Line<'a>]) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for run in lines.chunk_by(|one, other| matches!(one, Line::Same(..)) == matches!(other, Line::Same(..))) {
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        for line in run {
            match *line {
                Line::Same(from, to) => rows.push(Row::Same(from, to)),
                Line::Removed(line) => removed.push(line),
                Line::Added(line) => added.push(line),
            }
        }
        let keys = |lines: &[&str]| lines.iter().map(|line| key(line)).collect::<Vec<_>>().join("\n");
        let (from, to) = (keys(&removed), keys(&added));
        let (mut removed, mut added) = (removed.into_iter(), added.into_iter());
        for pair in compared(&from, &to) {
            rows.push(match pair {
                Line::Same(..) => Row::Other(removed.next(), added.next()),
                Line::Removed(_) => Row::Other(removed.next(), None),
                Line::Added(_) => Row::Other(None, added.next()),
            });
        }
    }
    rows
}

/// What a line is about: a statement by its object, a table's line by its column or constraint.
fn key(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let length = match words.first() {
        Some(&"ALTER") => 6,
        Some(&("CREATE" | "COMMENT")) => 4,
        Some(&"CONSTRAINT") => 2,
        _ => 1,
    };
    // An empty line needs a key as well, to be counted.
    format!("-{}", words[..length.min(words.len())].join(" "))
}

/// Both lines with what differs between their common start and end marked, in whole words.
fn marked(from: &str, to: &str) -> (String, String) {
    let (one, other) = (words(from), words(to));
    let start = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let (first, second) = (&one[start..], &other[start..]);
    let end = first.iter().rev().zip(second.iter().rev()).take_while(|(one, other)| one == other).count();
    let mark = |words: &[&str]| {
        let (before, rest) = words.split_at(start);
        let (middle, after) = rest.split_at(rest.len() - end);
        let [before, middle, after] = [before, middle, after].map(|words| escaped(&words.concat()));
        if middle.is_empty() {
            format!("{before}{after}")
        } else {
            format!("{before}<mark>{middle}</mark>{after}")
        }
    };
    (mark(&one), mark(&other))
}

/// A text cut into words and what lies between them.
fn words(text: &str) -> Vec<&str> {
    let kind = |character: char| character.is_alphanumeric() || character == '_';
    let mut words = Vec::new();
    let mut start = 0;
    let mut previous: Option<bool> = None;
    for (place, character) in text.char_indices() {
        // Of what is no word, each character stands alone.
        if previous.is_some_and(|previous| !previous || !kind(character)) {
            words.push(&text[start..place]);
            start = place;
        }
        previous = Some(kind(character));
    }
    words.push(&text[start..]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_within_a_line_is_marked() {
        for (from, to, marked_from, marked_to) in [
            ("a <b> c", "a <xö> c", "a &lt;<mark>b</mark>&gt; c", "a &lt;<mark>xö</mark>&gt; c"),
            (
                "n numeric(10,2)",
                "n numeric(12,2)",
                "n numeric(<mark>10</mark>,2)",
                "n numeric(<mark>12</mark>,2)",
            ),
            ("x without y", "x with y", "x <mark>without</mark> y", "x <mark>with</mark> y"),
            ("a", "a b", "a", "a<mark> b</mark>"),
            ("", "a", "", "<mark>a</mark>"),
        ] {
            assert_eq!(marked(from, to), (marked_from.to_owned(), marked_to.to_owned()));
        }
    }

    #[test]
    fn lines_about_one_thing_stand_side_by_side() {
        let from = "    a text,\n    b text,\nALTER TABLE t ADD CONSTRAINT c CHECK (a)";
        let to = "    b integer,\n    n integer,\nALTER TABLE t ENABLE x\nALTER TABLE t ADD CONSTRAINT c CHECK (b)";
        let mut page = String::new();
        sides(&mut page, ["a", "b"], [from, to]);
        assert_eq!(page.matches("<td class=\"none\">").count(), 3, "{page}");
        assert!(page.contains("b <mark>text</mark>,") && page.contains("b <mark>integer</mark>,"));
        assert!(page.contains("CHECK (<mark>a</mark>)") && page.contains("CHECK (<mark>b</mark>)"));
    }

    #[test]
    fn long_unchanged_runs_are_folded() {
        let lines = |changed: &str| -> String {
            (0..40)
                .map(|line| if line == 20 { format!("{changed}\n") } else { format!("line {line}\n") })
                .collect()
        };
        let mut page = String::new();
        sides(&mut page, ["a", "b"], [&lines("x 1"), &lines("x 2")]);
        assert_eq!(page.matches("unchanged lines").count(), 2);
        assert!(page.contains("17 unchanged lines") && page.contains("16 unchanged lines"), "{page}");
        assert!(page.contains("x <mark>1</mark>") && page.contains("x <mark>2</mark>"));
        assert_eq!(page.matches("<tbody").count(), page.matches("</tbody>").count());
        assert_eq!(page.matches("<tr").count(), 42 + 1);
    }
}
