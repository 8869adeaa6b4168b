//! libpq's two ways of writing a connection, taken apart into its keys.
//!
//! tokio-postgres reads both too, but refuses keys libpq knows (`sslrootcert`, `passfile`,
//! `sslmode=verify-full`) and cannot say which keys were given, which merging with `PG*` needs.
//! No error of this file repeats the text: it may hold a password.

use crate::db::options::OptionsError;

/// The keys and values of a URL or a keyword string, in the order written.
pub(super) fn parse(text: &str) -> Result<Vec<(String, String)>, OptionsError> {
    let text = text.trim();
    for scheme in ["postgres://", "postgresql://"] {
        if let Some(rest) = text.strip_prefix(scheme) {
            return parse_url(rest);
        }
    }
    if let Some((scheme, _)) = text.split_once("://")
        && !scheme.contains(['=', ' '])
    {
        return Err(OptionsError::Malformed {
            part: "scheme",
            reason: "it is not postgres:// or postgresql://",
        });
    }
    parse_keywords(text)
}

/// Escapes a component of a URL.
pub(super) fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Writes keys as a keyword string, every value quoted.
pub(super) fn to_keywords<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let quote = |value: &str| value.replace('\\', "\\\\").replace('\'', "\\'");
    pairs.into_iter().map(|(key, value)| format!("{key}='{}' ", quote(value))).collect()
}

fn parse_url(rest: &str) -> Result<Vec<(String, String)>, OptionsError> {
    let mut pairs = Vec::new();
    let rest = take_user(rest, &mut pairs)?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (hosts, database) = rest.split_once('/').unwrap_or((rest, ""));
    take_hosts(hosts, &mut pairs)?;
    push(&mut pairs, "dbname", decode("database", database)?);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or(OptionsError::Malformed {
            part: "query",
            reason: "a parameter has no `=`; write `?key=value&key=value`",
        })?;
        let (key, value) = (decode("query", key)?, decode("query", value)?);
        match (key.as_str(), value.as_str()) {
            // JDBC's word, which libpq understands as well.
            ("ssl", "true") => push(&mut pairs, "sslmode", "require".to_owned()),
            _ => push(&mut pairs, &key, value),
        }
    }
    Ok(pairs)
}

/// Takes `user:password@` off. As in libpq it ends at the last `@` before the first `/`.
fn take_user<'a>(rest: &'a str, pairs: &mut Vec<(String, String)>) -> Result<&'a str, OptionsError> {
    let authority = rest.split('/').next().unwrap_or(rest);
    let Some(at) = authority.rfind('@') else { return Ok(rest) };
    let (user, password) = authority[..at].split_once(':').unwrap_or((&authority[..at], ""));
    push(pairs, "user", decode("user", user)?);
    push(pairs, "password", decode("password", password)?);
    Ok(&rest[at + 1..])
}

fn take_hosts(list: &str, pairs: &mut Vec<(String, String)>) -> Result<(), OptionsError> {
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    for item in list.split(',') {
        let (host, port) = split_port(item)?;
        hosts.push(decode("host", host)?);
        ports.push(port.to_owned());
    }
    for (key, values) in [("host", hosts), ("port", ports)] {
        if values.iter().any(|value| !value.is_empty()) {
            push(pairs, key, values.join(","));
        }
    }
    Ok(())
}

fn split_port(item: &str) -> Result<(&str, &str), OptionsError> {
    let Some(v6) = item.strip_prefix('[') else { return Ok(item.split_once(':').unwrap_or((item, ""))) };
    let (host, rest) = v6
        .split_once(']')
        .ok_or(OptionsError::Malformed { part: "host", reason: "an IPv6 address lacks its `]`" })?;
    Ok((host, rest.strip_prefix(':').unwrap_or(rest)))
}

/// An empty value means "not given", as in libpq.
fn push(pairs: &mut Vec<(String, String)>, key: &str, value: String) {
    if !value.is_empty() {
        pairs.push((key.to_owned(), value));
    }
}

