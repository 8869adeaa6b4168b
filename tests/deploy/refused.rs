use super::shop::{ENDED, Shop};

/// Refused with that exit code and these words, and nothing is as it was not.
async fn refused(shop: &Shop, code: i32, arguments: &[&str], words: &[&str]) {
    let before = shop.state().await;
    let output = shop.command(arguments);
    let about = format!("{arguments:?}: {}\n{}", output.stdout, output.stderr);
    assert_eq!(output.code, code, "{about}");
    for word in words {
        assert!(output.stdout.contains(word) || output.stderr.contains(word), "{word:?}: {about}");
    }
    assert_eq!(shop.state().await, before, "{about}");
}

#[tokio::test]
async fn ways_back_that_lead_nowhere() {
    let shop = Shop::new().await;
    shop.database.execute("drop schema hardtack cascade").await;
    let way = |way, backup| ["--on-failure", way, "--backup", backup];
    refused(&shop, 6, &way("restore", "none"), &["no backup is taken that could be restored"]).await;
    refused(&shop, 6, &way("restore", "schema-only"), &["has no rows to restore", "--backup full or tables"])
        .await;
    shop.folder.write("V4__gone.sql", "-- hardtack: irreversible \"the old ones are gone\"\nselect 1;");
    std::fs::remove_file(shop.folder.path().join("V4__gone.down.sql")).unwrap();
    let words = [
        "V4__gone is irreversible: the old ones are gone",
        "--on-failure stop, or restore with --backup full",
    ];
    refused(&shop, 6, &way("downgrade", "full"), &words).await;
    refused(&shop, 6, &way("restore", "tables"), &words).await;
    assert_eq!(
        shop.database.value("select count(*) from pg_namespace where nspname = 'hardtack'").await,
        "0"
    );
}

