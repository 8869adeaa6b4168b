//! Databases for an application's own tests: each test has one of its own, migrated.
//!
//! ```no_run
//! # hardtack::embed!();
//! use hardtack::testing::TestDatabase;
//!
//! #[hardtack::test(crate::migrations::REVISIONS, at = 7)]
//! async fn emails_are_normalised(db: TestDatabase) {
//!     db.execute("insert into accounts (email, display_name) values (' Ada@Example.com', 'Ada')").await;
//!     db.upgrade_to(8).await;
//!     assert_eq!(db.value("select email from accounts").await, "ada@example.com");
//! }
//! # fn main() {}
//! ```
//!
//! The revisions run once, into a template, and every test gets a copy of it. A template is known by the revisions it holds,
//! so that all processes share one and a later run finds it again; where there are Rust revisions, whose helpers no checksum
//! covers, it is of the one test binary. A copy is used again where what a test did to it can be undone: tables that it filled are emptied,
//! and sequences set back; where anything else was changed, it is dropped.
//!
//! The server is the one whose URL is in `HARDTACK_TEST_DATABASE_URL`, with a role that may create databases; otherwise a private
//! one, in `hardtack-test` beside the test binaries, which is shared by all of them and ends some seconds after the last. It is not
//! durable: after a crash of the machine, remove that directory.

mod assertions;
mod database;
mod error;
mod fixture;
mod lease;
mod server;
mod setup;
mod state;
mod survey;
mod template;

pub use database::TestDatabase;
pub use error::TestError;
pub use fixture::Fixture;
pub use setup::{Setup, run};
pub use state::{DatabaseState, TableState};
