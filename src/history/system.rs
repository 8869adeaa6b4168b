use crate::revisions::RevisionSet;

#[expect(dead_code, unreachable_pub, reason = "baked for every history alike; the engine uses the set alone")]
mod baked {
    include!(concat!(env!("OUT_DIR"), "/hardtack-system.rs"));
}

/// The revisions of hardtack's own tables, applied by the engine like any others.
pub(crate) static SYSTEM: &RevisionSet = &baked::REVISIONS;
