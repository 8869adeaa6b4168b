//! Typed tables: what the build makes of a snapshot, and that it reads and writes what a real server holds.

use hardtack::catalog::Snapshot;
use hardtack::{RevisionSet, Step, UpgradeOptions};
use hardtack_build::{Policy, Schema};

use crate::support::{Folder, TestDatabase};

const TYPES: &str = include_str!("fixtures/typed/V1__types.sql");
const COPY: &str = include_str!("fixtures/typed/V2__copy.rs");
const SCHEMA: &str = include_str!("fixtures/typed/schema.rs");

include!("fixtures/typed/schema.rs");

#[path = "fixtures/typed/V2__copy.rs"]
mod code;

fn folder() -> Folder {
    Folder::new(&[("V1__types.sql", TYPES), ("V2__copy.rs", COPY)])
}

/// The folder's revisions, its Rust as it is compiled here.
fn revisions() -> RevisionSet {
    let mut revisions: Vec<_> = folder().revisions().iter().cloned().collect();
    for revision in &mut revisions {
        if let Step::Rust(step) = &mut revision.up {
            step.run = Some(code::__hardtack_up);
        }
    }
    RevisionSet::from_revisions(revisions)
}

/// `HARDTACK_TEST_OVERWRITE=1` writes the expectation anew: read the difference before you commit it.
#[tokio::test]
async fn a_real_catalog_becomes_this_text() {
    let database = TestDatabase::empty().await;
    let folder = folder();
    database.execute(TYPES).await;
    let catalog = database.migrator(&folder.revisions()).catalog().await.unwrap();
    let snapshot = Snapshot { history: String::new(), catalog };
    std::fs::create_dir(folder.path().join("snapshots")).unwrap();
    folder.write("snapshots/V2__copy.json", &snapshot.to_text().unwrap());
    let resolved = hardtack_build::resolve(folder.path(), &Policy::default()).unwrap();
    let Schema::Text(text) = &resolved.revisions[1].schema else { panic!("{:?}", resolved.findings) };
    if std::env::var_os("HARDTACK_TEST_OVERWRITE").is_some() {
        std::fs::write("tests/fixtures/typed/schema.rs", text).unwrap();
    }
    assert_eq!(text, SCHEMA);
}

const FULL: &str = r#"insert into everything values (default, true, -32768, 2147483647, 'NaN', '-infinity', 'größe', 'a', 'b',
    'n', 'İ', 'x', 4294967295, '\x00ff', '4713-01-01 BC', '23:59:59.999', '2000-02-29 12:00:00.000001',
    '2024-01-01 00:00:00+14', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a":[1,null]}', '{"b": 1.5}', 'on-trial', 'ok',
    'a@b', 'c@d', '2fa', '{a,null}', '{a@b}', '{Self,null,""}', '{free,null}', '{1,null,3}', '{}',
    row(1, 'e@f', 'free', 12.50), array[row(null, 'g@h', null, 'NaN')::point3, null],
    row(array[row(2, 'i@j', 'Self', null)::point3], 'sad'), 123456789012345.00001, '{1.10,NaN,null}', '1 mon -1 day 3s',
    '10.0.0.1/8', '[1,5)', array['empty', '(,3)']::span[], '(1.5,-2)', 'a:1A b:2', '10101', row())"#;

const NULLS: &str = "insert into everything (an_email, a_work_email) values ('a@b', 'c@d')";

#[tokio::test]
async fn every_type_comes_back_as_it_was() {
    let database = TestDatabase::empty().await;
    let migrator = database.migrator(&revisions());
    let first = UpgradeOptions { target: hardtack::Target::Version(1), ..UpgradeOptions::default() };
    migrator.upgrade(first).await.unwrap();
    database.execute(&format!("{FULL}; {NULLS}; refresh materialized view totals")).await;
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let without_id = "regexp_replace((everything.*)::text, '^.[0-9]+,', '')";
    let texts = database.column(&format!("select {without_id} from everything order by id")).await;
    assert_eq!(texts.len(), 4);
    assert_eq!(texts[..2], texts[2..]);
    let in_all = "select count(*) from everything where num_nulls(a_boolean, some_bits, a_row) = 0";
    assert_eq!(database.value(in_all).await, "2");
}
