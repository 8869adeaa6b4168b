use std::fmt::Write as _;

use hardtack_build::{ATTRIBUTES, DIRECTIVES, FunctionAttribute};
use syn::{Attribute, Item};

use super::source;

const MACROS: &str = "macros/src/lib.rs";

pub(super) fn page() -> String {
    let mut page = String::from(
        "# Directives and attributes\n\nWhat a revision says about itself. The build refuses a word that it does not know, and one at the \
         wrong place.\n\n## In SQL\n\nA comment above the first statement, a line each. A directive is given once, `allow` once for each \
         hazard, and checks as often as they have names.\n\n| directive | in a down | what it says |\n| --- | --- | --- |\n",
    );
    for directive in DIRECTIVES {
        let down = if directive.is_for_downs { "yes" } else { "" };
        let (form, about) = (directive.form, directive.about);
        writeln!(page, "| `{form}` | {down} | {about} |").unwrap();
    }
    page.push_str(
        "\nThe names of hazards are in [their table](../hazards.md); checks are explained in [hooks and checks](../hooks.md#checks), \
         `requires` in [backfills](../backfills.md#deferred), `breaks-code-before` in [startup](../startup.md), `replaces` in \
         [history](../history.md).\n\n## In Rust\n\nAttributes of the functions in `V8__name.rs`: of a Rust revision, or beside the SQL of \
         `V8__name.sql`.\n",
    );
    for (name, attributes) in macros() {
        write!(page, "\n### `#[hardtack::{name}]`\n\n{}\n", prose(&attributes)).unwrap();
        if let Some(attribute) = ATTRIBUTES.iter().find(|attribute| attribute.name == name) {
            page.push_str(&arguments(attribute));
        }
    }
    page
}

fn arguments(attribute: &FunctionAttribute) -> String {
    if attribute.arguments.is_empty() {
        return "\nIt takes no arguments.\n".to_owned();
    }
    let mut table = String::from("\n| argument | what it says |\n| --- | --- |\n");
    for argument in attribute.arguments {
        writeln!(table, "| `{}` | {} |", argument.form, argument.about).unwrap();
    }
    table
}

/// The attributes that there are, with their comments.
fn macros() -> Vec<(String, Vec<Attribute>)> {
    let functions = source::file(MACROS).items.into_iter().filter_map(|item| match item {
        Item::Fn(function) => Some((function.sig.ident.to_string(), function.attrs)),
        _ => None,
    });
    let is_attribute = |attribute: &Attribute| attribute.path().is_ident("proc_macro_attribute");
    functions.filter(|(_, attributes)| attributes.iter().any(is_attribute)).collect()
}

/// A comment without its example, which is compiled where it stands.
fn prose(attributes: &[Attribute]) -> String {
    let comment = source::comment(attributes);
    let parts = comment.split("```").step_by(2).map(str::trim).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n")
}

#[test]
fn the_build_and_the_macros_know_the_same_attributes() {
    let mut macros: Vec<String> = macros().into_iter().map(|(name, _)| name).collect();
    // Of an application's tests, which the build does not read.
    macros.retain(|name| name != "test");
    let mut known: Vec<&str> = ATTRIBUTES.iter().map(|attribute| attribute.name).collect();
    macros.sort_unstable();
    known.sort_unstable();
    assert_eq!(macros, known);
}
