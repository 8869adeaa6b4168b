use hardtack::safety::AtRisk;
use hardtack::{RevisionSet, Target};

use crate::support::{Code, Folder, TestDatabase, revisions, with_more_code};

/// What an upgrade by this text can lose data of: `schema.table: why`, then why it is every table.
async fn at_risk(setup: &str, text: &str) -> (Vec<String>, Option<String>) {
    let database = TestDatabase::empty().await;
    database.execute(setup).await;
    let set = unjudged(&Folder::new(&[("V7__x.sql", text)]));
    told(database.migrator(&set).tables_at_risk(Target::Head).await.unwrap())
}

/// The revisions of a folder, whatever the build says of their hazards.
fn unjudged(folder: &Folder) -> RevisionSet {
    hardtack::revisions::resolve_leniently(folder.path()).unwrap().revisions
}

fn told(at_risk: AtRisk) -> (Vec<String>, Option<String>) {
    let table =
        |table: hardtack::safety::TableAtRisk| format!("{}.{}: {}", table.schema, table.name, table.why);
    (at_risk.tables.into_iter().map(table).collect(), at_risk.all)
}

/// The tables of an upgrade that hides nothing.
async fn tables(setup: &str, text: &str) -> Vec<String> {
    let (tables, all) = at_risk(setup, text).await;
    assert_eq!(all, None, "{text}");
    tables
}

const SHOP: &str = "create table orders (id int primary key, note text);
    create table \"Line Items\" (id int primary key, product int, order_id int);
    create table products (id int primary key, price int);
    create schema archive; create table archive.orders (id int);";

#[tokio::test]
async fn each_loss_of_a_text_is_told_by_its_table() {
    for (text, expected) in [
        ("drop table orders", &["public.orders: V7__x drops it"][..]),
        ("drop table if exists nowhere, archive.orders", &["archive.orders: V7__x drops it"]),
        ("alter table \"Line Items\" drop product", &["public.Line Items: V7__x drops its column product"]),
        ("delete from products", &["public.products: V7__x deletes rows of it"]),
        (
            "truncate orders, products",
            &["public.orders: V7__x deletes rows of it", "public.products: V7__x deletes rows of it"],
        ),
        (
            "update orders set note = null; alter table orders drop note",
            &["public.orders: V7__x changes values of it; V7__x drops its column note"],
        ),
        ("alter table products alter price type text", &["public.products: V7__x changes values of it"]),
        (
            "insert into orders values (1) on conflict (id) do update set note = ''",
            &["public.orders: V7__x changes values of it"],
        ),
        ("drop schema archive cascade", &["archive.orders: V7__x drops it with archive"]),
        (
            "alter table orders add column more int; create index on orders (note); insert into orders values (1)",
            &[],
        ),
    ] {
        assert_eq!(tables(SHOP, text).await, expected, "{text}");
    }
}

#[tokio::test]
async fn names_are_followed_through_the_plan() {
    for (text, expected) in [
        ("create table new (); delete from new; drop table new", &[][..]),
        ("alter table orders rename to old; create table orders (); drop table orders", &[]),
        ("alter table orders rename to old; drop table old", &["public.orders: V7__x drops it"]),
        (
            "alter table products set schema archive; delete from archive.products",
            &["public.products: V7__x deletes rows of it"],
        ),
    ] {
        assert_eq!(tables(SHOP, text).await, expected, "{text}");
    }
}

#[tokio::test]
async fn the_rows_of_a_parent_are_those_of_its_partitions_and_children() {
    let setup = "create table events (day date) partition by range (day);
        create table events_1 partition of events for values from ('2024-01-01') to ('2025-01-01') partition by hash (day);
        create table events_1_0 partition of events_1 for values with (modulus 1, remainder 0);
        create table events_2 partition of events for values from ('2025-01-01') to ('2026-01-01');
        create table parent (id int); create table child () inherits (parent);
        create table loose (day date);
        create view seen as select * from parent";
    for (text, expected) in [
        ("delete from events", &[
            "public.events_1_0: V7__x deletes rows of it",
            "public.events_2: V7__x deletes rows of it",
        ][..]),
        ("drop table events", &[
            "public.events_1_0: V7__x drops it with events",
            "public.events_2: V7__x drops it with events",
        ]),
        ("drop table events_2", &["public.events_2: V7__x drops it"]),
        ("alter table events detach partition events_2", &[]),
        ("update parent set id = 1", &[
            "public.child: V7__x changes values of it",
            "public.parent: V7__x changes values of it",
        ]),
        ("delete from seen", &[
            "public.child: V7__x deletes rows of it",
            "public.parent: V7__x deletes rows of it",
        ]),
        (
            "create table more (day date) partition by range (day);
             alter table more attach partition loose default; alter table more rename to most; delete from most",
            &["public.loose: V7__x deletes rows of it"],
        ),
        (
            "create table more (day date) partition by range (day); alter table more attach partition loose default;
             drop table more",
            &["public.loose: V7__x deletes rows of it"],
        ),
        ("alter table child no inherit parent; alter table loose add id int; alter table loose inherit parent; truncate parent", &[
            "public.child: V7__x deletes rows of it",
            "public.loose: V7__x deletes rows of it",
            "public.parent: V7__x deletes rows of it",
        ]),
    ] {
        assert_eq!(tables(setup, text).await, expected, "{text}");
    }
}

