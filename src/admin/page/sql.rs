//! SQL as it is written, with numbers of its lines, and what it is made of in colours.

use maud::{Markup, PreEscaped, html};

use super::words::text;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Plain,
    Word,
    Text,
    Comment,
}

/// Words that say what a statement does.
const WORDS: &[&str] = &[
    "add",
    "all",
    "alter",
    "always",
    "and",
    "as",
    "begin",
    "between",
    "by",
    "cascade",
    "case",
    "check",
    "column",
    "comment",
    "concurrently",
    "constraint",
    "create",
    "current",
    "declare",
    "default",
    "delete",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "drop",
    "each",
    "else",
    "end",
    "enum",
    "exists",
    "extension",
    "for",
    "foreign",
    "from",
    "function",
    "generated",
    "grant",
    "group",
    "having",
    "identity",
    "if",
    "in",
    "index",
    "inner",
    "insert",
    "into",
    "is",
    "join",
    "key",
    "language",
    "left",
    "limit",
    "materialized",
    "not",
    "null",
    "on",
    "or",
    "order",
    "partition",
    "policy",
    "primary",
    "procedure",
    "references",
    "rename",
    "replace",
    "restrict",
    "returning",
    "returns",
    "revoke",
    "row",
    "schema",
    "select",
    "sequence",
    "set",
    "table",
    "then",
    "to",
    "trigger",
    "type",
    "union",
    "unique",
    "update",
    "using",
    "valid",
    "validate",
    "values",
    "view",
    "when",
    "where",
    "with",
    "without",
];

/// A text of SQL that can be read by line.
pub(super) fn lines(label: &str, sql: &str) -> Markup {
    let parts = parts(sql.trim_end());
    let mut lines: Vec<String> = vec![String::new()];
    for (part, piece) in parts {
        for (number, one) in piece.split('\n').enumerate() {
            if number > 0 {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(&coloured(part, one));
            }
        }
    }
    html! {
        pre.sql tabindex="0" role="region" aria-label=(label) {
            code { @for line in &lines { span.l { (PreEscaped(line)) "\n" } } }
        }
    }
}

fn coloured(part: Part, piece: &str) -> String {
    let class = match part {
        Part::Plain => return text(piece).0,
        Part::Word => "w",
        Part::Text => "t",
        Part::Comment => "c",
    };
    if piece.is_empty() { String::new() } else { format!("<span class=\"{class}\">{}</span>", text(piece).0) }
}

/// The pieces of a text, all of them in their order. A text that is no SQL has other colours, and nothing is lost of it.
fn parts(sql: &str) -> Vec<(Part, &str)> {
    let mut parts = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (part, length) = match first {
            '-' if rest.starts_with("--") => (Part::Comment, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => {
                (Part::Comment, rest.find("*/").map_or(rest.len(), |end| end + 2))
            }
            '\'' => (Part::Text, rest[1..].find('\'').map_or(rest.len(), |end| end + 2)),
            letter if letter.is_alphabetic() || letter == '_' => {
                let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
                let word = &rest[..end.unwrap_or(rest.len())];
                let is_word = WORDS.contains(&word.to_ascii_lowercase().as_str());
                (if is_word { Part::Word } else { Part::Plain }, word.len())
            }
            other => (Part::Plain, other.len_utf8()),
        };
        let (piece, after) = rest.split_at(length);
        parts.push((part, piece));
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_texts_and_comments_are_told_apart() {
        let sql = "create table a; -- it's\nselect 'table' /* b */";
        let found: Vec<(Part, &str)> =
            parts(sql).into_iter().filter(|(part, _)| *part != Part::Plain).collect();
        let expected = [
            (Part::Word, "create"),
            (Part::Word, "table"),
            (Part::Comment, "-- it's"),
            (Part::Word, "select"),
            (Part::Text, "'table'"),
            (Part::Comment, "/* b */"),
        ];
        assert_eq!(found, expected);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_of_any_text(sql in "\\PC{0,60}|[-/*' a-z\n]{0,60}") {
            let again: String = parts(&sql).into_iter().map(|(_, piece)| piece).collect();
            prop_assert_eq!(again, sql);
        }
    }
}
