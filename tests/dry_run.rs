//! What would happen: rehearsals against what really happens, and the database afterwards.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hardtack::config::Role;
use hardtack::engine::dry_run::{
    Bounds, CloneFrom, Depth, DryRun, DryRunOptions, DryStep, LeftBehind, Place, Rehearsed, StageChoice,
};
use hardtack::revisions::RevisionResult;
use hardtack::safety::{LockMode, Verdict};
use hardtack::{Back, Context, RevisionSet, Target, Transaction, UpgradeOptions, Way};

use crate::support::{
    Folder, Pooler, TestDatabase, find_program, hardtack, hardtack_command, pg_bin, revisions, rust_revisions,
};

const SHOP: &str = "create table customers (id bigint primary key, name text not null, note varchar(20));
    create table orders (id bigint generated always as identity primary key, customer bigint references customers, total int);
    create index orders_total on orders (total);
    insert into customers select n, 'customer ' || n, 'x' from generate_series(1, 2000) n;
    insert into orders (customer, total) select n, n from generate_series(1, 2000) n;";

/// A shop with rows, and what is pending.
async fn shop(pending: &[(&str, &str)]) -> (TestDatabase, RevisionSet) {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__shop.sql", SHOP)]);
    database.migrator(&folder.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
    pending.iter().for_each(|(name, text)| folder.write(name, text));
    (database, lenient(&folder))
}

/// The revisions of a folder, whatever is dangerous about them.
fn lenient(folder: &Folder) -> RevisionSet {
    hardtack::revisions::resolve_leniently(folder.path()).unwrap().revisions
}

async fn rehearse(database: &TestDatabase, set: &RevisionSet, options: DryRunOptions) -> DryRun {
    database.migrator(set).dry_run(&options).await.unwrap()
}

/// The same, and what is told meanwhile.
async fn rehearse_aloud(
    database: &TestDatabase,
    set: &RevisionSet,
    options: DryRunOptions,
) -> (DryRun, Vec<String>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let migrator = database.migrator(set).on_event(move |event| {
        telling.lock().unwrap().extend(hardtack::report::event_text(event));
    });
    let dry_run = migrator.dry_run(&options).await.unwrap();
    let told = told.lock().unwrap().clone();
    (dry_run, told)
}

fn on_database() -> DryRunOptions {
    DryRunOptions { stage: StageChoice::Database, ..DryRunOptions::default() }
}

/// Each lock of a step, `public.orders ACCESS EXCLUSIVE`.
fn locks(step: &DryStep) -> BTreeSet<String> {
    let measured = step.statements.iter().filter_map(|statement| statement.measured.as_ref());
    measured
        .flat_map(|measured| &measured.locks)
        .map(|lock| format!("{} {}", lock.relation, lock.mode))
        .collect()
}

/// What tells whether a database is as it was, beside its catalog.
async fn state(database: &TestDatabase) -> Vec<String> {
    database
        .column(
            "select 'history ' || count(*) || coalesce(max(version), 0) from refinery_schema_history
             union all select 'runs ' || count(*) from hardtack.run
             union all select 'steps ' || count(*) from hardtack.step
             union all select 'customers ' || count(*) || md5(string_agg(c::text, ',' order by id)) from customers c
             union all select 'orders ' || count(*) || md5(string_agg(o::text, ',' order by id)) from orders o",
        )
        .await
}

const WIDEN: (&str, &str) = (
    "V2__widen.sql",
    "alter table orders alter column total type bigint;\n\nupdate customers set name = upper(name) where id <= 100;\n\
     create table notes (id bigint primary key);\ninsert into notes select n from generate_series(1, 50) n;",
);

const CHECK: (&str, &str) =
    ("V3__check.sql", "alter table customers add constraint named check (name <> '');");

#[tokio::test]
async fn a_rehearsal_leaves_nothing_and_tells_what_the_schema_would_be() {
    let (database, set) = shop(&[WIDEN, CHECK]).await;
    let before = (state(&database).await, database.migrator(&set).catalog().await.unwrap().fingerprint());
    let dry_run = rehearse(&database, &set, DryRunOptions::default()).await;
    let after = (state(&database).await, database.migrator(&set).catalog().await.unwrap().fingerprint());
    assert_eq!(before, after);
    assert_eq!((dry_run.from, dry_run.to, dry_run.depth), (Some(1), Some(3), Depth::Rehearse));
    let rehearsal = dry_run.rehearsal.unwrap();
    assert_eq!(rehearsal.place, Place::Database);
    let untouched = rehearsal.untouched.unwrap();
    assert!(untouched.is_same() && untouched.fingerprint_before == before.1, "{untouched:?}");
    let differences: Vec<String> =
        rehearsal.differences.unwrap().iter().map(|difference| difference.object().to_string()).collect();
    assert_eq!(
        differences,
        ["table public.notes", "column public.orders.total", "constraint named on public.customers"]
    );
    assert_eq!(
        rehearsal.left_behind,
        [LeftBehind::DeadRows { table: "public.customers".to_owned(), rows: 100 }]
    );
}

#[tokio::test]
async fn each_statement_is_measured() {
    let (database, set) = shop(&[WIDEN, CHECK]).await;
    let dry_run = rehearse(&database, &set, DryRunOptions::default()).await;
    let [widen, check] = dry_run.steps.as_slice() else { panic!("{:?}", dry_run.steps) };
    assert_eq!(widen.rehearsed, Rehearsed::Yes { place: Place::Database });
    let [alter, update, create, insert] = widen.statements.as_slice() else {
        panic!("{:?}", widen.statements)
    };
    assert_eq!([alter.line, update.line, create.line, insert.line], [1, 3, 4, 5]);
    let alter = alter.measured.as_ref().unwrap();
    let rewritten: Vec<&str> = alter.rewritten.iter().map(|rewrite| rewrite.relation.as_str()).collect();
    assert!(rewritten.contains(&"public.orders"), "{rewritten:?}");
    let table = alter.rewritten.iter().find(|rewrite| rewrite.relation == "public.orders").unwrap();
    assert!(table.bytes_before > 50_000 && table.bytes_after > 50_000, "{table:?}");
    assert!(alter.wal_bytes > 10_000, "{}", alter.wal_bytes);
    assert_eq!(
        (alter.locks[0].relation.as_str(), alter.locks[0].mode),
        ("public.orders", LockMode::AccessExclusive)
    );
    assert!(alter.locks[0].held >= alter.duration, "held to the end of the step");
    let update = update.measured.as_ref().unwrap();
    assert_eq!((update.written[0].table.as_str(), update.written[0].updated), ("public.customers", 100));
    assert!(update.rewritten.is_empty());
    let insert = insert.measured.as_ref().unwrap();
    assert_eq!((insert.written[0].inserted, insert.locks.len()), (50, 0), "nobody else knows the table");
    assert!(locks(check).contains("public.customers ACCESS EXCLUSIVE"), "{:?}", locks(check));
    let scanned = &check.statements[0].measured.as_ref().unwrap().scanned;
    assert_eq!((scanned[0].table.as_str(), scanned[0].rows), ("public.customers", 2000));
}

#[tokio::test]
async fn a_sequence_that_was_moved_on_is_named() {
    let (database, set) =
        shop(&[("V2__more.sql", "insert into orders (customer, total) values (1, 1);")]).await;
    let dry_run = rehearse(&database, &set, on_database()).await;
    let left = dry_run.rehearsal.unwrap().left_behind;
    assert!(left.contains(&LeftBehind::Sequence { sequence: "public.orders_id_seq".to_owned() }), "{left:?}");
    assert_eq!(database.value("select count(*) from orders").await, "2000");
}

#[tokio::test]
async fn on_an_empty_database_not_even_the_history_table_stays() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[("V1__shop.sql", SHOP)]);
    let dry_run = rehearse(&database, &set, DryRunOptions::default()).await;
    assert_eq!(dry_run.steps[0].rehearsed, Rehearsed::Yes { place: Place::Database });
    let relations = "select count(*) from pg_class where relnamespace not in (select oid from pg_namespace where nspname ~ '^pg_|^info')";
    assert_eq!(database.value(relations).await, "0");
    assert_eq!(database.value("select count(*) from pg_namespace where nspname = 'hardtack'").await, "0");
    let run = database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(run.applied.len(), 1);
}

