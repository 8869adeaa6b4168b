//! Care for a history: baselines, late revisions, repairs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hardtack::catalog::{Kind, Snapshot};
use hardtack::engine::{Fault, Repair};
use hardtack::plan::OutOfOrder;
use hardtack::{Conflict, Event, Migrator, UpgradeOptions};
use serde_json::Value;

use crate::support::{
    Folder, Output, TestDatabase, cluster, hardtack, hardtack_command, output_of, revisions,
};

const SCHEMA: [(&str, &str); 3] = [
    ("V1__users.sql", "create table users (id bigint primary key, email text not null);"),
    (
        "V2__index.sql",
        "-- hardtack: allow require-concurrent-index-creation \"small\"\ncreate index users_email on users (email);",
    ),
    ("V3__posts.sql", "create table posts (id bigint primary key, author bigint references users (id));"),
];

/// The databases of the whole cluster that a comparison has left, beside this one.
async fn scratches(database: &TestDatabase) -> String {
    let query = format!(
        "select count(*) from pg_database d join pg_shdescription s on s.objoid = d.oid \
         where s.description = 'scratch of hardtack, beside {}'",
        database.options.database()
    );
    database.value(&query).await
}

fn command(database: &TestDatabase, folder: &Folder, arguments: &[&str]) -> Output {
    let mut all = vec!["--dir", "."];
    all.extend(arguments);
    hardtack(folder.path(), Some(&database.url()), &all)
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", output.stdout, output.stderr))
}

async fn apply_by_hand(database: &TestDatabase, files: &[(&str, &str)]) {
    for (_, text) in files {
        database.execute(text).await;
    }
}

#[tokio::test]
async fn a_database_with_the_schema_takes_a_baseline_and_goes_on() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&SCHEMA);
    apply_by_hand(&database, &SCHEMA[..2]).await;
    let arguments = ["baseline", "--to", "2", "--yes", "--reason", "it's moved in", "--format", "json"];
    let output = command(&database, &folder, &arguments);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let report = json(&output);
    assert_eq!((&report["from"], &report["to"]), (&Value::Null, &2.into()));
    assert_eq!(report["marked"].as_array().unwrap().len(), 2);
    let steps = "select concat_ws('|', version, name, direction, note) from hardtack.step order by id";
    let of_baseline = [
        "1|users|mark|it's moved in; compared, no difference",
        "2|index|mark|it's moved in; compared, no difference",
    ];
    assert_eq!(database.column(steps).await, of_baseline);
    assert_eq!(database.value("select command || outcome from hardtack.run").await, "baselinesucceeded");
    let again = command(&database, &folder, &["baseline", "--to", "2"]);
    assert!(again.code == 0 && again.stdout.contains("nothing written"), "{}{}", again.stdout, again.stderr);
    let run = database.migrator(&folder.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!((run.from, run.to, run.applied.len()), (Some(2), Some(3), 1));
    assert_eq!(database.applied().await, [1, 2, 3]);
    // What refinery itself makes of the rows.
    assert_eq!(command(&database, &folder, &["verify"]).code, 0);
}

