//! Expand and contract: both versions of an application write while columns take the place of others, and every step leads
//! back.

use std::path::Path;
use std::time::Duration;

use hardtack::catalog::expand::Expansion;
use hardtack::catalog::{Catalog, differences};
use hardtack::{Back, DowngradeOptions, Migrator, RevisionSet, Target, UpgradeOptions};
use hardtack_build::{Policy, Schema};

use crate::support::{Code, Folder, Output, TestDatabase, hardtack, with_more_code};

#[path = "fixtures/expand/mod.rs"]
mod written;

const PEOPLE: &str = "create table people (
    id bigint generated always as identity primary key,
    name text not null default 'No Name',
    note text,
    constraint people_name_not_blank check (btrim(name) <> '')
);
create index people_name_idx on people (lower(name));
comment on column people.name is 'As it''s printed.';
grant select (name) on people to public;
alter table people alter column name set storage external, alter column name set statistics 50;
";

const SPLIT: [&str; 9] = [
    "generate",
    "Split names",
    "--expand=people",
    "--new",
    "first_name text not null = split_part(name, ' ', 1)",
    "--new",
    "last_name varchar(20) = nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')",
    "--old",
    "name = concat_ws(' ', first_name, last_name)",
];

const ORDERS: &str = "create schema shop;
create table shop.orders (id uuid primary key default gen_random_uuid(), placed timestamp, total int);
";

const ZONE: [&str; 7] = [
    "generate",
    "Zone",
    "--expand=shop.orders",
    "--new",
    "placed_at timestamptz = placed at time zone 'UTC'",
    "--old",
    "placed = placed_at at time zone 'UTC'",
];

const ODD: &str = r#"create table "LineItems" (
    id bigint, "placed at" date, "Qty" int not null, detail json, primary key (id, "placed at"), constraint "Qty > 0" check ("Qty" > 0)
) partition by range ("placed at");
create index "by ""Qty""" on "LineItems" ("Qty") where "Qty" > 1;
comment on index "by ""Qty""" is 'Large ones.';
comment on constraint "Qty > 0" on "LineItems" is 'Nobody orders nothing.';
create table "LineItems_old" (gone int, detail json, "Qty" int constraint "LineItems_Qty_not_null" not null, "placed at" date not null, id bigint not null, constraint "Qty > 0" check ("Qty" > 0));
alter table "LineItems_old" drop column gone;
alter table "LineItems" attach partition "LineItems_old" for values from ('2000-01-01') to ('2020-01-01');
create table "LineItems_new" partition of "LineItems" for values from ('2020-01-01') to ('2040-01-01');
"#;

const QUANTITY: [&str; 7] = [
    "generate",
    "The quantity, in \"milli\"s $$",
    "--expand=\"LineItems\"",
    "--new",
    "\"Quantity\" json not null = json_build_object('$$', \"Qty\"::bigint * 1000)",
    "--old",
    "\"Qty\" = (\"Quantity\" ->> '$$')::bigint / 1000",
];

/// A folder with that first revision, and what `generate` adds to it.
async fn generated(first: &str, arguments: &[&str]) -> (TestDatabase, Folder) {
    let down = "drop table if exists people, \"LineItems\"; drop schema if exists shop cascade;";
    let files = [("V1__first.down.sql", down), ("V1__first.sql", first)];
    let (database, folder) = (TestDatabase::empty().await, Folder::new(&files));
    let output = generate(&database, &folder, arguments);
    assert_eq!(output.code, 0, "{}", output.stderr);
    (database, folder)
}

fn generate(database: &TestDatabase, folder: &Folder, arguments: &[&str]) -> Output {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--dir", "."]).collect();
    hardtack(folder.path(), Some(&database.url()), &arguments)
}

async fn people() -> (TestDatabase, RevisionSet) {
    let (database, folder) = generated(PEOPLE, &SPLIT).await;
    let fill = Code { before: Some(written::backfill::code::__hardtack_before), ..Code::default() };
    let back = Code { down: Some(written::contract::code::__hardtack_down), ..Code::default() };
    let set = with_more_code(&with_more_code(&folder.revisions(), 3, fill), 4, back);
    (database, set)
}

