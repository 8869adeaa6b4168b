//! What a live database makes of the hazards of a plan.

use hardtack::engine::dry_run::{Depth, DryRunOptions};
use hardtack::revisions::StaticHazard;
use hardtack::safety::{FoundHazard, TableFacts, Verdict};
use hardtack::{Down, Migrator, RevisionSet, Step};

use crate::support::{Pooler, Standby, TestDatabase, embedded, revisions};

/// A hazard of the text: the version, the statement, the rule, the object, the part.
type Text<'a> = (i64, u32, &'a str, &'a str, &'a str);

/// Revisions of those texts, with hazards as the build would find them. The build judges no downs, so the texts are given to
/// it as such: it would refuse them as ups.
fn with_hazards(files: &[(&str, &str)], hazards: &[Text<'_>]) -> RevisionSet {
    let downs: Vec<_> = files.iter().map(|(name, text)| (name.replace(".sql", ".down.sql"), *text)).collect();
    let downs = downs.iter().map(|(name, text)| (name.as_str(), *text));
    let files: Vec<_> = files.iter().map(|(name, _)| (*name, "select 1;")).chain(downs).collect();
    let mut set = revisions(&files).as_slice().to_vec();
    for revision in &mut set {
        let Down::Step(Step::Sql(script)) = &mut revision.down else { continue };
        script.hazards.clear();
        for &(_, statement, rule, object, part) in hazards.iter().filter(|text| text.0 == revision.version) {
            let [rule, object, part] = [rule, object, part].map(|text| text.to_owned().into());
            script.hazards.push(StaticHazard { statement, rule, object, part, allowed: None });
        }
        revision.up = Step::Sql(script.clone());
    }
    RevisionSet::from_revisions(set)
}

/// What a dry run that runs nothing tells.
#[derive(Debug)]
struct Found {
    tables: Vec<TableFacts>,
    /// By step.
    steps: Vec<Vec<FoundHazard>>,
    whole: Vec<FoundHazard>,
}

async fn assessed(database: &TestDatabase, files: &[(&str, &str)], hazards: &[Text<'_>]) -> Found {
    assess(&database.migrator(&with_hazards(files, hazards))).await
}

async fn assess(migrator: &Migrator) -> Found {
    let options = DryRunOptions { depth: Depth::Plan, ..DryRunOptions::default() };
    let dry_run = migrator.dry_run(&options).await.unwrap();
    let steps = dry_run.steps.into_iter().map(|step| step.hazards).collect();
    Found { tables: dry_run.tables, steps, whole: dry_run.hazards }
}

/// The only hazard of that name.
#[track_caller]
fn one<'a>(hazards: &'a [FoundHazard], name: &str) -> &'a FoundHazard {
    let found: Vec<_> = hazards.iter().filter(|hazard| hazard.hazard == name).collect();
    assert_eq!(found.len(), 1, "{name}: {hazards:#?}");
    found[0]
}

fn none(hazards: &[FoundHazard], name: &str) -> bool {
    hazards.iter().all(|hazard| hazard.hazard != name)
}

const INDEX: (&str, &str) = ("V1__index.sql", "-- an index\n\ncreate index orders_good on orders (good);");
const INDEX_HAZARD: Text<'static> = (1, 0, "require-concurrent-index-creation", "orders", "orders_good");

/// A table of 20,000 rows, whatever else there is.
async fn shop() -> TestDatabase {
    let database = TestDatabase::empty().await;
    database
        .execute(
            "create table orders (id int primary key, good int, note text);
             insert into orders select n, n % 10, null from generate_series(1, 20000) n; analyze orders;",
        )
        .await;
    database
}

#[tokio::test]
async fn a_table_is_told_with_its_size_and_a_small_one_is_locked_for_a_moment() {
    let database = shop().await;
    let found = assessed(&database, &[INDEX], &[INDEX_HAZARD]).await;
    assert_eq!((found.tables[0].table.as_str(), found.tables[0].rows), ("public.orders", Some(20_000)));
    assert!(found.tables[0].bytes > 500_000 && found.tables[0].index_bytes > 100_000, "{:?}", found.tables);
    let hazard = one(&found.steps[0], "require-concurrent-index-creation");
    assert!(hazard.message.contains("orders has 20,000 rows, "), "{}", hazard.message);
    assert!(hazard.verdict > Verdict::Unknown, "{hazard:?}");
    assert_eq!(hazard.line, Some(3));
    database.execute("delete from orders where id > 100").await;
    database.execute("vacuum full analyze orders").await;
    let found = assessed(&database, &[INDEX], &[INDEX_HAZARD]).await;
    let hazard = one(&found.steps[0], "require-concurrent-index-creation");
    assert_eq!(hazard.verdict, Verdict::BriefLock);
    assert!(hazard.message.contains("orders is small: 100 rows, "), "{}", hazard.message);
}

