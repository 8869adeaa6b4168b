use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use tokio_postgres::{Client, SimpleQueryRow};

use super::read::rows_within_reach;
use super::run_log::host_name;
use crate::config::HistoryTable;
use crate::db::{as_role, quote_literal, quote_or_null};

/// A part of a deploy, in the order in which they come. Those from the downgrade on are a way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeployStage {
    /// Whether the database is what the revisions say, before anything is done.
    Verify,
    /// The gates.
    Gates,
    /// A rehearsal of the plan.
    Rehearse,
    /// A backup.
    Backup,
    /// The upgrade itself.
    Upgrade,
    /// Whether what must hold does, and whether the schema is what the revisions make of it.
    Checks,
    /// Whether the application is well.
    Probe,
    /// The revisions of this deploy are undone.
    Downgrade,
    /// The rows of a backup of tables are put back.
    Rows,
    /// A full backup takes the database's place.
    Restore,
    /// Whether the database is what it was.
    AsBefore,
}

/// What is done about a deploy that fails behind the beginning of its upgrade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayBack {
    /// The revisions of this deploy are undone by their downs, and rows that were backed up are put back.
    Downgrade,
    /// The full backup takes the database's place; with a backup of tables it is as `Downgrade`.
    Restore,
    /// Nothing: the database is left where it is.
    #[default]
    Stop,
}

/// How a deploy ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeployEnd {
    Deployed,
    /// Before anything was changed.
    Refused,
    /// It was left where it is.
    Failed,
    Reverted,
    NotReverted,
    /// Another plan came.
    Abandoned,
}

/// What the row of a deploy begins with.
#[derive(Clone, Debug)]
pub(crate) struct NewDeploy<'a> {
    pub(crate) plan: &'a str,
    pub(crate) versions: &'a [i64],
    pub(crate) from: Option<i64>,
    pub(crate) to: i64,
    pub(crate) way_back: WayBack,
}

/// A deploy that has not ended: a row of `hardtack.deploy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeployRow {
    pub(crate) id: i64,
    /// The hash of its plan.
    pub(crate) plan: String,
    /// The revisions of its plan, in order.
    pub(crate) versions: Vec<i64>,
    pub(crate) from: Option<i64>,
    pub(crate) to: i64,
    pub(crate) way_back: WayBack,
    /// The last stage that was begun.
    pub(crate) stage: DeployStage,
    /// Of the catalog just before the upgrade; none where that has not begun.
    pub(crate) fingerprint: Option<String>,
    /// Where its backup is.
    pub(crate) backup: Option<String>,
    /// Why it goes back, where it does.
    pub(crate) error: Option<String>,
}

impl DeployRow {
    /// The one of a history table that has not ended. None where hardtack never wrote, or may not read.
    pub(crate) async fn find(
        client: &Client,
        table: &HistoryTable,
    ) -> Result<Option<Self>, tokio_postgres::Error> {
        let query = format!(
            "{}select id, plan, pg_catalog.array_to_string(versions, ','), from_version, to_version, way_back, stage, \
             fingerprint, backup, error from hardtack.deploy where history_table = {} and finished_at is null",
            as_role(table.role()),
            quote_literal(&table.to_string()),
        );
        Ok(rows_within_reach(client, &query).await?.first().and_then(Self::of))
    }

    fn of(row: &SimpleQueryRow) -> Option<Self> {
        let text = |column: usize| row.get(column).map(str::to_owned);
        let versions = row.get(2)?.split(',').filter_map(|version| version.parse().ok()).collect();
        Some(Self {
            id: row.get(0)?.parse().ok()?,
            plan: text(1)?,
            versions,
            from: row.get(3).and_then(|version| version.parse().ok()),
            to: row.get(4)?.parse().ok()?,
            way_back: row.get(5)?.parse().ok()?,
            stage: DeployStage::LOGGED.into_iter().find(|stage| row.get(6) == Some(stage.name()))?,
            fingerprint: text(7),
            backup: text(8),
            error: text(9),
        })
    }

