use hardtack::testing::TestDatabase;

use super::test_alone;
use crate::migrations::REVISIONS;
use crate::support::TestDatabase as OwnDatabase;

/// Tells what it begins with, and leaves behind what it is told to.
async fn tell_and_do(db: TestDatabase) {
    let state = db.state().await;
    let sequences = "select string_agg(sequencename || ' ' || coalesce(last_value::text, '-'), ', ' order by sequencename) from pg_sequences";
    println!(
        "told: {} {} {} {:?}",
        db.options().database(),
        state.fingerprint(),
        db.value(sequences).await,
        state.tables
    );
    for statement in std::env::var("LEFT_BEHIND").unwrap().split(" \\; ") {
        db.execute(statement).await;
    }
}

#[hardtack::test(REVISIONS)]
#[ignore = "runs in a process of its own"]
async fn process_at_the_head(db: TestDatabase) {
    tell_and_do(db).await;
}

#[hardtack::test(REVISIONS, at = 3)]
#[ignore = "runs in a process of its own"]
async fn process_at_the_third(db: TestDatabase) {
    tell_and_do(db).await;
}

/// Its databases, and what it has told: the name of its database, and what was in it.
struct Kit {
    beside: OwnDatabase,
    role: String,
    test: &'static str,
}

impl Kit {
    async fn new(test: &'static str, options: &str) -> Self {
        let beside = OwnDatabase::empty().await;
        let role = format!("kit_{}", beside.options.database());
        beside.execute(&format!("create role {role} login {options}")).await;
        Self { beside, role, test }
    }

    fn run(&self, left_behind: &str) -> (String, String) {
        let mut command = test_alone(&format!("testing::reusing::{}", self.test));
        command.env(
            "HARDTACK_TEST_DATABASE_URL",
            self.beside.url().replacen("postgres@", &format!("{}@", self.role), 1),
        );
        let output = command.env("LEFT_BEHIND", left_behind).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{left_behind}: {told}{}", String::from_utf8_lossy(&output.stderr));
        let (_, told) = told.lines().find_map(|line| line.split_once("told: ")).expect("it tells a line");
        let (name, state) = told.split_once(' ').unwrap();
        (name.to_owned(), state.to_owned())
    }

    /// The databases that wait for a test.
    async fn idle(&self) -> Vec<String> {
        let query = format!(
            "select oid from pg_database where datname ~ '^hardtack_(idle|scratch)_' and pg_get_userbyid(datdba) = '{}'",
            self.role
        );
        self.beside.column(&query).await
    }
}

const ADA: &str = "insert into accounts (email, display_name) values ('ada@example.com', 'Ada');";

/// Rows where there were none are taken out again, and numbers come again from the first.
#[tokio::test]
async fn what_a_test_has_filled_is_empty_for_the_next_which_has_the_same_database() {
    let kit = Kit::new("process_at_the_head", "superuser").await;
    let (mut name, fresh) = kit.run("select 1");
    let kept = kit.idle().await;
    assert_eq!(kept.len(), 1);
    for left_behind in [
        ADA,
        "insert into accounts (email, display_name) select n || '@example.com', n from generate_series(1, 20000) n",
        &format!("begin; {ADA} rollback"),
        "select nextval(pg_get_serial_sequence('accounts', 'id'))",
        "select setval(pg_get_serial_sequence('accounts', 'id'), 7, false)",
        &format!("{ADA} delete from accounts \\; vacuum accounts"),
        "analyze",
        "create temporary table one (); select pg_advisory_lock(1)",
    ]
    .iter()
    .flat_map(|statements| [*statements, "select 1"])
    {
        let (next, found) = kit.run(left_behind);
        assert_eq!(found, fresh, "before: {left_behind}");
        // Whoever still has the name of the last one finds nothing there.
        assert_ne!(next, name);
        assert_eq!(kit.idle().await, kept, "{left_behind}");
        name = next;
    }
}

/// Whatever else a test has changed, its database is not used again.
#[tokio::test]
async fn a_database_whose_schema_or_first_rows_are_others_is_dropped() {
    let kit = Kit::new("process_at_the_head", "superuser").await;
    let (_, fresh) = kit.run("select 1");
    for left_behind in [
        "create table left_over ()",
        "drop table api_keys",
        "create function left_over() returns int language sql as 'select 1'",
        "comment on table accounts is 'of others'",
        "grant select on accounts to public",
        "create index on accounts (display_name)",
        "alter table accounts disable trigger user",
        "truncate billing.plans cascade",
        "delete from billing.plans where code = 'team' \\; vacuum billing.plans",
        "update billing.plans set name = name",
        "delete from refinery_schema_history where version = 1",
        "do $$ begin execute format('alter database %I set work_mem = ''1MB''', current_database()); end $$",
        "do $$ begin execute format('revoke connect on database %I from public', current_database()); end $$",
        "select lo_from_bytea(0, 'large')",
        "alter sequence accounts_id_seq increment 2",
        "create sequence left_over",
    ] {
        let (_, found) = kit.run(left_behind);
        assert_eq!(found, fresh, "before: {left_behind}");
        assert_eq!(kit.idle().await.len(), 0, "{left_behind}");
    }
    let (_, found) = kit.run("select 1");
    assert_eq!(found, fresh);
}

/// A role that can switch no triggers off empties tables with those that refer to them.
#[tokio::test]
async fn a_role_with_few_rights_has_its_databases_back_as_well() {
    let kit = Kit::new("process_at_the_third", "createdb").await;
    let (_, fresh) = kit.run("select 1");
    let kept = kit.idle().await;
    assert_eq!(kept.len(), 1);
    for left_behind in [ADA, "select 1"] {
        assert_eq!(kit.run(left_behind).1, fresh);
        assert_eq!(kit.idle().await, kept, "{left_behind}");
    }
    let guarded = "create function refuse() returns trigger language plpgsql as 'begin raise exception ''no''; end'; \
        create trigger refuse before truncate on accounts execute function refuse();";
    for left_behind in ["create table left_over ()", &format!("{guarded} {ADA}")] {
        assert_eq!(kit.run(left_behind).1, fresh);
        assert_eq!(kit.idle().await.len(), 0, "{left_behind}");
    }
}