#[tokio::test]
async fn foreign_keys_carry_a_write_on() {
    let setup = "create table a (id int primary key, note text);
        create table b (id int primary key, a int constraint b_a references a on delete cascade on update cascade);
        create table c (b int constraint c_b references b on delete set null);
        create table d (b int references b);
        create table loose (a int)";
    let carried = [
        "public.a: V7__x deletes rows of it",
        "public.b: V7__x deletes rows of it by the foreign key b_a",
        "public.c: V7__x changes values of it by the foreign key c_b",
    ];
    for (text, expected) in [
        ("delete from a", &carried[..]),
        ("truncate a cascade", &[
            "public.a: V7__x deletes rows of it",
            "public.b: V7__x deletes rows of it by the foreign key b_a",
            "public.c: V7__x deletes rows of it by the foreign key c_b",
            "public.d: V7__x deletes rows of it by the foreign key d_b_fkey",
        ]),
        ("drop table a cascade", &["public.a: V7__x drops it"]),
        ("update a set note = ''", &["public.a: V7__x changes values of it"]),
        ("update a set id = 2", &[
            "public.a: V7__x changes values of it",
            "public.b: V7__x changes values of it by the foreign key b_a",
        ]),
        (
            "alter table loose add foreign key (a) references a on delete cascade; update a set note = ''",
            &["public.a: V7__x changes values of it", "public.loose: V7__x changes values of it"],
        ),
        (
            "create table new (id int primary key); alter table loose add foreign key (a) references new on delete cascade;
             delete from new",
            &["public.loose: V7__x deletes rows of it"],
        ),
    ] {
        assert_eq!(tables(setup, text).await, expected, "{text}");
    }
}

#[tokio::test]
async fn what_hangs_on_a_type_or_an_extension_goes_with_it() {
    let setup = "create type mood as enum ('glad'); create domain moods as mood[];
        create table people (id int, feels moods); create table points (id int, at point);
        create table whole (); create table held (row people); create extension citext; create table t (c citext)";
    for (text, expected) in [
        ("drop type mood cascade", &["public.people: V7__x takes values of it along with mood"][..]),
        (
            "drop domain if exists moods cascade",
            &["public.people: V7__x takes values of it along with moods"],
        ),
        ("drop extension citext cascade", &["public.t: V7__x takes values of it along with citext"]),
        (
            "drop table people cascade",
            &["public.held: V7__x takes values of it along with people", "public.people: V7__x drops it"],
        ),
        ("drop type if exists nothing cascade", &[]),
    ] {
        assert_eq!(tables(setup, text).await, expected, "{text}");
    }
}

/// Tables whose triggers and rules write more than a statement says.
const HIDDEN: &str =
    "create table a (id int primary key); create table b (a int references a on delete cascade);
    create view seen as select 1 as one;
    create schema hardtack; create table hardtack.run (); create extension citext;
    create function f() returns trigger language plpgsql as 'begin return null; end';
    create trigger t before delete or update on b for each row execute function f();
    create trigger s before update on a for each row execute function suppress_redundant_updates_trigger();
    create trigger i instead of delete on seen for each row execute function f();
    create table ruled (id int); create rule r as on insert to ruled do also delete from a;
    create table p (id int) partition by range (id); create table p_1 partition of p default;";