async fn orders() -> (TestDatabase, RevisionSet) {
    let (database, folder) = generated(ORDERS, &ZONE).await;
    let fill = Code {
        up: Some(written::zone::code::__hardtack_up),
        down: Some(written::zone::code::__hardtack_down),
        ..Code::default()
    };
    let back = Code { down: Some(written::zone_contract::code::__hardtack_down), ..Code::default() };
    let set = with_more_code(&with_more_code(&folder.revisions(), 3, fill), 4, back);
    (database, set)
}

async fn line_items() -> (TestDatabase, RevisionSet) {
    let (database, folder) = generated(ODD, &QUANTITY).await;
    let fill = Code { before: Some(written::odd::code::__hardtack_before), ..Code::default() };
    let back = Code { down: Some(written::odd_contract::code::__hardtack_down), ..Code::default() };
    let set = with_more_code(&with_more_code(&folder.revisions(), 3, fill), 4, back);
    (database, set)
}

async fn up(migrator: &Migrator, version: i64) -> Result<(), String> {
    let options = UpgradeOptions { target: Target::Version(version), ..UpgradeOptions::default() };
    migrator.upgrade(options).await.map(drop).map_err(|error| error.to_string())
}

async fn down(migrator: &Migrator, version: i64) -> Result<(), String> {
    let options = DowngradeOptions { back: Back::To(version), agreed: None };
    migrator.downgrade(options).await.map(drop).map_err(|error| error.to_string())
}

fn is_same(expected: &Catalog, found: &Catalog) {
    let differences: Vec<String> = differences(expected, found).iter().map(ToString::to_string).collect();
    assert_eq!(differences, Vec::<String>::new());
}

/// What the build has to say of the folder is nothing, and its Rust is what this test binary has compiled.
#[tokio::test]
async fn what_is_written_bakes() {
    for (first, arguments, stems) in [
        (
            PEOPLE,
            &SPLIT[..],
            [("backfill", "V3__split_names_backfill"), ("contract", "V4__split_names_contract")],
        ),
        (ORDERS, &ZONE[..], [("zone", "V3__zone_backfill"), ("zone_contract", "V4__zone_contract")]),
        (
            ODD,
            &QUANTITY[..],
            [
                ("odd", "V3__the_quantity_in_milli_s_backfill"),
                ("odd_contract", "V4__the_quantity_in_milli_s_contract"),
            ],
        ),
    ] {
        let (_, folder) = generated(first, arguments).await;
        let resolved = hardtack_build::resolve(folder.path(), &Policy::default()).unwrap();
        let findings: Vec<String> = resolved.findings.iter().map(ToString::to_string).collect();
        assert_eq!(findings, Vec::<String>::new());
        for (place, stem) in stems {
            let revision =
                resolved.revisions.iter().find(|one| stem.starts_with(&format!("V{}_", one.version)));
            let Schema::Text(schema) = &revision.unwrap().schema else { panic!("{stem} names no schema") };
            let code = std::fs::read_to_string(folder.path().join(format!("{stem}.rs"))).unwrap();
            let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/expand").join(place);
            if std::env::var_os("HARDTACK_TEST_OVERWRITE").is_some() {
                std::fs::write(home.join("schema.rs"), schema).unwrap();
                std::fs::write(home.join("code.rs"), &code).unwrap();
            }
            assert_eq!(code, std::fs::read_to_string(home.join("code.rs")).unwrap());
            assert_eq!(*schema, std::fs::read_to_string(home.join("schema.rs")).unwrap());
        }
    }
}

/// What a statement makes of a row, as `name|first_name|last_name`.
const ROW: &str = "select concat_ws('|', coalesce(name, '-'), coalesce(first_name, '-'), coalesce(last_name, '-')) from people";

/// Instead of what stands there before the first step: a row that was there, and that somebody has touched since.
const FILLED: &str = "a row that is filled";

/// An old writer's.
const INSERT: &str = "insert into people (name) values ('Ada King Lovelace')";

