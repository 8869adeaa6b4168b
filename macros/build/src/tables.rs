//! A set as `hardtack::revisions::Baked` wants it: numbers, and one text.

use std::fmt::{Display, Write};

use crate::around::{Check, Hook};
use crate::effects::Effect;
use crate::hazards::StaticHazard;
use crate::head::Head;
use crate::names::module_name;
use crate::revision::{Down, Revision, RustFile, Script, Settings, Step, Transaction};

/// The tables of a set, filled revision by revision.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    text: String,
    statements: Vec<(u32, u32)>,
    effects: Vec<String>,
    hazards: Vec<String>,
    /// Paths of functions, seen from the rendered module.
    functions: Vec<String>,
    revisions: Vec<String>,
    /// Of the revisions that have some.
    hooks: Vec<String>,
    /// Of the revisions that have some.
    requires: Vec<String>,
    /// Of the revisions that have some.
    breaks: Vec<String>,
    checks: Vec<String>,
    /// Paths of the functions of checks.
    check_functions: Vec<String>,
}

impl Tables {
    pub(crate) fn of(revisions: &[Revision]) -> Self {
        let mut tables = Self::default();
        for revision in revisions {
            let row = tables.revision(revision);
            tables.push_around(revision);
            tables.revisions.push(row);
        }
        tables
    }

