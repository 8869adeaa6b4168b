//! The library without features, at work.

use std::path::Path;
use std::process::Command;

use crate::support::TestDatabase;

#[tokio::test]
async fn it_brings_a_database_up_to_date_back_and_up_again() {
    let database = TestDatabase::empty().await;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let program = Command::new(cargo)
        .args(["run", "--package", "hardtack-lean", "--quiet", "--offline", "--locked"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap();
    let [said, errors] = [program.stdout, program.stderr].map(|text| String::from_utf8(text).unwrap());
    assert_eq!(said, "20 applied\n3 undone\n4 applied at the boot, 0 pending\n", "{errors}");
    assert_eq!(database.applied().await.len(), 21);
}
