//! Reaching a database: options, sessions, pools, TLS, quoting, and a private server for development.

mod account;
mod announced;
mod connect;
mod connection;
mod conninfo;
#[cfg(any(feature = "embedded", feature = "probe"))]
mod crypto;
mod dump;
#[cfg(all(unix, feature = "embedded"))]
pub mod embedded;
mod error;
mod message;
mod nearest;
mod options;
mod passfile;
mod pool;
mod quote;
mod restore;
mod scratch;
mod settings;
mod ssl;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "no_tls.rs"]
mod tls;
mod variables;
#[cfg(feature = "tls")]
mod verifier;

#[cfg(test)]
mod tests;

pub use connect::connect;
pub use connection::{CancelHandle, Closed, Connection};
#[cfg(any(feature = "embedded", feature = "probe"))]
pub(crate) use crypto::choose_provider;
pub use dump::DumpError;
pub(crate) use dump::PgDump;
pub use error::ConnectError;
pub(crate) use message::{ServerMessage, first_value};
pub use options::{ConnectOptions, OptionsError, process_environment};
pub use pool::{PoolError, pool};
pub(crate) use quote::as_role;
pub use quote::{quote_identifier, quote_literal};
pub(crate) use restore::PgRestore;
pub(crate) use scratch::Scratch;
pub use scratch::ScratchError;