#[tokio::test]
async fn a_restore_by_a_login_that_may_make_no_database() {
    let shop = Shop::new().await;
    let name = shop.database.options.database();
    let login = format!("login_{name}");
    shop.database
        .execute(&format!(
            "create role {login} login in role pg_read_all_data; grant all on schema hardtack to {login}; \
             grant all on all tables in schema hardtack, public to {login}"
        ))
        .await;
    let url = shop
        .database
        .url()
        .replace("postgres@", &format!("{login}@"))
        .replace("user=postgres", &format!("user={login}"));
    assert_ne!(url, shop.database.url());
    let arguments = ["deploy", "--dir", ".", "--on-failure", "restore", "--backup", "full"];
    let output = crate::support::hardtack(shop.folder.path(), Some(&url), &arguments);
    assert_eq!(output.code, 6, "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("this login may not make a database"), "{}", output.stdout);
}

#[tokio::test]
async fn a_late_revision_cannot_be_undone_alone() {
    let shop = Shop::new().await;
    assert_eq!(shop.command(&[]).code, 0);
    shop.folder.remove("V2__forget_notes");
    shop.database.execute("delete from refinery_schema_history where version = 2").await;
    shop.folder.write("V2__late.sql", "create table late ();");
    let arguments = ["--on-failure", "downgrade", "--out-of-order", "allow"];
    refused(&shop, 6, &arguments, &["V2__late runs late: version 3 is applied already"]).await;
}

#[tokio::test]
async fn a_history_that_disagrees() {
    let shop = Shop::new().await;
    shop.folder.write("V1__shop.sql", "create table other ();");
    refused(&shop, 4, &[], &["revision 1 (shop)", "FAILED   the database"]).await;
}

#[tokio::test]
async fn gates_but_for_what_the_deploy_does_itself() {
    let shop = Shop::new().await;
    let toml = "[gates]\nrehearsal-within = \"1h\"\nbackup-within = \"1h\"\n";
    std::fs::write(shop.folder.path().join("hardtack.toml"), toml).unwrap();
    refused(
        &shop,
        6,
        &["--backup", "none", "--skip-rehearsal"],
        &["failed to pass 2 gates", "rehearsal:", "backup:"],
    )
    .await;
    assert_eq!(shop.database.value("select to_regclass('hardtack.deploy')").await, "hardtack.deploy");
    assert_eq!(shop.database.column(ENDED).await, Vec::<String>::new());
    let words = ["backup: there was no backup for this plan within 1h"];
    refused(&shop, 6, &["--backup", "none"], &words).await;
    let output = shop.command(&[]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
}

#[tokio::test]
async fn a_rehearsal_that_fails() {
    let shop = Shop::new().await;
    shop.trap("rehearse", "fails").await;
    refused(
        &shop,
        6,
        &[],
        &["failed to rehearse V3__tags", "trapped", "FAILED   rehearsal", "has changed nothing"],
    )
    .await;
    assert_eq!(shop.database.column(ENDED).await, ["rehearse refused"]);
}

#[tokio::test]
async fn a_backup_that_cannot_be_kept() {
    let shop = Shop::new().await;
    std::fs::write(shop.folder.path().join("file"), "").unwrap();
    refused(&shop, 6, &["--backups", "file/backups"], &["FAILED   backup"]).await;
    assert_eq!(shop.database.column(ENDED).await, ["backup refused"]);
    assert_eq!(shop.database.applied().await, [1]);
}

#[tokio::test]
async fn an_index_that_is_not_valid() {
    let shop = Shop::new().await;
    shop.database
        .execute("update pg_index set indisvalid = false where indexrelid = 'orders_total'::regclass")
        .await;
    refused(&shop, 6, &[], &["1 object is not what the revisions make of it", "orders_total"]).await;
}

#[tokio::test]
async fn a_lock_that_is_not_had() {
    let shop = Shop::new().await;
    let holder = shop.database.connect().await;
    holder.client.batch_execute("begin; lock table customers in share mode").await.unwrap();
    let arguments =
        ["--lock-timeout", "100ms", "--lock-retries", "0", "--skip-rehearsal", "--backup", "none"];
    refused(&shop, 5, &arguments, &["V2__forget_notes", "canceling statement due to lock timeout"]).await;
    assert_eq!(shop.database.column(ENDED).await, ["upgrade failed"]);
    let back = [&arguments[..], &["--on-failure", "downgrade"]].concat();
    refused(&shop, 9, &back, &["is as before, at version 1"]).await;
}

#[tokio::test]
async fn what_is_configured_is_shown_and_flags_win() {
    let shop = Shop::new().await;
    // Without a backup nothing brings back what it loses.
    shop.folder.remove("V2__forget_notes");
    let toml = "[deploy]\nbackup = \"none\"\nprobe-command = \"exit 3\"\nprobe-timeout = \"100ms\"\n\
        [environments.live.deploy]\non-failure = \"downgrade\"\nprobe-url = \"http://localhost:1/\"\n";
    let file = shop.folder.path().join("hardtack.toml");
    std::fs::write(&file, toml).unwrap();
    let shown = shop.command(&["--env", "live", "--show-config"]).stdout;
    for (name, value, source) in [
        ("deploy.backup", "none", "hardtack.toml [deploy]"),
        ("deploy.on-failure", "downgrade", "hardtack.toml [environments.live.deploy]"),
        ("deploy.probe", "http://localhost:1/", "hardtack.toml [environments.live.deploy]"),
        ("deploy.probe-timeout", "100ms", "hardtack.toml [deploy]"),
    ] {
        let line = shown.lines().find(|line| line.starts_with(&format!("{name} "))).expect(name);
        assert!(line.contains(value) && line.ends_with(source), "{line}");
    }
    refused(&shop, 9, &["--env", "live"], &["http://localhost:1/"]).await;
    let failed = shop.command(&["--probe-command", "exit 4"]);
    assert!(failed.code == 1 && failed.stdout.contains("exit status: 4"), "{}", failed.stdout);
    let well = shop.command(&["--env", "live", "--probe-command", "true"]);
    assert_eq!(well.code, 0, "{}{}", well.stdout, well.stderr);
    for (toml, reason) in [
        ("[deploy]\nbackup = \"all\"\n", "write full, tables, schema-only or none"),
        ("[deploy]\nprobe-url = \"http://x/\"\nprobe-command = \"true\"\n", "set one of them"),
        ("[deploy]\nprobe-url = \"http://u:p@x/\"\n", "leave the password out"),
        ("[defaults.deploy]\nbackup = \"none\"\n", "write [defaults.deploy] as [deploy]"),
    ] {
        std::fs::write(&file, toml).unwrap();
        let output = shop.command(&[]);
        assert!(output.code == 2 && output.stderr.contains(reason), "{reason}: {}", output.stderr);
    }
}
