use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream, TokenTree};

/// Where a revision's file names `super::schema`, and all the words that stand in the file.
#[derive(Debug)]
pub(crate) struct Mention {
    /// From 1.
    pub(crate) line: usize,
    /// From 1.
    pub(crate) column: usize,
    pub(crate) words: BTreeSet<String>,
}

impl Mention {
    /// None where the file does not name it.
    pub(crate) fn find(tokens: &TokenStream) -> Option<Self> {
        let start = schema_in(tokens)?.span().start();
        let mut words = BTreeSet::new();
        collect(tokens.clone(), &mut words);
        Some(Self { line: start.line, column: start.column + 1, words })
    }
}

/// The word `schema` in `super::schema` or `super::{.., schema, ..}`.
fn schema_in(tokens: &TokenStream) -> Option<Ident> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let behind_super = tokens.windows(4).find_map(|window| match window {
        [TokenTree::Ident(parent), TokenTree::Punct(one), TokenTree::Punct(two), next]
            if parent == "super" && one.as_char() == ':' && two.as_char() == ':' =>
        {
            as_schema(next)
        }
        _ => None,
    });
    let inside = || {
        tokens.iter().find_map(|token| match token {
            TokenTree::Group(group) => schema_in(&group.stream()),
            _ => None,
        })
    };
    behind_super.or_else(inside)
}

fn as_schema(token: &TokenTree) -> Option<Ident> {
    match token {
        TokenTree::Ident(ident) => (ident == "schema").then(|| ident.clone()),
        TokenTree::Group(group) => group.stream().into_iter().find_map(|token| match token {
            TokenTree::Ident(ident) if ident == "schema" => Some(ident),
            _ => None,
        }),
        _ => None,
    }
}

fn collect(tokens: TokenStream, words: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(words.insert(ident.to_string())),
            TokenTree::Group(group) => collect(group.stream(), words),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_found_wherever_it_is_named() {
        for (text, place) in [
            ("use super::schema::accounts;", Some((1, 12))),
            ("use super :: { VERSION,\n  schema::{accounts, r#type} };", Some((2, 3))),
            ("fn a() { let x: super::schema::accounts::Row; }", Some((1, 24))),
            ("mod tests { use super::super::schema; }", Some((1, 31))),
            ("use super::VERSION; fn a(schema: &str) { other::schema() }", None),
            ("// super::schema\nfn a() { \"super::schema\"; }", None),
        ] {
            let mention = Mention::find(&text.parse().unwrap());
            assert_eq!(mention.map(|mention| (mention.line, mention.column)), place, "{text}");
        }
    }

    #[test]
    fn words_are_those_of_the_whole_file() {
        let text = "use super::schema::{accounts, r#type}; fn a() { json!({ \"x\": [billing::invoices] }) }";
        let words = Mention::find(&text.parse().unwrap()).unwrap().words;
        for word in ["accounts", "r#type", "billing", "invoices"] {
            assert!(words.contains(word), "{word}");
        }
        assert!(!words.contains("x"));
    }
}