    /// The `Baked` as a Rust expression.
    pub(crate) fn expression(&self, revisions: &[Revision], head: Option<&Head>) -> String {
        let newest = revisions.iter().map(|revision| revision.version).max();
        let newest = newest.map_or("None".to_owned(), |newest| format!("Some({})", Grouped(newest)));
        let checksums: u128 = revisions.iter().map(|revision| u128::from(revision.checksum)).sum();
        let mut text = format!(
            "::hardtack::revisions::Baked {{
    digest: ::hardtack::revisions::Digest {{
        count: {},
        newest: ::core::option::Option::{newest},
        checksums: {},
    }},
    text: {:?},
    statements: &[",
            revisions.len(),
            Grouped(checksums),
            self.text,
        );
        for (start, end) in &self.statements {
            let _ = write!(text, "({}, {}), ", Grouped(start), Grouped(end));
        }
        let rows = self.revisions.iter().fold(String::new(), |rows, row| rows + "\n        " + row + ",");
        let _ = write!(
            text,
            "],\n    effects: &[{}],\n    hazards: &[{}],\n    revisions: &[{rows}\n    ],\n    functions: &[{}],\n    \
             hooks: &[{}],\n    requires: &[{}],\n    breaks: &[{}],\n    checks: &[{}],\n    check_functions: &[{}],\n    snapshot: {},\n}}",
            self.effects.join(", "),
            self.hazards.join(", "),
            self.functions.join(", "),
            self.hooks.join(", "),
            self.requires.join(", "),
            self.breaks.join(", "),
            self.checks.join(", "),
            self.check_functions.join(", "),
            head.map_or("::core::option::Option::None".to_owned(), |head| {
                format!(
                    "::core::option::Option::Some(::core::include_str!({:?}))",
                    head.path.to_string_lossy()
                )
            })
        );
        text
    }

    fn revision(&mut self, revision: &Revision) -> String {
        let module = module_name(revision);
        let name = self.span(&revision.name);
        let up = self.step(&revision.up, &module, "up");
        let down = match &revision.down {
            Down::Step(step) => format!("Step({})", self.step(step, &module, "down")),
            Down::Irreversible(reason) => format!("Irreversible({})", self.span(reason)),
            Down::Missing => "Missing".to_owned(),
        };
        format!(
            "::hardtack::revisions::BakedRevision {{ version: {}, kind: ::hardtack::revisions::Kind::{:?}, \
             name: {name}, up: {up}, down: ::hardtack::revisions::BakedDown::{down}, sha256: {}, checksum: {}, \
             replaces: ::core::option::Option::{} }}",
            Grouped(revision.version),
            revision.kind,
            self.span(&revision.sha256),
            Grouped(revision.checksum),
            revision.replaces.map_or("None".to_owned(), |first| format!("Some({})", Grouped(first))),
        )
    }

    fn step(&mut self, step: &Step, module: &str, direction: &str) -> String {
        match step {
            Step::Sql(script) => self.script(script),
            Step::Rust(file) => self.function(file, module, direction),
        }
    }

    fn script(&mut self, script: &Script) -> String {
        let (file, text) = (self.span(&script.file), self.span(&script.text));
        let start = length(&self.statements);
        self.statements.extend(&script.statements);
        let statements = span(start, length(&self.statements));
        let start = length(&self.effects);
        for effect in &script.effects {
            let row = self.effect(effect);
            self.effects.push(row);
        }
        let effects = span(start, length(&self.effects));
        let start = length(&self.hazards);
        for hazard in &script.hazards {
            let row = self.hazard(hazard);
            self.hazards.push(row);
        }
        let (hazards, settings) = (span(start, length(&self.hazards)), settings(&script.settings));
        format!(
            "::hardtack::revisions::BakedStep::Sql({file}, {text}, {statements}, {effects}, {hazards}, {settings})"
        )
    }

    fn effect(&mut self, Effect { statement, kind, object, part }: &Effect) -> String {
        let (object, part) = (self.span(object), self.span(part));
        format!(
            "::hardtack::revisions::BakedEffect({}, ::hardtack::revisions::EffectKind::{kind:?}, {object}, {part})",
            Grouped(statement)
        )
    }

    fn hazard(&mut self, hazard: &StaticHazard) -> String {
        let StaticHazard { statement, rule, object, part, allowed } = hazard;
        let (rule, object, part) = (self.span(rule), self.span(object), self.span(part));
        let allowed = match allowed {
            Some(reason) => format!("Some({})", self.span(reason)),
            None => "None".to_owned(),
        };
        format!(
            "::hardtack::revisions::BakedHazard({}, {rule}, {object}, {part}, ::core::option::Option::{allowed})",
            Grouped(statement)
        )
    }

    fn function(&mut self, file: &RustFile, module: &str, direction: &str) -> String {
        let (name, marker, place) = (self.span(&file.file), self.span(&file.marker), length(&self.functions));
        self.functions.push(format!("{module}::code::__hardtack_{direction}"));
        let (settings, alters_schema) = (settings(&file.settings), file.alters_schema);
        format!(
            "::hardtack::revisions::BakedStep::Rust({name}, {marker}, {place}, {settings}, {alters_schema})"
        )
    }

    /// What runs around a revision's up; the revision is the next.
    fn push_around(&mut self, revision: &Revision) {
        let (module, place) = (module_name(revision), Grouped(length(&self.revisions)));
        let around = &revision.around;
        if let Some(companion) = &around.companion {
            let (file, marker) = (self.span(&companion.file), self.span(&companion.marker));
            let before = self.hook(around.before, &module, "before");
            let after = self.hook(around.after, &module, "after");
            let backfill = self.backfill(around.backfill, &module);
            self.hooks.push(format!(
                "::hardtack::revisions::BakedHooks({place}, {file}, {marker}, {before}, {after}, {backfill})"
            ));
        }
        let requires = around.requires.iter().map(|&version| format!("({place}, {})", Grouped(version)));
        self.requires.extend(requires);
        let breaks = around.breaks_before.map(|version| format!("({place}, {})", Grouped(version)));
        self.breaks.extend(breaks);
        for check in &around.checks {
            let row = self.check(check, &module);
            self.checks.push(format!("::hardtack::revisions::BakedCheck({place}, {row})"));
        }
    }

    fn hook(&mut self, hook: Option<Hook>, module: &str, name: &str) -> String {
        let Some(Hook { alters_schema }) = hook else { return "::core::option::Option::None".to_owned() };
        let place = Grouped(length(&self.functions));
        self.functions.push(format!("{module}::code::__hardtack_{name}"));
        format!("::core::option::Option::Some(({place}, {alters_schema}))")
    }

    fn backfill(&mut self, is_there: bool, module: &str) -> String {
        if !is_there {
            return "::core::option::Option::None".to_owned();
        }
        let place = Grouped(length(&self.functions));
        self.functions.push(format!("{module}::code::__hardtack_backfill"));
        format!("::core::option::Option::Some({place})")
    }

    fn check(&mut self, check: &Check, module: &str) -> String {
        let (name, file) = (self.span(&check.name), self.span(&check.file));
        let question = match &check.query {
            Some(query) => format!("Sql({})", self.span(query)),
            None => {
                let place = Grouped(length(&self.check_functions));
                self.check_functions.push(format!("{module}::code::__hardtack_check_{}", check.name));
                format!("Rust({place})")
            }
        };
        format!(
            "{name}, ::hardtack::revisions::Moment::{:?}, {file}, ::hardtack::revisions::BakedQuestion::{question}",
            check.moment
        )
    }

    fn span(&mut self, text: &str) -> String {
        let start = length(self.text.as_bytes());
        self.text.push_str(text);
        span(start, length(self.text.as_bytes()))
    }
}

/// A number in groups of three digits, as clippy reads it best.
pub(crate) struct Grouped<N>(pub(crate) N);

impl<N: Display> Display for Grouped<N> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.0.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                formatter.write_str("_")?;
            }
            write!(formatter, "{digit}")?;
        }
        Ok(())
    }
}

/// A binary holds no set of four gigabytes: the compiler would stop long before.
fn length<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

fn span(start: u32, end: u32) -> String {
    format!("::hardtack::revisions::Span({}, {})", Grouped(start), Grouped(end))
}

fn settings(settings: &Settings) -> String {
    let transaction = match settings.transaction {
        Transaction::PerRevision => "PerRevision",
        Transaction::None => "None",
    };
    let timeout = settings.lock_timeout.map_or(0, |timeout| timeout.as_millis());
    format!(
        "::hardtack::revisions::Settings::from_baked(::hardtack::revisions::Transaction::{transaction}, {})",
        Grouped(timeout)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        let text = |number: u64| Grouped(number).to_string();
        assert_eq!([text(1), text(999), text(1_000), text(20_240_101)], ["1", "999", "1_000", "20_240_101"]);
    }
}
