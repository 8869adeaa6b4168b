use serde::Serialize;
use tokio_postgres::Client;

use super::{Rows, TableEntry};
use crate::config::Role;
use crate::revisions::Progress;

/// x
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PutBackError {}

/// x
#[derive(Clone, Debug, Serialize)]
pub struct PutBackTable {}

pub(crate) async fn plan_put_back(
    _: &Client,
    _: Option<&Role>,
    _: &[TableEntry],
) -> Result<Vec<PutBackTable>, PutBackError> {
    Ok(Vec::new())
}

pub(crate) async fn put_back(
    _: &Client,
    _: Option<&Role>,
    _: &[TableEntry],
    _: &dyn Rows,
    _: &(dyn Fn(&Progress<'_>) + Send + Sync),
) -> Result<Vec<PutBackTable>, PutBackError> {
    Ok(Vec::new())
}

impl std::fmt::Display for PutBackTable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
