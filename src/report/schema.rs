//! The published schema holds for what is written. Read more strictly than it says: a field without a description there is an
//! error here, though readers are told to expect new ones.

use serde_json::Value;

use super::{Issue, Level, Outcome, Report, Section, fixture};
use crate::engine::dry_run::{Depth, DryRun, Place, Rehearsed};
use crate::revisions::{Direction, Down, Kind, Transaction};
use crate::safety::{LockMode, LossKind, Verdict};

const SCHEMA: &str = include_str!("../../docs/report.schema.json");

/// Keywords that the walk below understands; another one would go unchecked.
const KEYWORDS: &[&str] = &[
    "$schema",
    "$id",
    "$defs",
    "$ref",
    "title",
    "description",
    "type",
    "required",
    "properties",
    "items",
    "enum",
    "const",
    "oneOf",
    "minimum",
];

/// A schema with the document that it is part of.
#[derive(Clone, Copy)]
struct Schema<'a> {
    root: &'a Value,
    here: &'a Value,
}

impl<'a> Schema<'a> {
    fn at(self, here: &'a Value) -> Self {
        Self { here, ..self }
    }

    /// What is wrong with a value, with the place.
    fn check(self, value: &Value, place: &str) -> Result<(), String> {
        let fields = self.here.as_object().unwrap();
        for keyword in fields.keys() {
            assert!(KEYWORDS.contains(&keyword.as_str()), "{keyword} is not understood");
        }
        if let Some(name) = self.here["$ref"].as_str() {
            let found = self.root.pointer(name.strip_prefix('#').unwrap()).expect(name);
            return self.at(found).check(value, place);
        }
        self.check_alone(value, place)?;
        if let Some(items) = fields.get("items") {
            for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                self.at(items).check(item, &format!("{place}/{number}"))?;
            }
        }
        self.check_one_of(value, place)?;
        self.check_fields(value, place)
    }

    fn check_alone(self, value: &Value, place: &str) -> Result<(), String> {
        let here = self.here;
        let types: Vec<&str> = match &here["type"] {
            Value::String(one) => vec![one],
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let holds = [
            types.is_empty() || types.iter().any(|name| is_of(value, name)),
            here.get("const").is_none_or(|one| one == value),
            here["enum"].as_array().is_none_or(|values| values.contains(value)),
            here["minimum"].as_f64().is_none_or(|least| value.as_f64().is_none_or(|number| number >= least)),
        ];
        if holds.contains(&false) { Err(format!("{place}: {value} is not {here}")) } else { Ok(()) }
    }

    fn check_one_of(self, value: &Value, place: &str) -> Result<(), String> {
        let Some(several) = self.here["oneOf"].as_array() else { return Ok(()) };
        let results: Vec<Result<(), String>> =
            several.iter().map(|one| self.at(one).check(value, place)).collect();
        match results.iter().filter(|result| result.is_ok()).count() {
            1 => Ok(()),
            number => Err(format!("{place}: {number} of several hold: {results:?}")),
        }
    }

    fn check_fields(self, value: &Value, place: &str) -> Result<(), String> {
        let (Some(properties), Some(fields)) = (self.here["properties"].as_object(), value.as_object())
        else {
            return Ok(());
        };
        for name in self.here["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(properties.contains_key(name), "{name} is required and nowhere described");
            fields.get(name).ok_or_else(|| format!("{place}: no {name}"))?;
        }
        for (name, field) in fields {
            let property = properties.get(name).ok_or_else(|| format!("{place}: {name} is not described"))?;
            self.at(property).check(field, &format!("{place}/{name}"))?;
        }
        Ok(())
    }
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    }
}

fn holds(report: &Report<'_>) -> Result<(), String> {
    let root: Value = serde_json::from_str(SCHEMA).unwrap();
    let document: Value = serde_json::from_str(&report.json()).unwrap();
    Schema { root: &root, here: &root }.check(&document, "")
}

fn of(dry_run: &DryRun) {
    assert_eq!(holds(&Report::of_dry_run(dry_run, Some("migrations"))), Ok(()));
}

#[test]
fn reports_are_as_the_schema_says() {
    of(&fixture::three());
    of(&fixture::three_hundred());
    of(&fixture::hostile());
    let mut dry_run = fixture::three();
    (dry_run.rehearsal, dry_run.from, dry_run.to) = (None, None, None);
    dry_run.steps.clear();
    of(&dry_run);
}

#[test]
fn every_variant_has_its_place() {
    let mut dry_run = fixture::three();
    for verdict in Verdict::ALL {
        (dry_run.verdict, dry_run.steps[0].verdict) = (verdict, verdict);
        of(&dry_run);
    }
    for mode in LockMode::ALL {
        dry_run.steps[0].statements[0].measured.as_mut().unwrap().locks[0].mode = mode;
        of(&dry_run);
    }
    for depth in [Depth::Plan, Depth::Rehearse, Depth::Full] {
        dry_run.depth = depth;
        of(&dry_run);
    }
    let kinds = [
        LossKind::Table,
        LossKind::Column,
        LossKind::Rows,
        LossKind::Values,
        LossKind::Cascade,
        LossKind::Code,
    ];
    for kind in kinds {
        dry_run.losses[0].kind = kind;
        of(&dry_run);
    }
    for place in [Place::Database, Place::Scratch, Place::Clone] {
        dry_run.steps[0].rehearsed = Rehearsed::GaveUp { place, reason: String::new() };
        of(&dry_run);
    }
    dry_run.direction = Direction::Down;
    let revision = &mut dry_run.steps[0].revision;
    (revision.kind, revision.transaction, revision.down) =
        (Kind::Unversioned, Transaction::None, Down::Missing);
    of(&dry_run);
}

#[test]
fn sections_alone_are_as_the_schema_says() {
    let issue = |level| Issue {
        level,
        rule: "drift".into(),
        message: String::new(),
        help: String::new(),
        file: None,
        line: Some(1),
        accepted: Some(String::new()),
    };
    let section = |outcome| Section {
        name: "drift".to_owned(),
        title: String::new(),
        outcome,
        summary: String::new(),
        issues: [Level::Notice, Level::Warning, Level::Error].map(issue).to_vec(),
    };
    let outcomes = [Outcome::Passed, Outcome::Failed, Outcome::Skipped { reason: String::new() }];
    assert_eq!(holds(&Report::of_sections("", "", outcomes.map(section).to_vec())), Ok(()));
}

#[test]
fn what_is_not_described_is_found() {
    let root: Value = serde_json::from_str(SCHEMA).unwrap();
    let schema = Schema { root: &root, here: &root };
    let mut document: Value = serde_json::from_str(&Report::of_sections("", "", Vec::new()).json()).unwrap();
    assert_eq!(schema.check(&document, ""), Ok(()));
    document["new"] = Value::Null;
    assert_eq!(schema.check(&document, ""), Err(": new is not described".to_owned()));
    document["format"] = 2.into();
    assert!(schema.check(&document, "").unwrap_err().starts_with("/format: 2 is not"));
}