fn decode(part: &'static str, text: &str) -> Result<String, OptionsError> {
    let malformed = || OptionsError::Malformed {
        part,
        reason: "a `%` must be followed by two hex digits (a literal one is `%25`)",
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first == b'%' {
            let (digits, tail) = rest.split_at_checked(2).ok_or_else(malformed)?;
            let digits = str::from_utf8(digits).map_err(|_| malformed())?;
            bytes.push(u8::from_str_radix(digits, 16).map_err(|_| malformed())?);
            rest = tail;
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8(bytes).map_err(|_| OptionsError::Malformed { part, reason: "it is not UTF-8" })
}

fn parse_keywords(text: &str) -> Result<Vec<(String, String)>, OptionsError> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, tail) = rest.split_once('=').ok_or(OptionsError::Malformed {
            part: "keyword string",
            reason: "a keyword has no `=`; write `host=... dbname=...` or a postgres:// URL",
        })?;
        let (value, tail) = take_value(tail.trim_start())?;
        push(&mut pairs, key.trim(), value);
        rest = tail.trim_start();
    }
    Ok(pairs)
}

/// A value up to a blank, or in single quotes; a backslash takes the next character as it is.
fn take_value(text: &str) -> Result<(String, &str), OptionsError> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut characters = text.char_indices().skip(usize::from(quoted));
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            '\'' if quoted => return Ok((value, &text[at + 1..])),
            blank if !quoted && blank.is_whitespace() => return Ok((value, &text[at..])),
            other => value.push(other),
        }
    }
    if quoted {
        return Err(OptionsError::Malformed {
            part: "keyword string",
            reason: "a quoted value is not closed",
        });
    }
    Ok((value, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap()
    }

    fn is(text: &str, expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(pairs(text), expected, "{text}");
    }

    #[test]
    fn urls_come_apart() {
        is("postgres://", &[]);
        is("postgresql:///db", &[("dbname", "db")]);
        is(
            "postgres://u:p%40ss@h:1/db?sslmode=require",
            &[
                ("user", "u"),
                ("password", "p@ss"),
                ("host", "h"),
                ("port", "1"),
                ("dbname", "db"),
                ("sslmode", "require"),
            ],
        );
        is("postgres://u@%2Ftmp/db", &[("user", "u"), ("host", "/tmp"), ("dbname", "db")]);
        is("postgres://[::1]:5433,h2/x", &[("host", "::1,h2"), ("port", "5433,"), ("dbname", "x")]);
        is("postgres://u:a@b?c@h/x", &[("user", "u"), ("password", "a@b?c"), ("host", "h"), ("dbname", "x")]);
        is("postgres:///x?ssl=true&host=/tmp", &[("dbname", "x"), ("sslmode", "require"), ("host", "/tmp")]);
    }

    #[test]
    fn keyword_strings_come_apart() {
        is(
            r"host=/tmp  password = 'it\'s \\ here' dbname=a\ b",
            &[("host", "/tmp"), ("password", r"it's \ here"), ("dbname", "a b")],
        );
        is("user='' host=h", &[("host", "h")]);
    }

    #[test]
    fn malformed_texts_are_refused_without_repeating_them() {
        for text in [
            "mysql://u:hunter2@h",
            "postgres://u:hunter2%zz@h",
            "password='hunter2",
            "hunter2",
            "postgres://u:hunter2@[::1/x",
            "postgres://h/?hunter2",
        ] {
            let error = parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_back(text in "\\PC{1,20}") {
            let url = format!("postgres://{0}:{0}@h/{0}", percent_encode(&text));
            let expected = [("user", text.as_str()), ("password", &text), ("host", "h"), ("dbname", &text)];
            is(&url, &expected);
            prop_assert_eq!(&pairs(&to_keywords([("password", text.as_str())]))[0].1, &text);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = parse(&text);
            let _ = parse(&format!("postgres://{text}"));
        }
    }
}
