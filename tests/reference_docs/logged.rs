//! What `--log-format json` makes of events, read from the code that writes it.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{Arm, Expr, Item, Pat, Path, Stmt};

use super::source;

const SOURCE: &str = "src/cli/progress.rs";

/// A line of the log.
pub(super) struct Line {
    pub(super) level: String,
    pub(super) message: String,
    pub(super) fields: Vec<String>,
}

/// The lines that each event may become, by its name.
pub(super) fn lines() -> BTreeMap<String, Vec<Line>> {
    let mut lines = BTreeMap::new();
    for item in source::file(SOURCE).items {
        let Item::Fn(function) = item else { continue };
        if !function.sig.ident.to_string().starts_with("log") {
            continue;
        }
        for statement in function.block.stmts {
            let Stmt::Expr(Expr::Match(matched), _) = statement else { continue };
            for arm in matched.arms {
                take(&arm, &mut lines);
            }
        }
    }
    lines
}

fn take(arm: &Arm, lines: &mut BTreeMap<String, Vec<Line>>) {
    let Some(event) = event(&arm.pat) else { return };
    let body = arm.body.span().source_text().expect("outside of a macro");
    let known = lines.entry(event).or_default();
    collect(body.parse().unwrap(), known);
}

/// The variant that a pattern is of.
fn event(pattern: &Pat) -> Option<String> {
    let last = |path: &Path| path.segments.last().map(|segment| segment.ident.to_string());
    match pattern {
        Pat::Struct(pattern) => last(&pattern.path),
        Pat::Path(pattern) => last(&pattern.path),
        Pat::Wild(_) => None,
        other => panic!("{SOURCE}: {:?} is no pattern that this test reads", other.span().source_text()),
    }
}

/// Every `tracing::level!(..)` of a text.
fn collect(tokens: TokenStream, lines: &mut Vec<Line>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (place, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        match place.checked_sub(5).map(|from| &tokens[from..place]) {
            Some([TokenTree::Ident(tracing), _, _, TokenTree::Ident(level), TokenTree::Punct(mark)])
                if tracing == "tracing" && mark.as_char() == '!' =>
            {
                lines.push(Line::of(level.to_string().to_uppercase(), group.stream()));
            }
            _ => collect(group.stream(), lines),
        }
    }
}

impl Line {
    /// The last argument is the message, the others are fields: `name`, `?name`, `%name` or `name = value`.
    fn of(level: String, arguments: TokenStream) -> Self {
        let (mut message, mut fields, mut is_first) = (String::new(), Vec::new(), true);
        for token in arguments {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ',' => is_first = true,
                TokenTree::Ident(name) if is_first => {
                    fields.push(name.to_string());
                    is_first = false;
                }
                TokenTree::Literal(text) if is_first => {
                    message = text.to_string().trim_matches('"').to_owned();
                }
                _ => {}
            }
        }
        Self { level, message, fields }
    }
}