#[tokio::test]
async fn an_index_on_only_the_parent_of_partitions_builds_nothing() {
    let database = TestDatabase::empty().await;
    database
        .execute(
            "create table orders (id int, good int) partition by range (id);
             create table some_orders partition of orders default;
             insert into orders select n, n % 10 from generate_series(1, 20000) n; analyze;",
        )
        .await;
    let on_only = ("V1__index.sql", "create index orders_good on only orders (good);");
    for (text, is_brief) in [(on_only, true), (INDEX, false)] {
        let found = assessed(&database, &[text], &[INDEX_HAZARD]).await;
        let hazard = one(&found.steps[0], INDEX_HAZARD.2);
        assert_eq!(hazard.verdict == Verdict::BriefLock, is_brief, "{hazard:?}");
        assert_eq!(hazard.message.contains("ON ONLY builds nothing"), is_brief, "{}", hazard.message);
    }
}

#[tokio::test]
async fn what_the_plan_creates_is_used_by_nobody_yet() {
    let database = TestDatabase::empty().await;
    let files = [("V1__orders.sql", "create table orders (good int);"), ("V2__index.sql", INDEX.1)];
    let text = (2, 0, INDEX_HAZARD.2, INDEX_HAZARD.3, INDEX_HAZARD.4);
    let found = assessed(&database, &files, &[text]).await;
    assert!(found.steps.iter().all(Vec::is_empty) && found.tables.is_empty(), "{found:#?}");
    let found = assessed(&database, &files[1..], &[text]).await;
    assert!(found.steps[0][0].message.contains("orders is not there now"), "{found:#?}");
}

#[tokio::test]
async fn a_validated_check_spares_the_scan_of_set_not_null() {
    let database = shop().await;
    let set_not_null = "alter table orders alter good set not null;";
    let text = |version| (version, 0, "adding-not-nullable-field", "orders", "good");
    let judge = async |files: &[(&str, &str)], version| {
        let mut found = assessed(&database, files, &[text(version)]).await;
        one(&found.steps.pop().unwrap(), "adding-not-nullable-field").clone()
    };
    let files = [("V3__not_null.sql", set_not_null)];
    assert!(judge(&files, 3).await.verdict > Verdict::BriefLock);
    let planned = [
        ("V1__check.sql", "alter table orders add constraint good_there check (good is not null) not valid;"),
        ("V2__validate.sql", "alter table orders validate constraint good_there;"),
        files[0],
    ];
    let hazard = judge(&planned, 3).await;
    assert_eq!(hazard.verdict, Verdict::BriefLock);
    assert!(hazard.message.contains("good_there of an earlier step proves it"), "{}", hazard.message);
    database.execute(planned[0].1).await;
    let hazard = judge(&files, 3).await;
    assert!(hazard.verdict > Verdict::BriefLock);
    assert!(hazard.message.contains("good_there would spare the reading"), "{}", hazard.message);
    assert_eq!(judge(&planned[1..], 3).await.verdict, Verdict::BriefLock);
    let found = assessed(&database, &files, &[text(3)]).await;
    assert_eq!(one(&found.steps[0], "unvalidated-constraint").verdict, Verdict::Safe);
    database.execute(planned[1].1).await;
    assert_eq!(judge(&files, 3).await.verdict, Verdict::BriefLock);
    database.execute(set_not_null).await;
    let hazard = judge(&files, 3).await;
    assert_eq!(hazard.verdict, Verdict::Safe);
    assert!(hazard.message.contains("good is not null already"), "{}", hazard.message);
}

#[tokio::test]
async fn constraints_and_types_that_are_there_already_are_told() {
    let database = shop().await;
    database.execute("alter table orders add constraint good_is_small check (good < 100)").await;
    let files = [
        ("V1__validate.sql", "alter table orders validate constraint good_is_small;"),
        ("V2__again.sql", "alter table orders add constraint good_is_small check (good < 100);"),
        ("V3__same.sql", "alter table orders alter good type int4;"),
        ("V4__wider.sql", "alter table orders alter column good set data type int8;"),
    ];
    let hazards = [
        (1, 0, "constraint-missing-not-valid", "orders", "good_is_small"),
        (2, 0, "constraint-missing-not-valid", "orders", "good_is_small"),
        (3, 0, "changing-column-type", "orders", "good"),
        (4, 0, "changing-column-type", "orders", "good"),
    ];
    let found = assessed(&database, &files, &hazards).await;
    let first: Vec<_> = found.steps.iter().map(|step| &step[0]).collect();
    assert_eq!([first[0].verdict, first[2].verdict], [Verdict::Safe; 2]);
    assert!(first[1].message.contains("good_is_small is there already, so that the statement will fail"));
    assert!(first[3].message.contains("good is integer now"), "{}", first[3].message);
    assert!(first[3].verdict > Verdict::BriefLock);
}