#[tokio::test]
async fn a_step_that_would_fail_is_told_and_the_ones_behind_it_are_not_run() {
    let (database, set) = shop(&[
        ("V2__fine.sql", "create table fine ();"),
        ("V3__unique.sql", "select 1;\ninsert into customers values (1, 'again', null);"),
        ("V4__never.sql", "create table never ();"),
    ])
    .await;
    let before = state(&database).await;
    let dry_run = rehearse(&database, &set, DryRunOptions::default()).await;
    let [fine, unique, never] = dry_run.steps.as_slice() else { panic!("{:?}", dry_run.steps) };
    assert_eq!(fine.rehearsed, Rehearsed::Yes { place: Place::Database });
    let Rehearsed::Failed { place: Place::Database, error } = &unique.rehearsed else {
        panic!("{:?}", unique.rehearsed)
    };
    assert!(error.contains("V3__unique.sql:2") && error.contains("customers_pkey"), "{error}");
    assert!(unique.statements[0].measured.is_some() && unique.statements[1].measured.is_none());
    assert!(matches!(never.rehearsed, Rehearsed::No { .. }), "{:?}", never.rehearsed);
    assert_eq!(state(&database).await, before);
}

#[tokio::test]
async fn a_rehearsal_waits_for_no_lock_longer_than_it_may() {
    let (database, set) = shop(&[("V2__add.sql", "alter table orders add column note text;")]).await;
    let other = database.connect().await;
    other.client.batch_execute("begin; select 1 from orders limit 1").await.unwrap();
    let bounds = Bounds { lock_timeout: Duration::from_secs(1), longest: Duration::from_secs(20) };
    let dry_run = rehearse(&database, &set, DryRunOptions { bounds, ..on_database() }).await;
    let Rehearsed::GaveUp { reason, .. } = &dry_run.steps[0].rehearsed else {
        panic!("{:?}", dry_run.steps[0].rehearsed)
    };
    assert!(reason.contains("lock timeout") && reason.contains("idle in transaction"), "{reason}");
    assert!(dry_run.rehearsal.unwrap().untouched.unwrap().is_same());
}

