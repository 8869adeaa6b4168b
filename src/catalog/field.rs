use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::Grant;
use super::name::visible;

/// What of an object is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name in a snapshot: `type`, `not_null`, `comment` ..
    pub name: String,
    /// As it was expected; null for not at all.
    pub expected: Value,
    /// As it was found; null for not at all.
    pub found: Value,
}

/// Of a list what is missing and extra, of a long text the first lines that differ, of anything else both sides.
impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, expected, found } = self;
        let text = members(expected, found)
            .or_else(|| lines(expected, found))
            .unwrap_or_else(|| format!("expected {}, found {}", shown(expected), shown(found)));
        write!(formatter, "{name}: {}", visible(&text))
    }
}

/// How two lists differ; none for what is no list, and for lists of another order alone.
fn members(expected: &Value, found: &Value) -> Option<String> {
    let list = |value: &Value| match value {
        Value::Array(members) => Some(members.clone()),
        Value::Null => Some(Vec::new()),
        _ => None,
    };
    let (expected, found) = (list(expected)?, list(found)?);
    let without = |one: &[Value], other: &[Value]| -> Vec<String> {
        one.iter().filter(|member| !other.contains(member)).map(member).collect()
    };
    let texts: Vec<String> = [("missing", without(&expected, &found)), ("extra", without(&found, &expected))]
        .into_iter()
        .filter(|(_, members)| !members.is_empty())
        .map(|(word, members)| format!("{word} {}", members.join(", ")))
        .collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

fn member(value: &Value) -> String {
    let Ok(grant) = serde_json::from_value::<Grant>(value.clone()) else { return shown(value) };
    let Grant { grantee, privilege, column, grantable, revoked } = grant;
    let column = column.map_or(String::new(), |column| format!(" ({column})"));
    let (verb, to) = if revoked { ("revoked ", "from") } else { ("", "to") };
    let grantable = if grantable { " with grant option" } else { "" };
    format!("{verb}{privilege}{column} {to} {}{grantable}", grantee.as_deref().unwrap_or("its owner"))
}

/// Where two texts of several lines begin to differ.
fn lines(expected: &Value, found: &Value) -> Option<String> {
    let (expected, found) = (expected.as_str()?.trim_end(), found.as_str()?.trim_end());
    if !expected.contains('\n') && !found.contains('\n') {
        return None;
    }
    let number = expected.lines().zip(found.lines()).take_while(|(one, other)| one == other).count();
    let line =
        |text: &str| text.lines().nth(number).map_or("its end".to_owned(), |line| line.trim().to_owned());
    Some(format!("from line {} on: expected {}, found {}", number + 1, line(expected), line(found)))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.trim().to_owned(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(expected: Value, found: Value) -> String {
        Field { name: "field".to_owned(), expected, found }.to_string()
    }

    #[test]
    fn a_field_says_in_what_it_differs() {
        assert_eq!(text(json!("integer"), json!("bigint")), "field: expected integer, found bigint");
        assert_eq!(text(json!(null), json!(true)), "field: expected none, found true");
        assert_eq!(text(json!(["a", "b"]), json!(["b", "c"])), "field: missing a; extra c");
        assert_eq!(
            text(json!(["a", "b"]), json!(["b", "a"])),
            r#"field: expected ["a","b"], found ["b","a"]"#
        );
        let escape = text(json!(null), json!("\u{1b}]0;pwn\u{7}"));
        assert_eq!(escape, "field: expected none, found \\u{1b}]0;pwn\\u{7}");
        let grants = json!([
            {"grantee": "app", "privilege": "SELECT", "column": "id", "grantable": true},
            {"privilege": "DELETE", "revoked": true},
        ]);
        let expected = "field: extra SELECT (id) to app with grant option, revoked DELETE from its owner";
        assert_eq!(text(json!(null), grants), expected);
        let found = text(json!("begin\n  one;\nend"), json!("begin\n  two;\nend"));
        assert_eq!(found, "field: from line 2 on: expected one;, found two;");
        assert_eq!(text(json!("a\nb"), json!("a")), "field: from line 2 on: expected b, found its end");
    }
}
