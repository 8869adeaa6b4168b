use std::fmt::Write;

use serde_json::Value;

use super::changes::{Change, ChangeKind, FieldChange, PartChange};
use super::definition::{in_brief, with_parts};
use super::lines::{Line, compared};
use super::{Comparison, count};
use crate::catalog::ddl::{DdlStatement, Rename};
use crate::catalog::{Catalog, ObjectId};
use crate::words::one_line;

/// A remark or hazard begins with it.
const ALERT: char = '!';

impl Comparison<'_> {
    /// The comparison for people: what becomes of each object, what is dangerous about it, and a summary.
    #[must_use]
    pub fn human(&self, colour: bool) -> String {
        let changes = self.changes();
        let mut text = Text { text: String::new(), colour };
        if changes.is_empty() && self.plan.is_empty() {
            let _ = write!(text.text, "{} and {} are equal", self.from.name, self.to.name);
            return text.text;
        }
        let _ = writeln!(text.text, "From {} to {}:\n", self.from.name, self.to.name);
        for change in &changes {
            self.change(&mut text, change);
        }
        self.left_over(&mut text);
        self.meanings(&mut text);
        text.text.push_str(&self.summary(&changes));
        text.text
    }

    fn change(&self, text: &mut Text, change: &Change) {
        text.line(0, change.change.sign(), &titled(&change.object, change.renamed_from.as_ref()));
        if let Some(reason) = change.change.reason() {
            text.line(1, ' ', reason);
        }
        for field in &change.fields {
            text.field(1, field);
        }
        match change.change {
            ChangeKind::Added => text.parts(self.to.catalog, &change.object),
            ChangeKind::Removed => text.counted_parts(self.from.catalog, &change.object),
            _ => change.parts.iter().for_each(|part| self.part(text, part)),
        }
        for &place in &change.statements {
            if let Some(statement) = self.plan.statements.get(place) {
                text.hazards(statement);
            }
        }
        text.text.push('\n');
    }

    fn part(&self, text: &mut Text, part: &PartChange) {
        let PartChange { object, change, renamed_from, fields } = part;
        let catalog = match change {
            ChangeKind::Added => Some(self.to.catalog),
            ChangeKind::Removed => Some(self.from.catalog),
            _ => None,
        };
        let title = match renamed_from {
            Some(old) => format!("{} {} (was {})", object.kind, object.sql(), old.sql()),
            None => part_title(object),
        };
        let brief = catalog.and_then(|catalog| catalog.objects.get(object)).map(in_brief).unwrap_or_default();
        text.line(1, change.sign(), format!("{title}  {brief}").trim_end());
        fields.iter().for_each(|field| text.field(2, field));
    }

    /// What no statement takes away, and what only a person knows.
    fn left_over(&self, text: &mut Text) {
        let plan = self.plan;
        if !plan.unexpressed.is_empty() {
            text.text.push_str("Not in the plan:\n");
            for one in &plan.unexpressed {
                text.line(1, ALERT, &format!("{}: {}", one.object, one.reason));
            }
            text.text.push('\n');
        }
        if !plan.likely_renames.is_empty() {
            text.text.push_str("Dropped and made anew, or renamed? Say so where it is a rename:\n");
            for rename in &plan.likely_renames {
                text.line(1, '?', &format!("{}  {}", rename.from.kind, rename.flag()));
            }
            text.text.push('\n');
        }
    }

    /// What the hazards mean, and how many statements have each.
    fn meanings(&self, text: &mut Text) {
        let hazards = self.hazards();
        if hazards.is_empty() {
            return;
        }
        text.text.push_str("Hazards:\n");
        for (hazard, number) in hazards {
            text.line(1, ALERT, &format!("{:<15} {number:>4}  {}", hazard.name(), hazard.meaning()));
        }
        text.text.push('\n');
    }

    /// `3 objects: 1 added, 1 removed, 1 changed; 5 statements; ..`
    pub(super) fn summary(&self, changes: &[Change]) -> String {
        let kinds = [
            ChangeKind::Added,
            ChangeKind::Removed,
            ChangeKind::Changed,
            ChangeKind::Renamed,
            ChangeKind::Rebuilt,
            ChangeKind::Touched,
        ];
        let of = |kind: ChangeKind| changes.iter().filter(|change| change.change == kind).count();
        let parts: Vec<String> = kinds
            .into_iter()
            .filter(|kind| of(*kind) > 0)
            .map(|kind| format!("{} {}", of(kind), kind.name()))
            .collect();
        let mut text = format!("{}: {}", count(changes.len(), "object"), parts.join(", "));
        let _ = write!(text, "; {}", count(self.plan.statements.len(), "statement"));
        let hazardous = self.plan.statements.iter().filter(|statement| !statement.hazards.is_empty()).count();
        if hazardous > 0 {
            let _ = write!(text, ", {hazardous} with hazards");
        }
        if !self.plan.unexpressed.is_empty() {
            let _ = write!(text, "; {} not in the plan", self.plan.unexpressed.len());
        }
        text
    }
}

impl Rename {
    /// The flag that tells a diff of it: `--rename public.accounts.mail=public.accounts.email`.
    #[must_use]
    pub fn flag(&self) -> String {
        format!("--rename {}={}", plain(&self.from), plain(&self.to))
    }
}