#[tokio::test]
async fn a_rehearsal_ends_when_its_time_is_over_whatever_a_script_sets() {
    let long = "set statement_timeout = 0; set lock_timeout = 0;\nlock table orders;\nselect pg_sleep(60);";
    let (database, set) = shop(&[("V2__long.sql", long), ("V3__next.sql", "select 1;")]).await;
    let bounds = Bounds { longest: Duration::from_millis(700), ..Bounds::default() };
    let dry_run = rehearse(&database, &set, DryRunOptions { bounds, ..on_database() }).await;
    assert!(
        matches!(dry_run.steps[0].rehearsed, Rehearsed::GaveUp { .. }),
        "{:?}",
        dry_run.steps[0].rehearsed
    );
    assert_eq!(dry_run.steps[0].verdict, Verdict::BlocksEverything);
    let sessions = "select count(*) from pg_stat_activity where datname = current_database() and state <> 'idle' and query ~ 'pg_sleep' and pid <> pg_backend_pid()";
    assert_eq!(database.value(sessions).await, "0");
}

#[tokio::test]
async fn what_no_transaction_holds_is_rehearsed_on_a_scratch_database() {
    let (database, set) = shop(&[
        ("V2__column.sql", "alter table orders add column note text;"),
        (
            "V3__index.sql",
            "-- hardtack: no-transaction\ncreate index concurrently orders_note on orders (note);",
        ),
        ("V4__use.sql", "alter table customers add column more int;"),
    ])
    .await;
    let before = state(&database).await;
    let (dry_run, told) = rehearse_aloud(&database, &set, DryRunOptions::default()).await;
    assert_eq!(
        told,
        [
            "rehearsing [1/1] V2__column on the database itself",
            "rehearsing [1/3] V2__column on a scratch database without rows",
            "rehearsing [2/3] V3__index on a scratch database without rows",
            "rehearsing [3/3] V4__use on a scratch database without rows",
        ]
    );
    let places: Vec<_> = dry_run.steps.iter().map(|step| step.rehearsed.clone()).collect();
    let yes = |place| Rehearsed::Yes { place };
    assert_eq!(places, [yes(Place::Database), yes(Place::Scratch), yes(Place::Scratch)]);
    assert!(
        locks(&dry_run.steps[1]).contains("public.orders SHARE UPDATE EXCLUSIVE"),
        "{:?}",
        dry_run.steps[1]
    );
    assert_eq!(locks(&dry_run.steps[2]), BTreeSet::from(["public.customers ACCESS EXCLUSIVE".to_owned()]));
    let objects = |dry_run: DryRun| dry_run.rehearsal.unwrap().differences.unwrap().len();
    assert_eq!(objects(dry_run), 3, "the whole of the plan, from the scratch database");
    let alone = rehearse(&database, &set, on_database()).await;
    assert!(matches!(alone.steps[1].rehearsed, Rehearsed::No { .. }));
    assert_eq!(state(&database).await, before);
    let scratch = "select count(*) from pg_database where datname like 'hardtack_scratch%' and shobj_description(oid, 'pg_database') like '%' || current_database()";
    assert_eq!(database.value(scratch).await, "0");
}