#[tokio::test]
async fn what_reads_a_column_is_named() {
    let database = shop().await;
    database
        .execute(
            "create view notes as select note from orders;
             create function last_note() returns text language plpgsql as
                 'begin return (select max(o.note) from orders o); end';
             create function stamp() returns trigger language plpgsql as 'begin new.note := 1; return new; end';
             create trigger stamp before insert on orders for each row execute function stamp();
             create function other() returns text language sql as 'select max(id)::text from orders';
             create table lines (o int constraint of_order references orders);",
        )
        .await;
    let files = [
        ("V1__column.sql", "alter table orders drop column note;"),
        ("V2__name.sql", "alter table orders rename note to remark;"),
        ("V3__table.sql", "drop table orders;"),
    ];
    let hazards = [
        (1, 0, "ban-drop-column", "orders", "note"),
        (2, 0, "renaming-column", "orders", "note"),
        (3, 0, "ban-drop-table", "orders", ""),
    ];
    let found = assessed(&database, &files, &hazards).await;
    let hazard = one(&found.steps[0], "column-in-use");
    assert_eq!(
        hazard.message,
        "orders.note is read by view notes, function last_note() and function stamp()"
    );
    assert_eq!((hazard.verdict, hazard.line), (Verdict::BreaksRunningVersion, Some(1)));
    assert!(one(&found.steps[0], "ban-drop-column").message.contains("the column is empty"));
    let hazard = one(&found.steps[1], "column-in-use");
    assert_eq!(hazard.message, "orders.note is read by function last_note() and function stamp()");
    let hazard = one(&found.steps[2], "table-in-use");
    let start = "orders is read by foreign key of_order of lines, view notes, function last_note() and function other(), and was";
    assert!(hazard.message.starts_with(start), "{}", hazard.message);
    let hazard = one(&found.steps[2], "ban-drop-table");
    assert!(hazard.message.contains("the table is not empty"), "{}", hazard.message);
}

/// What the plan drops or writes anew before is no reader any more, and a column that it adds has none yet.
#[tokio::test]
async fn readers_that_the_plan_takes_away_do_not_count() {
    let database = shop().await;
    database
        .execute(
            "create view notes as select note from orders;
             create function last_note() returns text language plpgsql as
                 'begin return (select max(note) from orders); end';",
        )
        .await;
    let function = "create or replace function last_note() returns text language sql as 'select null';";
    let drop = "drop view notes; alter table orders add remark text; alter table orders drop column remark; \
                alter table orders drop column note;";
    let files = [("V1__function.sql", function), ("V2__drop.sql", drop)];
    let hazards =
        [(2, 2, "ban-drop-column", "orders", "remark"), (2, 3, "ban-drop-column", "orders", "note")];
    let found = assessed(&database, &files, &hazards).await;
    assert!(none(&found.steps[1], "column-in-use"), "{:#?}", found.steps[1]);
    assert!(found.steps[1].iter().any(|hazard| hazard.message.contains("nobody reads remark yet")));
    let found = assessed(&database, &files[1..], &hazards).await;
    assert_eq!(one(&found.steps[0], "column-in-use").message, "orders.note is read by function last_note()");
}

#[tokio::test]
async fn an_empty_table_that_nobody_reads_is_no_loss() {
    let database = TestDatabase::empty().await;
    database.execute("create table leftover (id int)").await;
    let files = [("V1__drop.sql", "drop table leftover;")];
    let found = assessed(&database, &files, &[(1, 0, "ban-drop-table", "leftover", "")]).await;
    let hazard = one(&found.steps[0], "ban-drop-table");
    assert!(hazard.message.contains("the table is empty"), "{}", hazard.message);
    assert_eq!(hazard.verdict, Verdict::BriefLock);
    assert_eq!(one(&found.steps[0], "table-in-use").verdict, Verdict::Safe);
}

