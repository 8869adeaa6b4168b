//! Bakes the reference application's revisions.

fn main() {
    hardtack_build::bake("../../migrations");
}
