//! The way back: downs in reverse, what they lose, and what is refused.

use std::time::Duration;

use hardtack::engine::RunOutcome;
use hardtack::safety::LossKind;
use hardtack::{Back, DowngradeOptions, UpgradeOptions};

use crate::support::{Folder, TestDatabase, hardtack, revisions};

const SHOP: [(&str, &str); 6] = [
    ("V1__goods.sql", "create table goods (id int primary key, name text not null);"),
    ("V1__goods.down.sql", "drop table goods;"),
    ("V2__prices.sql", "alter table goods add column price numeric; alter table goods add note text;"),
    ("V2__prices.down.sql", "alter table goods drop column price, drop column note;"),
    ("V3__orders.sql", "create table \"Orders\" (good int references goods);"),
    ("V3__orders.down.sql", "drop table \"Orders\";"),
];

async fn shop() -> TestDatabase {
    let database = TestDatabase::empty().await;
    database.migrator(&revisions(&SHOP)).upgrade(UpgradeOptions::default()).await.unwrap();
    database
}

fn to(version: i64) -> DowngradeOptions {
    DowngradeOptions { back: Back::To(version), agreed: None }
}

#[tokio::test]
async fn downs_run_in_reverse_with_their_history_rows_and_are_logged() {
    let database = shop().await;
    let migrator = database.migrator(&revisions(&SHOP));
    let run = migrator.downgrade(to(1)).await.unwrap();
    assert_eq!((run.outcome, run.from, run.to), (RunOutcome::Downgraded, Some(3), Some(1)));
    assert_eq!(run.undone.iter().map(|step| step.version).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(database.applied().await, [1]);
    assert_eq!(database.value("select to_regclass('\"Orders\"')").await, "null");
    let log = "select version || direction from hardtack.step order by id desc limit 2";
    assert_eq!(database.column(log).await, ["2down", "3down"]);
    let run_row = "select command || ' ' || outcome from hardtack.run order by id desc limit 1";
    assert_eq!(database.value(run_row).await, "downgrade succeeded");
    assert_eq!(migrator.downgrade(to(1)).await.unwrap().outcome, RunOutcome::NothingToUndo);
    let run = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(run.applied.len(), 2);
}

#[tokio::test]
async fn losses_are_counted_and_what_is_empty_is_none() {
    let database = shop().await;
    database.execute("insert into goods values (1, 'a', 2.5, null), (2, 'b', null, null)").await;
    let plan = database.migrator(&revisions(&SHOP)).plan_downgrade(Back::To(0)).await.unwrap();
    assert_eq!(plan.steps.iter().map(|step| step.version).collect::<Vec<_>>(), [3, 2, 1]);
    let losses: Vec<_> = plan.losses.iter().map(ToString::to_string).collect();
    assert_eq!(
        losses,
        ["1 value of the column goods.price (V2__prices)", "the table goods with 2 rows (V1__goods)"]
    );
    assert_eq!(database.applied().await, [1, 2, 3]);
}

#[tokio::test]
async fn what_code_and_cascades_remove_is_told_as_unknown() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[
        (
            "V1__one.sql",
            "create schema s; create table s.t (); create table u (); insert into u default values;",
        ),
        ("V1__one.down.sql", "do $$ begin drop table u; end $$; drop schema s cascade;"),
    ]);
    let migrator = database.migrator(&set);
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let plan = migrator.plan_downgrade(Back::Steps(1)).await.unwrap();
    let kinds: Vec<_> = plan.losses.iter().map(|loss| (loss.kind, loss.rows)).collect();
    assert_eq!(kinds, [(LossKind::Code, None), (LossKind::Cascade, None)]);
}

#[tokio::test]
async fn a_table_that_the_role_may_not_read_is_a_loss_of_unknown_size() {
    let database = shop().await;
    let role = format!("reader_{}", database.options.database());
    database
        .execute(&format!(
            "create role {role} login; grant usage on schema public, hardtack to {role};
             grant select on refinery_schema_history, hardtack.unfinished to {role}"
        ))
        .await;
    let migrator =
        hardtack::Migrator::new(&revisions(&SHOP), database.options.clone().with_user(role.as_str()));
    let plan = migrator.plan_downgrade(Back::Steps(1)).await.unwrap();
    assert_eq!(plan.losses.len(), 1);
    assert_eq!((plan.losses[0].kind, plan.losses[0].rows), (LossKind::Table, None));
}

