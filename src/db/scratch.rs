use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use super::{
    ConnectError, ConnectOptions, Connection, ServerMessage, connect, quote_identifier, quote_literal,
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

/// What a database is made of; the columns of the locale have other names in every second version.
const TRAITS: &str = "select pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, \
        j ->> 'datlocprovider', coalesce(j ->> 'datlocale', j ->> 'daticulocale'), j ->> 'daticurules', \
        (select pg_catalog.substr(setting, 13) from pg_catalog.pg_db_role_setting s, \
            pg_catalog.unnest(s.setconfig) setting \
            where s.setdatabase = d.oid and s.setrole = 0 and pg_catalog.starts_with(setting, 'search_path=')), \
        current_user, d.datname \
    from pg_catalog.pg_database d, pg_catalog.to_jsonb(d) j where d.datname = pg_catalog.current_database()";

impl Scratch {
    /// Creates one beside the database of these options: an empty one, or a copy of another database of that server.
    pub(crate) async fn create(
        options: &ConnectOptions,
        role: Option<&Role>,
        template: Option<&str>,
        application_name: &str,
    ) -> Result<Self, ScratchError> {
        let beside = connect(options, application_name).await?;
        // CREATE DATABASE runs in no transaction, so only the session can say that it may write.
        let session = "set default_transaction_read_only = off; set statement_timeout = 0";
        beside.client.batch_execute(session).await?;
        let traits = traits(&beside.client).await?;
        let name = format!("hardtack_scratch_{:016x}", fastrand::u64(..));
        let scratch =
            Self { options: options.clone().with_database(&name), name: quote_identifier(&name), beside };
        match scratch.make(&traits, role, template).await {
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
        traits: &Traits,
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
                ScratchError::NoRight { role: traits.role.clone() }
            }
            _ => source.into(),
        })?;
        let comment = quote_literal(&format!("scratch of hardtack, beside {}", traits.database));
        self.beside.client.batch_execute(&format!("comment on database {} is {comment}", self.name)).await?;
        let Some(path) = &traits.search_path else { return Ok(()) };
        // As the server keeps it, the list is quoted already.
        let alter = format!("alter database {} set search_path = {path}", self.name);
        Ok(self.beside.client.batch_execute(&alter).await?)
    }
}

/// What a scratch database has in common with the one beside which it stands.
#[derive(Default)]
struct Traits {
    encoding: String,
    collate: String,
    ctype: String,
    provider: Option<String>,
    locale: Option<String>,
    rules: Option<String>,
    search_path: Option<String>,
    role: String,
    database: String,
}

impl Traits {
    fn of(row: &SimpleQueryRow) -> Self {
        let text = |column: usize| row.get(column).unwrap_or_default().to_owned();
        let optional = |column: usize| row.get(column).map(str::to_owned);
        Self {
            encoding: text(0),
            collate: text(1),
            ctype: text(2),
            provider: optional(3),
            locale: optional(4),
            rules: optional(5),
            search_path: optional(6).filter(|path| !path.trim().is_empty()),
            role: text(7),
            database: text(8),
        }
    }

    fn create(&self, name: &str, role: Option<&Role>) -> String {
        let mut text = format!(
            "create database {name} template template0 encoding {} lc_collate {} lc_ctype {}",
            quote_literal(&self.encoding),
            quote_literal(&self.collate),
            quote_literal(&self.ctype),
        );
        if let Some(role) = role {
            text.push_str(&format!(" owner {role}"));
        }
        let locale = match self.provider.as_deref() {
            Some("i") => "icu",
            Some("b") => "builtin",
            // The C library's locales are all there is before version 15.
            _ => return text,
        };
        text.push_str(&format!(" locale_provider {locale}"));
        for (option, value) in
            [(format!("{locale}_locale"), &self.locale), ("icu_rules".to_owned(), &self.rules)]
        {
            if let Some(value) = value {
                text.push_str(&format!(" {option} {}", quote_literal(value)));
            }
        }
        text
    }
}

async fn traits(client: &Client) -> Result<Traits, tokio_postgres::Error> {
    let messages = client.simple_query(TRAITS).await?;
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(Traits::of(row)),
        _ => None,
    });
    // A session is always in a database, which is always listed.
    Ok(row.unwrap_or_default())
}
