use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Item, ItemFn, Lit, Meta, MetaNameValue, Token};

use crate::around::{Hook, Moment};
use crate::checksum::sha256;
use crate::directives::{ALTERS_SCHEMA, ATTRIBUTES, FunctionAttribute};
use crate::duration::{DURATION_HELP, parse_duration};
use crate::finding::{Finding, Level};
use crate::nearest::did_you_mean;
use crate::requires::{version, versions};
use crate::revision::{Settings, Transaction};
use crate::schema::Mention;
use crate::source::Source;

/// What a Rust file of a revision holds.
#[derive(Debug, Default)]
pub(crate) struct RustSteps {
    pub(crate) up: Option<UpFunction>,
    pub(crate) down: Option<Settings>,
    pub(crate) before: Option<Hook>,
    pub(crate) after: Option<Hook>,
    pub(crate) checks: Vec<CheckFunction>,
    /// Whether a function is marked `#[hardtack::backfill]`.
    pub(crate) has_backfill: bool,
    /// SHA-256 of the canonical tokens.
    pub(crate) sha256: String,
    /// Where the file names its `schema` module; none where it does not.
    pub(crate) schema: Option<Mention>,
}

/// What `#[hardtack::up(..)]` says.
#[derive(Debug)]
pub(crate) struct UpFunction {
    pub(crate) settings: Settings,
    pub(crate) irreversible: Option<String>,
    pub(crate) alters_schema: bool,
    /// The versions of which the backfills must have finished first.
    pub(crate) requires: Vec<i64>,
    /// The version that code must know at the least to work behind the up.
    pub(crate) breaks_before: Option<i64>,
}

/// A function marked `#[hardtack::check(..)]`.
#[derive(Debug)]
pub(crate) struct CheckFunction {
    pub(crate) name: String,
    pub(crate) moment: Moment,
    /// From 1.
    pub(crate) line: usize,
    /// From 1.
    pub(crate) column: usize,
}

/// The arguments of all attributes.
#[derive(Default)]
struct Arguments {
    settings: Settings,
    irreversible: Option<String>,
    alters_schema: bool,
    requires: Vec<i64>,
    breaks_before: Option<i64>,
    moment: Option<Moment>,
}

impl RustSteps {
    /// Whether it holds a hook, a check or a backfill, which an SQL up must not run without.
    pub(crate) fn has_around(&self) -> bool {
        self.before.is_some() || self.after.is_some() || !self.checks.is_empty() || self.has_backfill
    }

    /// Finds the functions of a Rust file. The shape of the functions is the attribute macro's to judge, which
    /// can point at them.
    ///
    /// # Errors
    /// All findings that make the file useless.
    pub(crate) fn read(source: &Source) -> Result<Self, Vec<Finding>> {
        let file = syn::parse_file(&source.text).map_err(|error| {
            let help = "mend the file, as rustc would ask";
            vec![finding(source, error.span(), error.to_string(), help)]
        })?;
        let tokens: TokenStream = source.text.parse().unwrap_or_default();
        let schema = Mention::find(&tokens);
        let sha256 = sha256(&canonical(tokens));
        let (mut steps, mut findings) = (Self { sha256, schema, ..Self::default() }, Vec::new());
        for function in file.items.iter().filter_map(as_function) {
            for attribute in &function.attrs {
                findings.extend(steps.take(source, function, attribute).err());
            }
        }
        if findings.is_empty() { Ok(steps) } else { Err(findings) }
    }