#[tokio::test]
async fn another_schema_is_refused_object_by_object_and_nothing_is_written() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&SCHEMA);
    apply_by_hand(&database, &SCHEMA[..1]).await;
    database
        .execute("alter table users alter email drop not null; create view extra as select 1 as one")
        .await;
    let output = command(&database, &folder, &["baseline", "--to", "2", "--yes"]);
    assert_eq!(output.code, 6, "{}", output.stderr);
    for part in [
        "3 differences to what the revisions up to version 2 make",
        "missing    index users_email on public.users",
        "extra      view public.extra",
        "different  column public.users.email",
        "not_null: expected true, found none\n",
        "nothing was changed",
        "--accept-differences",
    ] {
        assert!(output.stdout.contains(part), "{part}: {}", output.stdout);
    }
    let report = json(&command(&database, &folder, &["baseline", "--to", "2", "--yes", "--format", "json"]));
    let different = &report["differences"][0];
    assert_eq!(
        (&different["difference"], &different["object"]["part"]),
        (&"different".into(), &"email".into())
    );
    assert_eq!(
        different["fields"][0],
        serde_json::json!({"name": "not_null", "expected": true, "found": null})
    );
    let state =
        "select to_regclass('refinery_schema_history') is null and to_regnamespace('hardtack') is null";
    assert_eq!(database.value(state).await, "t");
    assert_eq!(scratches(&database).await, "0");
    let accepted = ["baseline", "--to", "2", "--yes", "--accept-differences", "built tonight"];
    assert_eq!(command(&database, &folder, &accepted).code, 0);
    let note = "select distinct note from hardtack.step";
    assert_eq!(database.value(note).await, "3 differences accepted: built tonight");
}

#[tokio::test]
async fn a_history_that_contradicts_the_set_takes_no_baseline() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&SCHEMA);
    let to_one = UpgradeOptions { target: hardtack::Target::Version(1), ..UpgradeOptions::default() };
    database.migrator(&folder.revisions()).upgrade(to_one).await.unwrap();
    folder.write(SCHEMA[0].0, "create table users (id bigint);");
    let output = command(&database, &folder, &["baseline", "--to", "3", "--yes"]);
    assert!(output.code == 4 && output.stderr.contains("`repair` the row"), "{}", output.stderr);
    assert_eq!(database.applied().await, [1]);
}

#[tokio::test]
async fn nobody_to_ask_is_a_refusal() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&SCHEMA);
    apply_by_hand(&database, &SCHEMA).await;
    let output = command(&database, &folder, &["baseline", "--to", "3"]);
    assert_eq!(output.code, 6);
    assert!(output.stderr.contains("give --yes") && output.stderr.contains("V2__index"), "{}", output.stderr);
    assert_eq!(database.value("select to_regclass('refinery_schema_history')").await, "null");
}

