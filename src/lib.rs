//! PostgreSQL migrations baked into one binary.

extern crate self as hardtack;

pub mod config;
pub mod db;
pub mod revisions;

pub use revisions::{Context, Down, Kind, Revision, RevisionSet, Script, StopSignal, Transaction, Up};
