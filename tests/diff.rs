//! `diff`: what its sides may be, its four forms, and what `generate` makes of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use hardtack::catalog::Snapshot;
use serde_json::Value;

use crate::support::{Folder, Output, TestDatabase, find_program, hardtack_command, output_of};

const OLD: &str = "create type plan as enum ('free', 'team');
create table accounts (id bigint generated always as identity primary key, mail text not null, legacy text,
    plan plan not null default 'free');
create index accounts_mail on accounts (mail);
create view free as select id, mail from accounts where plan = 'free';
create table gone (id int primary key);
create function fee(amount numeric) returns numeric language plpgsql as $$
begin
  return amount * 0.19; -- \\ ; '
end $$;
";

const NEW: &str = "create type plan as enum ('free', 'team');
create schema app;
create table accounts (id bigint generated always as identity primary key, mail text not null,
    plan plan not null default 'free', seen timestamptz);
comment on table accounts is '<script>alert(\"&\")</script>';
create index accounts_mail on accounts (lower(mail));
create view free as select id, mail, seen from accounts where plan = 'free';
create table app.\"</code><b>odd\" (id int primary key, \"a\"\"b\" text default '--''');
create function fee(amount numeric) returns numeric language plpgsql as $$
begin
  return amount * 0.20; -- \\ ; '
end $$;
";

