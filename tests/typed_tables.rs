//! Typed tables: what the build makes of a snapshot, and that it reads and writes what a real server holds.

use hardtack::catalog::Snapshot;
use hardtack::types::{Columns, Raw};
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

/// What takes a snapshot resolves the folder first; what pins a revision wants to know that it compiles.
#[test]
fn only_compiling_and_pinning_need_a_snapshot() {
    let folder = folder();
    let resolved = hardtack::revisions::resolve(folder.path()).unwrap();
    let warning = "`schema` is named here, and there is no";
    assert!(resolved.warnings.iter().any(|text| text.contains(warning)), "{:?}", resolved.warnings);
    assert_eq!(resolved.revisions.iter().count(), 2);
    let error = hardtack::revisions::pin(folder.path(), false).unwrap_err().to_string();
    assert!(error.contains(warning), "{error}");
}

const FULL: &str = r#"insert into everything values (default, true, -32768, 2147483647, 'NaN', '-infinity', 'größe', 'a', 'b',
    'n', 'İ', 'x', 4294967295, '\x00ff', '4713-01-01 BC', '23:59:59.999', '2000-02-29 12:00:00.000001',
    '2024-01-01 00:00:00+14', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a":[1,null]}', '{"b": 1.5}', 'on-trial', 'ok',
    'a@b', 'c@d', '2fa', '{a,null}', '{a@b}', '{Self,null,""}', '{free,null}', '{1,null,3}', '{}',
    row(1, 'e@f', 'free', 12.50), array[row(null, 'g@h', null, 'NaN')::point3, null],
    row(array[row(2, 'i@j', 'Self', null)::point3], 'sad'), 123456789012345.00001, '{1.10,NaN,null,0,0.00,-0.0001,1e20,1e-9,10000.0001,-99999999.99990000}', '1 mon -1 day 3s',
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

/// What reading a value of that column says.
async fn refused<C: Columns>(database: &TestDatabase, column: C, value: &str) -> String {
    let name = column.names().join(", ");
    let statement = format!(
        "insert into everything (an_email, a_work_email, {name}) values ('a@b', 'c@d', {value}) returning {name}"
    );
    let row = database.connect().await.client.query_one(&statement, &[]).await.unwrap();
    column.read(&row).map(|_| "no error").unwrap_err().to_string()
}

#[tokio::test]
async fn a_value_without_a_home_is_an_error_and_no_other_value() {
    let database = TestDatabase::empty().await;
    database.execute(TYPES).await;
    database.execute("alter type app.plan add value 'new'; alter type point3 rename attribute x to w").await;
    let rest = "has no home in the type of the column; read the other columns with `context.columns`, or cast this one \
                to text in a query";
    use schema::everything::*;
    assert_eq!(
        refused(&database, A_TIMESTAMPTZ, "'infinity'").await,
        format!("read column \"a_timestamptz\" of \"public\".\"everything\": infinity {rest}")
    );
    assert!(refused(&database, A_TIMESTAMP, "'-infinity'").await.contains(&format!(": -infinity {rest}")));
    assert!(refused(&database, A_DATE, "'infinity'").await.contains(&format!(": infinity {rest}")));
    assert!(refused(&database, A_TIME, "'24:00'").await.contains(&format!(": 24:00:00 {rest}")));
    assert!(refused(&database, SOME_TIMES, "'{infinity}'").await.contains(&format!(": infinity {rest}")));
    for (array, what) in [
        ("'{{1},{2}}'", "an array of more than one dimension"),
        ("'[0:1]={1,2}'", "an array that does not begin at 1"),
    ] {
        assert!(refused(&database, SOME_INTEGERS, array).await.contains(what));
    }
    let label = refused(&database, A_PLAN, "'new'").await;
    assert!(label.contains("read \"new\" as plan: the snapshot knows no such label"), "{label}");
    let attribute = refused(&database, (ID, A_POINT), "default, row(1, 'a@b', null, null)").await;
    assert!(attribute.contains("the type point3 has no attribute \"x\" any more"), "{attribute}");
}

#[tokio::test]
async fn a_raw_value_goes_where_it_came_from_only() {
    let database = TestDatabase::empty().await;
    let connection = database.connect().await;
    let client = &connection.client;
    let row = client.query_one("select '1 day'::interval", &[]).await.unwrap();
    let raw: Raw = row.get(0);
    assert_eq!((raw.ty().name(), raw.bytes().len()), ("interval", 16));
    let back = client.query_one("select ($1::interval)::text", &[&raw]).await.unwrap();
    assert_eq!(back.get::<_, String>(0), "1 day");
    let error = client.query_one("select $1::inet", &[&raw]).await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        cause.starts_with("a raw value of type interval where inet is wanted: cast the parameter"),
        "{cause}"
    );
}
