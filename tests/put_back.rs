use std::time::Duration;

use hardtack::backup::{Place, PutBackTable, Strategy, Written};
use hardtack::db::connect;
use hardtack::engine::{BackupOptions, RestoreOptions};
use hardtack::{Migrator, RevisionSet, StopSignal, UpgradeOptions};
use tempfile::TempDir;

use crate::support::{TestDatabase, embedded, revisions};

/// On a server of its own, because commits of all databases wait for a standby that is not there.
#[tokio::test]
async fn a_stop_leaves_no_commit_in_the_middle() {
    let (server, home) = (embedded().start().await.unwrap(), TempDir::new().unwrap());
    let connection = connect(server.options(), "test").await.unwrap();
    let client = &connection.client;
    client.batch_execute(SHOP).await.unwrap();
    let waits = "do $$ begin execute format('alter database %I set synchronous_commit = on', current_database()); end $$";
    client.batch_execute(waits).await.unwrap();
    let stop = StopSignal::new();
    let set: RevisionSet = revisions(&[("V1__one.sql", "select 1;")]);
    let migrator = Migrator::new(&set, server.options().clone()).with_stop(stop.clone());
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let place = Place::Directory(home.path().to_path_buf());
    let options = BackupOptions {
        tables: vec!["goods".to_owned()],
        ..BackupOptions::new(Strategy::Tables, place.clone())
    };
    let backup = migrator.backup(&options).await.unwrap();
    client.batch_execute("delete from goods").await.unwrap();
    client.batch_execute("alter system set synchronous_standby_names = 'nobody'").await.unwrap();
    client.batch_execute("select pg_reload_conf()").await.unwrap();
    let restoring =
        tokio::spawn(
            async move { migrator.restore(&RestoreOptions::new(place, backup.manifest.name)).await },
        );
    let commits =
        "select exists (select from pg_stat_activity where wait_event = 'SyncRep' and query = 'commit')";
    while !client.query_one(commits, &[]).await.unwrap().get::<_, bool>(0) {
        assert!(!restoring.is_finished());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.request();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!restoring.is_finished(), "it waits for its commit");
    client.batch_execute("alter system reset synchronous_standby_names").await.unwrap();
    client.batch_execute("select pg_reload_conf()").await.unwrap();
    let restored = restoring.await.unwrap().unwrap();
    assert_eq!(restored.tables[0].written, Some(written(0, 0, 3)));
    let rows: i64 = client.query_one("select count(*) from goods", &[]).await.unwrap().get(0);
    assert_eq!(rows, 3);
    let note = client.query_one("select note from hardtack.run order by id desc limit 1", &[]).await.unwrap();
    assert!(note.get::<_, String>(0).starts_with("of "));
}

/// A database of which the rows of some tables were taken.
struct Taken {
    database: TestDatabase,
    migrator: Migrator,
    restore: RestoreOptions,
    _home: TempDir,
}

/// Makes a database of this text, and takes those tables of it.
async fn taken(setup: &str, tables: &[&str]) -> Taken {
    taken_as(setup, tables, |migrator| migrator).await
}

async fn taken_as(setup: &str, tables: &[&str], with: impl Fn(Migrator) -> Migrator) -> Taken {
    let (database, home) = (TestDatabase::empty().await, TempDir::new().unwrap());
    let set: RevisionSet = revisions(&[("V1__one.sql", "select 1;")]);
    database.execute(setup).await;
    let migrator = with(database.migrator(&set));
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let place = Place::Directory(home.path().to_path_buf());
    let tables = tables.iter().map(|table| (*table).to_owned()).collect();
    let options = BackupOptions { tables, ..BackupOptions::new(Strategy::Tables, place.clone()) };
    let backup = migrator.backup(&options).await.unwrap();
    Taken { database, migrator, restore: RestoreOptions::new(place, backup.manifest.name), _home: home }
}

impl Taken {
    async fn put_back(&self) -> Vec<PutBackTable> {
        self.migrator.restore(&self.restore).await.unwrap().tables
    }