#[tokio::test]
async fn a_role_without_createdb_is_told_the_way_out() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&SCHEMA);
    database
        .execute("do $$ begin create role plain_owner login; exception when duplicate_object then end $$")
        .await;
    database.execute("grant all on schema public to plain_owner").await;
    let name = database.options.database();
    cluster().admin(&format!("alter database {name} owner to plain_owner")).await;
    database.execute(&format!("set role plain_owner; {}", SCHEMA.map(|(_, text)| text).concat())).await;
    let url = database.url().replace("postgres@", "plain_owner@");
    let baseline = |arguments: &[&str]| {
        let all = [&["--dir", ".", "baseline", "--to", "3", "--yes"], arguments].concat();
        hardtack(folder.path(), Some(&url), &all)
    };
    let refused = baseline(&[]);
    assert_eq!(refused.code, 1);
    for part in ["plain_owner may not", "CREATEDB", "--without-comparison"] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
    let output = baseline(&["--without-comparison", "compared on staging"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(
        database.value("select min(note) from hardtack.step").await,
        "not compared: compared on staging"
    );
}

#[tokio::test]
async fn a_replay_that_fails_leaves_no_database_behind() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__one.sql", "create table one ();"), ("V2__bad.sql", "select 1 / 0;")]);
    let output = command(&database, &folder, &["baseline", "--to", "2", "--yes"]);
    assert_eq!(output.code, 1);
    for part in ["scratch database", "V2__bad.sql:1", "division by zero", "--without-comparison"] {
        assert!(output.stderr.contains(part), "{part}: {}", output.stderr);
    }
    assert_eq!(scratches(&database).await, "0");
    let unknown = command(&database, &folder, &["baseline", "--to", "7", "--yes"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("no revision of version 7"), "{}", unknown.stderr);
}

/// Rust revisions, roles, row level security, partitions, identity: what the reference application has.
#[tokio::test]
async fn a_replay_of_the_reference_application_equals_its_database() {
    let database = TestDatabase::reference().await;
    let migrator = database.migrator(&crate::migrations::REVISIONS);
    assert_eq!(migrator.compare(21).await.unwrap(), []);
    let listing = migrator.catalog().await.unwrap();
    assert!(listing.objects.len() > 50);
    assert!(!listing.objects.keys().any(|id| id.to_string().contains("hardtack")));
    assert!(!listing.objects.keys().any(|id| id.to_string().contains("refinery")));
    let earlier = migrator.compare(16).await.unwrap();
    assert!(!earlier.is_empty());
}

/// Whatever the database says of paths and forms, a name is qualified and a replay ends in the same schema.
#[tokio::test]
async fn a_listing_covers_every_kind_in_one_form() {
    let database = TestDatabase::empty().await;
    let name = database.options.database();
    let settings = "search_path = \"My app\", public; alter database {} set timezone = 'Asia/Tokyo'; \
                    alter database {} set datestyle = 'SQL, DMY'; alter database {} set quote_all_identifiers = on";
    database.execute(&format!("alter database {name} set {}", settings.replace("{}", name))).await;
    let schema = ("V1__schema.sql", "create schema \"My app\";");
    let set = revisions(&[schema, ("V2__everything.sql", EVERYTHING)]);
    let migrator = database.migrator(&set);
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let listing = migrator.catalog().await.unwrap();
    let text = Snapshot { history: String::new(), catalog: listing.clone() }.to_text().unwrap();
    let lines: Vec<&str> = text.lines().map(|line| line.trim_start_matches(',')).collect();
    for wanted in LISTED {
        assert!(lines.iter().any(|line| line.contains(wanted)), "{wanted}\n{}", lines.join("\n"));
    }
    let kinds = [
        Kind::Function,
        Kind::Procedure,
        Kind::Aggregate,
        Kind::View,
        Kind::MaterializedView,
        Kind::Trigger,
        Kind::Rule,
        Kind::Policy,
    ];
    for kind in kinds {
        assert!(listing.objects.keys().any(|id| id.kind == kind), "{kind}\n{}", lines.join("\n"));
    }
    assert!(!lines.iter().any(|line| line.contains("range_constructor")), "{}", lines.join("\n"));
    assert_eq!(lines.iter().filter(|line| line.contains("citext")).count(), 1, "{}", lines.join("\n"));
    assert_eq!(migrator.compare(2).await.unwrap(), []);
}

const EVERYTHING: &str = r#"
create extension citext with schema public;
create type mood as enum ('sad', 'it''s ok');
create domain short as text default 'x' not null constraint fits check (length(value) < 10);
create type pair as (a int, b text);
create type span as range (subtype = date);
create sequence counter as int start 7 increment 2 cycle;
create table parent (
    id bigint generated always as identity,
    at timestamptz not null default '2026-01-01 00:00:00+00',
    mood mood default 'sad',
    twice bigint generated always as (2 * 21) stored,
    name text collate "C",
    primary key (id, at)
) partition by range (at);
create table child partition of parent for values from ('2026-01-01 00:00+00') to ('2027-01-01 00:00+00');
create table other (id int);
alter table other add constraint positive check (id > 0) not valid;
alter table other enable row level security;
create index other_id on other ((id + 1)) where id > 3;
create policy mine on other for select to public using (id = 1);
create rule nothing as on delete to other do instead nothing;
create view looking with (security_barrier) as select id from other;
create materialized view kept as select id from other with no data;
create function add(a int, b int default 1) returns int language sql as 'select a + b';
create procedure go() language sql as 'select 1';
create aggregate total (int) (sfunc = int4pl, stype = int, initcond = '0');
create function touched() returns trigger language plpgsql as 'begin return new; end';
create trigger touch before update on other for each row execute function touched();
comment on table other is 'the other one';
comment on column other.id is 'its number';
"#;

const LISTED: [&str; 11] = [
    r#""kind":"schema","name":"My app","definition":{}"#,
    r#""kind":"extension","name":"citext","definition":{"schema":"public"}"#,
    r#""schema":"My app","name":"mood","definition":{"labels":["sad","it's ok"]}"#,
    r#""name":"short","definition":{"type":"text","not_null":true,"default":"'x'::text","constraints":[{"name":"fits","definition":"CHECK ((length(VALUE) < 10))"}]}"#,
    r#""definition":{"type":"integer","options":{"start":7,"increment":2,"min":1,"max":2147483647,"cache":1,"cycle":true}}"#,
    r#""definition":{"partition_of":{"schema":"My app","name":"parent","bound":"FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2027-01-01 00:00:00+00')"}}"#,
    r#""default":"'2026-01-01 00:00:00+00'::timestamp with time zone""#,
    r#""part":"twice","position":4,"definition":{"type":"bigint","generated":{"expression":"(2 * 21)"}}"#,
    r#""part":"positive","definition":{"definition":"CHECK ((id > 0))","columns":["id"],"not_valid":true}"#,
    r#""part":"other_id","definition":{"definition":"btree (((id + 1))) WHERE (id > 3)"}"#,
    r#""part":"id","position":1,"comment":"its number","definition":{"type":"integer"}"#,
];

fn late() -> (Folder, [(&'static str, &'static str); 2]) {
    let folder = Folder::new(&[
        ("V1__one.sql", "create table log (line text); insert into log values ('one');"),
        ("U2__two.sql", "insert into log values ('two');"),
        ("V4__four.sql", "insert into log values ('four');"),
        ("V6__six.sql", "insert into log values ('six');"),
    ]);
    (
        folder,
        [
            ("V3__three.sql", "insert into log values ('three');"),
            ("V5__five.sql", "insert into log values ('five');"),
        ],
    )
}

/// A migrator whose events of late revisions are kept.
fn told(migrator: Migrator) -> (Migrator, Arc<Mutex<Vec<String>>>) {
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let sink = Arc::clone(&told);
    let migrator = migrator.on_event(move |event| {
        if let Event::OutOfOrder { revision, newest_applied } = event {
            sink.lock().unwrap().push(format!("{} after {}", revision.stem(), newest_applied.unwrap()));
        }
    });
    (migrator, told)
}

#[tokio::test]
async fn late_revisions_run_before_newer_ones_or_nothing_runs() {
    for (policy, warnings) in
        [(OutOfOrder::Allow, &[][..]), (OutOfOrder::Warn, &["V3__three after 6", "V5__five after 6"])]
    {
        let database = TestDatabase::empty().await;
        let (folder, more) = late();
        database.migrator(&folder.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
        for (name, text) in more {
            folder.write(name, text);
        }
        folder.write("V7__seven.sql", "insert into log values ('seven');");
        let set = folder.revisions();
        let rejected = database.migrator(&set);
        let status = rejected.status().await.unwrap();
        assert!(matches!(
            status.conflicts.as_slice(),
            [Conflict::OutOfOrder { version: 3, .. }, Conflict::OutOfOrder { version: 5, .. }]
        ));
        let error = rejected.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
        assert!(error.contains("--out-of-order allow"), "{error}");
        assert_eq!(database.applied().await, [1, 2, 4, 6]);
        let (migrator, told) = told(database.migrator(&set).with_out_of_order(policy));
        let status = migrator.status().await.unwrap();
        assert_eq!(status.conflicts, []);
        assert_eq!(status.pending.iter().map(|revision| revision.version).collect::<Vec<_>>(), [3, 5, 7]);
        let run = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
        assert_eq!((run.from, run.to, run.applied.len()), (Some(6), Some(7), 3));
        assert_eq!(*told.lock().unwrap(), warnings);
        let log = database.column("select line from log").await;
        assert_eq!(log, ["one", "two", "four", "six", "three", "five", "seven"]);
        assert_eq!(
            migrator.upgrade(UpgradeOptions::default()).await.unwrap().outcome,
            hardtack::RunOutcome::UpToDate
        );
    }
}

#[tokio::test]
async fn the_policy_comes_from_flag_environment_or_file() {
    let database = TestDatabase::empty().await;
    let (folder, more) = late();
    assert_eq!(command(&database, &folder, &["upgrade"]).code, 0);
    folder.write(more[0].0, more[0].1);
    assert_eq!(command(&database, &folder, &["upgrade"]).code, 4);
    let wrong = command(&database, &folder, &["upgrade", "--out-of-order", "skip"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("reject, warn or allow"), "{}", wrong.stderr);
    std::fs::write(folder.path().join("hardtack.toml"), "[defaults]\nout-of-order = \"warn\"\n").unwrap();
    let output = command(&database, &folder, &["upgrade"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(
        output.stderr.contains("warning: V3__three runs late: version 6 is applied already"),
        "{}",
        output.stderr
    );
    folder.write(more[1].0, more[1].1);
    let mut late = hardtack_command(folder.path());
    late.env("DATABASE_URL", database.url()).env("HARDTACK_OUT_OF_ORDER", "allow");
    let output = output_of(late.args(["upgrade", "--dir", "."]));
    assert!(output.code == 0 && !output.stderr.contains("warning"), "{}", output.stderr);
    assert_eq!(database.applied().await, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn an_edited_revision_is_repaired_and_the_log_keeps_the_old_row() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&SCHEMA);
    database.migrator(&folder.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
    let old = database.value("select checksum from refinery_schema_history where version = 2").await;
    folder.remove("V2__index");
    folder.write("V2__email_index.sql", "-- It's by email.\n-- hardtack: allow require-concurrent-index-creation \"small\"\ncreate index users_email on users (email);");
    assert_eq!(command(&database, &folder, &["upgrade"]).code, 4);
    let asked = command(&database, &folder, &["repair", "2", "--reason", "a comment"]);
    assert_eq!(asked.code, 6);
    let new = folder.revisions().get(2).unwrap().checksum.to_string();
    for part in [&old, &new, "index", "email_index"] {
        assert!(asked.stderr.contains(part), "{part}: {}", asked.stderr);
    }
    assert_eq!(command(&database, &folder, &["verify"]).code, 4);
    assert_ne!(command(&database, &folder, &["repair", "2", "--yes"]).code, 0, "it wants a reason");
    let output = command(&database, &folder, &["repair", "2", "--reason", "it's a comment", "--yes"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(command(&database, &folder, &["verify"]).code, 0);
    let row =
        "select concat_ws('|', version, name, direction, note) from hardtack.step order by id desc limit 1";
    let kept = format!(
        "2|email_index|repair|was index, checksum {old}; now email_index, checksum {new}: it's a comment"
    );
    assert_eq!(database.value(row).await, kept);
    let again = command(&database, &folder, &["repair", "2", "--reason", "x", "--yes"]);
    assert!(again.code == 6 && again.stderr.contains("it is applied as it stands here"), "{}", again.stderr);
}

/// Rights are advised where the role lacks them; and what nobody knows is not told as nothing.
#[tokio::test]
async fn a_repair_that_is_not_written_says_what_is_left() {
    let database = TestDatabase::empty().await;
    let migrator = database.migrator(&revisions(&SCHEMA)).with_lock_timeout(Duration::from_millis(200));
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    database.execute("update refinery_schema_history set checksum = '1' where version = 2").await;
    let repair = migrator.plan_repair(2, Fault::Divergent).await.unwrap();
    let reader = database.connect().await;
    reader.client.batch_execute("begin; lock table refinery_schema_history in share mode").await.unwrap();
    let error = migrator.repair(&repair, "a test").await.unwrap_err().to_string();
    assert!(error.starts_with("write the history: canceling statement due to lock timeout"), "{error}");
    assert!(error.ends_with("; nothing was changed"), "{error}");
    reader.client.batch_execute("rollback").await.unwrap();
    let ends = "create function ends() returns trigger language plpgsql as \
            'begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(30); return null; end'; \
        create constraint trigger ends after update on refinery_schema_history deferrable initially deferred \
            for each row execute function ends()";
    database.execute(ends).await;
    let error = migrator.repair(&repair, "a test").await.unwrap_err().to_string();
    assert!(error.contains("so either all of it is written or nothing"), "{error}");
    database.execute("drop trigger ends on refinery_schema_history").await;
    migrator.repair(&repair, "a test").await.unwrap();
}

#[tokio::test]
async fn a_row_that_nobody_knows_is_removed_only_when_it_lies_behind() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&SCHEMA);
    database.migrator(&folder.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
    folder.remove("V2__index");
    let set = folder.revisions();
    let migrator = database.migrator(&set);
    let error = migrator.plan_repair(2, Fault::Divergent).await.unwrap_err().to_string();
    assert!(error.contains("--remove"), "{error}");
    let error = migrator.plan_repair(9, Fault::Missing).await.unwrap_err().to_string();
    assert!(error.contains("it is not applied"), "{error}");
    let repair = migrator.plan_repair(2, Fault::Missing).await.unwrap();
    assert!(matches!(&repair, Repair::Remove { applied_name, .. } if applied_name == "index"));
    database.execute("update refinery_schema_history set checksum = '1' where version = 2").await;
    let error = migrator.repair(&repair, "gone").await.unwrap_err().to_string();
    assert!(error.contains("changed meanwhile"), "{error}");
    let output = command(
        &database,
        &folder,
        &["repair", "2", "--remove", "--reason", "gone", "--yes", "--format", "json"],
    );
    assert_eq!(json(&output)["repair"], "remove");
    assert_eq!(database.applied().await, [1, 3]);
    let note = database.value("select note from hardtack.step where direction = 'repair'").await;
    assert!(
        note.starts_with("removed index, checksum 1, applied at 20") && note.ends_with(": gone"),
        "{note}"
    );
    folder.remove("V3__posts");
    let ahead = command(&database, &folder, &["repair", "3", "--remove", "--reason", "x", "--yes"]);
    assert!(ahead.code == 6 && ahead.stderr.contains("run the newer release's binary"), "{}", ahead.stderr);
}

#[tokio::test]
async fn a_half_done_revision_can_be_made_to_start_again() {
    let database = TestDatabase::empty().await;
    let text =
        "-- hardtack: no-transaction\ncreate table one (id int);\nselect 1 / (select count(*) from ready);";
    let folder = Folder::new(&[("V1__ready.sql", "create table ready (id int);"), ("V2__half.sql", text)]);
    assert_eq!(command(&database, &folder, &["upgrade"]).code, 1);
    assert_eq!(database.value("select done from hardtack.unfinished").await, "1");
    let error = command(&database, &folder, &["repair", "1", "--restart", "--reason", "x", "--yes"]);
    assert!(error.code == 6 && error.stderr.contains("without being ended"), "{}", error.stderr);
    database.execute("drop table one; insert into ready values (1)").await;
    let output =
        command(&database, &folder, &["repair", "2", "--restart", "--reason", "dropped it", "--yes"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stderr.contains("at statement 2 of its up"), "{}", output.stderr);
    let note = database.value("select note from hardtack.step where direction = 'repair'").await;
    assert_eq!(note, "forgot that 1 statements of its up were done: dropped it");
    assert_eq!(database.value("select count(*) from hardtack.unfinished").await, "0");
    let again = command(&database, &folder, &["upgrade"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(database.value("select to_regclass('one') is not null").await, "t");
}
