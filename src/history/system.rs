use crate::revisions::RevisionSet;

/// What the build makes of the folder `system`. It is checked in, so that the library by itself needs no resolver;
/// `macros/build/tests/system.rs` makes it anew.
#[expect(dead_code, unreachable_pub, reason = "baked for every history alike; the engine uses the set alone")]
mod baked {
    include!("system.baked.rs");
}

/// The revisions of hardtack's own tables, applied by the engine like any others.
pub(crate) static SYSTEM: &RevisionSet = &baked::REVISIONS;
