//! Bakes the reference application's revisions, where there is the code for it.

fn main() {
    #[cfg(feature = "resolve")]
    hardtack_build::bake("migrations");
    // Or cargo would run this again, and compile the library again, after whatever changes beside it.
    #[cfg(not(feature = "resolve"))]
    println!("cargo::rerun-if-changed=build.rs");
}
