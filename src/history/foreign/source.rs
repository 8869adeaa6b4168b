use tokio_postgres::SimpleQueryRow;

use super::ForeignRow;

/// How one tool's history table is known and read.
pub(super) struct Source {
    /// What the tool calls it unless it is told otherwise.
    pub(super) tables: &'static [&'static str],
    /// The columns that tell it from the tables of other tools, each with the types it may have.
    pub(super) columns: &'static [(&'static str, &'static [&'static str])],
    /// Whether it has these columns and no others.
    pub(super) only: bool,
    /// What is selected.
    pub(super) select: &'static str,
    /// In which order, so that later rows overrule earlier ones.
    pub(super) order: &'static str,
    /// What the rows mean.
    pub(super) rows: fn(&[Cells]) -> Vec<ForeignRow>,
}

/// One row as the server wrote it.
#[derive(Debug)]
pub(super) struct Cells(Vec<Option<String>>);

/// The types of a text.
pub(super) const TEXT: &[&str] = &["varchar", "text"];
/// The types of a number.
pub(super) const NUMBER: &[&str] = &["int4", "int8"];
/// The types of a truth.
pub(super) const BOOLEAN: &[&str] = &["bool"];
/// The types of a moment.
pub(super) const MOMENT: &[&str] = &["timestamp", "timestamptz"];

impl Source {
    /// Whether a table of these columns, with their types, is the tool's.
    pub(super) fn owns(&self, columns: &[(String, String)]) -> bool {
        let has = |(name, types): &(&str, &[&str])| {
            columns.iter().any(|(column, kind)| column == name && types.contains(&kind.as_str()))
        };
        self.columns.iter().all(has) && (!self.only || columns.len() == self.columns.len())
    }
}

impl Cells {
    pub(super) fn of(row: &SimpleQueryRow) -> Self {
        Self((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect())
    }

    /// The text of a column; null is none.
    pub(super) fn get(&self, column: usize) -> Option<&str> {
        self.0.get(column)?.as_deref()
    }

    /// The text of a column that is never null.
    pub(super) fn text(&self, column: usize) -> String {
        self.get(column).unwrap_or_default().to_owned()
    }

    /// Whether a boolean column is true.
    pub(super) fn is(&self, column: usize) -> bool {
        self.get(column) == Some("t")
    }
}

#[cfg(test)]
impl Cells {
    /// A row as a test writes it; an empty text is null.
    pub(super) fn from_texts(texts: &[&str]) -> Self {
        Self(texts.iter().map(|text| (!text.is_empty()).then(|| (*text).to_owned())).collect())
    }
}