#[tokio::test]
async fn the_way_back_is_rehearsed_too() {
    let (database, set) = shop(&[("V2__note.sql", "alter table orders add column note text;")]).await;
    let folder = Folder::new(&[("V1__shop.sql", SHOP)]);
    folder.write("V2__note.sql", "alter table orders add column note text;");
    folder.write("V2__note.down.sql", "alter table orders drop column note;");
    drop(set);
    let set = lenient(&folder);
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    for stage in [StageChoice::Database, StageChoice::Scratch] {
        let options = DryRunOptions { way: Way::Down(Back::Steps(1)), stage, ..DryRunOptions::default() };
        let dry_run = rehearse(&database, &set, options).await;
        assert_eq!((dry_run.from, dry_run.to), (Some(2), Some(1)));
        assert!(
            matches!(dry_run.steps[0].rehearsed, Rehearsed::Yes { .. }),
            "{:?}",
            dry_run.steps[0].rehearsed
        );
        assert!(locks(&dry_run.steps[0]).contains("public.orders ACCESS EXCLUSIVE"));
        let gone: Vec<String> =
            dry_run.rehearsal.unwrap().differences.unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(gone, ["missing    column public.orders.note"]);
    }
    assert_eq!(database.applied().await, [1, 2]);
}

#[tokio::test]
async fn a_full_dry_run_works_on_a_clone_with_its_rows() {
    let (database, set) = shop(&[
        ("V2__index.sql", "-- hardtack: no-transaction\ncreate index concurrently on orders (customer);"),
        ("V3__fill.sql", "update orders set total = total + 1;"),
    ])
    .await;
    let before = state(&database).await;
    let template = format!("{}_copy", database.options.database());
    let admin = TestDatabase::empty().await;
    admin.execute(&format!("create database {template} template {}", database.options.database())).await;
    let clone_from = Some(CloneFrom::Database(template));
    let options = DryRunOptions { depth: Depth::Full, clone_from, ..DryRunOptions::default() };
    let (dry_run, told) = rehearse_aloud(&database, &set, options).await;
    assert_eq!(told, ["rehearsing [1/2] V2__index on a clone", "rehearsing [2/2] V3__fill on a clone"]);
    let yes = Rehearsed::Yes { place: Place::Clone };
    assert_eq!([&dry_run.steps[0].rehearsed, &dry_run.steps[1].rehearsed], [&yes, &yes]);
    let fill = dry_run.steps[1].statements[0].measured.as_ref().unwrap();
    assert_eq!(fill.written[0].updated, 2000);
    assert_eq!(dry_run.rehearsal.unwrap().untouched, None);
    assert_eq!(state(&database).await, before);
    let options = DryRunOptions { depth: Depth::Full, ..DryRunOptions::default() };
    let error = database.migrator(&set).dry_run(&options).await.unwrap_err().to_string();
    assert!(error.contains("--clone-from"), "{error}");
    let session = database.connect().await;
    let clone_from = Some(CloneFrom::Database(database.options.database().to_owned()));
    let options = DryRunOptions { depth: Depth::Full, clone_from, ..DryRunOptions::default() };
    let error = database.migrator(&set).dry_run(&options).await.unwrap_err().to_string();
    assert!(error.contains("copies no database that is in use"), "{error}");
    drop(session);
}