    fn take(&mut self, source: &Source, function: &ItemFn, attribute: &Attribute) -> Result<(), Finding> {
        let Some(entry) = entry(attribute) else { return Ok(()) };
        let arguments = Arguments::read(attribute, entry)
            .map_err(|(span, message, help)| finding(source, span, message, help))?;
        let Arguments { settings, irreversible, alters_schema, requires, breaks_before, moment } = arguments;
        if let Some(moment) = moment {
            self.checks.push(CheckFunction::of(function, moment));
            return Ok(());
        }
        let is_taken = match entry.name {
            "up" => self.up.is_some(),
            "down" => self.down.is_some(),
            "before" => self.before.is_some(),
            "backfill" => self.has_backfill,
            _ => self.after.is_some(),
        };
        if is_taken {
            let help = "keep one, and call the other from it";
            let message = format!("a second `#[hardtack::{}]`", entry.name);
            return Err(finding(source, function.sig.ident.span(), message, help));
        }
        match entry.name {
            "up" => {
                self.up = Some(UpFunction { settings, irreversible, alters_schema, requires, breaks_before });
            }
            "down" => self.down = Some(settings),
            "before" => self.before = Some(Hook { alters_schema }),
            "backfill" => self.has_backfill = true,
            _ => self.after = Some(Hook { alters_schema }),
        }
        Ok(())
    }
}

impl CheckFunction {
    fn of(function: &ItemFn, moment: Moment) -> Self {
        let name = &function.sig.ident;
        let start = name.span().start();
        let text = name.to_string();
        let name = text.strip_prefix("r#").unwrap_or(&text).to_owned();
        Self { name, moment, line: start.line, column: start.column + 1 }
    }
}

impl Arguments {
    fn read(attribute: &Attribute, entry: &FunctionAttribute) -> Result<Self, (Span, String, String)> {
        let mut arguments = Self::default();
        if matches!(attribute.meta, Meta::Path(_)) {
            return arguments.complete(attribute, entry);
        }
        let given = attribute
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .map_err(|error| (error.span(), error.to_string(), help_for(entry)))?;
        for argument in &given {
            match argument {
                Meta::NameValue(pair) => arguments.set(pair, entry)?,
                flag => arguments.set_flag(flag, entry)?,
            }
        }
        arguments.complete(attribute, entry)
    }

    /// A check says when it is asked.
    fn complete(
        self,
        attribute: &Attribute,
        entry: &FunctionAttribute,
    ) -> Result<Self, (Span, String, String)> {
        if entry.name == "check" && self.moment.is_none() {
            let message = "this check does not say when it is asked".to_owned();
            return Err((attribute.path().span(), message, help_for(entry)));
        }
        Ok(self)
    }

    /// Takes an argument that is a word without a value.
    fn set_flag(&mut self, flag: &Meta, entry: &FunctionAttribute) -> Result<(), (Span, String, String)> {
        let name = flag.path().get_ident().map(ToString::to_string).unwrap_or_default();
        if entry.argument(&name).is_none() {
            return Err(unknown(flag.path(), &name, entry));
        }
        let (is_flag, moment) = (name == ALTERS_SCHEMA, Moment::parse(&name));
        if !matches!(flag, Meta::Path(_)) || !(is_flag || moment.is_some()) {
            let help = if is_flag || moment.is_some() {
                format!("write it as `{name}`, without anything behind it")
            } else {
                format!("write it as `{name} = \"..\"`")
            };
            return Err((flag.path().span(), format!("malformed `{name}`"), help));
        }
        self.alters_schema |= is_flag;
        if moment.is_some() && std::mem::replace(&mut self.moment, moment).is_some() {
            let message = "this check says twice when it is asked".to_owned();
            return Err((flag.path().span(), message, help_for(entry)));
        }
        Ok(())
    }

    fn set(&mut self, pair: &MetaNameValue, entry: &FunctionAttribute) -> Result<(), (Span, String, String)> {
        let name = pair.path.get_ident().map(ToString::to_string).unwrap_or_default();
        let Some(argument) = entry.argument(&name) else { return Err(unknown(&pair.path, &name, entry)) };
        let value = text_of(&pair.value).unwrap_or_default();
        let wrong = |help: String| (pair.value.span(), format!("malformed `{name}`"), help);
        let malformed = || wrong(format!("write it as `{}`", argument.form));
        match argument.name {
            "transaction" if value == "none" => self.settings.transaction = Transaction::None,
            "lock_timeout" => {
                let timeout = parse_duration(&value).ok_or_else(|| wrong(DURATION_HELP.to_owned()))?;
                self.settings.lock_timeout = Some(timeout);
            }
            "irreversible" if !value.trim().is_empty() => self.irreversible = Some(value),
            "requires" => self.requires = versions(&value).ok_or_else(malformed)?,
            "breaks_code_before" => self.breaks_before = Some(version(&value).ok_or_else(malformed)?),
            "transaction" | "irreversible" => return Err(malformed()),
            name => return Err(wrong(format!("write it as `{name}`, without a value"))),
        }
        Ok(())
    }
}

