//! Bakes the revisions.

fn main() {
    hardtack_build::bake("migrations");
}