#[tokio::test]
async fn what_nobody_can_tell_is_every_table() {
    let every = ["public.a", "public.b", "public.p_1", "public.ruled"];
    for (text, expected) in [
        ("do $$ begin end $$", "V7__x runs code of which its text does not tell what it writes"),
        ("select f()", "V7__x runs code of which its text does not tell what it writes"),
        (
            "set search_path = public; drop table a",
            "V7__x moves the search path, so that its names cannot be told",
        ),
        ("drop table away", "V7__x works on away, which is not there now"),
        ("drop schema away cascade", "V7__x drops away, which is not there now"),
        (
            "alter schema public rename to s; drop table if exists s.a",
            "V7__x works on s.a, which is not there now",
        ),
        ("drop owned by postgres", "V7__x drops postgres, and all that hangs on it"),
        ("delete from b", "V7__x writes b, where the trigger t may write anything"),
        ("delete from a", "V7__x writes b, where the trigger t may write anything"),
        ("delete from seen", "V7__x writes seen, where the trigger i may write anything"),
        ("insert into ruled values (1)", "V7__x writes ruled, where the rule r may write anything"),
        (
            "create trigger u after insert on p for each row execute function f(); insert into p values (1)",
            "V7__x writes p, where a trigger of V7__x may write anything",
        ),
        (
            "create table n (); create trigger u after insert on n for each row execute function f();
             alter table n rename to m; insert into m default values",
            "V7__x writes public.m, whose trigger may write anything",
        ),
    ] {
        let (tables, all) = at_risk(HIDDEN, text).await;
        assert_eq!(all.as_deref(), Some(expected), "{text}");
        let names: Vec<_> = tables.iter().filter_map(|table| table.split(':').next()).collect();
        assert_eq!(names, every, "{text}");
    }
    for text in [
        "insert into b values (null)",
        "update a set id = 2",
        "alter table b alter a type bigint",
        "drop table b",
    ] {
        assert_eq!(at_risk(HIDDEN, text).await.1, None, "{text}");
    }
}

#[tokio::test]
async fn rust_is_every_table_and_reasons_of_its_own_stay() {
    let folder = Folder::new(&[("V1__drop.sql", "drop table a"), ("V2__more.sql", "select 1")]);
    folder.write(
        "V2__more.rs",
        "#[hardtack::after]\nasync fn after(context: &mut Context<'_>) -> Result<()> { Ok(()) }\n",
    );
    let database = TestDatabase::empty().await;
    database.execute("create table a (); create table b ()").await;
    let after: hardtack::revisions::RustFn = |_| Box::pin(async { Ok(()) });
    let set = with_more_code(&unjudged(&folder), 2, Code { after: Some(after), ..Code::default() });
    let migrator = database.migrator(&set);
    let rust = "V2__more has Rust beside its SQL, which may write anything";
    let expected = ["public.a: V1__drop drops it".to_owned(), format!("public.b: {rust}")];
    assert_eq!(
        told(migrator.tables_at_risk(Target::Head).await.unwrap()),
        (expected.to_vec(), Some(rust.into()))
    );
    let (tables, all) = told(migrator.tables_at_risk(Target::Version(1)).await.unwrap());
    assert_eq!((tables.as_slice(), all), (&expected[..1], None));
}

#[tokio::test]
async fn the_history_is_never_at_risk_and_nothing_pending_is_nothing() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[("V1__one.sql", "create table one ();")]);
    let migrator = database.migrator(&set);
    migrator.upgrade(hardtack::UpgradeOptions::default()).await.unwrap();
    assert_eq!(migrator.tables_at_risk(Target::Head).await.unwrap(), AtRisk::default());
    let folder = Folder::new(&[
        ("V1__one.sql", "create table one ();"),
        ("V2__two.sql", "delete from refinery_schema_history where version = 0; do $$ begin end $$;"),
    ]);
    let (tables, _) = told(database.migrator(&unjudged(&folder)).tables_at_risk(Target::Head).await.unwrap());
    assert_eq!(tables.len(), 1, "{tables:?}");
    assert!(tables[0].starts_with("public.one: "), "{tables:?}");
}

/// What is told of who reads a table would else be about ourselves.
#[tokio::test]
async fn a_look_at_what_would_be_lost_is_no_scan() {
    let set = revisions(&[
        (
            "V1__one.sql",
            "create table one (id int, note text); insert into one values (1, 'a'); create view shown as select * from one;",
        ),
        ("V1__one.down.sql", "drop view shown; drop table one;"),
    ]);
    let database = TestDatabase::empty().await;
    let migrator = database.migrator(&set);
    migrator.upgrade(hardtack::UpgradeOptions::default()).await.unwrap();
    let scans = "select coalesce(seq_scan, 0) from pg_stat_user_tables where relname = 'one'";
    let before = database.value(scans).await;
    let plan = migrator.plan_downgrade(hardtack::Back::Steps(1)).await.unwrap();
    assert!(plan.losses.iter().any(|loss| loss.rows == Some(1)), "{:?}", plan.losses);
    // The server counts at the end of a session at the latest.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(database.value(scans).await, before);
}