    async fn refusal(&self) -> String {
        self.migrator.restore(&self.restore).await.unwrap_err().to_string()
    }

    async fn planned(&self) -> Vec<PutBackTable> {
        let options = RestoreOptions { dry_run: true, ..self.restore.clone() };
        self.migrator.restore(&options).await.unwrap().tables
    }

    /// Does this to the database, puts the rows back, and compares the tables with what they were; what was written.
    async fn undone(&self, tables: &[&str], change: &str) -> Vec<Written> {
        let before = self.rows(tables).await;
        let states = self.states().await;
        self.database.execute(change).await;
        assert_ne!(self.rows(tables).await, before, "{change}");
        let done = self.put_back().await;
        assert_eq!(self.rows(tables).await, before, "{change}");
        assert_eq!(self.states().await, states, "{change}");
        done.into_iter().filter_map(|table| table.written).collect()
    }

    /// Does this to the database, and wants the rows refused and everything left as it is.
    async fn refused(&self, tables: &[&str], change: &str) -> String {
        self.database.execute(change).await;
        let (rows, catalog) = (self.rows(tables).await, self.states().await);
        let refusal = self.refusal().await;
        assert_eq!(self.rows(tables).await, rows, "{change}");
        assert_eq!(self.states().await, catalog, "{change}");
        assert!(refusal.contains("nothing was changed"), "{refusal}");
        refusal
    }

    async fn rows(&self, tables: &[&str]) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for table in tables {
            rows.push(self.database.column(&format!("select t::text from {table} t order by 1")).await);
        }
        rows
    }

    /// What is switched off for a while.
    async fn states(&self) -> Vec<String> {
        let query = "select concat_ws(' ', tgname, tgenabled) from pg_trigger where not tgisinternal \
            union all select concat_ws(' ', rulename, ev_enabled) from pg_rewrite where ev_class > 16384 \
            union all select concat_ws(' ', conname, condeferrable, condeferred) from pg_constraint where contype = 'f' union all select relname from pg_class where oid > 16384 \
            union all select 'internal ' || count(*) || ' ' || count(*) filter (where tgdeferrable) from pg_trigger where tgisinternal \
            order by 1";
        self.database.column(query).await
    }
}

fn written(deleted: u64, changed: u64, inserted: u64) -> Written {
    Written { deleted, changed, inserted }
}

const SHOP: &str = "create table goods (id int primary key, name text, price numeric);
    insert into goods values (1, 'a', 1.0), (2, E'b\\n\\\\\\t\"', null), (3, '', 3);
    create table notes (id int primary key, note text); insert into notes values (1, 'stays')";

#[tokio::test]
async fn rows_are_as_they_were_and_only_what_differs_is_written() {
    let taken = taken(SHOP, &["goods", "notes"]).await;
    taken.database.execute("create table other (id int); insert into other values (1)").await;
    let change = "update goods set name = 'other' where id = 1; delete from goods where id = 2; \
        insert into goods values (4, 'new', 4), (5, 'new', 5)";
    taken.database.execute(change).await;
    let planned = taken.planned().await;
    assert_eq!(planned[0].to_string(), "public.goods: 3 rows, in place of the 4 that are there");
    assert_eq!(planned[1].to_string(), "public.notes: 1 row, as it is");
    assert_eq!(taken.database.value("select count(*) from goods").await, "4");
    let xmin = "select xmin::text from goods where id = 3";
    let untouched = taken.database.value(xmin).await;
    let done = taken.put_back().await;
    assert_eq!(done[0].to_string(), "public.goods: 3 rows: 1 inserted, 1 changed, 2 deleted");
    assert_eq!((done[0].rows_before, done[1].is_same, done[1].written), (4, true, None));
    let expected = [["(1,a,1.0)"], ["(2,\"b\n\\\\\t\"\"\",)"], ["(3,\"\",3)"]].concat();
    assert_eq!(taken.rows(&["goods"]).await[0], expected);
    assert_eq!(taken.database.value(xmin).await, untouched);
    assert!(taken.put_back().await.iter().all(|table| table.is_same));
    assert_eq!(
        taken.database.column("select command || ' ' || outcome from hardtack.run order by id").await.len(),
        3
    );
}

