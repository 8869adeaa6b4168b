use std::fmt;

use super::{TestDatabase, TestError};
use crate::revisions::BoxFuture;

/// What a test begins with, beside what its revisions make.
#[derive(Clone, Copy)]
pub enum Fixture {
    /// SQL, all of it in one transaction.
    Sql {
        /// What it is called, usually its file.
        name: &'static str,
        /// The statements.
        text: &'static str,
    },
    /// A function.
    Rust(for<'a> fn(&'a TestDatabase) -> BoxFuture<'a, ()>),
}

impl Fixture {
    pub(super) async fn put_into(self, database: &TestDatabase) -> Result<(), TestError> {
        match self {
            Self::Sql { name, text } => {
                let put = database.open().await?.client.batch_execute(text).await;
                put.map_err(|source| TestError::Fixture { fixture: name, source })
            }
            Self::Rust(put) => {
                put(database).await;
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Fixture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sql { name, .. } => {
                formatter.debug_struct("Sql").field("name", name).finish_non_exhaustive()
            }
            Self::Rust(_) => formatter.write_str("Rust"),
        }
    }
}
