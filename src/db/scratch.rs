use tokio_postgres::error::SqlState;

#[cfg(feature = "backup")]
use super::values_of;
use super::{
    ConnectError, ConnectOptions, Connection, DatabaseTraits, NO_TIMEOUTS, ServerMessage, connect,
    first_value, left_scratch, quote_identifier, quote_literal,
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
    /// How to get another one.
    home: ConnectOptions,
    application_name: String,
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
    /// The role may not give a database to its owner.
    #[error(
        "create a scratch database on the server: it is to belong to {owner}, of whom the role {role} is no member; nothing \
         was changed; grant it membership, or connect as a role that has it"
    )]
    NoMember {
        /// The role.
        role: String,
        /// Whose it is to be.
        owner: Role,
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
    #[error("drop the scratch database {name}: {}; it is still there, so drop it by hand", ServerMessage(.source))]
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
    /// One that was [left](Scratch::leave) under a name that begins so; or else a copy of another database.
    #[cfg(feature = "testing")]
    LeftOrCopy {
        /// The beginning.
        left: &'a str,
        /// What is copied.
        template: &'a str,
    },
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
        let beside = session(options, application_name).await?;
        let name = left_scratch::claim(&beside).await?;
        let scratch = Self {
            options: options.clone().with_database(&name),
            name: quote_identifier(&name),
            beside,
            home: options.clone(),
            application_name: application_name.to_owned(),
        };
        #[cfg(feature = "testing")]
        if let Likeness::LeftOrCopy { left, .. } = likeness
            && scratch.take_over(left).await?
        {
            return Ok(scratch);
        }
        let (traits, user, database) = DatabaseTraits::of(&scratch.beside.client).await?;
        let (mut traits, template) = match likeness {
            Likeness::Beside => (traits, None),
            Likeness::Copy(template) => (traits, Some(template)),
            #[cfg(feature = "testing")]
            Likeness::LeftOrCopy { template, .. } => (traits, Some(template)),
            #[cfg(feature = "backup")]
            Likeness::Like(traits) => (traits.clone(), None),
        };
        if !scratch.has_tablespace(&traits).await? {
            tracing::warn!(
                tablespace = traits.tablespace,
                "not there or not allowed; the server's own is used"
            );
            traits.tablespace = None;
        }
        match scratch.make((&traits, &user, &database), role, template).await {
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

    /// Drops it, with whatever session is still in it. Where its own session is gone, another one does.
    pub(crate) async fn discard(self) -> Result<(), ScratchError> {
        let drop = format!("drop database if exists {} with (force)", self.name);
        let mut dropped = self.beside.client.batch_execute(&drop).await;
        if dropped.is_err()
            && let Ok(again) = session(&self.home, &self.application_name).await
        {
            dropped = again.client.batch_execute(&drop).await;
        }
        let Err(source) = dropped else { return Ok(()) };
        tracing::warn!(database = self.name, error = %ServerMessage(&source), "the scratch database is still there");
        Err(ScratchError::Drop { name: self.name, source })
    }

    /// Leaves it to whoever wants one of that name's beginning. Nobody may have a session in it.
    #[cfg(feature = "testing")]
    pub(crate) async fn leave(&self, name: &str) -> Result<(), tokio_postgres::Error> {
        let rename = format!("alter database {} rename to {}", self.name, quote_identifier(name));
        self.beside.client.batch_execute(&rename).await
    }

    /// Gives this one's name to one that was left; false where there is none.
    #[cfg(feature = "testing")]
    async fn take_over(&self, left: &str) -> Result<bool, ScratchError> {
        let list = format!(
            "select d.datname from pg_catalog.pg_database d join pg_catalog.pg_roles r on r.oid = d.datdba \
             where pg_catalog.starts_with(d.datname, {}) and r.rolname = current_user order by d.datname",
            quote_literal(left)
        );
        for name in values_of(&self.beside.client.simple_query(&list).await?) {
            let rename = format!("alter database {} rename to {}", quote_identifier(&name), self.name);
            match self.beside.client.batch_execute(&rename).await {
                Ok(()) => return Ok(true),
                // Another process was faster, or somebody looks into it.
                Err(error) => tracing::debug!(database = name, %error, "not taken over"),
            }
        }
        Ok(false)
    }

    async fn make(
        &self,
        (traits, user, database): (&DatabaseTraits, &str, &str),
        role: Option<&Role>,
        template: Option<&str>,
    ) -> Result<(), ScratchError> {
        let create = template.map_or_else(
            || traits.create(&self.name, role, self.beside.server_version_num()),
            |template| {
                let owner = role.map_or(String::new(), |role| format!(" owner {role}"));
                format!("create database {} template {}{owner}", self.name, quote_identifier(template))
            },
        );
        if let Err(source) = self.beside.client.batch_execute(&create).await {
            return Err(self.refused(source, (user, role), template).await);
        }
        let comment = quote_literal(&format!("scratch of hardtack, beside {database}"));
        self.beside.client.batch_execute(&format!("comment on database {} is {comment}", self.name)).await?;
        let Some(alter) = traits.search_path(&self.name) else { return Ok(()) };
        Ok(self.beside.client.batch_execute(&alter).await?)
    }

    /// Whether the server has that tablespace and lets this role use it.
    async fn has_tablespace(&self, traits: &DatabaseTraits) -> Result<bool, ScratchError> {
        let Some(tablespace) = &traits.tablespace else { return Ok(true) };
        let query = format!(
            "select pg_catalog.has_tablespace_privilege(oid, 'CREATE') from pg_catalog.pg_tablespace where spcname = {}",
            quote_literal(tablespace)
        );
        Ok(first_value(&self.beside.client.simple_query(&query).await?).as_deref() == Some("t"))
    }

    /// Why it could not be made.
    async fn refused(
        &self,
        source: tokio_postgres::Error,
        (user, owner): (&str, Option<&Role>),
        template: Option<&str>,
    ) -> ScratchError {
        match (source.code(), template) {
            (Some(code), Some(template)) if *code == SqlState::OBJECT_IN_USE => {
                ScratchError::InUse { template: template.to_owned(), source }
            }
            (Some(code), Some(template)) if *code == SqlState::INVALID_CATALOG_NAME => {
                ScratchError::NoTemplate { template: template.to_owned() }
            }
            (Some(code), _) if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
                let may =
                    "select rolcreatedb or rolsuper from pg_catalog.pg_roles where rolname = current_user";
                let may = self.beside.client.simple_query(may).await;
                let may = may.is_ok_and(|messages| first_value(&messages).as_deref() == Some("t"));
                match owner {
                    Some(owner) if may => {
                        ScratchError::NoMember { role: user.to_owned(), owner: owner.clone() }
                    }
                    _ => ScratchError::NoRight { role: user.to_owned() },
                }
            }
            _ => source.into(),
        }
    }
}