#[tokio::test]
async fn a_table_that_was_emptied_or_made_anew_gets_its_rows_and_its_numbers() {
    let setup = "create table a (id bigint generated always as identity primary key, n int generated by default as identity, \
        s serial, down int, twice int generated always as (n * 2) stored);
        create sequence below increment -1 owned by a.down;
        insert into a (down) select -i from generate_series(1, 5) i";
    let taken = taken(setup, &["a"]).await;
    assert_eq!(taken.undone(&["a"], "truncate a").await, [written(0, 0, 5)]);
    let anew = "drop table a; create table a (down int, twice int generated always as (n * 2) stored, s serial, \
        id bigint generated always as identity primary key, n int generated by default as identity); \
        create sequence below increment -1 owned by a.down";
    taken.database.execute(anew).await;
    taken.put_back().await;
    let numbers = "insert into a (down) values (nextval('below')) returning id || ' ' || n || ' ' || s || ' ' || down || ' ' || twice";
    assert_eq!(taken.database.column(numbers).await, ["6 6 6 -6 12"]);
    taken.database.execute("alter sequence a_s_seq restart 1000; select nextval('a_s_seq')").await;
    assert_eq!(taken.put_back().await[0].written, Some(written(1, 0, 0)));
    assert_eq!(taken.database.value("select nextval('a_s_seq')").await, "1001");
}

#[tokio::test]
async fn what_an_update_cannot_set_is_inserted() {
    let setup = "create table a (id int primary key, n int generated always as identity, note text);
        insert into a (id, note) values (1, 'a'), (2, 'b');
        create table b (id int generated always as identity primary key); insert into b default values";
    let taken = taken(setup, &["a", "b"]).await;
    let change = "delete from a; insert into a overriding system value values (1, 77, 'a'), (2, 2, 'c'); delete from b; \
        insert into b default values";
    assert_eq!(taken.undone(&["a", "b"], change).await, [written(1, 1, 1), written(1, 0, 1)]);
}

#[tokio::test]
async fn values_that_are_equal_and_look_otherwise_are_put_right() {
    let setup = "create extension citext; create table a (id citext primary key, n numeric, j json, p point, d date[]);
        insert into a values ('Key', 1.0, '{\"a\": 1}', '(1,2)', '{2024-01-01}'), ('other', null, null, null, null);
        create table n (id numeric primary key); insert into n values (1.50);
        do $$ begin create collation blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
            exception when feature_not_supported then create collation blind from \"C\"; end $$;
        create table e (id text collate blind primary key, v text); insert into e values ('A', 'a')";
    let taken = taken(setup, &["a", "e", "n"]).await;
    let change = "update a set id = 'KEY', n = 1.00, j = '{\"a\":1}', p = '(1,3)', d = '[2:2]={2024-01-01}' where id = 'key'; \
        update n set id = 1.5; update e set id = 'a'";
    let done = taken.undone(&["a", "e", "n"], change).await;
    // A server without ICU calls no letters equal.
    let is_blind = "select not collisdeterministic from pg_collation where collname = 'blind'";
    let of_e = if taken.database.value(is_blind).await == "t" { written(0, 1, 0) } else { written(1, 0, 1) };
    assert_eq!(done, [written(0, 1, 0), of_e, written(0, 1, 0)]);
}

#[tokio::test]
async fn a_table_without_a_key_has_each_row_as_often_as_it_had() {
    let setup = "create table a (n int, j json); create table nothing ();
        insert into a values (1, '{}'), (1, '{}'), (1, '{}'), (null, null), (null, null), (2, '[]');
        insert into nothing select from generate_series(1, 3)";
    let taken = taken(setup, &["a", "nothing"]).await;
    let change = "delete from a where ctid in (select ctid from a where n = 1 limit 2); insert into a values (null, null), (3, null); \
        insert into nothing default values";
    let done = taken.undone(&["a", "nothing"], change).await;
    assert_eq!(done, [written(2, 0, 2), written(1, 0, 0)]);
    assert_eq!(
        taken.undone(&["a", "nothing"], "delete from nothing; delete from a where n is null").await.len(),
        2
    );
}