fn unknown(path: &syn::Path, name: &str, entry: &FunctionAttribute) -> (Span, String, String) {
    let near = did_you_mean(name, entry.names());
    let message = format!("unknown argument `{name}` of `#[hardtack::{}]`", entry.name);
    (path.span(), message, format!("{near}{}", help_for(entry)))
}

fn help_for(entry: &FunctionAttribute) -> String {
    let (attribute, names) = (entry.name, entry.names().collect::<Vec<_>>());
    if names.is_empty() {
        return format!("`#[hardtack::{attribute}]` takes no arguments");
    }
    let takes = if attribute == "check" { "one of " } else { "" };
    format!("`#[hardtack::{attribute}(..)]` takes {takes}{}", names.join(", "))
}

fn as_function(item: &Item) -> Option<&ItemFn> {
    match item {
        Item::Fn(function) => Some(function),
        _ => None,
    }
}

/// That of `up` for `#[hardtack::up]` and `#[up]`, and so on.
fn entry(attribute: &Attribute) -> Option<&'static FunctionAttribute> {
    let segments: Vec<_> =
        attribute.path().segments.iter().map(|segment| segment.ident.to_string()).collect();
    let segments: Vec<_> = segments.iter().map(String::as_str).collect();
    let ([last] | ["hardtack", .., last]) = segments.as_slice() else { return None };
    ATTRIBUTES.iter().find(|entry| entry.name == *last)
}

fn text_of(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

fn finding(source: &Source, span: Span, message: String, help: impl Into<String>) -> Finding {
    let start = span.start();
    Finding::in_file(Level::Error, "rust", &source.shown, message, help).at(start.line, start.column + 1)
}

/// A text of the tokens that comments, doc comments, white space and trailing commas do not change. Other
/// tokens that rustfmt moves, such as sorted imports, do.
fn canonical(tokens: TokenStream) -> String {
    let mut text = String::new();
    push_tokens(tokens, &mut text);
    text
}

fn push_tokens(tokens: TokenStream, text: &mut String) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let is_inner = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == '!');
                let inner = tokens.next_if(is_inner);
                if tokens.next_if(is_doc).is_none() {
                    text.push_str(if inner.is_some() { "# ! " } else { "# " });
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' && tokens.peek().is_none() => {}
            TokenTree::Group(group) => {
                let (open, close) = delimiters(group.delimiter());
                text.push_str(open);
                push_tokens(group.stream(), text);
                text.push_str(close);
            }
            token => {
                text.push_str(&token.to_string());
                text.push(' ');
            }
        }
    }
}

fn is_doc(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let first = group.stream().into_iter().next();
    matches!(first, Some(TokenTree::Ident(ident)) if ident == "doc")
}

