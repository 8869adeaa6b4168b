//! Reaching a database: options, sessions, pools, TLS, quoting, and a private server for development.

mod account;
mod announced;
#[cfg(feature = "operations")]
mod blocking;
mod connect;
mod connection;
mod conninfo;
#[cfg(any(feature = "embedded", feature = "probe"))]
mod crypto;
#[cfg(feature = "operations")]
mod dump;
#[cfg(all(unix, feature = "embedded"))]
pub mod embedded;
mod error;
mod fault;
#[cfg(feature = "operations")]
mod left_scratch;
mod message;
mod nearest;
mod options;
mod passfile;
#[cfg(feature = "pool")]
mod pool;
#[cfg(feature = "operations")]
mod program;
mod quote;
#[cfg(feature = "operations")]
mod restore;
#[cfg(feature = "operations")]
mod scratch;
mod settings;
mod span;
mod ssl;
#[cfg(feature = "operations")]
mod timeouts;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "no_tls.rs"]
mod tls;
#[cfg(feature = "operations")]
mod traits;
#[cfg(feature = "operations")]
mod variables;
#[cfg(feature = "tls")]
mod verifier;

#[cfg(test)]
mod tests;

#[cfg(feature = "backup")]
pub(crate) use blocking::{Wanted, blocking};
pub use connect::connect;
pub use connection::{CancelHandle, Closed, Connection};
#[cfg(any(feature = "embedded", feature = "probe"))]
pub(crate) use crypto::choose_provider;
#[cfg(feature = "pool")]
pub use deadpool_postgres::Pool;
#[cfg(feature = "backup")]
pub(crate) use dump::Archive;
#[cfg(feature = "operations")]
pub(crate) use dump::PgDump;
pub use error::ConnectError;
pub(crate) use fault::{is_absent, is_lost};
#[cfg(feature = "operations")]
pub(crate) use message::values_of;
pub(crate) use message::{ServerMessage, first_value};
pub use options::{ConnectOptions, OptionsError, process_environment};
#[cfg(feature = "pool")]
pub use pool::{PoolError, pool};
#[cfg(feature = "operations")]
pub use program::DumpError;
pub(crate) use quote::{as_role, quote_or_null};
pub use quote::{quote_identifier, quote_literal};
#[cfg(feature = "operations")]
pub(crate) use restore::PgRestore;
#[cfg(feature = "operations")]
pub use scratch::ScratchError;
#[cfg(feature = "backup")]
pub(crate) use scratch::scratch_refusal;
#[cfg(feature = "operations")]
pub(crate) use scratch::{Likeness, Scratch};
pub(crate) use span::{client_span, fail};
#[cfg(feature = "operations")]
pub(crate) use timeouts::NO_TIMEOUTS;
#[cfg(feature = "backup")]
pub(crate) use timeouts::may_be_idle;
#[cfg(feature = "operations")]
pub use traits::{DatabaseGrant, DatabaseSetting, DatabaseTraits};