/// A script that ends the transaction would commit the rehearsal: it is not sent.
#[tokio::test]
async fn a_revision_that_ends_its_transaction_is_not_rehearsed_on_the_database() {
    let ends = "create table first ();\ncommit;\ncreate table second ();";
    let (database, set) = shop(&[("V2__fine.sql", "create table fine ();"), ("V3__ends.sql", ends)]).await;
    let before = state(&database).await;
    let dry_run = rehearse(&database, &set, on_database()).await;
    assert_eq!(dry_run.steps[0].rehearsed, Rehearsed::Yes { place: Place::Database });
    let Rehearsed::No { reason } = &dry_run.steps[1].rehearsed else {
        panic!("{:?}", dry_run.steps[1].rehearsed)
    };
    assert!(reason.contains("opens or ends one, or finishes a backfill first; "), "{reason}");
    assert_eq!(dry_run.rehearsal.unwrap().differences, None, "not every step came to its end");
    let auto = rehearse(&database, &set, DryRunOptions::default()).await;
    assert!(matches!(auto.steps[1].rehearsed, Rehearsed::Failed { place: Place::Scratch, .. }));
    assert_eq!(state(&database).await, before);
    assert_eq!(
        database.value("select count(*) from pg_class where relname in ('fine', 'first', 'second')").await,
        "0"
    );
}

#[tokio::test]
async fn what_a_script_sets_loosens_no_bound() {
    let loose = "set lock_timeout = 0;\nalter table orders add column note text;";
    let (database, set) = shop(&[("V2__loose.sql", loose)]).await;
    let other = database.connect().await;
    other.client.batch_execute("begin; select 1 from orders limit 1").await.unwrap();
    let bounds = Bounds { lock_timeout: Duration::from_millis(200), longest: Duration::from_secs(30) };
    let started = std::time::Instant::now();
    let dry_run = rehearse(&database, &set, DryRunOptions { bounds, ..on_database() }).await;
    assert!(
        matches!(dry_run.steps[0].rehearsed, Rehearsed::GaveUp { .. }),
        "{:?}",
        dry_run.steps[0].rehearsed
    );
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test]
async fn checks_and_deferred_constraints_belong_to_the_time_that_locks_are_held() {
    let slow = "-- hardtack: check \"slow\" select pg_sleep(0.4) is not null\nalter table orders add column note text;";
    let deferred = "create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.4); return null; end $$;
        create constraint trigger slow after update on customers deferrable initially deferred for each row execute function slow();";
    let late = "lock table orders;\nupdate customers set note = 'y' where id = 1;";
    let (database, set) = shop(&[("V2__slow.sql", slow), ("V3__late.sql", late)]).await;
    database.execute(deferred).await;
    let dry_run = rehearse(&database, &set, on_database()).await;
    for step in &dry_run.steps {
        assert_eq!(step.verdict, Verdict::BlocksEverything, "{step:?}");
        assert!(step.hazards.iter().any(|hazard| hazard.hazard == "long-lock"), "{:?}", step.hazards);
    }
}

