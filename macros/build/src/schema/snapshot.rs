use serde::Deserialize;
use serde_json::value::RawValue;

use crate::checksum::is_as_written;

/// The newest form of the file that is understood here.
const FORMAT: u64 = 1;

/// A catalog as `hardtack snapshot` wrote it, as far as tables and types go.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// What stands for the revisions that had run.
    pub(crate) history: String,
    pub(crate) objects: Vec<Object>,
}

/// An object that typed tables are made of.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    /// A table of any kind, whose columns are objects of their own.
    Table,
    /// One of them.
    Column {
        position: i64,
        column: Column,
    },
    /// A view of either kind, with its columns.
    View(Vec<Column>),
    Enum(Vec<String>),
    Composite(Vec<Column>),
    Domain {
        ty: String,
        not_null: bool,
    },
}

/// A column of a table or view, or an attribute of a composite type.
#[derive(Debug, Deserialize)]
pub(crate) struct Column {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
    #[serde(default)]
    pub(crate) not_null: bool,
    /// Whether rows from before may hold nulls all the same (PostgreSQL 18 and later).
    #[serde(default)]
    not_null_not_valid: bool,
}

/// Why a file is no snapshot that can be used, with its place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unusable {
    pub(crate) message: String,
    pub(crate) help: Option<&'static str>,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

#[derive(Deserialize)]
struct File<'a> {
    hardtack: u64,
    history: String,
    #[serde(borrow)]
    objects: Vec<RawObject<'a>>,
}

#[derive(Deserialize)]
struct Header {
    hardtack: u64,
}

#[derive(Deserialize)]
struct RawObject<'a> {
    kind: String,
    #[serde(default)]
    schema: String,
    name: String,
    #[serde(default)]
    part: String,
    #[serde(default)]
    position: i64,
    /// Each kind has its own; most of them nobody asks for here.
    #[serde(borrow)]
    definition: &'a RawValue,
}

#[derive(Deserialize)]
struct Labels {
    #[serde(default)]
    labels: Vec<String>,
}

#[derive(Deserialize)]
struct Attributes {
    #[serde(default)]
    attributes: Vec<Column>,
}

#[derive(Deserialize)]
struct Columns {
    #[serde(default)]
    columns: Vec<Column>,
}

impl Snapshot {
    pub(crate) fn parse(text: &str) -> Result<Self, Unusable> {
        let snapshot = Self::read(text)?;
        if is_as_written(text) {
            return Ok(snapshot);
        }
        let message = "a snapshot that was changed by hand or in a merge".to_owned();
        Err(Unusable { message, help: None, line: 1, column: 1 })
    }

    /// The same of a text that may have been changed.
    pub(crate) fn read(text: &str) -> Result<Self, Unusable> {
        let read = serde_json::from_str::<File<'_>>(text);
        let format = match &read {
            Ok(file) => file.hardtack,
            // A later version may write anything behind the number.
            Err(_) => serde_json::from_str::<Header>(text).map_or(FORMAT, |header| header.hardtack),
        };
        if format > FORMAT {
            return Err(Unusable {
                message: format!(
                    "a snapshot of format {format}, and this build knows formats up to {FORMAT}"
                ),
                help: Some("update hardtack-build to the version of the `hardtack` command that wrote it"),
                line: 1,
                column: 1,
            });
        }
        let File { history, objects, .. } = read.map_err(not_one)?;
        let objects = objects.into_iter().filter_map(|object| object.read().transpose());
        Ok(Self { history, objects: objects.collect::<Result<_, _>>()? })
    }
}

