use crate::config::Role;

/// Quotes a name for SQL, whatever it contains: `my"table` becomes `"my""table"`.
///
/// ```
/// use hardtack::db::quote_identifier;
///
/// assert_eq!(quote_identifier("order"), r#""order""#);
/// ```
#[must_use]
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Quotes a text as an SQL literal that means the same with `standard_conforming_strings` on or off:
/// one with backslashes takes the `E''` form.
///
/// ```
/// use hardtack::db::quote_literal;
///
/// assert_eq!(quote_literal("it's"), "'it''s'");
/// assert_eq!(quote_literal(r"C:\"), r"E'C:\\'");
/// ```
#[must_use]
pub fn quote_literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// The same; `null` where there is no text.
pub(crate) fn quote_or_null(text: Option<&str>) -> String {
    text.map_or("null".to_owned(), quote_literal)
}

/// What puts the rest of a transaction, or of one message, under a role: a statement and its semicolon, or nothing.
///
/// Of the transaction, because a session's role would stay with a pooler's server session, for whoever gets it next.
pub(crate) fn as_role(role: Option<&Role>) -> String {
    role.map_or(String::new(), |role| format!("set local role {role}; "))
}
