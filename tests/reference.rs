//! The reference application's revisions: what is baked is what is in the folder, and it applies.

use std::path::Path;

use hardtack::{Down, Kind, RevisionSet, Step};

use crate::support::TestDatabase;

fn described(set: &RevisionSet) -> Vec<String> {
    let script = |script: &hardtack::Script| format!("{script:?}");
    set.iter()
        .map(|revision| {
            let step = |step: &Step| match step {
                Step::Sql(up) => script(up),
                Step::Rust(step) => format!("{} {} {:?}", step.file, step.marker, step.settings),
            };
            let up = step(&revision.up);
            let down = match &revision.down {
                Down::Step(down) => step(down),
                other => format!("{other:?}"),
            };
            format!("{} {} {} {up} {down}", revision.stem(), revision.sha256, revision.checksum)
        })
        .collect()
}

/// One resolver serves both.
#[test]
fn what_is_embedded_is_what_is_resolved() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let resolved = hardtack::revisions::resolve(&folder).unwrap();
    assert_eq!(described(&crate::migrations::REVISIONS), described(&resolved.revisions));
    assert!(resolved.warnings.is_empty(), "{:?}", resolved.warnings);
}

#[test]
fn the_baked_enum_leads_to_the_revisions() {
    use crate::migrations::{Revision, v1_accounts};
    assert_eq!(Revision::ALL.len(), crate::migrations::REVISIONS.len());
    assert_eq!(Revision::V1Accounts.version(), v1_accounts::VERSION);
    assert_eq!(Revision::V1Accounts.get().stem(), v1_accounts::STEM);
    for revision in Revision::ALL {
        assert_eq!(revision.get().kind, Kind::Versioned);
    }
}

#[test]
fn all_but_one_are_reversible() {
    let set = &crate::migrations::REVISIONS;
    let irreversible: Vec<String> = set
        .iter()
        .filter(|revision| matches!(revision.down, Down::Irreversible(_) | Down::Missing))
        .map(hardtack::Revision::stem)
        .collect();
    assert_eq!(irreversible, ["V4__viewer_role"]);
    assert!(set.len() >= 12);
    assert_eq!(set.iter().filter(|revision| revision.is_rust()).count(), 2);
}

#[tokio::test]
async fn the_reference_applies_and_its_rust_revisions_did_their_work() {
    let database = TestDatabase::reference().await;
    assert_eq!(database.applied().await.len(), crate::migrations::REVISIONS.len());
    assert_eq!(database.value("select count(*) from hardtack.step where error is not null").await, "0");
    let invalid = "select count(*) from pg_index where not indisvalid";
    assert_eq!(database.value(invalid).await, "0");
}

#[tokio::test]
async fn e_mails_are_normalised_in_rust_and_a_collision_fails_by_name() {
    let before = TestDatabase::empty().await;
    let migrator = before.migrator(&crate::migrations::REVISIONS);
    let to = |version| hardtack::UpgradeOptions {
        target: hardtack::Target::Version(version),
        ..hardtack::UpgradeOptions::default()
    };
    migrator.upgrade(to(7)).await.unwrap();
    let insert = "insert into accounts (email, display_name) values";
    before.execute(&format!("{insert} (' Ada@Example.org', 'Ada'), ('bob@example.org', 'Bob')")).await;
    before.execute(&format!("{insert} ('BOB@example.org', 'Bob again')")).await;
    let error = migrator.upgrade(to(8)).await.unwrap_err().to_string();
    assert!(error.starts_with("apply V8__normalise_emails.rs") && error.contains("2, 3"), "{error}");
    assert!(error.contains("rolled back"), "{error}");
    before.execute("delete from accounts where display_name = 'Bob again'").await;
    migrator.upgrade(to(8)).await.unwrap();
    assert_eq!(
        before.column("select email from accounts order by id").await,
        ["ada@example.org", "bob@example.org"]
    );
}