#[tokio::test]
async fn indexes_that_are_invalid_or_there_already_are_told() {
    let database = shop().await;
    database.execute("create index other on orders using btree (good)").await;
    let found = assessed(&database, &[INDEX], &[INDEX_HAZARD]).await;
    let hazard = one(&found.steps[0], "require-concurrent-index-creation");
    assert!(hazard.message.contains("the index other is the same already"), "{}", hazard.message);
    let failed = database.connect().await;
    let built = failed.client.batch_execute("create unique index concurrently orders_good on orders (good)");
    built.await.unwrap_err();
    let found = assessed(&database, &[INDEX], &[INDEX_HAZARD]).await;
    let hazard = one(&found.steps[0], "require-concurrent-index-creation");
    assert!(hazard.message.contains("an invalid index orders_good is there already"), "{}", hazard.message);
    one(&found.steps[0], "invalid-index");
}

#[tokio::test]
async fn publications_event_triggers_and_partitions_are_told() {
    let database = TestDatabase::empty().await;
    database
        .execute(
            "create table events (id int, day int) partition by list (day);
             do $$ begin for n in 1..60 loop
                 execute format('create table events_%s partition of events for values in (%s)', n, n);
             end loop; end $$;
             insert into events select n, n % 60 + 1 from generate_series(1, 600) n; analyze events;
             create publication everything for table events;
             create function audit() returns event_trigger language plpgsql as 'begin end';
             create event trigger audit on ddl_command_end execute function audit();",
        )
        .await;
    let files = [("V1__column.sql", "alter table events add column note text;")];
    let found = assessed(&database, &files, &[]).await;
    let hazard = one(&found.steps[0], "many-partitions");
    assert!(hazard.message.contains("events has 60 partitions"), "{}", hazard.message);
    assert_eq!((found.tables.len(), found.tables[0].rows), (1, Some(600)));
    assert!(one(&found.whole, "logical-replication").message.contains("events is published by everything"));
    assert!(one(&found.whole, "event-trigger").message.contains("fires audit"));
}

/// What a statement creates is nobody's yet; what it locks for that is.
#[tokio::test]
async fn a_hazard_is_about_what_is_there_and_is_a_relation() {
    let database = shop().await;
    database.execute("create type goods as enum ('a'); create table events (id int)").await;
    let files = [(
        "V1__all.sql",
        "create table lines (o int references orders); drop type orders; truncate events; delete from orders;
         alter table orders add constraint of_good foreign key (good) references events (id);",
    )];
    let hazards = [
        (1, 0, "referencing-existing-table", "lines", ""),
        (1, 1, "ban-drop-type", "orders", ""),
        (1, 2, "truncating-table", "events", ""),
        (1, 3, "delete-without-where", "orders", ""),
        (1, 4, "adding-foreign-key-constraint", "orders", "events"),
    ];
    let found = assessed(&database, &files, &hazards).await;
    let message = |name: &str| one(&found.steps[0], name).message.as_str();
    assert!(message("referencing-existing-table").contains("orders has 20,000 rows"), "{found:#?}");
    assert!(!message("ban-drop-type").contains("rows"), "{found:#?}");
    assert!(message("truncating-table").contains("the table is empty"), "{found:#?}");
    assert!(message("delete-without-where").contains("the table is not empty"), "{found:#?}");
    assert!(message("adding-foreign-key-constraint").contains("orders has 20,000 rows"), "{found:#?}");
    assert!(none(&found.steps[0], "table-in-use"), "{found:#?}");
}

/// Each message is a transaction of its own, with its own role.
#[tokio::test]
async fn the_questions_go_through_a_pooler_and_are_asked_as_the_role() {
    let database = shop().await;
    let role = format!("asker_{}", database.options.database());
    database
        .execute(&format!("create schema app; alter table orders set schema app; create role {role}; grant usage on schema app to {role}; alter role {role} set search_path = public"))
        .await;
    let Some(pooler) = Pooler::start(&database, "transaction", 2, "postgres", "").await else { return };
    let files = [("V1__index.sql", "create index orders_good on app.orders (good);")];
    let set =
        with_hazards(&files, &[(1, 0, "require-concurrent-index-creation", "app.orders", "orders_good")]);
    let migrator = pooler.migrator(&set).with_role(hardtack::config::Role::new(role).unwrap());
    for _ in 0..3 {
        let found = assess(&migrator).await;
        let message = &one(&found.steps[0], "require-concurrent-index-creation").message;
        assert!(message.contains("app.orders has 20,000 rows"), "{message}");
    }
    let session = pooler.connect().await;
    let who =
        session.client.query_one("select current_user::text, current_setting('statement_timeout')", &[]);
    let who = who.await.unwrap();
    assert_eq!((who.get::<_, &str>(0), who.get::<_, &str>(1)), ("postgres", "0"));
}

