use std::fmt;

use super::token::{Token, tokens};
use crate::db::{quote_identifier, quote_literal, quote_or_null};

/// The name of a relation, taken apart and folded as the server does it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) schema: Option<String>,
    pub(super) name: String,
}

impl Name {
    /// From a text that holds a name and nothing else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let tokens = tokens(text);
        let (name, length) = Self::first_of(&tokens)?;
        (length == tokens.len()).then_some(name)
    }

    /// The name that the tokens begin with, and how many of them it takes.
    pub(super) fn first_of(tokens: &[Token]) -> Option<(Self, usize)> {
        let is_word = |token: &&Token| {
            token.quoted || token.text.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
        };
        let mut parts = vec![tokens.first().filter(is_word)?];
        let mut length = 1;
        while tokens.get(length).is_some_and(|token| token.text == "." && !token.quoted) {
            parts.push(tokens.get(length + 1).filter(is_word)?);
            length += 2;
        }
        let name = parts.pop()?.text.clone();
        Some((Self { schema: parts.pop().map(|part| part.text.clone()), name }, length))
    }

    /// As a row of two for `VALUES`.
    pub(super) fn literals(&self) -> String {
        let schema = quote_or_null(self.schema.as_deref());
        format!("{schema}, {}", quote_literal(&self.name))
    }
}

/// The name of a column, constraint or index, folded; none where there is none.
pub(super) fn part(text: &str) -> Option<String> {
    Name::parse(text).map(|name| name.name)
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(formatter, "{}.", plain(schema))?;
        }
        formatter.write_str(&plain(&self.name))
    }
}

fn plain(name: &str) -> String {
    let is_plain =
        name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    if is_plain { name.to_owned() } else { quote_identifier(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_unless_quoted() {
        let name = |text: &str| Name::parse(text).map(|name| name.to_string());
        assert_eq!(name("Orders").as_deref(), Some("orders"));
        assert_eq!(name("Shop.\"Orders\"").as_deref(), Some("shop.\"Orders\""));
        assert_eq!(name("db.shop.orders").as_deref(), Some("shop.orders"));
        assert_eq!(name(""), None);
        assert_eq!(name("orders,"), None);
        assert_eq!(part("\"Total Price\"").as_deref(), Some("Total Price"));
    }
}