#[tokio::test]
async fn a_full_dry_run_reads_an_archive() {
    let (database, set) =
        shop(&[("V2__fill.sql", "update orders set total = total + 1 where id > 0;")]).await;
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("shop.dump");
    let of_server = pg_bin();
    let first: Vec<&std::path::Path> = of_server.iter().map(std::path::PathBuf::as_path).collect();
    let Some(program) = find_program("pg_restore", &first) else { return };
    let programs = program.parent().unwrap().to_owned();
    let mut dump = std::process::Command::new(programs.join("pg_dump"));
    let dumped = dump.args(["--format=custom", "--file"]).arg(&path).arg(database.url()).output().unwrap();
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    let clone_from = Some(CloneFrom::Dump { path, programs: Some(programs) });
    let options = DryRunOptions { depth: Depth::Full, clone_from, ..DryRunOptions::default() };
    let dry_run = rehearse(&database, &set, options).await;
    assert_eq!(dry_run.steps[0].rehearsed, Rehearsed::Yes { place: Place::Clone });
    assert_eq!(dry_run.steps[0].statements[0].measured.as_ref().unwrap().written[0].updated, 2000);
    let clone_from = Some(CloneFrom::Database("nothing_of_that_name".to_owned()));
    let options = DryRunOptions { depth: Depth::Full, clone_from, ..DryRunOptions::default() };
    let error = database.migrator(&set).dry_run(&options).await.unwrap_err().to_string();
    assert!(error.contains("neither a file of that name here nor a database"), "{error}");
}

#[tokio::test]
async fn plan_depth_runs_nothing() {
    let (database, set) = shop(&[("V2__boom.sql", "do $$ begin raise exception 'ran'; end $$;")]).await;
    let options = DryRunOptions { depth: Depth::Plan, ..DryRunOptions::default() };
    let dry_run = rehearse(&database, &set, options).await;
    assert!(matches!(dry_run.steps[0].rehearsed, Rehearsed::No { .. }));
    assert!(dry_run.rehearsal.is_none());
    let options = DryRunOptions { way: Way::Up(Target::Version(1)), ..DryRunOptions::default() };
    assert!(rehearse(&database, &set, options).await.steps.is_empty());
}

fn calls_out<'a>(context: &'a mut Context<'_>) -> hardtack::revisions::BoxFuture<'a, RevisionResult<()>> {
    Box::pin(async move {
        let is_rehearsal = context.is_rehearsal().to_string();
        context.execute("update customers set note = $1 where id = 1", &[&is_rehearsal]).await?;
        Ok(())
    })
}

#[tokio::test]
async fn a_function_is_told_that_it_is_rehearsed_and_its_work_is_measured() {
    let (database, set) = shop(&[]).await;
    let more =
        rust_revisions(&[(calls_out, Transaction::PerRevision), (calls_out, Transaction::PerRevision)]);
    let rust = more.as_slice()[1].clone();
    let set = RevisionSet::from_revisions([set.as_slice(), &[rust]].concat());
    let dry_run = rehearse(&database, &set, on_database()).await;
    assert_eq!(dry_run.steps[0].rehearsed, Rehearsed::Yes { place: Place::Database });
    let measured = dry_run.steps[0].statements[0].measured.as_ref().unwrap();
    assert_eq!((measured.written[0].table.as_str(), measured.written[0].updated), ("public.customers", 1));
    let plan = DryRunOptions { depth: Depth::Plan, ..DryRunOptions::default() };
    let dry_run = rehearse(&database, &set, plan).await;
    assert_eq!((dry_run.verdict, &*dry_run.steps[0].hazards[0].hazard), (Verdict::Unknown, "opaque-code"));
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.value("select note from customers where id = 1").await, "false");
}

