use std::borrow::Cow;
use std::fmt::{self, Write};

use crate::finding::Level;
use crate::head::Head;
use crate::names::{module_name, variant_name};
use crate::resolve::Resolved;
use crate::revision::{Down, Revision, Step};
use crate::schema::Schema;
use crate::tables::{Grouped, Tables};

/// Renders a resolved folder as the Rust text that `hardtack::embed!()` includes: a module a revision, the set
/// as a static slice, an enum of the revisions, and a compile error for each finding that is one.
///
/// All is constants: a function with a statement a revision would cost the compiler minutes.
#[must_use]
pub fn render(resolved: &Resolved) -> String {
    let errors = resolved.findings.iter().filter(|finding| finding.level == Level::Error);
    let mut text: String = errors.map(|finding| compile_error(&finding.to_string())).collect();
    // Writing to a string cannot fail.
    let revisions = compilable(&resolved.revisions);
    let _ = push_set(&mut text, &revisions, resolved.head.as_ref());
    let _ = push_enum(&mut text, &revisions);
    let _ = revisions.iter().try_for_each(|revision| push_module(&mut text, revision));
    text
}

/// The revisions without those that lack their `schema` module, about which there is a finding already.
fn compilable(revisions: &[Revision]) -> Cow<'_, [Revision]> {
    let lacks = |revision: &Revision| revision.schema == Schema::Missing;
    if !revisions.iter().any(lacks) {
        return revisions.into();
    }
    revisions.iter().filter(|revision| !lacks(revision)).cloned().collect()
}

/// Renders why a folder could not be resolved, with an empty set so that nothing else fails for it.
pub(crate) fn render_unusable(message: &str) -> String {
    compile_error(message) + &render(&Resolved { revisions: Vec::new(), findings: Vec::new(), head: None })
}

fn compile_error(message: &str) -> String {
    format!("::core::compile_error!({message:?});\n")
}

fn push_set(text: &mut String, revisions: &[Revision], head: Option<&Head>) -> fmt::Result {
    writeln!(
        text,
        "static BAKED: ::hardtack::revisions::Baked = {};

/// The revisions that were baked into this crate, in order of version.
pub static REVISIONS: ::hardtack::revisions::RevisionSet =
    ::hardtack::revisions::RevisionSet::from_baked(&BAKED);",
        Tables::of(revisions).expression(revisions, head)
    )
}

/// The variants stand in the order of the slice, so that each is an index into it.
fn push_enum(text: &mut String, revisions: &[Revision]) -> fmt::Result {
    text.push_str(
        "
/// The baked revisions by name, in order of version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revision {
",
    );
    for revision in revisions {
        writeln!(text, "    /// `{}`\n    {},", revision.stem(), variant_name(revision))?;
    }
    text.push_str("}\n\nimpl Revision {\n    /// All of them.\n    pub const ALL: &'static [Self] = &[\n");
    revisions.iter().try_for_each(|revision| writeln!(text, "        Self::{},", variant_name(revision)))?;
    // An enum without variants has no number.
    let (version, get) = if revisions.is_empty() {
        ("match self {}", "match self {}")
    } else {
        ("BAKED.revisions[self as usize].version", "&REVISIONS.as_slice()[self as usize]")
    };
    write!(
        text,
        "    ];

    /// The version.
    #[must_use]
    pub const fn version(self) -> i64 {{
        {version}
    }}

    /// The revision itself.
    #[must_use]
    pub fn get(self) -> &'static ::hardtack::revisions::Revision {{
        {get}
    }}
}}
"
    )
}