/// A folder in which commands run, with these files.
fn folder(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new(&[]);
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn run(database: &TestDatabase, folder: &Folder, arguments: &[&str]) -> Output {
    output_of(hardtack_command(folder.path()).env("DATABASE_URL", database.url()).args(arguments))
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{}{}", output.stdout, output.stderr))
}

/// What the command says must have, in lines that are trimmed.
fn has_line(text: &str, line: &str) -> bool {
    text.lines().any(|one| one.trim() == line)
}

#[tokio::test]
async fn a_side_may_be_a_database_a_file_a_folder_or_a_snapshot() {
    let database = TestDatabase::empty().await;
    database.execute(OLD).await;
    let revisions = Folder::new(&[("V1__old.sql", OLD)]);
    let place = revisions.path().display().to_string();
    let there = folder(&[("old.sql", OLD), ("new.sql", NEW)]);
    let catalog = database.migrator(&revisions.revisions()).catalog().await.unwrap();
    let snapshot = Snapshot { history: String::new(), catalog }.to_text().unwrap();
    fs::write(there.path().join("old.json"), snapshot).unwrap();
    let keywords = format!("host={} user=postgres dbname={}", host(&database), database.options.database());
    let sides = ["database", &database.url(), &keywords, "old.sql", "old.json", &place, "migrations"];
    for side in sides {
        let same = run(&database, &there, &["diff", side, "old.sql", "--exit-code", "--dir", &place]);
        assert_eq!(same.code, 0, "{side}: {}{}", same.stdout, same.stderr);
        assert!(same.stdout.ends_with(" and old.sql are equal\n"), "{side}: {}", same.stdout);
        let other = run(&database, &there, &["diff", side, "new.sql", "--exit-code", "--dir", &place]);
        assert_eq!(other.code, 7, "{side}: {}{}", other.stdout, other.stderr);
        assert!(has_line(&other.stdout, "- table public.gone"), "{}", other.stdout);
    }
    let other = run(&database, &there, &["diff", "old.sql", "new.sql"]);
    assert_eq!(other.code, 0, "a difference is no failure: {}", other.stderr);
    let left = "select count(*) from pg_database where datname like 'hardtack_scratch_%' \
        and shobj_description(oid, 'pg_database') like '%' || current_database()";
    assert_eq!(database.value(left).await, "0");
}

/// A function that only changes data is not needed for the schema.
#[tokio::test]
async fn a_folder_s_rust_revisions_are_passed_over_and_told() {
    let database = TestDatabase::empty().await;
    let revisions = Folder::new(&[("V1__old.sql", OLD)]);
    let code = "use hardtack::prelude::*;\n\n#[hardtack::up]\nasync fn up(_: &mut Context<'_>) -> Result<()> {\n    Ok(())\n}\n\n\
        #[hardtack::down]\nasync fn down(_: &mut Context<'_>) -> Result<()> {\n    Ok(())\n}\n";
    fs::write(revisions.path().join("V2__code.rs"), code).unwrap();
    let there = folder(&[("old.sql", OLD), ("new.sql", NEW)]);
    let place = revisions.path().display().to_string();
    let output = run(&database, &there, &["diff", &place, "old.sql", "--exit-code"]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert!(output.stderr.contains("V2__code") && !output.stderr.contains("V1__old"), "{}", output.stderr);
    let arguments = ["generate", "more", "--dir", &place, "--from-diff", "new.sql", "--accept-data-loss"];
    let output = run(&database, &there, &arguments);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(revisions.path().join("V3__more.sql").exists());
}

fn host(database: &TestDatabase) -> String {
    database.options.address().unwrap().0.to_owned()
}

#[tokio::test]
async fn two_snapshots_need_no_server() {
    let database = TestDatabase::empty().await;
    let there = folder(&[]);
    for (name, schema) in [("old", "create table a (id int)"), ("new", "create table b (id bigint)")] {
        database.execute(&format!("drop table if exists a; {schema}")).await;
        let catalog =
            database.migrator(&Folder::new(&[("V1__x.sql", "")]).revisions()).catalog().await.unwrap();
        let text = Snapshot { history: String::new(), catalog }.to_text().unwrap();
        fs::write(there.path().join(format!("{name}.json")), text).unwrap();
    }
    let output =
        output_of(hardtack_command(there.path()).args(["diff", "old.json", "new.json", "--format", "sql"]));
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(has_line(&output.stdout, "DROP TABLE public.a;"), "{}", output.stdout);
    assert!(!there.path().join(".hardtack").exists());
}

#[tokio::test]
async fn a_dump_loads_as_pg_dump_writes_it() {
    let database = TestDatabase::empty().await;
    database.execute(NEW).await;
    database.execute("insert into accounts (mail) values ('it''s $$ \\ \\.')").await;
    let programs = std::env::var_os("HARDTACK_TEST_PG_BIN");
    let first: Vec<&Path> = programs.iter().map(Path::new).collect();
    let Some(program) = find_program("pg_dump", &first) else { return };
    let there = folder(&[]);
    for arguments in [&["--schema-only"][..], &["--create"], &["--inserts", "--no-owner"]] {
        let mut dump = Command::new(&program);
        let dump = dump.args(arguments).args([
            "-U",
            "postgres",
            "-h",
            &host(&database),
            database.options.database(),
        ]);
        let text = dump.output().unwrap();
        assert!(text.status.success(), "{}", String::from_utf8_lossy(&text.stderr));
        fs::write(there.path().join("dump.sql"), text.stdout).unwrap();
        let output = run(&database, &there, &["diff", "database", "dump.sql", "--exit-code"]);
        assert_eq!(output.code, 0, "{arguments:?}: {}{}", output.stdout, output.stderr);
    }
}

#[tokio::test]
async fn wrong_sides_say_what_is_wrong_with_them() {
    let database = TestDatabase::empty().await;
    let there = folder(&[
        ("ok.sql", "create table a (id int);"),
        (
            "broken.sql",
            "create table a (id int);\n\ncreate table b (\n  id nothing\n);\ncreate table c ();\n",
        ),
        ("twice.sql", "create table a (id int);\n-- again\ncreate table a (id int);\n"),
        ("open.sql", "begin;\ncreate table a (id int);\n"),
        ("role.sql", "create table a (id int);\ncreate role somebody;\n"),
        ("include.sql", "\n\\i other.sql\n"),
        ("grant.sql", "create table a (id int);\ngrant select on a to nobody_here;\n"),
        ("other.json", "{\"a\": 1}"),
        ("edited.json", "{\"hardtack\":1,\"server\":150000,\"fingerprint\":\"0\",\"objects\":[]}"),
        ("newer.json", "{\"hardtack\":9,\"objects\":[]}"),
        ("notes.txt", ""),
    ]);
    let cases = [
        ("missing.sql", 2, "read missing.sql: No such file"),
        ("nowhere", 2, "find nowhere: there is no such file or folder; give a database URL"),
        ("notes.txt", 2, "read notes.txt: it ends in neither .json nor .sql"),
        ("broken.sql", 1, "load broken.sql:4: type \"nothing\" does not exist"),
        ("twice.sql", 1, "load twice.sql:3: relation \"a\" already exists"),
        ("open.sql", 1, "load open.sql:2: DISCARD ALL cannot run inside a transaction block"),
        ("role.sql", 2, "read role.sql: line 2: a role is outside a database"),
        ("include.sql", 2, "read include.sql: line 2: \\i is a command of psql"),
        ("grant.sql", 1, "dump with --no-privileges"),
        ("other.json", 2, "read other.json as a snapshot: "),
        ("edited.json", 2, "use edited.json: read the snapshot: it was changed by hand or in a merge"),
        ("newer.json", 2, "use a newer hardtack"),
        ("postgres://me:secret@127.0.0.1:1/x", 6, "take a password from the command line"),
        ("postgres://me@127.0.0.1:1/x", 1, "reach a PostgreSQL server at 127.0.0.1:1"),
        ("host=127.0.0.1 colour=blue", 2, "use the connection setting `colour`"),
    ];
    for (side, code, message) in cases {
        let output = run(&database, &there, &["diff", "ok.sql", side]);
        assert_eq!(output.code, code, "{side}: {}{}", output.stdout, output.stderr);
        assert!(output.stderr.contains(message), "{side}: {}", output.stderr);
        assert!(!output.stderr.contains("secret") && output.stdout.is_empty(), "{side}: {}", output.stderr);
    }
    let output = run(&database, &there, &["diff", "ok.sql", "ok.sql", "--rename", "public.x=y"]);
    assert_eq!(output.code, 2);
    assert!(
        output.stderr.contains("rename public.x=y: the first side has no object public.x"),
        "{}",
        output.stderr
    );
}

#[tokio::test]
async fn owners_that_the_server_has_not_are_left_out_and_told() {
    let database = TestDatabase::empty().await;
    let there = folder(&[
        ("plain.sql", "create table a (id int);"),
        ("owned.sql", "create table a (id int);\nalter table a owner to \"Nobody here\";\n"),
    ]);
    let output = run(&database, &there, &["diff", "plain.sql", "owned.sql", "--exit-code"]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert!(
        output.stderr.contains("owned.sql: its owners are left out, for this server has no role Nobody here")
    );
}

#[tokio::test]
async fn the_text_for_people_names_each_change_and_its_hazards() {
    let database = TestDatabase::empty().await;
    let there = folder(&[("old.sql", OLD), ("new.sql", NEW)]);
    let output = run(&database, &there, &["diff", "old.sql", "new.sql"]);
    for line in [
        "From old.sql to new.sql:",
        "+ schema app",
        "~ table public.accounts",
        "- column legacy  text",
        "+ column seen  timestamp with time zone",
        "definition: btree (mail) -> btree (lower(mail))",
        "! ALTER TABLE public.accounts DROP COLUMN legacy",
        "deletes-data, breaks-users",
        "-   return amount * 0.19; -- \\ ; '",
        "+   return amount * 0.20; -- \\ ; '",
        "! deletes-data       2  rows or values are gone for good",
    ] {
        assert!(has_line(&output.stdout, line), "{line}: {}", output.stdout);
    }
    assert!(!output.stdout.contains('\x1b'), "no colour off a terminal: {}", output.stdout);
    let last = output.stdout.lines().last().unwrap();
    assert!(last.starts_with("6 objects: 2 added, 1 removed, 3 changed; "), "{last}");
}

#[tokio::test]
async fn the_sql_leads_there_as_it_stands() {
    let database = TestDatabase::empty().await;
    let more = OLD.replace("'team')", "'team', 'more')");
    for (to, options) in [(NEW, &[][..]), (NEW, &["--online"]), (&more, &[])] {
        let there = folder(&[("old.sql", OLD), ("new.sql", to)]);
        let mut arguments = vec!["diff", "old.sql", "new.sql", "--format", "sql", "--output", "change.sql"];
        arguments.extend(options);
        let output = run(&database, &there, &arguments);
        assert_eq!((output.code, output.stdout.as_str()), (0, ""), "{}", output.stderr);
        let change = fs::read_to_string(there.path().join("change.sql")).unwrap();
        // The reader of schema files runs what psql runs.
        fs::write(there.path().join("all.sql"), format!("{OLD}\n{change}")).unwrap();
        let output = run(&database, &there, &["diff", "all.sql", "new.sql", "--exit-code"]);
        assert_eq!(output.code, 0, "{}{}\n{change}", output.stdout, output.stderr);
        assert!(change.contains("\nBEGIN;\n") && change.contains("\nCOMMIT;\n"), "{change}");
        assert_eq!(change.contains("\\set ON_ERROR_STOP on"), !options.is_empty(), "{change}");
    }
    let there = folder(&[("old.sql", OLD), ("new.sql", NEW)]);
    let output = run(&database, &there, &["diff", "old.sql", "new.sql", "--format", "sql"]);
    let hazard = "-- hazard: deletes-data: rows or values are gone for good\n\
        -- hazard: breaks-users: a program that runs now may use what goes away or changes its form\n\
        DROP TABLE public.gone;\n";
    assert!(output.stdout.contains(hazard), "{}", output.stdout);
    let output = run(&database, &there, &["diff", "old.sql", "old.sql", "--format", "sql"]);
    assert!(output.stdout.lines().all(|line| line.starts_with("-- ")), "{}", output.stdout);
}

#[tokio::test]
async fn the_json_has_both_sides_the_changes_and_the_plan() {
    let database = TestDatabase::empty().await;
    let there = folder(&[("old.sql", OLD), ("new.sql", NEW)]);
    let report = json(&run(&database, &there, &["diff", "old.sql", "new.sql", "--format", "json"]));
    assert_eq!((&report["version"], &report["equal"]), (&1.into(), &false.into()));
    assert_eq!(report["from"]["source"], "old.sql");
    assert_eq!(report["to"]["fingerprint"].as_str().unwrap().len(), 64);
    let changes = report["changes"].as_array().unwrap();
    let of = |name: &str, kind: &str| {
        let is = |change: &&Value| change["object"]["name"] == name && change["object"]["kind"] == kind;
        changes.iter().find(is).unwrap_or_else(|| panic!("{kind} {name}: {report}"))
    };
    assert_eq!(of("gone", "table")["change"], "removed");
    assert_eq!(of("app", "schema")["change"], "added");
    let accounts = of("accounts", "table");
    assert_eq!(accounts["change"], "changed");
    let parts: Vec<(&str, &str)> = accounts["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["object"]["part"].as_str().unwrap(), part["change"].as_str().unwrap()))
        .collect();
    assert_eq!(parts, [("legacy", "removed"), ("seen", "added"), ("accounts_mail", "changed")]);
    let statements = report["statements"].as_array().unwrap();
    for place in accounts["statements"].as_array().unwrap() {
        let statement = &statements[usize::try_from(place.as_u64().unwrap()).unwrap()];
        assert_eq!(statement["object"]["name"], "accounts");
    }
    assert_eq!(report["hazards"]["deletes-data"], 2);
    let same = json(&run(&database, &there, &["--format", "json", "diff", "old.sql", "old.sql"]));
    assert_eq!((&same["equal"], same["changes"].as_array().map(Vec::len)), (&true.into(), Some(0)));
    assert_eq!(same["from"]["fingerprint"], same["to"]["fingerprint"]);
}

#[tokio::test]
async fn the_page_is_well_formed_and_loads_nothing() {
    let database = TestDatabase::empty().await;
    let there = folder(&[("old.sql", OLD), ("new.sql", NEW)]);
    let run = |arguments: &[&str]| {
        let output = run(&database, &there, arguments);
        assert_eq!(output.code, 0, "{}", output.stderr);
        fs::read_to_string(there.path().join("page.html")).unwrap()
    };
    let page = run(&["diff", "old.sql", "new.sql", "--format", "html", "-o", "page.html"]);
    well_formed(&page);
    for text in ["http://", "https://", " src=", "@import", "url(", "<link", "<script>alert", "</code><b>odd"]
    {
        assert!(!page.contains(text), "{text}");
    }
    assert!(page.contains("&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;"));
    assert!(page.contains("amount * <mark>0.20") || page.contains("<mark>20</mark>"), "{page}");
    let page = run(&["diff", "old.sql", "old.sql", "--format", "html", "-o", "page.html"]);
    well_formed(&page);
    assert!(page.contains("The two are equal"));
}

/// Every tag is closed where it must be, every id is there once, and every link leads somewhere.
fn well_formed(page: &str) {
    const EMPTY: [&str; 4] = ["meta", "input", "br", "!doctype"];
    let body = page.split("<script>").next().unwrap();
    let style = body.find("<style>").unwrap()..body.find("</style>").unwrap();
    let text = format!("{}{}", &body[..style.start], &body[style.end + "</style>".len()..]);
    let (mut open, mut ids, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for part in text.split('<').skip(1) {
        let (tag, _) = part.split_once('>').expect("a tag ends");
        let name = tag.split_whitespace().next().unwrap();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if !EMPTY.contains(&name) {
            open.push(name);
        }
        let value = |attribute: &str| Some(tag.split_once(attribute)?.1.split('"').next()?.to_owned());
        ids.extend(value(" id=\""));
        links.extend(value(" href=\"#"));
    }
    assert_eq!(open, ["html", "body"], "what the script is in is open still");
    let number = ids.len();
    assert!(links.iter().all(|link| ids.contains(link)), "{links:?}");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), number, "an id is there twice");
}

#[tokio::test]
async fn a_rename_is_told_and_never_guessed() {
    let database = TestDatabase::empty().await;
    let old = "create table a (id int primary key, mail text not null); create view v as select mail from a;";
    let new = "create table a (id int primary key, email text not null); create view v as select email as mail from a;";
    let there = folder(&[("old.sql", old), ("new.sql", new)]);
    let diff = |options: &[&str]| {
        let mut arguments = vec!["diff", "old.sql", "new.sql"];
        arguments.extend(options);
        run(&database, &there, &arguments)
    };
    let guessed = diff(&["--format", "sql"]);
    assert!(guessed.stdout.contains("DROP COLUMN mail"), "{}", guessed.stdout);
    assert!(
        guessed.stderr.contains("if it was renamed, give --rename public.a.mail=public.a.email"),
        "{}",
        guessed.stderr
    );
    assert!(guessed.stdout.contains("-- PERHAPS A RENAME: column public.a.mail to column public.a.email"));
    for flag in ["public.a.mail=public.a.email", "public.a.mail=email", "column:public.a.mail=email"] {
        let told = diff(&["--format", "sql", "--rename", flag]);
        assert!(told.stdout.contains("ALTER TABLE public.a RENAME COLUMN mail TO email;"), "{}", told.stdout);
        assert!(
            !told.stdout.contains("DROP COLUMN") && told.stderr.is_empty(),
            "{}{}",
            told.stdout,
            told.stderr
        );
    }
    let told = json(&diff(&["--format", "json", "--rename", "public.a.mail=email"]));
    let part = &told["changes"][0]["parts"][0];
    assert_eq!(
        (&part["change"], &part["renamed_from"]["part"]),
        (&"renamed".into(), &"mail".into()),
        "{told}"
    );
}

#[tokio::test]
async fn a_renamed_table_s_columns_can_be_renamed_there_and_back() {
    let database = TestDatabase::empty().await;
    let old = "create table users (id int primary key, name text, born date, city text);";
    let new = "create table people (id int primary key, full_name text, born date, city text);";
    let revisions = Folder::new(&[("V1__old.sql", old)]);
    let there = folder(&[("old.sql", old), ("new.sql", new)]);
    let (dir, sql) =
        (revisions.path().display().to_string(), there.path().join("new.sql").display().to_string());
    let table = ["--rename", "public.users=people"];
    for column in ["public.users.name=public.people.full_name", "public.people.name=full_name"] {
        let arguments =
            [&["diff", "old.sql", "new.sql", "--format", "sql", "--rename", column], &table[..]].concat();
        let output = run(&database, &there, &arguments);
        assert!(output.stdout.contains("RENAME COLUMN name TO full_name") && !output.stdout.contains("DROP"));
    }
    let generate = [
        "generate",
        "people",
        "--dir",
        &dir,
        "--from-diff",
        &sql,
        "--rename",
        "public.people.name=full_name",
    ];
    let output = run(&database, &there, &[&generate, &table[..]].concat());
    assert_eq!(output.code, 0, "{}", output.stderr);
    database.migrator(&revisions.revisions()).upgrade(hardtack::UpgradeOptions::default()).await.unwrap();
    database.execute("insert into people values (1, 'Ada')").await;
    assert_eq!(run(&database, &there, &["diff", "database", "new.sql", "--exit-code"]).code, 0);
    assert_eq!(run(&database, &there, &["downgrade", "--yes", "--dir", &dir]).code, 0);
    assert_eq!(run(&database, &there, &["diff", "database", "old.sql", "--exit-code"]).code, 0);
    assert_eq!(database.value("select name from users").await, "Ada");
}

#[tokio::test]
async fn a_generated_revision_bakes_and_leads_there_and_back() {
    let database = TestDatabase::empty().await;
    let revisions = Folder::new(&[("V1__old.sql", OLD)]);
    let there = folder(&[("old.sql", OLD), ("new.sql", NEW)]);
    let (dir, sql) =
        (revisions.path().display().to_string(), there.path().join("new.sql").display().to_string());
    let generate = |options: &[&str]| {
        let mut arguments = vec!["generate", "Catch up", "--dir", &dir, "--from-diff", &sql];
        arguments.extend(options);
        run(&database, &there, &arguments)
    };
    let refused = generate(&[]);
    assert_eq!(refused.code, 6, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("nothing was written") && refused.stderr.contains("DROP TABLE public.gone")
    );
    assert!(!revisions.path().join("V2__catch_up.sql").exists());
    let written = generate(&["--accept-data-loss"]);
    assert_eq!(written.code, 0, "{}", written.stderr);
    let up = fs::read_to_string(revisions.path().join("V2__catch_up.sql")).unwrap();
    assert!(up.starts_with("-- hardtack: allow ") && up.contains("ban-drop-column"), "{up}");
    // It resolves without an error, as it bakes.
    let set = revisions.revisions();
    let migrator = database.migrator(&set);
    migrator.upgrade(hardtack::UpgradeOptions::default()).await.unwrap();
    let is_at = |file: &str| {
        let output = run(&database, &there, &["diff", "database", file, "--exit-code"]);
        assert_eq!(output.code, 0, "{file}: {}{}", output.stdout, output.stderr);
    };
    is_at("new.sql");
    let again = generate(&[]);
    assert!(again.code == 0 && again.stdout.contains("are equal: nothing was written"), "{}", again.stdout);
    let back = run(&database, &there, &["downgrade", "--yes", "--dir", &dir]);
    assert_eq!(back.code, 0, "{}", back.stderr);
    is_at("old.sql");
}

#[tokio::test]
async fn what_takes_no_transaction_makes_a_revision_without_one() {
    let database = TestDatabase::empty().await;
    let old = "create type plan as enum ('free'); create table a (plan plan); create table b (id int);";
    let new = "create type plan as enum ('free', 'team'); create table a (plan plan default 'team');\n\
        create table b (id int); create index on b (id);";
    let revisions = Folder::new(&[("V1__old.sql", old)]);
    let there = folder(&[("old.sql", old), ("new.sql", new)]);
    let (dir, sql) =
        (revisions.path().display().to_string(), there.path().join("new.sql").display().to_string());
    let output =
        run(&database, &there, &["generate", "more", "--dir", &dir, "--from-diff", &sql, "--online"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let up = fs::read_to_string(revisions.path().join("V2__more.sql")).unwrap();
    assert!(up.starts_with("-- hardtack: no-transaction\n") && up.contains("CONCURRENTLY"), "{up}");
    database.migrator(&revisions.revisions()).upgrade(hardtack::UpgradeOptions::default()).await.unwrap();
    assert_eq!(run(&database, &there, &["diff", "database", "new.sql", "--exit-code"]).code, 0);
    assert_eq!(run(&database, &there, &["downgrade", "--yes", "--dir", &dir]).code, 0);
    assert_eq!(run(&database, &there, &["diff", "database", "old.sql", "--exit-code"]).code, 0);
}

/// The lock that a new constraint wants for a moment is not held while the rows are read.
#[tokio::test]
async fn the_online_script_commits_before_it_reads_the_table() {
    let database = TestDatabase::empty().await;
    let old = "create table a (id int unique); create table b (id int, c int);";
    let new = "create table a (id int unique); create table b (id int not null, c int references a (id), check (id > 0));";
    let revisions = Folder::new(&[("V1__old.sql", old)]);
    let there = folder(&[("old.sql", old), ("new.sql", new)]);
    let output = run(&database, &there, &["diff", "old.sql", "new.sql", "--format", "sql", "--online"]);
    let mut in_transaction = false;
    let mut validated = 0;
    for line in output.stdout.lines() {
        in_transaction = (in_transaction || line == "BEGIN;") && line != "COMMIT;";
        assert!(!(in_transaction && line.contains("VALIDATE CONSTRAINT")), "{}", output.stdout);
        validated += usize::from(line.contains("VALIDATE CONSTRAINT"));
    }
    assert_eq!(validated, 3, "{}", output.stdout);
    let (dir, sql) =
        (revisions.path().display().to_string(), there.path().join("new.sql").display().to_string());
    let output =
        run(&database, &there, &["generate", "more", "--dir", &dir, "--from-diff", &sql, "--online"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let up = fs::read_to_string(revisions.path().join("V2__more.sql")).unwrap();
    assert!(up.starts_with("-- hardtack: no-transaction\n") && up.contains("VALIDATE"), "{up}");
    database.migrator(&revisions.revisions()).upgrade(hardtack::UpgradeOptions::default()).await.unwrap();
    assert_eq!(run(&database, &there, &["diff", "database", "new.sql", "--exit-code"]).code, 0);
}

#[tokio::test]
async fn the_index_of_a_new_key_is_built_concurrently_where_that_is_asked_for() {
    let database = TestDatabase::empty().await;
    let old = "create table a (id int, code text, note text);";
    let new = "create table a (id int primary key, code text, note text, \
        constraint \"Both\" unique (id, code) include (note) with (fillfactor = 70) deferrable);";
    database.execute(old).await;
    let there = folder(&[("new.sql", new)]);
    let script =
        run(&database, &there, &["diff", "database", "new.sql", "--format", "sql", "--online"]).stdout;
    for line in [
        "CREATE UNIQUE INDEX CONCURRENTLY \"Both\" ON public.a (id, code) INCLUDE (note) WITH (fillfactor=70);",
        "ALTER TABLE public.a ADD CONSTRAINT \"Both\" UNIQUE USING INDEX \"Both\" DEFERRABLE;",
        "CREATE UNIQUE INDEX CONCURRENTLY a_pkey ON public.a (id);",
        "ALTER TABLE public.a ADD CONSTRAINT a_pkey PRIMARY KEY USING INDEX a_pkey;",
    ] {
        assert!(has_line(&script, line), "{line}\n{script}");
    }
    assert!(
        script.contains("-- hazard: depends-on-data: fails where rows do not fit\nCREATE UNIQUE"),
        "{script}"
    );
}

#[tokio::test]
async fn a_column_s_new_name_goes_by_its_renamed_table() {
    let database = TestDatabase::empty().await;
    let there = folder(&[
        ("old.sql", "create table customers (id int, name text)"),
        ("new.sql", "create table clients (id int, full_name text)"),
    ]);
    let arguments = ["diff", "old.sql", "new.sql", "--format", "sql", "--rename", "public.customers=clients"];
    for column in ["public.customers.name=full_name", "public.customers.name=public.clients.full_name"] {
        let output = run(&database, &there, &[&arguments[..], &["--rename", column]].concat());
        assert!(
            output.stdout.contains("RENAME COLUMN name TO full_name"),
            "{}{}",
            output.stdout,
            output.stderr
        );
    }
}

#[tokio::test]
async fn what_only_follows_is_told_from_what_is_made_again() {
    let database = TestDatabase::empty().await;
    let schema = "create table item (m mood); create view moods as select m from item";
    let there = folder(&[
        ("old.sql", &format!("create type mood as enum ('sad', 'glad'); {schema}")),
        ("new.sql", &format!("create type mood as enum ('glad', 'sad'); {schema}")),
    ]);
    let output = run(&database, &there, &["diff", "old.sql", "new.sql"]);
    for lines in [
        "~ enum public.mood\n      labels: sad, glad -> glad, sad\n",
        "= table public.item\n      stays as it is; the statements about it follow",
        "= view public.moods\n      stays as it is; dropped and made again",
        "3 objects: 1 changed, 1 rebuilt, 1 touched",
    ] {
        assert!(output.stdout.contains(lines), "{lines}\n{}", output.stdout);
    }
}

#[tokio::test]
async fn a_partition_s_constraint_is_renamed_with_its_parent_s() {
    let database = TestDatabase::empty().await;
    let schema = |name| {
        format!(
            "create table p (id int, constraint {name} check (id > 0)) partition by list (id); \
                create table p1 partition of p for values in (1);"
        )
    };
    let there = folder(&[("old.sql", &schema("old")), ("new.sql", &schema("new"))]);
    let output = run(&database, &there, &["diff", "old.sql", "new.sql"]);
    assert_eq!(output.stdout.matches("~ constraint new (was old)").count(), 2, "{}", output.stdout);
    assert!(!output.stdout.contains("- constraint"), "{}", output.stdout);
}

#[tokio::test]
async fn a_down_drops_nothing_that_its_up_does_not_make() {
    let database = TestDatabase::empty().await;
    let old = "create table a (id int);";
    let operator = "create operator public.~+ (leftarg = int, rightarg = int, function = int4pl);";
    let revisions = Folder::new(&[("V1__old.sql", old)]);
    let there = folder(&[
        ("both.sql", &format!("create table a (id int, b int);\n{operator}")),
        ("operator.sql", &format!("{old}\n{operator}")),
    ]);
    let dir = revisions.path().display().to_string();
    let generate = |file: &str| {
        let sql = there.path().join(file).display().to_string();
        run(&database, &there, &["generate", "more", "--dir", &dir, "--from-diff", &sql])
    };
    let output = generate("operator.sql");
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stdout.starts_with("nothing was written: no DDL is known"), "{}", output.stdout);
    assert!(!revisions.path().join("V2__more.sql").exists());
    let output = generate("both.sql");
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stdout.contains("not in it: operator public.~+"), "{}", output.stdout);
    let down = fs::read_to_string(revisions.path().join("V2__more.down.sql")).unwrap();
    assert!(down.contains("DROP COLUMN b") && !down.contains("DROP OPERATOR"), "{down}");
    assert!(down.contains("-- Not in it: operator public.~+(integer,integer): the way up"), "{down}");
    let set = revisions.revisions();
    database.migrator(&set).upgrade(hardtack::UpgradeOptions::default()).await.unwrap();
    let back = run(&database, &there, &["downgrade", "--yes", "--dir", &dir, "--to", "1"]);
    assert_eq!(back.code, 0, "{}", back.stderr);
}

/// A revision is read by many, and outlives the server.
#[tokio::test]
async fn a_generated_revision_names_a_database_without_the_way_to_it() {
    let database = TestDatabase::empty().await;
    database.execute("create table a (id int primary key); create index on a (id)").await;
    let revisions = Folder::new(&[("V1__old.sql", "create table a (id int);")]);
    let dir = revisions.path().display().to_string();
    let output = run(&database, &revisions, &["generate", "more", "--dir", &dir, "--from-diff", "database"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let up = fs::read_to_string(revisions.path().join("V2__more.sql")).unwrap();
    assert!(up.contains(&format!("-- Leads to database {}, as", database.options.database())), "{up}");
    assert!(
        up.contains("-- hardtack: allow ") && !up.contains("postgres://") && !up.contains("host="),
        "{up}"
    );
}

/// An explicit cast would cut the string off.
#[tokio::test]
async fn a_value_that_does_not_fit_is_refused_and_not_cut_off() {
    let database = TestDatabase::empty().await;
    database
        .execute("create domain code as text; create table item (a code, b code[]); insert into item values ('abcdefgh')")
        .await;
    let there =
        folder(&[("new.sql", "create domain code as varchar(5); create table item (a code, b code[]);")]);
    let script = run(&database, &there, &["diff", "database", "new.sql", "--format", "sql"]).stdout;
    let error = database.connect().await.client.batch_execute(&script).await.unwrap_err();
    let message = error.as_db_error().unwrap().message();
    assert_eq!(message, "value too long for type character varying(5)");
    assert_eq!(database.value("select a from item").await, "abcdefgh");
}

/// Attributes find their values by name, wherever they stand.
#[tokio::test]
async fn attributes_that_move_keep_their_values() {
    let database = TestDatabase::empty().await;
    database
        .execute(
            "create type pair as (a text, b text); create table item (p pair); \
            insert into item values (('one', 'two')), (null), ((null, null))",
        )
        .await;
    let there = folder(&[(
        "new.sql",
        "create type pair as (b text, c integer, a text); create table item (p pair);",
    )]);
    let script = run(&database, &there, &["diff", "database", "new.sql", "--format", "sql"]).stdout;
    database.execute(&script).await;
    let values =
        "select string_agg(concat_ws('/', (p).a, (p).b, (p).c, p is not distinct from null), ' ') from item";
    assert_eq!(database.value(values).await, "one/two/f t f");
}

#[tokio::test]
async fn a_baseline_is_the_first_revision_of_a_database() {
    let (database, fresh) = (TestDatabase::empty().await, TestDatabase::empty().await);
    database.execute(NEW).await;
    let there = folder(&[("hardtack.toml", "[drift]\nignore = [\"table public.seaql_migrations\"]")]);
    fs::create_dir(there.path().join("migrations")).unwrap();
    database
        .execute("create table seaql_migrations (version text primary key, applied_at bigint not null)")
        .await;
    let output = run(&database, &there, &["generate", "--baseline"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let written = fs::read_to_string(there.path().join("migrations/V1__baseline.sql")).unwrap();
    assert!(!written.contains("seaql"), "{written}");
    assert!(output.stdout.contains("hardtack baseline --to 1"), "{}", output.stdout);
    let set = hardtack::revisions::resolve(&there.path().join("migrations")).unwrap();
    assert_eq!((set.revisions.len(), set.warnings), (1, Vec::new()));
    fresh.migrator(&set.revisions).upgrade(hardtack::UpgradeOptions::default()).await.unwrap();
    let output = run(&database, &there, &["baseline", "--to", "1", "--yes", "--dir", "migrations"]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    database.execute("drop table seaql_migrations").await;
    let output = run(&database, &there, &["diff", "database", &fresh.url(), "--exit-code"]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    let again = run(&database, &there, &["generate", "--baseline"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("there are revisions; a baseline is the first one"), "{}", again.stderr);
}

#[tokio::test]
async fn a_team_has_templates_of_its_own() {
    let database = TestDatabase::empty().await;
    let there = folder(&[("new.sql", "create table a (id int);")]);
    let templates = there.path().join("migrations/templates");
    fs::create_dir_all(&templates).unwrap();
    let up = "-- {stem}: {title} (owner: team {x})\nselect 1;\n{sql}\n-- end of {name}, version {version}\n";
    fs::write(templates.join("up.sql"), up).unwrap();
    fs::write(templates.join("down.sql"), "-- back from {stem}\n").unwrap();
    fs::write(templates.join("rust.rs"), "//! {title}: {not a place}\n").unwrap();
    let read = |file: &str| fs::read_to_string(there.path().join("migrations").join(file)).unwrap();
    let generated = run(&database, &there, &["generate", "Make {sql} a", "--from-diff", "new.sql"]);
    assert_eq!(generated.code, 0, "{}", generated.stderr);
    let (up, down) = (read("V1__make_sql_a.sql"), read("V1__make_sql_a.down.sql"));
    assert!(
        up.starts_with("-- V1__make_sql_a: Make {sql} a (owner: team {x})\nselect 1;\n-- Leads to new.sql"),
        "{up}"
    );
    assert!(
        up.contains("CREATE TABLE public.a (") && up.ends_with("-- end of make_sql_a, version 1\n"),
        "{up}"
    );
    assert!(
        down.starts_with("-- back from V1__make_sql_a\n") && down.contains("DROP TABLE public.a;"),
        "{down}"
    );
    let plain = run(&database, &there, &["generate", "plain"]);
    assert_eq!(plain.code, 0, "{}", plain.stderr);
    assert!(read("V2__plain.sql").ends_with("select 1;\n\n-- end of plain, version 2\n"));
    let rust = run(&database, &there, &["generate", "code", "--rust"]);
    assert_eq!(rust.code, 0, "{}", rust.stderr);
    assert_eq!(read("V3__code.rs"), "//! code: {not a place}\n");
    assert!(!rust.stderr.contains("is no template"), "{}", rust.stderr);
    fs::write(templates.join("upp.sql"), "").unwrap();
    let unknown = run(&database, &there, &["generate", "more"]);
    assert!(unknown.code == 0 && unknown.stderr.contains("upp.sql is no template"), "{}", unknown.stderr);
}