/// A row that stays would go by the cascade, or be in the way, if it referred to its new parent for a moment too long.
#[tokio::test]
async fn rows_go_and_come_in_the_order_of_their_references() {
    for action in ["cascade", "restrict", "no action", "set null", "set default"] {
        let setup = format!(
            "create table parents (id int primary key, name text unique);
             create table children (id int primary key, parent int default 0 references parents on delete {action}, name text unique);
             create table grand (id int primary key, child int not null references children on delete {action});
             insert into parents values (1, 'a'), (2, 'b'); insert into children values (1, 1, 'a'), (2, 2, 'b');
             insert into grand values (1, 1), (2, 2)"
        );
        let tables = ["parents", "children", "grand"];
        let taken = taken(&setup, &tables).await;
        let change = "insert into parents values (3, 'c'); insert into children values (3, 3, 'c'); \
            update children set parent = 3 where id = 1; update grand set child = 3; \
            delete from children where id = 2; delete from parents where id in (1, 2); insert into parents values (4, 'a')";
        taken.undone(&tables, change).await;
    }
}

#[tokio::test]
async fn a_table_may_refer_to_itself_and_two_to_each_other() {
    for action in ["cascade", "no action", "set null"] {
        let setup = format!(
            "create table tree (id int primary key, parent int references tree on delete {action});
             insert into tree values (1, null), (2, 1), (3, 2), (4, 4);
             create table a (id int primary key, b int not null);
             create table b (id int primary key, a int not null references a on delete {action});
             alter table a add constraint a_b foreign key (b) references b on delete {action} deferrable;
             begin; set constraints all deferred; insert into a values (1, 1), (2, 2); insert into b values (1, 2), (2, 1); commit"
        );
        let tables = ["tree", "a", "b"];
        let taken = taken(&setup, &tables).await;
        let states = taken.states().await;
        assert!(states.iter().any(|state| state == "a_b t f"), "{states:?}");
        let change = "insert into tree values (5, 1), (6, 5); update tree set parent = 6 where id = 3; delete from tree where id = 4; \
            update tree set parent = 3 where id = 1; delete from tree where id = 2; \
            begin; set constraints all deferred; insert into a values (3, 3); insert into b values (3, 3); \
            update a set b = 3; update b set a = 3; delete from a where id = 1; delete from b where id = 2; commit";
        if action == "cascade" {
            // The chain itself would go.
            let change = change.replace("delete from tree where id = 2;", "");
            taken.undone(&tables, &change).await;
        } else {
            taken.undone(&tables, change).await;
        }
        assert_eq!(taken.states().await, states, "{action}");
    }
}

#[tokio::test]
async fn rows_of_other_tables_are_never_touched() {
    for action in ["cascade", "restrict", "no action", "set null"] {
        let setup = format!(
            "create table a (id int primary key, code text unique); insert into a values (1, 'a'), (2, 'b');
             create table b (id int primary key, a int constraint b_a references a on delete {action} on update cascade,
                 code text constraint b_code references a (code) on update {action});
             insert into b values (1, 1, 'b')"
        );
        let taken = taken(&setup, &["a"]).await;
        let refusal = taken
            .refused(&["a", "b"], "insert into a values (3, 'c'); insert into b values (2, 3), (3, 3)")
            .await;
        let expected = "by b_a, 2 rows of public.b refer to rows of public.a that the backup has not";
        assert!(refusal.contains(expected), "{refusal}");
        taken.database.execute("delete from b where id > 1").await;
        taken.put_back().await;
        taken.database.execute("update b set code = null; update a set code = 'x' where id = 2").await;
        let refusal = taken.refused(&["a", "b"], "update b set code = 'x'").await;
        assert!(refusal.contains("by b_code, 1 row of public.b refer"), "{refusal}");
        taken.database.execute("update b set code = 'a'").await;
        assert_eq!(taken.put_back().await[0].written, Some(written(0, 1, 0)), "{action}");
        assert_eq!(taken.rows(&["b"]).await[0], ["(1,1,a)"]);
    }
}

