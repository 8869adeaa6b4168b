//! Databases that other tools have migrated. Each dump below `tests/fixtures/adopt` says which tool made it, and how.

use std::path::Path;

use hardtack::config::{HistoryTable, Role};
use hardtack::engine::{AdoptError, AdoptOptions, Adoption};
use hardtack::history::foreign::Tool;
use hardtack::plan::{MatchedBy, Meaning, OutOfOrder};
use hardtack::{Error, Migrator, UpgradeOptions};

use crate::support::{Folder, TestDatabase, hardtack};

/// What the dumps hold, in revisions.
const TEXTS: [(&str, &str); 4] = [
    ("accounts", "create table accounts (id bigint primary key, email text not null);\n"),
    (
        "documents",
        "create table documents (id bigint primary key, account bigint not null references accounts (id), title text not null);\n",
    ),
    ("documents_account_index", "create index documents_account on documents (account);\n"),
    ("display_name", "alter table accounts add column display_name text;\n"),
];

/// The four revisions under versions made of those numbers.
fn folder(version: impl Fn(usize) -> String) -> Folder {
    let folder = Folder::new(&[]);
    for (number, (name, text)) in (1..).zip(TEXTS) {
        folder.write(&format!("V{}__{name}.sql", version(number)), text);
    }
    ship(&folder);
    folder
}

/// Pins the files as they are, as a team does that moves in.
fn ship(folder: &Folder) {
    let _ = std::fs::remove_file(folder.path().join("hardtack.lock"));
    hardtack::revisions::pin(folder.path(), true).unwrap();
}

fn numbered() -> Folder {
    folder(|number| number.to_string())
}

fn timestamped() -> Folder {
    folder(|number| format!("2024010{number}100000"))
}

/// A database as a tool left it.
async fn database(fixture: &str) -> TestDatabase {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/adopt/{fixture}.sql"));
    let database = TestDatabase::empty().await;
    database.execute(&std::fs::read_to_string(path).unwrap()).await;
    database
}

fn from(tool: Tool) -> AdoptOptions {
    AdoptOptions { from: Some(tool), ..AdoptOptions::default() }
}

fn mapped(map: &[(&str, Option<i64>)]) -> AdoptOptions {
    let map = map.iter().map(|(id, version)| ((*id).to_owned(), *version)).collect();
    AdoptOptions { map, ..AdoptOptions::default() }
}

async fn plan(migrator: &Migrator, options: &AdoptOptions) -> Adoption {
    migrator.plan_adopt(options).await.unwrap().expect("another tool's history is there")
}

/// What bars an adoption, as `subject: reason`.
async fn refusals(migrator: &Migrator, options: &AdoptOptions) -> Vec<String> {
    let adoption = plan(migrator, options).await;
    let refused = migrator.adopt(&adoption).await.unwrap_err();
    assert!(matches!(refused, Error::Adopt(AdoptError::Refused { .. })), "{refused}");
    adoption.refusals.iter().map(|one| format!("{}: {}", one.subject, one.reason)).collect()
}

