//! Everything that talks to a database, in one binary: a module a capability, a database of its own a test.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "these are tests"
)]

mod support;

mod adopt;
#[cfg(feature = "admin")]
mod api;
mod architecture;
mod at_risk;
mod backfill;
mod backup;
mod backup_faults;
#[cfg(feature = "object-store")]
mod backup_store;
mod blocked;
mod boot;
mod checks;
mod commands;
mod conflicts;
mod cookbook;
mod crash_walk;
mod deferred;
mod deploy;
mod deployment;
mod diff;
#[cfg(feature = "admin")]
mod docs;
mod downgrade;
mod drift;
mod dry_run;
mod expand;
mod failures;
mod gates;
mod golden;
mod hazards;
#[cfg(feature = "axum")]
mod health;
mod history_care;
mod hooks;
mod lean;
mod live_hazards;
mod lock;
#[cfg(feature = "prometheus")]
mod metrics;
#[cfg(feature = "admin")]
mod page;
mod pipeline;
mod pooling;
mod put_back;
mod reference;
#[cfg(feature = "admin")]
mod reference_docs;
mod refinery_traps;
mod resume;
mod rust_revisions;
mod session_hygiene;
mod squash;
mod stairway;
mod startup;
mod testing;
#[cfg(feature = "admin")]
mod tokens;
mod traces;
mod typed_tables;
mod verify;

hardtack::embed!();
