//! Of memory and of files, which are reached as S3 is.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use time::OffsetDateTime;

use super::upload::{PART, PARTS};
use super::{BEGUN, Store};
use crate::backup::place::{Draft, MANIFEST, Place, Shelf, Sink};
use crate::backup::{DatabaseEntry, Depth, FileEntry, Manifest, Strategy, Verified};

const NAME: &str = "orders-20261128T183120Z-v21-tables";

/// What no backup is without.
const CATALOG: (&str, &[u8]) = ("catalog.json", b"{}");

fn memory() -> Store {
    "memory:///vault/db".parse().unwrap()
}

/// A store of files, in a folder that is not there yet.
fn files(home: &TempDir) -> Store {
    format!("file://{}/vault", home.path().display()).parse().unwrap()
}

fn begin(store: &Store) -> Box<dyn Draft> {
    store.begin(NAME).unwrap()
}

fn write(sink: &(impl Sink + ?Sized), name: &str, content: &[u8]) {
    let mut file = sink.create(name).unwrap();
    file.write_all(content).unwrap();
    file.finish().unwrap();
}

fn read(shelf: &dyn Shelf, name: &str) -> Vec<u8> {
    let mut content = Vec::new();
    shelf.open(NAME).unwrap().open(name).unwrap().read_to_end(&mut content).unwrap();
    content
}

fn manifest(name: &str, files: &[(&str, &[u8])]) -> Manifest {
    let entry = |(name, content): &(&str, &[u8])| {
        ((*name).to_owned(), FileEntry { bytes: content.len() as u64, sha256: String::new() })
    };
    Manifest {
        form: crate::backup::manifest::FORM,
        name: name.to_owned(),
        strategy: Strategy::Tables,
        taken_at: OffsetDateTime::UNIX_EPOCH,
        duration_ms: 1,
        hardtack_version: String::new(),
        database: DatabaseEntry {
            name: "orders".to_owned(),
            system: None,
            bytes: 1,
            traits: crate::db::DatabaseTraits::default(),
        },
        server_version: 150_018,
        history_table: String::new(),
        version: Some(21),
        applied: 21,
        plan: None,
        fingerprint: String::new(),
        archive: None,
        tables: Vec::new(),
        chosen: String::new(),
        large_objects: None,
        files: files.iter().map(entry).collect::<BTreeMap<_, _>>(),
    }
}

/// Takes a backup of those files.
fn take(store: &Store, files: &[(&str, &[u8])]) -> String {
    let draft = begin(store);
    for (name, content) in files {
        write(&*draft, name, content);
    }
    draft.commit(&manifest(draft.name(), files)).unwrap()
}

/// The names of the backups.
fn names(shelf: &dyn Shelf) -> Vec<String> {
    let mut names: Vec<_> = shelf.list().unwrap().into_iter().map(|listed| listed.manifest.name).collect();
    names.sort();
    names
}

/// The names of the objects of a backup, also of one that is none.
fn objects(store: &Store) -> Vec<String> {
    let bucket = store.bucket().unwrap();
    bucket.sizes(&bucket.of_backup(NAME)).unwrap().into_keys().collect()
}

/// Bytes that are elsewhere others.
fn content(length: usize) -> Vec<u8> {
    (0_u32..).flat_map(u32::to_le_bytes).take(length).collect()
}

#[test]
fn what_was_written_is_read_again() {
    let home = TempDir::new().unwrap();
    let (exact, long) = (content(PARTS * PART), content(PARTS * PART + PART + 5));
    let written: [(&str, &[u8]); 5] = [
        CATALOG,
        ("tables/00001.copy", b""),
        ("tables/00002.copy", &content(100_000)),
        ("tables/00003.copy", &exact),
        ("tables/00004.copy", &long),
    ];
    for store in [memory(), files(&home)] {
        assert_eq!(take(&store, &written), format!("{store}/{NAME}"));
        assert_eq!(names(&store), [NAME]);
        let listed = &store.list().unwrap()[0];
        assert_eq!((&listed.manifest, &listed.verified), (&manifest(NAME, &written), &None));
        for (name, content) in &written {
            assert!(read(&store, name) == *content, "{name} in {store}");
        }
        let objects = objects(&store);
        assert_eq!(
            objects.iter().filter(|name| name.contains(".part")).collect::<Vec<_>>(),
            ["tables/00004.copy.part00002"]
        );
        let missing = store.open(NAME).unwrap().open("tables/00005.copy").err().unwrap();
        assert_eq!(missing.kind(), std::io::ErrorKind::NotFound);
    }
    // Copied to a disk, it is a backup of a directory.
    let folder = super::super::Directory::new(&home.path().join("vault"));
    assert_eq!(names(&folder), [NAME]);
    assert!(read(&folder, "tables/00004.copy") == long);
}

