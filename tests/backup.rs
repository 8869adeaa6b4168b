//! Backups: what was there comes back, whatever the way; and what does not fit is refused.

use std::path::{Path, PathBuf};

use hardtack::Migrator;
use serde_json::Value;

use crate::support::{Folder, State, TestDatabase, cluster, hardtack, hardtack_command, output_of};

/// Rows that each table gets; a run by hand takes more.
fn rows() -> u64 {
    std::env::var("HARDTACK_TEST_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(500)
}

/// The reference application's database with rows, and a folder for backups.
struct Shop {
    database: TestDatabase,
    folder: Folder,
}

impl Shop {
    async fn open() -> Self {
        let database = TestDatabase::reference().await;
        database.fill(rows()).await;
        Self { database, folder: Folder::new(&[]) }
    }

    fn migrator(&self) -> Migrator {
        self.database.migrator(&crate::migrations::REVISIONS)
    }

    async fn state(&self) -> State {
        self.database.state(&self.migrator()).await
    }

    /// Runs a command that succeeds; its result.
    fn run(&self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--format", "json"]].concat();
        let output = hardtack(self.folder.path(), Some(&self.database.url()), &arguments);
        assert_eq!(output.code, 0, "{arguments:?}: {}{}", output.stdout, output.stderr);
        serde_json::from_str(&output.stdout).unwrap()
    }

    /// Runs a command that is refused, or fails; its message.
    fn refused(&self, arguments: &[&str], code: i32) -> String {
        let output = hardtack(self.folder.path(), Some(&self.database.url()), arguments);
        assert_eq!(output.code, code, "{arguments:?}: {}{}", output.stdout, output.stderr);
        output.stderr
    }

    fn name_of(taken: &Value) -> String {
        taken["name"].as_str().unwrap().to_owned()
    }

    fn backup(&self, name: &str) -> PathBuf {
        self.folder.path().join("backups").join(name)
    }
}

#[tokio::test]
async fn a_full_backup_brings_a_dropped_database_back() {
    let shop = Shop::open().await;
    let name = shop.database.options.database().to_owned();
    shop.database
        .execute(&format!(
            "select lo_from_bytea(0, '\\xc0ffee'); alter database {name} set work_mem = '7MB'; \
             comment on database {name} is 'of the shop'; revoke connect on database {name} from public; \
             grant connect, create on database {name} to pg_monitor; alter database {name} connection limit 42"
        ))
        .await;
    let (before, traits) = (shop.state().await, traits(&name).await);
    assert!(
        before.rows() > 10 * rows() && traits.contains("7MB") && traits.contains("of the shop"),
        "{traits}"
    );
    let taken = shop.run(&["backup"]);
    assert_eq!(taken["verified"]["depth"], "quick");
    assert_eq!(taken["fingerprint"], before.fingerprint);
    cluster().admin(&format!("drop database {name} with (force)")).await;
    let restored = shop.run(&["restore", &Shop::name_of(&taken), "--yes"]);
    assert_eq!(restored["kept"], Value::Null);
    assert_eq!(shop.state().await, before);
    assert_eq!(self::traits(&name).await, traits);
    assert_eq!(shop.database.value("select lo_get(oid) from pg_largeobject_metadata").await, "\\xc0ffee");
    let log = "select command || ' ' || outcome from hardtack.run order by id desc limit 1";
    assert_eq!(shop.database.value(log).await, "restore succeeded");
}

/// What a database is beside what is in it.
async fn traits(name: &str) -> String {
    let postgres = TestDatabase::empty().await;
    let query = format!(
        "select concat_ws(' ', pg_get_userbyid(datdba), datconnlimit, (select array_agg(a::text order by a::text) from unnest(datacl) a), shobj_description(d.oid, 'pg_database'), \
         (select string_agg(setconfig::text, ' ') from pg_db_role_setting where setdatabase = d.oid)) \
         from pg_database d where datname = '{name}'"
    );
    postgres.value(&query).await
}

#[tokio::test]
async fn a_full_backup_takes_the_place_of_a_database_in_use_which_is_kept() {
    let shop = Shop::open().await;
    let before = shop.state().await;
    let taken = shop.run(&["backup", "--verify", "none"]);
    assert_eq!(taken["verified"], Value::Null);
    let name = Shop::name_of(&taken);
    // Somebody is in it, and writes.
    let somebody = shop.database.connect().await;
    somebody.client.batch_execute("begin; select count(*) from findings").await.unwrap();
    shop.database.execute("delete from findings").await;
    let after = shop.state().await;
    assert_ne!(after, before);
    let planned = shop.run(&["restore", &name, "--dry-run"]);
    assert!(planned["sessions"].as_u64().unwrap() >= 1, "{planned}");
    assert_eq!(shop.state().await, after);
    let asked = shop.refused(&["restore", &name], 6);
    assert!(asked.contains("nobody agreed to it; nothing was changed; give --yes"), "{asked}");
    assert_eq!(shop.state().await, after);
    let restored = shop.run(&["restore", &name, "--yes"]);
    assert_eq!(shop.state().await, before);
    assert!(somebody.client.simple_query("select 1").await.is_err(), "its session ended");
    let kept = restored["kept"].as_str().unwrap().to_owned();
    let kept = shop.database.named(&kept);
    assert_eq!(kept.state(&kept.migrator(&crate::migrations::REVISIONS)).await, after);
    // Told to, it drops what it kept.
    let dropped = shop.run(&["restore", &name, "--yes", "--drop-old"]);
    assert_eq!(dropped["kept"], Value::Null);
    let pattern = format!("{}_before_%", shop.database.options.database());
    let left = format!("select count(*) from pg_database where datname like '{pattern}'");
    assert_eq!(shop.database.value(&left).await, "1");
}

#[tokio::test]
async fn rows_of_tables_come_back_into_the_database_that_is_there() {
    let shop = Shop::open().await;
    let before = shop.state().await;
    let name =
        Shop::name_of(&shop.run(&["backup", "--strategy", "tables", "--table", "*", "--verify", "full"]));
    shop.database
        .execute(
            "set session_replication_role = replica; delete from findings where id % 3 = 0; delete from uploads; \
             update accounts set email = email || '.invalid'; insert into organisations (id, name, slug, owner_id) overriding system value \
             values (999999, 'new', 'new', 1)",
        )
        .await;
    let after = shop.state().await;
    assert_ne!(after, before);
    let planned = shop.run(&["restore", &name, "--dry-run"]);
    let differing = planned["tables"].as_array().unwrap().iter().filter(|table| table["is_same"] == false);
    assert_eq!(differing.count(), 4, "{planned}");
    assert_eq!(shop.state().await, after);
    shop.run(&["restore", &name, "--yes"]);
    assert_eq!(shop.state().await, before);
    // At another version it would be another table's.
    shop.run(&["downgrade", "--yes"]);
    let refused = shop.refused(&["restore", &name, "--yes"], 6);
    assert!(refused.contains("first `upgrade --to 21`"), "{refused}");
}

#[tokio::test]
async fn another_database_is_made_beside_it() {
    let shop = Shop::open().await;
    let before = shop.state().await;
    let beside = format!("{}_look", shop.database.options.database());
    for strategy in ["full", "schema-only"] {
        let taken = shop.run(&["backup", "--strategy", strategy]);
        let restored = shop.run(&["restore", &Shop::name_of(&taken), "--into", &beside]);
        assert_eq!(restored["database"], *beside);
        let other = shop.database.named(&beside);
        let there = other.state(&other.migrator(&crate::migrations::REVISIONS)).await;
        match strategy {
            "full" => assert_eq!(there, before),
            _ => {
                let history = before.tables["refinery_schema_history"].0;
                assert_eq!((there.rows(), &there.fingerprint), (history, &before.fingerprint));
                let idle = hardtack(shop.folder.path(), Some(&other.url()), &["upgrade"]);
                assert!(idle.stdout.contains("is up to date"), "{}{}", idle.stdout, idle.stderr);
            }
        }
        let again = shop.refused(&["restore", &Shop::name_of(&taken), "--into", &beside], 6);
        assert!(
            again.contains(&format!("there is a database {beside} already; nothing was changed")),
            "{again}"
        );
        cluster().admin(&format!("drop database {beside}")).await;
    }
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_the_reason() {
    let shop = Shop::open().await;
    let other = TestDatabase::reference().await;
    let taken = shop.run(&["backup"]);
    let full = shop.backup(&Shop::name_of(&taken));
    let schema = Shop::name_of(&shop.run(&["backup", "--strategy", "schema-only"]));
    let tables = Shop::name_of(&shop.run(&["backup", "--strategy", "tables", "--table", "accounts"]));
    let refused = |url: &str, arguments: &[&str]| {
        let output = hardtack(shop.folder.path(), Some(url), arguments);
        assert_eq!(output.code, 6, "{arguments:?}: {}{}", output.stdout, output.stderr);
        assert!(output.stderr.contains("nothing was changed"), "{}", output.stderr);
        output.stderr
    };
    let full = full.to_str().unwrap();
    let of_other = refused(&other.url(), &["restore", full, "--yes"]);
    let name = shop.database.options.database();
    assert!(of_other.contains(&format!("it is of the database {name}, and this one is")), "{of_other}");
    let url = shop.database.url();
    let without_rows = refused(&url, &["restore", &schema, "--yes"]);
    assert!(
        without_rows.contains("it has no rows") && without_rows.contains("--into NAME"),
        "{without_rows}"
    );
    let of_tables = refused(&url, &["restore", &tables, "--into", "elsewhere"]);
    assert!(of_tables.contains("of which no database can be made"), "{of_tables}");
    // A program that ends before the backup.
    let older = Folder::new(&[
        ("V1__accounts.sql", "create table accounts (id bigint);"),
        ("V1__accounts.down.sql", "drop table accounts;"),
    ]);
    let by_older = refused(&url, &["restore", full, "--yes", "--dir", older.path().to_str().unwrap()]);
    assert!(by_older.contains("it is at version 21, and this program ends at version 1"), "{by_older}");
    let by_history = refused(&url, &["restore", full, "--yes", "--history-table", "public.other"]);
    assert!(by_history.contains("give --history-table as it was"), "{by_history}");
    // A server older than the one that it was taken of.
    let manifest = Path::new(full).join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let version = taken["server_version"].to_string();
    std::fs::write(&manifest, text.replace(&version, "990001")).unwrap();
    let by_server = refused(&url, &["restore", full, "--yes"]);
    assert!(by_server.contains("it was taken of PostgreSQL 99, and this server is of"), "{by_server}");
    std::fs::write(&manifest, text.replacen("\"form\": 1", "\"form\": 2", 1)).unwrap();
    let of_form = shop.refused(&["restore", full, "--yes"], 1);
    assert!(of_form.contains("it is of form 2, and this release reads 1"), "{of_form}");
    assert!(of_form.contains("restore it with the hardtack that took it"), "{of_form}");
    let nowhere = shop.refused(&["restore", "nothing", "--yes"], 2);
    assert!(nowhere.contains("there is no such folder; `backup list` tells which there are"), "{nowhere}");
}

#[tokio::test]
async fn a_backup_of_another_server_is_told_and_not_removed() {
    let shop = Shop::open().await;
    let taken = shop.run(&["backup", "--strategy", "schema-only"]);
    assert!(taken["database"]["system"].is_string(), "{}", taken["database"]);
    let manifest = shop.backup(&Shop::name_of(&taken)).join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let system = format!("\"system\": {}", taken["database"]["system"]);
    std::fs::write(&manifest, text.replacen(&system, "\"system\": \"1\"", 1)).unwrap();
    let beside = format!("{}_beside", shop.database.options.database());
    let arguments = ["restore", &Shop::name_of(&taken), "--into", &beside];
    let restored = hardtack(shop.folder.path(), Some(&shop.database.url()), &arguments);
    assert!(restored.code == 0 && restored.stderr.contains("taken on another server"), "{}", restored.stderr);
    let newer = ["backup", "--strategy", "schema-only", "--verify", "full", "--keep", "1"];
    assert_eq!(shop.run(&newer)["removed"], serde_json::json!([]));
    std::fs::write(&manifest, text).unwrap();
    assert_eq!(shop.run(&["backup", "prune", "--keep", "1"])["removed"], serde_json::json!([taken["name"]]));
}

#[tokio::test]
async fn a_stream_becomes_a_backup_again() {
    let shop = Shop::open().await;
    let before = shop.state().await;
    for strategy in ["full", "tables"] {
        let mut command = hardtack_command(shop.folder.path());
        command.env("DATABASE_URL", shop.database.url());
        command.args(["backup", "--strategy", strategy, "--output", "-"]);
        command.args((strategy == "tables").then_some(["--table", "*"]).into_iter().flatten());
        let streamed = command.output().unwrap();
        let said = String::from_utf8(streamed.stderr).unwrap();
        assert!(streamed.status.success() && said.contains("standard output: "), "{said}");
        std::fs::write(shop.folder.path().join("stream.tar"), streamed.stdout).unwrap();
        let folder = shop.folder.path().join("vault");
        std::fs::create_dir_all(&folder).unwrap();
        let tar = std::process::Command::new("tar")
            .args(["-x", "-f", "../stream.tar"])
            .current_dir(&folder)
            .status()
            .unwrap();
        assert!(tar.success());
        let vault = folder.to_str().unwrap();
        let listed = shop.run(&["backup", "list", "--backups", vault]);
        let name = listed["backups"][0]["name"].as_str().unwrap();
        let beside = format!("{}_streamed", shop.database.options.database());
        shop.run(&["backup", "verify", name, "--depth", "full", "--backups", vault]);
        if strategy == "full" {
            shop.run(&["restore", name, "--into", &beside, "--backups", vault]);
            let other = shop.database.named(&beside);
            assert_eq!(other.state(&other.migrator(&crate::migrations::REVISIONS)).await, before);
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

#[tokio::test]
async fn only_its_owner_can_read_a_backup() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::open().await;
    for strategy in ["full", "tables"] {
        let mut arguments = vec!["backup", "--strategy", strategy];
        arguments.extend((strategy == "tables").then_some(["--table", "*"]).into_iter().flatten());
        shop.run(&arguments);
    }
    let mut folders = vec![shop.folder.path().join("backups")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                files += 1;
            }
        }
    }
    assert!(files > 10, "{files}");
}

#[tokio::test]
async fn old_ones_go_but_never_the_last_verified_one() {
    let shop = Shop::open().await;
    let take =
        |verify: &str| Shop::name_of(&shop.run(&["backup", "--strategy", "schema-only", "--verify", verify]));
    let verified = take("full");
    // To read it through once more takes nothing back.
    shop.run(&["backup", "verify", &verified]);
    let quick = take("quick");
    let others = [take("none"), take("none"), take("none")];
    // Another database's are not this one's to remove.
    let other = TestDatabase::reference().await;
    let of_other = hardtack(shop.folder.path(), Some(&other.url()), &["backup", "--verify", "none"]);
    assert_eq!(of_other.code, 0, "{}", of_other.stderr);
    let taken = shop.run(&["backup", "--strategy", "schema-only", "--verify", "none", "--keep", "2"]);
    assert_eq!(taken["removed"], serde_json::json!([quick, others[0], others[1]]));
    let names: Vec<String> = shop.run(&["backup", "list"])["backups"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|backup| backup["database"]["name"] == *shop.database.options.database())
        .map(|backup| backup["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, [verified.clone(), others[2].clone(), Shop::name_of(&taken)]);
    assert_eq!(shop.run(&["backup", "list"])["backups"].as_array().unwrap().len(), 4);
    // What a deploy that has not ended may want back stays, and a folder with another name is a backup by that name.
    let renamed = shop.backup("precious");
    std::fs::rename(shop.backup(&others[2]), &renamed).unwrap();
    let open = "insert into hardtack.deploy (history_table, plan, from_version, to_version, versions, way_back, stage, backup, hardtack_version) \
        values ('x', 'x', 1, 2, '{2}', 'stop', 'probe', '/backups/precious', '0')";
    shop.database.execute(open).await;
    assert_eq!(shop.run(&["backup", "prune", "--keep", "1"])["removed"], serde_json::json!([]));
    shop.database.execute("delete from hardtack.deploy").await;
    // Somebody reads it at this moment.
    let reading = std::fs::File::open(&renamed).unwrap();
    reading.lock_shared().unwrap();
    assert_eq!(shop.run(&["backup", "prune", "--keep", "1"])["removed"], serde_json::json!([]));
    drop(reading);
    // The days keep what is young.
    let pruned = shop.run(&["backup", "prune", "--keep", "1", "--keep-days", "30"]);
    assert_eq!(pruned["removed"], serde_json::json!([]));
    let pruned = shop.run(&["backup", "prune", "--keep", "1"]);
    assert_eq!(pruned["removed"], serde_json::json!(["precious"]));
}

#[tokio::test]
async fn where_nobody_tells_what_a_deploy_wants_all_stay() {
    let shop = Shop::open().await;
    let take = ["backup", "--strategy", "schema-only", "--verify", "none"];
    let older = [shop.run(&take), shop.run(&take)].map(|taken| Shop::name_of(&taken));
    shop.database.execute("alter table hardtack.deploy rename column backup to elsewhere").await;
    let told = "read hardtack.deploy: column \"backup\" does not exist (42703)";
    let error = shop.refused(&["backup", "prune", "--keep", "1"], 1);
    assert!(error.contains(told) && error.contains("no backup was removed"), "{error}");
    let keeping = [&take[..], &["--keep", "1"]].concat();
    let taken = hardtack(shop.folder.path(), Some(&shop.database.url()), &keeping);
    assert!(taken.code == 0 && taken.stderr.contains("older backups are left"), "{}", taken.stderr);
    assert!(taken.stderr.contains(told), "{}", taken.stderr);
    assert!(older.iter().all(|name| shop.backup(name).is_dir()));
    shop.database.execute("drop table hardtack.deploy").await;
    assert_eq!(shop.run(&["backup", "prune", "--keep", "1"])["removed"], serde_json::json!(older));
}

#[tokio::test]
async fn an_upgrade_takes_its_backup_under_the_lock_and_passes_the_gate_that_wants_one() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[
        (
            "V1__orders.sql",
            "create table orders (id bigint primary key, note text); create table other (id bigint);",
        ),
        ("V1__orders.down.sql", "drop table orders; drop table other;"),
        (
            "V2__shrink.sql",
            "-- hardtack: allow ban-drop-column \"unused\"\nalter table orders drop column note;",
        ),
        ("V2__shrink.down.sql", "alter table orders add column note text;"),
    ]);
    folder.write("hardtack.toml", "[gates]\nbackup-within = \"1h\"\n");
    let dir = folder.path().to_str().unwrap().to_owned();
    let run = |arguments: &[&str]| {
        hardtack(folder.path(), Some(&database.url()), &[arguments, &["--dir", &dir]].concat())
    };
    assert_eq!(run(&["upgrade", "--to", "1", "--backup-taken", "none needed"]).code, 0);
    database.execute("insert into orders select i, 'n' || i from generate_series(1, 100) i; insert into other values (1)").await;
    let refused = run(&["upgrade"]);
    assert_eq!(refused.code, 6, "{}", refused.stderr);
    assert!(refused.stderr.contains("--backup"), "{}", refused.stderr);
    // Without rows it is no way back.
    assert_eq!(run(&["upgrade", "--backup=schema-only"]).code, 6);
    let done = run(&["upgrade", "--backup=tables"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let said = done.stderr.lines().find(|line| line.starts_with("backup taken: ")).unwrap();
    let path = said.trim_start_matches("backup taken: ").to_owned();
    let manifest = std::fs::read_to_string(folder.path().join(&path).join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let tables: Vec<&str> =
        manifest["tables"].as_array().unwrap().iter().map(|table| table["name"].as_str().unwrap()).collect();
    assert_eq!(tables, ["orders"], "only what the plan can lose");
    assert_eq!((&manifest["version"], &manifest["tables"][0]["rows"]), (&Value::from(1), &Value::from(100)));
    let evidence = "select kind || ' ' || note from hardtack.evidence order by id desc limit 1";
    assert_eq!(database.value(evidence).await, format!("backup {path}"));
    let note = "select note from hardtack.run where command = 'upgrade' order by id desc limit 1";
    assert_eq!(database.value(note).await, format!("backup taken: {path}"));
    assert_eq!(database.value("select plan = '' from hardtack.evidence order by id desc limit 1").await, "f");
    // Nothing to lose: nothing taken, and that is told.
    folder.write("V3__more.sql", "create table more (id bigint);");
    folder.write("V3__more.down.sql", "drop table more;");
    let harmless = run(&["upgrade", "--backup=tables", "--backup-taken", "none needed"]);
    assert_eq!(harmless.code, 0, "{}", harmless.stderr);
    assert!(
        harmless.stderr.contains("no backup taken: the pending revisions can lose rows of no table"),
        "{}",
        harmless.stderr
    );
    // Nothing pending: nothing taken.
    let idle = run(&["upgrade", "--backup"]);
    assert!(idle.code == 0 && !idle.stderr.contains("backup taken"), "{}", idle.stderr);
}

#[tokio::test]
async fn an_upgrade_whose_backup_fails_does_not_begin() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[
        ("V1__orders.sql", "create table orders (id bigint primary key);"),
        ("V1__orders.down.sql", "drop table orders;"),
    ]);
    folder.write("backups", "a file where the directory would be");
    let dir = folder.path().to_str().unwrap().to_owned();
    let failed = hardtack(folder.path(), Some(&database.url()), &["upgrade", "--backup", "--dir", &dir]);
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    assert!(failed.stderr.contains("use backups for backups"), "{}", failed.stderr);
    assert_eq!(
        database.value("select to_regclass('orders') is null and to_regclass('hardtack.run') is null").await,
        "t"
    );
}

#[tokio::test]
async fn a_backup_is_of_one_moment_while_others_write() {
    let shop = Shop::open().await;
    shop.database.execute("create table pairs (id bigint generated always as identity, side text); create table mirror (like pairs)").await;
    let writer = shop.database.connect().await;
    let writing = tokio::spawn(async move {
        for _ in 0..2_000 {
            let pair = "with new as (insert into pairs (side) values ('x') returning *) insert into mirror select * from new";
            if writer.client.batch_execute(pair).await.is_err() {
                return;
            }
        }
    });
    for strategy in ["full", "tables"] {
        let mut command = hardtack_command(shop.folder.path());
        command.env("DATABASE_URL", shop.database.url()).args([
            "backup",
            "--format",
            "json",
            "--strategy",
            strategy,
        ]);
        command.args(
            (strategy == "tables").then_some(["--table", "pairs", "--table", "mirror"]).into_iter().flatten(),
        );
        let output = tokio::task::spawn_blocking(move || output_of(&mut command)).await.unwrap();
        assert_eq!(output.code, 0, "{}", output.stderr);
        let taken: Value = serde_json::from_str(&output.stdout).unwrap();
        let of = |name: &str| {
            let tables = taken["tables"].as_array().unwrap();
            let table = tables.iter().find(|table| table["name"] == *name).unwrap();
            (table["rows"].clone(), table["hash"].clone())
        };
        assert_eq!(of("pairs"), of("mirror"));
    }
    writing.abort();
}

/// No snapshot is proof against a truncation: whoever empties a table before it is locked makes another snapshot.
#[tokio::test]
async fn a_table_that_is_emptied_meanwhile_is_not_taken_for_empty() {
    let shop = Shop::open().await;
    shop.database.execute("create table jobs as select generate_series(1, 200) as id").await;
    for strategy in ["full", "tables"] {
        let truncating = shop.database.connect().await;
        truncating.client.batch_execute("begin; lock table jobs in access exclusive mode").await.unwrap();
        let mut command = hardtack_command(shop.folder.path());
        command.env("DATABASE_URL", shop.database.url()).args([
            "backup",
            "--format",
            "json",
            "--strategy",
            strategy,
        ]);
        command.args((strategy == "tables").then_some(["--table", "jobs"]).into_iter().flatten());
        let backup = tokio::task::spawn_blocking(move || output_of(&mut command));
        shop.database
            .wait_for(
                "select exists (select from pg_locks where not granted and relation = 'jobs'::regclass)",
            )
            .await;
        truncating.client.batch_execute("truncate jobs; insert into jobs values (1); commit").await.unwrap();
        let output = backup.await.unwrap();
        assert_eq!(output.code, 0, "{}", output.stderr);
        let taken: Value = serde_json::from_str(&output.stdout).unwrap();
        let jobs = taken["tables"].as_array().unwrap().iter().find(|table| table["name"] == "jobs").unwrap();
        assert_eq!(jobs["rows"], 1, "as it was when it was locked");
        shop.database.execute("truncate jobs; insert into jobs select generate_series(1, 200)").await;
    }
    // And nobody is waited for without end.
    let holding = shop.database.connect().await;
    holding.client.batch_execute("begin; lock table jobs in access exclusive mode").await.unwrap();
    let timeout = ["backup", "--strategy", "tables", "--table", "jobs", "--lock-timeout", "100ms"];
    let late = shop.refused(&timeout, 1);
    assert!(late.contains("canceling statement due to lock timeout"), "{late}");
}

#[tokio::test]
async fn what_nobody_could_mean_is_refused_before_anything_is_done() {
    let shop = Shop::open().await;
    let name = Shop::name_of(&shop.run(&["backup", "--strategy", "schema-only"]));
    let long = "x".repeat(64);
    for into in ["", &long] {
        let refused = shop.refused(&["restore", &name, "--into", into], 2);
        assert!(refused.contains("call a database"), "{refused}");
    }
    for flag in [&["--verify", "full"][..], &["--keep", "1"], &["--keep-days", "1"]] {
        let refused = shop.refused(&[&["backup", "--output", "-"], flag].concat(), 2);
        assert!(refused.contains("nobody can read it again"), "{refused}");
    }
    let shown = hardtack(shop.folder.path(), Some(&shop.database.url()), &["status", "--show-config"]);
    let recipients = shown.stdout.lines().find(|line| line.starts_with("backup-encrypt-to")).unwrap();
    assert!(recipients.contains("(none)"), "{recipients}");
    // An empty key is none, and no wish for a backup that everybody can read.
    for keys in ["", ",", " , "] {
        shop.refused(&["backup", "--encrypt-to", keys], 2);
        let mut command = hardtack_command(shop.folder.path());
        command.env("DATABASE_URL", shop.database.url()).env("HARDTACK_BACKUP_ENCRYPT_TO", keys);
        assert_eq!(output_of(command.arg("backup")).code, 2);
        shop.folder.write("hardtack.toml", &format!("[defaults]\nbackup-encrypt-to = \"{keys}\"\n"));
        shop.refused(&["backup"], 2);
        std::fs::remove_file(shop.folder.path().join("hardtack.toml")).unwrap();
    }
    assert_eq!(shop.run(&["backup", "list"])["backups"].as_array().unwrap().len(), 1);
}

#[test]
fn a_place_is_refused_without_what_may_be_secret() {
    let folder = Folder::new(&[]);
    let (place, backup) = ("https://key:SECRET@host/a?token=SECRET", "https://key:SECRET@host/a/one");
    let mut by_variable = hardtack_command(folder.path());
    by_variable.env("HARDTACK_BACKUPS", place).args(["backup", "list"]);
    let mut outputs = vec![output_of(&mut by_variable)];
    for arguments in [
        &["backup", "list", "--backups", place][..],
        &["backup", "--output", place],
        &["backup", "verify", "one", "--backups", place],
        &["backup", "verify", backup],
        &["restore", backup],
        &["restore", "one", "--backups", place],
        &["upgrade", "--backup", "--backups", place],
        &["deploy", "--backups", place],
    ] {
        outputs.push(hardtack(folder.path(), Some("postgres://me@127.0.0.1:1/x"), arguments));
    }
    for output in outputs {
        assert_eq!(output.code, 2, "{}", output.stderr);
        assert!(
            output.stderr.contains("https://host/a") && !output.stderr.contains("SECRET"),
            "{}",
            output.stderr
        );
    }
}

/// A manifest is read as what it says, and never run.
#[tokio::test]
async fn a_manifest_runs_nothing() {
    let shop = Shop::open().await;
    let pwned = "select to_regclass('public.pwned') is not null";
    let forge = |name: &str, pointer: &str, value: Value| {
        let path = shop.backup(name).join("manifest.json");
        let text = std::fs::read_to_string(&path).unwrap();
        let mut manifest: Value = serde_json::from_str(&text).unwrap();
        *manifest.pointer_mut(pointer).unwrap() = value;
        std::fs::write(&path, manifest.to_string()).unwrap();
        move || std::fs::write(&path, &text).unwrap()
    };
    let tables = Shop::name_of(&shop.run(&["backup", "--strategy", "tables", "--table", "accounts"]));
    for sql_type in [
        "bigint); commit; create table public.pwned(); create temp table zz (x int",
        "bigint check (pg_catalog.pg_sleep(0) is not null)",
        "bigint default 1",
        "bigint /*",
        "1",
    ] {
        let mend = forge(&tables, "/tables/0/columns/0/type", sql_type.into());
        let refused = shop.refused(&["backup", "verify", &tables, "--depth", "full"], 1);
        assert!(refused.contains("of the types that a backup has"), "{refused}");
        assert_eq!(shop.database.value(pwned).await, "f");
        mend();
    }
    let mend = forge(&tables, "/tables/0/files/0", "../../key".into());
    let refused = shop.refused(&["backup", "verify", &tables], 7);
    assert!(refused.contains("none of the backup's: ../../key"), "{refused}");
    mend();
    let full = Shop::name_of(&shop.run(&["backup"]));
    let right = serde_json::json!([{"grantee": null, "grantable": false,
        "privilege": "connect on database postgres to public; create table public.pwned(); grant connect"}]);
    let mend = forge(&full, "/database/grants", right);
    let refused = shop.refused(&["restore", &full, "--yes"], 7);
    assert!(refused.contains("a right that no database has"), "{refused}");
    mend();
    let beside = format!("{}_forged", shop.database.options.database());
    let setting = "search_path=a, \"B\"\"c\"; create table public.pwned()";
    let _mend = forge(&full, "/database/settings", serde_json::json!([{"role": null, "setting": setting}]));
    shop.run(&["restore", &full, "--into", &beside]);
    let postgres = shop.database.named("postgres");
    for database in [&postgres, &shop.database.named(&beside)] {
        assert_eq!(database.value(pwned).await, "f");
    }
}

/// Its hash is made of pieces: the server gives no more than 1 GB at once.
#[tokio::test]
async fn a_large_object_may_be_larger_than_any_value() {
    let shop = Shop::open().await;
    let rest = "select lo_put(lo_create(4711), 1100000000, '\\xc0ffee'); select lo_create(4712); \
        select lo_from_bytea(4713, decode(repeat('00', 1048576), 'hex'))";
    shop.database.execute(rest).await;
    let taken = shop.run(&["backup", "--verify", "none"]);
    assert_eq!(taken["large_objects"]["rows"], 3, "{}", taken["large_objects"]);
}

/// Sessions wait while others work, and statements take as long as they take.
#[tokio::test]
async fn no_time_out_of_the_role_ends_a_backup_or_a_restore() {
    if cluster().major() < 14 {
        return;
    }
    let shop = Shop::open().await;
    cluster()
        .admin(
            "create role hasty superuser login; alter role hasty set idle_session_timeout = '200ms'; \
         alter role hasty set statement_timeout = '800ms'; alter role hasty set lock_timeout = '800ms'; \
         alter role hasty set idle_in_transaction_session_timeout = '200ms'",
        )
        .await;
    // Whoever makes the index, and whoever analyzes it, takes two seconds.
    shop.database.execute(
        "create function slow(id int) returns int language plpgsql immutable as 'begin perform pg_catalog.pg_sleep(0.02); return id; end'; \
         create table slow as select generate_series(1, 100) as id; create index on slow (slow(id))",
    ).await;
    let before = shop.state().await;
    let url = shop.database.url().replace("postgres@", "hasty@");
    let run = |arguments: &[&str]| {
        let output = hardtack(shop.folder.path(), Some(&url), arguments);
        assert_eq!(output.code, 0, "{arguments:?}: {}", output.stderr);
        output.stdout
    };
    let taken = run(&["backup", "--verify", "full", "--keep", "3", "--format", "json"]);
    let name = Shop::name_of(&serde_json::from_str(&taken).unwrap());
    run(&["restore", &name, "--yes"]);
    assert_eq!(shop.state().await, before);
    let left = "select count(*) from pg_database where datname like 'hardtack_scratch_%' and pg_get_userbyid(datdba) = 'hasty'";
    assert_eq!(shop.database.value(left).await, "0");
    slowly(&shop, &url).await;
}

/// Takes rows more slowly than the server would wait for.
async fn slowly(shop: &Shop, url: &str) {
    shop.database.execute(
        "create table wide_1 as select md5(i::text) || md5(i::text || 'a') from generate_series(1, 40000) i; \
         create table wide_2 as table wide_1; create table wide_3 as table wide_1; create table wide_4 as table wide_1",
    ).await;
    let mut command = hardtack_command(shop.folder.path());
    command.env("DATABASE_URL", url).args([
        "backup",
        "--strategy",
        "tables",
        "--table",
        "wide*",
        "--output",
        "-",
    ]);
    let mut child = command.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let read = tokio::task::spawn_blocking(move || {
        std::thread::sleep(std::time::Duration::from_millis(1500));
        std::io::copy(&mut stdout, &mut std::io::sink()).unwrap()
    });
    let read = read.await.unwrap();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    assert!(output.status.success() && read > 1 << 20, "{}", String::from_utf8_lossy(&output.stderr));
}

/// Keys of age, made for this test.
#[cfg(feature = "encrypt")]
mod keys {
    pub(super) const PUBLIC: &str = "age1ddnfceqlzjleyrallqsrwy2v02lnzeu2cjqplkc38nhyhmjms3kqfhfldg";
    pub(super) const SECRET: &str =
        "AGE-SECRET-KEY-13USAXV62HW0Z7SV3JD9MKEA6N7XDQNUAN7JM3T8C3QWXQ39K3G5QLKG64T";
    pub(super) const ANOTHER: &str =
        "AGE-SECRET-KEY-1N84WUAA7WGR7DH2ZRW2G7ULJUPPXM8Z2A8AQMGRJGF5LZXL9VMRSJSU7KH";
}

#[cfg(feature = "encrypt")]
#[tokio::test]
async fn an_encrypted_backup_is_for_the_holder_of_the_key() {
    let shop = Shop::open().await;
    shop.folder.write("key", keys::SECRET);
    shop.folder.write("another", keys::ANOTHER);
    let with_key = |key: &str, arguments: &[&str]| {
        let mut command = hardtack_command(shop.folder.path());
        command.env("DATABASE_URL", shop.database.url()).env("HARDTACK_BACKUP_IDENTITY", key);
        output_of(command.args(arguments))
    };
    for strategy in ["full", "tables"] {
        let mut arguments = vec!["backup", "--strategy", strategy, "--encrypt-to", keys::PUBLIC];
        arguments.extend((strategy == "tables").then_some(["--table", "*"]).into_iter().flatten());
        let name = Shop::name_of(&shop.run(&arguments));
        let (mut folders, mut files) = (vec![shop.backup(&name)], 0);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let file = path.file_name().unwrap().to_str().unwrap().to_owned();
                match path.is_dir() {
                    true => folders.push(path),
                    false if ["manifest.json", "verified.json"].contains(&file.as_str()) => {}
                    false => {
                        let begins = std::fs::read(&path).unwrap();
                        assert!(
                            file.ends_with(".age") && begins.starts_with(b"age-encryption.org/v1"),
                            "{file}"
                        );
                        files += 1;
                    }
                }
            }
        }
        assert!(files > 5, "{files}");
        // Without a key the files can still be told to be what was written, and nothing is said of what is in them.
        assert_eq!(shop.run(&["backup", "verify", &name])["depth"], "files");
        let full = ["backup", "verify", &name, "--depth", "full"];
        let without = shop.refused(&full, 1);
        assert!(
            without.contains("it is encrypted; give the file of a key in HARDTACK_BACKUP_IDENTITY"),
            "{without}"
        );
        let another = with_key("another", &full);
        assert!(another.code != 0 && another.stderr.contains("No matching keys found"), "{}", another.stderr);
        let verified = with_key("key", &full);
        assert_eq!(verified.code, 0, "{}", verified.stderr);
        let read = with_key("key", &["backup", "verify", &name]);
        assert!(read.stdout.contains("has its hash and its rows"), "{}", read.stdout);
    }
}

#[cfg(feature = "encrypt")]
#[tokio::test]
async fn an_encrypted_backup_is_for_no_empty_key() {
    let shop = Shop::open().await;
    shop.folder.write("hardtack.toml", &format!("[defaults]\nbackup-encrypt-to = \"{}\"\n", keys::PUBLIC));
    let emptied = shop.refused(&["backup", "--encrypt-to", ""], 2);
    assert!(emptied.contains("is no public key of age"), "{emptied}");
    let wrong = shop.refused(&["backup", "--encrypt-to", "ssh-ed25519 AAAA"], 2);
    assert!(wrong.contains("is no public key of age"), "{wrong}");
}
