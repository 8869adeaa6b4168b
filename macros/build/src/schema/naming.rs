//! Rust names for names of PostgreSQL, which may hold any character.

use std::collections::BTreeSet;

use crate::names::is_identifier;

/// `user_id`, for `"UserId"`: a module or field. Not yet raw where it is a keyword.
pub(crate) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (index, &letter) in letters.iter().enumerate() {
        if !is_part(letter) {
            text.push('_');
            continue;
        }
        let before = index.checked_sub(1).map(|before| letters[before]);
        let is_start = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit());
        let ends_capitals = before.is_some_and(char::is_uppercase)
            && letters.get(index + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (is_start || ends_capitals) {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    // These cannot be raw.
    if ["self", "super", "crate"].contains(&text.as_str()) {
        text.push('_');
    }
    started(text)
}

/// `UserId`, for `user_id`: a type or variant.
pub(crate) fn camel(name: &str) -> String {
    let words = name.split(|letter: char| letter == '_' || !is_part(letter));
    let text: String = words.map(capitalised).collect();
    match text.as_str() {
        "" => "Unnamed".to_owned(),
        "Self" => "Self_".to_owned(),
        _ => started(text),
    }
}

/// A constant's name for a field's.
pub(crate) fn upper(field: &str) -> String {
    field.to_uppercase()
}

/// The name as it stands in Rust: raw where it is a keyword.
pub(crate) fn ident(name: &str) -> String {
    // syn may not know the newest.
    let is_plain = name != "gen" && syn::parse_str::<syn::Ident>(name).is_ok();
    if is_plain { name.to_owned() } else { format!("r#{name}") }
}

/// Hands each name out once.
#[derive(Debug, Default)]
pub(crate) struct Taken(BTreeSet<String>);

impl Taken {
    /// The name, or the first of `name_2`, `name_3` and so on that is free in all the forms of it that will stand.
    pub(crate) fn take(&mut self, name: &str, forms: impl Fn(&str) -> Vec<String>) -> String {
        let mut candidates =
            std::iter::once(name.to_owned()).chain((2_u32..).map(|number| format!("{name}_{number}")));
        let is_free = |candidate: &String| forms(candidate).iter().all(|form| !self.0.contains(form));
        let free = candidates.find(is_free).unwrap_or_default();
        self.0.extend(forms(&free));
        free
    }
}

fn is_part(letter: char) -> bool {
    letter == '_' || letter.is_ascii_alphanumeric() || (!letter.is_ascii() && is_identifier(letter))
}

/// The text, with something before it that may start a name where its own start may not.
fn started(text: String) -> String {
    let is_start =
        |letter: char| letter == '_' || syn::parse_str::<syn::Ident>(&format!("{letter}x")).is_ok();
    // A lone underscore is no name either.
    if text != "_" && text.chars().next().is_some_and(is_start) { text } else { format!("_{text}") }
}

/// The word with a capital first, and no more capitals where it has nothing else.
fn capitalised(word: &str) -> String {
    let is_shouted = !word.chars().any(char::is_lowercase);
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    let rest = letters.as_str();
    first + &if is_shouted { rest.to_lowercase() } else { rest.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_modules() {
        for (name, expected) in [
            ("email", "email"),
            ("UserAccounts", "user_accounts"),
            ("HTTPServer2Name", "http_server2_name"),
            ("created at", "created_at"),
            ("user-has-role", "user_has_role"),
            ("2fa", "_2fa"),
            ("größe", "größe"),
            ("ÄndertAm", "ändert_am"),
            ("名前", "名前"),
            ("\u{301}x", "_\u{301}x"),
            ("a\u{24b6}b", "a_b"),
            ("type", "r#type"),
            ("GEN", "r#gen"),
            ("self", "self_"),
            ("Super", "super_"),
            ("_", "__"),
            ("!", "__"),
            ("?!", "__"),
        ] {
            let text = ident(&snake(name));
            assert!(syn::parse_str::<syn::Ident>(&text).is_ok(), "{text}");
            assert_eq!(text, expected, "{name:?}");
        }
    }

    #[test]
    fn types_and_variants() {
        for (name, expected) in [
            ("plan", "Plan"),
            ("in-progress", "InProgress"),
            ("inProgress", "InProgress"),
            ("IN_PROGRESS", "InProgress"),
            ("2fa", "_2fa"),
            ("self", "Self_"),
            ("+", "Unnamed"),
            ("", "Unnamed"),
            ("ß", "SS"),
            ("名", "名"),
        ] {
            assert_eq!(camel(name), expected, "{name:?}");
            assert!(syn::parse_str::<syn::Ident>(expected).is_ok());
        }
    }

    #[test]
    fn a_name_is_handed_out_once() {
        let mut taken = Taken::default();
        let mut take = |name: &str| taken.take(name, |name| vec![name.to_owned(), upper(name)]);
        assert_eq!(["a", "a", "a_2", "a"].map(&mut take), ["a", "a_2", "a_2_2", "a_3"]);
        // Different fields, and one constant.
        assert_eq!(["strasse", "straße"].map(&mut take), ["strasse", "straße_2"]);
    }

    proptest::proptest! {
        #[test]
        fn every_name_becomes_an_identifier(name in "\\PC{1,20}") {
            for text in [ident(&snake(&name)), ident(&upper(&snake(&name))), ident(&camel(&name))] {
                let parsed = syn::parse_str::<syn::Ident>(&text);
                proptest::prop_assert!(parsed.is_ok(), "{name:?} became {text:?}");
            }
        }
    }
}
