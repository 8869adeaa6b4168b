use crate::safety::judge::name::Name;
use crate::safety::judge::token::tokens;

/// The type that `ALTER COLUMN .. TYPE` gives a column, as `format_type` writes it. None where values go through `USING`,
/// which rewrites them whatever the type.
pub(super) fn wanted_type(statement: &str, column: &str) -> Option<String> {
    let words = tokens(statement);
    let is = |place: usize, keyword: &str| {
        words.get(place).is_some_and(|word| !word.quoted && word.text == keyword)
    };
    let starts = (0..words.len()).filter(|place| is(*place, "alter"));
    for start in starts {
        let name = if is(start + 1, "column") { start + 2 } else { start + 1 };
        let Some((found, length)) = words.get(name..).and_then(Name::first_of) else { continue };
        let behind = name + length;
        let at = if is(behind, "set") && is(behind + 1, "data") { behind + 2 } else { behind };
        if found.name != column || !is(at, "type") {
            continue;
        }
        let (mut depth, mut parts) = (0_i32, Vec::new());
        for word in &words[at + 1..] {
            match word.text.as_str() {
                "using" if depth == 0 => return None,
                "," | "collate" if depth == 0 => break,
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            parts.push(word.text.as_str());
        }
        return Some(canonical(&parts));
    }
    None
}

/// The short names of types are the grammar's; the server writes the long ones.
fn canonical(parts: &[&str]) -> String {
    let (first, rest) = match parts {
        ["pg_catalog", ".", first, rest @ ..] | [first, rest @ ..] => (*first, rest),
        [] => ("", parts),
    };
    let long = match first {
        "int" | "int4" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "bool" => "boolean",
        "decimal" => "numeric",
        "varchar" => "character varying",
        "char" => "character",
        "float4" => "real",
        "float8" => "double precision",
        "timestamptz" if rest.is_empty() => "timestamp with time zone",
        "timestamp" if rest.is_empty() => "timestamp without time zone",
        other => other,
    };
    let mut text = long.to_owned();
    for part in rest {
        let is_tight = ["(", ")", ",", "[", "]", "."].contains(part) || text.ends_with(['(', ',', '[', '.']);
        text.push_str(if is_tight { "" } else { " " });
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_the_server_does() {
        for (text, expected) in [
            ("alter table t alter a type int8", Some("bigint")),
            (
                "alter table t alter column a set data type varchar(20), alter b type int",
                Some("character varying(20)"),
            ),
            ("alter table t alter a type numeric(10, 2)", Some("numeric(10,2)")),
            ("alter table t alter a type timestamptz", Some("timestamp with time zone")),
            ("alter table t alter a type text[] collate \"C\"", Some("text[]")),
            ("alter table t alter a type int using a::int", None),
            ("alter table t alter b type int", None),
        ] {
            assert_eq!(wanted_type(text, "a").as_deref(), expected, "{text}");
        }
    }
}
