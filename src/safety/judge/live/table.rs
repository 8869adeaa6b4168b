use crate::safety::TableFacts;
use crate::safety::judge::ask::{Answers, Row, oids, take};
use crate::words;

/// A table with fewer rows is small, where it also has few bytes.
const SMALL_ROWS: u64 = 10_000;

/// A table with fewer bytes, indexes included, is small.
const SMALL_BYTES: u64 = 4 << 20;

/// A table with more bytes, indexes included, is large.
const LARGE_BYTES: u64 = 1 << 30;

/// A table with more rows is large.
const LARGE_ROWS: u64 = 10_000_000;

/// A table that a plan touches, with its partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) oid: u32,
    /// Qualified, quoted where it must be.
    pub(super) qualified: String,
    /// As `pg_class.relkind` has it.
    pub(super) kind: String,
    /// How many partitions and children it has, at all depths.
    pub(super) partitions: u64,
    /// How many relations there are to lock: the table, its partitions, their indexes and TOAST.
    pub(super) pieces: u64,
    /// Rows, by the server's estimate; none where it was never analysed.
    pub(super) rows: Option<u64>,
    /// Bytes with TOAST.
    pub(super) bytes: u64,
    /// Bytes of its indexes.
    pub(super) index_bytes: u64,
    /// Transactions since its oldest row was last frozen.
    pub(super) freeze_age: Option<u64>,
}

impl Table {
    /// The shape, which is read without any lock.
    pub(super) fn query(tables: &[u32]) -> String {
        format!(
            "{}, piece as ( \
                 select m.root, c.relkind, c.reltuples, c.reltuples < 0 or c.reltuples = 0 and c.relpages = 0 as unknown, \
                     c.relpages + coalesce((select t.relpages from pg_catalog.pg_class t where t.oid = c.reltoastrelid), 0) as pages, \
                     1 + i.count + case when c.reltoastrelid <> 0 then 2 else 0 end as relations, i.pages as index_pages, \
                     case when c.relfrozenxid <> '0' then pg_catalog.age(c.relfrozenxid) end as age \
                 from member m join pg_catalog.pg_class c on c.oid = m.oid, lateral ( \
                     select pg_catalog.count(*), coalesce(pg_catalog.sum(ic.relpages), 0) as pages \
                     from pg_catalog.pg_index x join pg_catalog.pg_class ic on ic.oid = x.indexrelid \
                     where x.indrelid = c.oid) i) \
             select p.root, pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind, pg_catalog.count(*) - 1, \
                 pg_catalog.sum(p.relations), \
                 case when not coalesce(pg_catalog.bool_or(p.unknown) filter (where p.relkind in ('r', 'm')), false) \
                     then pg_catalog.round(coalesce(pg_catalog.sum(p.reltuples) filter (where p.relkind in ('r', 'm')), 0))::pg_catalog.int8 end, \
                 pg_catalog.sum(p.pages) * pg_catalog.current_setting('block_size')::pg_catalog.int8, \
                 pg_catalog.sum(p.index_pages) * pg_catalog.current_setting('block_size')::pg_catalog.int8, \
                 pg_catalog.max(p.age) \
             from piece p join pg_catalog.pg_class c on c.oid = p.root join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
             group by p.root, n.nspname, c.relname, c.relkind",
            members(tables)
        )
    }

    /// The bytes as they are now. Reading them wants a lock on each table, though the weakest.
    pub(super) fn size_query(tables: &[u32]) -> String {
        format!(
            "{}, piece as ( \
                 select m.root, c.relkind, greatest(c.reltuples, 0) as rows, pg_catalog.pg_table_size(c.oid) as bytes, \
                     pg_catalog.pg_indexes_size(c.oid) as index_bytes, \
                     pg_catalog.pg_relation_size(c.oid) > 0 and (c.reltuples < 0 or c.reltuples = 0 and c.relpages = 0) as unknown \
                 from member m join pg_catalog.pg_class c on c.oid = m.oid where c.relkind in ('r', 'm')) \
             select root, pg_catalog.sum(bytes), pg_catalog.sum(index_bytes), \
                 case when not pg_catalog.bool_or(unknown) then pg_catalog.round(pg_catalog.sum(rows))::pg_catalog.int8 end \
             from piece group by root",
            members(tables)
        )
    }