    /// The statement that begins one.
    pub(crate) fn begin(table: &HistoryTable, new: &NewDeploy<'_>) -> String {
        let versions: Vec<String> = new.versions.iter().map(i64::to_string).collect();
        format!(
            "insert into hardtack.deploy (history_table, plan, versions, from_version, to_version, way_back, stage, host, \
                 process_id, hardtack_version) values ({}, {}, '{{{}}}', {}, {}, '{}', '{}', {}, {}, {})",
            quote_literal(&table.to_string()),
            quote_literal(new.plan),
            versions.join(","),
            new.from.map_or("null".to_owned(), |version| version.to_string()),
            new.to,
            new.way_back,
            DeployStage::Rehearse,
            quote_or_null(host_name().as_deref()),
            std::process::id(),
            quote_literal(env!("CARGO_PKG_VERSION")),
        )
    }

    /// Whether it had failed, and was on its way back.
    pub(crate) fn is_going_back(&self) -> bool {
        self.stage >= DeployStage::Downgrade
    }

    /// Writes down where it is. Once this returns, that is on disk.
    pub(crate) async fn write(
        &self,
        client: &Client,
        table: &HistoryTable,
    ) -> Result<(), tokio_postgres::Error> {
        self.update(client, table, "stage_at = pg_catalog.clock_timestamp()").await
    }

    /// Writes down how it ended, in whichever database its row is by now.
    pub(crate) async fn finish(
        &self,
        client: &Client,
        table: &HistoryTable,
        (end, note): (DeployEnd, Option<&str>),
    ) -> Result<(), tokio_postgres::Error> {
        let ended = format!(
            "finished_at = pg_catalog.clock_timestamp(), outcome = '{}', note = {}",
            end.name(),
            quote_or_null(note)
        );
        self.update(client, table, &ended).await
    }

    async fn update(
        &self,
        client: &Client,
        table: &HistoryTable,
        more: &str,
    ) -> Result<(), tokio_postgres::Error> {
        let statement = format!(
            "begin read write; {}select pg_catalog.set_config('synchronous_commit', 'on', true) \
             where pg_catalog.current_setting('synchronous_commit') = 'off'; update hardtack.deploy set way_back = '{}', \
             stage = '{}', fingerprint = {}, backup = {}, error = {}, {more} \
             where id = {} and history_table = {} and finished_at is null; commit",
            as_role(table.role()),
            self.way_back,
            self.stage,
            quote_or_null(self.fingerprint.as_deref()),
            quote_or_null(self.backup.as_deref()),
            quote_or_null(self.error.as_deref()),
            self.id,
            quote_literal(&table.to_string()),
        );
        client.batch_execute(&statement).await
    }
}

impl DeployStage {
    /// Those that `hardtack.deploy` knows: nothing is written before the rehearsal.
    const LOGGED: [Self; 8] = [
        Self::Rehearse,
        Self::Backup,
        Self::Upgrade,
        Self::Checks,
        Self::Probe,
        Self::Downgrade,
        Self::Rows,
        Self::Restore,
    ];

    /// Whether it is written down when it begins.
    pub(crate) fn is_logged(self) -> bool {
        Self::LOGGED.contains(&self)
    }

    /// As the log and the reports write it: `verify`, `as-before`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Gates => "gates",
            Self::Rehearse => "rehearse",
            Self::Backup => "backup",
            Self::Upgrade => "upgrade",
            Self::Checks => "checks",
            Self::Probe => "probe",
            Self::Downgrade => "downgrade",
            Self::Rows => "rows",
            Self::Restore => "restore",
            Self::AsBefore => "as-before",
        }
    }
}

impl fmt::Display for DeployStage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl WayBack {
    /// As the option, the log and the reports write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Downgrade => "downgrade",
            Self::Restore => "restore",
            Self::Stop => "stop",
        }
    }
}

impl fmt::Display for WayBack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for WayBack {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = [Self::Downgrade, Self::Restore, Self::Stop].into_iter().find(|way| way.name() == text);
        found.ok_or("write downgrade, restore or stop")
    }
}

impl DeployEnd {
    fn name(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Reverted => "reverted",
            Self::NotReverted => "not-reverted",
            Self::Abandoned => "abandoned",
        }
    }
}