/// What is there before the first step, what is written behind it, and the row that is left.
const WRITES: &[(&str, &str, &str)] = &[
    // Inserts of an old writer, of a new one, of one that says nothing, and of one that says both.
    ("", INSERT, "Ada King Lovelace|Ada|King Lovelace"),
    (
        "",
        "insert into people (first_name, last_name) values ('Ada', 'Lovelace')",
        "Ada Lovelace|Ada|Lovelace",
    ),
    ("", "insert into people (first_name) values ('Ada')", "Ada|Ada|-"),
    ("", "insert into people (note) values ('x')", "No Name|No|Name"),
    ("", "insert into people (name, first_name, last_name) values ('Ada  B', 'Ada', ' B')", "Ada  B|Ada| B"),
    ("", "insert into people (name, first_name, last_name) values ('x', 'Ada', 'B')", "Ada B|Ada|B"),
    // What the old side cannot express stays, also when the row is touched by others.
    (
        "",
        "insert into people (first_name, last_name) values ('Ada King', 'B'); update people set note = 'x'",
        "Ada King B|Ada King|B",
    ),
    (
        "",
        "insert into people (first_name, last_name) values ('Ada King', 'B'); update people set name = 'Ada King B', note = 'y'",
        "Ada King B|Ada King|B",
    ),
    // Updates of a filled row.
    (FILLED, "update people set name = 'Bob'", "Bob|Bob|-"),
    (FILLED, "update people set last_name = 'B'", "Ada B|Ada|B"),
    (FILLED, "update people set last_name = null", "Ada|Ada|-"),
    (FILLED, "update people set name = 'Eve E', first_name = 'Bob', last_name = 'B'", "Bob B|Bob|B"),
    (FILLED, "update people set note = 'x'", "Ada King Lovelace|Ada|King Lovelace"),
    // Updates of a row that nobody has filled yet.
    (INSERT, "update people set name = 'Bob B'", "Bob B|Bob|B"),
    (INSERT, "update people set last_name = 'B'", "Ada B|Ada|B"),
    (INSERT, "update people set note = 'x'", "Ada King Lovelace|Ada|King Lovelace"),
    (INSERT, "update people set first_name = first_name", "Ada King Lovelace|Ada|King Lovelace"),
    // An upsert of either.
    (
        "insert into people overriding system value values (7, 'Ada B')",
        "insert into people (id, name) overriding system value values (7, 'Bob C') on conflict (id) do update set name = excluded.name",
        "Bob C|Bob|C",
    ),
    (
        "insert into people overriding system value values (7, 'Ada B')",
        "insert into people (id, first_name) overriding system value values (7, 'Bob') on conflict (id) do update set first_name = excluded.first_name",
        "Bob B|Bob|B",
    ),
];

/// Old and new writers at the stage between, on rows that are filled and on those that are not yet.
#[tokio::test]
async fn the_trigger_makes_either_side_from_the_other() {
    let (database, set) = people().await;
    let migrator = database.migrator(&set);
    for &(before, statement, row) in WRITES {
        up(&migrator, 1).await.unwrap();
        database.execute(if before == FILLED { INSERT } else { before }).await;
        up(&migrator, 2).await.unwrap();
        database
            .execute(if before == FILLED { "update people set first_name = first_name" } else { "" })
            .await;
        // Nobody who writes has to have anything in the search_path.
        database
            .execute(&format!("set search_path = ''; {}", statement.replace(" people", " public.people")))
            .await;
        assert_eq!(database.value(ROW).await, row, "{before}; {statement}");
        down(&migrator, 0).await.unwrap();
    }
}

/// Writes as the old version and as the new version of an application, until it is stopped.
struct Writers(Vec<tokio::task::JoinHandle<()>>);

impl Writers {
    async fn start(database: &TestDatabase, statements: &'static [&'static str]) -> Self {
        let mut tasks = Vec::new();
        for statement in statements {
            let connection = database.connect().await;
            tasks.push(tokio::spawn(async move {
                let connection = connection;
                for number in 0_i64.. {
                    let statement = statement.replace("{}", &number.to_string());
                    connection.client.batch_execute(&statement).await.expect(&statement);
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }));
        }
        Self(tasks)
    }

    /// Fails where a write has failed.
    async fn stop(self) {
        for task in self.0 {
            task.abort();
            if let Err(error) = task.await {
                assert!(error.is_cancelled(), "{error}");
            }
        }
    }
}

const OLD_WRITERS: [&str; 2] = [
    "insert into people (name) values ('Old {}')",
    "update people set name = 'Changed By{}' where id = 1 + {} * 7 % 3000",
];

