//! What the other layers are told: plain values, checked when they are made.
//!
//! Nothing here reads a file, the environment or the command line; `cli` does, and hands these over.

use std::fmt;
use std::str::FromStr;

/// Why a configured value cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A schema or table name PostgreSQL would cut or refuse.
    #[error("use `{name}` as the {part} of the history table: {reason}")]
    HistoryName {
        /// Which part: `schema` or `table`.
        part: &'static str,
        /// The name as given.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A role name PostgreSQL would cut, refuse or take for something else.
    #[error("use `{name}` as the role to work as: {reason}")]
    Role {
        /// The name as given.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not one of libpq's `sslmode` words.
    #[error("understand sslmode `{value}`: use disable, allow, prefer, require, verify-ca or verify-full")]
    SslMode {
        /// The word as given.
        value: String,
    },
}

/// A text that must not be seen: its `Debug` and `Display` are `***`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The hidden text, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// libpq's `sslmode`: how much of TLS is asked for, weakest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SslMode {
    /// Never TLS.
    Disable,
    /// Clear text; TLS when the server refuses clear text.
    Allow,
    /// TLS when the server offers it; clear text otherwise. Nothing is verified.
    #[default]
    Prefer,
    /// TLS or nothing. Verifies the chain only when there is a root certificate file.
    Require,
    /// TLS, and the server's certificate comes from a trusted authority.
    VerifyCa,
    /// As `verify-ca`, and the certificate is for the host that was asked for.
    VerifyFull,
}

impl SslMode {
    /// The word libpq uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

impl fmt::Display for SslMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SslMode {
    type Err = ConfigError;

    fn from_str(value: &str) -> Result<Self, ConfigError> {
        const ALL: [SslMode; 6] = [
            SslMode::Disable,
            SslMode::Allow,
            SslMode::Prefer,
            SslMode::Require,
            SslMode::VerifyCa,
            SslMode::VerifyFull,
        ];
        ALL.into_iter()
            .find(|mode| mode.as_str() == value)
            .ok_or_else(|| ConfigError::SslMode { value: value.to_owned() })
    }
}

/// Where refinery's history table lives, and as whom it is reached. `Display` is the qualified, quoted name for SQL.
///
/// ```
/// use hardtack::config::HistoryTable;
///
/// assert_eq!(HistoryTable::default().to_string(), r#""public"."refinery_schema_history""#);
/// let odd = HistoryTable::new("Ops", r#"his"tory"#)?;
/// assert_eq!(odd.to_string(), r#""Ops"."his""tory""#);
/// # Ok::<(), hardtack::config::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HistoryTable {
    schema: String,
    table: String,
    role: Option<Role>,
}

impl HistoryTable {
    /// A table by schema and name, both exactly as PostgreSQL stores them (case is kept).
    ///
    /// # Errors
    /// [`ConfigError::HistoryName`] when a name is empty, longer than 63 bytes (PostgreSQL would cut it
    /// and two names could meet) or contains a NUL.
    pub fn new(schema: impl Into<String>, table: impl Into<String>) -> Result<Self, ConfigError> {
        let (schema, table) = (checked("schema", schema.into())?, checked("table", table.into())?);
        Ok(Self { schema, table, role: None })
    }

    /// The same table, read and written as another role than the one that connects.
    #[must_use]
    pub fn with_role(self, role: Option<Role>) -> Self {
        Self { role, ..self }
    }

    /// The history of hardtack's own tables, reached as the same role.
    pub(crate) fn of_hardtack(&self) -> Self {
        let (schema, table) = ("hardtack".to_owned(), "refinery_schema_history".to_owned());
        Self { schema, table, role: self.role.clone() }
    }

    /// The history of a replay, in the schema that no comparison looks into.
    #[cfg(feature = "operations")]
    pub(crate) fn of_replay(&self) -> Self {
        Self { table: "replay".to_owned(), ..self.of_hardtack() }
    }

    /// What the lock of a whole deploy is named by, beside that of its runs.
    #[cfg(feature = "backup")]
    pub(crate) fn of_deploy(&self) -> Self {
        Self { table: format!("{} deploy", self.table), ..self.clone() }
    }

    /// The schema, unquoted, where it is not one that every database has.
    #[cfg(feature = "operations")]
    pub(crate) fn own_schema(&self) -> Option<&str> {
        (self.schema != "public").then_some(&*self.schema)
    }

    /// The schema, unquoted.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// The table, unquoted.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// As whom it is reached; none for the role that connects.
    #[must_use]
    pub fn role(&self) -> Option<&Role> {
        self.role.as_ref()
    }
}

/// A role to work as. `Display` is the quoted name for SQL.
///
/// ```
/// use hardtack::config::Role;
///
/// assert_eq!(Role::new("Owner")?.to_string(), r#""Owner""#);
/// assert!(Role::new("none").is_err());
/// # Ok::<(), hardtack::config::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Role(String);

impl Role {
    /// A role by its name, exactly as PostgreSQL stores it (case is kept).
    ///
    /// # Errors
    /// [`ConfigError::Role`] when the name is empty, longer than 63 bytes, contains a NUL, or is `none`, which
    /// PostgreSQL reads as no role at all.
    pub fn new(name: impl Into<String>) -> Result<Self, ConfigError> {
        let name = name.into();
        match fault(&name).or_else(|| (name == "none").then_some("PostgreSQL reads it as no role at all")) {
            Some(reason) => Err(ConfigError::Role { name, reason }),
            None => Ok(Self(name)),
        }
    }

    /// The name, unquoted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('"', "\"\""))
    }
}

impl Default for HistoryTable {
    fn default() -> Self {
        Self { schema: "public".to_owned(), table: "refinery_schema_history".to_owned(), role: None }
    }
}

impl fmt::Display for HistoryTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [schema, table] = [&self.schema, &self.table].map(|name| name.replace('"', "\"\""));
        write!(f, "\"{schema}\".\"{table}\"")
    }
}

/// One byte less than PostgreSQL's NAMEDATALEN.
const LONGEST_NAME: usize = 63;

fn checked(part: &'static str, name: String) -> Result<String, ConfigError> {
    match fault(&name) {
        Some(reason) => Err(ConfigError::HistoryName { part, name, reason }),
        None => Ok(name),
    }
}

/// What is wrong with a name of anything in a database.
fn fault(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("it is empty"),
        name if name.len() > LONGEST_NAME => Some("it is longer than 63 bytes"),
        name if name.contains('\0') => Some("it contains a NUL character"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_postgresql_would_change_are_refused() {
        assert!(HistoryTable::new("", "t").is_err());
        assert!(HistoryTable::new("s", "t".repeat(64)).is_err());
        assert!(HistoryTable::new("s", "a\0b").is_err());
        assert!(HistoryTable::new("s", "t".repeat(63)).is_ok());
    }

    #[test]
    fn sslmode_reads_every_word_it_writes() {
        for word in ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] {
            assert_eq!(word.parse::<SslMode>().unwrap().to_string(), word);
        }
        assert!("Require".parse::<SslMode>().is_err());
    }

    #[test]
    fn secrets_do_not_show() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
    }
}