#[test]
fn whoever_reads_needs_nothing_but_what_it_opened() {
    let long = content(PART * 2 + 1);
    let store = memory();
    take(&store, &[("tables/00001.copy", &long)]);
    let mut file = store.open(NAME).unwrap().open("tables/00001.copy").unwrap();
    drop(store);
    let mut found = Vec::new();
    file.read_to_end(&mut found).unwrap();
    assert!(found == long);
}

#[test]
fn a_name_belongs_to_one() {
    for store in [memory(), files(&TempDir::new().unwrap())] {
        let (one, other) = (begin(&store), begin(&store));
        assert_eq!((one.name(), other.name()), (NAME, format!("{NAME}-2").as_str()));
        for draft in [other, one] {
            write(&*draft, CATALOG.0, CATALOG.1);
            draft.commit(&manifest(draft.name(), &[CATALOG])).unwrap();
        }
        assert_eq!(begin(&store).name(), format!("{NAME}-3"));
        assert_eq!(names(&store).len(), 2);
    }
}

#[test]
fn a_copy_is_listed_by_its_own_name() {
    let home = TempDir::new().unwrap();
    // `~` is a letter that a store's client would write in another way.
    let copy = format!("{NAME}~copy");
    for store in [memory(), files(&home)] {
        take(&store, &[CATALOG]);
        let bucket = store.bucket().unwrap();
        for object in [CATALOG.0, MANIFEST] {
            bucket.put(&bucket.of_backup(&copy).join(object), read(&store, object).into()).unwrap();
        }
        assert_eq!(names(&store), [NAME, copy.as_str()]);
        store.open(&copy).unwrap();
    }
    let folder = super::super::Directory::new(&home.path().join("vault"));
    assert_eq!(names(&folder), [NAME, copy.as_str()]);
    files(&home).remove(&copy).unwrap();
    assert_eq!(names(&folder), [NAME]);
}

#[test]
fn without_a_manifest_it_is_none() {
    for store in [memory(), files(&TempDir::new().unwrap())] {
        assert_eq!(names(&store), Vec::<String>::new());
        let draft = begin(&store);
        write(&*draft, "tables/00001.copy", b"1\n");
        assert_eq!(objects(&store), [BEGUN, "tables/00001.copy"]);
        assert_eq!(names(&store), Vec::<String>::new());
        let error = store.open(NAME).err().unwrap().to_string();
        assert!(error.contains(&format!("{store}/{NAME}: there is no manifest in it")), "{error}");
        drop(draft);
        assert_eq!(objects(&store), Vec::<String>::new());
        let error = store.open(NAME).err().unwrap().to_string();
        assert!(error.contains("there is nothing below that"), "{error}");
    }
}