#[tokio::test]
async fn an_irreversible_revision_is_refused_with_its_reason_before_anything_is_undone() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&SHOP);
    folder.write("V4__gone.sql", "-- hardtack: irreversible \"the old key is destroyed\"\nselect 1;");
    std::fs::remove_file(folder.path().join("V4__gone.down.sql")).unwrap();
    folder.write("V5__more.sql", "create table more ();");
    let migrator = database.migrator(&folder.revisions());
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let error = migrator.downgrade(to(3)).await.unwrap_err().to_string();
    assert!(
        error.contains("V4__gone is irreversible: the old key is destroyed; nothing was changed"),
        "{error}"
    );
    assert!(error.contains("restore"), "{error}");
    assert_eq!(database.applied().await, [1, 2, 3, 4, 5]);
    assert_eq!(migrator.downgrade(to(4)).await.unwrap().undone.len(), 1);
}

#[tokio::test]
async fn targets_that_make_no_sense_are_named() {
    let database = shop().await;
    let migrator = database.migrator(&revisions(&SHOP));
    migrator.downgrade(to(2)).await.unwrap();
    for (back, words) in [
        (Back::To(9), "there is no revision of version 9; the newest is 3"),
        (Back::To(3), "at version 2, which is before 3"),
        (Back::Steps(7), "7 steps back were asked for, and 2 revisions are applied"),
    ] {
        let error = migrator.plan_downgrade(back).await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_failing_down_leaves_the_revision_applied() {
    let database = shop().await;
    database.execute("create view v as select price from goods").await;
    let error = database.migrator(&revisions(&SHOP)).downgrade(to(0)).await.unwrap_err().to_string();
    assert!(
        error.starts_with("undo with V2__prices.down.sql:1 (statement 1 of 1): cannot drop column price"),
        "{error}"
    );
    assert!(error.contains("rolled back"), "{error}");
    assert_eq!(database.applied().await, [1, 2]);
    assert_eq!(database.value("select count(*) from hardtack.step where error is not null").await, "1");
}

#[tokio::test]
async fn an_edited_revision_stands_in_the_way_and_a_late_one_does_not() {
    let database = shop().await;
    let mut files = SHOP.to_vec();
    files.push(("V0__late.sql", "select 1"));
    let run = database.migrator(&revisions(&files)).downgrade(to(2)).await.unwrap();
    assert_eq!(run.undone.len(), 1);
    files[2].1 = "alter table goods add column price money";
    let error = database.migrator(&revisions(&files)).downgrade(to(1)).await.unwrap_err().to_string();
    assert!(error.contains("revision 2 (prices) was edited after it was applied"), "{error}");
}

#[tokio::test]
async fn what_was_agreed_to_is_what_is_undone() {
    let database = shop().await;
    let options = DowngradeOptions { back: Back::To(1), agreed: Some(vec![2]) };
    let error = database.migrator(&revisions(&SHOP)).downgrade(options).await.unwrap_err().to_string();
    assert!(
        error.contains("the history has changed since the plan was shown; nothing was changed"),
        "{error}"
    );
    assert_eq!(database.applied().await, [1, 2, 3]);
}

#[tokio::test]
async fn a_down_without_a_transaction_is_half_undone_until_it_ends() {
    let database = TestDatabase::empty().await;
    let files = [
        ("V1__one.sql", "create table one (id int); create index one_id on one (id);"),
        (
            "V1__one.down.sql",
            "-- hardtack: no-transaction\ndrop index concurrently one_id; select 1 / count(*) from switch; drop table one;",
        ),
    ];
    let set = revisions(&files);
    database.execute("create table switch ()").await;
    let migrator = database.migrator(&set);
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let error = migrator.downgrade(to(0)).await.unwrap_err().to_string();
    assert!(error.contains("division by zero") && error.contains("its first statement is done"), "{error}");
    // Neither applied nor undone: nobody takes it for the one or the other.
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("revision 1 (one) is half undone") && error.contains("downgrade"), "{error}");
    assert_eq!(migrator.status().await.unwrap().conflicts.len(), 1);
    database.execute("insert into switch default values").await;
    let run = migrator.downgrade(to(0)).await.unwrap();
    assert_eq!((run.undone.len(), run.to), (1, None));
    assert_eq!(database.value("select count(*) from hardtack.unfinished").await, "0");
    assert_eq!(migrator.upgrade(UpgradeOptions::default()).await.unwrap().applied.len(), 1);
}

#[tokio::test]
async fn the_reference_application_goes_down_as_far_as_it_can_and_up_again() {
    let database = TestDatabase::reference().await;
    let migrator = database.migrator(&crate::migrations::REVISIONS);
    let error = migrator.downgrade(to(0)).await.unwrap_err().to_string();
    assert!(error.contains("V4__viewer_role is irreversible"), "{error}");
    let run = migrator.downgrade(to(4)).await.unwrap();
    assert_eq!((run.to, run.undone.len()), (Some(4), crate::migrations::REVISIONS.len() - 4));
    let run = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(run.applied.len(), crate::migrations::REVISIONS.len() - 4);
}

#[tokio::test]
async fn the_command_wants_yes_where_data_goes() {
    let database = shop().await;
    database.execute("insert into goods (id, name, price) values (1, 'a', 2)").await;
    let folder = Folder::new(&SHOP);
    let run = |arguments: &[&str]| {
        let arguments = [arguments, &["--dir", "."]].concat();
        hardtack(folder.path(), Some(&database.url()), &arguments)
    };
    let undone = run(&["downgrade"]);
    assert_eq!(undone.code, 0, "nothing is in the orders: {}", undone.stderr);
    assert!(undone.stdout.contains("at version 2: 1 revision undone"), "{}", undone.stdout);
    assert!(undone.stderr.contains("[1/1] undo V3__orders"), "{}", undone.stderr);
    let refused = run(&["downgrade", "--to", "1"]);
    assert_eq!(refused.code, 6, "{}", refused.stderr);
    assert!(refused.stderr.contains("1 value of the column goods.price (V2__prices)"), "{}", refused.stderr);
    let plan = run(&["downgrade", "2", "--dry-run=plan", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(json["dry_run"]["losses"][0]["rows"], 1);
    assert_eq!(json["dry_run"]["steps"][1]["version"], 1);
    assert_eq!(database.applied().await, [1, 2]);
    let undone = run(&["downgrade", "2", "--yes", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&undone.stdout).unwrap();
    assert_eq!((&json["outcome"], &json["to"]), (&"downgraded".into(), &serde_json::Value::Null));
    assert_eq!(database.applied().await, Vec::<i64>::new());
    let usage = run(&["downgrade", "1", "--to", "1"]);
    assert_eq!(usage.code, 2, "{}", usage.stderr);
}

/// The counting never holds a table up: it gives in to a lock, and says what the server guesses.
#[tokio::test]
async fn a_locked_table_is_not_waited_for_without_end() {
    let database = shop().await;
    database.execute("insert into \"Orders\" values (null); analyze \"Orders\"").await;
    let blocker = database.connect().await;
    blocker.client.batch_execute("begin; lock table \"Orders\"").await.unwrap();
    let migrator = database.migrator(&revisions(&SHOP));
    let plan = tokio::time::timeout(Duration::from_secs(20), migrator.plan_downgrade(Back::Steps(1)));
    let plan = plan.await.unwrap().unwrap();
    assert_eq!(plan.losses[0].to_string(), "the table \"Orders\" with 1 row (V3__orders)");
    assert!(plan.losses[0].estimated);
}

#[tokio::test]
async fn what_a_text_does_not_tell_is_unknown_and_never_nothing() {
    let up = "create schema app; create table app.docs (id int); create table old (id int); create table t (c text);
              insert into app.docs values (1); insert into old values (1); insert into t values ('long');
              create table guarded (id int); insert into guarded values (1);
              alter table guarded enable row level security; alter table guarded force row level security;";
    let downs = [
        ("alter table old rename to older; drop table older;", LossKind::Table, Some(1)),
        ("alter schema app rename to gone; drop table gone.docs;", LossKind::Table, None),
        ("set search_path = app; drop table docs;", LossKind::Table, None),
        ("update t set c = null;", LossKind::Values, Some(1)),
        ("alter table t alter column c type varchar(1) using left(c, 1);", LossKind::Values, Some(1)),
        ("select count(*) from t;", LossKind::Code, None),
        ("drop table guarded;", LossKind::Table, Some(1)),
    ];
    for (number, (down, kind, rows)) in downs.iter().enumerate() {
        let database = TestDatabase::empty().await;
        let set = revisions(&[("V1__x.sql", up), ("V1__x.down.sql", down)]);
        database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
        let plan = database.migrator(&set).plan_downgrade(Back::Steps(1)).await.unwrap();
        let found: Vec<_> = plan.losses.iter().map(|loss| (loss.kind, loss.rows)).collect();
        assert_eq!(found, [(*kind, *rows)], "{number}: {down}");
    }
}

#[tokio::test]
async fn nothing_is_undone_below_a_revision_that_is_half_applied() {
    let database = TestDatabase::empty().await;
    let half = "-- hardtack: no-transaction\nalter table one add column two int;\nselect 1 / 0;";
    let set = revisions(&[("V1__one.sql", "create table one ();"), ("V2__half.sql", half)]);
    let migrator = database.migrator(&set);
    migrator.upgrade(UpgradeOptions::default()).await.unwrap_err();
    let error = migrator.downgrade(to(0)).await.unwrap_err().to_string();
    assert!(error.contains("revision 2 is half applied: 1 of its statements are done"), "{error}");
    assert_eq!(database.applied().await, [1]);
}