#[tokio::test]
async fn titles_get_their_keys_and_the_list_keeps_its_order() {
    let database = TestDatabase::empty().await;
    let migrator = database.migrator(&crate::migrations::REVISIONS);
    let to = |version| hardtack::UpgradeOptions {
        target: hardtack::Target::Version(version),
        ..hardtack::UpgradeOptions::default()
    };
    migrator.upgrade(to(17)).await.unwrap();
    database
        .execute(
            "insert into accounts (email, display_name) values ('ada@example.org', 'Ada');
             begin;
             insert into organisations (slug, name, owner_id) values ('acme', 'Acme', 1);
             insert into memberships values (1, 1, 'owner', now());
             commit;
             insert into documents (organisation_id, title, updated_at)
                 values (1, '  ÄRGER mit  Rechnungen', '2020-01-01'), (1, 'Plan', '2021-01-01')",
        )
        .await;
    migrator.upgrade(to(18)).await.unwrap();
    let keys = "select concat_ws('|', title_key, updated_at::date) from documents order by id";
    assert_eq!(database.column(keys).await, ["ärger mit rechnungen|2020-01-01", "plan|2021-01-01"]);
    let holds = |checks: Vec<hardtack::engine::DataCheck>| {
        checks.iter().filter(|check| check.outcome == hardtack::engine::CheckOutcome::Holds).count()
    };
    assert_eq!(holds(migrator.check_data().await.unwrap()), 2);
    database.execute("update documents set title_key = 'x' where id = 2").await;
    assert_eq!(holds(migrator.check_data().await.unwrap()), 1);
}

/// The workers of two releases take from one queue while the name and the version of a model get columns of their own.
#[tokio::test]
async fn models_get_versions_while_workers_of_two_releases_write() {
    let database = TestDatabase::empty().await;
    let migrator = database.migrator(&crate::migrations::REVISIONS);
    let to = |version| hardtack::UpgradeOptions {
        target: hardtack::Target::Version(version),
        ..hardtack::UpgradeOptions::default()
    };
    migrator.upgrade(to(18)).await.unwrap();
    database
        .execute(
            "insert into accounts (email, display_name) values ('ada@example.org', 'Ada');
             begin;
             insert into organisations (slug, name, owner_id) values ('acme', 'Acme', 1);
             insert into memberships values (1, 1, 'owner', now());
             commit;
             insert into documents (organisation_id, title) values (1, 'Plan');
             insert into uploads (organisation_id, storage_key, byte_size) values (1, 'k', 1);
             insert into document_versions (document_id, number, upload_id, media_type) select 1, 1, id, 'text/plain' from uploads;
             insert into analyses (organisation_id, document_version_id, model) values (1, 1, 'clauses'), (1, 1, 'clauses@3.2')",
        )
        .await;
    migrator.upgrade(to(19)).await.unwrap();
    let last_release =
        "insert into analyses (organisation_id, document_version_id, model) values (1, 1, 'tables@1')";
    let this_release = "insert into analyses (organisation_id, document_version_id, model_name, model_version) values (1, 1, 'tables', '2')";
    database.execute(&format!("{last_release}; {this_release}")).await;
    migrator.upgrade(to(20)).await.unwrap();
    database.execute("update analyses set model = 'clauses@4' where id = 1; update analyses set model_version = '5' where id = 2").await;
    let models = "select concat_ws(' ', model_name, model_version) from analyses order by id";
    assert_eq!(database.column(models).await, ["clauses 4", "clauses 5", "tables 1", "tables 2"]);
    migrator.upgrade(to(21)).await.unwrap();
    database.execute("update analyses set model_version = 'unversioned' where id = 3").await;
    let back = hardtack::DowngradeOptions { back: hardtack::Back::To(18), agreed: None };
    migrator.downgrade(back).await.unwrap();
    let former = database.column("select model from analyses order by id").await;
    assert_eq!(former, ["clauses@4", "clauses@5", "tables", "tables@2"]);
}
