//! A private PostgreSQL for development and tests, from server programs found on the machine or fetched.

mod builder;
mod cluster;
mod environment;
mod error;
mod fetch;
#[cfg(feature = "testing")]
mod keeper;
mod lock;
mod place;
mod postmaster;
mod programs;
mod runner;
mod server;
mod trust;
mod watchdog;

pub use builder::Embedded;
pub use environment::allowed_in;
pub use error::EmbeddedError;
pub use server::EmbeddedServer;

#[cfg(test)]
pub(super) use runner::Runner;
