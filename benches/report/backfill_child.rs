//! What the section on backfills runs in a process of its own, so that its memory can be told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hardtack::prelude::*;
use hardtack::revisions::{RustFn, Settings};
use hardtack::{
    BackfillReport, ConnectOptions, Down, Kind, Migrator, Revision, RevisionSet, RustStep, Step, Transaction,
    UpgradeOptions,
};

use crate::Result;
use crate::process::peak_of;

/// Which peer this process is: `naive` with the number of rows, or `expression` or `function` with the number of workers, the target in
/// milliseconds and the rest. The database is that of `DATABASE_URL`.
pub(crate) const PEER: &str = "HARDTACK_BENCH_BACKFILL";

mod schema {
    hardtack::__table! {
        items "\"public\".\"items\"";
        id ID "\"id\"" "bigint not null" i64,
        email EMAIL "\"email\"" "text not null" String,
        payload PAYLOAD "\"payload\"" "text not null" String,
        at AT "\"at\"" "timestamp with time zone not null" ::hardtack::types::time::OffsetDateTime,
    }
}
use schema::items;

struct Wish {
    workers: usize,
    /// The longest that a batch is meant to take.
    target: Duration,
    rest: f64,
    report: Mutex<Option<BackfillReport>>,
}

mod expression {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> hardtack::revisions::RevisionResult<()> {
        let wish = context.state::<Arc<Wish>>()?;
        let backfill = context.backfill::<items::Row>("expression").set_sql(items::EMAIL, "lower(email)");
        let report = backfill.target(wish.target).rest(wish.rest).workers(wish.workers).run().await?;
        *wish.report.lock().map_err(|_| "poisoned")? = Some(report);
        Ok(())
    }
}

mod function {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> hardtack::revisions::RevisionResult<()> {
        let wish = context.state::<Arc<Wish>>()?;
        let backfill =
            context.backfill::<items::Row>("function").set(items::EMAIL, |row| row.email.to_lowercase());
        let report = backfill.target(wish.target).rest(wish.rest).workers(wish.workers).run().await?;
        *wish.report.lock().map_err(|_| "poisoned")? = Some(report);
        Ok(())
    }
}

/// Runs as the peer, and says on standard output what it did: the longest batch in milliseconds, and the most memory in KiB.
pub(crate) fn run(peer: &str) -> Result<()> {
    let url = std::env::var("DATABASE_URL")?;
    let options = ConnectOptions::resolve(Some(&url), |_| None)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let longest = match peer.split(' ').collect::<Vec<_>>().as_slice() {
        ["naive", rows] => runtime.block_on(naive(&options, rows.parse()?)).map(|()| Duration::ZERO)?,
        [what, workers, target, rest] => {
            let run = if *what == "function" {
                function::__hardtack_up as RustFn
            } else {
                expression::__hardtack_up
            };
            let target = Duration::from_millis(target.parse()?);
            let (workers, rest, report) = (workers.parse()?, rest.parse()?, Mutex::new(None));
            let wish = Arc::new(Wish { workers, target, rest, report });
            let migrator = Migrator::new(&set(run), options).with_state(Arc::clone(&wish));
            runtime.block_on(migrator.upgrade(UpgradeOptions::default()))?;
            let report = wish.report.lock().map_err(|_| "poisoned")?.ok_or("no report")?;
            report.longest_batch
        }
        _ => return Err(format!("no such peer: {peer}").into()),
    };
    let peak = peak_of(std::process::id()).unwrap_or_default();
    crate::print(&format!("{} {peak}", longest.as_millis()))
}

/// What one writes by hand: read the rows, and send an update for each.
async fn naive(options: &ConnectOptions, rows: i64) -> Result<()> {
    let connection = hardtack::db::connect(options, "naive").await?;
    let client = &connection.client;
    client.batch_execute("begin").await?;
    let update = client.prepare("update items set email = $1 where id = $2").await?;
    for row in client.query("select id, email from items where id <= $1", &[&rows]).await? {
        let (id, email): (i64, String) = (row.get(0), row.get(1));
        client.execute(&update, &[&email.to_lowercase(), &id]).await?;
    }
    Ok(client.batch_execute("commit").await?)
}

fn set(run: RustFn) -> RevisionSet {
    let marker = "do $$ begin raise exception 'Rust'; end $$";
    RevisionSet::from_revisions(vec![Revision {
        version: 1,
        kind: Kind::Versioned,
        name: "backfill".into(),
        up: Step::Rust(RustStep {
            file: "V1__backfill.rs".into(),
            marker: marker.into(),
            run: Some(run),
            settings: Settings { transaction: Transaction::None, lock_timeout: None },
            alters_schema: false,
        }),
        down: Down::Missing,
        sha256: "0".into(),
        checksum: hardtack_build::refinery_checksum("backfill", 1, marker),
        around: hardtack::Around::default(),
        replaces: None,
    }])
}
