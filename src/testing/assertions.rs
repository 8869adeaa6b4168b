use super::TestDatabase;
use super::database::fail;
use crate::db::{ServerMessage, quote_identifier};
use crate::engine::{Stair, StairOutcome};
use crate::revisions::{Revision, Step, Transaction};

/// What a history is to stand up to.
impl TestDatabase {
    /// The stairway: on an empty database beside this one, each revision goes up, down and up again, and the catalog is what it
    /// was on every landing. What is irreversible is passed over, and what wants rows that an empty database has not; each
    /// stair tells.
    ///
    /// # Panics
    /// A revision fails, or leaves something behind; all of them are named.
    pub async fn assert_reversible(&self) -> Vec<Stair> {
        let versions: Vec<i64> = self.migrator.revisions().iter().map(|revision| revision.version).collect();
        let stairs = self.migrator.stairway(&versions).await;
        let stairs = stairs.unwrap_or_else(|error| fail(&format!("failed to {error}")));
        let failed = stairs.iter().filter_map(|stair| match &stair.outcome {
            StairOutcome::Failed(reason) => Some(format!("{}: {reason}", stair.file)),
            _ => None,
        });
        nothing("not every revision goes down and up again", &failed.collect::<Vec<_>>());
        stairs
    }

    /// The schema is what the applied revisions make, and nothing else.
    ///
    /// # Panics
    /// It is not; what differs is named.
    pub async fn assert_no_drift(&self) {
        let drift = self.migrator.drift().await;
        let drift = drift.unwrap_or_else(|error| fail(&format!("failed to {error}")));
        let found = drift.differences.iter().map(ToString::to_string);
        nothing("the schema is not what the revisions make", &found.collect::<Vec<_>>());
    }

    /// What runs outside of a transaction may be run twice: a crash in the moment before its history row leaves it so. Applies
    /// what is pending here, each Rust revision of that kind twice, and looks whether catalog and rows are what they were after
    /// the first time; then whether a second upgrade has nothing to do. Returns the stems of those that ran twice.
    ///
    /// # Panics
    /// A revision fails, at first or the second time, or changes something the second time.
    pub async fn assert_idempotent(&self) -> Vec<String> {
        let plan = self.migrator.plan(crate::plan::Target::Head).await;
        let plan = plan.unwrap_or_else(|error| fail(&format!("failed to {error}")));
        let pending = plan.iter().filter_map(|pending| self.migrator.revisions().get(pending.version));
        let mut twice = Vec::new();
        for revision in pending.filter(|revision| may_run_twice(revision)) {
            self.upgrade_to(revision.version).await;
            let first = self.state().await;
            self.forget(revision).await;
            self.upgrade_to(revision.version).await;
            let told = first.differences(&self.state().await);
            nothing(&format!("{} changes something when it runs again", revision.stem()), &told);
            twice.push(revision.stem());
        }
        self.upgrade().await;
        let again = self.upgrade().await;
        let applied = again.applied.iter().map(|step| format!("{step:?}"));
        nothing("a second upgrade has something to do", &applied.collect::<Vec<_>>());
        twice
    }

    /// The rows of this database go down to a version and up again, and are what they were. Put some in before.
    ///
    /// # Panics
    /// A revision has no way back or fails; or rows are others, whose tables are named.
    pub async fn assert_lossless(&self, version: i64) {
        let before = self.state().await;
        self.downgrade_to(version).await;
        self.upgrade().await;
        let told = before.differences(&self.state().await);
        nothing(&format!("down to version {version} and up again something is lost"), &told);
    }

    /// A backup of an earlier release, such as one that is kept beside the tests, is restored into a database of its own, upgraded to
    /// the head, and its schema is what the revisions make. The path is the backup's folder.
    ///
    /// # Panics
    /// The backup cannot be restored, a revision fails on its rows, or the schema is another.
    #[cfg(feature = "backup")]
    pub async fn assert_upgrade_from(&self, backup: &str) {
        use crate::backup::Place;
        use crate::engine::{Migrator, RestoreOptions};

        let (place, name) = Place::of_backup(backup)
            .unwrap_or_else(|reason| fail(&format!("{backup} is no backup: {reason}")));
        let into = format!("{}_from", self.options().database());
        let mut options = RestoreOptions::new(place, name);
        options.into = Some(into.clone());
        options.programs = std::env::var_os("HARDTACK_PG_BIN").map(Into::into);
        let restored = self.migrator.restore(&options).await;
        restored.unwrap_or_else(|error| fail(&format!("failed to {error}")));
        let there: Migrator =
            self.migrator.clone().with_database(self.options().clone().with_database(&into));
        let upgraded = async {
            there.upgrade(crate::engine::UpgradeOptions::default()).await?;
            there.drift().await
        };
        let upgraded = upgraded.await;
        self.execute(&format!("drop database {} with (force)", quote_identifier(&into))).await;
        let drift =
            upgraded.unwrap_or_else(|error| fail(&format!("on what {backup} holds: failed to {error}")));
        let found = drift.differences.iter().map(ToString::to_string);
        nothing(
            &format!("what {backup} holds is not upgraded to what the revisions make"),
            &found.collect::<Vec<_>>(),
        );
    }

    /// Leaves it as a crash does that hits between its end and its history row.
    async fn forget(&self, revision: &Revision) {
        let history = self.migrator.history_table();
        let statement = format!(
            "delete from {}.{} where version = {}",
            quote_identifier(history.schema()),
            quote_identifier(history.table()),
            revision.version
        );
        let done = self.connect().await.client.batch_execute(&statement).await;
        done.unwrap_or_else(|error| {
            fail(&format!("failed to take {} out of the history: {}", revision.stem(), ServerMessage(&error)))
        });
    }
}

/// A function outside of a transaction; of SQL there, each statement that is done is recorded.
fn may_run_twice(revision: &Revision) -> bool {
    matches!(&revision.up, Step::Rust(_)) && revision.up.settings().transaction == Transaction::None
}

/// Fails where there is something to tell.
fn nothing(otherwise: &str, told: &[String]) {
    if !told.is_empty() {
        let lines: String = told.iter().map(|line| format!("\n  {line}")).collect();
        fail(&format!("{otherwise}:{lines}"));
    }
}