const BOTH_WRITERS: [&str; 5] = [
    "insert into people (name) values ('Old {}')",
    "update people set name = 'Changed By{}' where id = 1 + {} * 7 % 3000",
    "insert into people (first_name, last_name) values ('New', '{}')",
    "update people set last_name = 'Name{}' where id = 2 + {} * 11 % 3000",
    "update people set note = '{}' where id = 3 + {} * 13 % 3000",
];

const NEW_WRITERS: [&str; 2] = [
    "insert into people (first_name, last_name) values ('New', '{}')",
    "update people set last_name = 'Name{}' where id = 2 + {} * 11 % 3000",
];

const IN_STEP: &str = "select bool_and(name = concat_ws(' ', first_name, last_name) and first_name = split_part(name, ' ', 1)) from people";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_versions_write_from_the_first_step_to_the_last_and_back() {
    let (database, set) = people().await;
    let migrator = database.migrator(&set);
    up(&migrator, 1).await.unwrap();
    let first = migrator.catalog().await.unwrap();
    database
        .execute("insert into people (name, note) select 'Ada No' || i, 'x' from generate_series(1, 3000) i")
        .await;

    let writers = Writers::start(&database, &OLD_WRITERS).await;
    up(&migrator, 2).await.unwrap();
    writers.stop().await;
    let expanded = migrator.catalog().await.unwrap();
    let writers = Writers::start(&database, &BOTH_WRITERS).await;
    up(&migrator, 3).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    writers.stop().await;
    assert_eq!(database.value(IN_STEP).await, "t");
    let filled = migrator.catalog().await.unwrap();
    let writers = Writers::start(&database, &NEW_WRITERS).await;
    up(&migrator, 4).await.unwrap();
    let rows = "select md5(string_agg(concat_ws('|', id, first_name, last_name, note), ',' order by id)) from people";
    writers.stop().await;
    let (contracted, former) = (migrator.catalog().await.unwrap(), database.value(rows).await);

    let writers = Writers::start(&database, &NEW_WRITERS).await;
    down(&migrator, 3).await.unwrap();
    writers.stop().await;
    assert_eq!(database.value(IN_STEP).await, "t");
    is_same(&filled, &migrator.catalog().await.unwrap());
    let names = "select count(*) from people where name like 'Ada No%' or name like 'Changed By%' or name like 'New %' or name like '% Name%' or name like 'Old %'";
    assert_eq!(database.value(names).await, database.value("select count(*) from people").await);
    up(&migrator, 4).await.unwrap();
    is_same(&contracted, &migrator.catalog().await.unwrap());
    assert_ne!(database.value(rows).await, former, "the writers have written");
    down(&migrator, 3).await.unwrap();
    let writers = Writers::start(&database, &BOTH_WRITERS).await;
    down(&migrator, 2).await.unwrap();
    is_same(&expanded, &migrator.catalog().await.unwrap());
    up(&migrator, 3).await.unwrap();
    down(&migrator, 2).await.unwrap();
    writers.stop().await;
    assert_eq!(database.value(IN_STEP).await, "t");
    let writers = Writers::start(&database, &OLD_WRITERS).await;
    down(&migrator, 1).await.unwrap();
    writers.stop().await;
    is_same(&first, &migrator.catalog().await.unwrap());
}

/// The steps without `NOT NULL`, in another schema, of a column that may be null.
#[tokio::test]
async fn a_type_changes_and_null_stays_null() {
    let (database, set) = orders().await;
    let migrator = database.migrator(&set);
    up(&migrator, 1).await.unwrap();
    database
        .execute("insert into shop.orders (placed, total) select case when i % 2 = 0 then timestamp '2026-01-01' + i * interval '1 h' end, i from generate_series(1, 2000) i")
        .await;
    let first = migrator.catalog().await.unwrap();
    let rows =
        "select md5(string_agg(concat_ws('|', total, placed), ',' order by total, placed)) from shop.orders";
    let former = database.value(rows).await;
    up(&migrator, 3).await.unwrap();
    let in_step =
        "select bool_and(placed is not distinct from placed_at at time zone 'UTC') from shop.orders";
    assert_eq!(database.value(in_step).await, "t");
    database.execute("update shop.orders set total = total; set time zone 'Asia/Tokyo'; update shop.orders set placed = null where total = 2; update shop.orders set placed_at = null where total = 4; update shop.orders set placed = '2030-01-01' where total = 2; update shop.orders set placed_at = '2030-01-01 00:00Z' where total = 4").await;
    assert_eq!(database.value(in_step).await, "t");
    let changed = "select string_agg(placed::text, ',') from shop.orders where total in (2, 4)";
    assert_eq!(database.value(changed).await, "2030-01-01 00:00:00,2030-01-01 00:00:00");
    database.execute("update shop.orders set placed = timestamp '2026-01-01' + total * interval '1 h' where total in (2, 4)").await;
    up(&migrator, 4).await.unwrap();
    down(&migrator, 3).await.unwrap();
    assert_eq!(database.value(rows).await, former);
    assert_eq!(database.value(in_step).await, "t");
    down(&migrator, 1).await.unwrap();
    assert_eq!(database.value(rows).await, former);
    is_same(&first, &migrator.catalog().await.unwrap());
}

