//! Whether a table still takes the rows that were taken of it.

use super::PutBackError;
use super::live::LiveTable;
use crate::backup::TableEntry;

/// The table, where it does.
pub(super) fn check(entry: &TableEntry, live: Option<LiveTable>) -> Result<LiveTable, PutBackError> {
    let table = entry.to_string();
    let Some(live) = live else { return Err(PutBackError::NoTable { table }) };
    if live.kind != "r" {
        return Err(PutBackError::NoOrdinaryTable { table });
    }
    for column in &entry.columns {
        let found = live.columns.iter().find(|found| found.name == column.name && !found.is_generated);
        let Some(found) = found else {
            return Err(PutBackError::NoColumn { table, column: column.name.clone() });
        };
        if found.sql_type != column.sql_type {
            let (column, taken) = (column.name.clone(), column.sql_type.clone());
            return Err(PutBackError::OtherType { table, column, taken, found: found.sql_type.clone() });
        }
    }
    let is_taken = |name: &str| entry.columns.iter().any(|column| column.name == name);
    match live.columns.iter().find(|column| column.wants_value && !is_taken(&column.name)) {
        Some(column) => Err(PutBackError::WantsValue { table, column: column.name.clone() }),
        None => Ok(live),
    }
}

#[cfg(test)]
mod tests {
    use super::super::live::LiveColumn;
    use super::*;
    use crate::backup::{ColumnEntry, RowsEntry};

    fn refusal(columns: Vec<LiveColumn>, kind: &str) -> String {
        let entry = TableEntry {
            schema: "app".into(),
            name: "t".into(),
            columns: vec![ColumnEntry { name: "id".into(), sql_type: "integer".into() }],
            content: RowsEntry::default(),
            bytes: 0,
            files: Vec::new(),
        };
        let (keys, switches, sequences) = (Vec::new(), Vec::new(), Vec::new());
        let live = LiveTable { place: 0, oid: 1, kind: kind.into(), columns, keys, switches, sequences };
        check(&entry, Some(live)).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn what_is_another_table_is_refused_by_name() {
        let id = || LiveColumn { name: "id".into(), sql_type: "integer".into(), ..LiveColumn::default() };
        let of_type = |sql_type: &str| LiveColumn { sql_type: sql_type.into(), ..id() };
        let more = |wants_value| LiveColumn { name: "more".into(), wants_value, ..id() };
        assert_eq!(refusal(vec![id(), more(false)], "r"), "");
        assert!(refusal(vec![id()], "v").contains("app.t: it is no ordinary table any more"));
        assert!(refusal(vec![more(false)], "r").contains("app.t: it has no column id to write to"));
        assert!(refusal(vec![of_type("bigint")], "r").contains("id is of the type bigint, and was integer"));
        assert!(refusal(vec![id(), more(true)], "r").contains("more wants a value"));
        let generated = LiveColumn { is_generated: true, ..id() };
        assert!(refusal(vec![generated], "r").contains("it has no column id to write to"));
    }
}
