//! Hardtack's own revisions: what is made of them here is checked in beside them, and compiled into the library.

#![cfg(feature = "sql")]

use std::path::Path;

use hardtack_build::{Policy, render, resolve};

/// `HARDTACK_TEST_OVERWRITE=1` writes it anew.
#[test]
fn what_is_checked_in_is_what_the_build_makes() {
    let history = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/history");
    let resolved = resolve(&history.join("system"), &Policy::default()).unwrap();
    assert!(!resolved.has_errors(), "{:?}", resolved.findings);
    let (made, place) = (render(&resolved), history.join("system.baked.rs"));
    if std::env::var_os("HARDTACK_TEST_OVERWRITE").is_some() {
        std::fs::write(&place, &made).unwrap();
    }
    let checked_in = std::fs::read_to_string(&place).unwrap_or_default();
    assert!(
        made == checked_in,
        "src/history/system.baked.rs is stale: HARDTACK_TEST_OVERWRITE=1 writes it anew"
    );
}
