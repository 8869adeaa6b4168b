use tokio_postgres::Client;

use super::{Live, PutBackError};
use crate::backup::{SESSION, TableEntry};
use crate::db::{as_role, first_value, is_lost, quote_identifier, quote_literal};

/// A transaction in which values have one text form.
pub(super) struct Session<'a> {
    pub(super) client: &'a Client,
    /// The search path of whoever has connected.
    path: String,
}

impl<'a> Session<'a> {
    pub(super) async fn begin(live: Live<'a>, mode: &str) -> Result<Self, PutBackError> {
        let text = format!(
            "begin {mode}; {}select pg_catalog.current_setting('search_path'); {SESSION}; set local lock_timeout = {}",
            as_role(live.role),
            live.lock_timeout.as_millis()
        );
        let client = live.client;
        match client.simple_query(&text).await {
            Ok(messages) => Ok(Self { client, path: first_value(&messages).unwrap_or_default() }),
            Err(source) => {
                Self { client, path: String::new() }.roll_back().await;
                Err(PutBackError::Server { action: "begin to put rows back", source })
            }
        }
    }

    pub(super) async fn run(&self, action: &'static str, text: &str) -> Result<(), PutBackError> {
        self.client.batch_execute(text).await.map_err(PutBackError::server(action))
    }

    /// Locks the tables against everybody, always in the same order.
    pub(super) async fn lock(&self, tables: &[TableEntry]) -> Result<(), PutBackError> {
        let mut names: Vec<(&str, &str)> =
            tables.iter().map(|table| (&*table.schema, &*table.name)).collect();
        names.sort_unstable();
        let names = names.into_iter();
        let names =
            names.map(|(schema, name)| format!("{}.{}", quote_identifier(schema), quote_identifier(name)));
        let names: Vec<_> = names.collect();
        if names.is_empty() {
            return Ok(());
        }
        self.run(
            "lock the tables",
            &format!("lock table only {} in access exclusive mode", names.join(", only ")),
        )
        .await
    }

    /// The search path that functions behind defaults, constraints and generated columns are used to.
    pub(super) async fn own_path(&self) -> Result<(), PutBackError> {
        self.set_path(&quote_literal(&self.path)).await
    }

    /// The one under which values have one text form.
    pub(super) async fn plain_path(&self) -> Result<(), PutBackError> {
        self.set_path("'pg_catalog, pg_temp'").await
    }

    async fn set_path(&self, path: &str) -> Result<(), PutBackError> {
        let text = format!("select pg_catalog.set_config('search_path', {path}, true)");
        self.run("set the search path", &text).await
    }

    pub(super) async fn commit(self) -> Result<(), PutBackError> {
        match self.client.batch_execute("commit").await {
            Ok(()) => Ok(()),
            Err(source) if is_lost(&source) => Err(PutBackError::Unheard { source }),
            Err(source) => {
                self.roll_back().await;
                Err(PutBackError::server("commit the rows")(source))
            }
        }
    }

    pub(super) async fn roll_back(self) {
        // A connection that is gone has rolled back already.
        let _ = self.client.batch_execute("rollback").await;
    }
}
