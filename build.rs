//! Bakes the reference application's revisions. The library by itself has none but its own, which are checked in.

fn main() {
    #[cfg(feature = "resolve")]
    hardtack_build::bake("migrations");
}
