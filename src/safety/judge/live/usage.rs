use super::table::members;
use crate::safety::judge::ask::{Answers, Row, take};
use crate::words;

/// Read within that time, a table counts as in use, in seconds.
const RECENTLY: u64 = 7 * 24 * 3600;

/// How much a table was read, by the server's counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) table: u32,
    /// Scans of the table and of its indexes.
    pub(super) scans: u64,
    /// Rows that were written.
    pub(super) writes: u64,
    /// Seconds since the last one; none where there was none, or before PostgreSQL 16.
    pub(super) ago: Option<u64>,
    /// The day of the last one.
    pub(super) last: Option<String>,
    /// The day since which the server counts.
    pub(super) since: Option<String>,
    /// Whether the server keeps the time of the last scan.
    pub(super) keeps_time: bool,
}

impl Usage {
    /// The columns that only newer servers have are looked for by their names.
    pub(super) fn query(tables: &[u32]) -> String {
        format!(
            "{}, scan as ( \
                 select m.root, coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0) as scans, \
                     s.n_tup_ins + s.n_tup_upd + s.n_tup_del as writes, pg_catalog.to_jsonb(s) as j \
                 from member m join pg_catalog.pg_stat_all_tables s on s.relid = m.oid), \
             total as ( \
                 select root, pg_catalog.sum(scans) as scans, pg_catalog.sum(writes) as writes, pg_catalog.bool_or(j ? 'last_seq_scan') as keeps, \
                     pg_catalog.max(greatest((j ->> 'last_seq_scan')::timestamptz, (j ->> 'last_idx_scan')::timestamptz)) as last \
                 from scan group by root) \
             select root, scans, case when last is not null \
                     then greatest(extract(epoch from pg_catalog.now() - last)::pg_catalog.int8, 0) end, \
                 pg_catalog.to_char(last, 'YYYY-MM-DD'), \
                 (select pg_catalog.to_char(stats_reset, 'YYYY-MM-DD') from pg_catalog.pg_stat_database \
                     where datname = pg_catalog.current_database()), keeps, writes from total",
            members(tables)
        )
    }

    pub(super) fn read(answers: &Answers) -> Vec<Self> {
        take(answers, 0, usage)
    }

    /// Whether somebody reads it. Before PostgreSQL 16 nobody can tell.
    pub(super) fn is_recent(&self) -> bool {
        self.ago.is_some_and(|ago| ago < RECENTLY)
    }

    /// Whether nobody does, nor writes to it.
    pub(super) fn is_idle(&self) -> bool {
        self.writes == 0 && (self.scans == 0 || (self.keeps_time && !self.is_recent()))
    }

    /// `was read 12 s ago, 1,204 times since 2026-02-01`.
    pub(super) fn words(&self) -> String {
        let since = self.since.as_deref().map_or("its counters began".to_owned(), str::to_owned);
        let times = format!("{} since {since}", words::counted(self.scans, "time", "times"));
        match (self.ago, &self.last) {
            _ if self.scans == 0 => format!("was not read since {since}"),
            (Some(ago), _) if ago < RECENTLY => format!("was read {} ago, {times}", words::seconds(ago)),
            (_, Some(last)) => format!("was not read since {last}, {times}"),
            _ => format!("was read {times}"),
        }
    }
}

fn usage(row: &Row) -> Option<Usage> {
    Some(Usage {
        table: row.number(0)?,
        scans: row.number(1)?,
        ago: row.number(2),
        last: row.maybe(3),
        since: row.maybe(4),
        keeps_time: row.is(5),
        writes: row.number(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_in_words() {
        let since = Some("2026-02-01".to_owned());
        let never = Usage { since: since.clone(), keeps_time: true, ..Usage::default() };
        assert_eq!(never.words(), "was not read since 2026-02-01");
        assert!(never.is_idle());
        assert!(!Usage { writes: 3, ..never.clone() }.is_idle(), "it is written to");
        let now = Usage { scans: 1_204, ago: Some(12), last: Some("2026-11-28".into()), ..never.clone() };
        assert_eq!(now.words(), "was read 12 s ago, 1,204 times since 2026-02-01");
        assert!(now.is_recent() && !now.is_idle());
        let once = Usage { ago: Some(RECENTLY), last: Some("2026-11-01".into()), ..now.clone() };
        assert_eq!(once.words(), "was not read since 2026-11-01, 1,204 times since 2026-02-01");
        let old_server = Usage { scans: 1, since: None, ..Usage::default() };
        assert_eq!(old_server.words(), "was read 1 time since its counters began");
        assert!(!old_server.is_recent() && !old_server.is_idle());
    }
}
