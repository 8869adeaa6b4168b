use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::try_join_all;
use serde::Serialize;

use super::rebuild::Rebuild;
use super::survey::{self, Snapshot, reading};
use super::take::CATALOG;
use super::verify::differs;
use super::{BackupError, Manifest, Stored, content_of, unpack};
use crate::catalog::{self, Catalog, differences};
use crate::config::HistoryTable;
use crate::db::{ConnectOptions, blocking};

/// What was found to be as it was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The fingerprint of the catalog that was found.
    pub fingerprint: String,
    /// Objects that another major version of the server writes in another way, which may be all that differs.
    pub uncertain: usize,
    /// How many tables were compared.
    pub tables: usize,
    /// How many rows.
    pub rows: u64,
    /// What is not as it was taken.
    pub faults: Vec<String>,
}

/// Compares a database with what was taken: the catalog's fingerprint, and the rows of each table.
pub(super) async fn prove(request: &Rebuild<'_>, there: &ConnectOptions) -> Result<Proof, BackupError> {
    let Rebuild { stored, history, jobs, application_name, .. } = request;
    compare_all(&stored.manifest, Some(stored), there, history, *jobs, application_name).await
}

/// The same of a database that is no backup's: whether it is as the manifest says, without naming what differs in the catalog.
pub(crate) async fn compare_all(
    manifest: &Manifest,
    stored: Option<&Stored>,
    there: &ConnectOptions,
    history: &HistoryTable,
    jobs: usize,
    application_name: &str,
) -> Result<Proof, BackupError> {
    let snapshot = Snapshot::take(there, None, Duration::ZERO, application_name).await?;
    let catalog = snapshot.survey(history).await?.catalog;
    let mut proof = Proof {
        fingerprint: catalog.fingerprint(),
        tables: manifest.tables.len(),
        rows: manifest.rows(),
        ..Proof::default()
    };
    if proof.fingerprint != manifest.fingerprint {
        compare_catalogs(&mut proof, stored, &catalog).await?;
    }
    proof.faults.extend(compare_rows(manifest, &snapshot, there, jobs, application_name).await?);
    if let Some(taken) = &manifest.large_objects {
        let found = survey::large_objects(snapshot.client()).await?;
        proof.faults.extend(differs(taken, found).map(|how| format!("large objects: {how}")));
    }
    Ok(proof)
}

/// Names what differs, as far as the backup's own catalog tells.
async fn compare_catalogs(
    proof: &mut Proof,
    stored: Option<&Stored>,
    found: &Catalog,
) -> Result<(), BackupError> {
    let Some(stored) = stored else {
        proof.faults.push("the catalog's fingerprint is another".to_owned());
        return Ok(());
    };
    let taken = stored.catalog().await?;
    let is_of_other_version = taken.server / 10_000 != found.server / 10_000;
    let (uncertain, differences): (Vec<_>, Vec<_>) = differences(&taken, found)
        .into_iter()
        .partition(|difference| is_of_other_version && difference.may_be_of_version());
    proof.uncertain = uncertain.len();
    proof.faults.extend(differences.iter().map(|difference| format!("the catalog: {difference}")));
    Ok(())
}

impl Stored {
    /// The catalog that it holds.
    pub(crate) async fn catalog(&self) -> Result<Catalog, BackupError> {
        let failed = |source| BackupError::Read { file: CATALOG.to_owned(), source };
        let (source, identities) = (Arc::clone(&self.source), self.identities.clone());
        let is_it = |name: &&String| unpack::unpacked_name(name) == CATALOG;
        let name = self.manifest.files.keys().find(is_it).cloned().unwrap_or_default();
        let read = blocking(move |_| {
            let mut text = String::new();
            unpack::open(&*source, &name, &identities)?.read_to_string(&mut text)?;
            Ok(text)
        });
        let text = read.await.map_err(failed)?;
        let snapshot = catalog::Snapshot::parse(&text);
        Ok(snapshot.map_err(|error| failed(std::io::Error::other(error)))?.catalog)
    }
}

async fn compare_rows(
    manifest: &Manifest,
    snapshot: &Snapshot,
    there: &ConnectOptions,
    jobs: usize,
    application_name: &str,
) -> Result<Vec<String>, BackupError> {
    let mut order: Vec<_> = manifest.tables.iter().collect();
    order.sort_by_key(|table| std::cmp::Reverse(table.bytes));
    let queue = Mutex::new(VecDeque::from(order));
    let workers = (0..jobs.clamp(1, manifest.tables.len().max(1))).map(|_| async {
        let session = snapshot.join(there, None, application_name).await?;
        let mut faults = Vec::new();
        loop {
            let table = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(table) = table else { return Ok::<_, BackupError>(faults) };
            let found = content_of(&session.client, &table.schema, &table.name, &table.columns).await;
            let found = found.map_err(reading("compare the rows of a table"))?;
            faults.extend(differs(&table.content, found).map(|how| format!("the rows of {table}: {how}")));
        }
    });
    Ok(try_join_all(workers).await?.into_iter().flatten().collect())
}