/// A partitioned table, whose partitions have their columns in another order, a type that cannot be compared, and names that
/// want quotes.
#[tokio::test]
async fn odd_names_types_and_partitions_are_no_obstacle() {
    let (database, set) = line_items().await;
    let migrator = database.migrator(&set);
    up(&migrator, 1).await.unwrap();
    let first = migrator.catalog().await.unwrap();
    let insert = "insert into \"LineItems\" (id, \"placed at\", \"Qty\") values";
    database.execute(&format!("{insert} (1, '2010-01-01', 1), (2, '2030-01-01', 2)")).await;
    up(&migrator, 2).await.unwrap();
    let new = "insert into \"LineItems\" (id, \"placed at\", \"Quantity\") values (4, '2010-01-01', '{\"$$\": 4999}')";
    database.execute(&format!("{insert} (3, '2010-01-01', 3); {new}")).await;
    up(&migrator, 3).await.unwrap();
    database.execute("update \"LineItems\" set \"placed at\" = '2030-01-01', \"Qty\" = 5 where id = 3").await;
    let rows = "select concat_ws(' ', id, \"Qty\", \"Quantity\" ->> '$$') from \"LineItems\" order by id";
    assert_eq!(database.column(rows).await, ["1 1 1000", "2 2 2000", "3 5 5000", "4 4 4999"]);
    let filled = migrator.catalog().await.unwrap();
    up(&migrator, 4).await.unwrap();
    down(&migrator, 3).await.unwrap();
    assert_eq!(database.column(rows).await, ["1 1 1000", "2 2 2000", "3 5 5000", "4 4 4999"]);
    is_same(&filled, &migrator.catalog().await.unwrap());
    down(&migrator, 1).await.unwrap();
    is_same(&first, &migrator.catalog().await.unwrap());
}

/// So many that a backfill takes a while.
const MANY: u32 = 60_000;

