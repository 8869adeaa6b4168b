use std::time::Duration;

use serde::Serialize;
use tokio_postgres::{Client, SimpleQueryRow};

use super::read::rows_within_reach;
use super::run_log::host_name;
use crate::config::HistoryTable;
use crate::db::{as_role, quote_literal, quote_or_null};

/// That somebody did for a plan what a gate asks for: a row of `hardtack.evidence`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What was done.
    pub kind: EvidenceKind,
    /// The hash of the plan: [`Plan::hash`](crate::Plan::hash).
    pub plan: String,
    /// How long ago it was recorded, by the clock of the server.
    pub age: Duration,
}

/// What was done for a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// It was rehearsed.
    Rehearsal,
    /// A backup was taken.
    Backup,
}

impl Evidence {
    /// The newest of each kind and plan that is no older than `within`. None where hardtack never wrote, or may not read.
    /// One round trip; writes nothing.
    pub(crate) async fn read(
        client: &Client,
        table: &HistoryTable,
        within: Duration,
    ) -> Result<Vec<Self>, tokio_postgres::Error> {
        let query = format!(
            "{}select kind, plan, extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.max(at)) \
             from hardtack.evidence where history_table = {} \
             and at >= pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => {}) group by kind, plan",
            as_role(table.role()),
            quote_literal(&table.to_string()),
            within.as_secs(),
        );
        Ok(rows_within_reach(client, &query).await?.iter().filter_map(Self::of).collect())
    }

    fn of(row: &SimpleQueryRow) -> Option<Self> {
        let kind = EvidenceKind::ALL.into_iter().find(|kind| row.get(0) == Some(kind.name()))?;
        let seconds: f64 = row.get(2)?.parse().ok()?;
        let age = Duration::try_from_secs_f64(seconds.max(0.0)).ok()?;
        Some(Self { kind, plan: row.get(1)?.to_owned(), age })
    }
}

impl EvidenceKind {
    const ALL: [Self; 2] = [Self::Rehearsal, Self::Backup];

    /// As `hardtack.evidence` has it: `rehearsal` or `backup`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rehearsal => "rehearsal",
            Self::Backup => "backup",
        }
    }

    /// The statement that records it of the plan with this hash.
    pub(crate) fn record(self, table: &HistoryTable, plan: &str, note: &str) -> String {
        format!(
            "insert into hardtack.evidence (history_table, kind, plan, host, note) values ({}, '{}', {}, {}, {})",
            quote_literal(&table.to_string()),
            self.name(),
            quote_literal(plan),
            quote_or_null(host_name().as_deref()),
            quote_literal(note),
        )
    }
}
