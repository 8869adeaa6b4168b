//! Procedural macros of hardtack; use them through the `hardtack` crate.