fn delimiters(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("( ", ") "),
        Delimiter::Brace => ("{ ", "} "),
        Delimiter::Bracket => ("[ ", "] "),
        Delimiter::None => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(text: &str) -> Result<RustSteps, Vec<String>> {
        let source = Source::decode("V1__x.rs", "m/V1__x.rs", text.as_bytes().to_vec()).unwrap();
        RustSteps::read(&source).map_err(|findings| findings.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn both_functions_and_their_arguments() {
        let steps = read(
            "use hardtack::prelude::*;\n#[hardtack::up(transaction = \"none\", lock_timeout = \"2s\", \
             irreversible = \"why\")]\nasync fn up() {}\n#[down]\nasync fn back() {}\n#[test]\nfn other() {}",
        )
        .unwrap();
        let up = steps.up.unwrap();
        assert_eq!(up.settings.transaction, Transaction::None);
        assert_eq!(up.settings.lock_timeout, Some(Duration::from_secs(2)));
        assert_eq!(up.irreversible.as_deref(), Some("why"));
        assert_eq!(steps.down, Some(Settings::default()));
    }

    #[test]
    fn an_up_may_say_that_it_alters_the_schema() {
        let up = read("#[hardtack::up(alters_schema, lock_timeout = \"2s\")]\nasync fn up() {}")
            .unwrap()
            .up
            .unwrap();
        assert!(up.alters_schema);
        assert!(!read("#[up(lock_timeout = \"2s\")] fn a() {}").unwrap().up.unwrap().alters_schema);
        for (wrong, expected) in [
            (
                "#[up(alters_schema = true)] fn a() {}",
                "1:22: malformed `alters_schema` [rust]\n  help: write it as",
            ),
            (
                "#[up(alters_schema(x))] fn a() {}",
                "1:6: malformed `alters_schema` [rust]\n  help: write it as",
            ),
            ("#[up(alter_schema)] fn a() {}", "help: did you mean `alters_schema`?"),
            ("#[up(transaction)] fn a() {}", "help: write it as `transaction = \"..\"`"),
            ("#[down(alters_schema)] fn a() {}", "unknown argument `alters_schema` of `#[hardtack::down]`"),
        ] {
            let found = &read(wrong).unwrap_err()[0];
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn hooks_and_checks_stand_beside_one_another() {
        let steps = read(
            "#[hardtack::before] async fn a() {}\n#[after(alters_schema)] async fn b() {}\n\
             #[hardtack::check(unchanged)]\nasync fn r#type() {}\n#[check(before)] async fn c() {}",
        )
        .unwrap();
        assert!(steps.has_around());
        assert_eq!(steps.before, Some(Hook { alters_schema: false }));
        assert_eq!(steps.after, Some(Hook { alters_schema: true }));
        let checks: Vec<_> = steps
            .checks
            .iter()
            .map(|check| (check.name.as_str(), check.moment, check.line, check.column))
            .collect();
        assert_eq!(checks, [("type", Moment::Unchanged, 4, 10), ("c", Moment::Before, 5, 27)]);
        assert!(!read("#[down] async fn a() {}").unwrap().has_around());
    }

    #[test]
    fn formatting_and_comments_keep_the_hash() {
        let plain = read("fn a(x: &&u8) { b(x, 1); }").unwrap().sha256;
        let formatted = "//! About.\n\n/// Doc.\n#[doc = \"x\"]\nfn a(\n    x: & &u8,\n) {\n    // why\n    b(x, 1,);\n}\n";
        assert_eq!(read(formatted).unwrap().sha256, plain);
        assert_ne!(read("fn a(x: &&u8) { b(x, 2); }").unwrap().sha256, plain);
        assert_ne!(read("#[inline] fn a(x: &&u8) { b(x, 1); }").unwrap().sha256, plain);
    }

    #[test]
    fn errors_point_at_their_place() {
        let two = read("#[up] fn a() {}\n#[hardtack::up] fn b() {}").unwrap_err();
        assert_eq!(
            two,
            [
                "m/V1__x.rs:2:20: a second `#[hardtack::up]` [rust]\n  help: keep one, and call the other from it"
            ]
        );
        assert!(read("fn a( {").unwrap_err()[0].starts_with("m/V1__x.rs:1:"));
        let unknown = read("#[hardtack::up(\n  lock_timeot = \"1s\")] fn a() {}").unwrap_err();
        assert!(
            unknown[0]
                .starts_with("m/V1__x.rs:2:3: unknown argument `lock_timeot` of `#[hardtack::up]` [rust]")
        );
        assert!(unknown[0].contains("did you mean `lock_timeout`?"));
        assert!(read("#[down(irreversible = \"x\")] fn a() {}").is_err());
        assert!(
            read("#[up(lock_timeout = 2)] fn a() {}").unwrap_err()[0].contains("malformed `lock_timeout`")
        );
    }
}
