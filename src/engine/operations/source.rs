use futures_util::future::BoxFuture;

use super::replaying;
use crate::catalog::Catalog;
use crate::engine::{Error, Migrator};
#[cfg(feature = "resolve")]
use crate::revisions::SchemaFile;

/// Where a catalog comes from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Source {
    /// It was read before: a snapshot's.
    Catalog(Box<Catalog>),
    /// The migrator's database as it stands.
    Database(Box<Migrator>),
    /// What the migrator's revisions make of an empty database: a scratch one beside its own, which is not touched.
    Revisions(Box<Migrator>),
    /// What a file makes of an empty database.
    #[cfg(feature = "resolve")]
    Schema {
        /// Beside its database stands the scratch one.
        beside: Box<Migrator>,
        /// The file's name, for messages.
        name: String,
        /// Its statements.
        file: SchemaFile,
    },
}

/// A catalog, and what of its source it does not show.
#[derive(Clone, Debug)]
pub struct SourceCatalog {
    /// The catalog.
    pub catalog: Catalog,
    /// Roles that a schema file makes owners and this server has not: what they own there is the scratch database's owner's
    /// here.
    pub missing_owners: Vec<String>,
}

impl Source {
    /// Reads it. Writes to no database but a scratch one, which is dropped again on every path.
    ///
    /// # Errors
    /// A server cannot be reached or refuses the query; no scratch database can be made; revisions or a file do not
    /// run on it.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn read(&self) -> BoxFuture<'_, Result<SourceCatalog, Error>> {
        Box::pin(async move {
            let catalog = match self {
                Self::Catalog(catalog) => (**catalog).clone(),
                Self::Database(migrator) => migrator.catalog().await?,
                Self::Revisions(migrator) => {
                    let revisions: Vec<_> = migrator.revisions().iter().collect();
                    replaying::made_of(migrator, &revisions).await?
                }
                #[cfg(feature = "resolve")]
                Self::Schema { beside, name, file } => return super::load::load(beside, name, file).await,
            };
            Ok(SourceCatalog { catalog, missing_owners: Vec::new() })
        })
    }
}
