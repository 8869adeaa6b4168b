//! Resolves a folder of hardtack revisions.