/// A cluster of its own, because its settings and slots are everybody's.
#[tokio::test]
async fn prepared_transactions_slots_and_a_small_lock_table_are_told() {
    let settings =
        [("max_prepared_transactions", "2"), ("max_locks_per_transaction", "10"), ("max_connections", "20")];
    let server = settings.iter().fold(embedded(), |server, (name, value)| server.setting(*name, *value));
    let server = server.start().await.unwrap();
    let connection = hardtack::db::connect(server.options(), "test").await.unwrap();
    let setup = "create table orders (id int, good int) partition by list (good)";
    connection.client.batch_execute(setup).await.unwrap();
    for number in 1..=110 {
        let partition = format!("create table orders_{number} partition of orders for values in ({number})");
        connection.client.batch_execute(&partition).await.unwrap();
    }
    let setup = "select pg_create_physical_replication_slot('forgotten', true)";
    connection.client.batch_execute(setup).await.unwrap();
    connection
        .client
        .batch_execute("begin; insert into orders values (1, 1); prepare transaction 'half'")
        .await
        .unwrap();
    let set = with_hazards(&[INDEX], &[INDEX_HAZARD]);
    let found = assess(&Migrator::new(&set, server.options().clone())).await;
    let hazard = one(&found.whole, "prepared-transaction");
    assert_eq!((hazard.verdict, hazard.object.as_str()), (Verdict::BlocksWrites, "orders"));
    assert!(hazard.message.contains("the transaction half of postgres was prepared"), "{}", hazard.message);
    assert!(
        hazard.message.contains("holds ROW EXCLUSIVE on orders: SHARE has to wait for it"),
        "{}",
        hazard.message
    );
    let hazard = one(&found.whole, "replication-slot");
    assert!(
        hazard.message.contains("the replication slot forgotten is inactive, keeps"),
        "{}",
        hazard.message
    );
    let hazard = one(&found.steps[0], "lock-table-full");
    assert_eq!(
        hazard.message,
        "the step locks some 111 relations at once, and the server has room for 220 locks"
    );
}

#[tokio::test]
async fn a_standby_replays_the_lock() {
    let Some(standby) =
        Standby::start(&revisions(&[("V1__orders.sql", "create table orders (id int);")])).await
    else {
        return;
    };
    let files = [
        ("V1__orders.sql", "create table orders (id int);"),
        ("V2__column.sql", "alter table orders add note text;"),
    ];
    let migrator = Migrator::new(&revisions(&files), standby.primary().clone());
    let found = assess(&migrator).await;
    assert!(
        one(&found.whole, "standby-conflict").message.contains("1 standby streams"),
        "{:#?}",
        found.whole
    );
}

/// Neither superuser nor monitor: the server hides others' transactions and its settings, and rows are not to be read.
#[tokio::test]
async fn a_role_without_rights_is_told_less() {
    let database = shop().await;
    let role = format!("poor_{}", database.options.database());
    database
        .execute(&format!("create schema hidden; create table hidden.orders (); create role {role} login"))
        .await;
    let holder = database.connect().await;
    holder.client.batch_execute("begin; lock table orders in share mode").await.unwrap();
    let files =
        [("V1__drop.sql", "drop table orders; drop table hidden.orders; alter table orders add note text;")];
    let hazards = [(1, 0, "ban-drop-table", "orders", ""), (1, 1, "ban-drop-table", "hidden.orders", "")];
    let options = database.options.clone().with_user(role.as_str());
    let migrator = Migrator::new(&with_hazards(&files, &hazards), options);
    let found = assess(&migrator).await;
    let message = &one(&found.whole, "long-transaction").message;
    assert_eq!(
        message,
        "1 session of another role holds locks that the plan wants, and this role may not see since when, for want of pg_read_all_stats"
    );
    assert!(none(&found.whole, "disk-space"));
    assert_eq!(found.steps[0].iter().filter(|hazard| hazard.hazard == "ban-drop-table").count(), 2);
    assert_eq!(found.tables.len(), 2);
}

/// Nothing waits for a table that somebody has locked: what is known without it is told.
#[tokio::test]
async fn a_locked_table_holds_nobody_up() {
    let database = shop().await;
    let holder = database.connect().await;
    holder.client.batch_execute("begin; lock table orders").await.unwrap();
    let asked = tokio::time::timeout(
        std::time::Duration::from_secs(10),
        assessed(&database, &[INDEX], &[INDEX_HAZARD]),
    );
    let found = asked.await.unwrap();
    assert!(found.tables[0].bytes > 500_000, "{:?}", found.tables);
    assert_eq!(found.tables[0].rows, Some(20_000));
}