/// A name with everything it stands in: `public.accounts.email`.
fn plain(id: &ObjectId) -> String {
    if id.kind.is_part() { format!("{}.{}", id.relation(), quoted_part(id)) } else { id.sql() }
}

fn quoted_part(id: &ObjectId) -> String {
    crate::catalog::name::quote(&id.part)
}

fn titled(object: &ObjectId, renamed_from: Option<&ObjectId>) -> String {
    match renamed_from {
        Some(old) => format!("{object} (was {})", old.sql()),
        None => object.to_string(),
    }
}

fn part_title(part: &ObjectId) -> String {
    format!("{} {}", part.kind, quoted_part(part))
}

struct Text {
    text: String,
    colour: bool,
}

impl Text {
    fn line(&mut self, depth: usize, sign: char, line: &str) {
        let (indent, line) = ("    ".repeat(depth), one_line(line));
        let painted = match sign {
            _ if !self.colour => None,
            '+' => Some("32"),
            '-' => Some("31"),
            '~' | '=' => Some("33"),
            '!' => Some("1;31"),
            '?' => Some("36"),
            _ => None,
        };
        let _ = match painted {
            Some(code) => writeln!(self.text, "{indent}\x1b[{code}m{sign} {line}\x1b[0m"),
            None => writeln!(self.text, "{}", format!("{indent}{sign} {line}").trim_end()),
        };
    }

    fn field(&mut self, depth: usize, field: &FieldChange) {
        let FieldChange { name, from, to } = field;
        match (from, to) {
            (Value::String(from), Value::String(to)) if from.contains('\n') || to.contains('\n') => {
                self.line(depth, ' ', &format!("{name}:"));
                for line in compared(from, to) {
                    match line {
                        Line::Same(..) => {}
                        Line::Removed(line) => self.line(depth + 1, '-', line),
                        Line::Added(line) => self.line(depth + 1, '+', line),
                    }
                }
            }
            (Value::Array(_) | Value::Null, Value::Array(_) | Value::Null) if !same_elements(from, to) => {
                self.line(depth, ' ', &format!("{name}:"));
                for element in elements(from).iter().filter(|element| lacks(to, element)) {
                    self.line(depth + 1, '-', &shown(element));
                }
                for element in elements(to).iter().filter(|element| lacks(from, element)) {
                    self.line(depth + 1, '+', &shown(element));
                }
            }
            _ => self.line(depth, ' ', &format!("{name}: {} -> {}", shown(from), shown(to))),
        }
    }

    fn parts(&mut self, catalog: &Catalog, object: &ObjectId) {
        let mut parts = with_parts(catalog, object);
        parts.retain(|(id, _)| id.kind.is_part());
        parts.sort_by_key(|(id, part)| (id.kind, part.position));
        for (id, part) in parts {
            self.line(1, '+', format!("{}  {}", part_title(id), in_brief(part)).trim_end());
        }
    }

    fn counted_parts(&mut self, catalog: &Catalog, object: &ObjectId) {
        let parts = with_parts(catalog, object);
        let of = |kind| parts.iter().filter(|(id, _)| id.kind == kind).count();
        let kinds = crate::catalog::Kind::ALL.iter().copied().filter(|kind| kind.is_part() && of(*kind) > 0);
        let counts: Vec<String> = kinds.map(|kind| plural(of(kind), kind.name())).collect();
        if !counts.is_empty() {
            self.line(1, ' ', &format!("with {}", counts.join(", ")));
        }
    }

    fn hazards(&mut self, statement: &DdlStatement) {
        if !statement.hazards.is_empty() {
            let hazards: Vec<&str> = statement.hazards.iter().map(|hazard| hazard.name()).collect();
            self.line(1, ALERT, first_line(&statement.sql));
            self.line(2, ' ', &hazards.join(", "));
        }
    }
}

fn plural(number: usize, noun: &str) -> String {
    match noun {
        "index" if number != 1 => format!("{number} indexes"),
        "policy" if number != 1 => format!("{number} policies"),
        noun => count(number, noun),
    }
}

fn first_line(sql: &str) -> &str {
    sql.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()
}

fn lacks(other: &Value, element: &Value) -> bool {
    !elements(other).contains(element)
}

/// Whether two lists differ in their order alone.
fn same_elements(from: &Value, to: &Value) -> bool {
    !elements(from).iter().any(|element| lacks(to, element))
        && !elements(to).iter().any(|element| lacks(from, element))
}

fn elements(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A value of a field in one line.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.trim().to_owned(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => match fields.get("privilege").and_then(Value::as_str) {
            Some(privilege) => grant(privilege, fields),
            None => fields
                .iter()
                .map(|(name, value)| format!("{name} {}", shown(value)))
                .collect::<Vec<_>>()
                .join(", "),
        },
        value @ Value::Number(_) => value.to_string(),
    }
}

/// A privilege as a snapshot has it, in words.
fn grant(privilege: &str, fields: &serde_json::Map<String, Value>) -> String {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let has = |name: &str| fields.get(name).is_some_and(|value| *value == Value::Bool(true));
    let column = text("column").map(|column| format!(" ({column})")).unwrap_or_default();
    let grantee = text("grantee").unwrap_or("the owner");
    let (grant, option) = (
        if has("revoked") { "without " } else { "" },
        if has("grantable") { " with grant option" } else { "" },
    );
    format!("{grant}{privilege}{column} for {grantee}{option}")
}