#[tokio::test]
async fn a_step_that_was_begun_is_told_and_its_rest_rehearsed() {
    let half = "-- hardtack: no-transaction\ncreate table half ();\nselect 1 / (select count(*) from ready);";
    let (database, set) = shop(&[("V2__half.sql", half)]).await;
    database.execute("create table ready ()").await;
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap_err();
    let dry_run = rehearse(&database, &set, DryRunOptions::default()).await;
    let hazard = dry_run.steps[0].hazards.iter().find(|hazard| hazard.hazard == "half-done").unwrap();
    assert!(hazard.message.contains("done 1 of its statements"), "{}", hazard.message);
}

#[tokio::test]
async fn a_rehearsal_goes_through_a_pooler_and_works_as_the_role() {
    let text = "alter table orders add column note text; insert into orders (total) values (1);";
    let (database, set) = shop(&[("V2__add.sql", text)]).await;
    let Some(pooler) = Pooler::start(&database, "transaction", 2, "postgres", "").await else { return };
    let role = format!("owner_{}", database.options.database());
    database.execute(&format!("create role {role} superuser")).await;
    let migrator = pooler.migrator(&set).with_role(Role::new(&role).unwrap());
    let dry_run = migrator.dry_run(&on_database()).await.unwrap();
    assert_eq!(dry_run.steps[0].rehearsed, Rehearsed::Yes { place: Place::Database });
    assert!(locks(&dry_run.steps[0]).contains("public.orders ACCESS EXCLUSIVE"), "{:?}", dry_run.steps[0]);
    assert!(dry_run.rehearsal.unwrap().untouched.unwrap().is_same());
}

/// SIGKILL in the middle of a rehearsal, at several moments: the server rolls it back by itself.
#[tokio::test]
async fn a_rehearsal_that_is_killed_leaves_nothing() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__shop.sql", SHOP)]);
    let first = hardtack(folder.path(), Some(&database.url()), &["upgrade", "--dir", "."]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    folder.write("V2__rows.sql", "update customers set name = upper(name) where id < 1000;");
    folder.write(
        "V3__more.sql",
        "create table more (id int);\ninsert into more select generate_series(1, 1000);",
    );
    folder.write("V4__slow.sql", "select pg_sleep(20);");
    let migrator = database.migrator(&lenient(&folder));
    let before = (state(&database).await, migrator.catalog().await.unwrap().fingerprint());
    for wait in [0, 20, 60, 150, 400] {
        let mut command = hardtack_command(folder.path());
        command.env("DATABASE_URL", database.url());
        let arguments = ["upgrade", "--dry-run", "--on", "database", "--hold", "1500ms", "--dir", "."];
        let mut child = command.args(arguments).spawn().unwrap();
        let begun = "select exists (select from pg_locks where locktype = 'advisory' and granted and database = \
            (select oid from pg_database where datname = current_database()))";
        database.wait_for(begun).await;
        tokio::time::sleep(Duration::from_millis(wait)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        // The server ends by itself what still runs, in the time that the rehearsal was given.
        let gone = "select not exists (select from pg_stat_activity where datname = current_database() \
            and application_name = 'hardtack')";
        let started = std::time::Instant::now();
        database.wait_for(gone).await;
        assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
        let after = (state(&database).await, migrator.catalog().await.unwrap().fingerprint());
        assert_eq!(before, after, "killed after {wait} ms");
    }
}

#[tokio::test]
async fn the_command_shows_it_and_its_exit_code_tells() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__shop.sql", SHOP)]);
    let run = |arguments: &[&str]| {
        let arguments = [&["upgrade"], arguments, &["--dir", "."]].concat();
        hardtack(folder.path(), Some(&database.url()), &arguments)
    };
    assert_eq!(run(&[]).code, 0);
    folder.write("V2__drop.sql", "alter table customers drop column note;");
    let shown = run(&["--dry-run"]);
    assert_eq!(shown.code, 6, "the build refuses the hazard: {}", shown.stderr);
    for expected in [
        "V2__drop",
        "ACCESS EXCLUSIVE on public.customers",
        "ban-drop-column",
        "- column public.customers.note",
    ] {
        assert!(shown.stdout.contains(expected), "{expected}: {}", shown.stdout);
    }
    let json = run(&["--dry-run=plan", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json["format"], &json["dry_run"]["depth"]), (&1.into(), &"plan".into()));
    let page = folder.path().join("plan.html");
    let page = page.to_str().unwrap();
    assert_eq!(run(&["--dry-run", "--format", "html", "-o", page]).code, 6);
    assert!(std::fs::read_to_string(page).unwrap().starts_with("<!doctype html>"));
    folder.write("V3__fails.sql", "select 1 / 0;");
    assert_eq!(run(&["--dry-run", "--on", "scratch", "--format", "github"]).code, 1);
    for (arguments, words) in [
        (&["--format", "html"][..], "only a dry run can be"),
        (&["--dry-run=full"], "--clone-from"),
        (&["--dry-run", "--clone-from", "x"], "--dry-run=full"),
        (&["--dry-run", "--hold", "long"], "--hold"),
        (&["--dry-run", "--hold", "0"], "100ms at the least"),
        (&["--dry-run=plan", "--record"], "runs nothing"),
        (&["--dry-run=deep"], "plan, rehearse, full"),
    ] {
        let refused = run(arguments);
        assert!(refused.code == 2 && refused.stderr.contains(words), "{arguments:?}: {}", refused.stderr);
    }
    assert_eq!(database.applied().await, [1]);
}