    pub(super) fn read(shapes: &Answers, sizes: &Answers) -> Vec<Self> {
        let mut tables = take(shapes, 0, shape);
        for (oid, bytes, index_bytes, rows) in take(sizes, 0, size) {
            if let Some(table) = tables.iter_mut().find(|table| table.oid == oid) {
                (table.bytes, table.index_bytes, table.rows) = (bytes, index_bytes, rows);
            }
        }
        tables
    }

    /// The name, without the schema that goes without saying.
    pub(super) fn name(&self) -> &str {
        self.qualified.strip_prefix("public.").unwrap_or(&self.qualified)
    }

    /// Bytes with indexes.
    pub(super) fn total(&self) -> u64 {
        self.bytes.saturating_add(self.index_bytes)
    }

    /// Whether whatever is done to it takes a moment only. One that was never analysed is judged by its bytes.
    pub(super) fn is_small(&self) -> bool {
        self.total() < SMALL_BYTES && self.rows.is_none_or(|rows| rows < SMALL_ROWS)
    }

    pub(super) fn is_large(&self) -> bool {
        self.total() > LARGE_BYTES || self.rows.is_some_and(|rows| rows > LARGE_ROWS)
    }

    /// Whether it holds rows of its own or of its partitions.
    pub(super) fn holds_rows(&self) -> bool {
        ["r", "p", "m"].contains(&self.kind.as_str())
    }

    /// `52 million rows, 9.1 GB with indexes`.
    pub(super) fn size(&self) -> String {
        let bytes = words::bytes(self.total());
        match self.rows {
            Some(rows) => format!("{}, {bytes} with indexes", words::counted(rows, "row", "rows")),
            None => format!("{bytes} with indexes, and was never analysed"),
        }
    }

    pub(super) fn facts(&self) -> TableFacts {
        let Self { qualified, rows, bytes, index_bytes, .. } = self;
        TableFacts { table: qualified.clone(), rows: *rows, bytes: *bytes, index_bytes: *index_bytes }
    }
}

/// A `WITH` that is left open: each table and all that hangs below it. `pg_partition_tree` would lock them.
pub(super) fn members(tables: &[u32]) -> String {
    format!(
        "with recursive member (root, oid) as ( \
             select c.oid, c.oid from pg_catalog.pg_class c where c.oid in ({}) \
             union select m.root, i.inhrelid from member m join pg_catalog.pg_inherits i on i.inhparent = m.oid)",
        oids(tables)
    )
}

fn shape(row: &Row) -> Option<Table> {
    Some(Table {
        oid: row.number(0)?,
        qualified: row.text(1),
        kind: row.text(2),
        partitions: row.number(3)?,
        pieces: row.number(4)?,
        rows: row.number(5),
        bytes: row.number(6).unwrap_or_default(),
        index_bytes: row.number(7).unwrap_or_default(),
        freeze_age: row.number(8),
    })
}

fn size(row: &Row) -> Option<(u32, u64, u64, Option<u64>)> {
    Some((row.number(0)?, row.number(1)?, row.number(2)?, row.number(3)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: Option<u64>, bytes: u64) -> Table {
        Table { rows, bytes, index_bytes: bytes / 10, ..Table::default() }
    }

    #[test]
    fn small_is_few_rows_and_few_bytes() {
        assert!(table(Some(9_999), 1 << 20).is_small());
        assert!(!table(Some(10_000), 1 << 20).is_small());
        assert!(!table(Some(10), 4 << 20).is_small());
        assert!(table(None, 8_192).is_small());
        assert!(!table(None, 1 << 30).is_small());
        assert!(table(Some(11_000_000), 0).is_large());
        assert!(table(None, 1 << 30).is_large());
    }

    #[test]
    fn sizes_in_words() {
        assert_eq!(table(Some(52_000_000), 9 << 30).size(), "52 million rows, 9.9 GB with indexes");
        assert_eq!(table(None, 8 << 20).size(), "8.8 MB with indexes, and was never analysed");
    }
}
