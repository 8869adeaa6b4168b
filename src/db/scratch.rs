use tokio_postgres::error::SqlState;

use super::{
    ConnectError, ConnectOptions, Connection, DatabaseTraits, ServerMessage, connect, left_scratch,
    quote_identifier, quote_literal,
};
use crate::config::Role;

/// An empty database beside another one, on the same server, of the same encoding and collation, with the same
/// default `search_path`, owned by the role that the work is done as. It stays until it is [dropped](Scratch::discard).
#[derive(Debug)]
pub(crate) struct Scratch {
    name: String,
    options: ConnectOptions,
    /// A session in the database beside which it stands.
    beside: Connection,
}

/// Why there is no database for a replay, or why it is still there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScratchError {
    /// The role may not create databases.
    #[error(
        "create a scratch database on the server: the role {role} may not; nothing was changed; grant it CREATEDB, or \
         connect as a role that has it"
    )]
    NoRight {
        /// The role.
        role: String,
    },
    /// Somebody has a session in the database that is to be copied.
    #[error(
        "copy the database {template}: {}; the server copies no database that is in use, and nothing was changed; end its \
         sessions, or name a dump",
        ServerMessage(.source)
    )]
    InUse {
        /// Its name.
        template: String,
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// There is nothing of that name to copy.
    #[error(
        "copy the database {template}: there is neither a file of that name here nor a database on the server; nothing was \
         changed; name one"
    )]
    NoTemplate {
        /// The name.
        template: String,
    },
    /// The server could not be reached.
    #[error("reach the scratch database's server: {0}")]
    Connect(#[from] ConnectError),
    /// The server refused to create it.
    #[error("create a scratch database on the server: {}; nothing was changed", ServerMessage(.0))]
    Create(#[from] tokio_postgres::Error),
    /// The server refused to drop it.
    #[error("drop the scratch database {name}: {}; drop it by hand", ServerMessage(.source))]
    Drop {
        /// Its name, quoted.
        name: String,
        /// What the server said.
        source: tokio_postgres::Error,
    },
}

/// What a scratch database is like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Likeness<'a> {
    /// Empty, and like the one beside which it stands.
    Beside,
    /// A copy of another database of that server.
    Copy(&'a str),
    /// Empty, and like one that is or was elsewhere.
    #[cfg(feature = "backup")]
    Like(&'a DatabaseTraits),
}

impl Scratch {
    /// Creates one beside the database of these options. Those that a process left which was killed are dropped first.
    pub(crate) async fn create(
        options: &ConnectOptions,
        role: Option<&Role>,
        likeness: Likeness<'_>,
        application_name: &str,
    ) -> Result<Self, ScratchError> {
        let beside = connect(options, application_name).await?;
        // CREATE DATABASE runs in no transaction, so only the session can say that it may write.
        let session = "set default_transaction_read_only = off; set statement_timeout = 0";
        beside.client.batch_execute(session).await?;
        let (traits, user, database) = DatabaseTraits::of(&beside.client).await?;
        let name = left_scratch::claim(&beside).await?;
        let scratch =
            Self { options: options.clone().with_database(&name), name: quote_identifier(&name), beside };
        let (traits, template) = match likeness {
            Likeness::Beside => (&traits, None),
            Likeness::Copy(template) => (&traits, Some(template)),
            #[cfg(feature = "backup")]
            Likeness::Like(traits) => (traits, None),
        };
        match scratch.make((traits, &user, &database), role, template).await {
            Ok(()) => Ok(scratch),
            Err(error) => {
                // What is told is why it could not be made.
                let _ = scratch.discard().await;
                Err(error)
            }
        }
    }

    /// How to reach it.
    pub(crate) fn options(&self) -> &ConnectOptions {
        &self.options
    }

    /// Its name, quoted.
    #[cfg(feature = "backup")]
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The session in the database beside which it stands.
    #[cfg(feature = "backup")]
    pub(crate) fn beside(&self) -> &Connection {
        &self.beside
    }

    /// Drops it, with whatever session is still in it.
    pub(crate) async fn discard(self) -> Result<(), ScratchError> {
        let dropped = self
            .beside
            .client
            .batch_execute(&format!("drop database if exists {} with (force)", self.name))
            .await;
        let Err(source) = dropped else { return Ok(()) };
        tracing::warn!(database = self.name, error = %ServerMessage(&source), "the scratch database is still there");
        Err(ScratchError::Drop { name: self.name, source })
    }

    async fn make(
        &self,
        (traits, user, database): (&DatabaseTraits, &str, &str),
        role: Option<&Role>,
        template: Option<&str>,
    ) -> Result<(), ScratchError> {
        let create = template.map_or_else(
            || traits.create(&self.name, role),
            |template| {
                let owner = role.map_or(String::new(), |role| format!(" owner {role}"));
                format!("create database {} template {}{owner}", self.name, quote_identifier(template))
            },
        );
        let created = self.beside.client.batch_execute(&create).await;
        created.map_err(|source| match (source.code(), template) {
            (Some(code), Some(template)) if *code == SqlState::OBJECT_IN_USE => {
                ScratchError::InUse { template: template.to_owned(), source }
            }
            (Some(code), Some(template)) if *code == SqlState::INVALID_CATALOG_NAME => {
                ScratchError::NoTemplate { template: template.to_owned() }
            }
            (Some(code), _) if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
                ScratchError::NoRight { role: user.to_owned() }
            }
            _ => source.into(),
        })?;
        let comment = quote_literal(&format!("scratch of hardtack, beside {database}"));
        self.beside.client.batch_execute(&format!("comment on database {} is {comment}", self.name)).await?;
        let Some(alter) = traits.search_path(&self.name) else { return Ok(()) };
        Ok(self.beside.client.batch_execute(&alter).await?)
    }
}
