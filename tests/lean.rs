//! The library without features, at work.

use crate::support::{TestDatabase, command, find_program, output_of};

/// Built by itself, because with others it would get their features.
#[tokio::test]
async fn it_brings_a_database_up_to_date_back_and_up_again() {
    let Some(cargo) = std::env::var_os("CARGO").map(Into::into).or_else(|| find_program("cargo", &[])) else {
        return;
    };
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lean");
    let manifest = std::fs::read_to_string(format!("{folder}/Cargo.toml")).unwrap();
    assert!(manifest.contains(r#"hardtack = { path = "../..", default-features = false }"#), "{manifest}");
    let database = TestDatabase::empty().await;
    let output = output_of(
        command(cargo)
            .args(["run", "--quiet", "--offline", "--locked", "--target-dir"])
            .arg(concat!(env!("CARGO_TARGET_TMPDIR"), "/lean"))
            .current_dir(folder)
            .env("DATABASE_URL", database.url()),
    );
    let said = "20 applied\n3 undone\n4 applied at the boot, 0 pending\n";
    assert_eq!((output.code, &*output.stdout), (0, said), "{}", output.stderr);
    assert_eq!(database.applied().await.len(), 21);
}