/// A key that is not the one by which rows are told apart may belong to another row of the backup.
#[tokio::test]
async fn a_row_that_stays_is_not_taken_along_by_one_that_goes() {
    for action in ["cascade", "set null", "restrict", "no action"] {
        let setup = format!(
            "create table a (id int primary key, code text unique); insert into a values (1, 'a');
             create table b (id int primary key, code text constraint b_code references a (code) on delete {action}, note text);
             insert into b values (1, 'a', 'x'), (2, 'a', 'y')"
        );
        let taken = taken(&setup, &["a", "b"]).await;
        let change = "update a set id = 2; update b set note = 'z' where id = 2";
        if action == "no action" {
            assert_eq!(taken.undone(&["a", "b"], change).await, [written(1, 0, 1), written(0, 1, 0)]);
        } else {
            let refusal = taken.refused(&["a", "b"], change).await;
            assert!(refusal.contains("by b_code, 2 rows of public.b refer to rows of public.a"), "{refusal}");
        }
    }
}

#[tokio::test]
async fn rows_that_would_refer_to_nothing_are_refused() {
    let setup = "create table a (id int primary key); insert into a values (1), (2);
        create table b (id int primary key, a int constraint b_a references a); insert into b values (1, 1)";
    let taken = taken(setup, &["b"]).await;
    let refusal = taken.refused(&["a", "b"], "update b set a = 2; delete from a where id = 1").await;
    assert!(refusal.contains("rows of the backup refer to rows that are not there"), "{refusal}");
    assert!(refusal.contains("b_a"), "{refusal}");
}

#[tokio::test]
async fn triggers_and_rules_are_silent_and_get_their_states_back() {
    let setup = "create table a (id int primary key, note text); insert into a values (1, 'a'), (2, 'b'); create table log (what text);
        create function f() returns trigger language plpgsql as $$ begin insert into log values (tg_name); return new; end $$;
        create trigger plain before insert or update on a for each row execute function f();
        create trigger off before insert on a for each row execute function f(); alter table a disable trigger off;
        create trigger replica after update on a for each row execute function f(); alter table a enable replica trigger replica;
        create trigger always after insert or delete on a for each row execute function f(); alter table a enable always trigger always;
        create constraint trigger late after insert or update on a deferrable initially deferred for each row execute function f();
        create rule r as on insert to a do also insert into log values ('rule');
        create rule s as on delete to a do instead nothing; alter table a disable rule s;
        create rule t as on update to a do also insert into log values ('always'); alter table a enable always rule t";
    let taken = taken(setup, &["a"]).await;
    taken
        .database
        .execute("update a set note = 'c'; delete from a where id = 2; insert into a values (3, 'c')")
        .await;
    taken.database.execute("truncate log").await;
    let states = taken.states().await;
    assert_eq!(taken.put_back().await[0].written, Some(written(1, 1, 1)));
    assert_eq!(taken.states().await, states);
    assert_eq!(taken.rows(&["a", "log"]).await, [vec!["(1,a)".to_owned(), "(2,b)".to_owned()], Vec::new()]);
    for state in ["plain O", "off D", "replica R", "always A", "late O", "r O", "s D", "t A"] {
        assert!(states.iter().any(|found| found == state), "{state}: {states:?}");
    }
}

#[tokio::test]
async fn a_new_column_keeps_its_values_where_rows_stay() {
    let taken = taken(SHOP, &["goods"]).await;
    let change = "alter table goods add column more text default 'new', add column counted serial; \
        update goods set more = 'mine', name = 'x' where id = 1; delete from goods where id = 2";
    taken.database.execute(change).await;
    taken.put_back().await;
    assert_eq!(
        taken.database.column("select id || more || name from goods order by id").await,
        ["1minea", "2newb\n\\\t\"", "3new"]
    );
}

