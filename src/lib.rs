//! PostgreSQL migrations baked into one binary.

extern crate self as hardtack;

pub mod revisions;

pub use revisions::{Context, Down, Kind, Revision, RevisionSet, Script, StopSignal, Transaction, Up};