fn push_module(text: &mut String, revision: &Revision) -> fmt::Result {
    let (file, module) = (revision.up.file(), module_name(revision));
    writeln!(text, "\n/// `{file}`\npub mod {module} {{")?;
    writeln!(text, "    /// The version.\n    pub const VERSION: i64 = {};", Grouped(revision.version))?;
    writeln!(text, "    /// The stem of the files.\n    pub const STEM: &str = {:?};", revision.stem())?;
    if let Step::Sql(script) = &revision.up {
        writeln!(text, "    /// The text of the up.\n    pub const UP: &str = {:?};", script.text)?;
    }
    if let Down::Step(Step::Sql(script)) = &revision.down {
        writeln!(text, "    /// The text of the down.\n    pub const DOWN: &str = {:?};", script.text)?;
    }
    if let Schema::Text(schema) = &revision.schema {
        text.push_str(schema);
    }
    push_code(text, revision)?;
    text.push_str("}\n");
    Ok(())
}

/// The user's file is a module of its own, so that the revision's has room for what is generated for it.
fn push_code(text: &mut String, revision: &Revision) -> fmt::Result {
    let (file, path) = match (&revision.up, &revision.down, &revision.around.companion) {
        (Step::Rust(file), ..) | (_, Down::Step(Step::Rust(file)), _) => (&file.file, &file.path),
        (.., Some(companion)) => (&companion.file, &companion.path),
        _ => return Ok(()),
    };
    let path = path.to_string_lossy();
    writeln!(text, "    /// The functions of `{file}`.\n    #[path = {path:?}]\n    pub mod code;")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::policy::Policy;
    use crate::resolve::resolve;

    #[test]
    fn rich_folders_render_to_rust() {
        let folder = tempfile::tempdir().unwrap();
        let text = "select 'it''s \"# {} \\ größe \u{301}\r\n', r#\"x\"#";
        for (file, text) in [
            ("V1__Größe__x.sql", text),
            ("V1__Größe__x.down.sql", "-- hardtack: lock-timeout 2s\nselect 1; select 2"),
            (
                "U2__2fa.sql",
                "-- hardtack: no-transaction\n-- hardtack: irreversible \"a \\ \"b\"\"\nselect 1",
            ),
            ("V3__rust.rs", "#[up(lock_timeout = \"1min\")]\nasync fn a() {}\n#[down]\nasync fn b() {}"),
            ("V4__missing.sql", "select 1"),
            ("V5__hooks.sql", "-- hardtack: check \"größe\" select 'ü' is not null; -- x\nselect 1"),
            ("V5__hooks.down.sql", "select 1"),
            ("V5__hooks.rs", "#[after] async fn a() {}\n#[check(before)] async fn b() {}"),
        ] {
            fs::write(folder.path().join(file), text).unwrap();
        }
        let resolved = resolve(folder.path(), &Policy::default()).unwrap();
        let text = render(&resolved);
        let file = syn::parse_file(&text).unwrap();
        let modules = file.items.iter().filter_map(|item| match item {
            syn::Item::Mod(module) => Some(module.ident.to_string()),
            _ => None,
        });
        assert_eq!(
            modules.collect::<Vec<_>>(),
            ["v1_größe_x", "u2_2fa", "v3_rust", "v4_missing", "v5_hooks"]
        );
        assert!(text.starts_with("::core::compile_error!(\""), "{text}");
        assert!(text.contains("(29, 37), (39, 47), "), "{text}");
        assert!(
            text.contains("Settings::from_baked(::hardtack::revisions::Transaction::PerRevision, 60_000)")
        );
        assert!(text.contains(
            "functions: &[v3_rust::code::__hardtack_up, v3_rust::code::__hardtack_down, v5_hooks::code::__hardtack_after]"
        ));
        assert!(text.contains("check_functions: &[v5_hooks::code::__hardtack_check_b]"));
        assert!(text.contains("größeV5__hooks.sqlselect 'ü' is not nullbV5__hooks.rs"));
        assert!(text.contains("::hardtack::revisions::Moment::After, "), "{text}");
    }

    #[test]
    fn an_unusable_folder_still_has_a_set() {
        let text = render_unusable("failed to \"read\"");
        assert!(syn::parse_file(&text).is_ok());
        assert!(text.contains("match self {}"));
    }
}