#[tokio::test]
async fn a_table_that_is_another_one_is_refused_by_name() {
    for (change, expected) in [
        ("alter table goods drop column name", "public.goods: it has no column name to write to"),
        (
            "alter table goods alter price type float8",
            "price is of the type double precision, and was numeric",
        ),
        (
            "alter table goods alter price type numeric(10, 2)",
            "price is of the type numeric(10,2), and was numeric",
        ),
        (
            "alter table goods add column more int; update goods set more = 1; alter table goods alter more set not null",
            "more wants a value",
        ),
        ("alter table goods rename to wares", "public.goods: there is no such table"),
        (
            "alter table goods rename to wares; create view goods as select * from wares",
            "public.goods: it is no ordinary table any more",
        ),
    ] {
        let taken = taken(SHOP, &["goods", "notes"]).await;
        let refusal = taken.refused(&["notes"], &format!("delete from notes; {change}")).await;
        assert!(refusal.contains(expected) && refusal.contains("verify --drift"), "{refusal}");
        let options = RestoreOptions { dry_run: true, ..taken.restore.clone() };
        assert!(taken.migrator.restore(&options).await.unwrap_err().to_string().contains(expected));
    }
}

#[tokio::test]
async fn rows_may_have_exchanged_what_is_unique() {
    let setup = "create table a (id int primary key, code text unique, place int unique deferrable);
        insert into a select i, i::text, i from generate_series(1, 4) i;
        create table b (id int primary key, a int references a); insert into b values (1, 1)";
    let exchange = "update a set code = 'x' where id = 1; update a set code = '1' where id = 2; update a set code = '2' where id = 1; \
        update a set place = 5 - place";
    let both = taken(setup, &["a", "b"]).await;
    let change = format!("{exchange}; update b set a = 2");
    assert_eq!(both.undone(&["a", "b"], &change).await, [written(4, 0, 4), written(0, 1, 0)]);
    let one = taken(setup, &["a"]).await;
    assert_eq!(one.undone(&["a"], "update a set place = 5 - place").await, [written(0, 4, 0)]);
    let refusal = one.refused(&["a", "b"], exchange).await;
    assert!(refusal.contains("a_code_key") && refusal.contains("rows exchange a unique value"), "{refusal}");
}

#[tokio::test]
async fn rows_of_partitions_are_in_the_partition_in_which_they_were() {
    let setup = "create table a (id int generated always as identity, day int, primary key (id, day)) partition by range (day);
        create table a_1 partition of a for values from (0) to (10); create table a_2 partition of a for values from (10) to (20);
        insert into a (day) values (1), (2), (11), (12);
        create table b (id int primary key, a int, day int, constraint b_a foreign key (a, day) references a on delete cascade)
            partition by range (id);
        create table b_1 partition of b for values from (0) to (10); create table b_2 partition of b for values from (10) to (20);
        insert into b values (1, 1, 1), (11, 3, 11)";
    let taken = taken(setup, &["a_1", "a_2", "b_1"]).await;
    let states = taken.states().await;
    let change = "insert into a (day) values (3); update b_1 set a = 5, day = 3; update a set day = 13 where id = 2; delete from a where id = 4";
    let done = taken.undone(&["a_1", "a_2", "b_1", "b_2"], change).await;
    assert_eq!(done, [written(1, 0, 1), written(1, 0, 1), written(0, 1, 0)]);
    assert_eq!(taken.states().await, states);
    let refusal = taken
        .refused(&["a", "b"], "insert into a (day) values (14); update b set a = 6, day = 14 where id = 11")
        .await;
    assert!(refusal.contains("by b_a, 1 row of public.b refer to rows of public.a_2"), "{refusal}");
}