#[test]
fn what_failed_leaves_nothing() {
    let home = TempDir::new().unwrap();
    let store = files(&home);
    let draft = begin(&store);
    let mut cut_short = draft.create("catalog.json").unwrap();
    cut_short.write_all(&content(PART + 1)).unwrap();
    // No folder can be made where a file is.
    fs::write(home.path().join("vault").join(NAME).join("tables"), "").unwrap();
    let mut short = draft.create("tables/00001.copy").unwrap();
    short.write_all(b"1\n").unwrap();
    short.finish().unwrap_err();
    let mut long = draft.create("tables/00002.copy").unwrap();
    long.write_all(&content(PART)).unwrap_err();
    drop((long, cut_short));
    drop(draft);
    let left: Vec<_> = fs::read_dir(home.path().join("vault").join(NAME)).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// As when a run is asked to stop: what it had is dropped on the runtime's only thread.
#[tokio::test]
async fn what_was_given_up_leaves_nothing() {
    let store = memory();
    let there = store.clone();
    let draft = tokio::task::spawn_blocking(move || begin(&there)).await.unwrap();
    drop(draft);
    assert_eq!(objects(&store), Vec::<String>::new());
}

#[test]
fn what_is_not_whole_becomes_no_backup() {
    let store = memory();
    let draft = begin(&store);
    write(&*draft, "tables/00001.copy", b"1\n");
    let said: [(&str, &[u8]); 2] = [("tables/00001.copy", b"1\n"), ("tables/00002.copy", b"2\n")];
    let error = draft.commit(&manifest(NAME, &said)).unwrap_err().to_string();
    assert!(error.starts_with("tables/00002.copy was written, and is not there"), "{error}");
    write(&*draft, "tables/00002.copy", b"");
    draft.commit(&manifest(NAME, &said)).unwrap_err();
    drop(draft);
    assert_eq!(objects(&store), Vec::<String>::new());
}

#[test]
fn one_is_verified_and_removed() {
    for store in [memory(), files(&TempDir::new().unwrap())] {
        take(&store, &[CATALOG, ("tables/00001.copy", b"1\n")]);
        let at = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        for depth in [Depth::Quick, Depth::Full] {
            let verified = Verified { depth, at, server_version: None };
            store.verified(NAME, &verified).unwrap();
            assert_eq!(store.list().unwrap()[0].verified, Some(verified));
        }
        store.remove(NAME).unwrap();
        assert_eq!((names(&store).len(), objects(&store).len()), (0, 0));
    }
}

#[cfg(unix)]
#[test]
fn what_is_half_removed_is_none() {
    let home = TempDir::new().unwrap();
    let store = files(&home);
    take(&store, &[("tables/00001.copy", b"1\n")]);
    let folder = home.path().join("vault").join(NAME);
    // Whoever lists what is there goes round in a circle.
    std::os::unix::fs::symlink(&folder, folder.join("circle")).unwrap();
    store.remove(NAME).unwrap_err();
    assert!(!folder.join(MANIFEST).exists() && folder.join(BEGUN).exists());
    assert_eq!(names(&store), Vec::<String>::new());
}

#[test]
fn what_killed_processes_left_is_removed_after_a_day() {
    let home = TempDir::new().unwrap();
    let store = files(&home);
    take(&store, &[CATALOG]);
    let vault = home.path().join("vault");
    let make = |name: &str, files: &[(&str, u64)]| {
        fs::create_dir(vault.join(name)).unwrap();
        for (file, hours) in files {
            let file = File::create(vault.join(name).join(file)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(hours * 3_600 + 60)).unwrap();
        }
    };
    make("old", &[(BEGUN, 24), ("catalog.json", 24)]);
    make("at-work", &[(BEGUN, 48), ("catalog.json", 23)]);
    make("of-others", &[("catalog.json", 48)]);
    make("whole", &[(BEGUN, 48), (MANIFEST, 48)]);
    drop(begin(&store));
    let is_there = |name: &str| vault.join(name).exists();
    assert_eq!(["old/catalog.json", "old/hardtack-begun"].map(is_there), [false, false]);
    let stay = ["at-work/catalog.json", "of-others/catalog.json", "whole/manifest.json"];
    assert_eq!(stay.map(is_there), [true, true, true]);
    // One that says nothing hides no other.
    assert_eq!(names(&store), [NAME]);
}

fn parse(text: &str) -> Result<Place, String> {
    text.parse()
}

#[test]
fn a_place_is_named_by_its_url() {
    for (text, shown) in [
        ("s3://bucket", "s3://bucket"),
        ("s3://bucket/a/b/", "s3://bucket/a/b"),
        ("gs://bucket/a", "gs://bucket/a"),
        ("az://container@account/a", "az://container@account/a"),
        ("https://account.blob.core.windows.net/c/a", "https://account.blob.core.windows.net/c/a"),
        ("file:///srv/a/", "file:///srv/a"),
    ] {
        let place = parse(text).unwrap();
        assert!(matches!(place, Place::Store(_)) && place.to_string() == shown, "{text}: {place}");
        let (found, name) = Place::of_backup(&format!("{text}/{NAME}/")).unwrap();
        assert_eq!((found.to_string().as_str(), name.as_str()), (shown, NAME));
    }
    for refused in ["http://example.org/a", "https://example.org/a", "ftp://bucket/a", "s3:///a"] {
        let error = parse(refused).unwrap_err();
        assert!(error.contains("write s3://BUCKET/PREFIX"), "{refused}: {error}");
    }
    assert!(matches!(parse("/srv/a").unwrap(), Place::Directory(path) if path == Path::new("/srv/a")));
    Place::of_backup("s3://bucket").unwrap_err();
    let (root, _) = Place::of_backup("memory:///one").unwrap();
    assert_eq!(root.to_string(), "memory://");
}

#[test]
fn secrets_are_neither_shown_nor_taken_from_a_url() {
    for text in [
        "s3://key:secret@bucket/a",
        "s3://secret@bucket/a",
        "az://container:secret@account/a",
        "az://container/a?sig=secret",
        "https://account.blob.core.windows.net/c/a?sig=secret#secret",
    ] {
        let place = parse(text).unwrap();
        let error = place.begin(NAME).err().unwrap();
        for shown in [format!("{place} {place:?}"), format!("{error} {error:?}")] {
            assert!(!shown.contains("secret"), "{shown}");
        }
        assert!(error.to_string().contains("credentials belong in the environment"), "{error}");
    }
}