impl RawObject<'_> {
    /// The object; none of a kind that no table is made of.
    fn read(self) -> Result<Option<Object>, Unusable> {
        let what = match self.kind.as_str() {
            "table" | "foreign table" => What::Table,
            "column" => {
                let column: Column = self.definition()?;
                let not_null = column.not_null && !column.not_null_not_valid;
                let column = Column { name: self.part.clone(), not_null, ..column };
                What::Column { position: self.position, column }
            }
            "view" | "materialized view" => What::View(self.definition::<Columns>()?.columns),
            "enum" => What::Enum(self.definition::<Labels>()?.labels),
            "composite type" => What::Composite(self.definition::<Attributes>()?.attributes),
            "domain" => {
                let Column { ty, not_null, .. } = self.definition()?;
                What::Domain { ty, not_null }
            }
            _ => return Ok(None),
        };
        Ok(Some(Object { schema: self.schema, name: self.name, what }))
    }

    fn definition<'d, T: Deserialize<'d>>(&'d self) -> Result<T, Unusable> {
        serde_json::from_str(self.definition.get()).map_err(|error| {
            let what = [&self.kind, &self.schema, &self.name, &self.part].map(String::as_str);
            let what: Vec<_> = what.into_iter().filter(|word| !word.is_empty()).collect();
            let message =
                format!("no snapshot: the definition of {}: {}", what.join(" "), without_place(&error));
            Unusable { message, help: None, line: 1, column: 1 }
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn not_one(error: serde_json::Error) -> Unusable {
    let (line, column) = (error.line().max(1), error.column().max(1));
    Unusable { message: format!("no snapshot: {}", without_place(&error)), help: None, line, column }
}

fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(objects: &str) -> Result<Snapshot, Unusable> {
        Snapshot::read(&format!("{{\"hardtack\":1,\"history\":\"\",\"objects\":[\n{objects}\n]}}\n"))
    }

    #[test]
    fn kinds_that_no_table_is_made_of_are_passed_over() {
        let text = r#"{"kind":"schema","name":"public","definition":{}},
            {"kind":"constraint","schema":"public","name":"t","part":"p","definition":{"type":["x"],"columns":["a"]}},
            {"kind":"some day","name":"x","definition":null},
            {"kind":"table","schema":"public","name":"t","definition":{"partition_by":"x"},"owner":"o"}"#;
        let objects = parse(text).unwrap().objects;
        assert_eq!(objects.len(), 1);
        assert!(matches!(objects[0].what, What::Table));
    }

    #[test]
    fn what_is_no_snapshot_says_where() {
        let error = parse("<<<<<<< HEAD").unwrap_err();
        assert_eq!((error.line, error.column), (2, 1));
        assert!(error.message.starts_with("no snapshot: expected value"), "{}", error.message);
        let error = Snapshot::parse("{}").unwrap_err();
        assert!(error.message.starts_with("no snapshot: missing field `hardtack`"), "{}", error.message);
        let error =
            parse(r#"{"kind":"column","schema":"s","name":"t","part":"a","definition":{}}"#).unwrap_err();
        assert!(
            error.message.starts_with("no snapshot: the definition of column s t a: missing field `type`")
        );
    }

    #[test]
    fn a_text_that_was_changed_is_refused() {
        let seal = "f257524353cbee76e5473a18fcf618505d1edb81f29b8b73f7247d3ea6e285f0";
        let text = |position: u8| {
            format!(
                "{{\"hardtack\":1,\"history\":\"\",\"fingerprint\":\"{seal}\",\"objects\":[\n\
                 {{\"kind\":\"column\",\"schema\":\"s\",\"name\":\"t\",\"part\":\"a\",\"position\":{position},\
                 \"definition\":{{\"type\":\"integer\"}}}}\n]}}\n"
            )
        };
        Snapshot::parse(&text(1)).unwrap();
        Snapshot::parse(&text(1).replace('\n', "\r\n")).unwrap();
        let error = Snapshot::parse(&text(2)).unwrap_err();
        assert_eq!(error.message, "a snapshot that was changed by hand or in a merge");
        let without = text(1).replace(&format!("\"fingerprint\":\"{seal}\","), "");
        Snapshot::parse(&without).unwrap_err();
    }

    #[test]
    fn a_newer_form_is_told_from_a_broken_file() {
        let error = Snapshot::parse("{\"hardtack\":2,\"things\":{}}").unwrap_err();
        assert_eq!(error.message, "a snapshot of format 2, and this build knows formats up to 1");
        assert!(error.help.is_some());
    }
}