#[tokio::test]
async fn gates_say_what_they_will_say_to_the_run_and_a_rehearsal_is_recorded_when_asked() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__shop.sql", SHOP)]);
    folder.write(
        "hardtack.toml",
        "[gates]\naccept = [\"loses-data\", \"breaks-running-version\"]\nrehearsal-within = \"1h\"\n",
    );
    let run = |arguments: &[&str]| {
        let arguments = [&["upgrade"], arguments, &["--dir", "."]].concat();
        hardtack(folder.path(), Some(&database.url()), &arguments)
    };
    let refused = run(&[]);
    assert_eq!(refused.code, 6, "{}", refused.stderr);
    assert!(refused.stderr.contains("--dry-run --record"), "{}", refused.stderr);
    let recorded = run(&["--dry-run", "--record"]);
    assert!(
        recorded.code == 0 && recorded.stdout.contains("gates"),
        "{} {}",
        recorded.stdout,
        recorded.stderr
    );
    assert_eq!(database.value("select to_regclass('customers')").await, "null");
    assert_eq!(database.value("select count(*) from hardtack.evidence").await, "1");
    assert_eq!(run(&[]).code, 0);
    folder.write(
        "V2__drop.sql",
        "-- hardtack: allow ban-drop-column \"unused since 2.3\"\nalter table customers drop column note;",
    );
    folder.write(
        "V3__drop.sql",
        "-- hardtack: allow ban-drop-column \"nobody reads it\"\nalter table orders drop column total;",
    );
    let shown = run(&["--dry-run"]);
    assert_eq!(shown.code, 6, "{}", shown.stdout);
    assert!(shown.stdout.contains("accepted: unused since 2.3"), "{}", shown.stdout);
    assert_eq!(run(&["--dry-run", "--record"]).code, 0, "what the files allow no gate asks for");
    assert_eq!(run(&[]).code, 0);
    let notes = "select note from hardtack.step where note is not null order by version";
    assert_eq!(
        database.column(notes).await,
        ["allow ban-drop-column \"unused since 2.3\"", "allow ban-drop-column \"nobody reads it\""]
    );
}
