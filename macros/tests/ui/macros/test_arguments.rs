//! `#[hardtack::test]` names what it takes.

use hardtack_macros::test;

#[test]
async fn no_revisions(_db: ()) {}

#[test(crate::REVISIONS, version = 6)]
async fn another_argument(_db: ()) {}

#[test(crate::REVISIONS)]
fn not_async(_db: ()) {}

#[test(crate::REVISIONS)]
async fn no_database() {}

fn main() {}
