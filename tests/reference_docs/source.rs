//! What stands in the sources: items, and their comments as text for a page.

use syn::{Attribute, Expr, ExprLit, Field, File, Item, ItemEnum, ItemStruct, Lit, Meta};

/// A source file below the repository.
pub(super) fn file(path: &str) -> File {
    let text = std::fs::read_to_string(super::root().join(path)).expect(path);
    syn::parse_file(&text).expect(path)
}

pub(super) fn an_enum(path: &str, name: &str) -> ItemEnum {
    let found = file(path).items.into_iter().find_map(|item| match item {
        Item::Enum(item) if item.ident == name => Some(item),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{path} has no enum {name}"))
}

pub(super) fn a_struct(path: &str, name: &str) -> ItemStruct {
    let found = file(path).items.into_iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == name => Some(item),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{path} has no struct {name}"))
}

/// The names that a struct's fields have in a TOML file; those that it does not read are left out.
pub(super) fn keys(item: &ItemStruct) -> Vec<(String, &Field)> {
    let key = |field: &Field| field.ident.as_ref().unwrap().to_string().replace('_', "-");
    let is_read = |field: &&Field| !key(field).starts_with('-') && !serde_words(field).contains("skip");
    item.fields.iter().filter(is_read).map(|field| (key(field), field)).collect()
}

/// What stands in `#[serde(..)]`.
fn serde_words(field: &Field) -> String {
    let serde = field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde"));
    serde.map(|attribute| attribute.meta.require_list().unwrap().tokens.to_string()).collect()
}

/// The comment of an item: its lines, without the paths of links between items, which lead nowhere on a page.
pub(super) fn comment(attributes: &[Attribute]) -> String {
    let lines: Vec<String> = attributes.iter().filter_map(comment_line).collect();
    without_paths(lines.join("\n").trim())
}

/// The same in one line, for a cell of a table.
pub(super) fn in_a_line(attributes: &[Attribute]) -> String {
    comment(attributes).split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn comment_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { return None };
    let text = text.value();
    pair.path.is_ident("doc").then(|| text.strip_prefix(' ').unwrap_or(&text).trim_end().to_owned())
}

/// `` [`x`](super::x) `` and `` [`x`] `` are `` `x` ``; links to addresses stay.
fn without_paths(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, link)) = rest.split_once("[`") {
        let Some((name, after)) = link.split_once("`]") else { break };
        plain.push_str(before);
        let target = after.strip_prefix('(').and_then(|target| target.split_once(')'));
        rest = match target {
            Some((address, _)) if address.contains("://") => {
                plain.push_str(&format!("[`{name}`]"));
                after
            }
            target => {
                // Macros and attributes are named with their kind before them.
                plain.push_str(&format!("`{}`", name.trim_start_matches("macro@")));
                target.map_or(after, |(_, behind)| behind)
            }
        };
    }
    plain + rest
}

/// The feature without which an item is not there.
pub(super) fn feature(attributes: &[Attribute]) -> Option<String> {
    let cfg = attributes.iter().find(|attribute| attribute.path().is_ident("cfg"))?;
    let tokens = cfg.meta.require_list().ok()?.tokens.to_string();
    tokens.strip_prefix("feature = \"")?.strip_suffix('"').map(str::to_owned)
}

#[test]
fn links_between_items_become_code() {
    let cases = [
        ("of [`A`](super::A), [`B`] and [`macro@up`].", "of `A`, `B` and `up`."),
        ("[`a`](https://example.com) [b](c.md)", "[`a`](https://example.com) [b](c.md)"),
    ];
    for (text, expected) in cases {
        assert_eq!(without_paths(text), expected);
    }
}