/// Runs a step, and drops it with all its sessions once a batch is done.
async fn break_off(database: &TestDatabase, set: &RevisionSet, back: bool) {
    let migrator = database.migrator(set);
    let step =
        tokio::spawn(async move { if back { down(&migrator, 3).await } else { up(&migrator, 3).await } });
    let begun = "from hardtack.backfill_range r join hardtack.backfill b on b.id = r.backfill where rows > 0 and not recorded";
    database.wait_for(&format!("select exists (select {begun})")).await;
    step.abort();
    assert!(step.await.unwrap_err().is_cancelled());
    let none = "select count(*) = 0 from pg_stat_activity where application_name like 'hardtack%' and datname = current_database()";
    database.wait_for(none).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_was_broken_off_goes_on() {
    let (database, set) = people().await;
    let migrator = database.migrator(&set);
    up(&migrator, 1).await.unwrap();
    let insert = format!("insert into people (name) select 'Ada No' || i from generate_series(1, {MANY}) i");
    database.execute(&insert).await;
    let filled = "select count(first_name) from people";
    break_off(&database, &set, false).await;
    let done: u32 = database.value(filled).await.parse().unwrap();
    assert!((1..MANY).contains(&done), "{done}");
    up(&migrator, 3).await.unwrap();
    assert_eq!(database.value(IN_STEP).await, "t");
    let catalog = migrator.catalog().await.unwrap();

    up(&migrator, 4).await.unwrap();
    break_off(&database, &set, true).await;
    let done: u32 = database.value("select count(name) from people").await.parse().unwrap();
    assert!((1..MANY).contains(&done), "{done}");
    // What the rules refuse is put right, and the down goes on; all of it stands there by then but the last.
    database.execute("update people set first_name = '', last_name = null where id = 1").await;
    let error = down(&migrator, 3).await.unwrap_err();
    assert!(error.contains("people_name_not_blank"), "{error}");
    database.execute("update people set first_name = 'Ada', last_name = 'No1' where id = 1").await;
    down(&migrator, 3).await.unwrap();
    assert_eq!(database.value(IN_STEP).await, "t");
    is_same(&catalog, &migrator.catalog().await.unwrap());
}

/// As the documentation has it: the function moves to the first step, which the upgrade does not wait for.
#[tokio::test]
async fn the_backfill_can_go_on_beside_the_application() {
    let (database, folder) = generated(PEOPLE, &SPLIT).await;
    let file = |name: &str| folder.path().join(name);
    let read = |name: &str| std::fs::read_to_string(file(name)).unwrap();
    let code = read("V3__split_names_backfill.rs").replace("#[hardtack::before]", "#[hardtack::backfill]");
    std::fs::write(file("V2__split_names_expand.rs"), code).unwrap();
    std::fs::remove_file(file("V3__split_names_backfill.rs")).unwrap();
    let sql = format!("-- hardtack: requires V2\n{}", read("V3__split_names_backfill.sql"));
    std::fs::write(file("V3__split_names_backfill.sql"), sql).unwrap();
    let fill = Code { backfill: Some(written::backfill::code::__hardtack_before), ..Code::default() };
    let migrator = database.migrator(&with_more_code(&folder.revisions(), 2, fill));
    up(&migrator, 1).await.unwrap();
    database.execute("insert into people (name) select 'Ada No' || i from generate_series(1, 3000) i").await;
    up(&migrator, 2).await.unwrap();
    assert_eq!(database.value("select count(first_name) from people").await, "0");
    let error = up(&migrator, 3).await.unwrap_err();
    assert!(error.contains("requires the backfill of version 2, which has not finished"), "{error}");
    migrator.run_backfills().await.unwrap();
    up(&migrator, 3).await.unwrap();
    assert_eq!(database.value(IN_STEP).await, "t");
}

/// Nobody's writes are refused before the rows that are there are known to be filled.
#[tokio::test]
async fn an_expression_that_leaves_rows_empty_is_found_before_the_column_refuses_null() {
    let (database, set) = people().await;
    let migrator = database.migrator(&set);
    up(&migrator, 2).await.unwrap();
    database.execute("insert into people (first_name, last_name) values (null, 'B')").await;
    let error = up(&migrator, 3).await.unwrap_err();
    assert!(error.contains("verify the backfill \"people_split_names\""), "{error}");
    assert_eq!(database.value("select count(*) from pg_constraint where conname like '%_filled'").await, "0");
    database.execute("update people set first_name = 'A'").await;
    up(&migrator, 3).await.unwrap();
}

const KEYED: &str = "create schema other;
        create table base (id int primary key, parent int);
        create table keyed (id int primary key, mail text unique, base int references base, doubled int generated always as (id * 2) stored, seen text, free text, counted int, guarded boolean);
        create domain filled as text not null;
        create domain preset as text default 'x';
        create domain above as preset;
        create table parent (a filled, b above);
        create table child () inherits (parent);
        create table typed (a filled, b above, c text);
        create statistics counts on id, counted from keyed;
        create policy guard on keyed using (guarded);
        create view seeing as select seen from keyed;
        create table other.plain (a int);";

/// An addition that is right.
const FREE: &str = "x text = free";

#[tokio::test]
async fn what_cannot_be_expanded_says_why() {
    let (database, folder) = (TestDatabase::empty().await, Folder::new(&[("V1__first.sql", KEYED)]));
    let migrator = database.migrator(&folder.revisions());
    up(&migrator, 1).await.unwrap();
    let catalog = migrator.catalog().await.unwrap();
    for (table, new, old, expected) in [
        (
            "gone",
            FREE,
            "free = x",
            "expand public.gone: the revisions make no such table; nothing was written",
        ),
        ("plain", FREE, "free = x", "no such table, but other.plain; nothing was written"),
        ("keyed.a.b", FREE, "free = x", "read --expand \"keyed.a.b\": write a table's name"),
        ("seeing", FREE, "seen = x", "the revisions make no such table"),
        ("keyed", "free text = free", "seen = free", "add column free to public.keyed: it is there already"),
        ("keyed", "x text = free", "y = x", "replace column y of public.keyed: there is no such column"),
        ("keyed", "x text = free", "x = x", "x is given twice"),
        (
            "keyed",
            "x text free",
            "free = x",
            "read --new \"x text free\": write `COLUMN TYPE [not null] = EXPRESSION`",
        ),
        ("keyed", FREE, "free x", "read --old \"free x\": write `COLUMN = EXPRESSION`"),
        ("keyed", "x int default 1 = 1", "free = x", "write a type and no more"),
        ("keyed", FREE, "id = 1", "replace column id of public.keyed: column public.keyed.doubled uses it"),
        ("keyed", FREE, "mail = x", "it is part of constraint keyed_mail_key"),
        ("keyed", FREE, "base = 1", "it is part of constraint keyed_base_fkey"),
        ("base", FREE, "id = 1", "it is part of constraint"),
        ("keyed", FREE, "doubled = 1", "it is generated"),
        ("keyed", FREE, "seen = x", "view public.seeing uses it"),
        ("parent", "x text = b", "b = x", "expand public.parent: tables inherit from it"),
        ("child", "x text = b", "b = x", "it comes from a parent table"),
        ("typed", "x text = a", "a = x", "its domain has a default or refuses null"),
        ("typed", "x text = b", "b = x", "its domain has a default or refuses null"),
        ("keyed", FREE, "counted = 1", "statistics public.counts uses it"),
        ("keyed", FREE, "guarded = true", "policy guard on public.keyed uses it"),
    ] {
        let error = Expansion::new(&catalog, "odd", table, &[new.to_owned()], &[old.to_owned()]);
        let error = error.unwrap_err().to_string();
        assert!(error.contains(expected) && error.ends_with("; nothing was written"), "{error}");
    }
}

/// What only a server can tell, and what the command line refuses.
#[tokio::test]
async fn what_a_server_refuses_is_not_written() {
    let (database, folder) = (TestDatabase::empty().await, Folder::new(&[("V1__first.sql", KEYED)]));
    let files = || std::fs::read_dir(folder.path()).unwrap().count();
    let before = files();
    for (new, code, expected) in [
        ("seen text = free", 2, "add column seen to public.keyed: it is there already"),
        ("x serial = 1", 2, "its type brings a default"),
        ("x filled = free", 2, "or refuses null"),
        ("x above = free", 2, "its type brings a default"),
        ("x text = fre", 1, "column \"fre\" does not exist"),
        ("x text = lower(x)", 1, "column \"x\" does not exist"),
        ("x int = free", 1, "column \"x\" is of type integer but expression is of type text"),
        ("x text = upper(free", 1, "(42601)"),
        ("x nonsense = free", 1, "type \"nonsense\" does not exist"),
    ] {
        let arguments = ["generate", "odd", "--expand", "keyed", "--new", new, "--old", "free = x"];
        let output = generate(&database, &folder, &arguments);
        assert!(output.stderr.contains(expected), "{new}: {}", output.stderr);
        assert!(output.stderr.contains("nothing was written"), "{}", output.stderr);
        assert_eq!((output.code, files()), (code, before), "{}", output.stderr);
    }
    let of_itself = ["generate", "odd", "--expand", "keyed", "--new", FREE, "--old", "free = free"];
    let output = generate(&database, &folder, &of_itself);
    assert!(output.stderr.contains("column \"free\" does not exist"), "{}", output.stderr);
    assert_eq!((output.code, files()), (1, before));
    for arguments in [
        &["generate", "odd", "--expand", "keyed", "--new", FREE][..],
        &["generate", "odd", "--new", FREE, "--old", "free = x"],
        &["generate", "odd", "--rust", "--expand", "keyed", "--new", FREE, "--old", "free = x"],
    ] {
        assert_eq!(generate(&database, &folder, arguments).code, 2);
    }
    assert_eq!(files(), before);
}