/// A function that a constraint or a generated column calls finds what it found when the row was written.
#[tokio::test]
async fn functions_find_what_they_name() {
    let setup = "create function limit_of() returns int language sql immutable as 'select 10';
        create function short(t text) returns bool language sql immutable as 'select length(t) < limit_of()';
        create type kind as enum ('a', 'b'); create domain small as int check (value < 100);
        create table a (id small primary key, note text check (short(note)), kind kind, place regclass);
        insert into a values (1, 'a', 'a', 'a'), (2, 'b', 'b', 'pg_class')";
    let taken = taken(setup, &["a"]).await;
    assert_eq!(
        taken.undone(&["a"], "delete from a where id = 1; update a set kind = 'a', place = 'a'").await,
        [written(0, 1, 1)]
    );
}

#[tokio::test]
async fn somebody_who_works_on_a_table_is_not_waited_for_without_end() {
    let taken =
        taken_as(SHOP, &["goods"], |migrator| migrator.with_lock_timeout(Duration::from_millis(200))).await;
    taken.database.execute("delete from goods where id = 1").await;
    let blocker = taken.database.connect().await;
    blocker.client.batch_execute("begin; select from goods").await.unwrap();
    let refusal = taken.refused(&["notes"], "select 1").await;
    assert!(refusal.contains("lock timeout") && refusal.contains("--lock-timeout"), "{refusal}");
    blocker.client.batch_execute("commit").await.unwrap();
    assert_eq!(taken.put_back().await[0].written, Some(written(0, 0, 1)));
}

/// An index that would help is not built where the role may not create in the schema.
#[tokio::test]
async fn an_owner_needs_no_rights_but_its_own() {
    let setup = "create role put_back_owner; grant create on schema public to put_back_owner;
        do $$ begin execute format('grant create on database %I to put_back_owner', current_database()); end $$;
        set role put_back_owner;
        create table a (id int primary key); create table b (id int primary key, a int references a on delete cascade);
        create function f() returns trigger language plpgsql as 'begin return null; end';
        insert into a values (1); insert into b values (1, 1);
        create trigger t before insert or delete on b for each row execute function f();
        create table guarded (id int); insert into guarded values (1); alter table guarded enable row level security";
    let owner = hardtack::config::Role::new("put_back_owner").unwrap();
    let taken = taken_as(setup, &["a", "b", "guarded"], |migrator| migrator.with_role(owner.clone())).await;
    let change = "insert into a select generate_series(2, 300); alter table b disable trigger t; \
        insert into b select i, i from generate_series(2, 300) i; update b set a = 2 where id = 1; \
        alter table b enable trigger t; delete from guarded";
    let expected = [written(299, 0, 0), written(299, 1, 0), written(0, 0, 1)];
    assert_eq!(taken.undone(&["a", "b", "guarded"], change).await, expected);
    taken.database.execute("revoke create on schema public from put_back_owner").await;
    assert_eq!(taken.undone(&["a", "b", "guarded"], change).await, expected);
    taken
        .database
        .execute("alter table b owner to postgres; delete from guarded; update b set a = null")
        .await;
    let refusal = taken.refused(&["a", "b", "guarded"], "grant all on b to put_back_owner").await;
    assert!(
        refusal.contains("must be owner of table b") && refusal.contains("must own the tables"),
        "{refusal}"
    );
}

#[tokio::test]
async fn many_rows_are_put_back() {
    let setup = "create table a (id int primary key, note text); create table b (id int primary key, a int references a);
        insert into a select i, repeat(md5(i::text), 4) from generate_series(1, 100000) i;
        insert into b select i, i from generate_series(1, 100000) i";
    let taken = taken(setup, &["a", "b"]).await;
    let change = "create index i on b (a); update a set note = 'x' where id % 10 = 0; update b set a = 1 where id % 3 = 0; delete from a where id % 7 = 3 and id % 3 = 0 \
        and not exists (select from b where b.a = a.id); insert into a select i, '' from generate_series(100001, 150000) i; \
        insert into b select i, i from generate_series(100001, 150000) i; drop index i";
    let done = taken.undone(&["a", "b"], change).await;
    assert_eq!(done[1], written(50_000, 33_333, 0));
    assert_eq!((done[0].deleted, done[0].changed), (50_000, 9_524));
}