/// A session that makes databases. `CREATE DATABASE` runs in no transaction, so only the session can say that it may write.
async fn session(options: &ConnectOptions, application_name: &str) -> Result<Connection, ScratchError> {
    let connection = connect(options, application_name).await?;
    let text = format!("set default_transaction_read_only = off; {NO_TIMEOUTS}");
    connection.client.batch_execute(&text).await?;
    Ok(connection)
}

/// Why this session's role may not make a database that belongs to whom the session's own belongs; none where it may.
#[cfg(feature = "backup")]
pub(crate) async fn scratch_refusal(
    connection: &Connection,
) -> Result<Option<ScratchError>, tokio_postgres::Error> {
    let query = "select pg_catalog.unnest(array[current_user::text, pg_catalog.pg_get_userbyid(d.datdba)::text, \
            (r.rolsuper or r.rolcreatedb)::text, pg_catalog.pg_has_role(r.oid, d.datdba, 'MEMBER')::text]) \
        from pg_catalog.pg_roles r, pg_catalog.pg_database d \
        where r.rolname = current_user and d.datname = pg_catalog.current_database()";
    let found = values_of(&connection.client.simple_query(query).await?);
    let [role, owner, may_create, is_member] = found.as_slice() else { return Ok(None) };
    let role = role.clone();
    Ok(match Role::new(owner.clone()) {
        _ if may_create != "true" => Some(ScratchError::NoRight { role }),
        Ok(owner) if is_member != "true" => Some(ScratchError::NoMember { role, owner }),
        _ => None,
    })
}
