/// What the rows of a query are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    Objects,
    Comments,
    Grants,
    Addresses,
    Dependencies,
}

macro_rules! queries {
    ($($name:literal: $rows:ident,)*) => {
        /// The queries: name, text, and what their rows are.
        pub(super) const QUERIES: &[(&str, &str, Rows)] =
            &[$(($name, include_str!(concat!("queries/", $name, ".sql")), Rows::$rows),)*];
    };
}

queries! {
    "schemas": Objects,
    "types": Objects,
    "sequences": Objects,
    "routines": Objects,
    "tables": Objects,
    "columns": Objects,
    "constraints": Objects,
    "indexes": Objects,
    "relations": Objects,
    "globals": Objects,
    "others": Objects,
    "comments": Comments,
    "grants": Grants,
    "addresses": Addresses,
    "dependencies": Dependencies,
}

const SCHEMAS: &str = "(select oid, nspname from pg_namespace where nspname not in ('information_schema', 'hardtack') \
    and not starts_with(nspname, 'pg_'))";

/// The text of all queries for a server of that version.
pub(super) fn all(version: u32) -> String {
    let texts: Vec<String> = QUERIES.iter().map(|(_, text, _)| expand(text, version / 10_000)).collect();
    texts.join(";\n")
}

/// Replaces `{schemas}`, `{members of pg_class}` and `{15: expression else 14: other else 0: third}` (the first whose
/// major version the server has reached).
fn expand(text: &str, major: u32) -> String {
    let mut expanded = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((before, placeholder, after)) = placeholder(rest) {
        expanded.push_str(before);
        if placeholder == "schemas" {
            expanded.push_str(SCHEMAS);
        } else if let Some(catalog) = placeholder.strip_prefix("members of ") {
            expanded.push_str(&members_of(catalog));
        } else {
            expanded.push_str(&expand(of_version(placeholder, major), major));
        }
        rest = after;
    }
    expanded.push_str(rest);
    expanded
}

/// What stands before the first placeholder, in it and behind it. `'{}'` is none.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let begins = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let start = text.match_indices('{').map(|(at, _)| at).find(|at| text[at + 1..].starts_with(begins))?;
    let mut depth = 0_u32;
    let end = text[start..].char_indices().find_map(|(at, letter)| {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(start + at)
    })?;
    Some((&text[..start], &text[start + 1..end], &text[end + 1..]))
}

fn of_version(placeholder: &str, major: u32) -> &str {
    let reached = placeholder.split(" else ").find_map(|choice| {
        let (from, expression) = choice.split_once(": ")?;
        (from.parse::<u32>().ok()? <= major).then_some(expression)
    });
    reached.unwrap_or("null")
}

/// What belongs to an extension goes with the extension.
fn members_of(catalog: &str) -> String {
    format!(
        "(select objid from pg_depend where refclassid = 'pg_extension'::regclass and classid = '{catalog}'::regclass \
         and deptype = 'e')"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_expanded_by_version() {
        let text = "select '{}', {18: a end else 15: '{}'::text[] else 0: null} from x join {schemas} n";
        assert_eq!(expand(text, 14), format!("select '{{}}', null from x join {SCHEMAS} n"));
        assert_eq!(expand(text, 16), format!("select '{{}}', '{{}}'::text[] from x join {SCHEMAS} n"));
        assert_eq!(expand(text, 18), format!("select '{{}}', a end from x join {SCHEMAS} n"));
    }

    #[test]
    fn no_query_ends_in_a_semicolon() {
        for (name, text, _) in QUERIES {
            assert!(!text.trim_end().ends_with(';'), "{name}");
        }
    }
}
