//! Bakes the reference application's revisions and hardtack's own.

fn main() {
    hardtack_build::bake("migrations");
    hardtack_build::bake_as("src/history/system", "system");
}
