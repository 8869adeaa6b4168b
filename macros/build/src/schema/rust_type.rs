//! From the server's `format_type` to Rust.

/// A type as `format_type` writes it with an empty `search_path`, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TypeName {
    /// None for the server's own.
    pub(crate) schema: Option<String>,
    /// Without modifiers, and unquoted where it has a schema: `timestamp with time zone`.
    pub(crate) name: String,
    pub(crate) is_array: bool,
}

impl TypeName {
    pub(crate) fn parse(text: &str) -> Self {
        let (element, is_array) = text.strip_suffix("[]").map_or((text, false), |element| (element, true));
        let (first, rest) = identifier(element);
        if let Some(rest) = rest.strip_prefix('.') {
            return Self { schema: Some(first), name: identifier(rest).0, is_array };
        }
        Self { schema: None, name: without_modifiers(element), is_array }
    }
}

/// The Rust type of one of the server's own types; none where it has no home.
pub(crate) fn builtin(name: &str) -> Option<&'static str> {
    Some(match name {
        "boolean" => "bool",
        "\"char\"" => "i8",
        "smallint" => "i16",
        "integer" => "i32",
        "bigint" => "i64",
        "oid" => "u32",
        "real" => "f32",
        "double precision" => "f64",
        "numeric" => "::hardtack::types::Numeric",
        "text" | "character varying" | "character" | "name" => TEXT,
        "bytea" => "::std::vec::Vec<u8>",
        "date" => "::hardtack::types::time::Date",
        "time without time zone" => "::hardtack::types::time::Time",
        "timestamp without time zone" => "::hardtack::types::time::PrimitiveDateTime",
        "timestamp with time zone" => "::hardtack::types::time::OffsetDateTime",
        "uuid" => "::hardtack::types::uuid::Uuid",
        "json" | "jsonb" => "::hardtack::types::serde_json::Value",
        _ => return None,
    })
}

pub(crate) const TEXT: &str = "::std::string::String";

pub(crate) const RAW: &str = "::hardtack::types::Raw";

/// The identifier at the start of a text, unquoted, and what stands behind it.
fn identifier(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(['.', '(', ' ']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut name = String::new();
    let mut rest = quoted;
    while let Some((part, behind)) = rest.split_once('"') {
        name.push_str(part);
        rest = behind;
        match rest.strip_prefix('"') {
            Some(behind) => (name, rest) = (name + "\"", behind),
            None => break,
        }
    }
    (name, rest)
}

/// `timestamp with time zone`, for `timestamp(3) with time zone`.
fn without_modifiers(text: &str) -> String {
    match (text.find('('), text.find(')')) {
        (Some(open), Some(close)) if open < close => format!("{}{}", &text[..open], &text[close + 1..]),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_taken_apart() {
        let own = |name: &str, is_array| TypeName { schema: None, name: name.to_owned(), is_array };
        let of = |schema: &str, name: &str, is_array| TypeName {
            schema: Some(schema.to_owned()),
            ..own(name, is_array)
        };
        for (text, expected) in [
            ("integer", own("integer", false)),
            ("text[]", own("text", true)),
            ("character varying(20)", own("character varying", false)),
            ("numeric(10,2)[]", own("numeric", true)),
            ("timestamp(3) with time zone", own("timestamp with time zone", false)),
            ("\"char\"", own("\"char\"", false)),
            ("public.plan", of("public", "plan", false)),
            ("public.\"Odd.name(3)[]\"[]", of("public", "Odd.name(3)[]", true)),
            ("\"My \"\"own\"\".schema\".\"a\"\"\"", of("My \"own\".schema", "a\"", false)),
            ("gis.geometry(Point,4326)", of("gis", "geometry", false)),
        ] {
            assert_eq!(TypeName::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn everything_else_has_no_home() {
        for name in ["interval", "inet", "money", "tsvector", "int4range", "time with time zone", "xml"] {
            assert_eq!(builtin(name), None, "{name}");
        }
    }
}
