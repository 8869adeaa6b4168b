use std::borrow::Cow;

/// Quotes a name for SQL where it must be, as the server's own `quote_ident` does.
pub(crate) fn quote(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { crate::db::quote_identifier(name) }
}

/// A name with its schema.
pub(crate) fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", quote(schema), quote(name))
}

/// A text for a terminal: names and comments may hold control characters, which could steer it.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() { shown.extend(letter.escape_default()) } else { shown.push(letter) }
    }
    Cow::Owned(shown)
}

fn is_plain(name: &str) -> bool {
    let first = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    name.starts_with(first)
        && name.chars().all(|letter| first(letter) || letter.is_ascii_digit())
        && RESERVED.binary_search(&name).is_err()
}

/// The keywords of PostgreSQL 13 to 18 that are not free to be names everywhere.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization",
    "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast", "char", "character", "check",
    "coalesce", "collate", "collation", "column", "concurrently", "constraint", "create", "cross",
    "current_catalog", "current_date", "current_role", "current_schema", "current_time",
    "current_timestamp", "current_user", "dec", "decimal", "default", "deferrable", "desc", "distinct",
    "do", "else", "end", "except", "exists", "extract", "false", "fetch", "float", "for", "foreign",
    "freeze", "from", "full", "grant", "greatest", "group", "grouping", "having", "ilike", "in",
    "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is", "isnull",
    "join", "json", "json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg",
    "json_query", "json_scalar", "json_serialize", "json_table", "json_value", "lateral", "leading",
    "least", "left", "like", "limit", "localtime", "localtimestamp", "merge_action", "national",
    "natural", "nchar", "none", "normalize", "not", "notnull", "null", "nullif", "numeric", "offset",
    "on", "only", "or", "order", "out", "outer", "overlaps", "overlay", "placing", "position",
    "precision", "primary", "real", "references", "returning", "right", "row", "select", "session_user",
    "setof", "similar", "smallint", "some", "substring", "symmetric", "system_user", "table",
    "tablesample", "then", "time", "timestamp", "to", "trailing", "treat", "trim", "true", "union",
    "unique", "user", "using", "values", "varchar", "variadic", "verbose", "when", "where", "window",
    "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces",
    "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_written_out() {
        assert_eq!(visible("größe\u{202f}x"), "größe\u{202f}x");
        assert_eq!(visible("a\u{1b}]0;b\u{7}\tc\u{9b}"), "a\\u{1b}]0;b\\u{7}\\tc\\u{9b}");
    }

    #[test]
    fn only_what_must_be_is_quoted() {
        assert!(RESERVED.is_sorted());
        for (name, quoted) in [
            ("accounts", "accounts"),
            ("_a1", "_a1"),
            ("order", "\"order\""),
            ("Order", "\"Order\""),
            ("1st", "\"1st\""),
            ("größe", "\"größe\""),
            ("a\"b", "\"a\"\"b\""),
            ("", "\"\""),
        ] {
            assert_eq!(quote(name), quoted);
        }
    }
}
