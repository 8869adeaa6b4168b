//! The admin API through HTTP: who is let in, what is answered, and what becomes of the work.

mod access;
mod application;
mod backfills;
mod backups;
mod client;
mod document;
mod doors;
mod house;
mod limits;
mod page;
mod runs;
mod sessions;
mod streams;

use crate::support::GATE;

/// Two short revisions, and one that takes its time.
const REVISIONS: [(&str, &str); 3] = [
    ("V1__one.sql", "create table one (id bigint);"),
    ("V2__slow.sql", "select pg_sleep(1);"),
    ("V3__three.sql", "create table three (id bigint);"),
];

/// The same, and the second lasts until the test opens the gate.
const GATED: [(&str, &str); 3] = [REVISIONS[0], ("V2__slow.sql", GATE), REVISIONS[2]];