/// Adopts by the command line; then everything is up to date, and the other tool's table what it was, byte for byte.
async fn is_adopted(database: &TestDatabase, folder: &Folder, table: &str, arguments: &[&str]) {
    let content = format!("select t::text || ' ' || t.ctid || ' ' || t.xmin from {table} t order by t.ctid");
    let before = database.column(&content).await;
    let arguments = [&["adopt", "--dir", ".", "--yes"], arguments].concat();
    let adopted = hardtack(folder.path(), Some(&database.url()), &arguments);
    assert_eq!(adopted.code, 0, "{}{}", adopted.stdout, adopted.stderr);
    assert!(adopted.stdout.contains("4 revisions recorded as applied"), "{}", adopted.stdout);
    assert_eq!(database.column(&content).await, before);
    let status = database.migrator(&folder.revisions()).status().await.unwrap();
    assert_eq!((status.applied.len(), status.pending.len(), status.conflicts.len()), (4, 0, 0));
    let verified = hardtack(folder.path(), Some(&database.url()), &["verify", "--dir", "."]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    let log = "select count(*) from hardtack.step join hardtack.run on run.id = run where direction = 'mark' and command = \
               'adopt' and outcome = 'succeeded'";
    assert_eq!(database.value(log).await, "4");
    let again = hardtack(folder.path(), Some(&database.url()), &arguments);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(again.stdout.contains("nothing to record; 4 are recorded already"), "{}", again.stdout);
}

#[tokio::test]
async fn sqlx_is_taken_over() {
    is_adopted(&database("sqlx").await, &timestamped(), "_sqlx_migrations", &[]).await;
}

#[tokio::test]
async fn diesel_is_taken_over() {
    is_adopted(&database("diesel").await, &timestamped(), "__diesel_schema_migrations", &[]).await;
}

#[tokio::test]
async fn sea_orm_is_taken_over() {
    is_adopted(&database("sea_orm").await, &timestamped(), "seaql_migrations", &[]).await;
}

#[tokio::test]
async fn dbmate_is_taken_over() {
    is_adopted(&database("dbmate").await, &timestamped(), "schema_migrations", &[]).await;
}

#[tokio::test]
async fn prisma_is_taken_over_with_an_attempt_that_was_rolled_back() {
    let database = database("prisma").await;
    let folder = timestamped();
    let adoption = plan(&database.migrator(&folder.revisions()), &from(Tool::Prisma)).await;
    let left_out = |meaning: &Meaning| matches!(meaning, Meaning::Nothing { .. });
    assert_eq!(adoption.rows.iter().filter(|row| left_out(&row.meaning)).count(), 1);
    is_adopted(&database, &folder, "_prisma_migrations", &[]).await;
}

#[tokio::test]
async fn goose_is_taken_over() {
    is_adopted(&database("goose").await, &numbered(), "goose_db_version", &[]).await;
}

#[tokio::test]
async fn golang_migrate_is_taken_over() {
    is_adopted(&database("golang_migrate").await, &numbered(), "schema_migrations", &[]).await;
}

#[tokio::test]
async fn flyway_is_taken_over_with_dotted_versions_by_name() {
    is_adopted(&database("flyway").await, &numbered(), "flyway_schema_history", &[]).await;
}

#[tokio::test]
async fn alembic_is_taken_over_by_a_map() {
    let database = database("alembic").await;
    is_adopted(&database, &numbered(), "alembic_version", &["--map", "586e05edd180=4"]).await;
}

#[tokio::test]
async fn refinery_is_taken_over_from_another_table() {
    let database = database("refinery_renamed").await;
    is_adopted(&database, &numbered(), "ops.migrations", &["--table", "ops.migrations"]).await;
}

/// Of either width of version, and from files of either line end.
#[tokio::test]
async fn refinerys_own_table_is_nothing_to_do() {
    for fixture in ["refinery_int4", "refinery_int8", "refinery_crlf"] {
        let (database, folder) = (database(fixture).await, numbered());
        let adopted = hardtack(folder.path(), Some(&database.url()), &["adopt", "--dir", "."]);
        assert_eq!(adopted.code, 0, "{}", adopted.stderr);
        assert!(adopted.stdout.contains("nothing to do"), "{}", adopted.stdout);
        let status = database.migrator(&folder.revisions()).status().await.unwrap();
        assert_eq!(
            (status.applied.len(), status.pending.len(), status.conflicts.len()),
            (4, 0, 0),
            "{fixture}"
        );
    }
}

/// Where ours is another table, refinery's usual one is somebody else's.
#[tokio::test]
async fn refinery_is_taken_over_into_a_table_of_ours() {
    for fixture in ["refinery_int4", "refinery_int8", "refinery_crlf"] {
        let (database, folder) = (database(fixture).await, numbered());
        let arguments = ["--history-table", "ours.history"];
        let adopt = [&["adopt", "--dir", ".", "--yes"], &arguments[..]].concat();
        let adopted = hardtack(folder.path(), Some(&database.url()), &adopt);
        assert_eq!(adopted.code, 0, "{fixture}: {}{}", adopted.stdout, adopted.stderr);
        let table = HistoryTable::new("ours", "history").unwrap();
        let status = database.migrator(&folder.revisions()).with_history_table(table).status().await.unwrap();
        assert_eq!((status.applied.len(), status.conflicts.len()), (4, 0));
    }
}

#[tokio::test]
async fn a_text_that_refinery_did_not_apply_is_refused_unless_it_is_mapped() {
    let (database, folder) = (database("refinery_renamed").await, numbered());
    folder.write(
        "V3__documents_account_index.sql",
        "create index documents_account on documents (account, id);\n",
    );
    ship(&folder);
    let migrator = database.migrator(&folder.revisions());
    let table = |options| AdoptOptions { table: Some("migrations".to_owned()), ..options };
    let edited = refusals(&migrator, &table(AdoptOptions::default())).await;
    assert_eq!(edited, ["3: the text of V3__documents_account_index is not the one that was applied"]);
    let adoption = plan(&migrator, &table(mapped(&[("3", Some(3))]))).await;
    assert_eq!(migrator.adopt(&adoption).await.unwrap().marked.len(), 4);
}

#[tokio::test]
async fn what_failed_or_never_ended_is_refused_with_what_to_do() {
    for (fixture, folder, breaks, advice) in [
        (
            "sqlx",
            timestamped(),
            "update _sqlx_migrations set success = false where version = 20240104100000",
            "sqlx",
        ),
        (
            "flyway",
            numbered(),
            "update flyway_schema_history set success = false where installed_rank = 9",
            "flyway repair",
        ),
        ("golang_migrate", numbered(), "update schema_migrations set dirty = true", "migrate force"),
        (
            "prisma",
            timestamped(),
            "update _prisma_migrations set finished_at = null where migration_name like '%display_name'",
            "prisma migrate resolve",
        ),
    ] {
        let database = database(fixture).await;
        database.execute(breaks).await;
        let migrator = database.migrator(&folder.revisions());
        let adoption = plan(&migrator, &AdoptOptions::default()).await;
        let [refusal] = adoption.refusals.as_slice() else { panic!("{fixture}: {:?}", adoption.refusals) };
        assert_eq!(refusal.reason, "it is not whole");
        assert!(refusal.advice.contains(advice), "{}", refusal.advice);
        assert!(matches!(migrator.adopt(&adoption).await, Err(Error::Adopt(AdoptError::Refused { .. }))));
        assert_eq!(database.value("select to_regclass('refinery_schema_history')").await, "null");
    }
}

#[tokio::test]
async fn a_gap_is_refused_unless_out_of_order_is_meant() {
    let (database, folder) = (database("sqlx").await, timestamped());
    database.execute("delete from _sqlx_migrations where version = 20240102100000").await;
    let migrator = database.migrator(&folder.revisions());
    let gap = "V20240102100000__documents: it is older than what is applied there, and not among it";
    assert_eq!(refusals(&migrator, &AdoptOptions::default()).await, [gap]);
    let migrator = migrator.with_out_of_order(OutOfOrder::Allow);
    let adoption = plan(&migrator, &AdoptOptions::default()).await;
    assert_eq!(adoption.gaps.len(), 1);
    assert_eq!(migrator.adopt(&adoption).await.unwrap().marked.len(), 3);
    assert_eq!(migrator.status().await.unwrap().pending.len(), 1);
}

#[tokio::test]
async fn rows_without_a_revision_are_refused_until_they_are_mapped() {
    let (database, folder) = (database("dbmate").await, numbered());
    let migrator = database.migrator(&folder.revisions());
    let unknown = refusals(&migrator, &AdoptOptions::default()).await;
    assert_eq!(unknown.len(), 4);
    assert_eq!(unknown[0], "20240101100000: no revision here has its version or its name");
    let map = [
        ("20240101100000", Some(1)),
        ("20240102100000", Some(2)),
        ("20240103100000", None),
        ("20240104100000", Some(2)),
    ];
    let adoption = plan(&migrator, &mapped(&map)).await;
    assert_eq!(migrator.adopt(&adoption).await.unwrap().to, Some(2));
    assert_eq!(migrator.status().await.unwrap().pending.len(), 2);
}

#[tokio::test]
async fn renumbered_revisions_are_found_by_name() {
    for (fixture, table) in
        [("sqlx", "_sqlx_migrations"), ("sea_orm", "seaql_migrations"), ("prisma", "_prisma_migrations")]
    {
        let (database, folder) = (database(fixture).await, numbered());
        let adoption = plan(&database.migrator(&folder.revisions()), &AdoptOptions::default()).await;
        let by_name = |meaning: &Meaning| matches!(meaning, Meaning::Revision { by: MatchedBy::Name, .. });
        assert_eq!(adoption.rows.iter().filter(|row| by_name(&row.meaning)).count(), 4);
        is_adopted(&database, &folder, table, &[]).await;
    }
}

#[tokio::test]
async fn a_version_that_has_another_name_here_is_refused() {
    let database = database("flyway").await;
    let folder = numbered();
    folder.remove("V4__display_name");
    folder.write("V4__nickname.sql", "alter table accounts add column nickname text;\n");
    folder.write("V5__display_name.sql", TEXTS[3].1);
    ship(&folder);
    let migrator = database.migrator(&folder.revisions());
    let ambiguous = refusals(&migrator, &AdoptOptions::default()).await;
    assert_eq!(ambiguous, ["4: it may be any of V4__nickname, V5__display_name"]);
    folder.remove("V5__display_name");
    ship(&folder);
    let migrator = database.migrator(&folder.revisions());
    let otherwise = refusals(&migrator, &AdoptOptions::default()).await;
    assert_eq!(otherwise, ["4: its version is that of V4__nickname, which has another name"]);
}

#[tokio::test]
async fn alembic_finds_its_revision_by_the_id_in_a_name() {
    let (database, folder) = (database("alembic").await, numbered());
    let migrator = database.migrator(&folder.revisions());
    let unknown = refusals(&migrator, &AdoptOptions::default()).await;
    assert_eq!(unknown, ["586e05edd180: no revision here has its version or its name"]);
    folder.remove("V4__display_name");
    folder.write("V4__display_name_586e05edd180.sql", TEXTS[3].1);
    folder.write("V5__later.sql", "create table later ();\n");
    ship(&folder);
    let migrator = database.migrator(&folder.revisions());
    let adoption = plan(&migrator, &from(Tool::Alembic)).await;
    assert_eq!(migrator.adopt(&adoption).await.unwrap().marked.len(), 4);
    assert_eq!(migrator.status().await.unwrap().pending.len(), 1);
}

#[tokio::test]
async fn several_heads_of_alembic_are_each_to_be_mapped() {
    let (database, folder) = (database("alembic").await, numbered());
    database.execute("insert into alembic_version values ('5f73346b1023')").await;
    let migrator = database.migrator(&folder.revisions());
    let heads = refusals(&migrator, &mapped(&[("586e05edd180", Some(4))])).await;
    assert_eq!(heads, ["5f73346b1023: it is one of several heads"]);
    let map = [("586e05edd180", Some(4)), ("5f73346b1023", Some(3))];
    let adoption = plan(&migrator, &mapped(&map)).await;
    assert_eq!(migrator.adopt(&adoption).await.unwrap().marked.len(), 4);
}

#[tokio::test]
async fn a_flyway_baseline_covers_what_is_before_it() {
    let (database, folder) = (database("flyway").await, numbered());
    database
        .execute(
            "delete from flyway_schema_history where version like '1%'; insert into flyway_schema_history values \
             (1, '3.0', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', null, 'app', now(), 0, true)",
        )
        .await;
    is_adopted(&database, &folder, "flyway_schema_history", &[]).await;
}

#[tokio::test]
async fn two_histories_are_told_from_each_other_by_name_and_columns() {
    let (database, folder) = (database("sqlx").await, timestamped());
    database
        .execute("create schema go; create table go.schema_migrations (version bigint primary key, dirty boolean not null)")
        .await;
    let url = database.url();
    let both = hardtack(folder.path(), Some(&url), &["adopt", "--dir", ".", "--plan"]);
    assert_eq!(both.code, 2, "{}", both.stdout);
    for part in [
        r#""public"."_sqlx_migrations" of sqlx"#,
        r#""go"."schema_migrations" of golang-migrate"#,
        "--from TOOL",
    ] {
        assert!(both.stderr.contains(part), "{part}: {}", both.stderr);
    }
    let migrator = database.migrator(&folder.revisions());
    for options in [
        from(Tool::Sqlx),
        AdoptOptions { table: Some("_sqlx_migrations".to_owned()), ..AdoptOptions::default() },
        AdoptOptions {
            schema: Some("public".to_owned()),
            table: Some("_sqlx_migrations".to_owned()),
            ..AdoptOptions::default()
        },
    ] {
        assert_eq!(plan(&migrator, &options).await.revisions.len(), 4);
    }
    let wrong = AdoptOptions { table: Some("schema_migrations".to_owned()), ..from(Tool::Dbmate) };
    let wrong = migrator.plan_adopt(&wrong).await.unwrap_err().to_string();
    assert!(wrong.contains("find the history of dbmate in schema_migrations"), "{wrong}");
}

#[tokio::test]
async fn a_plan_writes_nothing_and_nobody_to_ask_is_a_no() {
    let (database, folder) = (database("sqlx").await, timestamped());
    let url = database.url();
    let planned = hardtack(folder.path(), Some(&url), &["adopt", "--dir", ".", "--plan", "--format", "json"]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    let planned: serde_json::Value = serde_json::from_str(&planned.stdout).unwrap();
    assert_eq!(planned["from"]["tool"], "sqlx");
    assert_eq!(planned["rows"][3]["id"], "20240104100000");
    assert_eq!(planned["rows"][3]["meaning"], "revision");
    assert_eq!(planned["revisions"].as_array().unwrap().len(), 4);
    let unasked = hardtack(folder.path(), Some(&url), &["adopt", "--dir", "."]);
    assert_eq!(unasked.code, 6, "{}", unasked.stdout);
    assert!(unasked.stderr.contains("give --yes"), "{}", unasked.stderr);
    assert_eq!(database.value("select to_regclass('refinery_schema_history')").await, "null");
    assert_eq!(database.value("select to_regnamespace('hardtack')").await, "null");
}

#[tokio::test]
async fn slips_of_the_pen_are_told() {
    let (database, folder) = (database("golang_migrate").await, numbered());
    let adopt = |map| {
        hardtack(folder.path(), Some(&database.url()), &["adopt", "--dir", ".", "--plan", "--map", map])
    };
    for (map, told) in [
        ("5=4", "no row of \"public\".\"schema_migrations\" is called that"),
        ("4=9", "there is no such revision"),
        ("4", "write FOREIGN=VERSION"),
        ("4=four", "four is no version"),
    ] {
        let output = adopt(map);
        assert_eq!(output.code, 2, "{}", output.stdout);
        assert!(output.stderr.contains(told), "{}", output.stderr);
    }
    let empty = TestDatabase::empty().await;
    // Ecto's: of a usual name, but of no tool's columns.
    empty.execute("create table schema_migrations (version bigint primary key, inserted_at timestamp)").await;
    let nobody = hardtack(folder.path(), Some(&empty.url()), &["adopt", "--dir", "."]);
    assert_eq!(nobody.code, 2);
    assert!(nobody.stderr.contains("find the history of another tool"), "{}", nobody.stderr);
}

/// The plan that was confirmed is what is written, or nothing.
#[tokio::test]
async fn a_history_that_changed_since_it_was_shown_is_not_taken_over() {
    let (database, folder) = (database("sqlx").await, timestamped());
    let migrator = database.migrator(&folder.revisions());
    let adoption = plan(&migrator, &AdoptOptions::default()).await;
    database.execute("delete from _sqlx_migrations where version = 20240104100000").await;
    let changed = migrator.adopt(&adoption).await.unwrap_err();
    assert!(matches!(changed, Error::Adopt(AdoptError::Changed { .. })), "{changed}");
    assert_eq!(database.value("select to_regclass('refinery_schema_history')").await, "null");
}

#[tokio::test]
async fn what_is_recorded_already_is_not_recorded_twice() {
    let (database, folder) = (database("golang_migrate").await, numbered());
    let first = Folder::new(&[("V1__accounts.sql", TEXTS[0].1)]);
    database.execute("alter table accounts rename to kept").await;
    database.migrator(&first.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
    let migrator = database.migrator(&folder.revisions());
    let adoption = plan(&migrator, &AdoptOptions::default()).await;
    assert_eq!((adoption.recorded, adoption.revisions.len()), (1, 3));
    assert_eq!(migrator.adopt(&adoption).await.unwrap().marked.len(), 3);
    assert_eq!(database.applied().await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_role_that_may_not_read_the_table_is_told_so_or_takes_the_one_that_may() {
    let (database, folder) = (database("sqlx").await, timestamped());
    database
        .execute(
            "create role adopter login noinherit; create role of_sqlx; grant of_sqlx to adopter; \
             alter table _sqlx_migrations owner to of_sqlx",
        )
        .await;
    let options = database.options.clone().with_user("adopter");
    let migrator = Migrator::new(&folder.revisions(), options);
    let error = migrator.plan_adopt(&AdoptOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("\"public\".\"_sqlx_migrations\""), "{error}");
    assert!(error.contains("grant the role USAGE on the schema and SELECT on the table"), "{error}");
    let migrator = migrator.with_role(Role::new("of_sqlx").unwrap());
    assert_eq!(plan(&migrator, &AdoptOptions::default()).await.revisions.len(), 4);
}
